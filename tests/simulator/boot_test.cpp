// What is checked on the way from reset to the application.
#include "simulator/boot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/digest.h"
#include "base/files.h"
#include "simulator/chip_names.h"
#include "simulator/firmware_settings.h"
#include "simulator/sample_firmware.h"

namespace imprint::simulator {

namespace {

using image::PartitionTable;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

void put(Bytes& flash, std::size_t at, ByteView bytes) {
    std::ranges::copy(bytes, flash.begin() + static_cast<std::ptrdiff_t>(at));
}

class Boot : public testing::Test {
  protected:
    void SetUp() override {
        const auto folder = TemporaryDirectory::create();
        ASSERT_TRUE(write_sample_firmware(folder->path(), "4.5.6"));
        const auto build = folder->path() / "build";
        put(flash_, 0x1000, *read_file(build / "bootloader/bootloader.bin"));
        put(flash_, 0x8000, *read_file(build / "partition_table/partition-table.bin"));
        app_ = *read_file(build / "aws_iot.bin");
        put(flash_, 0x10000, app_);
    }

    void use_table(std::string_view csv) {
        put(flash_, 0x8000, PartitionTable::parse_csv(csv)->to_binary());
    }

    // A small app of its own name.
    static Bytes app(std::string_view project) {
        image::AppDescription about;
        about.project = project;
        about.version = "1";
        about.elf_sha256 = Bytes(32);
        image::AppImageParts parts;
        parts.segments.emplace_back(0x3F400020, image::build_app_description(about));
        return image::build_app_image(parts);
    }

    // esp_ota_select_entry_t.
    static Bytes ota_entry(std::uint32_t sequence) {
        Bytes entry(32, 0xFF);
        put_u32(entry, 0, sequence);
        put_u32(entry, 28, crc32(ByteView(entry).first(4), 0xFFFFFFFF));
        return entry;
    }

    [[nodiscard]] BootReport report() const { return boot(esp32_model(), flash_, 300); }

