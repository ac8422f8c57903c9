#include "cli/simulated_boards.h"

#include <fmt/format.h>

#include "base/bytes.h"
#include "cli/ledger_filter.h"
#include "image_tool/commands.h"

namespace imprint::cli {

void SimulatedBoardOptions::add_to(Command& command) {
    command.option({"--mac", "MAC", "of the first board; the next ones count up"}, &mac_);
    command.option({"--chip", "CHIP", "esp32, esp32s2, esp32s3, esp32c2, … (esp32)"}, &board_.chip);
    command.option({"--revision", "N", "of the chip, major × 100 + minor (a common one)"},
                   &revision_);
    command.option({.names = "--flash-size",
                    .type = "SIZE",
                    .meaning = "of the flash (4MB)",
                    .offers = flash_sizes()},
                   &flash_size_);
    command.option({"--flash-told", "SIZE", "fault: the size that the flash's id tells instead"},
                   &flash_told_);
    command.option({"--flash-id", "ID", "of the flash: manufacturer, type and capacity (ef4016)"},
                   &flash_id_);
    command.option({"--flash-locked", "", "fault: the flash is write-protected, and stays so"},
                   &board_.flash_locked);
    command.option(
        {.names = "--timing",
         .type = "KIND",
         .meaning = "none: as fast as the host; w25q32: an ESP32 with such a flash, and a wire",
         .offers = {"none", "w25q32"}},
        &timing_);
    command.option(
        {.names = "--usb",
         .type = "KIND",
         .meaning = "bridge, serial-jtag, or own: the chip itself, which leaves with each reset",
         .offers = {"bridge", "serial-jtag", "own"}},
        &usb_);
    command.option({"--boot-button", "", "held while the power came: the loader runs at first"},
                   &board_.boot_button_held);
    command.option({.names = "--flash-encryption",
                    .type = "KIND",
                    .meaning = "off, development or release (off)",
                    .offers = {"off", "development", "release"}},
                   &encryption_);
    command.option({"--secure-boot", "", "the bootloader has to be signed"},
                   &board_.fuses.secure_boot);
    command.option({"--secure-download", "", "the loader tells little and proves nothing"},
                   &board_.fuses.secure_download);
    command.option({"--cable", "BAUD", "fault: faster than this the cable carries noise"},
                   &board_.cable_carries);
    command.option({"--no-network", "", "fault: the firmware never reaches its broker"},
                   &no_network_);
    command.option({"--date", "TIME",
                    "fault: what the firmware is told for the time, as 2020-01-31T12:00 (UTC)"},
                   &date_);
    command.option(
        {"--former-stub", "", "an uploaded stub behaves as that of esptool 4 and before"},
        &board_.former_stub);
    command.option({"--damaged-stub-ram", "", "fault: a stub never starts, the ROM loader works"},
                   &board_.damaged_stub_ram);
}

Result<simulator::BoardOptions> SimulatedBoardOptions::read(MacAddress& first) const {
    simulator::BoardOptions board = board_;
    if (!mac_.empty()) {
        IMPRINT_TRY(first, read_mac(mac_));
    }
    IMPRINT_TRY(board.flash_size, image_tool::parse_size(flash_size_));
    if (!flash_told_.empty()) {
        IMPRINT_TRY(board.flash_told, image_tool::parse_size(flash_told_));
    }
    if (!flash_id_.empty()) {
        const auto id = from_hex(flash_id_);
        if (!id || id->size() != 3)
            return fail(ErrorKind::usage, "bad_usage",
                        fmt::format("--flash-id {}: six hex digits, as 204016", flash_id_));
        board.flash_id =
            std::uint32_t{(*id)[0]} | std::uint32_t{(*id)[1]} << 8 | std::uint32_t{(*id)[2]} << 16;
    }
    if (revision_ != common_revision) board.revision = static_cast<std::uint16_t>(revision_);
    board.network = !no_network_;
    if (!date_.empty()) {
        IMPRINT_TRY(board.network_time, parse_time(date_, false));
    }
    if (timing_ == "w25q32")
        board.timings = simulator::Timings::esp32_with_w25q32();
    else if (timing_ != "none")
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--timing {}: it is none or w25q32", timing_));
    if (usb_ == "serial-jtag")
        board.usb = simulator::UsbKind::serial_jtag;
    else if (usb_ == "own")
        board.usb = simulator::UsbKind::own;
    else if (usb_ != "bridge")
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--usb {}: it is bridge, serial-jtag or own", usb_));
    if (encryption_ == "development")
        board.fuses.flash_encryption = simulator::FlashEncryption::development;
    else if (encryption_ == "release")
        board.fuses.flash_encryption = simulator::FlashEncryption::release;
    else if (encryption_ != "off")
        return fail(
            ErrorKind::usage, "bad_usage",
            fmt::format("--flash-encryption {}: it is off, development or release", encryption_));
    return board;
}

}  // namespace imprint::cli
