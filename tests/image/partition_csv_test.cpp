#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/partition_table.h"

namespace imprint::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Partition only(const std::string& csv, const PartitionTable::Options& options = {}) {
    const auto table = PartitionTable::parse_csv(csv, options);
    if (!table) {
        ADD_FAILURE() << table.error().describe();
        return {};
    }
    EXPECT_EQ(table->partitions().size(), 1U);
    return table->partitions().at(0);
}

void expect_refused(const std::string& csv, const std::string& code, const std::string& words,
                    const PartitionTable::Options& options = {}) {
    const auto table = PartitionTable::parse_csv(csv, options);
    ASSERT_FALSE(table) << csv;
    EXPECT_EQ(table.error().kind, ErrorKind::config);
    EXPECT_EQ(code_of(table), code);
    EXPECT_THAT(table.error().message, HasSubstr(words));
}

void expect_bad_csv(const std::string& csv, const std::string& words) {
    expect_refused(csv, "partition_table_csv", words);
}

TEST(PartitionCsv, comments_blank_lines_and_any_line_ending_are_fine) {
    const auto table = PartitionTable::parse_csv(
        "# a comment, with commas\r\n\r\n   \n  # another\rnvs, data, nvs, , 24K\r\n"
        "app,app,factory,,1M,,,# and one behind the row\n");
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->partitions().size(), 2U);
}

TEST(PartitionCsv, keywords_and_flags_are_known_in_any_case) {
    const Partition partition = only("x, DATA, SpiFFS, , 64K, Encrypted : READONLY");
    EXPECT_EQ(partition.type, 1);
    EXPECT_EQ(partition.subtype, 0x82);
    EXPECT_TRUE(partition.encrypted);
    EXPECT_TRUE(partition.readonly);
}

TEST(PartitionCsv, all_subtypes_have_their_numbers) {
    EXPECT_EQ(only("x,app,ota_0,,1M").subtype, 0x10);
    EXPECT_EQ(only("x,app,ota_15,,1M").subtype, 0x1F);
    EXPECT_EQ(only("x,app,test,,1M").subtype, 0x20);
    EXPECT_EQ(only("x,app,tee_1,,1M").subtype, 0x31);
    EXPECT_EQ(only("x,data,coredump,,64K").subtype, 3);
    EXPECT_EQ(only("x,data,tee_ota,,8K").subtype, 0x90);
    EXPECT_EQ(only("x,data,,,8K").subtype, 6);
    EXPECT_EQ(only("x,0x40,7,,8K").subtype, 7);
    EXPECT_EQ(only("x,64,,,8K").subtype, 6);
    expect_bad_csv("x,app,ota_16,,1M", "line 1, subtype: \"ota_16\"");
    expect_bad_csv("x,0x40,nvs,,8K", "line 1, subtype: \"nvs\"");
    expect_bad_csv("x,app,,,1M", "line 1, subtype: it is empty");
}

TEST(PartitionCsv, numbers_that_a_byte_cannot_hold_or_that_mean_any_are_refused) {
    expect_bad_csv("x,255,1,,8K", "line 1, type: 255 is not from 0 to 0xFE");
    expect_bad_csv("x,-1,1,,8K", "type");
    expect_bad_csv("x,0x40,0x100,,8K", "subtype: 0x100 is not from 0 to 0xFF");
    expect_bad_csv("x,0x40,1000,,8K", "subtype");
}

// ESP-IDF's own examples have such partitions: they are found by name.
TEST(PartitionCsv, a_subtype_that_means_any_is_taken_with_a_warning) {
    const auto table = PartitionTable::parse_csv("storage,data,0xff,,8K");
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->partitions()[0].subtype, 0xFF);
    EXPECT_THAT(table->warnings(), ElementsAre(HasSubstr("it is found by its name alone")));
    EXPECT_THAT(table->to_csv(), HasSubstr("storage,data,255,0x9000,8K,"));
    EXPECT_TRUE(PartitionTable::parse_csv(table->to_csv()));
}

