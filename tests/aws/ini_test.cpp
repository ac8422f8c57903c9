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

TEST_F(IniTest, what_stands_twice_is_refused_by_name_and_lines) {
    const Error section = refused("[a]\nx=1\n[b]\nx=9\n[a]\ny=2\n");
    EXPECT_NE(section.message.find("line 5: [a] is there a second time; the first is in line 1"),
              std::string::npos)
        << section.message;
    const Error key = refused("[a]\naws_access_key_id=1\n\nAWS_Access_Key_ID=secret-canary\n");
    EXPECT_NE(key.message.find("line 4: aws_access_key_id in [a] is there a second time; the first "
                               "is in line 2"),
              std::string::npos)
        << key.message;
    EXPECT_EQ(key.describe().find("canary"), std::string::npos);
}

// Python's configparser, by which the AWS CLI reads: botocore_test.cpp has botocore's own word.
TEST_F(IniTest, keys_may_be_indented_and_have_a_colon) {
    EXPECT_EQ(value("[a]\n    x = 1\n    y: 2\nz = a:b\n", "a", "x"), "1");
    EXPECT_EQ(value("[a]\n    x = 1\n    y: 2\nz = a:b\n", "a", "y"), "2");
    EXPECT_EQ(value("[a]\n    x = 1\n    y: 2\nz = a:b\n", "a", "z"), "a:b");
    EXPECT_EQ(value("[a]\nx=1\n  more of it\ny=2\n", "a", "x"), "1");
    EXPECT_EQ(value("[a]\rx=1\ry=2\r", "a", "y"), "2") << "a line may end with CR alone";
    EXPECT_NE(refused("[a]\nregion = x\n  aws_secret_access_key = secret-canary\n")
                  .message.find("line 3: a key that is indented further"),
              std::string::npos);
}

TEST_F(IniTest, a_coding_that_looks_like_nothing_is_named) {
    EXPECT_NE(refused("\xEF\xBB\xBF[default]\nx=1\n").message.find("a byte order mark"),
              std::string::npos);
    const std::string wide("\xFF\xFE[\0d\0]\0", 8);
    EXPECT_NE(refused(wide).message.find("UTF-16"), std::string::npos);
    EXPECT_NE(refused(wide.substr(2)).message.find("UTF-16"), std::string::npos);
    EXPECT_NE(refused("[a]\nx=1\x01\n").message.find("line 2: a control character"),
              std::string::npos);
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
