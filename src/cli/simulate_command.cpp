#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "cli/commands.h"
#include "image_tool/commands.h"
#include "prepare/spiffs_settings.h"
#include "simulator/run.h"
#include "simulator/sample_firmware.h"

namespace imprint::cli {

namespace {

constexpr unsigned common_revision = 0xFFFF;  // of the chip, whichever that is
constexpr unsigned no_network_port = 0x10000;

struct SimulateOptions {
    simulator::RunOptions run;
    std::string mac;
    std::string flash_size = "4MB";
    std::string flash_told;
    std::string flash_id;
    std::string timing = "none";
    std::string usb = "bridge";
    std::string encryption = "off";
    unsigned revision = common_revision;
    unsigned rfc2217 = no_network_port;
    bool no_network = false;
};

Result<int> run_boards(Context& context, const SimulateOptions& options) {
    simulator::RunOptions run = options.run;
    if (!options.mac.empty()) {
        IMPRINT_TRY(run.base_mac, read_mac(options.mac));
    }
    if (run.count == 0 || run.count > 256)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--count {}: from 1 to 256 boards", run.count));
    IMPRINT_TRY(run.board.flash_size, image_tool::parse_size(options.flash_size));
    if (!options.flash_told.empty()) {
        IMPRINT_TRY(run.board.flash_told, image_tool::parse_size(options.flash_told));
    }
    if (!options.flash_id.empty()) {
        const auto id = from_hex(options.flash_id);
        if (!id || id->size() != 3)
            return fail(ErrorKind::usage, "bad_usage",
                        fmt::format("--flash-id {}: six hex digits, as 204016", options.flash_id));
        run.board.flash_id =
            std::uint32_t{(*id)[0]} | std::uint32_t{(*id)[1]} << 8 | std::uint32_t{(*id)[2]} << 16;
    }
    if (options.revision != common_revision)
        run.board.revision = static_cast<std::uint16_t>(options.revision);
    if (options.rfc2217 > no_network_port)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--rfc2217 {}: the last port is 65535", options.rfc2217));
    if (options.rfc2217 != no_network_port)
        run.board.rfc2217_port = static_cast<std::uint16_t>(options.rfc2217);
    run.board.network = !options.no_network;
    if (options.timing == "w25q32")
        run.board.timings = simulator::Timings::esp32_with_w25q32();
    else if (options.timing != "none")
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--timing {}: it is none or w25q32", options.timing));
    if (options.usb == "serial-jtag")
        run.board.usb = simulator::UsbKind::serial_jtag;
    else if (options.usb == "own")
        run.board.usb = simulator::UsbKind::own;
    else if (options.usb != "bridge")
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--usb {}: it is bridge, serial-jtag or own", options.usb));
    if (options.encryption == "development")
        run.board.fuses.flash_encryption = simulator::FlashEncryption::development;
    else if (options.encryption == "release")
        run.board.fuses.flash_encryption = simulator::FlashEncryption::release;
    else if (options.encryption != "off")
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--flash-encryption {}: it is off, development or release",
                                options.encryption));
    IMPRINT_CHECK(simulator::run_boards(
        run,
        [&context](const std::vector<simulator::RunningBay>& bays) {
            for (const auto& bay : bays) {
                events::BoardReady ready{.port = bay.port, .mac = bay.mac};
                std::string text = bay.port;
                if (!bay.terminal.empty()) {
                    ready.terminal = bay.terminal.string();
                    text += "  " + bay.terminal.string();
                }
                context.show(std::move(ready), fmt::format("{}  {}\n", text, bay.mac.id()));
            }
        },
        context.stop, context.log));
    return 0;
}

