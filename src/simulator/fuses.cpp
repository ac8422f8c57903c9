#include "simulator/fuses.h"

#include <algorithm>
#include <memory>
#include <openssl/evp.h>
#include <span>

#include "base/digest.h"
#include "image/partition_table.h"
#include "image/placed_table.h"
#include "simulator/boot.h"

namespace imprint::simulator {

namespace {

constexpr std::size_t unit = 128;
constexpr std::size_t aes_block = 16;
constexpr std::uint32_t fuse_table_size = 0x1000;
constexpr std::uint32_t table_content = 0xC00;

struct Release {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

}  // namespace

std::uint8_t crypt_count(const Fuses& fuses) {
    if (fuses.flash_encryption == FlashEncryption::off) return 0;
    return fuses.flash_encryption == FlashEncryption::release ? 7 : 1;
}

std::array<std::uint8_t, 2> key_purposes(const Fuses& fuses) {
    constexpr std::uint8_t xts_aes_128_key = 4;
    constexpr std::uint8_t secure_boot_digest0 = 9;
    const bool encrypts = fuses.flash_encryption != FlashEncryption::off;
    return {encrypts ? xts_aes_128_key : std::uint8_t{0},
            fuses.secure_boot ? secure_boot_digest0 : std::uint8_t{0}};
}

FlashCipher FlashCipher::blank(bool esp32) {
    FlashCipher cipher;
    cipher.esp32_ = esp32;
    // XTS wants two keys that differ.
    if (!esp32) cipher.key_.back() = 1;
    return cipher;
}

FlashCipher::FlashCipher(const MacAddress& mac) {
    Bytes seed(as_bytes("imprint simulated flash key ").begin(),
               as_bytes("imprint simulated flash key ").end());
    append(seed, mac.octets);
    key_ = sha256(seed);
}

Bytes FlashCipher::encrypt(std::uint32_t at, ByteView plain) const {
    return run(at, plain, true);
}

Bytes FlashCipher::decrypt(std::uint32_t at, ByteView cipher) const {
    return run(at, cipher, false);
}

// "Encrypting" is AES's decryption there.
Bytes FlashCipher::run_esp32(ByteView data, bool encrypting) const {
    const std::unique_ptr<EVP_CIPHER_CTX, Release> context(EVP_CIPHER_CTX_new());
    Bytes result(round_up(data.size(), aes_block), 0xFF);
    std::ranges::copy(data, result.begin());
    if (EVP_CipherInit_ex(context.get(), EVP_aes_256_ecb(), nullptr, key_.data(), nullptr,
                          encrypting ? 0 : 1) != 1)
        return result;
    (void)EVP_CIPHER_CTX_set_padding(context.get(), 0);
    for (std::size_t from = 0; from < result.size(); from += aes_block) {
        const auto block = std::span(result).subspan(from, aes_block);
        std::ranges::reverse(block);
        int written = 0;
        (void)EVP_CipherUpdate(context.get(), block.data(), &written, block.data(), aes_block);
        std::ranges::reverse(block);
    }
    return result;
}

Bytes FlashCipher::run(std::uint32_t at, ByteView data, bool encrypting) const {
    if (esp32_) return run_esp32(data, encrypting);
    const std::unique_ptr<EVP_CIPHER_CTX, Release> context(EVP_CIPHER_CTX_new());
    Bytes result(round_up(data.size(), aes_block), 0xFF);
    std::ranges::copy(data, result.begin());
    for (std::size_t from = 0; from < result.size();) {
        // A piece lies within one unit; its block's place there is part of the tweak, so that any
        // 16 bytes can be written by themselves.
        const std::size_t size = std::min(aes_block, result.size() - from);
        Bytes tweak;
        append_u32(tweak, static_cast<std::uint32_t>((at + from) / unit));
        append_u32(tweak, static_cast<std::uint32_t>((at + from) % unit));
        tweak.resize(aes_block);
        int written = 0;
        if (EVP_CipherInit_ex(context.get(), EVP_aes_128_xts(), nullptr, key_.data(), tweak.data(),
                              encrypting ? 1 : 0) == 1)
            (void)EVP_CipherUpdate(context.get(), result.data() + from, &written,
                                   result.data() + from, static_cast<int>(size));
        from += size;
    }
    return result;
}

Bytes decrypted_view(const FlashCipher& cipher, ByteView flash, std::uint32_t bootloader_offset) {
    Bytes view(flash.begin(), flash.end());
    const auto open = [&](std::uint32_t from, std::uint64_t size) {
        if (from + size > view.size()) return;
        const Bytes plain = cipher.decrypt(from, flash.subspan(from, size));
        std::ranges::copy(plain, view.begin() + from);
    };
    // Decrypted as far as a table may lie, and as far as its apps begin.
    Bytes searched = view;
    const auto try_open = [&](std::uint32_t from, std::size_t size) {
        if (from + size > searched.size()) return;
        std::ranges::copy(cipher.decrypt(from, flash.subspan(from, size)), searched.begin() + from);
    };
    for (std::uint32_t at = image::first_table_place; at <= image::last_table_place;
         at += fuse_table_size)
        try_open(at, fuse_table_size);
    for (const image::PlacedTable& found : image::tables_in(0, searched))
        for (const image::Partition& one : found.table.partitions())
            if (one.is_app()) try_open(one.offset, unit);
    const std::uint32_t table_offset = table_place(searched);
    open(bootloader_offset, table_offset - bootloader_offset);
    open(table_offset, fuse_table_size);
    const auto table =
        image::PartitionTable::parse_binary(ByteView(view).subspan(table_offset, table_content));
    if (!table) return view;
    for (const image::Partition& one : table->partitions())
        if (one.is_app() || one.encrypted) open(one.offset, one.size);
    return view;
}

}  // namespace imprint::simulator
