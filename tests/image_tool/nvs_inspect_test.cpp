// What inspect and unpack make of NVS partitions.
#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error_code.h"
#include "base/text_bytes.h"
#include "image/nvs.h"
#include "image/nvs_keys.h"
#include "image_tool/commands.h"
#include "image_tool/samples.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Bytes sample_nvs(std::uint32_t size = 0x6000) {
    using image::nvs::Type;
    auto builder = image::nvs::Builder::create(size).value();
    builder.enter("wifi").value();
    builder.add({"ssid", Type::string, 0, bytes_of("factory-net")}).value();
    builder.add({"port", Type::u16, 8883, {}}).value();
    builder.enter("creds").value();
    builder.add({"cert", Type::blob, 0, Bytes(1200, 'c')}).value();
    builder.add({"key", Type::string, 0, bytes_of("-----BEGIN PRIVATE KEY-----\n")}).value();
    return std::move(builder).finish().image;
}

class NvsInspect : public testing::Scratch {
  protected:
    [[nodiscard]] std::string shown(ByteView bytes, const InspectOptions& options = {}) const {
        put("image.bin", bytes);
        const auto text = inspect(at("image.bin"), options);
        return text ? *text : text.error().describe();
    }

    [[nodiscard]] nlohmann::json json_of(ByteView bytes) const {
        InspectOptions options;
        options.json = true;
        return nlohmann::json::parse(shown(bytes, options));
    }

    static std::shared_ptr<const image::nvs::Keys> some_keys() {
        return std::make_shared<const image::nvs::Keys>(image::nvs::Keys::random());
    }
};

TEST_F(NvsInspect, shows_numbers_and_the_size_of_what_may_be_secret) {
    const std::string text = shown(sample_nvs());
    EXPECT_THAT(text, HasSubstr("NVS, 4 values in 2 namespaces, 1 of 6 pages used"));
    EXPECT_THAT(text, HasSubstr("wifi             ssid             string  11 bytes\n"));
    EXPECT_THAT(text, HasSubstr("wifi             port             u16     8883\n"));
    EXPECT_THAT(text, Not(HasSubstr("factory-net")));
}

TEST_F(NvsInspect, tells_the_same_as_json) {
    Bytes image = sample_nvs();
    image[64 + 32 * 3 + 24] ^= 1;
    const auto json = json_of(image);
    EXPECT_EQ(json.at("kind"), "nvs");
    EXPECT_EQ(json.at("encrypted"), false);
    EXPECT_EQ(json.at("usage").at("pages_used"), 1);
    EXPECT_EQ(json.at("namespaces").at(0).at("name"), "wifi");
    EXPECT_EQ(json.at("namespaces").at(0).at("entries").at(0).at("size"), 11);
    EXPECT_EQ(json.at("namespaces").at(1).at("entries").at(0).at("type"), "blob");
    EXPECT_EQ(json.at("problems").at(0).at("page"), 0);
    EXPECT_EQ(json.at("problems").at(0).at("entry"), 3);
    EXPECT_EQ(json.at("problems").at(0).at("problem"), "its CRC is wrong");
    EXPECT_EQ(json.at("more_problems"), 0);
    EXPECT_EQ(json_of(sample_nvs()).at("namespaces").at(0).at("entries").at(1).at("value"), "8883");
}

TEST_F(NvsInspect, says_where_it_is_broken_and_shows_the_rest) {
    Bytes image = sample_nvs();
    image[64 + 32 * 3 + 24] ^= 1;
    const std::string text = shown(image);
    EXPECT_THAT(text, HasSubstr("warning: page 0, entry 3: its CRC is wrong\n"));
    EXPECT_THAT(text, HasSubstr("3 values"));
}

TEST_F(NvsInspect, an_encrypted_one_is_known_and_read_with_its_keys) {
    Bytes image = sample_nvs();
    InspectOptions options;
    options.nvs_keys = some_keys();
    image::nvs::encrypt(image, *options.nvs_keys);
    EXPECT_THAT(shown(image), HasSubstr("NVS, encrypted: 1 of 6 pages used"));
    EXPECT_EQ(json_of(image).at("encrypted"), true);
    EXPECT_THAT(shown(image, options), HasSubstr("NVS, encrypted, 4 values in 2 namespaces"));
    options.nvs_keys = some_keys();
    EXPECT_THAT(shown(image, options), HasSubstr("with these NVS keys no entry"));
}

