#include <bit>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "image/nvs.h"

namespace imprint::image::nvs {
namespace {

std::string again(Type type, std::string_view text) {
    const auto bits = parse_number(type, text);
    return bits ? number_text({"k", type, *bits, {}}) : bits.error().code;
}

TEST(NvsNumber, takes_decimal_and_hex) {
    EXPECT_EQ(again(Type::u8, "0"), "0");
    EXPECT_EQ(again(Type::u8, "255"), "255");
    EXPECT_EQ(again(Type::u8, "0xfF"), "255");
    EXPECT_EQ(again(Type::u16, "+0X10"), "16");
    EXPECT_EQ(again(Type::i16, "-0x10"), "-16");
    EXPECT_EQ(again(Type::u32, " 4_294_967_295\n"), "4294967295");
    EXPECT_EQ(again(Type::u64, "18446744073709551615"), "18446744073709551615");
    EXPECT_EQ(again(Type::i64, "-9223372036854775808"), "-9223372036854775808");
    // As Python's int() has it, which the reference uses.
    EXPECT_EQ(again(Type::u8, "010"), "10");
    EXPECT_EQ(again(Type::u8, "-0"), "0");
}

TEST(NvsNumber, refuses_what_does_not_fit) {
    for (const auto& [type, text] :
         std::initializer_list<std::pair<Type, const char*>>{{Type::u8, "256"},
                                                             {Type::u8, "-1"},
                                                             {Type::i8, "128"},
                                                             {Type::i8, "-129"},
                                                             {Type::u16, "0x10000"},
                                                             {Type::i32, "2147483648"},
                                                             {Type::u64, "18446744073709551616"},
                                                             {Type::u64, "99999999999999999999999"},
                                                             {Type::i64, "9223372036854775808"}}) {
        const auto bits = parse_number(type, text);
        EXPECT_EQ(code_of(bits), "nvs_value") << text;
        EXPECT_NE(bits.error().message.find("does not fit"), std::string::npos) << text;
    }
    EXPECT_EQ(parse_number(Type::i8, "200").error().message,
              "the value does not fit into i8, which holds -128 to 127");
}

TEST(NvsNumber, refuses_what_is_no_number_and_does_not_repeat_it) {
    for (const char* text :
         {"", " ", "-", "0x", "_1", "1_", "1__2", "1.5", "1e3", "hunter2", "--1"}) {
        const auto bits = parse_number(Type::u32, text);
        EXPECT_EQ(code_of(bits), "nvs_value") << text;
        EXPECT_EQ(bits.error().message, "the value is no whole number");
    }
}

TEST(NvsNumber, writes_what_devices_keep) {
    EXPECT_EQ(number_text({"k", Type::f32, std::bit_cast<std::uint32_t>(1.5F), {}}), "1.5");
    EXPECT_EQ(number_text({"k", Type::f64, std::bit_cast<std::uint64_t>(-0.1), {}}), "-0.1");
    EXPECT_EQ(number_text({"k", Type::string, 0, {}}), "");
    EXPECT_EQ(type_name(Type::f32), "float");
    EXPECT_FALSE(number_type("float"));
    EXPECT_FALSE(number_type("string"));
    EXPECT_EQ(number_type("i64"), Type::i64);
}

}  // namespace
}  // namespace imprint::image::nvs
