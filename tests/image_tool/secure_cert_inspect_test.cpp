// esp_secure_cert partitions as inspect and unpack see them, by themselves and in a whole flash.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error_code.h"
#include "image/partition_table.h"
#include "image/secure_cert.h"
#include "image_tool/commands.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
namespace secure_cert = image::secure_cert;

constexpr std::string_view key_text =
    "-----BEGIN PRIVATE KEY-----\nMHc=\n-----END PRIVATE KEY-----\n";

Bytes bytes_of(std::string_view text, bool with_nul) {
    const ByteView bytes = as_bytes(text);
    Bytes all(bytes.begin(), bytes.end());
    if (with_nul) all.push_back(0);
    return all;
}

class SecureCertFile : public testing::Scratch {
  protected:
    [[nodiscard]] static Bytes sample() {
        return secure_cert::build(0x2000,
                                  {{secure_cert::Type::dev_cert, 0, 0, bytes_of("CERT", true)},
                                   {secure_cert::Type::priv_key, 0, 0, bytes_of(key_text, true)},
                                   {secure_cert::Type::priv_key, 1, 0x08, {}},
                                   {52, 0, 0, {1, 2, 0}}})
            .value()
            .image;
    }

    [[nodiscard]] static std::string as_json(const std::filesystem::path& file) {
        InspectOptions options;
        options.json = true;
        return inspect(file, options).value();
    }

    [[nodiscard]] static Bytes flash_with(ByteView image) {
        const auto table = image::PartitionTable::parse_csv(
                               "nvs, data, nvs, 0x9000, 0x3000,\n"
                               "certs, 0x3F, , 0xC000, 0x2000,\n"
                               "factory, app, factory, 0x10000, 64K,\n")
                               .value();
        Bytes flash(0x20000, 0xFF);
        std::ranges::copy(table.to_binary(), flash.begin() + 0x8000);
        std::ranges::copy(image, flash.begin() + 0xC000);
        return flash;
    }
};

TEST_F(SecureCertFile, is_shown_with_its_entries_and_without_what_they_hold) {
    put("certs.bin", sample());
    const std::string text = inspect(at("certs.bin")).value();
    EXPECT_THAT(text, AllOf(HasSubstr("esp_secure_cert, 5 entries,"), HasSubstr("SHA-256 right"),
                            HasSubstr("dev_cert\n"), HasSubstr("priv_key.1 (in an eFuse)"),
                            HasSubstr("user_data_2"), Not(HasSubstr("MHc="))));
    const auto json = nlohmann::json::parse(as_json(at("certs.bin")));
    EXPECT_EQ(json["kind"], "esp-secure-cert");
    EXPECT_EQ(json["sha256"], "right");
    EXPECT_EQ(json["entries"][0], nlohmann::json({{"name", "dev_cert"},
                                                  {"type", 1},
                                                  {"subtype", 0},
                                                  {"flags", 0},
                                                  {"offset", 0},
                                                  {"size", 5}}));
    EXPECT_TRUE(json["problems"].empty());
    EXPECT_EQ(json.dump().find("MHc="), std::string::npos);
}

TEST_F(SecureCertFile, a_damaged_one_says_where_and_gives_the_rest) {
    Bytes image = sample();
    image[13] ^= 1;
    put("certs.bin", image);
    EXPECT_THAT(inspect(at("certs.bin")).value(),
                AllOf(HasSubstr("warning: at 0x0: the CRC of the entry dev_cert is wrong"),
                      HasSubstr("SHA-256 wrong"), HasSubstr("priv_key\n")));
    const auto json = nlohmann::json::parse(as_json(at("certs.bin")));
    EXPECT_EQ(json["problems"][0]["offset"], 0);
    const auto report = unpack(at("certs.bin"), at("out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_THAT(report->files,
                ElementsAre("/priv_key", "/priv_key.1", "/user_data_2", "/integrity"));
    EXPECT_THAT(report->warnings, ::testing::Contains(HasSubstr("the CRC of the entry dev_cert")));
}

TEST_F(SecureCertFile, is_unpacked_with_texts_as_files_have_them_and_the_key_for_its_owner) {
    put("certs.bin", sample());
    const auto report = unpack(at("certs.bin"), at("out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_TRUE(report->holds_private_key);
    EXPECT_EQ(read_text(at("out/dev_cert")).value(), "CERT");
    EXPECT_EQ(read_text(at("out/priv_key")).value(), key_text);
    EXPECT_EQ(read_file(at("out/user_data_2")).value(), Bytes({1, 2, 0}));
    EXPECT_EQ(mode_of(at("out/priv_key")), 0600U);
    EXPECT_EQ(mode_of(at("out")), 0700U);
}

TEST_F(SecureCertFile, in_a_flash_it_is_found_by_its_type) {
    put("flash.bin", flash_with(sample()));
    EXPECT_THAT(inspect(at("flash.bin")).value(),
                AllOf(HasSubstr("certs"), HasSubstr("esp_secure_cert, 5 entries")));
    const auto report = unpack(at("flash.bin"), at("out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(read_text(at("out/dev_cert")).value(), "CERT");
    put("other.bin", flash_with(Bytes(0x2000, 0x5A)));
    EXPECT_EQ(code_of(unpack(at("other.bin"), at("none"))), "partition_choice");
}

}  // namespace
}  // namespace imprint::image_tool
