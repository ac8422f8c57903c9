#include "pki/openssl.h"

#include <algorithm>
#include <ctime>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdexcept>

namespace imprint::pki {

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "no reason given" : reason;
}

void must(bool worked, const char* what) {
    if (!worked)
        throw std::runtime_error(std::string("OpenSSL: ") + what + ": " + openssl_reason());
}

Bio read_only_bio(std::string_view text) {
    Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    must(bio != nullptr, "memory");
    return bio;
}

Bio plain_bio() {
    Bio bio(BIO_new(BIO_s_mem()));
    must(bio != nullptr, "memory");
    return bio;
}

Bio secret_bio() {
    Bio bio(BIO_new(BIO_s_secmem()));
    must(bio != nullptr, "memory");
    return bio;
}

namespace {

ByteView content_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

std::string text_of(BIO* bio) {
    return std::string(as_text(content_of(bio)));
}

Secret secret_of(BIO* bio) {
    const ByteView content = content_of(bio);
    Secret secret(content);
    // A "secure" BIO is wiped by OpenSSL only where its secure heap is on: do it here as well.
    wipe({const_cast<std::uint8_t*>(content.data()), content.size()});
    return secret;
}

std::optional<P256> p256_of(EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
    std::array<char, 32> group{};
    std::size_t length = 0;
    P256 numbers;
    const bool read =
        EVP_PKEY_get_group_name(key, group.data(), group.size(), &length) == 1 &&
        std::string_view(group.data(), length) == "prime256v1" &&
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, numbers.point.data(),
                                        numbers.point.size(), &length) == 1 &&
        length == numbers.point.size() && numbers.point[0] == 4;
    if (read) return numbers;
    ERR_clear_error();
    return std::nullopt;
}

std::string public_pem_of(EVP_PKEY* key) {
    const Bio bio = plain_bio();
    must(PEM_write_bio_PUBKEY(bio.get(), key) == 1, "writing a public key");
    return text_of(bio.get());
}

void set_common_name(X509_NAME* name, std::string_view text) {
    constexpr std::size_t most = 64;
    std::size_t characters = 0;
    std::size_t end = 0;
    // A byte 10xxxxxx continues a character of UTF-8.
    for (; end < text.size(); ++end)
        if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U && ++characters > most) break;
    if (end == 0) return;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    const int size = static_cast<int>(end);
    if (X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, bytes, size, -1, 0) == 1) return;
    ERR_clear_error();  // not UTF-8: each byte is a character
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes,
                                    std::min(size, static_cast<int>(most)), -1, 0) == 1,
         "setting a name");
}

X509Certificate read_certificate(std::string_view pem) {
    const Bio bio = read_only_bio(pem);
    return X509Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

std::optional<WallTime> wall_time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
    return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace imprint::pki
