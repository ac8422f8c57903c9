// The firmware's view of encrypted NVS partitions, against what the reference has encrypted.
#include "imprint_identity/nvs_encrypted.h"

#include <cstring>
#include <gtest/gtest.h>

#include "image/aes_blocks.h"
#include "image/nvs_layout.h"
#include "image/nvs_support.h"

namespace imprint::image::nvs {
namespace {

using imprint_identity::Flash;
using imprint_identity::nvs::Encrypted;
using imprint_identity::nvs::Entries;
using imprint_identity::nvs::look_at_entries;

Flash flash_of(Bytes& image) {
    Flash flash;
    flash.read = [](void* self, std::uint32_t at, void* into, std::size_t size) {
        const Bytes& cells = *static_cast<Bytes*>(self);
        if (at > cells.size() || size > cells.size() - at) return false;
        std::memcpy(into, cells.data() + at, size);
        return true;
    };
    flash.write = [](void* self, std::uint32_t at, const void* from, std::size_t size) {
        std::memcpy(static_cast<Bytes*>(self)->data() + at, from, size);
        return true;
    };
    flash.context = &image;
    return flash;
}

// All of it, in pieces of that many bytes.
Bytes read_all(const Flash& flash, std::size_t size, std::size_t step) {
    Bytes all(size);
    for (std::size_t at = 0; at < size; at += step) {
        const std::size_t here = std::min(step, size - at);
        EXPECT_TRUE(
            flash.read(flash.context, static_cast<std::uint32_t>(at), all.data() + at, here));
    }
    return all;
}

TEST(NvsEncrypted, the_firmware_sees_what_was_encrypted) {
    const Bytes keys = nvs_data("keys.bin");
    for (const Vector& vector : nvs_vectors()) {
        SCOPED_TRACE(vector.name);
        Bytes image = vector.encrypted;
        AesBlocks blocks{ByteView(keys).first(64)};
        Encrypted encrypted(flash_of(image), blocks.cipher());
        for (const std::size_t step : {std::size_t{32}, std::size_t{7}, std::size_t{4096}})
            EXPECT_TRUE(read_all(encrypted.in_clear(), image.size(), step) == vector.image) << step;
    }
}

TEST(NvsEncrypted, is_told_from_what_is_in_clear) {
    const Bytes keys = nvs_data("keys.bin");
    Bytes other_keys = keys;
    other_keys[0] ^= 1;
    for (const Vector& vector : nvs_vectors()) {
        if (read(vector.image)->usage.entries_used == 0) continue;
        SCOPED_TRACE(vector.name);
        Bytes plain = vector.image;
        Bytes image = vector.encrypted;
        EXPECT_EQ(look_at_entries(flash_of(plain), vector.size), Entries::in_clear);
        EXPECT_EQ(look_at_entries(flash_of(image), vector.size), Entries::not_in_clear);
        AesBlocks blocks{ByteView(keys).first(64)};
        AesBlocks wrong{ByteView(other_keys).first(64)};
        Encrypted right(flash_of(image), blocks.cipher());
        Encrypted not_right(flash_of(image), wrong.cipher());
        EXPECT_EQ(look_at_entries(right.in_clear(), vector.size), Entries::in_clear);
        EXPECT_EQ(look_at_entries(not_right.in_clear(), vector.size), Entries::not_in_clear);
        blocks.works = false;
        EXPECT_EQ(look_at_entries(right.in_clear(), vector.size), Entries::unreadable);
    }
    Bytes blank(0x4000, 0xFF);
    EXPECT_EQ(look_at_entries(flash_of(blank), 0x4000), Entries::none);
    EXPECT_EQ(look_at_entries(flash_of(blank), 0x8000), Entries::unreadable);
}

TEST(NvsEncrypted, what_is_wiped_is_zeros_in_flash_and_to_the_firmware) {
    const Bytes keys = nvs_data("keys.bin");
    Bytes image = nvs_vectors().front().encrypted;
    AesBlocks blocks{ByteView(keys).first(64)};
    Encrypted encrypted(flash_of(image), blocks.cipher());
    const Flash clear = encrypted.in_clear();
    const Bytes zeros(entry_size, 0);
    const auto at = static_cast<std::uint32_t>(entry_place(0, 1));
    EXPECT_TRUE(clear.write(clear.context, at, zeros.data(), zeros.size()));
    EXPECT_TRUE(std::ranges::equal(ByteView(image).subspan(at, entry_size), zeros));
    Bytes seen(entry_size, 1);
    EXPECT_TRUE(clear.read(clear.context, at, seen.data(), seen.size()));
    EXPECT_EQ(seen, zeros);
}

}  // namespace
}  // namespace imprint::image::nvs
