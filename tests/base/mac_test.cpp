#include "base/mac.h"

#include <gtest/gtest.h>

namespace imprint {
namespace {

TEST(MacAddress, is_twelve_lower_case_digits_or_six_pairs) {
    const MacAddress mac{{0x24, 0x0A, 0xC4, 0x00, 0xFF, 0x1B}};
    EXPECT_EQ(mac.id(), "240ac400ff1b");
    EXPECT_EQ(mac.colons(), "24:0a:c4:00:ff:1b");
}

TEST(MacAddress, is_read_plain_or_with_one_kind_of_separator_in_any_case) {
    const MacAddress mac{{0x24, 0x0A, 0xC4, 0x00, 0xFF, 0x1B}};
    for (const char* text :
         {"240ac400ff1b", "240AC400FF1B", "24:0a:c4:00:ff:1b", "24-0A-C4-00-FF-1B"})
        EXPECT_EQ(parse_mac(text), mac) << text;
    EXPECT_EQ(parse_mac(mac.id()), mac);
    EXPECT_EQ(parse_mac(mac.colons()), mac);
}

TEST(MacAddress, nothing_else_is_one) {
    for (const char* text :
         {"", "240ac400ff1", "240ac400ff1b0", "240ac400ff1g", "24:0a:c4:00:ff", "24:0a-c4:00:ff:1b",
          "24.0a.c4.00.ff.1b", "24:0a:c4:00:ff:1b:", ":24:0a:c4:00:ff:1b", "240a:c400:ff1b",
          " 240ac400ff1b", "24:0a:c4:00:ff:1g", "2:40a:c4:00:ff:1b", "0x240ac400ff1b"})
        EXPECT_EQ(parse_mac(text), std::nullopt) << text;
}

TEST(MacAddress, is_ordered_as_it_is_printed) {
    EXPECT_LT(parse_mac("00000000ffff"), parse_mac("000000010000"));
    EXPECT_LT(parse_mac("7f0000000000"), parse_mac("800000000000"));
}

TEST(MacAddress, of_all_or_of_none_is_no_single_boards) {
    for (const char* text : {"000000000000", "ffffffffffff", "01005e000001", "333300000001"})
        EXPECT_FALSE(parse_mac(text)->is_of_one_board()) << text;
    for (const char* text : {"000000000001", "240ac4000000", "fe0000000000", "02ffffffffff"})
        EXPECT_TRUE(parse_mac(text)->is_of_one_board()) << text;
}

}  // namespace
}  // namespace imprint
