#include "pki/device_authority.h"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <thread>

#include "base/error_code.h"
#include "base/files.h"
#include "base/process.h"
#include "pki/certificate.h"
#include "pki/subject.h"

namespace imprint::pki {
namespace {

using std::chrono::days;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* softhsm = "/usr/lib/softhsm/libsofthsm2.so";
constexpr const char* pin = "4711-canary";

class DeviceAuthorityTest : public testing::TestWithParam<KeyKind> {
  protected:
    DeviceAuthorityTest()
        : folder_(*TemporaryDirectory::create()),
          owner_(*Authority::create("Example device CA", KeyKind::ec_p256, days(30), now_)) {
        put("ca.pem", owner_.certificate_pem());
        put_secret("ca.key", owner_.key_pem().reveal_text());
    }

    [[nodiscard]] std::filesystem::path at(const std::string& name) const {
        return folder_.path() / name;
    }

    void put(const std::string& name, std::string_view text) const {
        ASSERT_TRUE(write_file(at(name), text));
    }

    void put_secret(const std::string& name, std::string_view text) const {
        ASSERT_TRUE(write_file(at(name), text, FileMode::secret));
    }

    std::string run(std::vector<std::string> command, int status = 0) const {
        const auto output = run_command({std::move(command), folder_.path(), {}});
        EXPECT_TRUE(output && output->status == status) << (output ? output->text : "");
        return output ? output->text : "";
    }

