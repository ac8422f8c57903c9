#include "pki/key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error_code.h"
#include "base/files.h"
#include "base/process.h"
#include "pki/certificate.h"

namespace imprint::pki {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The openssl command is the witness: it shares no line with our code.
class KeyTest : public testing::TestWithParam<KeyKind> {
  protected:
    KeyTest() : folder_(*TemporaryDirectory::create()) {}

    [[nodiscard]] CommandOutput openssl(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), "openssl");
        auto output = run_command({std::move(arguments), folder_.path(), {}});
        EXPECT_TRUE(output);
        return output ? *output : CommandOutput{127, ""};
    }

    TemporaryDirectory folder_;
};

TEST_P(KeyTest, is_read_by_openssl_and_matches_its_public_half) {
    const auto key = PrivateKey::generate(GetParam());
    ASSERT_TRUE(key);
    ASSERT_TRUE(write_file(folder_.path() / "key.pem", key->to_pem().reveal(), FileMode::secret));
    const auto output = openssl({"pkey", "-in", "key.pem", "-pubout"});
    EXPECT_EQ(output.status, 0) << output.text;
    EXPECT_EQ(output.text, key->public_pem());
}

TEST_P(KeyTest, is_in_the_form_that_a_device_reads) {
    const auto key = PrivateKey::generate(GetParam());
    const Secret pem = key->to_pem();
    EXPECT_THAT(std::string(pem.reveal_text()),
                StartsWith(GetParam() == KeyKind::ec_p256 ? "-----BEGIN EC PRIVATE KEY-----"
                                                          : "-----BEGIN RSA PRIVATE KEY-----"));
}

TEST_P(KeyTest, comes_back_from_its_pem) {
    const auto key = PrivateKey::generate(GetParam());
    const auto again = PrivateKey::from_pem(key->to_pem());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->public_pem(), key->public_pem());
}

TEST_P(KeyTest, its_request_verifies_and_names_the_thing) {
    const auto key = PrivateKey::generate(GetParam());
    ASSERT_TRUE(write_file(folder_.path() / "r.pem", key->request("246f28aabbcc")));
    const auto output = openssl({"req", "-in", "r.pem", "-noout", "-verify", "-subject"});
    EXPECT_EQ(output.status, 0);
    EXPECT_THAT(output.text, HasSubstr("verify OK"));
    EXPECT_THAT(output.text, HasSubstr("CN = 246f28aabbcc"));
}

// AWS IoT's thing names have up to 128 characters, a common name 64 (X.520).
TEST_P(KeyTest, a_request_takes_any_name) {
    const auto key = PrivateKey::generate(GetParam());
    const std::string ae = "\xc3\xa4";
    std::string umlauts;
    for (int i = 0; i < 65; ++i)
        umlauts += ae;
    const std::vector<std::pair<std::string, std::string>> names = {
        {std::string(128, 'n'), "CN=" + std::string(64, 'n') + "\n"},
        {std::string(64, 'n'), "CN=" + std::string(64, 'n') + "\n"},
        {umlauts, "CN=" + umlauts.substr(0, 128) + "\n"},
        {"\xff\xfe", "CN=\xc3\xbf\xc3\xbe\n"},
        {"", "subject=\n"},
    };
    for (const auto& [name, subject] : names) {
        ASSERT_TRUE(write_file(folder_.path() / "r.pem", key->request(name)));
        const auto output = openssl({"req", "-in", "r.pem", "-noout", "-verify", "-subject",
                                     "-nameopt", "utf8,sep_comma_plus"});
        EXPECT_EQ(output.status, 0) << output.text;
        EXPECT_THAT(output.text, HasSubstr("verify OK"));
        EXPECT_THAT(output.text, HasSubstr(subject));
    }
}

class EcKeyTest : public testing::Test {
  protected:
    EcKeyTest() : folder_(*TemporaryDirectory::create()) {}

    TemporaryDirectory folder_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, KeyTest, testing::Values(KeyKind::ec_p256, KeyKind::rsa_2048),
                         [](const auto& kind) {
                             return kind.param == KeyKind::ec_p256 ? "ec_p256" : "rsa_2048";
                         });

TEST_F(EcKeyTest, is_written_byte_for_byte_as_openssl_writes_it) {
    for (int i = 0; i < 20; ++i) {
        const auto key = PrivateKey::generate(KeyKind::ec_p256);
        const Secret pem = key->to_pem();
        ASSERT_TRUE(write_file(folder_.path() / "key.pem", pem.reveal(), FileMode::secret));
        const auto output = run_command(
            {{"openssl", "pkey", "-in", "key.pem", "-traditional"}, folder_.path(), {}});
        ASSERT_TRUE(output);
        EXPECT_EQ(output->text, pem.reveal_text());
    }
}

TEST(Key, two_keys_differ) {
    EXPECT_NE(PrivateKey::generate(KeyKind::ec_p256)->public_pem(),
              PrivateKey::generate(KeyKind::ec_p256)->public_pem());
}

TEST(Key, a_damaged_one_is_refused_without_telling_what_it_held) {
    const auto key = PrivateKey::from_pem(
        Secret(std::string_view("-----BEGIN EC PRIVATE KEY-----\nY2FuYXJ5\n-----END EC PRIVATE "
                                "KEY-----\n")));
    ASSERT_FALSE(key);
    EXPECT_EQ(code_of(key), "key_damaged");
    EXPECT_THAT(key.error().describe(), testing::Not(HasSubstr("Y2FuYXJ5")));
}

TEST(Key, kinds_have_names) {
    EXPECT_EQ(*parse_key_kind("ec-p256"), KeyKind::ec_p256);
    EXPECT_EQ(*parse_key_kind(to_string(KeyKind::rsa_2048)), KeyKind::rsa_2048);
    EXPECT_EQ(code_of(parse_key_kind("dsa")), "key_kind");
}

}  // namespace
}  // namespace imprint::pki
