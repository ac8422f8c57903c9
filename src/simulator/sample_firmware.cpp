#include "simulator/sample_firmware.h"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <string>

#include "base/digest.h"
#include "base/files.h"
#include "image/app_image.h"
#include "image/partition_table.h"
#include "simulator/chip_model.h"
#include "simulator/firmware_settings.h"

namespace imprint::simulator {

namespace {

using imprint_identity::Storage;

constexpr std::string_view partitions_csv =
    "# Name,   Type, SubType, Offset,  Size, Flags\n"
    "nvs,      data, nvs,     0x9000,  0x6000,\n"
    "phy_init, data, phy,     0xf000,  0x1000,\n"
    "factory,  app,  factory, 0x10000, 1M,\n";

// What it has for its identity, and for the credentials that replace it.
struct Kept {
    Storage storage;
    std::string_view partition;
    std::string_view kconfig;
};

constexpr std::array kept{
    Kept{Storage::spiffs, "storage,  data, spiffs,  ,        0xF0000,\n", "SPIFFS"},
    Kept{Storage::nvs, "credentials, data, nvs,  ,        0x6000,\n", "NVS"},
    Kept{Storage::esp_secure_cert, "esp_secure_cert, 0x3F, , ,        0x2000, encrypted\n",
         "ESP_SECURE_CERT"},
};
constexpr std::string_view slots_csv = "slots,    data, 0x40,    ,        0x8000,\n";

// Written as components/esptool_py/flasher_args.json.in of ESP-IDF makes it. The arguments are the
// flash frequency, the bootloader's offset and the chip.
constexpr std::string_view flasher_args = R"({{
    "write_flash_args" : [ "--flash_mode", "dio",
                           "--flash_size", "4MB",
                           "--flash_freq", "{0}" ],
    "flash_settings" : {{
        "flash_mode": "dio",
        "flash_size": "4MB",
        "flash_freq": "{0}"
    }},
    "flash_files" : {{
        "{1:#x}" : "bootloader/bootloader.bin",
        "0x8000" : "partition_table/partition-table.bin",
        "0x10000" : "aws_iot.bin"
    }},
    "bootloader" : {{ "offset" : "{1:#x}", "file" : "bootloader/bootloader.bin", "encrypted" : "false" }},
    "partition-table" : {{ "offset" : "0x8000", "file" : "partition_table/partition-table.bin", "encrypted" : "false" }},
    "app" : {{ "offset" : "0x10000", "file" : "aws_iot.bin", "encrypted" : "false" }},
    "extra_esptool_args" : {{
        "after"  : "hard_reset",
        "before" : "default_reset",
        "stub"   : true,
        "chip"   : "{2}"
    }}
}}
)";

// Written as ESP-IDF's kconfgen makes it, as far as somebody reads it.
constexpr std::string_view sdkconfig = R"({{
    "IDF_TARGET": "{0}",
    "IMPRINT_IDENTITY_FORMAT_{6}": true,
    "PARTITION_TABLE_OFFSET": 32768,
    "SPIFFS_META_LENGTH": {1},
    "SPIFFS_OBJ_NAME_LEN": {2},
    "SPIFFS_PAGE_SIZE": {3},
    "SPIFFS_USE_MAGIC": {4},
    "SPIFFS_USE_MAGIC_LENGTH": {5}
}}
)";

constexpr std::string_view idf_version = "v5.3.2";

// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint32_t below(std::uint32_t limit) {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return static_cast<std::uint32_t>((z ^ (z >> 31)) % limit);
    }

  private:
    std::uint64_t state_;
};

// Three-byte instructions from a skewed choice, and phrases that come again, as compilers repeat
// themselves: deflates to about 60 %, like an app.
Bytes filler(Random& random, std::size_t size) {
    std::array<std::uint8_t, 96> opcodes{};
    for (std::uint8_t& opcode : opcodes)
        opcode = static_cast<std::uint8_t>(random.below(256));
    Bytes code;
    code.reserve(size + 32);
    while (code.size() < size) {
        if (code.size() > 64 && random.below(100) < 16) {
            const std::size_t length = 5 + random.below(18);
            const auto back = std::max<std::uint32_t>(
                random.below(static_cast<std::uint32_t>(std::min<std::size_t>(code.size(), 24000))),
                static_cast<std::uint32_t>(length));
            const std::size_t from = code.size() - std::min<std::size_t>(back, code.size());
            for (std::size_t i = 0; i < length; ++i)
                code.push_back(code[from + i]);
            continue;
        }
        const std::uint32_t pick = random.below(96) * random.below(96) / 96;
        code.push_back(opcodes.at(pick));
        code.push_back(static_cast<std::uint8_t>(random.below(16) * random.below(16)));
        code.push_back(
            static_cast<std::uint8_t>(random.below(3) == 0 ? random.below(256) : random.below(32)));
    }
    code.resize(size);
    return code;
}

