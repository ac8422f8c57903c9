#include "minted/store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <mutex>
#include <set>
#include <sys/stat.h>
#include <thread>

#include "base/error_code.h"
#include "base/files.h"
#include "sqlite/database.h"

namespace imprint::minted {
namespace {

class StoreTest : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path path() const { return folder_->path() / "minted"; }

    static MintedIdentity identity(std::int64_t number, const std::string& mac = "") {
        MintedIdentity one;
        one.number = number;
        one.thing = fmt::format("lamp-{}", number);
        one.mac = mac;
        one.certificate_id = fmt::format("id-{}", number);
        one.certificate_pem = std::string(100, 'c');
        one.private_key_pem = Secret(std::string_view("a key"));
        return one;
    }

    MintedStore store(const std::vector<MintedIdentity>& identities) {
        auto made = MintedStore::open(path());
        EXPECT_TRUE(made) << made.error().describe();
        EXPECT_TRUE(made->add(identities));
        return std::move(*made);
    }

    static std::string taken(MintedStore& store, const std::string& mac, bool another = false) {
        const auto found = store.take(mac, another);
        EXPECT_TRUE(found) << found.error().describe();
        return found && *found ? (*found)->thing : "none";
    }

    template <typename... More>
    static std::vector<MintedIdentity> list(More... more) {
        std::vector<MintedIdentity> all;
        (all.push_back(std::move(more)), ...);
        return all;
    }

    Result<TemporaryDirectory> folder_ = TemporaryDirectory::create();
};

TEST_F(StoreTest, keeps_what_was_made_where_only_its_owner_can_read) {
    MintedStore made = store(list(identity(1), identity(2)));
    EXPECT_EQ(*made.count(), 2);
    EXPECT_TRUE(*made.has("lamp-2"));
    EXPECT_FALSE(*made.has("lamp-3"));
    const auto page = made.page(1, 10);
    ASSERT_TRUE(page && page->size() == 1);
    EXPECT_EQ(page->front().private_key_pem.reveal_text(), "a key");
    struct stat status{};
    ASSERT_EQ(::stat(path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat((path() / "identities.sqlite").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    const auto largest = made.largest();
    ASSERT_TRUE(largest);
    EXPECT_EQ(largest->certificate, 100U);
    EXPECT_EQ(largest->key, 5U);
}

TEST_F(StoreTest, a_board_gets_its_own_identity_and_always_the_same) {
    MintedStore made = store(list(identity(1), identity(2, "aa"), identity(3), identity(4, "bb")));
    EXPECT_EQ(*made.count_free(), 4);
    EXPECT_EQ(taken(made, "aa"), "lamp-2");
    EXPECT_EQ(taken(made, "aa"), "lamp-2");
    EXPECT_EQ(taken(made, "cc"), "lamp-1") << "the first of no certain board";
    EXPECT_EQ(taken(made, "dd"), "lamp-3");
    EXPECT_EQ(taken(made, "cc"), "lamp-1");
    EXPECT_EQ(*made.count_free(), 1);
    EXPECT_EQ(taken(made, "ee"), "none") << "lamp-4 is another's";
    EXPECT_EQ(taken(made, "bb"), "lamp-4");
    // Also after the program was started anew.
    auto again = MintedStore::open_existing(path());
    ASSERT_TRUE(again);
    EXPECT_EQ(taken(*again, "dd"), "lamp-3");
}

TEST_F(StoreTest, another_one_takes_the_place_of_the_former) {
    MintedStore made = store(list(identity(1), identity(2), identity(3, "aa")));
    EXPECT_EQ(taken(made, "aa"), "lamp-3");
    EXPECT_EQ(taken(made, "aa", true), "lamp-1");
    EXPECT_EQ(taken(made, "bb"), "lamp-2");
    EXPECT_EQ(taken(made, "bb", true), "none");
    EXPECT_EQ(taken(made, "bb"), "lamp-2");
}

TEST_F(StoreTest, many_at_once_take_each_their_own) {
    constexpr int boards = 40;
    std::vector<MintedIdentity> identities;
    for (int i = 1; i <= boards; ++i)
        identities.push_back(identity(i));
    MintedStore made = store(identities);
    std::mutex mutex;
    std::set<std::string> things;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                // Each as a process of its own would.
                auto own = MintedStore::open_existing(path());
                ASSERT_TRUE(own);
                for (int i = t; i < boards; i += 4) {
                    const auto thing = taken(*own, fmt::format("mac-{}", i));
                    const std::lock_guard lock(mutex);
                    EXPECT_TRUE(things.insert(thing).second) << thing;
                }
            });
    }
    EXPECT_EQ(things.size(), std::size_t{boards});
    EXPECT_FALSE(things.contains("none"));
    EXPECT_EQ(*made.count_free(), 0);
}

TEST_F(StoreTest, a_folder_of_an_earlier_version_is_brought_up) {
    ASSERT_TRUE(make_private_directory(path()));
    {
        auto old = sqlite::Database::open(path() / "identities.sqlite", {});
        ASSERT_TRUE(old);
        ASSERT_TRUE(old->exec(
            "CREATE TABLE identities (number INTEGER PRIMARY KEY, thing TEXT NOT NULL UNIQUE, "
            "mac TEXT NOT NULL DEFAULT '', certificate_id TEXT NOT NULL, certificate_pem TEXT NOT "
            "NULL, private_key_pem TEXT NOT NULL, registered INTEGER NOT NULL DEFAULT 0);"
            "CREATE INDEX identities_unregistered ON identities(number) WHERE registered = 0;"
            "INSERT INTO identities VALUES (1, 'lamp', 'aa', 'id', 'pem', 'key', 1);"
            "PRAGMA application_id = 0x4D696E74; PRAGMA user_version = 1;"));
    }
    auto made = MintedStore::open_existing(path());
    ASSERT_TRUE(made) << made.error().describe();
    EXPECT_EQ(taken(*made, "aa"), "lamp");
    EXPECT_EQ(*made->count_unregistered(), 0);
}

TEST_F(StoreTest, without_a_store_it_says_what_makes_one) {
    const auto none = MintedStore::open_existing(folder_->path() / "nowhere");
    ASSERT_FALSE(none);
    EXPECT_EQ(code_of(none), "minted_missing");
    EXPECT_THAT(none.error().hint, testing::HasSubstr("registry mint"));
}

}  // namespace
}  // namespace imprint::minted
