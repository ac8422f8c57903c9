#include "image/partition_table.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/error_code.h"

namespace imprint::image {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* small_csv = "nvs,data,nvs,,24K\nfactory,app,factory,,1M\n";

Bytes small_binary() {
    return PartitionTable::parse_csv(small_csv).value().to_binary();
}

void expect_damaged(const Bytes& bytes, const std::string& words) {
    const auto table = PartitionTable::parse_binary(bytes);
    ASSERT_FALSE(table) << words;
    EXPECT_EQ(code_of(table), "partition_table_damaged");
    EXPECT_THAT(table.error().message, HasSubstr(words));
}

void expect_invalid(const std::string& csv, const std::string& words,
                    const PartitionTable::Options& options = {}) {
    const auto table = PartitionTable::parse_csv(csv, options);
    ASSERT_FALSE(table) << csv;
    EXPECT_EQ(code_of(table), "partition_table_invalid");
    EXPECT_THAT(table.error().message, HasSubstr(words));
}

TEST(PartitionTableBinary, carries_the_md5_of_its_entries) {
    const Bytes bytes = small_binary();
    ASSERT_EQ(bytes.size(), 0xC00U);
    EXPECT_EQ(to_hex(ByteView(bytes).subspan(64, 16)), "ebebffffffffffffffffffffffffffff");
    EXPECT_EQ(to_hex(ByteView(bytes).subspan(80, 16)), to_hex(md5(ByteView(bytes).first(64))));
    EXPECT_EQ(bytes[96], 0xFF);
}

TEST(PartitionTableBinary, without_md5_is_read_too) {
    const auto table = PartitionTable::parse_csv(small_csv).value();
    const Bytes bytes = table.to_binary(false);
    EXPECT_EQ(bytes[64], 0xFF);
    const auto back = PartitionTable::parse_binary(bytes);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->partitions(), table.partitions());
}

TEST(PartitionTableBinary, a_sector_out_of_flash_is_read) {
    Bytes sector = small_binary();
    sector.resize(0x1000, 0xFF);
    EXPECT_TRUE(PartitionTable::parse_binary(sector));
    // A signature behind the table is no part of it.
    sector[0xC00] = 0;
    EXPECT_TRUE(PartitionTable::parse_binary(sector));
}

TEST(PartitionTableBinary, every_flipped_bit_is_noticed) {
    const Bytes good = small_binary();
    for (std::size_t bit = 0; bit < std::size_t{96} * 8; ++bit) {
        Bytes bytes = good;
        bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        // The filling of the MD5 row means nothing, to the device neither.
        if (bit / 8 >= 66 && bit / 8 < 80) continue;
        EXPECT_FALSE(PartitionTable::parse_binary(bytes)) << "bit " << bit;
    }
}

TEST(PartitionTableBinary, damage_is_told_by_row) {
    Bytes bytes = small_binary();
    bytes[33] = 0;
    expect_damaged(bytes, "row 1 of the partition table starts with aa00");
    bytes = small_binary();
    bytes[40] ^= 1;
    expect_damaged(bytes, "MD5");
    bytes = small_binary();
    bytes.resize(96);
    expect_damaged(bytes, "no end: after 2 entries, 96 bytes in");
    bytes.resize(100);
    expect_damaged(bytes, "no end");
    expect_damaged({}, "no end: after 0 entries");
    expect_damaged(Bytes(0xC00, 0xFF), "no entries");
    bytes = small_binary();
    std::copy_n(small_binary().begin(), 32, bytes.begin() + 96);
    expect_damaged(bytes, "row 3 of the partition table follows its MD5");
}

TEST(PartitionTableBinary, a_table_without_end_in_its_3_kb_is_damaged) {
    Bytes bytes;
    while (bytes.size() < 0xC00)
        append(bytes, ByteView(small_binary()).first(32));
    expect_damaged(bytes, "no end: after 96 entries");
    bytes.resize(0x1000, 0xFF);
    expect_damaged(bytes, "no end: after 96 entries");
}

TEST(PartitionTableBinary, a_name_of_stray_bytes_is_damaged) {
    Bytes bytes = PartitionTable::parse_csv(small_csv).value().to_binary(false);
    bytes[12] = 0xFF;
    expect_damaged(bytes, "entry 0 of the partition table has the name \"\\xffvs\"");
}

TEST(PartitionTableBinary, flags_of_a_newer_format_are_kept_and_told) {
    Bytes bytes = PartitionTable::parse_csv(small_csv).value().to_binary(false);
    bytes[31] = 0x80;
    const auto table = PartitionTable::parse_binary(bytes);
    ASSERT_TRUE(table);
    EXPECT_THAT(table->warnings(), ElementsAre(HasSubstr("flags 0x80000000")));
    EXPECT_TRUE(table->to_binary(false) == bytes);
}

