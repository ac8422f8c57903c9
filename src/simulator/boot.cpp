#include "simulator/boot.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/digest.h"
#include "image/placed_table.h"
#include "simulator/console.h"

namespace imprint::simulator {

namespace {

using image::Partition;

constexpr std::uint32_t table_size = 0xC00;
constexpr std::uint32_t mapping_unit = 64U << 10;
constexpr std::string_view boot_tag = "boot";
// ESP-IDF components/esp_rom/include/esp32s3/rom/rtc.h: USB_UART_CHIP_RESET.
constexpr std::string_view usb_reset = "rst:0x15 (USB_UART_CHIP_RESET)";

// What the ROM's attempts look like before the watchdog ends them.
constexpr int attempts_shown = 8;

std::string_view mode_name(std::uint8_t mode) {
    constexpr std::array<std::string_view, 4> names{"QIO", "QOUT", "DIO", "DOUT"};
    return mode < names.size() ? names.at(mode) : "SLOW READ";
}

std::string_view usage_of(const Partition& partition) {
    if (partition.is_app()) {
        if (partition.subtype == 0) return "factory app";
        return partition.subtype == 0x20 ? "test app" : "OTA app";
    }
    if (partition.type != 1) return "Unknown";
    constexpr std::array<std::string_view, 7> names{
        "OTA data", "RF data", "WiFi data", "Unknown data", "NVS keys", "efuse", "Undefined data"};
    return partition.subtype < names.size() ? names.at(partition.subtype) : "Unknown data";
}

std::string_view cores(const ChipModel& chip) {
    return chip.cores > 1 ? "Multicore" : "Unicore";
}

bool is_ota_app(const Partition& partition) {
    return partition.is_app() && partition.subtype >= 0x10 && partition.subtype < 0x20;
}

// esp_ota_select_entry_t: sequence u32, label, state u32 at 24, CRC of the sequence at 28.
std::optional<std::uint32_t> ota_sequence(ByteView entry) {
    constexpr std::uint32_t invalid = 3;
    constexpr std::uint32_t aborted = 4;
    const std::uint32_t sequence = get_u32(entry, 0);
    const std::uint32_t state = get_u32(entry, 24);
    if (sequence == 0xFFFFFFFF || sequence == 0 || state == invalid || state == aborted)
        return std::nullopt;
    if (get_u32(entry, 28) != crc32(entry.first(4), 0xFFFFFFFF)) return std::nullopt;
    return sequence;
}

class SecondStage {
  public:
    SecondStage(const ChipModel& chip, ByteView flash, Console& console)
        : chip_(&chip), flash_(flash), console_(&console) {}

    [[nodiscard]] std::optional<Started> run(const image::AppImage& bootloader,
                                             std::uint16_t revision) {
        greet(bootloader, revision);
        revision_ = revision;
        told_size_ = 1ULL << (20 + bootloader.flash_size_code);
        if (bootloader.chip_id != chip_->id) {
            refuse_chip(chip_->bootloader_offset, bootloader.chip_id);
            return std::nullopt;
        }
        // Of itself it does not look at the highest revision.
        if (!suits_revision(bootloader, false)) return std::nullopt;
        auto table = read_table();
        if (!table) return std::nullopt;
        for (const Partition* partition : candidates(*table)) {
            const std::uint32_t offset = partition->offset;
            if (auto app = load(*partition))
                return Started{std::move(*table), std::move(*app), offset};
        }
        console_->error(boot_tag, "No bootable app partitions in the partition table");
        return std::nullopt;
    }

  private:
    void greet(const image::AppImage& bootloader, std::uint16_t revision) {
        const auto& about = bootloader.bootloader;
        console_->info(boot_tag, "ESP-IDF {} 2nd stage bootloader",
                       about ? about->idf_version : "(unknown)");
        if (about) console_->info(boot_tag, "compile time {}", about->build_time);
        console_->info(boot_tag, "{} bootloader", cores(*chip_));
        console_->info(boot_tag, "chip revision: v{}.{}", revision / 100, revision % 100);
        const std::string own = fmt::format("boot.{}", chip_->key);
        console_->info(own, "SPI Mode       : {}", mode_name(bootloader.flash_mode));
        console_->info(own, "SPI Flash Size : {}MB", 1U << bootloader.flash_size_code);
        console_->info(boot_tag, "Enabling RNG early entropy source...");
    }

    [[nodiscard]] std::optional<image::PartitionTable> read_table() {
        auto table =
            image::PartitionTable::parse_binary(flash_.subspan(table_place(flash_), table_size));
        if (table && fits(*table)) {
            print(*table);
            return std::move(*table);
        }
        if (!table) {
            console_->error("flash_parts", "{}", table.error().message);
        }
        console_->error(boot_tag, "Failed to verify partition table");
        console_->error(boot_tag, "load partition table error!");
        return std::nullopt;
    }

