#include <atomic>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/files.h"
#include "base/threads.h"
#include "bays/ports.h"
#include "board_tool/board_tool.h"
#include "board_tool/monitor.h"
#include "board_tool/output_file.h"
#include "cli/board_info.h"
#include "cli/commands.h"
#include "cli/output/text.h"
#include "cli/usage.h"
#include "flash_files/build_folder.h"
#include "image_tool/commands.h"
#include "transport/discovery.h"
#include "transport/port.h"

namespace imprint::cli {

namespace {

struct BoardOptions {
    std::string port;
    std::vector<std::string> ports;  // of the commands that take several
    std::vector<std::string> pieces;
    std::filesystem::path flasher_args;
    std::string address;
    std::string size;
    std::filesystem::path file;
    bool all = false;
    bool plan = false;
    std::string flash_mode;
    std::string flash_frequency;
    std::string flash_size;
    bool encrypt = false;
    bool force = false;
    bool stay = false;
    loader::FlashConsent consent;
    board_tool::MonitorOptions monitor;
    unsigned baud = 115200;
    std::string timeout;
};

Command& board_options(Command& command, BoardOptions& options) {
    command.option({"-p,--port", "PORT", "the board's port; needed where there are several"},
                   &options.port);
    return command.config_options().common_options();
}

Command& many_boards_options(Command& command, BoardOptions& options) {
    command.option({"-p,--port", "PORT", "a board's port; once for each board"}, &options.ports);
    return command.config_options().common_options();
}

Result<board_tool::BoardTool> open_board(Context& context, const std::string& port,
                                         const loader::ConnectOptions& how = {}) {
    IMPRINT_TRY(const config::Config config, context.config());
    return board_tool::BoardTool::open(port, config.settings.station, context.clock,
                                       context.out.sink(), context.log, context.stop, how);
}

// Done with it.
Result<void> leave(board_tool::BoardTool& tool, bool stay) {
    return stay ? tool.stay() : tool.run();
}

void stay_option(Command& command, BoardOptions& options) {
    command.option({"--stay", "", "leave the board in its loader, as where nobody can reset it"},
                   &options.stay);
}

Result<int> show_info(Context& context, const BoardOptions& options) {
    loader::ConnectOptions how;
    how.look_only = true;
    IMPRINT_TRY(board_tool::BoardTool tool, open_board(context, options.port, how));
    show_board_info(context, tool);
    IMPRINT_CHECK(leave(tool, options.stay));
    return 0;
}

// checked: whether a board would start with them.
Result<flash_files::FlashSet> load(const BoardOptions& options, const char* command, bool checked) {
    IMPRINT_CHECK(check_no_ports(options.pieces));
    if (options.pieces.empty() == options.flasher_args.empty())
        return fail(
            ErrorKind::usage, "bad_usage",
            fmt::format("imprint board {} needs addresses and files, or --flasher-args", command),
            fmt::format("see `imprint board {} --help`", command));
    IMPRINT_TRY(auto list, options.flasher_args.empty()
                               ? flash_files::parse_pairs(options.pieces)
                               : flash_files::read_any_build(options.flasher_args));
    flash_files::FlashWishes wishes;
    wishes.encrypt = options.encrypt;
    wishes.force = !checked;
    wishes.by_hand = true;
    if (!options.flash_mode.empty()) wishes.mode = options.flash_mode;
    if (!options.flash_frequency.empty()) wishes.frequency = options.flash_frequency;
    if (!options.flash_size.empty()) {
        wishes.size = flash_files::parse_header_flash_size(options.flash_size);
        if (!wishes.size) {
            IMPRINT_TRY(const std::uint32_t bytes, image_tool::parse_size(options.flash_size));
            wishes.size = {flash_files::HeaderFlashSize::Kind::given, bytes};
        }
    }
    return flash_files::load_flash_set(std::move(list), wishes);
}

using BoardWork = std::function<Result<int>(Context&, board_tool::BoardTool&)>;

// One board's failure among several: told like the others' successes.
void tell_failure(Context& context, const std::string& port, const Error& error) {
    context.out.event({context.clock.wall(), port, {}, events::BoardFailed::of(error)});
}

// The same work on each of the ports, all at once. With one port an error is the command's own.
Result<int> on_each_port(Context& context, const std::vector<std::string>& ports,
                         const BoardWork& work, const loader::ConnectOptions& how = {}) {
    const auto on_one = [&](const std::string& port) -> Result<int> {
        IMPRINT_TRY(board_tool::BoardTool tool, open_board(context, port, how));
        return work(context, tool);
    };
    if (ports.size() < 2) return on_one(ports.empty() ? "" : ports.front());
    IMPRINT_CHECK(bays::check_named_once(ports));
    std::atomic<int> worst = 0;
    {
        std::vector<std::jthread> threads;
        for (const auto& port : ports) {
            const auto on_error = [&, port](const Error& error) {
                tell_failure(context, port, error);
                worst = exit_code(ErrorKind::board);
            };
            auto thread = start_thread(
                port,
                [&, port, on_error](const std::stop_token&) {
                    const auto done = on_one(port);
                    if (!done) return on_error(done.error());
                    if (*done != 0) worst = exit_code(ErrorKind::board);
                },
                on_error);
            if (thread)
                threads.push_back(std::move(*thread));
            else
                on_error(thread.error());
        }
    }
    if (context.stop.stop_requested())
        return fail(ErrorKind::interrupted, "interrupted", "stopped before all boards were done");
    return worst;
}

Result<int> show_differences(Context& context, board_tool::BoardTool& tool,
                             const flash_files::FlashSet& content, bool stay) {
    IMPRINT_TRY(const auto differences, tool.compare(content));
    IMPRINT_CHECK(leave(tool, stay));
    std::vector<std::vector<std::string>> rows{
        {"file", "address", "size", "differs", "to send", "about"}};
    std::uint64_t differs = 0;
    std::uint64_t to_send = 0;
    std::vector<std::string> labels;
    double seconds = 0;
    for (const auto& one : differences) {
        rows.push_back({one.label, fmt::format("{:#x}", one.offset), output::bytes_text(one.size),
                        output::bytes_text(one.differs), output::bytes_text(one.to_send),
                        fmt::format("{:.1f} s", one.seconds)});
        differs += one.differs;
        to_send += one.to_send;
        seconds += one.seconds;
        if (one.differs > 0) labels.push_back(one.label);
    }
    context.show(events::BoardCompared{.port = tool.port(),
                                       .mac = tool.board().info().mac,
                                       .differs = differs,
                                       .files = labels,
                                       .to_send = to_send,
                                       .seconds = seconds},
                 fmt::format("{}\n{}", tool.port(), output::table(rows)));
    return differs == 0 ? 0 : exit_code(ErrorKind::board);
}

Result<int> verify(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(const flash_files::FlashSet content, load(options, "verify", false));
    return on_each_port(context, options.ports, [&](Context& each, board_tool::BoardTool& tool) {
        return show_differences(each, tool, content, options.stay);
    });
}

std::string_view seen_text(loader::StartSeen seen) {
    switch (seen) {
        case loader::StartSeen::started:
            return "; started";
        case loader::StartSeen::silent:
            return "; it left its loader and prints nothing";
        case loader::StartSeen::in_loader:
            break;
    }
    return "; not started";
}

Result<int> flash_board(Context& context, board_tool::BoardTool& tool,
                        const flash_files::FlashSet& content, bool stay) {
    IMPRINT_TRY(const board_tool::FlashOutcome done, tool.flash(content));
    tool.remember_rate();
    IMPRINT_CHECK(leave(tool, stay));
    loader::StartSeen seen = loader::StartSeen::in_loader;
    if (!stay) {
        IMPRINT_TRY(seen, tool.look_started());
    }
    context.show(events::BoardFlashed{.port = tool.port(),
                                      .mac = tool.board().info().mac,
                                      .files = content.regions.size(),
                                      .bytes = done.bytes,
                                      .written = done.written,
                                      .encrypted = done.encrypted,
                                      .started = seen == loader::StartSeen::started},
                 fmt::format("{}: {} in {} file{}{}, {} of it written{}{}\n", tool.port(),
                             output::bytes_text(done.bytes), content.regions.size(),
                             content.regions.size() == 1 ? "" : "s",
                             done.encrypted == done.bytes ? "" : " proven by the chip's MD5",
                             output::bytes_text(done.written),
                             done.encrypted == 0
                                 ? std::string()
                                 : fmt::format(", {} of that encrypted by the chip, which cannot "
                                               "be proven",
                                               output::bytes_text(done.encrypted)),
                             stay ? "; still in its loader" : seen_text(seen)));
    if (seen == loader::StartSeen::in_loader && !stay)
        return fail(
            ErrorKind::board, "board_in_loader",
            fmt::format("the board on {} is written, but still sits in its loader", tool.port()),
            "let go of its BOOT button and press RESET (EN), or take its power away");
    return 0;
}

Result<int> flash(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(const flash_files::FlashSet content, load(options, "flash", !options.force));
    loader::ConnectOptions how;
    how.consent = options.consent;
    return on_each_port(
        context, options.ports,
        [&](Context& each, board_tool::BoardTool& tool) -> Result<int> {
            if (!options.plan) return flash_board(each, tool, content, options.stay);
            // A plan is no failure, whatever it finds.
            IMPRINT_CHECK(show_differences(each, tool, content, options.stay));
            return 0;
        },
        how);
}

Result<int> watch(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(const config::Config config, context.config());
    IMPRINT_TRY(const auto where,
                bays::choose_port(options.port, config.settings.station, transport::find_ports));
    board_tool::MonitorOptions how = options.monitor;
    how.baud = options.baud;
    if (!options.timeout.empty()) {
        double seconds = 0;
        const char* end = options.timeout.data() + options.timeout.size();
        if (const auto parsed = std::from_chars(options.timeout.data(), end, seconds);
            parsed.ec != std::errc() || parsed.ptr != end || seconds <= 0)
            return fail(ErrorKind::usage, "bad_usage",
                        fmt::format("--timeout {}: seconds, such as 10 or 0.5", options.timeout));
        how.timeout = Milliseconds(static_cast<std::int64_t>(seconds * 1000));
    }
    IMPRINT_TRY(const auto port, transport::open_port(where.port, how.baud));
    IMPRINT_CHECK(board_tool::monitor(
        *port, how, context.clock,
        [&](const console::Line& line) {
            context.show(events::BoardConsole{.port = where.port, .line = line.text},
                         line.coloured + '\n');
        },
        context.stop));
    return 0;
}

Result<int> read(Context& context, const BoardOptions& options) {
    IMPRINT_TRY(const std::uint32_t address, image_tool::parse_size(options.address));
    IMPRINT_TRY(const auto asked, image_tool::parse_size_or_all(options.size));
    IMPRINT_CHECK(board_tool::check_output(options.file, asked.value_or(0)));
    IMPRINT_TRY(board_tool::BoardTool tool, open_board(context, options.port));
    IMPRINT_TRY(const std::uint32_t size, tool.size_from(address, asked));
    if (!asked) IMPRINT_CHECK(board_tool::check_output(options.file, size));
    IMPRINT_TRY(const Bytes bytes, tool.read(address, size));
    // A flash may hold a private key.
    IMPRINT_CHECK(write_file(options.file, bytes, FileMode::secret));
    IMPRINT_CHECK(leave(tool, options.stay));
    context.show(
        events::BoardRead{.port = tool.port(),
                          .mac = tool.board().info().mac,
                          .path = options.file.string(),
                          .bytes = bytes.size()},
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
        IMPRINT_TRY(size, image_tool::parse_size_or_all(options.size));
    }
    loader::ConnectOptions how;
    how.consent = options.consent;
    IMPRINT_TRY(board_tool::BoardTool tool, open_board(context, options.port, how));
    IMPRINT_TRY(const std::uint32_t bytes, tool.erase(address, size));
    context.show(events::BoardErased{.port = tool.port(),
                                     .mac = tool.board().info().mac,
                                     .offset = address.value_or(0),
                                     .bytes = bytes},
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
    Command group =
        root.command("board", "Boards by hand: look, flash, verify, read, erase, watch.",
                     "imprint board info --port /dev/ttyUSB0");
    const auto options = std::make_shared<BoardOptions>();

    Command info =
        group.command("info", "What chip it is, its MAC, its flash, what is locked.",
                      "imprint board info\nimprint board info --port /dev/ttyUSB0 --json");
    stay_option(info, *options);
    board_options(info, *options).act(action_of(options, show_info));

    Command flashing = group.command(
        "flash", "Write files to flash, only what differs, and prove them by the chip's MD5.",
        "imprint board flash 0x1000 bootloader.bin 0x8000 partition-table.bin 0x10000 app.bin\n"
        "imprint board flash --flasher-args build/flasher_args.json\n"
        "imprint board flash -p /dev/ttyUSB0 -p /dev/ttyUSB1 --flasher-args "
        "build/flasher_args.json");
    flashing.option({"--plan", "", "only say what differs, and how long writing it would take"},
                    &options->plan);
    flashing.option({.names = "--flash-mode",
                     .type = "MODE",
                     .meaning = "into the bootloader's header: qio, qout, dio, dout",
                     .offers = {"qio", "qout", "dio", "dout"}},
                    &options->flash_mode);
    flashing.option({.names = "--flash-frequency",
                     .type = "HZ",
                     .meaning = "into the bootloader's header: 80m, 40m, …",
                     .offers = {"80m", "40m", "26m", "20m"}},
                    &options->flash_frequency);
    flashing.option({.names = "--flash-size",
                     .type = "SIZE",
                     .meaning = "into the bootloader's header: 4MB, …; detect: the board's; keep",
                     .offers = flash_sizes({"detect", "keep"})},
                    &options->flash_size);
    flashing.option(
        {"--encrypt", "", "have the chip encrypt the files that flasher_args.json marks, or all"},
        &options->encrypt);
    flashing.option(
        {"--plain", "", "the other files are meant plain, though the chip encrypts its flash"},
        &options->consent.plain_on_encrypted);
    flashing.option({"--signed", "", "the bootloader is signed for this board's secure boot"},
                    &options->consent.signed_bootloader);
    flashing.option(
        {"--force", "", "also what this chip or revision would not start; never past its security"},
        &options->force);
    flashing.option({"PIECES", "ADDRESS FILE", "an address and a file, by turns"},
                    &options->pieces);
    flashing.option(
        {"--flasher-args", "PATH", "what a build wrote, its folder, or a merged binary"},
        &options->flasher_args);
    stay_option(flashing, *options);
    many_boards_options(flashing, *options).act(action_of(options, flash));

    Command verifying = group.command(
        "verify", "Compare flash with files by the chip's MD5; 5 if anything differs.",
        "imprint board verify --flasher-args build/flasher_args.json");
    verifying.option({"PIECES", "ADDRESS FILE", "an address and a file, by turns"},
                     &options->pieces);
    verifying.option(
        {"--flasher-args", "PATH", "what a build wrote, its folder, or a merged binary"},
        &options->flasher_args);
    stay_option(verifying, *options);
    many_boards_options(verifying, *options).act(action_of(options, verify));

    Command reading = group.command("read", "Read flash into a file of mode 0600.",
                                    "imprint board read 0x0 4MB flash.bin");
    reading.option({"ADDRESS", "ADDRESS", "where to begin: 0x8000, 32K", true}, &options->address);
    reading.option({"SIZE", "SIZE", "how much: 0x1000, 4K, 4MB; ALL: to the flash's end", true},
                   &options->size);
    reading.option({"FILE", "FILE", "where to put it", true}, &options->file);
    stay_option(reading, *options);
    board_options(reading, *options).act(action_of(options, read));

    Command erasing =
        group.command("erase", "Erase flash, in whole sectors of 4096 bytes.",
                      "imprint board erase 0x110000 0xF0000\nimprint board erase --all");
    erasing.option({"ADDRESS", "ADDRESS", "where to begin"}, &options->address);
    erasing.option({"SIZE", "SIZE", "how much; ALL: to the flash's end"}, &options->size);
    erasing.option({"--all", "", "the whole flash"}, &options->all);
    erasing.option(
        {"--plain", "", "on a chip that encrypts its flash: a partition that is not encrypted"},
        &options->consent.plain_on_encrypted);
    board_options(erasing, *options).act(action_of(options, erase));

    Command watching = group.command(
        "monitor", "Show what a board prints, until ^C, a line or a time.",
        "imprint board monitor --reset\n"
        "imprint board monitor --reset --until 'imprint: connected' --fail-on panic --timeout 20");
    board_tool::MonitorOptions& how = options->monitor;
    watching.option({"--reset", "", "start the board anew first"}, &how.reset);
    watching.option({"--until", "TEXT", "end well with the line that holds this"}, &how.until);
    watching.option({"--fail-on", "TEXT", "end badly with the line that holds this"}, &how.fail_on);
    watching.option({"--timeout", "SECONDS", "end after so long; badly, if --until was waited for"},
                    &options->timeout);
    watching.option({"--timestamps", "", "the time (UTC) in front of each line"}, &how.timestamps);
    watching.option({"--log", "FILE", "append the lines to a file as well"}, &how.log);
    watching.option({"--console-baud", "N", "of the console (115200)"}, &options->baud);
    board_options(watching, *options).act(action_of(options, watch));
}

}  // namespace imprint::cli
