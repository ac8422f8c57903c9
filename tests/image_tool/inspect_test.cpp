#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error_code.h"
#include "image_tool/commands.h"
#include "image_tool/samples.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Inspect : public testing::Scratch {
  protected:
    [[nodiscard]] std::string text(ByteView bytes) const {
        put("file", bytes);
        const auto result = inspect(at("file"));
        if (!result) ADD_FAILURE() << result.error().describe();
        return result.value_or("");
    }

    [[nodiscard]] nlohmann::json json(ByteView bytes) const {
        put("file", bytes);
        const auto result = inspect(
            at("file"), {.json = true, .table_offset = {}, .primary_bootloader_offset = {}});
        if (!result) ADD_FAILURE() << result.error().describe();
        EXPECT_EQ(std::ranges::count(result.value(), '\n'), 1);
        return nlohmann::json::parse(result.value_or("{}"));
    }

    void expect_error(ByteView bytes, const std::string& code, const std::string& words) const {
        put("file", bytes);
        const auto result = inspect(at("file"));
        ASSERT_FALSE(result) << *result;
        EXPECT_EQ(result.error().kind, ErrorKind::config);
        EXPECT_EQ(code_of(result), code);
        EXPECT_THAT(result.error().describe(), HasSubstr(words));
        EXPECT_THAT(result.error().describe(), HasSubstr("file"));
    }
};

TEST_F(Inspect, a_binary_partition_table) {
    const auto table = image::PartitionTable::parse_csv(testing::sample_csv).value();
    EXPECT_EQ(
        text(table.to_binary()),
        "partition table (binary), 6 partitions\n"
        "\n"
        "name              type             subtype        offset         end        size  flags\n"
        "nvs               data             nvs            0x9000      0xf000       24 KB\n"
        "factory           app              factory       0x10000     0x20000       64 KB\n"
        "ota               app              ota_0         0x20000     0x30000       64 KB\n"
        "storage           data             spiffs        0x30000     0x40000       64 KB\n"
        "broken            data             spiffs        0x40000     0x50000       64 KB\n"
        "beyond            data             fat           0x50000     0x60000       64 KB\n"
        "\n"
        "flash needed: 0x60000 (384 KB)\n"
        "warning: partition \"ota\" is named for a subtype and is app ota_0\n");
    const auto found = json(table.to_binary());
    EXPECT_EQ(found["v"], 1);
    EXPECT_EQ(found["kind"], "partition-table");
    EXPECT_EQ(found["form"], "binary");
    EXPECT_EQ(found["flash_needed"], 0x60000);
    EXPECT_EQ(found["partitions"][3]["name"], "storage");
    EXPECT_EQ(found["partitions"][3]["subtype"], 0x82);
    EXPECT_EQ(found["partitions"][3]["subtype_name"], "spiffs");
    EXPECT_EQ(found["partitions"][3]["offset"], 0x30000);
    EXPECT_FALSE(found.contains("problem"));
}

TEST_F(Inspect, a_table_that_a_device_would_not_boot_with_is_shown_with_its_problem) {
    image::PartitionTable::Options lenient;
    lenient.verify = false;
    const Bytes bytes = image::PartitionTable::parse_csv("a,app,factory,0x11000,64K\n", lenient)
                            .value()
                            .to_binary();
    EXPECT_THAT(text(bytes), HasSubstr("problem: partition \"a\" at 0x11000"));
    EXPECT_THAT(json(bytes)["problem"], HasSubstr("0x11000"));
}

TEST_F(Inspect, a_csv_partition_table) {
    EXPECT_THAT(text(as_bytes(testing::sample_csv)), HasSubstr("partition table (CSV), 6"));
    EXPECT_EQ(json(as_bytes(testing::sample_csv))["form"], "csv");
    expect_error(as_bytes("nvs,data,nvs,,24Q\n"), "partition_table_csv", "line 1, size");
    expect_error(as_bytes("hello\n"), "partition_table_csv", "line 1, type");
}