    // It believes its own header about the size of the flash.
    [[nodiscard]] bool fits(const image::PartitionTable& table) {
        int i = 0;
        for (const Partition& one : table.partitions()) {
            if (one.end() > told_size_) {
                console_->error("flash_parts",
                                "partition {} invalid - offset 0x{:x} size 0x{:x} exceeds flash "
                                "chip size 0x{:x}",
                                i, one.offset, one.size, told_size_);
                return false;
            }
            ++i;
        }
        return true;
    }

    // bootloader_common_check_chip_revision_validity; and for images from before ESP-IDF 5, which
    // have no highest revision, what their bootloader made of the older byte.
    [[nodiscard]] bool suits_revision(const image::AppImage& image, bool check_most) {
        std::uint32_t least = image.min_revision;
        if (image.max_revision == 0) {
            constexpr std::uint16_t esp32c3 = 5;
            least = image.min_revision_byte * (image.chip_id == esp32c3 ? 1U : 100U);
        }
        const std::uint32_t most = image.max_revision;
        const auto refuse = [&](const char* relation, std::uint32_t limit) {
            console_->error("boot_comm",
                            "chip revision check failed. Required {} v{}.{}, found v{}.{}.",
                            relation, limit / 100, limit % 100, revision_ / 100, revision_ % 100);
            return false;
        };
        if (revision_ < least) return refuse(">=", least);
        if (check_most && most != 0 && most != 0xFFFF && revision_ > most)
            return refuse("<=", most);
        return true;
    }

    void print(const image::PartitionTable& table) {
        console_->info(boot_tag, "Partition Table:");
        console_->info(boot_tag, "## Label            Usage          Type ST Offset   Length");
        int i = 0;
        for (const Partition& p : table.partitions())
            console_->info(boot_tag, "{:2} {:<16} {:<16} {:02x} {:02x} {:08x} {:08x}", i++, p.name,
                           usage_of(p), p.type, p.subtype, p.offset, p.size);
        console_->info(boot_tag, "End of partition table");
    }

    // The chosen app first, then the others, as the bootloader falls back.
    [[nodiscard]] std::vector<const Partition*> candidates(const image::PartitionTable& table) {
        std::vector<const Partition*> slots;
        const Partition* factory = nullptr;
        const Partition* data = nullptr;
        for (const Partition& p : table.partitions()) {
            if (is_ota_app(p)) slots.push_back(&p);
            if (p.is_app() && p.subtype == 0) factory = &p;
            if (p.type == 1 && p.subtype == 0) data = &p;
        }
        std::ranges::sort(slots, {}, &Partition::subtype);
        std::optional<std::uint32_t> chosen;
        if (data != nullptr && data->size >= 0x2000 && !slots.empty()) {
            const auto first = ota_sequence(flash_.subspan(data->offset, 32));
            const auto second = ota_sequence(flash_.subspan(data->offset + 0x1000, 32));
            chosen = std::max(first, second);
        }
        std::vector<const Partition*> order;
        if (chosen)
            std::ranges::rotate(slots, slots.begin() + (*chosen - 1) % std::ssize(slots));
        else if (factory != nullptr)
            order.push_back(factory);
        order.insert(order.end(), slots.begin(), slots.end());
        if (chosen && factory != nullptr) order.push_back(factory);
        return order;
    }

    [[nodiscard]] std::optional<image::AppImage> load(const Partition& partition) {
        const ByteView bytes = flash_.subspan(partition.offset, partition.size);
        auto app = image::parse_app_image(bytes);
        if (!app) {
            console_->error("esp_image", "image at 0x{:x}: {}", partition.offset,
                            app.error().message);
            console_->error(boot_tag, "{} partition is not bootable", usage_of(partition));
            return std::nullopt;
        }
        if (app->chip_id != chip_->id) {
            refuse_chip(partition.offset, app->chip_id);
            return std::nullopt;
        }
        if (!suits_revision(*app, true)) return std::nullopt;
        int i = 0;
        for (const image::AppSegment& s : app->segments) {
            const bool mapped = s.file_offset % mapping_unit == s.load_address % mapping_unit;
            console_->info("esp_image",
                           "segment {}: paddr={:08x} vaddr={:08x} size={:05x}h ({:6}) {}", i++,
                           partition.offset + s.file_offset, s.load_address, s.size, s.size,
                           mapped ? "map" : "load");
        }
        console_->info(boot_tag, "Loaded app from partition at offset 0x{:x}", partition.offset);
        console_->info(boot_tag, "Disabling RNG early entropy source...");
        return std::move(*app);
    }

    void refuse_chip(std::uint32_t offset, std::uint16_t id) {
        console_->error(boot_tag, "image at 0x{:x} is for chip id {}, this is {}", offset, id,
                        chip_->id);
    }

