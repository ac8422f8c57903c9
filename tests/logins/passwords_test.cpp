#include "logins/passwords.h"

#include <gtest/gtest.h>
#include <string>

#include "base/error_code.h"
#include "logins/support.h"

namespace imprint::logins {
namespace {

using testing::cheap;

TEST(Passwords, a_hash_knows_its_password_alone) {
    const std::string hash = hash_password("correct horse", cheap);
    EXPECT_TRUE(is_password_hash(hash)) << hash;
    EXPECT_TRUE(is_password("correct horse", hash));
    EXPECT_FALSE(is_password("correct horsf", hash));
    EXPECT_FALSE(is_password("", hash));
    EXPECT_NE(hash, hash_password("correct horse", cheap));
}

TEST(Passwords, the_usual_hash_takes_64_mebibytes_and_two_passes) {
    EXPECT_TRUE(hash_password("correct horse").starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
}

TEST(Passwords, a_hash_of_another_tool_is_known) {
    // Made with the reference implementation, Debian's argon2 0~20171227:
    // argon2 imprintimprint01 -id -t 2 -k 64 -p 1 -l 32 -e
    EXPECT_TRUE(is_password("correct horse",
                            "$argon2id$v=19$m=64,t=2,p=1$aW1wcmludGltcHJpbnQwMQ$"
                            "S2fOW4YhOQqO5gbsvIU7Q/51i/9MPUB2PjbejIIIq+4"));
}

TEST(Passwords, nobody_has_the_hash_of_nobody) {
    const std::string hash = nobodys_hash(cheap);
    EXPECT_TRUE(is_password_hash(hash)) << hash;
    EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
    EXPECT_TRUE(nobodys_hash().starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
    EXPECT_FALSE(is_password("correct horse", hash));
}

TEST(Passwords, what_is_no_hash_or_costs_too_much_is_told_apart) {
    const std::string salt(22, 'A');
    const std::string tag(43, 'A');
    const std::string end = "$" + salt + "$" + tag;
    EXPECT_TRUE(is_password_hash("$argon2id$v=19$m=65536,t=2,p=1" + end));
    for (const std::string& text :
         {std::string(), std::string("secret"), "$argon2i$v=19$m=65536,t=2,p=1" + end,
          "$argon2id$v=19$m=4194304,t=2,p=1" + end, "$argon2id$v=19$m=65536,t=1000,p=1" + end,
          "$argon2id$v=19$m=65536,t=2,p=8" + end, "$argon2id$v=19$m=65536,t=2,p=1" + end + "A",
          "$argon2id$v=19$m=65536,t=2,p=1$" + salt + "$" + tag.substr(1),
          "$argon2id$v=19$m=99999999999,t=2,p=1" + end, "$argon2id$v=19$m=65536,t=0,p=1" + end,
          "$argon2id$v=19$m=65536,t=2,p=1$" + salt.substr(1) + "!$" + tag})
        EXPECT_FALSE(is_password_hash(text)) << text;
}

TEST(Passwords, what_may_be_one) {
    const auto code = [](std::string_view password, std::string_view user = "anna") {
        const auto checked = check_password(password, user);
        return code_of(checked);
    };
    EXPECT_EQ(code("12345678"), "(no error)");
    EXPECT_EQ(code(std::string(128, 'x')), "(no error)");
    EXPECT_EQ(code("schönes Wetter heute"), "(no error)");
    EXPECT_EQ(code("1234567"), "user_invalid");
    EXPECT_EQ(code(std::string(129, 'x')), "user_invalid");
    EXPECT_EQ(code("123456789\xff"), "user_invalid");
    EXPECT_EQ(code("12345678\n"), "user_invalid");
    EXPECT_EQ(code("Annabella", "annabella"), "user_invalid");
}

TEST(Passwords, an_error_has_nothing_of_it) {
    const auto checked = check_password("canary", "anna");
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().describe().find("canary"), std::string::npos);
}

}  // namespace
}  // namespace imprint::logins
