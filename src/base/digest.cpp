#include "base/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdexcept>

namespace imprint {

namespace {

template <typename Digest>
Digest digest(const EVP_MD* kind, ByteView bytes) {
    Digest out{};
    unsigned int size = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, kind, nullptr) != 1 ||
        size != out.size())
        throw std::logic_error("OpenSSL offers no such digest");
    return out;
}

constexpr std::array<std::uint32_t, 256> crc_table = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit)
            value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
        table[i] = value;
    }
    return table;
}();

}  // namespace

Md5 md5(ByteView bytes) {
    return digest<Md5>(EVP_md5(), bytes);
}

Sha1 sha1(ByteView bytes) {
    return digest<Sha1>(EVP_sha1(), bytes);
}

Sha256 sha256(ByteView bytes) {
    return digest<Sha256>(EVP_sha256(), bytes);
}

Sha256 hmac_sha256(ByteView key, ByteView bytes) {
    Sha256 out{};
    unsigned int size = 0;
    // An empty key is a key; to OpenSSL a null pointer is none.
    if (key.data() == nullptr) key = as_bytes("").first(0);
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(),
             out.data(), &size) == nullptr)
        throw std::logic_error("OpenSSL offers no HMAC-SHA-256");
    return out;
}

std::array<std::uint8_t, 32> pbkdf2_sha1(std::string_view password, ByteView salt,
                                         unsigned rounds) {
    std::array<std::uint8_t, 32> out{};
    if (PKCS5_PBKDF2_HMAC_SHA1(password.data(), static_cast<int>(password.size()), salt.data(),
                               static_cast<int>(salt.size()), static_cast<int>(rounds),
                               static_cast<int>(out.size()), out.data()) != 1)
        throw std::logic_error("OpenSSL offers no PBKDF2");
    return out;
}

std::uint32_t crc32(ByteView bytes, std::uint32_t seed) {
    std::uint32_t value = ~seed;
    for (const std::uint8_t byte : bytes)
        value = crc_table[(value ^ byte) & 0xFF] ^ (value >> 8);
    return ~value;
}

}  // namespace imprint
