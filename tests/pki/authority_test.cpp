#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

#include "base/error_code.h"
#include "base/files.h"
#include "base/process.h"
#include "pki/certificate.h"

namespace imprint::pki {
namespace {

using std::chrono::days;
using ::testing::HasSubstr;

class AuthorityTest : public testing::Test {
  protected:
    AuthorityTest()
        : folder_(*TemporaryDirectory::create()),
          authority_(*Authority::create("Test authority", KeyKind::ec_p256, days(30), now_)) {
        EXPECT_TRUE(write_file(folder_.path() / "ca.pem", authority_.certificate_pem()));
    }

    [[nodiscard]] std::string openssl(std::vector<std::string> arguments, int status = 0) const {
        arguments.insert(arguments.begin(), "openssl");
        const auto output = run_command({std::move(arguments), folder_.path(), {}});
        EXPECT_TRUE(output && output->status == status) << (output ? output->text : "");
        return output ? output->text : "";
    }

    const WallTime now_ = std::chrono::system_clock::now();
    TemporaryDirectory folder_;
    Authority authority_;
};

TEST_F(AuthorityTest, a_devices_certificate_verifies_for_a_client_and_for_nothing_else) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const auto pem = authority_.issue_client(key->request("246f28aabbcc"), days(10), now_);
    ASSERT_TRUE(pem) << pem.error().describe();
    ASSERT_TRUE(write_file(folder_.path() / "c.pem", *pem));
    EXPECT_THAT(
        openssl({"verify", "-CAfile", "ca.pem", "-purpose", "sslclient", "-x509_strict", "c.pem"}),
        HasSubstr("c.pem: OK"));
    EXPECT_THAT(openssl({"verify", "-CAfile", "ca.pem", "-purpose", "sslserver", "c.pem"}, 2),
                HasSubstr("unsuitable certificate purpose"));
    const auto info = inspect_certificate(*pem);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->subject_common_name, "246f28aabbcc");
    EXPECT_EQ(info->public_pem, key->public_pem());
    EXPECT_LE(info->not_before, now_);
    EXPECT_GE(info->not_after, now_ + days(10) - std::chrono::seconds(1));
}

TEST_F(AuthorityTest, whose_certificate_it_is_is_told_by_name_and_signature) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const auto pem = authority_.issue_client(key->request("board"), days(10), now_);
    const auto info = inspect_certificate(*pem);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->subject, "CN=board");
    EXPECT_EQ(info->issuer, "CN=Test authority");
    EXPECT_FALSE(info->authority);
    EXPECT_TRUE(inspect_certificate(authority_.certificate_pem())->authority);

    EXPECT_TRUE(*is_issued_by(*pem, authority_.certificate_pem()));
    EXPECT_FALSE(*is_issued_by(authority_.certificate_pem(), *pem));
    for (const char* name : {"Test authority", "Another"}) {
        const auto other = Authority::create(name, KeyKind::ec_p256, days(30), now_);
        EXPECT_FALSE(*is_issued_by(*pem, other->certificate_pem())) << name;
    }
    EXPECT_EQ(code_of(is_issued_by(*pem, "none")), "certificate_damaged");
    EXPECT_EQ(code_of(is_issued_by("none", *pem)), "certificate_damaged");
}

TEST_F(AuthorityTest, the_certificate_id_is_the_sha_256_of_the_der_form) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const auto pem = authority_.issue_client(key->request("x"), days(10), now_);
    ASSERT_TRUE(write_file(folder_.path() / "c.pem", *pem));
    std::string fingerprint =
        openssl({"x509", "-in", "c.pem", "-noout", "-fingerprint", "-sha256"});
    fingerprint = fingerprint.substr(fingerprint.find('=') + 1);
    std::string id;
    for (const char c : fingerprint)
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0)
            id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(inspect_certificate(*pem)->id, id);
}

TEST_F(AuthorityTest, a_servers_certificate_carries_its_names) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const auto pem =
        authority_.issue_server(*key, {{"localhost"}, {"127.0.0.1", "::1"}}, days(10), now_);
    ASSERT_TRUE(pem);
    ASSERT_TRUE(write_file(folder_.path() / "s.pem", *pem));
    EXPECT_THAT(openssl({"verify", "-CAfile", "ca.pem", "-purpose", "sslserver", "-verify_ip",
                         "127.0.0.1", "s.pem"}),
                HasSubstr("OK"));
    EXPECT_THAT(openssl({"verify", "-CAfile", "ca.pem", "-verify_hostname", "localhost", "s.pem"}),
                HasSubstr("OK"));
}