// esp_bootloader_desc_t: magic 80, version, IDF version, build time.
Bytes bootloader_description() {
    Bytes description(80);
    description[0] = 80;
    put_u32(description, 4, 1);
    std::ranges::copy(idf_version, description.begin() + 8);
    constexpr std::string_view built = "Jul  1 2025 12:00:00";
    std::ranges::copy(built, description.begin() + 40);
    return description;
}

image::AppImageParts parts_for(const ChipModel& chip) {
    image::AppImageParts parts;
    parts.chip_id = chip.id;
    parts.flash_frequency_code = chip.layout.flash_frequency_code;
    return parts;
}

Bytes sample_bootloader(const ChipModel& chip) {
    Random random(0xB007);
    image::AppImageParts parts = parts_for(chip);
    const auto& [data_address, loader_address, code_address] = chip.layout.bootloader;
    parts.entry = code_address + 0x240;
    Bytes data = bootloader_description();
    append(data, filler(random, 0x1A00));
    parts.segments.emplace_back(data_address, std::move(data));
    // In front of the partition table there is less room on the chips that leave two sectors free.
    const std::size_t loader_size = chip.bootloader_offset > 0x1000 ? 0x3000 : 0x3B80;
    parts.segments.emplace_back(loader_address, filler(random, loader_size));
    parts.segments.emplace_back(code_address, filler(random, 0x0F00));
    return image::build_app_image(parts);
}

Bytes sample_app(const ChipModel& chip, std::string_view version,
                 const FirmwareSettings& settings) {
    const Sha256 identity = sha256(as_bytes(version));
    Random random(get_u32(identity, 0));
    Random library(0x11B5);  // most of an app is the same from version to version
    image::AppDescription about;
    about.project = sample_project;
    about.version = version;
    about.idf_version = idf_version;
    about.build_date = "Jul  1 2025";
    about.build_time = "12:00:00";
    about.elf_sha256.assign(identity.begin(), identity.end());

    // What the cache maps must lie at the same place of a 64 KB page in flash and in memory, so
    // the segments between two mapped ones add up to the distance.
    image::AppImageParts parts = parts_for(chip);
    const CodeLayout& at = chip.layout;
    parts.entry = at.fast_code + 0x1400;
    Bytes constants = image::build_app_description(about);
    append(constants, settings_mark(settings));
    append(constants, filler(library, 0x26000 - constants.size()));
    const std::size_t data_size = 0x4A00;
    // Offsets: 24 bytes of header, 8 before each segment's data.
    const std::size_t before = 24 + 4 * 8 + constants.size() + data_size;
    const std::size_t fast_code = round_up(before, 0x10000) + 0x20 - before;
    parts.segments.emplace_back(at.constants, std::move(constants));
    parts.segments.emplace_back(at.data, filler(library, data_size));
    parts.segments.emplace_back(at.fast_code, filler(random, fast_code));
    parts.segments.emplace_back(at.code, filler(library, 0xB4000));
    parts.segments.emplace_back(at.fast_code + static_cast<std::uint32_t>(fast_code),
                                filler(random, 0x4000));
    return image::build_app_image(parts);
}

}  // namespace

Result<void> write_sample_firmware(const std::filesystem::path& directory, std::string_view version,
                                   std::string_view chip_key, const FirmwareSettings& settings) {
    IMPRINT_TRY(const ChipModel* const chip, find_chip_model(chip_key));
    const auto* const identity = std::ranges::find(kept, settings.storage, &Kept::storage);
    if (identity == kept.end())
        return fail(ErrorKind::bug, "bug", "the sample firmware does not read that format");
    const std::string csv = fmt::format("{}{}{}", partitions_csv, identity->partition, slots_csv);
    IMPRINT_TRY(const auto table, image::PartitionTable::parse_csv(csv));
    const image::spiffs::Geometry& spiffs = settings.spiffs;
    const std::filesystem::path build = directory / "build";
    std::error_code failed;
    for (const auto& folder : {build / "bootloader", build / "config", build / "partition_table"}) {
        std::filesystem::create_directories(folder, failed);
        if (failed)
            return fail(ErrorKind::config, "file_unwritable",
                        "cannot make the folder " + folder.string() + ": " + failed.message());
    }
    IMPRINT_CHECK(write_file(directory / "partitions.csv", csv));
    IMPRINT_CHECK(write_file(build / "flasher_args.json",
                             fmt::format(flasher_args, chip->layout.flash_frequency,
                                         chip->bootloader_offset, chip->key)));
    IMPRINT_CHECK(write_file(build / "config" / "sdkconfig.json",
                             fmt::format(sdkconfig, chip->key, spiffs.metadata_length,
                                         spiffs.name_length, spiffs.page_size, spiffs.use_magic,
                                         spiffs.use_magic_length, identity->kconfig)));
    IMPRINT_CHECK(
        write_file(build / "bootloader" / "bootloader.bin", ByteView(sample_bootloader(*chip))));
    IMPRINT_CHECK(
        write_file(build / "partition_table" / "partition-table.bin", ByteView(table.to_binary())));
    return write_file(build / "aws_iot.bin", ByteView(sample_app(*chip, version, settings)));
}

}  // namespace imprint::simulator
