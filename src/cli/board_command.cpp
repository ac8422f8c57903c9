#include <fmt/format.h>
#include <fmt/ranges.h>
#include <memory>
#include <vector>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/output/text.h"
#include "image_tool/commands.h"
#include "station/board_tool.h"

namespace imprint::cli {

namespace {

struct BoardOptions {
    std::string port;
    std::vector<std::string> pieces;
    std::filesystem::path flasher_args;
    std::string address;
    std::string size;
    std::filesystem::path file;
    bool all = false;
};

Command& board_options(Command& command, BoardOptions& options) {
    command.option({"-p,--port", "PORT", "the board's port; needed where there are several"},
                   &options.port);
    return command.config_options().common_options();
}

Result<station::BoardTool> open_board(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(const station::Config config, context.config());
    return station::BoardTool::open(
        options.port, config.settings.station, context.clock,
        [&context](const prepare::Event& event) { context.out.event(event); }, context.log,
        context.stop);
}

std::string security_text(const loader::SecurityState& state) {
    if (!state.known) return "not told by this chip";
    std::vector<std::string> on;
    if (state.secure_boot) on.emplace_back("secure boot");
    if (state.flash_encryption)
        on.emplace_back(state.flash_encryption_release ? "flash encryption (release)"
                                                       : "flash encryption");
    if (state.secure_download_mode) on.emplace_back("secure download mode");
    return on.empty() ? "nothing locked" : fmt::format("{}", fmt::join(on, ", "));
}

Result<int> show_info(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(station::BoardTool tool, open_board(context, options));
    const loader::BoardInfo& info = tool.board().info();
    const std::string revision = fmt::format("v{}.{}", info.revision / 100, info.revision % 100);
    const std::string loader = fmt::format(
        "{} at {} baud", tool.board().stub_runs() ? "stub" : "ROM", tool.board().baud());
    context.show("board_info",
                 {{"port", tool.port()},
                  {"mac", info.mac.id()},
                  {"chip", std::string(info.chip->name)},
                  {"revision", revision},
                  {"crystal_mhz", std::int64_t{info.crystal_mhz}},
                  {"flash_id", fmt::format("{:06x}", info.flash_id)},
                  {"flash_size", std::int64_t{info.flash_size}},
                  {"security_known", info.security.known},
                  {"secure_boot", info.security.secure_boot},
                  {"flash_encryption", info.security.flash_encryption},
                  {"secure_download_mode", info.security.secure_download_mode},
                  {"stub", tool.board().stub_runs()},
                  {"baud", std::int64_t{tool.board().baud()}}},
                 output::table({{"port", tool.port()},
                                {"MAC", info.mac.colons()},
                                {"chip", fmt::format("{} {}", info.chip->name, revision)},
                                {"crystal", fmt::format("{} MHz", info.crystal_mhz)},
                                {"flash", fmt::format("{} (id {:06x})",
                                                      info.flash_size == 0
                                                          ? std::string("of unknown size")
                                                          : output::bytes_text(info.flash_size),
                                                      info.flash_id)},
                                {"security", security_text(info.security)},
                                {"loader", loader}}));
    IMPRINT_CHECK(tool.run());
    return 0;
}

Result<int> flash(Context& context, const BoardOptions& options) {
    if (options.pieces.empty() == options.flasher_args.empty())
        return fail(ErrorKind::usage, "bad_usage",
                    "imprint board flash needs addresses and files, or --flasher-args",
                    "see `imprint board flash --help`");
    IMPRINT_TRY(const auto pieces, options.flasher_args.empty()
                                       ? station::parse_flash_pieces(options.pieces)
                                       : station::read_flasher_args(options.flasher_args));
    IMPRINT_TRY(station::BoardTool tool, open_board(context, options));
    IMPRINT_TRY(const station::FlashOutcome done, tool.flash(pieces));
    IMPRINT_CHECK(tool.run());
    context.show("board_flashed",
                 {{"port", tool.port()},
                  {"mac", tool.board().info().mac.id()},
                  {"files", static_cast<std::int64_t>(pieces.size())},
                  {"bytes", static_cast<std::int64_t>(done.bytes)},
                  {"written", static_cast<std::int64_t>(done.written)}},
                 fmt::format("{}: {} in {} files proven by the chip's MD5, {} of it written; "
                             "started\n",
                             tool.port(), output::bytes_text(done.bytes), pieces.size(),
                             output::bytes_text(done.written)));
    return 0;
}

Result<int> read(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(const std::uint32_t address, image_tool::parse_size(options.address));
    IMPRINT_TRY(const std::uint32_t size, image_tool::parse_size(options.size));
    IMPRINT_TRY(station::BoardTool tool, open_board(context, options));
    IMPRINT_TRY(const Bytes bytes, tool.read(address, size));
    // A flash may hold a private key.
    IMPRINT_CHECK(write_file(options.file, bytes, FileMode::secret));
    IMPRINT_CHECK(tool.run());
    context.show(
        "board_read",
        {{"port", tool.port()},
         {"mac", tool.board().info().mac.id()},
         {"path", options.file.string()},
         {"bytes", static_cast<std::int64_t>(bytes.size())}},
        fmt::format("{}: {} from {:#x} are in {} (mode 0600: there may be a key in it)\n",
                    tool.port(), output::bytes_text(bytes.size()), address, options.file.string()));
    return 0;
}

Result<int> erase(Context& context, const BoardOptions& options) {
    if (options.all != options.address.empty())
        return fail(ErrorKind::usage, "bad_usage",
                    "imprint board erase needs an address and a size, or --all",
                    "see `imprint board erase --help`");
    std::optional<std::uint32_t> address;
    std::optional<std::uint32_t> size;
    if (!options.all) {
        IMPRINT_TRY(address, image_tool::parse_size(options.address));
        if (options.size.empty())
            return fail(ErrorKind::usage, "bad_usage", "how much is to be erased?",
                        "say a size behind the address, or --all");
        IMPRINT_TRY(size, image_tool::parse_size(options.size));
    }
    IMPRINT_TRY(station::BoardTool tool, open_board(context, options));
    IMPRINT_TRY(const std::uint32_t bytes, tool.erase(address, size));
    context.show("board_erased",
                 {{"port", tool.port()},
                  {"mac", tool.board().info().mac.id()},
                  {"offset", std::int64_t{address.value_or(0)}},
                  {"bytes", std::int64_t{bytes}}},
                 fmt::format("{}: erased {} from {:#x}\n", tool.port(), output::bytes_text(bytes),
                             address.value_or(0)));
    return 0;
}

using Work = Result<int> (*)(Context&, const BoardOptions&);

Action action_of(const std::shared_ptr<BoardOptions>& options, Work work) {
    return [options, work](Context& context) { return work(context, *options); };
}

}  // namespace

void add_board(Command& root) {
    Command group = root.command("board", "One board by hand: look, flash, read, erase.",
                                 "imprint board info --port /dev/ttyUSB0");
    const auto options = std::make_shared<BoardOptions>();

    Command info =
        group.command("info", "What chip it is, its MAC, its flash, what is locked.",
                      "imprint board info\nimprint board info --port /dev/ttyUSB0 --json");
    board_options(info, *options).act(action_of(options, show_info));

    Command flashing = group.command(
        "flash", "Write files to flash, only what differs, and prove them by the chip's MD5.",
        "imprint board flash 0x1000 bootloader.bin 0x8000 partition-table.bin 0x10000 app.bin\n"
        "imprint board flash --flasher-args build/flasher_args.json");
    flashing.option({"PIECES", "ADDRESS FILE", "an address and a file, by turns"},
                    &options->pieces);
    flashing.option({"--flasher-args", "FILE", "what ESP-IDF's build wrote, instead of pairs"},
                    &options->flasher_args);
    board_options(flashing, *options).act(action_of(options, flash));

    Command reading = group.command("read", "Read flash into a file of mode 0600.",
                                    "imprint board read 0x0 4MB flash.bin");
    reading.option({"ADDRESS", "ADDRESS", "where to begin: 0x8000, 32K", true}, &options->address);
    reading.option({"SIZE", "SIZE", "how much: 0x1000, 4096, 4K, 4MB", true}, &options->size);
    reading.option({"FILE", "FILE", "where to put it", true}, &options->file);
    board_options(reading, *options).act(action_of(options, read));

    Command erasing =
        group.command("erase", "Erase flash, in whole sectors of 4096 bytes.",
                      "imprint board erase 0x110000 0xF0000\nimprint board erase --all");
    erasing.option({"ADDRESS", "ADDRESS", "where to begin"}, &options->address);
    erasing.option({"SIZE", "SIZE", "how much"}, &options->size);
    erasing.option({"--all", "", "the whole flash"}, &options->all);
    board_options(erasing, *options).act(action_of(options, erase));
}

}  // namespace imprint::cli
