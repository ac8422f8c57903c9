#include "aws/ini.h"

#include <random>

#include "aws/support.h"

namespace imprint::aws {
namespace {

class IniTest : public testing::HomeTest {
  protected:
    std::string value(const std::string& text, const char* section, const char* key) {
        write("file", text);
        const auto file = read_ini(home() / "file");
        EXPECT_TRUE(file) << file.error().describe();
        return file ? std::string(value_of(file->section(section), key)) : "";
    }

    Error refused(const std::string& text) {
        write("file", text);
        auto file = read_ini(home() / "file");
        EXPECT_FALSE(file);
        return file ? Error{} : std::move(file).error();
    }
};

TEST_F(IniTest, values_are_found_by_section_and_key) {
    const std::string text =
        "# a comment\n[default]\nregion = eu-west-1\r\n\n[profile  factory]\n"
        "; another\nRegion=us-east-2   # why\n[profile \"two words\"]\nregion=x\n";
    EXPECT_EQ(value(text, "default", "region"), "eu-west-1");
    EXPECT_EQ(value(text, "profile factory", "region"), "us-east-2");
    EXPECT_EQ(value(text, "profile two words", "region"), "x");
    EXPECT_EQ(value(text, "default", "output"), "");
    EXPECT_EQ(value(text, "none", "region"), "");
}

TEST_F(IniTest, a_secret_may_hold_the_characters_of_a_comment) {
    EXPECT_EQ(value("[a]\nkey = ab#c;d=e/f+\n", "a", "key"), "ab#c;d=e/f+");
}

TEST_F(IniTest, the_later_of_two_values_counts_and_a_section_may_be_written_twice) {
    const std::string text = "[a]\nx=1\ny=1\n[b]\nx=9\n[a]\nx=2\n";
    EXPECT_EQ(value(text, "a", "x"), "2");
    EXPECT_EQ(value(text, "a", "y"), "1");
}

TEST_F(IniTest, a_nested_block_is_passed_over) {
    const std::string text = "[a]\ns3 =\n  region = nested\nregion = own\n";
    EXPECT_EQ(value(text, "a", "region"), "own");
}

TEST_F(IniTest, a_file_that_is_not_there_is_empty) {
    const auto file = read_ini(home() / "none");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->section("default"), nullptr);
}

TEST_F(IniTest, damage_is_told_with_its_line_and_without_its_text) {
    for (const char* text : {"[a]\nsecret-canary\n", "[a]\n[secret-canary\n", "secret-canary=1\n",
                             "[a]\n=secret-canary\n", "[]\nkey=secret-canary\n"}) {
        const Error error = refused(text);
        EXPECT_EQ(error.code, "credentials_file_damaged") << text;
        EXPECT_EQ(error.kind, ErrorKind::registry);
        EXPECT_NE(error.message.find(" line "), std::string::npos) << error.message;
        EXPECT_EQ(error.describe().find("canary"), std::string::npos) << error.describe();
    }
}

TEST_F(IniTest, any_text_is_read_or_refused) {
    std::mt19937 random(11);
    const std::string alphabet = "[]=#; \t\r\n\"'ab\\\0z\xff";
    for (int round = 0; round < 300; ++round) {
        std::string text(random() % 120, ' ');
        for (char& c : text)
            c = alphabet[random() % alphabet.size()];
        write("file", text);
        const auto file = read_ini(home() / "file");
        EXPECT_TRUE(file || file.error().code == "credentials_file_damaged");
    }
}

}  // namespace
}  // namespace imprint::aws