TEST(PartitionCsv, what_spreadsheets_and_documents_make_of_a_table_is_told_as_what_it_is) {
    expect_bad_csv("nvs;data;nvs;0x9000;0x6000;", "line 1: its fields are separated by semicolons");
    expect_bad_csv("nvs\tdata\tnvs\t0x9000\t0x6000", "line 1: its fields are separated by tabs");
    expect_bad_csv("nvs data nvs 0x9000 0x6000", "line 1: there is no comma in it");
    expect_bad_csv("\"nvs\",\"data\",\"nvs\",,24K", "line 1: its fields are in quotation marks");
    expect_bad_csv("Name, Type, SubType, Offset, Size, Flags\nnvs,data,nvs,,24K\n",
                   "line 1: this is the heading of the columns");
    const auto aligned = PartitionTable::parse_csv("bootloader          0x0,  0xA000\n");
    ASSERT_FALSE(aligned);
    EXPECT_THAT(aligned.error().hint, HasSubstr("put a comma behind the name"));
    EXPECT_EQ(only("name,data,fat,,4K").name, "name");
    EXPECT_EQ(only("a\"b,data,fat,,4K").name, "a\"b");
}

// As gen_esp32part.py takes them away around a field; within a name they are told.
TEST(PartitionCsv, no_break_spaces_never_get_into_a_name_in_silence) {
    const std::string space = "\xC2\xA0";
    const auto table = PartitionTable::parse_csv(space + " nvs" + space + "," + space +
                                                 "data,nvs\xE3\x80\x80, ,24" + space + "K\n");
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->partitions()[0].name, "nvs");
    EXPECT_EQ(table->partitions()[0].size, 0x6000U);
    EXPECT_THAT(table->warnings(), IsEmpty());

    const auto within = PartitionTable::parse_csv("my" + space + "log,data,fat,,4K");
    ASSERT_TRUE(within);
    EXPECT_THAT(within->warnings(), ElementsAre(HasSubstr("has U+00A0 in it")));
    const auto hidden = PartitionTable::parse_csv("log\xE2\x80\x8B,data,fat,,4K");
    ASSERT_TRUE(hidden);
    EXPECT_THAT(hidden->warnings(), ElementsAre(HasSubstr("has U+200B in it")));
}

TEST(PartitionCsv, a_size_may_have_a_blank_before_its_unit) {
    EXPECT_EQ(only("x,data,fat,0x40 K,1 M").size, 1048576U);
    EXPECT_EQ(only("x,data,fat,0x80 k,960  K").size, 983040U);
    expect_bad_csv("x,data,fat,,1 0K", "size");
}

TEST(PartitionCsv, empty_offsets_follow_on_at_their_alignment) {
    const auto table = PartitionTable::parse_csv(
        "nvs,data,nvs,,0x6000\nphy,data,phy,,0x100\nx,data,fat,,4K\napp,app,factory,,1M\n"
        "end,data,spiffs,,4K\n");
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->partitions()[0].offset, 0x9000U);
    EXPECT_EQ(table->partitions()[1].offset, 0xF000U);
    EXPECT_EQ(table->partitions()[2].offset, 0x10000U);
    EXPECT_EQ(table->partitions()[3].offset, 0x20000U);
    EXPECT_EQ(table->partitions()[4].offset, 0x120000U);
    EXPECT_EQ(table->flash_size_needed(), 0x121000U);
    EXPECT_THAT(table->warnings(), ElementsAre(HasSubstr("no whole number of flash sectors")));
}

TEST(PartitionCsv, a_negative_size_is_the_address_of_the_end) {
    EXPECT_EQ(only("x,data,fat,0x10000,-0x200000").size, 0x1F0000U);
    EXPECT_EQ(only("x,data,fat,,-64K").size, 0x10000U - 0x9000U);
    expect_refused("x,data,fat,0x10000,-0x8000", "partition_table_invalid",
                   "line 1: partition \"x\" should end at 0x8000 and starts at 0x10000");
    expect_refused("x,data,fat,0x10000,-64K", "partition_table_invalid", "should end at 0x10000");
}

TEST(PartitionCsv, a_size_of_nothing_is_refused) {
    expect_bad_csv("x,data,fat,,", "line 1, size: it is empty");
    expect_bad_csv("x,data,fat,,0", "line 1, size: \"0\"");
    expect_bad_csv("x,data,fat,,0x0K", "line 1, size");
    expect_bad_csv("x,data,fat,,much", "line 1, size: \"much\"");
    expect_bad_csv("x,data,fat", "line 1, size");
}

TEST(PartitionCsv, a_name_over_16_bytes_is_refused_and_never_cut) {
    EXPECT_EQ(only("sixteen_bytes_ok,data,fat,,4K").name, "sixteen_bytes_ok");
    expect_bad_csv("seventeen_bytes_x,data,fat,,4K", "has 17 bytes and an entry holds 16");
    // Nine characters, but eighteen bytes.
    expect_bad_csv(
        "\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4\xC3\xA4"
        ",data,fat,,4K",
        "18 bytes");
}