    // A SoftHSM token "factory" with the authority's key as "device-ca".
    [[nodiscard]] std::string token_uri(const std::string& pin_file = "pin") const {
        std::filesystem::create_directory(at("tokens"));
        put("softhsm2.conf", "directories.tokendir = " + at("tokens").string() + "\n");
        ::setenv("SOFTHSM2_CONF", at("softhsm2.conf").c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
        put_secret("pin", std::string(pin) + "\n");
        put_secret("wrong-pin", "0000");
        run({"openssl", "pkcs8", "-topk8", "-nocrypt", "-in", "ca.key", "-out", "ca.p8"});
        run({"softhsm2-util", "--init-token", "--free", "--label", "factory", "--pin", pin,
             "--so-pin", "12345678"});
        run({"softhsm2-util", "--import", "ca.p8", "--token", "factory", "--label", "device-ca",
             "--id", "0a01", "--pin", pin});
        std::filesystem::remove(at("ca.p8"));
        return std::string("pkcs11:token=factory;object=device-ca?module-path=") + softhsm +
               "&pin-source=file:" + at(pin_file).string();
    }

    [[nodiscard]] std::string error_of(const std::string& certificate,
                                       const std::string& key) const {
        const auto opened = DeviceAuthority::open(at(certificate), key, now_);
        EXPECT_FALSE(opened);
        return opened ? "" : opened.error().code;
    }

    [[nodiscard]] std::string issued_text(const DeviceAuthority& authority) const {
        const auto key = PrivateKey::generate(GetParam());
        const auto subject = parse_subject("CN=246f28a1b2c3, O=Example GmbH, serialNumber=L7-0001");
        const auto issued = authority.issue(*key, *subject, days(10), now_);
        EXPECT_TRUE(issued) << issued.error().describe();
        if (!issued) return {};
        put("c.pem", issued->pem);
        EXPECT_THAT(run({"openssl", "verify", "-CAfile", "ca.pem", "-purpose", "sslclient",
                         "-x509_strict", "c.pem"}),
                    HasSubstr("c.pem: OK"));
        const auto info = inspect_certificate(issued->pem);
        EXPECT_TRUE(info);
        EXPECT_EQ(info->public_pem, key->public_pem());
        EXPECT_EQ(info->id, issued->id);
        return run({"openssl", "x509", "-in", "c.pem", "-noout", "-text", "-nameopt", "RFC2253"});
    }

    const WallTime now_ = std::chrono::system_clock::now();
    TemporaryDirectory folder_;
    Authority owner_;
};

TEST_P(DeviceAuthorityTest, signs_with_a_key_from_a_file) {
    const auto authority = DeviceAuthority::open(at("ca.pem"), at("ca.key").string(), now_);
    ASSERT_TRUE(authority) << authority.error().describe();
    const std::string text = issued_text(*authority);
    EXPECT_THAT(text, HasSubstr("Subject: serialNumber=L7-0001,O=Example GmbH,CN=246f28a1b2c3"));
    EXPECT_THAT(text, HasSubstr("Issuer: CN=Example device CA"));
    EXPECT_THAT(text, HasSubstr("TLS Web Client Authentication"));
}

TEST_P(DeviceAuthorityTest, signs_with_a_key_in_a_token_from_many_threads) {
    const auto authority = DeviceAuthority::open(at("ca.pem"), token_uri(), now_);
    ASSERT_TRUE(authority) << authority.error().describe();
    EXPECT_THAT(issued_text(*authority), HasSubstr("Issuer: CN=Example device CA"));
    std::vector<std::string> issued(16);
    {
        std::vector<std::jthread> threads;
        for (auto& one : issued)
            threads.emplace_back([&] {
                const auto key = PrivateKey::generate(KeyKind::ec_p256);
                auto made = authority->issue(*key, {{"CN", "x"}}, days(1), now_);
                if (made) one = made->pem;
            });
    }
    for (const auto& pem : issued) {
        put("c.pem", pem);
        EXPECT_THAT(run({"openssl", "verify", "-CAfile", "ca.pem", "c.pem"}), HasSubstr("OK"));
    }
}

INSTANTIATE_TEST_SUITE_P(keys, DeviceAuthorityTest,
                         testing::Values(KeyKind::ec_p256, KeyKind::rsa_2048),
                         [](const auto& kind) {
                             return kind.param == KeyKind::ec_p256 ? "ec" : "rsa";
                         });

using DeviceAuthorityFaults = DeviceAuthorityTest;
INSTANTIATE_TEST_SUITE_P(once, DeviceAuthorityFaults, testing::Values(KeyKind::ec_p256));

TEST_P(DeviceAuthorityFaults, a_device_is_never_good_for_longer_than_its_authority) {
    const auto authority = DeviceAuthority::open(at("ca.pem"), at("ca.key").string(), now_);
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    const auto issued = authority->issue(*key, {{"CN", "x"}}, days(3650), now_);
    EXPECT_EQ(inspect_certificate(issued->pem)->not_after, authority->expires());
}

TEST_P(DeviceAuthorityFaults, files_that_cannot_be_used_are_told) {
    EXPECT_EQ(error_of("none.pem", at("ca.key").string()), "file_missing");
    EXPECT_EQ(error_of("ca.pem", at("none.key").string()), "file_missing");
    EXPECT_EQ(error_of("ca.key", at("ca.key").string()), "certificate_with_key");
    put_secret("both.pem", owner_.certificate_pem() + std::string(owner_.key_pem().reveal_text()));
    EXPECT_EQ(error_of("both.pem", at("both.pem").string()), "certificate_with_key");
    put_secret("other.key", PrivateKey::generate(KeyKind::ec_p256)->to_pem().reveal_text());
    EXPECT_EQ(error_of("ca.pem", at("other.key").string()), "authority_key");
    put("open.key", owner_.key_pem().reveal_text());
    EXPECT_EQ(error_of("ca.pem", at("open.key").string()), "secret_exposed");
    const auto key = PrivateKey::generate(KeyKind::ec_p256);
    put_secret("device.key", key->to_pem().reveal_text());
    put("device.pem", *owner_.issue_client(key->request("x"), days(1), now_));
    EXPECT_EQ(error_of("device.pem", at("device.key").string()), "authority_certificate");
    const auto later = DeviceAuthority::open(at("ca.pem"), at("ca.key").string(), now_ + days(31));
    ASSERT_FALSE(later);
    EXPECT_EQ(code_of(later), "authority_expired");
    const auto early = DeviceAuthority::open(at("ca.pem"), at("ca.key").string(), now_ - days(1));
    ASSERT_FALSE(early);
    EXPECT_EQ(code_of(early), "authority_not_yet_valid");
}

TEST_P(DeviceAuthorityFaults, tokens_that_cannot_be_used_are_told_without_their_pin) {
    const std::string uri = token_uri();
    const auto with = [&](const std::string& what, const std::string& by) {
        std::string changed = uri;
        changed.replace(changed.find(what), what.size(), by);
        const auto opened = DeviceAuthority::open(at("ca.pem"), changed, now_);
        EXPECT_FALSE(opened) << changed;
        if (opened) return std::string();
        EXPECT_THAT(opened.error().describe(), Not(HasSubstr(pin)));
        return opened.error().code;
    };
    EXPECT_EQ(with("token=factory", "token=other"), "token_missing");
    EXPECT_EQ(with("object=device-ca", "object=other"), "token_key_missing");
    EXPECT_EQ(with("libsofthsm2.so", "none.so"), "token_module");
    EXPECT_EQ(with("/pin", "/wrong-pin"), "token_pin");
    EXPECT_EQ(with("/pin", "/no-pin"), "file_missing");
    EXPECT_EQ(with("?module-path", "?x-module"), "token_uri");
    EXPECT_EQ(with("object=device-ca", "object=%zz"), "token_uri");
    EXPECT_EQ(with(";object=device-ca", ""), "token_uri");
    EXPECT_EQ(with("pin-source=file:", "pin-value="), "token_uri");
    EXPECT_TRUE(DeviceAuthority::open(at("ca.pem"), uri, now_)) << "and the token is not locked";
    const std::string by_id = "pkcs11:id=%0a%01?" + uri.substr(uri.find("module-path"));
    EXPECT_TRUE(DeviceAuthority::open(at("ca.pem"), by_id, now_));
}

}  // namespace
}  // namespace imprint::pki
