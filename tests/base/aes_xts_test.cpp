#include "base/aes_xts.h"

#include <gtest/gtest.h>
#include <stdexcept>

namespace imprint {
namespace {

using Direction = AesXts256::Direction;

Secret key() {
    return Secret(from_hex("2718281828459045235360287471352662497757247093699959574966967627"
                           "3141592653589793238462643383279502884197169399375105820974944592")
                      .value());
}

Bytes counting() {
    Bytes bytes(32);
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(i);
    return bytes;
}

// The first two blocks of vector 10 of IEEE 1619.
TEST(AesXts256, is_that_of_ieee_1619) {
    Bytes unit = counting();
    AesXts256(key(), Direction::encrypt).apply(unit, 0xFF);
    EXPECT_EQ(to_hex(unit), "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b");
    AesXts256(key(), Direction::decrypt).apply(unit, 0xFF);
    EXPECT_EQ(to_hex(unit), to_hex(counting()));
}

TEST(AesXts256, has_a_tweak_for_each_unit) {
    AesXts256 cipher(key(), Direction::encrypt);
    Bytes first = counting();
    Bytes second = counting();
    Bytes again = counting();
    cipher.apply(first, 0x40);
    cipher.apply(second, 0x0102030405060708);
    cipher.apply(again, 0x40);
    EXPECT_NE(to_hex(first), to_hex(second));
    EXPECT_EQ(to_hex(first), to_hex(again));
}

TEST(AesXts256, takes_no_key_of_another_size) {
    EXPECT_THROW(AesXts256(Secret(Bytes(32, 1)), Direction::encrypt), std::logic_error);
}

}  // namespace
}  // namespace imprint
