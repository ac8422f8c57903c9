#include "image/nvs_keys.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/aes_xts.h"
#include "base/digest.h"
#include "image/nvs_layout.h"

namespace imprint::image::nvs {

namespace {

constexpr std::size_t keys_size = AesXts256::key_size;

std::unexpected<Error> bad_keys(std::string message, std::string hint = {}) {
    return fail(ErrorKind::config, "nvs_keys", std::move(message), std::move(hint));
}

// XTS is not safe with halves that are alike, and OpenSSL refuses them.
bool halves_differ(ByteView keys) {
    return !std::ranges::equal(keys.first(keys_size / 2), keys.subspan(keys_size / 2));
}

Bytes repeated(std::uint32_t word) {
    Bytes bytes;
    for (int i = 0; i < 8; ++i)
        append_u32(bytes, word);
    return bytes;
}

bool is_filled_with(ByteView bytes, std::uint8_t value) {
    return std::ranges::all_of(bytes, [value](std::uint8_t byte) { return byte == value; });
}

}  // namespace

Result<Keys> Keys::parse(const Secret& file) {
    const ByteView bytes = file.reveal();
    if (bytes.size() < keys_size || (bytes.size() > keys_size && bytes.size() < keys_size + 4))
        return bad_keys(fmt::format("a file of NVS keys has {} bytes of keys and their CRC, and "
                                    "this one {} bytes",
                                    keys_size, bytes.size()),
                        "name the file that generate-key or --keygen wrote");
    const ByteView keys = bytes.first(keys_size);
    if (bytes.size() > keys_size && get_u32(bytes, keys_size) != checksum(keys))
        return bad_keys("the CRC of the NVS keys is wrong",
                        "name the file that generate-key or --keygen wrote");
    if (!halves_differ(keys))
        return bad_keys("both halves of the NVS keys are alike, which is no safe key",
                        "make new ones with generate-key");
    return Keys(Secret(keys));
}

Result<Keys> Keys::of_hmac_key(const Secret& key) {
    if (key.size() != hmac_key_size)
        return bad_keys(
            fmt::format("an HMAC key has {} bytes, and this one {}", hmac_key_size, key.size()),
            "name the file with the key that is burnt into the chip");
    Bytes keys;
    keys.reserve(keys_size);
    // As a device's memory has them: 5A 5A BE AE, A5 A5 DE CE.
    for (const std::uint32_t seed : {0xAEBE5A5AU, 0xCEDEA5A5U}) {
        Sha256 half = hmac_sha256(key.reveal(), repeated(seed));
        append(keys, half);
        wipe(half);
    }
    return Keys(Secret(std::move(keys)));
}

Keys Keys::random() {
    for (;;) {
        Secret keys = random_secret(keys_size);
        if (halves_differ(keys.reveal())) return Keys(std::move(keys));
    }
}

Secret Keys::partition() const {
    Bytes file(page_size, 0xFF);
    std::ranges::copy(bytes_.reveal(), file.begin());
    put_u32(file, keys_size, checksum(bytes_.reveal()));
    return Secret(std::move(file));
}

void encrypt(std::span<std::uint8_t> image, const Keys& keys) {
    AesXts256 cipher(keys.bytes(), AesXts256::Direction::encrypt);
    for (std::uint32_t page = 0; page < image.size() / page_size; ++page)
        for (std::uint32_t entry = 0; entry < entries_a_page; ++entry) {
            const ByteView whole = image.subspan(std::size_t{page} * page_size, page_size);
            if (entry_state(whole, entry) != EntryState::written) continue;
            const std::size_t at = entry_place(page, entry);
            cipher.apply(image.subspan(at, entry_size), at);
        }
}

Result<void> decrypt(std::span<std::uint8_t> image, const Keys& keys) {
    IMPRINT_CHECK(check_whole_pages(image.size()));
    AesXts256 cipher(keys.bytes(), AesXts256::Direction::decrypt);
    bool is_any_written = false;
    bool is_any_right = false;
    for (std::uint32_t page = 0; page < image.size() / page_size; ++page) {
        const ByteView whole = image.subspan(std::size_t{page} * page_size, page_size);
        for (std::uint32_t entry = 0; entry < entries_a_page; ++entry) {
            const std::size_t at = entry_place(page, entry);
            const std::span<std::uint8_t> bytes = image.subspan(at, entry_size);
            // A device fills what it erases with 00, past its encryption.
            if (is_filled_with(bytes, 0xFF) || is_filled_with(bytes, 0)) continue;
            cipher.apply(bytes, at);
            if (entry_state(whole, entry) != EntryState::written) continue;
            is_any_written = true;
            is_any_right |= get_u32(bytes, crc_at) == entry_checksum(bytes);
        }
    }
    if (is_any_written && !is_any_right)
        return bad_keys("with these NVS keys no entry of the image can be read",
                        "name the keys of this image; is it encrypted at all?");
    return {};
}

}  // namespace imprint::image::nvs
