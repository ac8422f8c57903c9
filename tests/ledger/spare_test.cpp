#include "ledger/spare.h"

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error_code.h"
#include "base/files.h"

namespace imprint::ledger {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SpareTest : public testing::Test {
  protected:
    SpareTest() : folder_(*TemporaryDirectory::create()), path_(folder_.path() / "spare") {}

    [[nodiscard]] std::vector<SpareEntry> settle(const Spare& spare) {
        std::vector<SpareEntry> got;
        EXPECT_TRUE(spare.settle([&](const std::vector<SpareEntry>& entries) -> Result<void> {
            got = entries;
            return {};
        }));
        return got;
    }

    TemporaryDirectory folder_;
    std::filesystem::path path_;
};

TEST_F(SpareTest, its_blocks_are_there_before_they_are_needed) {
    const Spare spare(path_);
    ASSERT_TRUE(spare.reserve());
    struct stat info{};
    ASSERT_EQ(::stat(path_.c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U);
    EXPECT_EQ(static_cast<std::size_t>(info.st_size), Spare::slots * Spare::slot_size);
    EXPECT_GE(static_cast<std::size_t>(info.st_blocks) * 512, Spare::slots * Spare::slot_size);
    ASSERT_TRUE(spare.reserve()) << "and once more";
}

TEST_F(SpareTest, what_was_written_is_handed_over_once) {
    const Spare spare(path_);
    ASSERT_TRUE(spare.reserve());
    EXPECT_THAT(settle(spare), IsEmpty());
    const SpareEntry one{1, 2, 3};
    const SpareEntry other{9223372036854775807, 9223372036854775807, 9223372036854775807};
    for (const auto& entry : {one, other, one})
        ASSERT_TRUE(spare.write(entry));
    EXPECT_THAT(settle(Spare(path_)), ElementsAre(one, other));
    EXPECT_THAT(settle(spare), IsEmpty());
    ASSERT_TRUE(spare.write(other));
    EXPECT_THAT(settle(spare), ElementsAre(other));
}

TEST_F(SpareTest, it_keeps_what_could_not_be_taken_over) {
    const Spare spare(path_);
    ASSERT_TRUE(spare.reserve());
    ASSERT_TRUE(spare.write({1, 2, 3}));
    EXPECT_FALSE(spare.settle([](const std::vector<SpareEntry>&) -> Result<void> {
        return fail(ErrorKind::ledger, "database_full", "full");
    }));
    EXPECT_THAT(settle(spare), ElementsAre(SpareEntry{1, 2, 3}));
}

TEST_F(SpareTest, a_slot_that_was_not_wholly_written_is_none) {
    const Spare spare(path_);
    ASSERT_TRUE(spare.reserve());
    ASSERT_TRUE(spare.write({1, 2, 3}));
    {
        std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(Spare::slot_size));
        file << "owed 4 5";
        file.seekp(static_cast<std::streamoff>(2 * Spare::slot_size));
        file << "owed x 5 6\n";
    }
    EXPECT_THAT(settle(spare), ElementsAre(SpareEntry{1, 2, 3}));
}

TEST_F(SpareTest, one_that_is_full_says_so_and_loses_nothing) {
    const Spare spare(path_);
    ASSERT_TRUE(spare.reserve());
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(Spare::slots); ++i)
        ASSERT_TRUE(spare.write({i, i, i}));
    const auto full = spare.write({-1, -1, -1});
    ASSERT_FALSE(full);
    EXPECT_EQ(code_of(full), "spare_full");
    EXPECT_EQ(settle(spare).size(), Spare::slots);
}

TEST_F(SpareTest, without_the_file_there_is_nothing_and_a_link_is_not_followed) {
    EXPECT_THAT(settle(Spare(path_)), IsEmpty());
    ASSERT_TRUE(write_file(folder_.path() / "victim", "precious"));
    std::filesystem::create_symlink(folder_.path() / "victim", path_);
    EXPECT_FALSE(Spare(path_).reserve());
    EXPECT_EQ(*read_text(folder_.path() / "victim"), "precious");
}

}  // namespace
}  // namespace imprint::ledger
