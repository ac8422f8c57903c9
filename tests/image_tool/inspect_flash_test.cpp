// Whole flashes and merged binaries as people have them, and what else they bring to inspect.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error_code.h"
#include "image_tool/commands.h"
#include "image_tool/samples.h"
#include "image_tool/scratch.h"

namespace imprint::image_tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::uint16_t esp32 = 0;
constexpr std::uint16_t esp32_s3 = 9;
constexpr std::uint16_t esp32_c3 = 5;
constexpr std::uint16_t esp32_c5 = 23;
constexpr std::size_t bootloader_room = 0x1800;

Bytes app_for(std::uint16_t chip) {
    image::AppDescription about;
    about.project = "thermometer";
    about.version = "1.4.0";
    image::AppImageParts parts;
    parts.chip_id = chip;
    parts.segments = {{0x3F400020, image::build_app_description(about)},
                      {0x40080000, Bytes(5000, 1)}};
    return image::build_app_image(parts);
}

// Longer than a sector, so that there is a byte of it at 0x1000 of a flash that begins with it.
Bytes bootloader_for(std::uint16_t chip, std::uint8_t flash_size_code = 2) {
    Bytes first(80, 0);
    first[0] = 80;
    std::ranges::copy(as_bytes("v5.5.1"), first.begin() + 8);
    image::AppImageParts parts;
    parts.chip_id = chip;
    parts.flash_size_code = flash_size_code;
    parts.segments = {{0x3FFF0030, first}, {0x40080000, Bytes(bootloader_room - 0x200, 0xE9)}};
    return image::build_app_image(parts);
}

struct Merged {
    std::uint16_t chip = esp32;
    std::uint32_t bootloader_at = 0x1000;
    std::uint32_t begins_at = 0;
    std::string csv = "nvs,data,nvs,,24K\nfactory,app,factory,,64K\nstorage,data,spiffs,,64K\n";
    std::uint32_t app_at = 0x10000;
    std::uint8_t flash_size_code = 2;
};

// As esptool's merge-bin makes it: it ends with the app.
Bytes merged(const Merged& of) {
    const Bytes app = app_for(of.chip);
    Bytes flash(of.app_at + app.size(), 0xFF);
    const auto place = [&](const Bytes& bytes, std::size_t offset) {
        std::ranges::copy(bytes, flash.begin() + static_cast<std::ptrdiff_t>(offset));
    };
    place(bootloader_for(of.chip, of.flash_size_code), of.bootloader_at);
    place(image::PartitionTable::parse_csv(of.csv).value().to_binary(), 0x8000);
    place(app, of.app_at);
    return {flash.begin() + of.begins_at, flash.end()};
}

class InspectFlash : public testing::Scratch {
  protected:
    [[nodiscard]] std::string text(ByteView bytes, const InspectOptions& options = {}) const {
        put("file", bytes);
        const auto result = inspect(at("file"), options);
        if (!result) ADD_FAILURE() << result.error().describe();
        return result.value_or("");
    }

    [[nodiscard]] nlohmann::json json(ByteView bytes) const {
        return nlohmann::json::parse(
            text(bytes, {.json = true, .table_offset = {}, .primary_bootloader_offset = {}}));
    }

    // The part of that name.
    [[nodiscard]] static nlohmann::json part(const nlohmann::json& flash, const std::string& name) {
        for (const auto& each : flash["parts"])
            if (each["name"] == name) return each;
        ADD_FAILURE() << "no " << name << " in " << flash.dump();
        return {};
    }
};

TEST_F(InspectFlash, a_merged_binary_that_ends_with_its_app_shows_the_app) {
    const auto flash = json(merged({}));
    EXPECT_EQ(flash["kind"], "flash");
    EXPECT_EQ(part(flash, "factory")["content"]["description"]["project"], "thermometer");
    EXPECT_EQ(part(flash, "storage")["content"]["kind"], "missing");
    EXPECT_EQ(part(flash, "storage")["content"]["missing"], 0x10000);
    EXPECT_THAT(flash["warnings"], IsEmpty());
    // An app that the file cuts off is not there.
    Bytes cut = merged({});
    cut.resize(cut.size() - 100);
    EXPECT_EQ(part(json(cut), "factory")["content"]["kind"], "missing");
}

TEST_F(InspectFlash, of_two_tables_the_one_in_force_is_shown) {
    image::PartitionTable::Options moved;
    moved.table_offset = 0x10000;
    const char* csv = "nvs,data,nvs,,24K\nnewer,app,factory,0x20000,64K\n";
    Bytes flash = merged({.app_at = 0x20000});
    std::ranges::copy(image::PartitionTable::parse_csv(csv, moved).value().to_binary(),
                      flash.begin() + 0x10000);
    const auto shown = json(flash);
    EXPECT_EQ(shown["table_offset"], 0x10000);
    EXPECT_EQ(part(shown, "newer")["content"]["description"]["project"], "thermometer");
    // What was left at 0x8000 is written all the same.
    EXPECT_EQ(shown["parts"].size(), 3U) << shown["parts"].dump();
}

