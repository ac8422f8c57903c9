// What boards get beside their credentials, each its own.
#include "prepare/board_values.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "prepare/credential_formats.h"

namespace imprint::prepare {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class BoardValuesTest : public testing::Test {
  protected:
    [[nodiscard]] Result<BoardValues> read() const {
        return BoardValues::read(settings_, *format_);
    }

    void put(std::string_view csv) {
        settings_.table = folder_.path() / "boards.csv";
        ASSERT_TRUE(write_file(settings_.table, csv, FileMode::ordinary, Durability::cached));
    }

    // What is wrong with a table, without the folder.
    [[nodiscard]] std::string error_of(std::string_view csv) {
        put(csv);
        const auto values = read();
        if (values) return "none";
        std::string text = values.error().code + ": " + values.error().describe();
        const std::string folder = folder_.path().string() + "/";
        for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder))
            text.erase(at, folder.size());
        return text;
    }

    [[nodiscard]] static std::vector<std::string> told(const std::vector<Extra>& extras) {
        std::vector<std::string> all;
        for (const Extra& extra : extras)
            all.push_back(extra.path + "=" + std::string(as_text(extra.data)) +
                          (extra.bits != 0 ? std::to_string(extra.bits) : ""));
        return all;
    }

    TemporaryDirectory folder_ = TemporaryDirectory::create().value();
    const image::Partition partition_{"kept", 1, 2, 0x110000, 0x6000};
    std::shared_ptr<const CredentialFormat> format_ = nvs_format(partition_);
    CredentialSettings settings_;
    const BoardValues::Board first_{"246f28aabbcc", "lamp-1", "lot-7", "S-1", {}};
    const BoardValues::Board second_{"246f28aabbcd", "lamp-2", "lot-7", "S-2", "TAG-9"};
};

TEST_F(BoardValuesTest, each_board_gets_the_values_of_its_row) {
    put("MAC, wifi/ssid ,wifi/channel:u8,tag:hex2bin,note\n"
        "# of the second order\n"
        "24:6F:28:AA:BB:CC,\"line, 1\",6,00ff,\n"
        "246f28aabbcd,line-2,11,,spare\n");
    const auto values = read();
    ASSERT_TRUE(values) << values.error().describe();
    EXPECT_THAT(told(*values->of(first_)),
                ElementsAre("/wifi/ssid=line, 1", "/wifi/channel=6",
                            std::string("/imprint/tag=") + '\0' + '\xFF'));
    EXPECT_THAT(told(*values->of(second_)),
                ElementsAre("/wifi/ssid=line-2", "/wifi/channel=11", "/imprint/note=spare"));
    EXPECT_THAT(told(values->largest(first_)),
                testing::UnorderedElementsAre("/wifi/ssid=line, 1", "/wifi/channel=6",
                                              std::string("/imprint/tag=") + '\0' + '\xFF',
                                              "/imprint/note=spare"));
}

TEST_F(BoardValuesTest, a_board_without_a_row_is_told) {
    put("mac,tag\n24:6f:28:aa:bb:cc,1\n");
    const auto none = read()->of(second_);
    ASSERT_EQ(code_of(none), "credential_table_row");
    EXPECT_EQ(none.error().kind, ErrorKind::board);
    EXPECT_THAT(none.error().message, AllOf(HasSubstr("boards.csv"), HasSubstr("246f28aabbcd")));
}

TEST_F(BoardValuesTest, rows_may_be_by_serial_number) {
    put("serial,tag\nS-2,two\nS-1,one\n");
    EXPECT_THAT(told(*read()->of(first_)), ElementsAre("/imprint/tag=one"));
    BoardValues::Board unknown = first_;
    unknown.serial.clear();
    EXPECT_THAT(read()->of(unknown).error().message, HasSubstr("this board has none"));
}

TEST_F(BoardValuesTest, what_is_wrong_with_a_table_is_told_with_its_line) {
    EXPECT_EQ(error_of("mac,tag\n24:6f:28:aa:bb:cc,1\n246f28AABBCC,2\n"),
              "credential_table: boards.csv, line 3: its board has a row already, in "
              "line 2 (take one of them out)");
    EXPECT_THAT(error_of("mac,tag\n24:6f:28,1\n"),
                HasSubstr("boards.csv, line 2, column mac: this is no MAC address"));
    EXPECT_THAT(error_of("mac,tag\n246f28aabbcc,1,2\n"), HasSubstr("it has 3 fields, and the "
                                                                   "heading 2"));
    EXPECT_THAT(error_of("mac,tag\n246f28aabbcc\n"), HasSubstr("it has 1 fields"));
    EXPECT_THAT(error_of("board,tag\n"), HasSubstr("no column says which board is meant"));
    EXPECT_THAT(error_of("mac,serial,tag\n"), HasSubstr("two columns that say which board"));
    EXPECT_THAT(error_of("mac\n"), HasSubstr("no column of values"));
    EXPECT_THAT(error_of("mac;tag\n"), HasSubstr("semicolons or tabs"));
    EXPECT_THAT(error_of(""), HasSubstr("it has no heading"));
    EXPECT_THAT(error_of("mac,tag,imprint/tag\n"), HasSubstr("tag and imprint/tag are one and the "
                                                             "same"));
    EXPECT_THAT(error_of("mac,\"tag\n"), HasSubstr("credential_table: boards.csv: line 1"));
    EXPECT_THAT(error_of("serial,tag\n,1\n"), HasSubstr("line 2: it has no serial number"));
}

