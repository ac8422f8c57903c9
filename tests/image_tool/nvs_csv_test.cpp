#include "image_tool/nvs_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

#include "base/error_code.h"

namespace imprint::image_tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string heading(std::string_view rows) {
    return "key,type,encoding,value\n" + std::string(rows);
}

// "2:ns/namespace//- 3:k/data/u8/1"
std::string told(const std::vector<NvsRow>& rows) {
    std::string text;
    for (const NvsRow& row : rows)
        text += (text.empty() ? "" : " ") + std::to_string(row.line) + ":" + row.key + "/" +
                row.type + "/" + row.encoding + "/" + row.value.value_or("-");
    return text;
}

std::string parsed(std::string_view text) {
    const auto rows = parse_nvs_csv(as_bytes(text));
    return rows ? told(*rows) : rows.error().describe();
}

void expect_refused(std::string_view text, const std::string& words) {
    const auto rows = parse_nvs_csv(as_bytes(text));
    ASSERT_EQ(code_of(rows), "nvs_csv") << text;
    EXPECT_THAT(rows.error().describe(), HasSubstr(words));
}

TEST(NvsCsv, has_a_heading_and_rows) {
    EXPECT_EQ(parsed(heading("ns,namespace,,\nk,data,u8,1\n")), "2:ns/namespace// 3:k/data/u8/1");
    EXPECT_EQ(parsed(heading("")), "");
    EXPECT_EQ(parsed("type,key,value,encoding\ndata,k,1,u8"), "2:k/data/u8/1");
}

TEST(NvsCsv, leaves_comments_and_empty_lines_out) {
    EXPECT_EQ(parsed("# of lot 7\n\nkey,type,encoding,value\n#k,data,u8,1\n  \nn,namespace,,\n"),
              "6:n/namespace//");
}

TEST(NvsCsv, takes_every_end_of_line_and_a_byte_order_mark) {
    EXPECT_EQ(parsed("\xEF\xBB\xBFkey,type,encoding,value\r\na,data,u8,1\rb,data,u8,2"),
              "2:a/data/u8/1 3:b/data/u8/2");
    const Bytes utf16{0xFF, 0xFE, 'k', 0, 'e', 0, 'y', 0, ',', 0, 't', 0, 'y', 0, 'p', 0, 'e', 0,
                      ',',  0,    'e', 0, 'n', 0, 'c', 0, 'o', 0, 'd', 0, 'i', 0, 'n', 0, 'g', 0,
                      ',',  0,    'v', 0, 'a', 0, 'l', 0, 'u', 0, 'e', 0, 10,  0, 'n', 0, ',', 0};
    EXPECT_EQ(told(parse_nvs_csv(utf16).value()), "2:n///-");
}

TEST(NvsCsv, quotation_marks_hold_commas_and_lines_together) {
    EXPECT_EQ(parsed(heading("k,data,string,\"a, \"\"b\"\"\r\n#c\"\nn,data,u8,1\n")),
              "2:k/data/string/a, \"b\"\n#c 4:n/data/u8/1");
    EXPECT_EQ(parsed(heading("k,data,string,5\" wide\n")), "2:k/data/string/5\" wide");
    EXPECT_EQ(parsed(heading("k,data,string,\"\"\n")), "2:k/data/string/");
}

TEST(NvsCsv, keywords_are_taken_in_any_case_and_values_as_they_are) {
    EXPECT_EQ(parsed(heading("K, Data ,U8, 1 \n")), "2:K/data/u8/ 1 ");
}

TEST(NvsCsv, a_field_that_is_not_there_is_no_empty_one) {
    EXPECT_EQ(parsed(heading("n,namespace\nk,data,string,\n")),
              "2:n/namespace//- 3:k/data/string/");
}

TEST(NvsCsv, refuses_what_a_device_would_never_see) {
    expect_refused(heading("k,data,string,hello, world\n"), "line 2: it has more fields");
    expect_refused(heading(" k,data,u8,1\n"), "line 2: its key has blanks");
    expect_refused(heading("k,data,string,\"open\n\n"), "line 2: a quotation mark");
    expect_refused(heading("a,data,u8,1\nk,data,string,\"x\"y\n"), "line 3: something stands");
    EXPECT_EQ(parsed(heading("k,data,u8,1,,\n")), "2:k/data/u8/1");
}

TEST(NvsCsv, refuses_what_has_no_heading) {
    expect_refused("", "it has no heading");
    expect_refused("n,namespace,,\n", "line 1: the heading has no column key");
    expect_refused("key,type,encoding\n", "no column value");
    expect_refused("key;type;encoding;value\n", "semicolons");
    expect_refused("key\ttype\tencoding\tvalue\n", "tabs");
    expect_refused(std::string_view("key,\0", 5), "no text in UTF-8");
    expect_refused("key,type,encoding,value\nk,data,string,\xFF\n", "no text in UTF-8");
}

TEST(NvsCsv, repeats_no_value_in_an_error) {
    const std::string secret = "hunter2";
    for (const std::string& row :
         {"k,data,string," + secret + "," + secret, "k,data,string,\"" + secret,
          "k,data,string,\"" + secret + "\"" + secret})
        EXPECT_THAT(parsed(heading(row)), Not(HasSubstr(secret)));
}

TEST(NvsCsv, any_bytes_are_survived) {
    std::mt19937 random(1);
    const auto below = [&](std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
    };
    const std::string start =
        heading("ns,namespace,,\nk,data,string,\"a\"\"b\"\n#c\nf,file,hex2bin,x\n");
    constexpr std::string_view telling = "\",\r\n#\0\xFF;a ";
    std::size_t taken = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string text = start;
        for (std::size_t changes = 1 + below(8); changes > 0; --changes) {
            const std::size_t at = below(text.size());
            if (below(2) == 0)
                text[at] = telling[below(telling.size())];
            else
                text.insert(at, 1, telling[below(telling.size())]);
        }
        if (below(10) == 0) text.resize(below(text.size()));
        if (const auto rows = parse_nvs_csv(as_bytes(text))) {
            ++taken;
            ASSERT_LE(rows->size(), text.size());
        }
    }
    EXPECT_GT(taken, 100U);
}

}  // namespace
}  // namespace imprint::image_tool
