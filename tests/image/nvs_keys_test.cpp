#include "image/nvs_keys.h"

#include <gtest/gtest.h>

#include "base/aes_xts.h"
#include "base/error_code.h"
#include "image/nvs_support.h"
#include "image/support.h"

namespace imprint::image::nvs {
namespace {

Secret secret(Bytes bytes) {
    return Secret(std::move(bytes));
}

TEST(NvsKeys, are_those_of_the_file_and_written_as_such_again) {
    const Bytes file = nvs_data("keys.bin");
    const auto keys = Keys::parse(secret(file));
    ASSERT_TRUE(keys) << keys.error().describe();
    EXPECT_EQ(to_hex(keys->bytes().reveal()), to_hex(ByteView(file).first(64)));
    EXPECT_EQ(to_hex(keys->partition().reveal()), to_hex(file));
    const auto bare = Keys::parse(secret(Bytes(file.begin(), file.begin() + 64)));
    ASSERT_TRUE(bare);
    EXPECT_EQ(to_hex(bare->bytes().reveal()), to_hex(keys->bytes().reveal()));
}

TEST(NvsKeys, that_are_damaged_are_refused) {
    Bytes file = nvs_data("keys.bin");
    file[5] ^= 1;
    EXPECT_EQ(code_of(Keys::parse(secret(file))), "nvs_keys");
    EXPECT_EQ(code_of(Keys::parse(secret(Bytes(4096, 0xFF)))), "nvs_keys");
    EXPECT_EQ(code_of(Keys::parse(secret(Bytes(63, 1)))), "nvs_keys");
    EXPECT_EQ(code_of(Keys::parse(secret(Bytes(66, 1)))), "nvs_keys");
    EXPECT_EQ(code_of(Keys::parse({})), "nvs_keys");
}

TEST(NvsKeys, with_halves_alike_are_refused) {
    EXPECT_EQ(code_of(Keys::parse(secret(Bytes(64, 7)))), "nvs_keys");
}

// hmac.new(bytes(range(32)), b"\x5A\x5A\xBE\xAE" * 8, "sha256") and so on, in Python.
TEST(NvsKeys, of_an_hmac_key_are_those_that_a_chip_makes) {
    Bytes key(32);
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::uint8_t>(i);
    const auto keys = Keys::of_hmac_key(secret(key));
    ASSERT_TRUE(keys);
    EXPECT_EQ(to_hex(keys->bytes().reveal()),
              "813a141220ddb819f4d73d59fa3032ab9f592cc26a18cf1fde692f712b6a025c"
              "b20ad6b6ddd1658a6e14d1b5b726e42356adf4ff2f68fcd8826ac2908408addf");
    EXPECT_EQ(code_of(Keys::of_hmac_key(secret(Bytes(31, 1)))), "nvs_keys");
    EXPECT_EQ(code_of(Keys::of_hmac_key(secret(Bytes(33, 1)))), "nvs_keys");
}

TEST(NvsKeys, that_are_new_differ_and_are_read_back) {
    const Keys one = Keys::random();
    const Keys other = Keys::random();
    EXPECT_NE(to_hex(one.bytes().reveal()), to_hex(other.bytes().reveal()));
    const auto again = Keys::parse(one.partition());
    ASSERT_TRUE(again);
    EXPECT_EQ(to_hex(again->bytes().reveal()), to_hex(one.bytes().reveal()));
}

TEST(NvsKeys, of_another_image_are_told) {
    Bytes image = nvs_vectors().front().encrypted;
    EXPECT_EQ(code_of(decrypt(image, Keys::random())), "nvs_keys");
}

TEST(NvsKeys, of_no_use_to_a_plain_image_are_told) {
    Bytes image = nvs_vectors().front().image;
    EXPECT_EQ(code_of(decrypt(image, Keys::random())), "nvs_keys");
}

TEST(NvsKeys, leave_an_empty_image_as_it_is) {
    Bytes image(0x3000, 0xFF);
    ASSERT_TRUE(decrypt(image, Keys::random()));
    EXPECT_TRUE(image == Bytes(0x3000, 0xFF));
    Bytes cut(100, 0);
    EXPECT_EQ(code_of(decrypt(cut, Keys::random())), "nvs_size");
}

// A device writes 00 over what it erases, past its encryption. The reference counts on after each
// entry that is FF, and decrypts what follows with another place's tweak.
TEST(NvsKeys, decrypt_each_entry_by_its_place) {
    const Keys keys = Keys::random();
    Bytes image = image_of({number("a", Type::u8, 1), number("b", Type::u8, 2),
                            number("c", Type::u8, 3), number("d", Type::u8, 4)});
    encrypt(image, keys);
    set_state(image, 0, 1, 0);
    std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(at(0, 1)), 32, std::uint8_t{0});
    set_state(image, 0, 3, 0);
    std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(at(0, 3)), 32, std::uint8_t{0xFF});
    ASSERT_TRUE(decrypt(image, keys));
    const auto contents = read(image);
    ASSERT_TRUE(contents);
    EXPECT_EQ(told(*contents), "ns.b u8 2\nns.d u8 4\n");
    EXPECT_EQ(faults(*contents), "");
    EXPECT_EQ(contents->entries_erased, 2U);
    EXPECT_EQ(image[at(0, 1)], 0);
}

}  // namespace
}  // namespace imprint::image::nvs
