#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/partition_table.h"
#include "image_tool/commands.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* csv = "nvs,data,nvs,,24K\nfactory,app,factory,,1M\n";

class ConvertPartitionTable : public testing::Scratch {
  protected:
    ConvertPartitionTable() {
        command_.input = at("table.csv");
        command_.output = at("build/partition_table/table.bin");
        put("table.csv", csv);
    }

    void expect_refused(ErrorKind kind, const std::string& code, const std::string& words) const {
        const auto report = convert_partition_table(command_);
        ASSERT_FALSE(report) << words;
        EXPECT_EQ(report.error().kind, kind);
        EXPECT_EQ(code_of(report), code);
        EXPECT_THAT(report.error().describe(), HasSubstr(words));
        EXPECT_FALSE(fs::exists(command_.output));
    }

    PartitionTableCommand command_;
};

TEST_F(ConvertPartitionTable, csv_becomes_binary_and_binary_csv) {
    const auto report = convert_partition_table(command_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_FALSE(report->to_csv);
    EXPECT_THAT(report->standard_output, IsEmpty());
    EXPECT_THAT(report->notes, ElementsAre("2 partitions read from a CSV, verified"));
    const Bytes binary = read_file(command_.output).value();
    EXPECT_EQ(binary.size(), 0xC00U);

    command_.input = command_.output;
    command_.output = at("back.csv");
    const auto back = convert_partition_table(command_);
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_TRUE(back->to_csv);
    EXPECT_EQ(read_text(at("back.csv")).value(),
              "# ESP-IDF Partition Table\n# Name, Type, SubType, Offset, Size, Flags\n"
              "nvs,data,nvs,0x9000,24K,\nfactory,app,factory,0x10000,1M,\n");
}

TEST_F(ConvertPartitionTable, the_output_is_handed_back_for_standard_output) {
    command_.output = "-";
    command_.quiet = true;
    const auto report = convert_partition_table(command_);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->standard_output.size(), 0xC00U);
    EXPECT_THAT(report->notes, IsEmpty());
    EXPECT_FALSE(fs::exists("-"));
}

TEST_F(ConvertPartitionTable, what_is_refused_leaves_no_file_and_names_its_own) {
    put("table.csv", "nvs,data,nvs,,24K\nnvs,app,factory,,1M\n");
    expect_refused(ErrorKind::config, "partition_table_invalid", "table.csv: two partitions");
    command_.no_verify = true;
    EXPECT_TRUE(convert_partition_table(command_));
}

TEST_F(ConvertPartitionTable, the_options_reach_the_table) {
    command_.flash_size = 0x100000;
    expect_refused(ErrorKind::config, "partition_table_invalid", "the flash has 0x100000");
    command_.flash_size = 0x200000;
    command_.disable_md5sum = true;
    command_.offset = 0x10000;
    command_.output = "-";
    const auto report = convert_partition_table(command_);
    ASSERT_TRUE(report) << report.error().describe();
    const auto table = image::PartitionTable::parse_binary(report->standard_output).value();
    EXPECT_EQ(table.partitions()[0].offset, 0x11000U);
    EXPECT_EQ(report->standard_output[64], 0xFF);
}

TEST_F(ConvertPartitionTable, secure_boot_v1_wants_whole_64_kb) {
    put("table.csv", "factory,app,factory,,0x21000\n");
    command_.secure = Secure::v1;
    expect_refused(ErrorKind::config, "partition_table_invalid", "secure boot v1");
    command_.secure = Secure::v2;
    EXPECT_TRUE(convert_partition_table(command_));
}

TEST_F(ConvertPartitionTable, bootloader_rows_and_extra_subtypes_are_known) {
    put("table.csv",
        "bl,bootloader,primary,N/A,N/A\nlog,data,my_log,,4K\nrec,bootloader,recovery,N/A,N/A\n");
    command_.primary_bootloader_offset = 0x1000;
    command_.recovery_bootloader_offset = 0x100000;
    command_.extra_partition_subtypes = {"data, my_log, 0x99"};
    const auto report = convert_partition_table(command_);
    ASSERT_TRUE(report) << report.error().describe();

    command_.input = command_.output;
    command_.output = "-";
    const auto back = convert_partition_table(command_);
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_THAT(std::string(as_text(back->standard_output)),
                HasSubstr("log,data,my_log,0x9000,4K,\nrec,bootloader,recovery,0x100000,28K,\n"));
}

TEST_F(ConvertPartitionTable, wrong_options_are_told) {
    command_.primary_bootloader_offset = 0x8000;
    expect_refused(ErrorKind::usage, "bootloader_above_table", "0x8000");
    command_.primary_bootloader_offset.reset();
    command_.extra_partition_subtypes = {"data, nvs2, 0x02"};
    expect_refused(ErrorKind::usage, "partition_subtype", "clashes with nvs");
}

TEST_F(ConvertPartitionTable, a_missing_input_is_told) {
    command_.input = at("nowhere.csv");
    expect_refused(ErrorKind::config, "file_missing", "nowhere.csv");
}

TEST_F(ConvertPartitionTable, variables_come_from_the_environment) {
    ASSERT_EQ(::setenv("IMPRINT_TEST_STORAGE", "128K", 1), 0);
    put("table.csv", "storage,data,spiffs,,${IMPRINT_TEST_STORAGE}\n");
    command_.output = "-";
    const auto report = convert_partition_table(command_);
    ::unsetenv("IMPRINT_TEST_STORAGE");
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(get_u32(report->standard_output, 8), 0x20000U);
    expect_refused(ErrorKind::config, "partition_table_csv", "IMPRINT_TEST_STORAGE");
}

TEST_F(ConvertPartitionTable, a_name_that_no_csv_can_say_is_refused) {
    ASSERT_TRUE(convert_partition_table(command_));
    const Bytes good = read_file(command_.output).value();
    command_.input = at("odd.bin");
    command_.output = at("odd.csv");
    for (const std::string name : {"a,b", "#a", " a", "a ", "a\nb"}) {
        Bytes bytes(good.begin(), good.begin() + 64);
        std::fill_n(bytes.begin() + 12, 16, std::uint8_t{0});
        std::ranges::copy(name, bytes.begin() + 12);
        bytes.resize(0xC00, 0xFF);
        put("odd.bin", bytes);
        expect_refused(ErrorKind::config, "partition_name_in_csv", "has no place in a CSV");
    }
}

TEST_F(ConvertPartitionTable, warnings_are_handed_on) {
    put("table.csv", "nvs,data,fat,,4K\n");
    const auto report = convert_partition_table(command_);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->warnings, ElementsAre(HasSubstr("named for a subtype")));
}

}  // namespace
}  // namespace imprint::image_tool
