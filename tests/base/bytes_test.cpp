#include "base/bytes.h"

#include <gtest/gtest.h>

namespace imprint {
namespace {

TEST(Bytes, text_and_bytes_are_two_views_of_the_same) {
    const std::string text("a\0\xFF", 3);
    EXPECT_EQ(as_text(as_bytes(text)), text);
    EXPECT_EQ(as_bytes("\xE9")[0], 0xE9);
    EXPECT_TRUE(as_text({}).empty());
}

TEST(Bytes, words_are_little_endian) {
    Bytes bytes(8, 0xEE);
    put_u16(bytes, 1, 0x1234);
    put_u32(bytes, 3, 0xDEADBEEF);
    EXPECT_EQ(to_hex(bytes), "ee3412efbeaddeee");
    EXPECT_EQ(get_u16(bytes, 1), 0x1234);
    EXPECT_EQ(get_u32(bytes, 3), 0xDEADBEEFU);
    EXPECT_EQ(get_u16(Bytes{0xFF, 0xFF}, 0), 0xFFFF);
    EXPECT_EQ(get_u32(Bytes{0xFF, 0xFF, 0xFF, 0xFF}, 0), 0xFFFFFFFFU);
}

TEST(Bytes, grow_at_their_end) {
    Bytes bytes;
    append_u16(bytes, 0x0102);
    append_u32(bytes, 0x03040506);
    append(bytes, as_bytes("x"));
    append(bytes, {});
    EXPECT_EQ(to_hex(bytes), "02010605040378");
}

TEST(Hex, is_lower_case_and_read_in_any_case) {
    EXPECT_EQ(to_hex(Bytes{0x00, 0x9F, 0xA0, 0xFF}), "009fa0ff");
    EXPECT_EQ(to_hex({}), "");
    EXPECT_EQ(from_hex("009fA0Ff"), (Bytes{0x00, 0x9F, 0xA0, 0xFF}));
    EXPECT_EQ(from_hex(""), Bytes{});
    for (const char* text : {"0", "0g", "g0", "0x12", " 00", "00 ", "-1"})
        EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(Base64, is_that_of_rfc_4648) {
    struct Vector {
        const char* text;
        const char* encoded;
    };

    // RFC 4648, section 10.
    for (const Vector& vector :
         {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"},
          Vector{"foob", "Zm9vYg=="}, Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
        EXPECT_EQ(to_base64(as_bytes(vector.text)), vector.encoded);
        const auto decoded = from_base64(vector.encoded);
        ASSERT_TRUE(decoded) << vector.encoded;
        EXPECT_EQ(as_text(*decoded), vector.text);
    }
    EXPECT_EQ(to_base64(Bytes{0xFB, 0xEF, 0xBE, 0xFF}), "++++/w==");
    EXPECT_EQ(from_base64("++++/w=="), (Bytes{0xFB, 0xEF, 0xBE, 0xFF}));
}

TEST(Base64, takes_nothing_else) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=Zg=", "Z=g=", "Zg==Zg==", "Zm9v\n",
                             "Zm-v", "Zm 9", "====", "Zm=v"})
        EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

TEST(RoundUp, goes_to_the_next_whole_unit) {
    EXPECT_EQ(round_up(0, 4096), 0U);
    EXPECT_EQ(round_up(1, 4096), 4096U);
    EXPECT_EQ(round_up(4096, 4096), 4096U);
    EXPECT_EQ(round_up(0xFFFFFFFF, 4096), 0x100000000U);
    EXPECT_EQ(round_up(10, 3), 12U);
}

}  // namespace
}  // namespace imprint
