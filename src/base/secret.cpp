#include "base/secret.h"

#include <openssl/crypto.h>
#include <utility>

namespace imprint {

void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty()) OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::string& text) {
    wipe(std::span(reinterpret_cast<std::uint8_t*>(text.data()), text.size()));
}

Secret::Secret(std::string_view text) : Secret(as_bytes(text)) {}

Secret::Secret(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}

Secret::Secret(Bytes&& bytes) noexcept : bytes_(std::move(bytes)) {}

Secret::~Secret() {
    wipe(bytes_);
}

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe(bytes_);
        bytes_ = std::exchange(other.bytes_, {});
    }
    return *this;
}

Secret Secret::copy() const {
    return Secret(ByteView(bytes_));
}

}  // namespace imprint