TEST_F(NvsInspect, one_within_a_flash_is_shown_with_it) {
    Bytes flash = testing::sample_flash();
    const Bytes nvs = sample_nvs();
    std::ranges::copy(nvs, flash.begin() + 0x9000);
    const std::string text = shown(flash);
    EXPECT_THAT(text, HasSubstr("nvs (data nvs): NVS, 4 values in 2 namespaces"));
    EXPECT_THAT(text, HasSubstr("            wifi             port             u16     8883\n"));
    put("flash.bin", flash);
    const auto report =
        unpack(at("flash.bin"), at("out"), {.partition = "nvs", .table_offset = {}});
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_EQ(read_text(at("out/wifi/port")).value(), "8883");
}

TEST_F(NvsInspect, a_broken_one_within_a_flash_says_what_is_wrong) {
    Bytes flash = testing::sample_flash();
    Bytes nvs = sample_nvs();
    nvs[4] ^= 1;
    std::ranges::copy(nvs, flash.begin() + 0x9000);
    EXPECT_THAT(shown(flash), HasSubstr("warning: page 0: the CRC of its header is wrong\n"));
}

TEST_F(NvsInspect, unpacking_writes_each_value_and_keeps_keys_to_their_owner) {
    put("nvs.bin", sample_nvs());
    const auto report = unpack(at("nvs.bin"), at("out"));
    ASSERT_TRUE(report) << report.error().describe();
    EXPECT_THAT(report->files,
                ElementsAre("/wifi/ssid", "/wifi/port", "/creds/cert", "/creds/key"));
    EXPECT_EQ(read_text(at("out/wifi/ssid")).value(), "factory-net");
    EXPECT_EQ(read_text(at("out/wifi/port")).value(), "8883");
    EXPECT_EQ(read_text(at("out/creds/cert")).value(), std::string(1200, 'c'));
    EXPECT_EQ(mode_of(at("out/creds/key")), 0600U);
    EXPECT_EQ(mode_of(at("out")), 0700U);
    EXPECT_TRUE(report->holds_private_key);
}

TEST_F(NvsInspect, what_was_encrypted_is_its_owners_when_unpacked) {
    Bytes image = sample_nvs();
    UnpackOptions options;
    options.nvs_keys = some_keys();
    image::nvs::encrypt(image, *options.nvs_keys);
    put("nvs.bin", image);
    EXPECT_EQ(code_of(unpack(at("nvs.bin"), at("out"))), "nvs_keys");
    ASSERT_TRUE(unpack(at("nvs.bin"), at("out"), options));
    EXPECT_EQ(mode_of(at("out/wifi/ssid")), 0600U);
    EXPECT_EQ(mode_of(at("out")), 0700U);
}

TEST_F(NvsInspect, a_name_cannot_lead_out_of_the_folder) {
    for (const char* name : {"..", "../x", ".", "a//b"}) {
        auto builder = image::nvs::Builder::create(0x3000).value();
        builder.enter("n").value();
        builder.add({name, image::nvs::Type::u8, 1, {}}).value();
        put("nvs.bin", std::move(builder).finish().image);
        EXPECT_EQ(code_of(unpack(at("nvs.bin"), at("out"))), "unpack_name") << name;
    }
}

TEST_F(NvsInspect, two_values_of_one_name_are_refused) {
    auto builder = image::nvs::Builder::create(0x3000).value();
    builder.enter("a/b").value();
    builder.add({"c", image::nvs::Type::u8, 1, {}}).value();
    builder.enter("a").value();
    builder.add({"b/c", image::nvs::Type::u8, 1, {}}).value();
    put("nvs.bin", std::move(builder).finish().image);
    EXPECT_EQ(code_of(unpack(at("nvs.bin"), at("out"))), "unpack_name");
    EXPECT_FALSE(fs::exists(at("out")));
}

TEST_F(NvsInspect, an_erased_partition_is_erased) {
    EXPECT_THAT(shown(Bytes(0x6000, 0xFF)), HasSubstr("erased"));
}

}  // namespace
}  // namespace imprint::image_tool