TEST(PartitionTableBinary, holds_94_entries_with_md5_and_95_without) {
    const auto rows = [](int count) {
        std::string csv;
        for (int i = 0; i < count; ++i)
            csv += fmt::format("p{},data,fat,,4K\n", i);
        return csv;
    };
    const auto most = PartitionTable::parse_csv(rows(94));
    ASSERT_TRUE(most) << most.error().describe();
    EXPECT_EQ(PartitionTable::parse_binary(most->to_binary()).value().partitions().size(), 94U);
    expect_invalid(rows(95), "95 partitions and at most 94 fit beside the MD5");
    PartitionTable::Options options;
    options.md5 = false;
    const auto without = PartitionTable::parse_csv(rows(95), options);
    ASSERT_TRUE(without) << without.error().describe();
    EXPECT_EQ(PartitionTable::parse_binary(without->to_binary(false)).value().partitions().size(),
              95U);
    expect_invalid(rows(96), "96 partitions and at most 95 fit", options);
}

TEST(PartitionTableChecks, a_table_of_nothing_is_refused) {
    expect_invalid("# nothing\n", "no partitions");
}

TEST(PartitionTableChecks, names_are_unique) {
    expect_invalid("a,data,fat,,4K\na,data,phy,,4K\n", "two partitions have the name \"a\"");
}

TEST(PartitionTableChecks, apps_start_at_64_kb_and_the_rest_at_4_kb) {
    expect_invalid("a,app,factory,0x11000,1M\n", "0x11000 does not start at a multiple of 0x10000");
    expect_invalid("a,data,fat,0x9800,4K\n", "0x9800 does not start at a multiple of 0x1000");
    expect_invalid("a,0x40,1,0x9100,4K\n", "0x9100");
}

TEST(PartitionTableChecks, apps_are_whole_sectors_and_64_kb_for_secure_boot_v1) {
    expect_invalid("a,app,factory,,0x1100\n", "0x1100 bytes is no multiple of 0x1000");
    EXPECT_TRUE(PartitionTable::parse_csv("a,app,factory,,0x21000\n"));
    PartitionTable::Options options;
    options.secure_v1 = true;
    expect_invalid("a,app,factory,,0x21000\n", "secure boot v1", options);
    EXPECT_TRUE(PartitionTable::parse_csv("a,app,factory,,0x20000\n", options));
}

TEST(PartitionTableChecks, there_is_one_otadata_of_8_kb) {
    expect_invalid("a,data,ota,,4K\n", "data ota has 0x1000 bytes and must have 0x2000");
    expect_invalid("a,data,ota,,8K\nb,data,ota,,8K\n", "\"a\" and \"b\" are both of data ota");
    expect_invalid("a,data,tee_ota,,4K\n", "data tee_ota has 0x1000");
    expect_invalid("a,data,tee_ota,,8K\nb,data,tee_ota,,8K\n", "both of data tee_ota");
    EXPECT_TRUE(PartitionTable::parse_csv("a,data,ota,,8K\nb,data,tee_ota,,8K\n"));
}

TEST(PartitionTableChecks, what_the_firmware_writes_is_not_readonly) {
    expect_invalid("a,data,ota,,8K,readonly\n", "\"a\" (data ota) is marked readonly");
    expect_invalid("a,data,coredump,,64K,readonly\n", "(data coredump) is marked readonly");
}

TEST(PartitionTableChecks, nvs_has_12_kb_unless_it_is_readonly) {
    expect_invalid("a,data,nvs,,0x2000\n",
                   "0x2000 bytes is too small to be written: that takes "
                   "0x3000");
    EXPECT_TRUE(PartitionTable::parse_csv("a,data,nvs,,0x2000,readonly\n"));
    EXPECT_TRUE(PartitionTable::parse_csv("a,data,nvs,,0x3000\n"));
}

TEST(PartitionTableChecks, flash_must_be_large_enough) {
    PartitionTable::Options options;
    options.flash_size = 0x200000;
    EXPECT_TRUE(PartitionTable::parse_csv("a,data,fat,0x10000,0x1F0000\n", options));
    expect_invalid("a,data,fat,0x10000,0x1F1000\n",
                   "end at 0x201000 (2.0 MB) and the flash has 0x200000 (2.0 MB)", options);
    options.verify = false;
    expect_invalid("a,data,fat,0x10000,0x1F1000\n", "the flash has 0x200000", options);
}

