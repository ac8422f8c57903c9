#include "simulator/fuses.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "image/placed_table.h"
#include "simulator/boot.h"

namespace imprint::simulator {

namespace {

// espsecure 5.3's encrypt-flash-data with a key of zeros, --flash-crypt-conf 0, at 0x10000.
TEST(FlashCipher, a_blank_esp32_encrypts_as_espsecure_does) {
    const FlashCipher cipher = FlashCipher::blank(true);
    const ByteView plain = as_bytes("0123456789abcdef");
    const Bytes encrypted = cipher.encrypt(0x10000, plain);
    EXPECT_EQ(to_hex(encrypted), "47de5e432912381f142f4d767c4878e0");
    EXPECT_EQ(cipher.encrypt(0x20020, plain), encrypted) << "the address is not in it";
    EXPECT_TRUE(std::ranges::equal(cipher.decrypt(0x10000, encrypted), plain));
}

TEST(FlashCipher, what_a_blank_chip_of_the_others_encrypts_it_decrypts) {
    const FlashCipher cipher = FlashCipher::blank(false);
    const Bytes plain(256, 0x5A);
    const Bytes encrypted = cipher.encrypt(0x10000, plain);
    EXPECT_NE(encrypted, plain);
    EXPECT_EQ(cipher.decrypt(0x10000, encrypted), plain);
}

TEST(FlashCipher, a_table_that_was_left_behind_opens_nothing) {
    const FlashCipher cipher(*parse_mac("24:0a:c4:12:ab:cd"));
    Bytes flash(1U << 20, 0xFF);
    const auto put = [&](std::uint32_t place, const Bytes& plain) {
        std::ranges::copy(cipher.encrypt(place, plain), flash.begin() + place);
    };
    for (const auto& [place, app] :
         {std::pair(0x8000U, "0x40000"), std::pair(0xC000U, "0x30000")}) {
        Bytes plain =
            image::PartitionTable::parse_csv(fmt::format("app, app, factory, {}, 64K\n", app))
                ->to_binary();
        plain.resize(0x1000, 0xFF);
        put(place, plain);
    }
    const Bytes app(4096, 0xE9);
    put(0x30000, app);
    const Bytes view = decrypted_view(cipher, flash, 0x1000);
    EXPECT_TRUE(std::ranges::equal(ByteView(view).subspan(0x30000, app.size()), app));
    EXPECT_TRUE(std::ranges::equal(ByteView(view).subspan(0x40000, app.size()), Bytes(4096, 0xFF)));
}

TEST(FlashCipher, an_encrypted_flash_is_seen_through_wherever_its_table_stands) {
    const FlashCipher cipher(*parse_mac("24:0a:c4:12:ab:cd"));
    for (const std::uint32_t place : {0x8000U, 0x10000U, image::first_table_place + 0x3000}) {
        const auto table = image::PartitionTable::parse_csv("app, app, factory, 0x30000, 64K\n");
        ASSERT_TRUE(table) << table.error().describe();
        Bytes plain = table->to_binary();
        plain.resize(0x1000, 0xFF);
        Bytes flash(1U << 20, 0xFF);
        std::ranges::copy(cipher.encrypt(place, plain), flash.begin() + place);
        const Bytes app(4096, 0x77);
        std::ranges::copy(cipher.encrypt(0x30000, app), flash.begin() + 0x30000);
        const Bytes view = decrypted_view(cipher, flash, 0x1000);
        EXPECT_TRUE(std::ranges::equal(ByteView(view).subspan(place, plain.size()), plain));
        EXPECT_TRUE(std::ranges::equal(ByteView(view).subspan(0x30000, app.size()), app)) << place;
    }
}

}  // namespace

}  // namespace imprint::simulator