TEST_F(InspectFlash, an_image_that_begins_at_the_bootloader_is_read_at_its_addresses) {
    for (const auto& [chip, at] : {std::pair{esp32, 0x1000U}, std::pair{esp32_c5, 0x2000U}}) {
        const Bytes bytes = merged({.chip = chip, .bootloader_at = at, .begins_at = at});
        const auto flash = json(bytes);
        EXPECT_EQ(flash["begins_at"], at);
        EXPECT_EQ(flash["table_offset"], 0x8000);
        EXPECT_EQ(part(flash, "bootloader")["offset"], at);
        EXPECT_EQ(part(flash, "bootloader")["content"]["kind"], "bootloader");
        EXPECT_EQ(part(flash, "factory")["content"]["kind"], "app");
        EXPECT_EQ(part(flash, "nvs")["content"]["kind"], "erased");
        EXPECT_THAT(flash["warnings"], IsEmpty());
        EXPECT_THAT(text(bytes), HasSubstr(fmt::format("flash from 0x{:X} on", at)));
        // --table-offset is where the table lies in flash.
        InspectOptions options;
        options.table_offset = 0x8000;
        EXPECT_THAT(text(bytes, options), HasSubstr("thermometer"));
    }
}

TEST_F(InspectFlash, the_bootloader_that_fits_counts_and_not_the_first_e9) {
    const Bytes bytes = merged({.chip = esp32_s3, .bootloader_at = 0});
    ASSERT_EQ(bytes[0x1000], 0xE9);
    const auto flash = json(bytes);
    EXPECT_EQ(part(flash, "bootloader")["offset"], 0);
    EXPECT_EQ(part(flash, "bootloader")["content"]["chip"], "ESP32-S3");
    EXPECT_THAT(flash["warnings"], IsEmpty());
}

TEST_F(InspectFlash, what_does_not_go_together_is_told) {
    const auto only_warning = [&](const Merged& of) {
        const auto flash = json(merged(of));
        EXPECT_EQ(flash["warnings"].size(), 1U) << flash["warnings"].dump();
        return flash["warnings"].empty() ? std::string() : flash["warnings"][0].get<std::string>();
    };
    EXPECT_THAT(
        only_warning({.chip = esp32_s3, .bootloader_at = 0x1000}),
        HasSubstr("bootloader for ESP32-S3 lies at 0x1000, and the chip looks for it at 0x0"));
    EXPECT_THAT(
        only_warning({.csv = "nvs,data,nvs,,24K\nfactory,app,factory,,2M\n", .flash_size_code = 1}),
        HasSubstr("header says 2 MB, and the partitions end at 0x210000"));
    Bytes mixed = merged({});
    std::ranges::copy(app_for(esp32_c3), mixed.begin() + 0x10000);
    EXPECT_THAT(text(mixed), HasSubstr("warning: the bootloader is for ESP32, and factory at "
                                       "0x10000 for ESP32-C3\n"));
}

TEST_F(InspectFlash, bytes_outside_of_all_partitions_are_shown) {
    const auto flash = json(
        merged({.csv = "nvs,data,nvs,,24K\nfactory,app,factory,0x20000,64K\n", .app_at = 0x10000}));
    const auto outside = part(flash, "outside the partitions");
    EXPECT_EQ(outside["offset"], 0x10000);
    EXPECT_EQ(outside["content"]["description"]["project"], "thermometer");
    EXPECT_EQ(part(flash, "factory")["content"]["kind"], "missing");
    // What is nothing we know is data; what is erased is not shown.
    Bytes stray = merged({});
    stray[0x700] = 0x55;
    EXPECT_EQ(part(json(stray), "outside the partitions")["content"]["kind"], "data");
    for (const auto& each : json(merged({}))["parts"])
        EXPECT_NE(each["name"], "outside the partitions");
}

Bytes littlefs() {
    Bytes bytes(0x10000, 0xFF);
    put_u32(bytes, 0, 1);
    put_u32(bytes, 4, 0xF00FFFF7);
    std::ranges::copy(as_bytes("littlefs"), bytes.begin() + 8);
    put_u32(bytes, 20, 0x00020001);
    put_u32(bytes, 24, 4096);
    put_u32(bytes, 28, 16);
    return bytes;
}

Bytes fat() {
    Bytes bytes(0x10000, 0xFF);
    std::fill_n(bytes.begin(), 512, std::uint8_t{0});
    bytes[0] = 0xEB;
    bytes[1] = 0xFE;
    bytes[2] = 0x90;
    put_u16(bytes, 11, 4096);
    bytes[13] = 1;
    put_u16(bytes, 14, 1);
    bytes[16] = 2;
    put_u16(bytes, 19, 16);
    bytes[21] = 0xF8;
    put_u16(bytes, 510, 0xAA55);
    return bytes;
}

