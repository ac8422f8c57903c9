// Looks into each block of memory as OpenSSL frees it: a private key must not be in it any more.
#include <algorithm>
#include <cstdlib>
#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/crypto.h>

#include "pki/certificate.h"
#include "pki/key.h"

namespace imprint::pki {
namespace {

bool watching = false;
int seen = 0;
std::string piece_of_pem;  // from the middle of the key's base64

void* take(std::size_t size, const char*, int) {
    return std::calloc(1, size);  // what was never written must not look like a secret
}

void release(void* block, const char*, int) {
    if (watching && block != nullptr) {
        const std::string_view text(static_cast<const char*>(block), malloc_usable_size(block));
        if (text.contains(piece_of_pem)) ++seen;
    }
    std::free(block);
}

void* change(void* block, std::size_t size, const char* file, int line) {
    if (block == nullptr) return take(size, file, line);
    void* larger = take(size, file, line);
    if (larger == nullptr) return nullptr;
    const std::size_t had = malloc_usable_size(block);
    std::copy_n(static_cast<const char*>(block), std::min(had, size), static_cast<char*>(larger));
    release(block, file, line);
    return larger;
}

// Before anything of OpenSSL runs.
const bool taken_over = CRYPTO_set_mem_functions(take, change, release) == 1;

class KeyMemory : public testing::TestWithParam<KeyKind> {};

TEST_P(KeyMemory, openssl_frees_no_block_with_the_key_in_it) {
    ASSERT_TRUE(taken_over);
    const auto key = PrivateKey::generate(GetParam());
    ASSERT_TRUE(key);
    const Secret known = key->to_pem();
    piece_of_pem = known.reveal_text().substr(known.size() / 2, 24);
    ASSERT_EQ(piece_of_pem.find('\n'), std::string::npos);

    seen = 0;
    watching = true;
    {
        void* block = take(64, "", 0);
        std::copy(piece_of_pem.begin(), piece_of_pem.end(), static_cast<char*>(block));
        release(block, "", 0);
    }
    EXPECT_EQ(seen, 1) << "the watch sees nothing";

    seen = 0;
    {
        const Secret again = key->to_pem();
        const auto read = PrivateKey::from_pem(again);
        ASSERT_TRUE(read);
        const auto authority =
            Authority::create("Test", GetParam(), std::chrono::days(1), WallTime{});
        EXPECT_TRUE(authority->issue_client(read->request("x"), std::chrono::days(1), WallTime{}));
    }
    watching = false;
    EXPECT_EQ(seen, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, KeyMemory, testing::Values(KeyKind::ec_p256, KeyKind::rsa_2048),
                         [](const auto& kind) {
                             return kind.param == KeyKind::ec_p256 ? "ec_p256" : "rsa_2048";
                         });

}  // namespace
}  // namespace imprint::pki