TEST_F(BoardValuesTest, a_column_or_value_that_cannot_be_is_told_without_the_value) {
    EXPECT_THAT(error_of("mac,a-name-of-sixteen\n"),
                AllOf(testing::StartsWith("credential_extra"), HasSubstr("line 1")));
    const std::string wrong = error_of("mac,channel:u8\n246f28aabbcc,secret\n");
    EXPECT_THAT(wrong, AllOf(testing::StartsWith("credential_table"),
                             HasSubstr("boards.csv, line 2, column channel:u8")));
    EXPECT_THAT(error_of("mac,tag:hex2bin\n246f28aabbcc,abc\n"), HasSubstr("odd number of digits"));
    EXPECT_THAT(error_of("mac,tag:word\n246f28aabbcc,abc\n"), HasSubstr("encoding"));
}

TEST_F(BoardValuesTest, no_error_repeats_a_field) {
    const std::string canary = "73501942canary";
    for (const char* encoding : {"u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "hex2bin",
                                 "base64", "file", "string"}) {
        const std::string heading = fmt::format("mac,ch:{}\n246f28aabbcc,", encoding);
        for (const std::string& text : {canary, std::string("735019427350194273501942"),
                                        std::string("-735019427350194273501"),
                                        fmt::format("{0}/{0}", canary), canary + "\xFF"}) {
            const std::string told = error_of(fmt::format("{}{}\n", heading, text));
            EXPECT_THAT(told, Not(HasSubstr("73501942"))) << encoding;
            EXPECT_THAT(told, Not(HasSubstr("canary"))) << encoding;
        }
    }
    for (const char* table :
         {"mac,tag\n73501942canary,1\n", "serial,tag\n73501942canary,1\n73501942canary,2\n",
          "mac,tag\n246f28aabbcc,73501942canary,1\n", "mac,tag\n246f28aabbcc,\"73501942canary\n",
          "246f28aabbcc,73501942canary-of-more-than-15\n", "24:6f:28:aa:bb:cc,73501942canary\n"}) {
        const std::string told = error_of(table);
        EXPECT_THAT(told, HasSubstr("boards.csv")) << table;
        EXPECT_THAT(told, Not(HasSubstr("73501942"))) << table;
    }
    EXPECT_THAT(error_of("mac,ch:u16\n246f28aabbcc,73501942\n"),
                HasSubstr("boards.csv, line 2, column ch:u16: the value does not fit into u16"));
}

TEST_F(BoardValuesTest, a_file_is_read_beside_the_table) {
    ASSERT_TRUE(write_file(folder_.path() / "tone.raw", "la"));
    put("mac,tone:file\n246f28aabbcc,tone.raw\n");
    EXPECT_THAT(told(*read()->of(first_)), ElementsAre("/imprint/tone=la"));
    EXPECT_THAT(error_of("mac,tone:file\n246f28aabbcc,none.raw\n"),
                AllOf(HasSubstr("line 2, column tone:file"), HasSubstr("is not there")));
    settings_.table = folder_.path() / "none.csv";
    EXPECT_EQ(code_of(read()), "file_missing");
}

TEST_F(BoardValuesTest, texts_have_their_placeholders_filled_in) {
    settings_.values = {{"id", "{thing} {mac} of {lot}, {serial}"}, {"nfc", "{scan}"}};
    const auto values = read();
    ASSERT_TRUE(values) << values.error().describe();
    EXPECT_THAT(told(*values->of(second_)),
                ElementsAre("/imprint/id=lamp-2 246f28aabbcd of lot-7, S-2", "/imprint/nfc=TAG-9"));
    const auto unscanned = values->of(first_);
    ASSERT_EQ(code_of(unscanned), "serial_not_scanned");
    EXPECT_THAT(unscanned.error().message, HasSubstr("\"nfc\""));
    settings_.values = {{"a/b/c", ""}};
    EXPECT_EQ(code_of(read()), "credential_extra");
}

TEST_F(BoardValuesTest, names_that_would_not_be_files_again_are_refused) {
    for (const auto& format : {spiffs_format(partition_), nvs_format(partition_)}) {
        format_ = format;
        for (const char* name : {"../../etc/x", "a/..", "..", ".", "./x", "a/./x", "/..", "a//x",
                                 "a/", "/", "x\x1b[2J", "x\u202Egnp", "a\x7F"}) {
            settings_.values = {{name, "x"}};
            EXPECT_EQ(code_of(read()), "credential_extra") << name;
            settings_.values.clear();
            const std::string told = error_of(fmt::format("mac,{}\n", name));
            EXPECT_THAT(told, testing::StartsWith("credential_extra")) << name;
            EXPECT_THAT(told, Not(HasSubstr("\x1b"))) << name;
            settings_.table.clear();
        }
        for (const char* name : {"a/..x", "..x", ".x", "/a/x...", "a b/ü"}) {
            settings_.values = {{name, "x"}};
            EXPECT_TRUE(read()) << name;
            settings_.values.clear();
        }
    }
}

TEST_F(BoardValuesTest, files_and_entries_are_no_numbers) {
    format_ = spiffs_format(partition_);
    EXPECT_THAT(error_of("mac,a:u8\n"), testing::StartsWith("credential_extra"));
    put("mac,wifi/ssid.txt\n246f28aabbcc,x\n");
    EXPECT_THAT(told(*read()->of(first_)), ElementsAre("/wifi/ssid.txt=x"));
    format_ = secure_cert_format(partition_);
    EXPECT_THAT(error_of("mac,user_data_2:u8\n"), testing::StartsWith("credential_extra"));
    put("mac,user_data_2\n246f28aabbcc,x\n");
    EXPECT_THAT(told(*read()->of(first_)), ElementsAre("/user_data_2=x"));
}

TEST_F(BoardValuesTest, without_a_table_nobody_gets_anything) {
    EXPECT_THAT(*read()->of(first_), IsEmpty());
    EXPECT_THAT(read()->names(), IsEmpty());
}

}  // namespace
}  // namespace imprint::prepare
