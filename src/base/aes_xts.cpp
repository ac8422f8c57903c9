#include "base/aes_xts.h"

#include <array>
#include <openssl/evp.h>
#include <stdexcept>

namespace imprint {

void AesXts256::Free::operator()(evp_cipher_ctx_st* context) const {
    EVP_CIPHER_CTX_free(context);
}

AesXts256::AesXts256(const Secret& key, Direction direction) : context_(EVP_CIPHER_CTX_new()) {
    if (key.size() != key_size) throw std::logic_error("a key of another size for AES-256-XTS");
    if (context_ == nullptr ||
        EVP_CipherInit_ex(context_.get(), EVP_aes_256_xts(), nullptr, key.reveal().data(), nullptr,
                          direction == Direction::encrypt ? 1 : 0) != 1)
        throw std::logic_error("OpenSSL offers no AES-256-XTS, or not for this key");
}

void AesXts256::apply(std::span<std::uint8_t> unit, std::uint64_t number) {
    std::array<std::uint8_t, 16> tweak{};
    for (std::size_t i = 0; i < 8; ++i)
        tweak.at(i) = static_cast<std::uint8_t>(number >> (8 * i));
    int size = 0;
    // A direction of -1 keeps key and direction.
    if (EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, tweak.data(), -1) != 1 ||
        EVP_CipherUpdate(context_.get(), unit.data(), &size, unit.data(),
                         static_cast<int>(unit.size())) != 1 ||
        static_cast<std::size_t>(size) != unit.size())
        throw std::logic_error("AES-256-XTS failed");
}

}  // namespace imprint
