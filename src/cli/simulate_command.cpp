#include <fmt/format.h>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/simulated_boards.h"
#include "prepare/spiffs_settings.h"
#include "simulator/run.h"
#include "simulator/sample_firmware.h"

namespace imprint::cli {

namespace {

constexpr unsigned no_network_port = 0x10000;

struct SimulateOptions {
    simulator::RunOptions run;
    SimulatedBoardOptions board;
    unsigned rfc2217 = no_network_port;
};

Result<int> run_boards(Context& context, const SimulateOptions& options) {
    simulator::RunOptions run = options.run;
    IMPRINT_TRY(run.board, options.board.read(run.base_mac));
    if (run.count == 0 || run.count > 256)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--count {}: from 1 to 256 boards", run.count));
    if (options.rfc2217 > no_network_port)
        return fail(ErrorKind::usage, "bad_usage",
                    fmt::format("--rfc2217 {}: the last port is 65535", options.rfc2217));
    if (options.rfc2217 != no_network_port)
        run.board.rfc2217_port = static_cast<std::uint16_t>(options.rfc2217);
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
    command.option(
        {"--rfc2217", "N", "network ports from this on, in place of terminals; 0: any free ones"},
        &options->rfc2217);
    options->board.add_to(command);
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

Result<imprint_identity::Storage> storage_of(const std::string& format) {
    using imprint_identity::Storage;
    if (format == "spiffs") return Storage::spiffs;
    if (format == "nvs") return Storage::nvs;
    if (format == "esp-secure-cert") return Storage::esp_secure_cert;
    return fail(ErrorKind::usage, "bad_usage",
                fmt::format("--credentials {}: no such format", format),
                "say spiffs, nvs or esp-secure-cert");
}

void add_simulate_firmware(Command& group) {
    struct Options {
        std::filesystem::path directory;
        std::string version = "1.0.0";
        std::string chip = "esp32";
        std::vector<std::string> sdkconfig;
        std::string format = "spiffs";
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
    command.option(
        {.names = "--credentials",
         .type = "FORMAT",
         .meaning = "where it looks for its identity: spiffs, nvs or esp-secure-cert (spiffs)",
         .offers = {"spiffs", "nvs", "esp-secure-cert"}},
        &options->format);
    command.common_options().act([options](Context& context) -> Result<int> {
        simulator::FirmwareSettings settings;
        IMPRINT_TRY(settings.spiffs, spiffs_of(options->sdkconfig));
        IMPRINT_TRY(settings.storage, storage_of(options->format));
        IMPRINT_CHECK(claim_directory(options->directory, ".imprint-sample-firmware",
                                      {"partitions.csv", "build"}));
        IMPRINT_CHECK(simulator::write_sample_firmware(options->directory, options->version,
                                                       options->chip, settings));
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
    add_simulate_bench(group);
    add_simulate_firmware(group);
}

}  // namespace imprint::cli