TEST(PartitionCsv, a_name_of_stray_bytes_is_refused) {
    expect_bad_csv("a\xFF,data,fat,,4K", "no UTF-8");
}

TEST(PartitionCsv, unknown_flags_and_lost_ones_are_refused) {
    expect_bad_csv("x,data,fat,,4K,secret", "line 1, flags: \"secret\"");
    // gen_esp32part.py drops a seventh column: here the flag that somebody meant.
    expect_bad_csv("x,data,fat,,4K,encrypted,readonly", "line 1, flags: \"readonly\"");
}

TEST(PartitionCsv, a_line_is_named_by_its_number_in_the_file) {
    expect_bad_csv("# one\n\nnvs,data,nvs,,24K\nx,nothing,fat,,4K\n", "line 4, type: \"nothing\"");
}

TEST(PartitionCsv, what_overlaps_or_goes_backwards_is_refused_with_its_line) {
    expect_refused("nvs,data,nvs,0x1000,24K", "partition_table_invalid",
                   "line 1: partition \"nvs\" at 0x1000 overlaps the partition table, which takes "
                   "0x8000 to 0x8FFF");
    expect_refused("nvs,data,nvs,,24K\nx,data,fat,0xA000,4K", "partition_table_invalid",
                   "line 2: partition \"x\" at 0xA000 starts below 0xF000, where partition "
                   "\"nvs\" of the row above ends");
    expect_refused("x,data,fat,0xFFFFF000,4K", "partition_table_invalid", "beyond 32 bits");
    expect_refused("x,data,fat,0xFFFFF000,4G", "partition_table_csv", "size");
    expect_refused("x,data,fat,0x100000000000,4K", "partition_table_invalid", "beyond 32 bits");
}

TEST(PartitionCsv, the_table_may_lie_elsewhere) {
    PartitionTable::Options options;
    options.table_offset = 0x10000;
    EXPECT_EQ(only("nvs,data,nvs,,24K", options).offset, 0x11000U);
    expect_refused("nvs,data,nvs,0x9000,24K", "partition_table_invalid", "0x10000 to 0x10FFF",
                   options);
}

TEST(PartitionCsv, bootloader_and_table_take_their_place_from_the_configuration) {
    PartitionTable::Options options;
    options.primary_bootloader_offset = 0x1000;
    options.recovery_bootloader_offset = 0x3F0000;
    const auto table = PartitionTable::parse_csv(
        "bootloader,       bootloader,      primary,  N/A, N/A,\n"
        "partition_table,  partition_table, primary,  n/a, ,\n"
        "nvs,              data,            nvs,      ,    0x6000,\n"
        "factory,          app,             factory,  ,    1M,\n"
        "next_bl,          bootloader,      ota,      ,    N/A\n"
        "next_pt,          partition_table, ota,      ,    N/A\n"
        "recoveryBloader,  bootloader,      recovery, N/A, N/A,\n",
        options);
    ASSERT_TRUE(table) << table.error().describe();
    const auto& partitions = table->partitions();
    EXPECT_EQ(partitions[0].offset, 0x1000U);
    EXPECT_EQ(partitions[0].size, 0x7000U);
    EXPECT_EQ(partitions[1].offset, 0x8000U);
    EXPECT_EQ(partitions[1].size, 0x1000U);
    EXPECT_EQ(partitions[2].offset, 0x9000U);
    EXPECT_EQ(partitions[4].offset, 0x110000U);
    EXPECT_EQ(partitions[4].size, 0x7000U);
    EXPECT_EQ(partitions[5].size, 0x1000U);
    EXPECT_EQ(partitions[6].offset, 0x3F0000U);
    EXPECT_THAT(table->warnings(), IsEmpty());
}

TEST(PartitionCsv, what_a_bootloader_row_says_of_its_place_is_not_used_and_that_is_told) {
    PartitionTable::Options options;
    options.primary_bootloader_offset = 0x1000;
    const auto table = PartitionTable::parse_csv(
        "bl,bootloader,primary,0x2000,0x7000\nnvs,data,nvs,,24K\n", options);
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->partitions()[0].offset, 0x1000U);
    EXPECT_THAT(table->warnings(),
                ElementsAre(HasSubstr("line 1, offset: \"0x2000\" is not used")));
}