    Bytes flash_ = Bytes(4U << 20, 0xFF);
    Bytes app_;
};

TEST_F(Boot, a_finished_build_starts) {
    const BootReport booted = report();
    ASSERT_TRUE(booted.started) << booted.console;
    EXPECT_THAT(booted.console,
                AllOf(HasSubstr("entry 0x40080640\r\n"),
                      HasSubstr("boot: ESP-IDF v5.3.2 2nd stage bootloader\r\n"),
                      HasSubstr("boot: chip revision: v3.0\r\n"),
                      HasSubstr("factory          factory app      00 00 00010000"),
                      HasSubstr("boot: Loaded app from partition at offset 0x10000"),
                      HasSubstr("app_init: Project name:     imprint_sample\r\n"),
                      HasSubstr("app_init: App version:      4.5.6\r\n")));
    EXPECT_NE(booted.started->table.find("storage"), nullptr);
}

TEST_F(Boot, a_bootloader_with_one_wrong_byte_does_not_run) {
    flash_[0x2000] ^= 1;
    EXPECT_THAT(report().console, HasSubstr("csum err"));
    flash_[0x1000] = 0x00;
    EXPECT_THAT(report().console, HasSubstr("invalid header: 0x"));
    EXPECT_FALSE(report().started);
}

TEST_F(Boot, a_partition_table_with_one_wrong_byte_is_found_by_its_md5) {
    flash_[0x8000 + 9] ^= 1;
    const BootReport stopped = report();
    EXPECT_FALSE(stopped.started);
    EXPECT_THAT(stopped.console, HasSubstr("boot: Failed to verify partition table"));
}

TEST_F(Boot, an_app_with_one_wrong_byte_is_found_by_its_hash) {
    flash_[0x80000] ^= 1;
    const BootReport stopped = report();
    EXPECT_FALSE(stopped.started);
    EXPECT_THAT(stopped.console, AllOf(HasSubstr("esp_image: image at 0x10000"),
                                       HasSubstr("No bootable app partitions")));
}

TEST_F(Boot, an_app_for_another_chip_does_not_start) {
    image::AppImageParts parts;
    parts.chip_id = 5;
    parts.segments.emplace_back(0x3F400020, Bytes(256));
    put(flash_, 0x10000, image::build_app_image(parts));
    EXPECT_FALSE(report().started);
}

TEST_F(Boot, a_flash_smaller_than_the_header_says_stops_the_app) {
    flash_.resize(2U << 20);
    use_table("factory, app, factory, 0x10000, 1M,\n");
    const BootReport stopped = report();
    EXPECT_FALSE(stopped.started);
    EXPECT_THAT(stopped.console, HasSubstr("Detected size(2048k) smaller than the size in the "
                                           "binary image header(4096k)"));
}

// The bootloader sets the flash's size by its own header.
TEST_F(Boot, a_header_smaller_than_the_table_stops_the_bootloader) {
    image::AppImageParts parts;
    parts.flash_size_code = 0;  // 1 MB
    parts.segments.emplace_back(0x3FFF0030, Bytes(256));
    put(flash_, 0x1000, image::build_app_image(parts));
    const BootReport stopped = report();
    EXPECT_FALSE(stopped.started);
    EXPECT_THAT(stopped.console, AllOf(HasSubstr("exceeds flash chip size 0x100000"),
                                       HasSubstr("load partition table error!")));
}

TEST_F(Boot, a_revision_that_bootloader_or_app_does_not_run_on_stops_them) {
    image::AppImageParts parts;
    parts.segments.emplace_back(0x3F400020, Bytes(256));
    const auto with = [&](std::uint16_t least, std::uint16_t most, std::uint8_t byte = 0) {
        parts.min_revision = least;
        parts.max_revision = most;
        parts.min_revision_byte = byte;
        return image::build_app_image(parts);
    };
    put(flash_, 0x10000, with(301, 0xFFFF));
    EXPECT_THAT(report().console,
                AllOf(HasSubstr("chip revision check failed. Required >= v3.1, found v3.0."),
                      HasSubstr("No bootable app partitions")));
    put(flash_, 0x10000, with(0, 299));
    EXPECT_THAT(report().console, HasSubstr("Required <= v2.99, found v3.0."));
    put(flash_, 0x10000, with(0, 0, 4));
    EXPECT_THAT(report().console, HasSubstr("Required >= v4.0")) << "from before ESP-IDF 5";
    put(flash_, 0x10000, with(300, 300));
    EXPECT_TRUE(report().started);
    put(flash_, 0x1000, with(0, 299));
    EXPECT_TRUE(report().started) << "the bootloader does not look at its own highest";
    put(flash_, 0x1000, with(301, 0xFFFF));
    EXPECT_FALSE(report().started);
}

TEST_F(Boot, a_table_that_was_moved_is_found) {
    PartitionTable::Options moved;
    moved.table_offset = 0xC000;
    const auto table =
        PartitionTable::parse_csv("factory, app, factory, 0x10000, 1M,\n", moved)->to_binary();
    std::fill(flash_.begin() + 0x8000, flash_.begin() + 0x9000, 0xFF);
    put(flash_, 0xC000, table);
    EXPECT_TRUE(report().started) << report().console;
}

TEST_F(Boot, a_table_that_was_left_behind_where_it_was_before_does_not_count) {
    PartitionTable::Options moved;
    moved.table_offset = 0x10000;
    put(flash_, 0x10000,
        PartitionTable::parse_csv("factory, app, factory, 0x20000, 1M,\n", moved)->to_binary());
    put(flash_, 0x20000, app("moved"));
    const BootReport booted = report();
    ASSERT_TRUE(booted.started) << booted.console;
    EXPECT_EQ(booted.started->app_offset, 0x20000U);
}

TEST_F(Boot, the_ota_data_chooses_the_app) {
    use_table(
        "otadata, data, ota, 0xe000, 0x2000,\n"
        "factory, app, factory, 0x10000, 1M,\n"
        "ota_0, app, ota_0, 0x110000, 1M,\n"
        "ota_1, app, ota_1, 0x210000, 1M,\n");
    put(flash_, 0x110000, app("zero"));
    put(flash_, 0x210000, app("one"));
    const auto started = [&] { return report().started->app.description->project; };
    EXPECT_EQ(started(), "imprint_sample");
    put(flash_, 0xe000, ota_entry(1));
    EXPECT_EQ(started(), "zero");
    put(flash_, 0xf000, ota_entry(2));
    EXPECT_EQ(started(), "one");
    put(flash_, 0xe000, ota_entry(3));
    EXPECT_EQ(started(), "zero");
    flash_[0x110000] = 0;  // a damaged app falls back to the next one
    EXPECT_EQ(started(), "one");
    flash_[0xf000 + 28] ^= 1;
    flash_[0xe000 + 28] ^= 1;
    EXPECT_EQ(started(), "imprint_sample");
}

TEST_F(Boot, the_sample_is_the_same_each_time_and_compresses_like_code) {
    const auto folder = TemporaryDirectory::create();
    ASSERT_TRUE(write_sample_firmware(folder->path(), "4.5.6"));
    EXPECT_EQ(*read_file(folder->path() / "build/aws_iot.bin"), app_);
    EXPECT_GT(app_.size(), 900'000U);
    EXPECT_LE(app_.size(), 1U << 20);
    ASSERT_TRUE(write_sample_firmware(folder->path(), "4.5.7"));
    EXPECT_NE(*read_file(folder->path() / "build/aws_iot.bin"), app_);
}

TEST_F(Boot, how_its_firmware_reads_its_identity_is_read_from_flash_alone) {
    const auto settings = [this] {
        const BootReport report = this->report();
        EXPECT_TRUE(report.started) << report.console;
        return report.started ? settings_of(flash_, report.started->app_offset, report.started->app)
                              : FirmwareSettings{};
    };
    using imprint_identity::Storage;
    EXPECT_EQ(settings().spiffs, image::spiffs::Geometry());
    EXPECT_EQ(settings().storage, Storage::spiffs);
    const image::spiffs::Geometry other{.page_size = 512,
                                        .name_length = 64,
                                        .metadata_length = 0,
                                        .use_magic = true,
                                        .use_magic_length = false};
    const auto folder = TemporaryDirectory::create();
    ASSERT_TRUE(write_sample_firmware(folder->path(), "4.5.6", "esp32", {Storage::nvs, other}));
    put(flash_, 0x10000, *read_file(folder->path() / "build/aws_iot.bin"));
    EXPECT_EQ(settings().spiffs, other);
    EXPECT_EQ(settings().storage, Storage::nvs);
    EXPECT_THAT(*read_text(folder->path() / "build/config/sdkconfig.json"),
                AllOf(HasSubstr("\"SPIFFS_OBJ_NAME_LEN\": 64"),
                      HasSubstr("\"SPIFFS_USE_MAGIC_LENGTH\": false")));
    put(flash_, 0x10000, app("somebody's"));
    EXPECT_EQ(settings().spiffs, image::spiffs::Geometry()) << "ESP-IDF's defaults";
}

TEST_F(Boot, the_banner_names_the_roms_version_and_the_mode) {
    EXPECT_THAT(rom_banner(esp32_model(), 300, ResetCause::power_on, true),
                AllOf(HasSubstr("ets Jul 29 2019 12:21:46"), HasSubstr("waiting for download")));
    EXPECT_THAT(rom_banner(esp32_model(), 100, ResetCause::power_on, false),
                AllOf(HasSubstr("ets Jun  8 2016 00:22:57"), Not(HasSubstr("waiting"))));
}

class EveryChipBoots : public testing::TestWithParam<ChipModel> {};

TEST_P(EveryChipBoots, its_own_sample_firmware_and_no_other_chips) {
    const ChipModel& chip = GetParam();
    const auto folder = TemporaryDirectory::create();
    ASSERT_TRUE(write_sample_firmware(folder->path(), "4.5.6", chip.key));
    const auto build = folder->path() / "build";
    const Bytes bootloader = *read_file(build / "bootloader/bootloader.bin");
    ASSERT_LE(chip.bootloader_offset + bootloader.size(), 0x8000U);
    Bytes flash(4U << 20, 0xFF);
    put(flash, chip.bootloader_offset, bootloader);
    put(flash, 0x8000, *read_file(build / "partition_table/partition-table.bin"));
    put(flash, 0x10000, *read_file(build / "aws_iot.bin"));
    const BootReport report = boot(chip, flash, chip.revision);
    EXPECT_TRUE(report.started) << report.console;
    EXPECT_THAT(report.console, HasSubstr("App version:      4.5.6"));

    for (const ChipModel& other : chip_models()) {
        if (other.id == chip.id) continue;
        const BootReport wrong = boot(other, flash, other.revision);
        EXPECT_FALSE(wrong.started) << other.key;
        if (other.bootloader_offset != chip.bootloader_offset) continue;
        EXPECT_THAT(wrong.console, HasSubstr("is for chip id")) << other.key;
    }
}

TEST_P(EveryChipBoots, with_a_banner_that_names_its_boot_mode) {
    const ChipModel& chip = GetParam();
    EXPECT_THAT(rom_banner(chip, chip.revision, ResetCause::power_on, true),
                AllOf(HasSubstr("rst:0x1 (POWERON"), HasSubstr("DOWNLOAD"),
                      HasSubstr("waiting for download")));
    EXPECT_THAT(rom_banner(chip, chip.revision, ResetCause::watchdog, false),
                AllOf(HasSubstr("rst:0x10 ("), HasSubstr("(SPI_FAST_FLASH_BOOT)")));
}

INSTANTIATE_TEST_SUITE_P(Chips, EveryChipBoots, testing::ValuesIn(chip_models()), chip_name);

}  // namespace

}  // namespace imprint::simulator
