// AES-256 block by block, as a chip's library gives it to the firmware's reader of encrypted NVS.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <openssl/evp.h>

#include "base/bytes.h"
#include "imprint_identity/nvs_encrypted.h"

namespace imprint::image::nvs {

class AesBlocks {
  public:
    // Of 64 bytes: the key of the data, then that of the tweak.
    explicit AesBlocks(ByteView keys)
        : data_(begin(keys.first(32), 0)), tweak_(begin(keys.subspan(32, 32), 1)) {}

    [[nodiscard]] imprint_identity::nvs::Cipher cipher() {
        using imprint_identity::nvs::Cipher;
        return {[](void* self, Cipher::Block& block) {
                    return static_cast<AesBlocks*>(self)->apply(
                        static_cast<AesBlocks*>(self)->data_.get(), block);
                },
                [](void* self, Cipher::Block& block) {
                    return static_cast<AesBlocks*>(self)->apply(
                        static_cast<AesBlocks*>(self)->tweak_.get(), block);
                },
                this};
    }

    bool works = true;

  private:
    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };

    using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

    static Context begin(ByteView key, int encrypts) {
        Context context(EVP_CIPHER_CTX_new());
        EVP_CipherInit_ex(context.get(), EVP_aes_256_ecb(), nullptr, key.data(), nullptr, encrypts);
        EVP_CIPHER_CTX_set_padding(context.get(), 0);
        return context;
    }

    bool apply(EVP_CIPHER_CTX* context, imprint_identity::nvs::Cipher::Block& block) const {
        std::array<std::uint8_t, 16> out{};
        int size = 0;
        if (!works || EVP_CipherUpdate(context, out.data(), &size, std::begin(block), 16) != 1 ||
            size != 16)
            return false;
        std::ranges::copy(out, std::begin(block));
        return true;
    }

    Context data_;
    Context tweak_;
};

}  // namespace imprint::image::nvs