TEST_F(AuthorityTest, a_servers_name_that_is_none_is_refused) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const std::vector<ServerNames> wrong = {
        {},
        {{""}, {}},
        // What a comma would add in OpenSSL's own notation.
        {{"localhost,DNS:example.com"}, {}},
        {{"local host"}, {}},
        {{"localhost"}, {"127.0.0.256"}},
        {{}, {"localhost"}},
    };
    for (const auto& names : wrong) {
        const auto pem = authority_.issue_server(*key, names, days(1), now_);
        ASSERT_FALSE(pem);
        EXPECT_EQ(code_of(pem), "request_invalid");
        EXPECT_EQ(pem.error().kind, ErrorKind::config);
    }
}

TEST_F(AuthorityTest, says_what_it_may_and_what_its_certificates_may) {
    EXPECT_THAT(
        openssl({"x509", "-in", "ca.pem", "-noout", "-text"}),
        testing::AllOf(HasSubstr("CA:TRUE, pathlen:0"), HasSubstr("Certificate Sign, CRL Sign")));
    const auto key = PrivateKey::generate(KeyKind::rsa_2048);
    const auto pem = authority_.issue_client(key->request("x"), days(1), now_);
    ASSERT_TRUE(pem && write_file(folder_.path() / "c.pem", *pem));
    EXPECT_THAT(openssl({"x509", "-in", "c.pem", "-noout", "-text"}),
                testing::AllOf(HasSubstr("CA:FALSE"), HasSubstr("TLS Web Client Authentication"),
                               testing::Not(HasSubstr("TLS Web Server Authentication"))));
}

TEST_F(AuthorityTest, serial_numbers_are_positive_of_16_octets_and_never_the_same) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const std::string request = key->request("x");
    std::set<std::string> serials;
    for (int i = 0; i < 20; ++i) {
        const auto pem = authority_.issue_client(request, days(1), now_);
        ASSERT_TRUE(pem && write_file(folder_.path() / "c.pem", *pem));
        std::string serial = openssl({"x509", "-in", "c.pem", "-noout", "-serial"});
        serial = serial.substr(serial.find('=') + 1, serial.find('\n') - serial.find('=') - 1);
        EXPECT_EQ(serial.size(), 32U) << serial;  // a leading '-' would be a 33rd
        serials.insert(serial);
    }
    EXPECT_EQ(serials.size(), 20U);
}

TEST_F(AuthorityTest, a_request_with_a_wrong_signature_is_refused) {
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    std::string request = key->request("246f28aabbcc");
    // Turn one character in the middle of the base64, inside the subject or the key.
    char& c = request[request.size() / 2];
    c = c == 'A' ? 'B' : 'A';
    const auto pem = authority_.issue_client(request, days(1), now_);
    ASSERT_FALSE(pem);
    EXPECT_EQ(code_of(pem), "request_invalid");
    EXPECT_EQ(code_of(authority_.issue_client("nonsense", days(1), now_)), "request_invalid");
}

TEST_F(AuthorityTest, comes_back_from_its_two_files) {
    const auto again = Authority::load(authority_.certificate_pem(), authority_.key_pem());
    ASSERT_TRUE(again);
    const auto key = PrivateKey::generate(KeyKind::rsa_2048);
    const auto pem = again->issue_client(key->request("x"), days(1), now_);
    ASSERT_TRUE(write_file(folder_.path() / "c.pem", *pem));
    EXPECT_THAT(openssl({"verify", "-CAfile", "ca.pem", "c.pem"}), HasSubstr("OK"));
}

TEST_F(AuthorityTest, a_pair_that_does_not_belong_together_is_refused) {
    const auto other = PrivateKey::generate(KeyKind::ec_p256);
    EXPECT_EQ(code_of(Authority::load(authority_.certificate_pem(), other->to_pem())),
              "authority_key");
    const auto leaf = authority_.issue_client(other->request("x"), days(1), now_);
    EXPECT_EQ(code_of(Authority::load(*leaf, other->to_pem())), "authority_certificate");
}

TEST(Certificate, an_unreadable_one_is_told) {
    EXPECT_EQ(code_of(inspect_certificate("")), "certificate_damaged");
    EXPECT_EQ(code_of(inspect_certificate(
                  "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
              "certificate_damaged");
}

}  // namespace
}  // namespace imprint::pki