TEST(PartitionTableChecks, a_binary_table_is_checked_like_a_csv) {
    PartitionTable::Options lenient;
    lenient.verify = false;
    const Bytes bytes =
        PartitionTable::parse_csv("a,data,nvs,0x9000,0x1000\na,app,factory,0x11000,4K\n", lenient)
            .value()
            .to_binary();
    EXPECT_FALSE(PartitionTable::parse(bytes, {}));
    EXPECT_TRUE(PartitionTable::parse(bytes, lenient));
}

TEST(PartitionTableChecks, overlaps_are_found_whatever_the_order_of_a_binary_table) {
    Bytes rows = small_binary();
    std::swap_ranges(rows.begin(), rows.begin() + 32, rows.begin() + 32);
    put_u32(rows, 36, 0x10000);  // nvs onto the app
    rows.resize(64);
    rows.resize(0xC00, 0xFF);
    const auto table = PartitionTable::parse_binary(rows);
    ASSERT_TRUE(table) << table.error().describe();
    const auto verdict = table->verify({});
    ASSERT_FALSE(verdict);
    EXPECT_THAT(verdict.error().message, HasSubstr("overlaps partition"));
}

TEST(PartitionTableChecks, a_partition_over_the_end_of_32_bits_is_refused) {
    Bytes rows = PartitionTable::parse_csv(small_csv).value().to_binary(false);
    put_u32(rows, 36, 0xFFFF0000);
    put_u32(rows, 40, 0x20000);
    const auto table = PartitionTable::parse_binary(rows);
    ASSERT_TRUE(table);
    EXPECT_EQ(code_of(table->verify({})), "partition_table_invalid");
    EXPECT_EQ(table->flash_size_needed(), 0xFFFFFFFFU);
}

TEST(PartitionTableWarnings, tell_what_somebody_hardly_meant) {
    const auto warnings = [](const char* csv) {
        const auto table = PartitionTable::parse_csv(csv);
        if (!table) ADD_FAILURE() << table.error().describe();
        return table ? table->warnings() : std::vector<std::string>{};
    };
    EXPECT_THAT(warnings(small_csv), IsEmpty());
    EXPECT_THAT(warnings("app,data,fat,,4K\n"),
                ElementsAre(HasSubstr("named for a type and is of another, data")));
    EXPECT_THAT(warnings("nvs,data,fat,,4K\n"),
                ElementsAre(HasSubstr("named for a subtype and is data fat")));
    EXPECT_THAT(warnings("x,data,spiffs,,64K,encrypted\n"),
                ElementsAre(HasSubstr("SPIFFS refuses")));
    EXPECT_THAT(warnings("x,app,ota_0,,64K,readonly\n"),
                ElementsAre(HasSubstr("marked readonly, which counts for data")));
}

TEST(PartitionTable, finds_by_name) {
    const auto table = PartitionTable::parse_csv(small_csv).value();
    ASSERT_NE(table.find("factory"), nullptr);
    EXPECT_TRUE(table.find("factory")->is_app());
    EXPECT_EQ(table.find("fact"), nullptr);
}

TEST(PartitionNames, are_keywords_or_decimal_numbers) {
    EXPECT_EQ(type_name(0), "app");
    EXPECT_EQ(type_name(3), "partition_table");
    EXPECT_EQ(type_name(0x40), "64");
    EXPECT_EQ(subtype_name(0, 0x1A), "ota_10");
    EXPECT_EQ(subtype_name(1, 0x82), "spiffs");
    EXPECT_EQ(subtype_name(2, 2), "recovery");
    EXPECT_EQ(subtype_name(0x40, 0), "0");
}

TEST(ExtraSubtype, is_read_as_the_build_system_writes_it) {
    EXPECT_EQ(parse_extra_subtype("data,my_log,0x99").value(), (ExtraSubtype{1, "my_log", 0x99}));
    EXPECT_EQ(parse_extra_subtype(" app , spare , 40 ").value(), (ExtraSubtype{0, "spare", 0x40}));
    for (const char* text : {"", "data", "data,a", "data,a,0x99,more", "moon,a,1", "data,,0x99",
                             "data,a,", "data,a,0xFF", "data,a,-1", "data,a,zz"}) {
        const auto refused = parse_extra_subtype(text);
        ASSERT_FALSE(refused) << text;
        EXPECT_EQ(refused.error().kind, ErrorKind::usage);
    }
    EXPECT_THAT(parse_extra_subtype("data,mine,0x82").error().message,
                HasSubstr("clashes with spiffs (0x82)"));
    EXPECT_THAT(parse_extra_subtype("data,NVS,0x99").error().message,
                HasSubstr("clashes with nvs"));
}

}  // namespace
}  // namespace imprint::image
