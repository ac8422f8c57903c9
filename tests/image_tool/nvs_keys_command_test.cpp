#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/error_code.h"
#include "image_tool/nvs_commands.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

class NvsKeysCommand : public testing::Scratch {
  protected:
    NvsKeysCommand() {
        put("in.csv", "key,type,encoding,value\nn,namespace,,\nk,data,u8,5\n");
        keys_.outdir = at("");
        encrypt_.image.inputs = {at("in.csv")};
        encrypt_.image.output = "out.bin";
        encrypt_.image.size = 0x3000;
        encrypt_.image.outdir = at("");
        encrypt_.keys.outdir = at("");
    }

    [[nodiscard]] std::string value_with(const fs::path& keys) const {
        const auto report = decrypt_nvs({at("out.bin"), keys, at("plain.bin"), {}});
        if (!report) return report.error().code;
        const auto contents = image::nvs::read(read_file(at("plain.bin")).value()).value();
        return image::nvs::number_text(contents.namespaces.front().entries.front());
    }

    NvsKeyCommand keys_;
    NvsEncryptCommand encrypt_;
};

TEST_F(NvsKeysCommand, keys_are_written_for_their_owner_alone) {
    keys_.keyfile = "mine";
    const auto report = generate_nvs_key(keys_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(report->keyfile, at("keys/mine.bin"));
    EXPECT_EQ(mode_of(at("keys/mine.bin")), 0600U);
    EXPECT_EQ(mode_of(at("keys")), 0700U);
    EXPECT_EQ(fs::file_size(at("keys/mine.bin")), 4096U);
    EXPECT_TRUE(read_nvs_keys(at("keys/mine.bin")));
}

TEST_F(NvsKeysCommand, a_folder_that_is_there_keeps_its_mode) {
    fs::create_directory(at("keys"));
    ASSERT_EQ(::chmod(at("keys").c_str(), 0755), 0);
    keys_.keyfile = "mine.bin";
    ASSERT_TRUE(generate_nvs_key(keys_));
    EXPECT_EQ(mode_of(at("keys")), 0755U);
}

TEST_F(NvsKeysCommand, keys_without_a_name_have_the_time_as_theirs) {
    keys_.now = WallTime(std::chrono::hours(24 * 365));
    const auto report = generate_nvs_key(keys_);
    ASSERT_TRUE(report);
    EXPECT_THAT(report->keyfile.filename().string(),
                MatchesRegex("keys-[0-9][0-9]-[0-9][0-9]_[0-9][0-9]-[0-9][0-9].bin"));
}

// The reference writes over them.
TEST_F(NvsKeysCommand, former_keys_are_never_replaced) {
    keys_.keyfile = "mine.bin";
    ASSERT_TRUE(generate_nvs_key(keys_));
    const Bytes former = read_file(at("keys/mine.bin")).value();
    const auto again = generate_nvs_key(keys_);
    EXPECT_EQ(code_of(again), "nvs_keys_exist");
    EXPECT_TRUE(read_file(at("keys/mine.bin")).value() == former);
    encrypt_.keygen = true;
    encrypt_.keys.keyfile = "mine.bin";
    EXPECT_EQ(code_of(encrypt_nvs(encrypt_)), "nvs_keys_exist");
    EXPECT_FALSE(fs::exists(at("out.bin")));
}

TEST_F(NvsKeysCommand, an_image_is_encrypted_with_new_keys) {
    encrypt_.keygen = true;
    encrypt_.keys.keyfile = "mine.bin";
    const auto report = encrypt_nvs(encrypt_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(report->keyfile, at("keys/mine.bin"));
    EXPECT_TRUE(image::nvs::read(read_file(at("out.bin")).value())->encrypted);
    EXPECT_EQ(value_with(at("keys/mine.bin")), "5");
}

TEST_F(NvsKeysCommand, keys_go_again_when_their_image_cannot_be_made) {
    encrypt_.keygen = true;
    encrypt_.keys.keyfile = "mine.bin";
    encrypt_.keys.key_protect_hmac = true;
    encrypt_.keys.kp_hmac_keygen = true;
    encrypt_.image.size = 100;
    EXPECT_EQ(code_of(encrypt_nvs(encrypt_)), "nvs_size");
    EXPECT_FALSE(fs::exists(at("keys/mine.bin")));
    EXPECT_FALSE(fs::exists(at("keys/hmac-mine.bin")));
}

TEST_F(NvsKeysCommand, an_hmac_key_makes_the_same_keys_each_time) {
    keys_.keyfile = "one.bin";
    keys_.key_protect_hmac = true;
    keys_.kp_hmac_keygen = true;
    const auto report = generate_nvs_key(keys_);
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(report->hmac_keyfile, at("keys/hmac-one.bin"));
    EXPECT_EQ(mode_of(at("keys/hmac-one.bin")), 0600U);
    EXPECT_EQ(fs::file_size(at("keys/hmac-one.bin")), 32U);
    keys_.keyfile = "two.bin";
    keys_.kp_hmac_keygen = false;
    keys_.kp_hmac_inputkey = at("keys/hmac-one.bin");
    ASSERT_TRUE(generate_nvs_key(keys_));
    EXPECT_TRUE(read_file(at("keys/one.bin")).value() == read_file(at("keys/two.bin")).value());
    keys_.keyfile = "three.bin";
    keys_.kp_hmac_inputkey.clear();
    keys_.kp_hmac_keygen = true;
    keys_.kp_hmac_keyfile = "other.bin";
    ASSERT_TRUE(generate_nvs_key(keys_));
    EXPECT_TRUE(fs::exists(at("keys/other.bin")));
    EXPECT_FALSE(read_file(at("keys/one.bin")).value() == read_file(at("keys/three.bin")).value());
}

TEST_F(NvsKeysCommand, an_hmac_key_of_another_size_is_refused) {
    put("short.bin", std::string(31, 'x'));
    keys_.key_protect_hmac = true;
    keys_.kp_hmac_inputkey = at("short.bin");
    const auto report = generate_nvs_key(keys_);
    ASSERT_EQ(code_of(report), "nvs_keys");
    EXPECT_THAT(report.error().describe(), HasSubstr("short.bin"));
    EXPECT_FALSE(fs::exists(at("keys")));
}

TEST_F(NvsKeysCommand, options_that_do_not_go_together_are_told) {
    EXPECT_EQ(code_of(encrypt_nvs(encrypt_)), "bad_usage");
    encrypt_.keygen = true;
    encrypt_.inputkey = at("keys.bin");
    EXPECT_EQ(code_of(encrypt_nvs(encrypt_)), "bad_usage");
    // Without this the keys would be others than those that the chip derives.
    keys_.kp_hmac_keygen = true;
    EXPECT_EQ(code_of(generate_nvs_key(keys_)), "bad_usage");
    keys_.key_protect_hmac = true;
    keys_.kp_hmac_inputkey = at("x");
    EXPECT_EQ(code_of(generate_nvs_key(keys_)), "bad_usage");
    keys_.kp_hmac_keygen = false;
    keys_.kp_hmac_keyfile = "y";
    EXPECT_EQ(code_of(generate_nvs_key(keys_)), "bad_usage");
    keys_.kp_hmac_inputkey.clear();
    keys_.kp_hmac_keyfile.clear();
    EXPECT_EQ(code_of(generate_nvs_key(keys_)), "bad_usage");
    EXPECT_FALSE(fs::exists(at("keys")));
}

TEST_F(NvsKeysCommand, what_is_not_used_beside_inputkey_is_told) {
    keys_.keyfile = "mine.bin";
    ASSERT_TRUE(generate_nvs_key(keys_));
    encrypt_.inputkey = at("keys/mine.bin");
    EXPECT_THAT(encrypt_nvs(encrypt_)->warnings, SizeIs(0));
    encrypt_.keys.keyfile = "other.bin";
    EXPECT_THAT(encrypt_nvs(encrypt_)->warnings, SizeIs(1));
    EXPECT_FALSE(fs::exists(at("keys/other.bin")));
}

TEST_F(NvsKeysCommand, damaged_or_foreign_keys_are_told_with_their_file) {
    put("damaged.bin", std::string(4096, 'x'));
    encrypt_.inputkey = at("damaged.bin");
    const auto report = encrypt_nvs(encrypt_);
    ASSERT_EQ(code_of(report), "nvs_keys");
    EXPECT_THAT(report.error().describe(), HasSubstr("damaged.bin"));
    EXPECT_FALSE(fs::exists(at("out.bin")));
    keys_.keyfile = "a.bin";
    ASSERT_TRUE(generate_nvs_key(keys_));
    keys_.keyfile = "b.bin";
    ASSERT_TRUE(generate_nvs_key(keys_));
    encrypt_.inputkey = at("keys/a.bin");
    ASSERT_TRUE(encrypt_nvs(encrypt_));
    EXPECT_EQ(value_with(at("keys/b.bin")), "nvs_keys");
    EXPECT_FALSE(fs::exists(at("plain.bin")));
    EXPECT_EQ(value_with(at("keys/a.bin")), "5");
}

}  // namespace
}  // namespace imprint::image_tool