TEST_F(Inspect, an_app) {
    const std::string shown = text(testing::sample_app());
    EXPECT_THAT(shown, HasSubstr("app for ESP32, "));
    EXPECT_THAT(shown, HasSubstr("project thermometer, version 1.4.0, ESP-IDF v5.5.1, built Jul 14 "
                                 "2026 09:30:00"));
    EXPECT_THAT(shown, HasSubstr("flash dio, 40 MHz, 4 MB; entry 0x40080000"));
    EXPECT_THAT(shown, HasSubstr("0x3F400020"));
    EXPECT_THAT(shown, HasSubstr("SHA-256 right"));
    const auto found = json(testing::sample_app());
    EXPECT_EQ(found["kind"], "app");
    EXPECT_EQ(found["chip"], "ESP32");
    EXPECT_EQ(found["description"]["project"], "thermometer");
    EXPECT_EQ(found["segments"].size(), 2U);
}

TEST_F(Inspect, a_damaged_app_is_an_error) {
    Bytes bytes = testing::sample_app();
    bytes[200] ^= 1;
    expect_error(bytes, "app_image_damaged", "checksum");
}

TEST_F(Inspect, a_bootloader) {
    EXPECT_THAT(text(testing::sample_bootloader()),
                HasSubstr("bootloader for ESP32, 160 bytes\nESP-IDF v5.5.1, built Jul 14 2026"));
    EXPECT_EQ(json(testing::sample_bootloader())["kind"], "bootloader");
}

TEST_F(Inspect, a_spiffs_image) {
    EXPECT_EQ(
        text(testing::sample_spiffs()),
        "SPIFFS image, 0x10000 (64 KB)\n"
        "pages of 256, blocks of 4096, names of 32 and metadata of 4 bytes, magic with length\n"
        "3 files, 1243 bytes; 9 of 240 pages used, 15 of 16 blocks free\n"
        "\n"
        "     1200  /certificate.pem.crt\n"
        "       43  /certs/device.pem\n"
        "        0  /empty\n");
    const auto found = json(testing::sample_spiffs());
    EXPECT_EQ(found["kind"], "spiffs");
    EXPECT_EQ(found["geometry"]["image_size"], 0x10000);
    EXPECT_EQ(found["geometry"]["obj_name_len"], 32);
    EXPECT_EQ(found["usage"]["blocks_free"], 15);
    EXPECT_EQ(found["files"][1]["path"], "/certs/device.pem");
    EXPECT_EQ(found["files"][1]["size"], 43);
}

TEST_F(Inspect, a_spiffs_image_with_a_bad_file) {
    Bytes image = testing::sample_spiffs();
    put_u16(image, 256 + 49 + 4, 0x1234);
    const std::string shown = text(image);
    EXPECT_THAT(shown, HasSubstr("2 files and 1 not to be read to the end, 43 bytes; 9 of"));
    EXPECT_THAT(shown,
                HasSubstr("     1200  /certificate.pem.crt: readable are 502 bytes: its part "
                          "2 is listed on page 4660, which is beyond the image's end\n"));
    const auto found = json(image);
    EXPECT_EQ(found["files"].size(), 2U);
    EXPECT_EQ(found["partial"][0]["path"], "/certificate.pem.crt");
    EXPECT_EQ(found["partial"][0]["size"], 1200);
    EXPECT_EQ(found["partial"][0]["readable"], 502);
    EXPECT_THAT(found["partial"][0]["problem"], HasSubstr("page 4660"));
    EXPECT_TRUE(json(testing::sample_spiffs())["partial"].empty());
}

TEST_F(Inspect, never_shows_what_a_file_holds) {
    EXPECT_THAT(text(testing::sample_spiffs()), Not(HasSubstr("PRIVATE")));
    EXPECT_THAT(json(testing::sample_spiffs()).dump(), Not(HasSubstr("PRIVATE")));
}