    const ChipModel* chip_;
    ByteView flash_;
    Console* console_;
    std::uint16_t revision_ = 0;
    std::uint64_t told_size_ = 0;  // of the flash, by the bootloader's header
};

void introduce(Console& console, const ChipModel& chip, const image::AppImage& app) {
    console.info("cpu_start", "{} app", cores(chip));
    console.info("cpu_start", "Pro cpu start user code");
    if (!app.description) return;
    const image::AppDescription& about = *app.description;
    const std::string hash = to_hex(about.elf_sha256);
    console.info("app_init", "Application information:");
    console.info("app_init", "Project name:     {}", about.project);
    console.info("app_init", "App version:      {}", about.version);
    console.info("app_init", "Compile time:     {} {}", about.build_date, about.build_time);
    console.info("app_init", "ELF file SHA256:  {}...", hash.substr(0, 9));
    console.info("app_init", "ESP-IDF:          {}", about.idf_version);
}

}  // namespace

std::uint32_t table_place(ByteView flash) {
    constexpr std::uint8_t image_magic = 0xE9;
    const auto tables = image::tables_in(0, flash);
    const auto* found = image::table_in_force(
        tables, [&](std::uint32_t at) { return at < flash.size() && flash[at] == image_magic; });
    if (found != nullptr) return found->offset;
    // A damaged one is complained about where it lies.
    for (std::uint32_t at = image::first_table_place; at <= image::last_table_place;
         at += image::PartitionTable::sector_size)
        if (at < flash.size() && image::begins_table(flash.subspan(at))) return at;
    return image::first_table_place;
}

std::string rom_banner(const ChipModel& chip, std::uint16_t revision, ResetCause cause,
                       bool download) {
    const RomBanner& banner = chip.banner;
    std::string text(banner.name);
    if (chip.is_esp32())
        text = revision >= 300 ? "ets Jul 29 2019 12:21:46\r\n\r\n"
                               : "ets Jun  8 2016 00:22:57\r\n\r\n";
    switch (cause) {
        case ResetCause::power_on:
            text += banner.power_on;
            break;
        case ResetCause::software:
            text += banner.software;
            break;
        case ResetCause::watchdog:
            text += banner.watchdog;
            break;
        case ResetCause::usb:
            text += usb_reset;
            break;
    }
    text += fmt::format(",{}\r\n", download ? banner.download : banner.from_flash);
    if (download) text += "waiting for download\r\n";
    return text;
}

namespace {

// ESP-IDF components/bootloader_support/include/esp_secure_boot.h: behind the image, on the next
// sector, a block that begins with E7.
bool has_signature(const image::AppImage& bootloader, ByteView flash, std::uint32_t offset) {
    constexpr std::uint8_t signature_magic = 0xE7;
    const std::uint64_t at = offset + round_up(bootloader.image_size, 0x1000);
    return at < flash.size() && flash[at] == signature_magic;
}

}  // namespace

BootReport boot(const ChipModel& chip, ByteView flash, std::uint16_t revision, bool secure_boot) {
    const std::uint32_t bootloader_offset = chip.bootloader_offset;
    Console console(30);
    const auto bootloader = image::parse_app_image(flash.subspan(
        bootloader_offset,
        std::min<std::size_t>(image::last_table_place, flash.size()) - bootloader_offset));
    if (!bootloader) {
        const std::uint32_t header = get_u32(flash, bootloader_offset);
        const bool has_magic = (header & 0xFF) == 0xE9;
        for (int i = 0; i < attempts_shown; ++i)
            console.raw(has_magic ? "csum err\r\n"
                                  : fmt::format("invalid header: 0x{:08x}\r\n", header));
        return {console.take(), std::nullopt};
    }
    if (secure_boot && !has_signature(*bootloader, flash, bootloader_offset)) {
        console.raw(
            "Sig block 0 invalid: No signature block magic byte\r\n"
            "secure boot verification failed\r\n");
        return {console.take(), std::nullopt};
    }
    console.raw(fmt::format("{}{}, clock div:{}\r\n", chip.banner.mode,
                            mode_name(bootloader->flash_mode), chip.banner.clock_divider));
    for (const image::AppSegment& segment : bootloader->segments)
        console.raw(fmt::format("load:0x{:08x},len:{}\r\n", segment.load_address, segment.size));
    console.raw(fmt::format("entry 0x{:08x}\r\n", bootloader->entry));

    auto started = SecondStage(chip, flash, console).run(*bootloader, revision);
    const std::uint64_t header_size = 1ULL << (20 + bootloader->flash_size_code);
    if (started) introduce(console, chip, started->app);
    if (started && header_size > flash.size()) {
        console.error("spi_flash",
                      "Detected size({}k) smaller than the size in the binary image header({}k). "
                      "Probe failed.",
                      flash.size() >> 10, header_size >> 10);
        started.reset();
    }
    return {console.take(), std::move(started)};
}

}  // namespace imprint::simulator
