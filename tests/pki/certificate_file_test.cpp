#include "pki/certificate_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "base/process.h"

namespace imprint::pki {
namespace {

using std::chrono::days;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* setting = "identity.ca.certificate";

class CertificateFileTest : public testing::Test {
  protected:
    CertificateFileTest()
        : folder_(*TemporaryDirectory::create()),
          first_(*Authority::create("First", KeyKind::ec_p256, days(30), now_)),
          second_(*Authority::create("Second", KeyKind::ec_p256, days(300), now_)) {}

    [[nodiscard]] std::filesystem::path file() const { return folder_.path() / "certificate.pem"; }

    void put(ByteView content) const { ASSERT_TRUE(write_file(file(), content)); }

    void put(std::string_view text) const { put(as_bytes(text)); }

    [[nodiscard]] Result<CertificateFile> read() const {
        return read_certificates(file(), setting);
    }

    [[nodiscard]] std::string error_of(std::string_view text) const {
        put(text);
        const auto got = read();
        return got ? "none" : got.error().code;
    }

    [[nodiscard]] std::string authority_error_of(std::string_view text) const {
        put(text);
        const auto got = read_authority(file(), setting);
        return got ? "none" : got.error().code;
    }

    [[nodiscard]] Bytes der() const {
        put(first_.certificate_pem());
        const auto done = run_command({{"openssl", "x509", "-in", file(), "-outform", "DER", "-out",
                                        folder_.path() / "certificate.der"},
                                       folder_.path(),
                                       {}});
        EXPECT_TRUE(done && done->status == 0);
        return read_file(folder_.path() / "certificate.der").value_or(Bytes{});
    }

    const WallTime now_ = std::chrono::system_clock::now();
    TemporaryDirectory folder_;
    Authority first_;
    Authority second_;
};

TEST_F(CertificateFileTest, a_private_key_anywhere_in_the_file_is_refused_with_file_and_key_named) {
    const std::string certificate = first_.certificate_pem();
    const std::string key(first_.key_pem().reveal_text());
    for (const std::string& text :
         {certificate + key, key + certificate, certificate + "some words\n" + key + certificate,
          certificate + key.substr(0, key.size() / 2),  // cut short it tells most of itself
          "  " + key + certificate, key}) {
        EXPECT_EQ(error_of(text), "certificate_with_key") << text;
        EXPECT_EQ(authority_error_of(text), "certificate_with_key") << text;
    }
    for (const char* label : {"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY",
                              "OPENSSH PRIVATE KEY", "ANY PRIVATE KEY"}) {
        EXPECT_EQ(error_of(certificate + "-----BEGIN " + label + "-----\nQUJD\n-----END " + label +
                           "-----\n"),
                  "certificate_with_key")
            << label;
    }
    put(certificate + key);
    EXPECT_THAT(read().error().describe(), HasSubstr(file().string()));
    EXPECT_THAT(read().error().describe(), HasSubstr(setting));
    EXPECT_THAT(read().error().describe(), testing::Not(HasSubstr(key.substr(40, 20))));
}

TEST_F(CertificateFileTest, of_a_file_nothing_but_its_certificates_comes_out) {
    const std::string text = "Bag Attributes\n  friendlyName: CANARY\n" + first_.certificate_pem() +
                             "-----BEGIN PUBLIC KEY-----\nQUJD\n-----END PUBLIC KEY-----\n# word\n";
    put(text);
    const auto got = read();
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(got->pem, first_.certificate_pem());
    std::string windows = text;
    for (std::size_t at = 0; (at = windows.find('\n', at)) != std::string::npos; at += 2)
        windows.replace(at, 1, "\r\n");
    put(windows);
    EXPECT_EQ(read()->pem, first_.certificate_pem());
}

TEST_F(CertificateFileTest, a_bundle_keeps_each_in_its_order) {
    put(second_.certificate_pem() + "and\n" + first_.certificate_pem());
    const auto got = read();
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(got->pem, second_.certificate_pem() + first_.certificate_pem());
    ASSERT_EQ(got->certificates.size(), 2U);
    EXPECT_EQ(got->certificates[0].subject, "CN=Second");
}

TEST_F(CertificateFileTest, der_is_read_too) {
    Bytes bytes = der();
    put(ByteView(bytes));
    const auto got = read();
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(got->pem, first_.certificate_pem());
    bytes.push_back(0);
    put(ByteView(bytes));
    EXPECT_EQ(code_of(read()), "certificate_damaged");
}

TEST_F(CertificateFileTest, one_damaged_among_good_ones_is_an_error) {
    std::string damaged = first_.certificate_pem();
    damaged.erase(damaged.find('\n') + 10, 7);
    EXPECT_EQ(error_of(second_.certificate_pem() + damaged), "certificate_damaged");
    EXPECT_EQ(error_of(damaged + second_.certificate_pem()), "certificate_damaged");
    EXPECT_EQ(error_of(second_.certificate_pem().substr(0, second_.certificate_pem().size() - 30)),
              "certificate_damaged");
    EXPECT_EQ(error_of(""), "certificate_damaged");
    EXPECT_EQ(error_of("not a certificate"), "certificate_damaged");
    std::filesystem::remove(file());
    EXPECT_EQ(code_of(read()), "file_missing");
}

TEST_F(CertificateFileTest, an_authority_is_one_certificate_that_may_sign) {
    EXPECT_EQ(authority_error_of(first_.certificate_pem()), "none");
    EXPECT_EQ(authority_error_of(first_.certificate_pem() + second_.certificate_pem()),
              "certificate_several");
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    EXPECT_EQ(authority_error_of(*first_.issue_client(key->request("x"), days(1), now_)),
              "authority_certificate");
}

TEST_F(CertificateFileTest, dates_are_told) {
    put(first_.certificate_pem() + second_.certificate_pem());
    const auto both = read();
    ASSERT_TRUE(both);
    EXPECT_THAT(validity_notes(*both, file(), now_), IsEmpty());
    EXPECT_THAT(validity_notes(*both, file(), now_ + days(31)),
                ElementsAre(testing::AllOf(HasSubstr("CN=First"), HasSubstr("was good until"))));
    EXPECT_THAT(validity_notes(*both, file(), now_ - days(1)),
                ElementsAre(HasSubstr("is not good before"), HasSubstr("is not good before")));
    EXPECT_TRUE(check_validity(*both, file(), now_));
    EXPECT_EQ(code_of(check_validity(*both, file(), now_ + days(31))), "authority_expired");
    EXPECT_EQ(code_of(check_validity(*both, file(), now_ - days(1))), "authority_not_yet_valid");
}

}  // namespace
}  // namespace imprint::pki
