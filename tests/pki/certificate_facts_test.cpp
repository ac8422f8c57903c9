#include <gtest/gtest.h>

#include "base/error_code.h"
#include "pki/certificate.h"

namespace imprint::pki {
namespace {

using std::chrono::days;

const WallTime now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

TEST(CertificateFacts, are_those_of_the_whole_reading) {
    for (const KeyKind kind : {KeyKind::ec_p256, KeyKind::rsa_2048}) {
        const auto authority = *Authority::create("A", kind, days(30), now);
        const auto key = PrivateKey::generate(kind);
        for (const int validity : {1, 365, 20'000}) {
            const auto pem = *authority.issue_client(key->request("board"), days(validity), now);
            const auto whole = *inspect_certificate(pem);
            const auto facts = read_certificate_facts(pem);
            ASSERT_TRUE(facts) << facts.error().describe();
            EXPECT_EQ(facts->not_before, whole.not_before);
            EXPECT_EQ(facts->not_after, whole.not_after);
            EXPECT_FALSE(facts->serial.starts_with('0'));
            EXPECT_EQ(facts->serial.find_first_not_of("0123456789abcdef"), std::string::npos);
        }
    }
}

// openssl x509 -noout -serial -dates says the same of it.
TEST(CertificateFacts, are_as_openssl_tells_them) {
    const auto facts = read_certificate_facts(
        "-----BEGIN CERTIFICATE-----\n"
        "MIIBEjCBuKADAgECAgQA8eLTMAoGCCqGSM49BAMCMBAxDjAMBgNVBAMMBWJvYXJk\n"
        "MCAXDTI2MDEwMjAzMDQwNVoYDzIwNTEwMTAyMDMwNDA1WjAQMQ4wDAYDVQQDDAVi\n"
        "b2FyZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABB7ZiGA/WX5ekTsAl/rAHJAB\n"
        "Q/pF5qjPQ9W57HCqp8e7yvRuFPFGWDfAVG3cw37qA+L6fhKu4Y0+lCUhYklpy3cw\n"
        "CgYIKoZIzj0EAwIDSQAwRgIhAPABPMQ550bfTp5h7a8kJbCexxlgSlwrTqR/YDzn\n"
        "HjO8AiEA5eNfjMThAs0u3FqN2CjCLggTZKtaGbVpOlD+N9IJMC8=\n"
        "-----END CERTIFICATE-----\n");
    ASSERT_TRUE(facts) << facts.error().describe();
    EXPECT_EQ(facts->serial, "f1e2d3");
    EXPECT_EQ(to_iso8601(facts->not_before), "2026-01-02T03:04:05.000Z");
    EXPECT_EQ(to_iso8601(facts->not_after), "2051-01-02T03:04:05.000Z") << "a GeneralizedTime";
}

TEST(CertificateFacts, what_is_no_certificate_or_not_whole_is_told) {
    const auto authority = *Authority::create("A", KeyKind::ec_p256, days(30), now);
    const std::string& pem = authority.certificate_pem();
    EXPECT_EQ(code_of(read_certificate_facts("")), "certificate_damaged");
    EXPECT_EQ(code_of(read_certificate_facts(PrivateKey::generate(KeyKind::ec_p256)->public_pem())),
              "certificate_damaged");
    const std::string head = "-----BEGIN CERTIFICATE-----\n";
    const std::string body = pem.substr(head.size(), pem.find("\n-----END") - head.size());
    for (std::size_t kept = 0; kept < 160; kept += 4) {
        const auto cut = head + body.substr(0, kept) + "\n-----END CERTIFICATE-----\n";
        EXPECT_EQ(code_of(read_certificate_facts(cut)), "certificate_damaged") << kept;
    }
}

}  // namespace
}  // namespace imprint::pki