TEST_F(InspectFlash, other_file_systems_are_named_and_not_unpacked) {
    EXPECT_EQ(text(littlefs()), "0x10000 (64 KB), LittleFS 2.1, 16 blocks of 4096 bytes\n");
    const auto found = json(littlefs());
    EXPECT_EQ(found["kind"], "littlefs");
    EXPECT_EQ(found["unit"], 4096);
    EXPECT_EQ(found["length"], 0x10000);
    EXPECT_EQ(text(fat()), "0x10000 (64 KB), FAT, 16 sectors of 4096 bytes\n");
    Bytes levelled(0x1000, 0xFF);
    append(levelled, fat());
    EXPECT_THAT(text(levelled), HasSubstr("FAT with wear levelling, 16 sectors"));

    // Arduino and PlatformIO put a LittleFS into a partition of subtype spiffs.
    Bytes flash = merged({});
    flash.resize(0x20000, 0xFF);
    append(flash, littlefs());
    EXPECT_EQ(part(json(flash), "storage")["content"]["kind"], "littlefs");
    put("file", flash);
    const auto unpacked =
        unpack(at("file"), at("out"), {.partition = "storage", .table_offset = {}});
    ASSERT_FALSE(unpacked);
    EXPECT_THAT(unpacked.error().describe(), HasSubstr("LittleFS 2.1"));
    put("file", littlefs());
    const auto alone = unpack(at("file"), at("out"));
    ASSERT_FALSE(alone);
    EXPECT_THAT(alone.error().describe(), HasSubstr("LittleFS 2.1"));
}

TEST_F(InspectFlash, an_image_for_the_esp8266_is_named) {
    Bytes image{0xE9, 1, 0, 0x40, 0, 0, 0x10, 0x40};
    append_u32(image, 0x40100000);
    append_u32(image, 64);
    append(image, Bytes(64, 0));
    image.resize(96);
    image.back() = 0xEF;
    EXPECT_THAT(text(image), HasSubstr("image for the ESP8266\n"));
    EXPECT_EQ(json(image)["kind"], "esp8266");
    image.back() ^= 1;
    put("file", image);
    EXPECT_EQ(code_of(inspect(at("file"))), "app_image_damaged");

    Bytes second{0xEA, 4, 0, 0, 0, 0, 0x10, 0x40, 0, 0, 0, 0, 16, 0, 0, 0};
    append(second, Bytes(16, 7));
    append(second, Bytes{0xE9, 1, 0, 0, 0, 0, 0x10, 0x40});
    EXPECT_THAT(text(second), HasSubstr("image for the ESP8266 (version 2)"));
}

TEST_F(InspectFlash, an_elf_file_is_told_as_such) {
    Bytes elf(5000, 0);
    std::ranges::copy(as_bytes("\x7F"
                               "ELF"),
                      elf.begin());
    put("file", elf);
    const auto refused = inspect(at("file"));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().describe(), HasSubstr("this is an ELF file"));
}

TEST_F(InspectFlash, frequency_and_revisions_are_those_of_the_chip) {
    const auto app = [](std::uint16_t chip, std::uint8_t frequency) {
        image::AppImageParts parts;
        parts.chip_id = chip;
        parts.flash_frequency_code = frequency;
        parts.min_revision_byte = 3;
        parts.segments = {{0x40080000, Bytes(64, 1)}};
        return image::build_app_image(parts);
    };
    constexpr std::uint16_t esp32_c2 = 12;
    constexpr std::uint16_t esp32_h2 = 16;
    constexpr std::uint16_t s3_beta = 4;
    EXPECT_EQ(json(app(esp32, 0xF))["flash_frequency"], "80m");
    EXPECT_EQ(json(app(esp32, 1))["flash_frequency"], "26m");
    EXPECT_EQ(json(app(esp32_c2, 0xF))["flash_frequency"], "60m");
    EXPECT_EQ(json(app(esp32_h2, 0))["flash_frequency"], "24m");
    EXPECT_EQ(json(app(esp32, 5))["flash_frequency"], "code 5");
    EXPECT_EQ(json(app(s3_beta, 0))["chip"], "ESP32-S3 (beta 2)");
    EXPECT_EQ(json(app(esp32_c3, 0))["min_revision"], 0);
    EXPECT_EQ(json(app(esp32_c3, 0))["min_revision_older"], 3);
    EXPECT_THAT(text(app(esp32_c3, 0)),
                HasSubstr("flash dio, 40 MHz, 4 MB; entry 0x40080000\nchip revision from v0.0 (3 "
                          "in the older field)"));
}

}  // namespace
}  // namespace imprint::image_tool