TEST_F(Inspect, names_cannot_write_to_the_terminal_and_stay_json) {
    image::spiffs::Geometry geometry;
    geometry.image_size = 0x10000;
    const Bytes image =
        image::spiffs::build(geometry, {{"/\x1B[2J\xFF", Bytes(3, 1)}}).value().image;
    EXPECT_THAT(text(image), HasSubstr("\"/\\x1b[2J\\xff\""));
    EXPECT_EQ(json(image)["files"][0]["path"], "/\x1B[2J\xEF\xBF\xBD");
}

TEST_F(Inspect, a_whole_flash_by_partition) {
    const std::string shown = text(testing::sample_flash());
    EXPECT_THAT(shown, HasSubstr("flash, 0x50000 (320 KB); partition table at 0x8000"));
    EXPECT_THAT(shown, HasSubstr("    0x1000     28 KB  bootloader: bootloader for ESP32, ESP-IDF "
                                 "v5.5.1, 160 bytes"));
    EXPECT_THAT(shown, HasSubstr("nvs (data nvs): data up to byte 0x64"));
    EXPECT_THAT(shown, HasSubstr("factory (app factory): app for ESP32, thermometer 1.4.0"));
    EXPECT_THAT(shown, HasSubstr("ota (app ota_0): erased"));
    EXPECT_THAT(shown, HasSubstr("storage (data spiffs): SPIFFS, 3 files, 1243 bytes, 15 of 16"));
    EXPECT_THAT(shown, HasSubstr("1200  /certificate.pem.crt"));
    EXPECT_THAT(shown, HasSubstr("broken (data spiffs): damaged: the 65536 bytes are no SPIFFS"));
    EXPECT_THAT(shown, HasSubstr("beyond (data fat): not in this file, which lacks 0x10000 bytes"));

    const auto found = json(testing::sample_flash());
    EXPECT_EQ(found["kind"], "flash");
    EXPECT_EQ(found["table_offset"], 0x8000);
    EXPECT_EQ(found["table"]["partitions"].size(), 6U);
    ASSERT_EQ(found["parts"].size(), 7U);
    EXPECT_EQ(found["parts"][0]["name"], "bootloader");
    EXPECT_EQ(found["parts"][1]["content"]["kind"], "data");
    EXPECT_EQ(found["parts"][2]["content"]["kind"], "app");
    EXPECT_EQ(found["parts"][3]["content"]["kind"], "erased");
    EXPECT_EQ(found["parts"][4]["content"]["files"].size(), 3U);
    EXPECT_EQ(found["parts"][5]["content"]["kind"], "damaged");
    EXPECT_EQ(found["parts"][6]["content"]["kind"], "missing");
}

TEST_F(Inspect, a_whole_flash_whose_bootloader_is_at_its_start_or_whose_table_is_elsewhere) {
    image::PartitionTable::Options options;
    options.table_offset = 0x10000;
    const auto table =
        image::PartitionTable::parse_csv("storage,data,spiffs,,64K\n", options).value();
    Bytes flash(0x30000, 0xFF);
    std::ranges::copy(testing::sample_bootloader(), flash.begin());
    std::ranges::copy(table.to_binary(), flash.begin() + 0x10000);
    std::ranges::copy(testing::sample_spiffs(), flash.begin() + 0x11000);
    const std::string shown = text(flash);
    EXPECT_THAT(shown, HasSubstr("partition table at 0x10000"));
    EXPECT_THAT(shown, HasSubstr("bootloader for ESP32"));
    EXPECT_THAT(shown, HasSubstr("SPIFFS, 3 files"));
    EXPECT_THAT(shown, Not(HasSubstr("problem")));
}

TEST_F(Inspect, erased_bytes_and_unknown_ones) {
    EXPECT_EQ(text(Bytes(4096, 0xFF)), "0x1000 (4 KB), erased\n");
    EXPECT_EQ(json(Bytes(4096, 0xFF))["kind"], "erased");
    expect_error({}, "image_unknown", "empty");
    expect_error(Bytes(5000, 0x01), "image_unknown", "5000 bytes");
    expect_error(Bytes(5000, 0xE9), "app_image_damaged", "segments");
    const auto missing = inspect(at("nowhere"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(code_of(missing), "file_missing");
}

}  // namespace
}  // namespace imprint::image_tool