void add_simulate_board(Command& group) {
    const auto options = std::make_shared<SimulateOptions>();
    options->run.directory = "bays";
    simulator::RunOptions& run = options->run;
    Command command = group.command(
        "board", "Run ESP32 boards on pseudo-terminals or network ports until ^C.",
        "imprint simulate board --count 4 --dir bays\n"
        "imprint prepare --port bays/bay0 --port bays/bay1      # in another terminal");
    command.option({"--count", "N", "how many (1)"}, &run.count);
    command.option({"--dir", "DIR", "folder for the links bay0, bay1, … and their flash (bays)"},
                   &run.directory);
    command.option({"--mac", "MAC", "of bay 0; the next ones count up"}, &options->mac);
    command.option({"--chip", "CHIP", "esp32, esp32s2, esp32s3, esp32c2, … (esp32)"},
                   &run.board.chip);
    command.option({"--revision", "N", "of the chip, major × 100 + minor (a common one)"},
                   &options->revision);
    command.option({"--flash-size", "SIZE", "of the flash (4MB)"}, &options->flash_size);
    command.option({"--flash-told", "SIZE", "fault: the size that the flash's id tells instead"},
                   &options->flash_told);
    command.option({"--flash-id", "ID", "of the flash: manufacturer, type and capacity (ef4016)"},
                   &options->flash_id);
    command.option({"--flash-locked", "", "fault: the flash is write-protected, and stays so"},
                   &run.board.flash_locked);
    command.option({"--timing", "KIND",
                    "none: as fast as the host; w25q32: an ESP32 with such a flash, and a wire"},
                   &options->timing);
    command.option({"--rfc2217", "PORT",
                    "network ports from this on, in place of terminals; 0: any free ones"},
                   &options->rfc2217);
    command.option({"--usb", "KIND",
                    "bridge, serial-jtag, or own: the chip itself, which leaves with each reset"},
                   &options->usb);
    command.option({"--boot-button", "", "held while the power came: the loader runs at first"},
                   &run.board.boot_button_held);
    command.option({"--flash-encryption", "KIND", "off, development or release (off)"},
                   &options->encryption);
    command.option({"--secure-boot", "", "the bootloader has to be signed"},
                   &run.board.fuses.secure_boot);
    command.option({"--secure-download", "", "the loader tells little and proves nothing"},
                   &run.board.fuses.secure_download);
    command.option({"--cable", "BAUD", "fault: faster than this the cable carries noise"},
                   &run.board.cable_carries);
    command.option({"--no-network", "", "fault: the firmware never reaches its broker"},
                   &options->no_network);
    command.option(
        {"--former-stub", "", "an uploaded stub behaves as that of esptool 4 and before"},
        &run.board.former_stub);
    command.option({"--damaged-stub-ram", "", "fault: a stub never starts, the ROM loader works"},
                   &run.board.damaged_stub_ram);
    command.common_options().act(
        [options](Context& context) { return run_boards(context, *options); });
}

// "SPIFFS_PAGE_SIZE=512", with or without CONFIG_ before it; what is not said is ESP-IDF's default.
Result<image::spiffs::Geometry> spiffs_of(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        const std::string one = (line.starts_with("CONFIG_") ? "" : "CONFIG_") + line + "\n";
        const auto set = prepare::parse_sdkconfig(one);
        if (!set || *set == prepare::SpiffsSettings())
            return fail(ErrorKind::usage, "bad_usage",
                        set ? fmt::format("--sdkconfig {}: it is no setting of an image", line)
                            : set.error().message,
                        "for example SPIFFS_PAGE_SIZE=512, SPIFFS_OBJ_NAME_LEN=64, "
                        "SPIFFS_META_LENGTH=0, SPIFFS_USE_MAGIC_LENGTH=n");
        text += one;
    }
    IMPRINT_TRY(const auto set, prepare::parse_sdkconfig(text));
    const prepare::BuiltSpiffs usual{{256, 32, 4, true, true}, {}};
    IMPRINT_TRY(auto chosen, prepare::choose_spiffs(set, usual));
    return chosen.geometry;
}

void add_simulate_firmware(Command& group) {
    struct Options {
        std::filesystem::path directory;
        std::string version = "1.0.0";
        std::string chip = "esp32";
        std::vector<std::string> sdkconfig;
    };

    const auto options = std::make_shared<Options>();
    Command command = group.command(
        "firmware", "Write a firmware for simulated boards, as ESP-IDF leaves a build.",
        "imprint simulate firmware project --version 1.2.0\n"
        "imprint simulate firmware project --sdkconfig SPIFFS_OBJ_NAME_LEN=64");
    command.option({"DIR", "DIR", "the project's folder", true}, &options->directory);
    command.option({"--version", "VERSION", "that the app says it is (1.0.0)"}, &options->version);
    command.option({"--chip", "CHIP", "that it is for: esp32, esp32s2, … (esp32)"}, &options->chip);
    command.option(
        {"--sdkconfig", "NAME=VALUE",
         "a SPIFFS setting of its build, as in an sdkconfig; may be given several times"},
        &options->sdkconfig);
    command.common_options().act([options](Context& context) -> Result<int> {
        IMPRINT_TRY(const auto spiffs, spiffs_of(options->sdkconfig));
        IMPRINT_CHECK(claim_directory(options->directory, ".imprint-sample-firmware",
                                      {"partitions.csv", "build"}));
        IMPRINT_CHECK(simulator::write_sample_firmware(options->directory, options->version,
                                                       options->chip, spiffs));
        const auto args = (options->directory / "build" / "flasher_args.json").string();
        context.show(events::FileWritten{.path = args}, fmt::format("wrote {}\n", args));
        return 0;
    });
}

}  // namespace

void add_simulate(Command& root) {
    Command group =
        root.command("simulate", "Boards that are not there.", "imprint simulate board --count 2");
    add_simulate_board(group);
    add_simulate_firmware(group);
}

}  // namespace imprint::cli
