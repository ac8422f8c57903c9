#include "logins/users.h"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "base/error_code.h"
#include "base/file_lock.h"
#include "base/files.h"
#include "logins/passwords.h"

namespace imprint::logins {
namespace {

namespace fs = std::filesystem;

std::string hash(char c = 'A') {
    return "$argon2id$v=19$m=65536,t=2,p=1$" + std::string(22, 'A') + "$" + std::string(43, c);
}

TEST(UserNames, are_short_and_printable) {
    for (const char* name : {"a", "anna.b@line-3", "~!\"'", "0123456789012345678901234567890X"})
        EXPECT_TRUE(check_user_name(name)) << name;
    for (const char* name : {"", "an na", "\tanna", "anna\n", "#anna", "änna", "\x7f",
                             "01234567890123456789012345678901X"})
        EXPECT_EQ(code_of(check_user_name(name)), "user_invalid") << name;
}

TEST(UsersText, comes_back_as_it_was_in_the_order_of_names) {
    const Users users{{"anna", Role::engineer, hash('A')}, {"bert", Role::operator_, hash('B')}};
    EXPECT_EQ(parse_users(users_text(users)).value(), users);
    const auto other = parse_users("\r\n# a comment\n bert  operator\t" + hash('B') +
                                   "\r\n\nanna engineer " + hash('A'));
    ASSERT_TRUE(other) << other.error().describe();
    EXPECT_EQ(*other, users);
    EXPECT_EQ(find_user(users, "bert")->role, Role::operator_);
    EXPECT_EQ(find_user(users, "Bert"), nullptr);
    EXPECT_TRUE(parse_users("")->empty());
}

TEST(UsersText, a_damaged_one_is_an_error_with_its_line_and_nothing_of_its_content) {
    const std::vector<std::string> lines{
        "canary",
        "canary operator",
        "canary admin " + hash(),
        "canary engineer canary",
        "canary engineer " + hash() + " canary",
        "can\x01"
        "ary engineer " +
            hash(),
        "canary engineer $argon2id$v=19$m=4194304" + hash().substr(hash().find(','))};
    for (const std::string& line : lines) {
        const auto users = parse_users("anna engineer " + hash() + "\n" + line + "\n");
        ASSERT_FALSE(users) << line;
        EXPECT_EQ(users.error().code, "users_damaged");
        EXPECT_THAT(users.error().describe(), ::testing::HasSubstr("line 2"));
        EXPECT_THAT(users.error().describe(), ::testing::Not(::testing::HasSubstr("canary")));
    }
    EXPECT_EQ(code_of(parse_users("anna engineer " + hash() + "\nanna operator " + hash())),
              "users_damaged");
}

class UsersFileTest : public ::testing::Test {
  protected:
    [[nodiscard]] Result<void> add(const std::string& name) const {
        return change_users(path_, [&](Users& users) -> Result<void> {
            users.push_back({name, Role::operator_, hash()});
            return {};
        });
    }

    TemporaryDirectory folder_ = *TemporaryDirectory::create();
    fs::path path_ = folder_.path() / "users.txt";
};

TEST_F(UsersFileTest, one_that_is_not_there_has_no_users) {
    EXPECT_TRUE(load_users(path_).value().empty());
}

TEST_F(UsersFileTest, is_written_for_its_owner_alone) {
    ASSERT_TRUE(add("bert"));
    ASSERT_TRUE(add("anna"));
    const auto users = load_users(path_);
    ASSERT_TRUE(users);
    EXPECT_EQ(users->at(0).name, "anna");
    EXPECT_EQ(users->at(1).name, "bert");
    EXPECT_EQ(fs::status(path_).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(UsersFileTest, that_others_can_read_or_write_is_refused) {
    ASSERT_TRUE(add("anna"));
    for (const mode_t mode : {0640, 0604, 0660, 0602}) {
        ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
        EXPECT_EQ(code_of(load_users(path_)), "secret_exposed") << mode;
        EXPECT_NE(code_of(add("bert")), "(no error)") << mode;
    }
}

TEST_F(UsersFileTest, a_change_that_fails_changes_nothing) {
    ASSERT_TRUE(add("anna"));
    const auto changed = change_users(path_, [](Users& users) -> Result<void> {
        users.clear();
        return fail(ErrorKind::usage, "user_unknown", "no");
    });
    EXPECT_EQ(code_of(changed), "user_unknown");
    EXPECT_EQ(load_users(path_).value().size(), 1U);
}

TEST_F(UsersFileTest, two_do_not_change_it_at_once) {
    const auto held = FileLock::take(path_.string() + ".lock");
    ASSERT_TRUE(held);
    EXPECT_EQ(code_of(add("anna")), "users_busy");
}

TEST_F(UsersFileTest, is_read_again_when_it_has_changed) {
    UserFile file(path_);
    EXPECT_TRUE(file.now().value().empty());
    ASSERT_TRUE(add("anna"));
    EXPECT_EQ(file.now().value().size(), 1U);
    ASSERT_EQ(::chmod(path_.c_str(), 0644), 0);
    EXPECT_EQ(code_of(file.now()), "secret_exposed");
    ASSERT_EQ(::chmod(path_.c_str(), 0600), 0);
    EXPECT_EQ(file.now().value().size(), 1U);
    fs::remove(path_);
    EXPECT_TRUE(file.now().value().empty());
}

}  // namespace
}  // namespace imprint::logins