TEST(PartitionCsv, a_bootloader_row_needs_to_know_where_the_bootloader_is) {
    expect_bad_csv("bl,bootloader,primary,N/A,N/A", "where the bootloader lies is not said");
    PartitionTable::Options options;
    options.primary_bootloader_offset = 0x1000;
    expect_refused("bl,bootloader,recovery,N/A,N/A", "partition_table_csv",
                   "where the recovery bootloader lies", options);
    options.primary_bootloader_offset = 0x8000;
    expect_refused("bl,bootloader,primary,N/A,N/A", "partition_table_csv",
                   "0x8000 is not below the table at 0x8000", options);
}

TEST(PartitionCsv, extra_subtypes_are_known_by_name) {
    PartitionTable::Options options;
    options.extra_subtypes = {{1, "My_Log", 0x99}};
    const auto table = PartitionTable::parse_csv("log,data,my_log,,4K", options);
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->partitions()[0].subtype, 0x99);
    EXPECT_THAT(table->to_csv(options.extra_subtypes), HasSubstr("log,data,My_Log,0x9000,4K,"));
    EXPECT_THAT(table->to_csv(), HasSubstr("log,data,153,0x9000,4K,"));
    const auto refused = PartitionTable::parse_csv("log,data,other,,4K", options);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().hint, HasSubstr("My_Log"));
}

TEST(PartitionCsv, variables_stand_for_what_the_caller_says) {
    PartitionTable::Options options;
    options.variable = [](std::string_view name) -> std::optional<std::string> {
        if (name == "SIZE") return "64K";
        return std::nullopt;
    };
    EXPECT_EQ(only("x,data,fat,,$SIZE", options).size, 65536U);
    EXPECT_EQ(only("x,data,fat,,${SIZE}", options).size, 65536U);
    EXPECT_EQ(only("a$,data,fat,,64K", options).name, "a$");
    expect_refused("x,data,fat,,${NOPE}", "partition_table_csv", "the environment has no \"NOPE\"",
                   options);
    expect_bad_csv("x,data,fat,,$SIZE", "size: \"$SIZE\"");
    // A comment names none, before a row as behind it.
    EXPECT_EQ(
        only("# see $IDF_PATH\n  # and ${HOME_OF_IDF}\nx,data,fat,,$SIZE,, # of $NOPE", options)
            .size,
        65536U);
}

TEST(PartitionCsv, a_byte_order_mark_and_utf16_are_understood) {
    const std::string csv = "n\xC3\xA4,data,fat,,4K\n";
    EXPECT_EQ(only("\xEF\xBB\xBF" + csv).name, "n\xC3\xA4");
    for (const bool big : {false, true}) {
        Bytes wide;
        const auto unit = [&](std::uint16_t value) {
            wide.push_back(static_cast<std::uint8_t>(big ? value >> 8 : value));
            wide.push_back(static_cast<std::uint8_t>(big ? value : value >> 8));
        };
        unit(0xFEFF);
        unit('n');
        unit(0xE4);
        for (const char c : csv.substr(3))
            unit(static_cast<std::uint16_t>(c));
        const auto table = PartitionTable::parse(wide, {});
        ASSERT_TRUE(table) << table.error().describe();
        EXPECT_EQ(table->partitions().at(0).name, "n\xC3\xA4");
    }
}

TEST(PartitionCsv, bytes_that_are_neither_text_nor_a_table_are_told) {
    const auto table = PartitionTable::parse(Bytes{0xE9, 0x00, 0x01}, {});
    ASSERT_FALSE(table);
    EXPECT_EQ(code_of(table), "partition_table_damaged");
}

TEST(PartitionCsv, is_written_as_the_reference_writes_it) {
    const auto table = PartitionTable::parse_csv(
        "nvs,data,nvs,0x9000,0x6000,encrypted:readonly\nraw,0x40,0x05,,0x1234\n"
        "app,app,factory,,1M,encrypted\nx,data,fat,,-0x250000,readonly\n");
    ASSERT_TRUE(table) << table.error().describe();
    EXPECT_EQ(table->to_csv(),
              "# ESP-IDF Partition Table\n"
              "# Name, Type, SubType, Offset, Size, Flags\n"
              "nvs,data,nvs,0x9000,24K,encrypted:readonly\n"
              "raw,64,5,0xf000,0x1234,\n"
              "app,app,factory,0x20000,1M,encrypted\n"
              "x,data,fat,0x120000,1216K,readonly\n");
}

}  // namespace
}  // namespace imprint::image
