#include "image_tool/private_key.h"

#include <gtest/gtest.h>

namespace imprint::image_tool {
namespace {

TEST(PrivateKey, is_known_by_its_pem_header) {
    for (const char* text :
         {"-----BEGIN PRIVATE KEY-----\nxyz", "-----BEGIN RSA PRIVATE KEY-----\n",
          "# my key\n-----BEGIN EC PRIVATE KEY-----\n", "-----BEGIN ENCRYPTED PRIVATE KEY-----"})
        EXPECT_TRUE(looks_like_private_key("/a.pem", as_bytes(text))) << text;
    EXPECT_FALSE(looks_like_private_key("/a.pem", as_bytes("-----BEGIN CERTIFICATE-----\n")));
    EXPECT_FALSE(looks_like_private_key("/a.pem", as_bytes("-----BEGIN PUBLIC KEY-----\n")));
    EXPECT_FALSE(looks_like_private_key("/a.pem", {}));
}

TEST(PrivateKey, is_known_by_its_name) {
    EXPECT_TRUE(looks_like_private_key("/private.pem.key", {}));
    EXPECT_TRUE(looks_like_private_key("/certs/Private.DER", {}));
    EXPECT_TRUE(looks_like_private_key("/device.KEY", {}));
    EXPECT_FALSE(looks_like_private_key("/private/readme.txt", {}));
    EXPECT_FALSE(looks_like_private_key("/keyboard.txt", {}));
}

TEST(PrivateKey, is_known_by_its_der) {
    const auto der = [](const char* hex) { return from_hex(hex).value(); };
    // The beginnings of PKCS#8, PKCS#1 and SEC 1; then of a certificate and of a public key.
    EXPECT_TRUE(looks_like_private_key("/k", der("308204bd020100300d06092a864886f70d")));
    EXPECT_TRUE(looks_like_private_key("/k", der("308204a30201000282010100c0ffee00")));
    EXPECT_TRUE(looks_like_private_key("/k", der("30770201010420aabbccddeeff001122")));
    EXPECT_FALSE(looks_like_private_key("/k", der("308203a13082028900a0030201020209")));
    EXPECT_FALSE(looks_like_private_key("/k", der("3059301306072a8648ce3d020106082a")));
    EXPECT_FALSE(looks_like_private_key("/k", der("30ff0201000420aabbccddeeff001122")));
    EXPECT_FALSE(looks_like_private_key("/k", der("3077020101")));
}

}  // namespace
}  // namespace imprint::image_tool
