#include "station/board_tool.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/resources.h"
#include "image/app_image.h"
#include "image_tool/commands.h"
#include "prepare/build_files.h"
#include "transport/discovery.h"

namespace imprint::station {

namespace {

std::unexpected<Error> damaged(const std::filesystem::path& file, const std::string& what) {
    return fail(ErrorKind::config, "flasher_args_damaged",
                fmt::format("{} {}", file.string(), what), "build the firmware again");
}

}  // namespace

Result<std::string> choose_port(const std::string& named,
                                const prepare::StationSettings& settings) {
    if (!named.empty()) return named;
    std::vector<std::string> ports = settings.ports;
    if (ports.empty())
        for (const auto& found : transport::find_ports())
            ports.push_back(found.path);
    if (ports.empty())
        return fail(ErrorKind::board, "no_port", "no serial port with a board was found",
                    "plug a board in, or name its port with --port");
    if (ports.size() > 1)
        return fail(ErrorKind::board, "several_ports",
                    fmt::format("there are {} ports: which one?", ports.size()),
                    fmt::format("name it: --port {}", ports.front()));
    return ports.front();
}

Result<std::vector<FlashPiece>> parse_flash_pieces(const std::vector<std::string>& words) {
    if (words.size() % 2 != 0)
        return fail(
            ErrorKind::usage, "flash_pieces",
            fmt::format("\"{}\" stands alone: addresses and files come in pairs", words.back()),
            "for example: 0x1000 bootloader.bin 0x8000 partition-table.bin");
    std::vector<FlashPiece> pieces;
    for (std::size_t i = 0; i + 1 < words.size(); i += 2) {
        IMPRINT_TRY(const std::uint32_t offset, image_tool::parse_size(words[i]));
        pieces.push_back({offset, words[i + 1]});
    }
    return pieces;
}

Result<std::vector<FlashPiece>> read_flasher_args(const std::filesystem::path& file) {
    IMPRINT_TRY(const std::string text, read_text(file));
    const auto root = nlohmann::json::parse(text, nullptr, false);
    if (!root.is_object() || !root.contains("flash_files") || !root["flash_files"].is_object())
        return damaged(file, "has no flash_files");
    if (const auto key = prepare::key_named_twice(text))
        return damaged(file, fmt::format("names \"{}\" twice", *key));
    std::vector<FlashPiece> pieces;
    for (const auto& [address, name] : root["flash_files"].items()) {
        const auto offset = image_tool::parse_size(address);
        if (!offset || !name.is_string())
            return damaged(file, fmt::format("has an odd entry for \"{}\"", address));
        IMPRINT_TRY(auto path, prepare::build_file(file.parent_path(), name.get<std::string>()));
        pieces.push_back({*offset, std::move(path), false});
    }
    // "app": {"offset": "0x10000", "file": "app.bin", "encrypted": "true"}
    for (const auto& [key, entry] : root.items()) {
        if (!entry.is_object() || !entry.contains("offset") || !entry["offset"].is_string() ||
            entry.value("encrypted", nlohmann::json("false")) != "true")
            continue;
        const auto offset = image_tool::parse_size(entry["offset"].get<std::string>());
        for (FlashPiece& piece : pieces)
            piece.marked_encrypted = piece.marked_encrypted || (offset && piece.offset == *offset);
    }
    std::ranges::sort(pieces, {}, &FlashPiece::offset);
    return pieces;
}

namespace {

// A bootloader lies where the chip that it is made for looks for one.
const loader::Chip* bootloader_for(std::uint32_t offset, ByteView content) {
    const auto image = image::parse_app_image(content);
    const loader::Chip* chip = image ? loader::chip_by_id(image->chip_id) : nullptr;
    return chip != nullptr && chip->bootloader_offset == offset ? chip : nullptr;
}

}  // namespace

Result<FlashContent> load_flash(const std::vector<FlashPiece>& pieces,
                                const loader::FlashParameters& wanted, bool encrypt) {
    std::vector<FlashPiece> sorted = pieces;
    const bool any_marked = std::ranges::any_of(pieces, &FlashPiece::marked_encrypted);
    std::ranges::sort(sorted, {}, &FlashPiece::offset);
    FlashContent loaded;
    auto& regions = loaded.regions;
    for (const auto& piece : sorted) {
        IMPRINT_TRY(Bytes content, read_file(piece.file, file_limit::flash_image));
        const std::string label = piece.file.filename().string();
        constexpr std::uint32_t sector = loader::flash_sector;
        if (piece.offset % sector != 0)
            return fail(ErrorKind::usage, "flash_unaligned",
                        fmt::format("{} for {:#x} does not start on a {}-byte flash sector", label,
                                    piece.offset, sector),
                        "flash is erased in whole sectors");
        if (content.empty())
            return fail(ErrorKind::config, "file_empty",
                        fmt::format("{} is empty", piece.file.string()));
        if (!regions.empty() &&
            piece.offset < regions.back().offset() + std::uint64_t{regions.back().size()})
            return fail(
                ErrorKind::usage, "flash_overlap",
                fmt::format("{} and {} share a flash sector", regions.back().label(), label));
        if (const loader::Chip* chip = bootloader_for(piece.offset, content)) {
            loaded.made_for = chip;
            if (wanted.mode || wanted.frequency || wanted.size) {
                auto changed = loader::with_flash_parameters(*chip, piece.offset, content, wanted);
                if (!changed) return within(std::move(changed).error(), label);
                content = std::move(*changed);
                loaded.header_changed = true;
            }
        }
        regions.emplace_back(label, piece.offset, std::move(content));
        loaded.encrypted.push_back(encrypt && (piece.marked_encrypted || !any_marked));
    }
    if ((wanted.mode || wanted.frequency || wanted.size) && !loaded.header_changed)
        return fail(
            ErrorKind::usage, "no_bootloader",
            "flash mode, frequency and size stand in a bootloader's header, and there is no "
            "bootloader among the files",
            "name the bootloader with its chip's address: 0x1000, 0x0 or 0x2000");
    return loaded;
}

BoardTool::BoardTool(std::unique_ptr<transport::Port> port, loader::Board board, Clock& clock,
                     prepare::EventSink events, std::stop_token stop)
    : port_(std::move(port)),
      board_(std::move(board)),
      clock_(&clock),
      events_(std::move(events)),
      stop_(std::move(stop)) {}

Result<BoardTool> BoardTool::open(const std::string& named,
                                  const prepare::StationSettings& settings, Clock& clock,
                                  prepare::EventSink events, Log log, std::stop_token stop,
                                  const loader::ConnectOptions& how) {
    IMPRINT_TRY(const std::string name, choose_port(named, settings));
    IMPRINT_TRY(auto port, transport::open_port(name));
    loader::ConnectOptions connect = how;
    const auto rates = std::make_shared<RateMemory>(settings.rates, log);
    const std::string place = place_of(name);
    connect.baud = rates->rate_for(place, settings.baud);
    connect.stub_directory = settings.stub_directory;
    if (settings.use_stub && connect.stub_directory.empty())
        connect.stub_directory = find_resource("stub_flasher").value_or("");
    if (!settings.use_stub) connect.stub_directory.clear();
    auto board = loader::Board::connect(*port, connect, clock, std::move(log), stop);
    if (!board) return within(std::move(board).error(), name);
    BoardTool tool(std::move(port), std::move(*board), clock, std::move(events), std::move(stop));
    tool.rates_ = rates;
    tool.place_ = place;
    tool.wanted_rate_ = settings.baud;
    return tool;
}

void BoardTool::remember_rate() {
    if (port_->traits().has_baud) rates_->proven(place_, wanted_rate_, board_.baud());
}

void BoardTool::tell(const char* name,
                     std::vector<std::pair<std::string, prepare::EventValue>> details) const {
    if (!events_) return;
    events_({name, clock_->wall(), port_->name(), board_.info().mac, std::move(details)});
}

loader::Progress BoardTool::progress(const char* step, std::uint64_t before,
                                     std::uint64_t all) const {
    return [this, step, before, all](std::uint64_t done, std::uint64_t) {
        tell("board_progress", {{"step", std::string(step)},
                                {"done", static_cast<std::int64_t>(before + done)},
                                {"total", static_cast<std::int64_t>(all)}});
    };
}

Result<std::uint64_t> BoardTool::check(const FlashContent& content) const {
    const loader::BoardInfo& info = board_.info();
    if (content.made_for != nullptr && content.made_for != info.chip)
        return fail(ErrorKind::board, "wrong_chip",
                    fmt::format("the bootloader is for the {}, the board has an {}",
                                content.made_for->name, info.chip->name),
                    "build the firmware for this board, or use another board");
    if (content.header_changed && info.security.secure_boot)
        return fail(ErrorKind::board, "chip_secured",
                    fmt::format("secure boot of {} would not start a bootloader whose header was "
                                "changed after signing",
                                port_->name()),
                    "leave --flash-mode, --flash-frequency and --flash-size away");
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < content.regions.size(); ++i) {
        const auto& region = content.regions[i];
        if (auto allowed = board_.check_write(region, content.encrypted[i]); !allowed)
            return within(std::move(allowed).error(), region.label());
        all += region.size();
    }
    return all;
}

Result<FlashOutcome> BoardTool::flash(const FlashContent& content) {
    IMPRINT_TRY(const std::uint64_t all, check(content));
    tell("board_step", {{"step", std::string("firmware")}});
    FlashOutcome outcome{all, 0, 0};
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < content.regions.size(); ++i) {
        const loader::FlashData& region = content.regions[i];
        if (stop_.stop_requested())
            return fail(ErrorKind::interrupted, "interrupted", "stopped between two files");
        if (content.encrypted[i]) {
            auto done = board_.write_encrypted(region, progress("firmware", before, all));
            if (!done) return within(std::move(done).error(), "writing " + region.label());
            outcome.written += region.size();
            outcome.encrypted += region.size();
            before += region.size();
            continue;
        }
        auto written = board_.write_difference(region, progress("firmware", before, all));
        if (!written) return within(std::move(written).error(), "writing " + region.label());
        outcome.written += written->written;
        before += region.size();
    }
    auto mended = board_.prove();
    if (!mended) return within(std::move(mended).error(), "proving what was written");
    outcome.written = std::min(outcome.written + *mended, all);
    return outcome;
}

namespace {

// W25Q32JV datasheet, revision F, "AC Electrical Characteristics", typical: erasing 4 KB takes 45
// ms, 64 KB 150 ms, programming a page of 256 bytes 0.4 ms.
double flash_seconds(const loader::FlashRange& range) {
    constexpr std::uint32_t block = 0x10000;
    const std::uint32_t first = (range.offset + block - 1) / block;
    const std::uint32_t last = (range.offset + range.size) / block;
    const std::uint32_t blocks = last > first ? last - first : 0;
    const std::uint32_t sectors = (range.size - blocks * block) / loader::flash_sector;
    return blocks * 0.150 + sectors * 0.045 + range.size / 256.0 * 0.0004;
}

}  // namespace

Result<std::vector<FlashDifference>> BoardTool::compare(const FlashContent& content) {
    // Reading and hashing, and a round trip: measured on none, for a person to plan by.
    constexpr double hash_bytes_a_second = 5e6;
    constexpr double bits_a_byte = 10;
    IMPRINT_CHECK(check(content));
    tell("board_step", {{"step", std::string("read")}});
    std::vector<FlashDifference> differences;
    for (const auto& region : content.regions) {
        auto plan = board_.plan(region);
        if (!plan) return within(std::move(plan).error(), "comparing " + region.label());
        FlashDifference one{region.label(),
                            region.offset(),
                            region.size(),
                            plan->bytes_to_write(),
                            0,
                            region.size() / hash_bytes_a_second};
        for (const auto& range : plan->ranges) {
            const auto part = region.slice(range.offset - region.offset(), range.size);
            std::uint32_t to_send = 0;
            for (const auto& piece : part.pieces())
                to_send += static_cast<std::uint32_t>(piece.compressed.size());
            one.to_send += to_send;
            // The one beside the other: whichever takes longer is what is waited for.
            one.seconds += std::max(to_send * bits_a_byte / board_.baud(), flash_seconds(range));
        }
        differences.push_back(std::move(one));
    }
    return differences;
}

Result<image::PartitionTable> BoardTool::partitions() {
    constexpr std::uint32_t table_offset = 0x8000;
    constexpr std::uint32_t table_size = 0xC00;
    IMPRINT_TRY(const Bytes bytes, board_.read(table_offset, table_size));
    return image::PartitionTable::parse_binary(bytes);
}

Result<Bytes> BoardTool::read(std::uint32_t offset, std::uint32_t size) {
    tell("board_step", {{"step", std::string("read")}});
    return board_.read(offset, size, progress("read", 0, size));
}

Result<std::uint32_t> BoardTool::erase(std::optional<std::uint32_t> offset,
                                       std::optional<std::uint32_t> size) {
    const std::uint32_t flash = board_.info().flash_size;
    const std::uint32_t from = offset.value_or(0);
    if (!size && flash == 0)
        return fail(ErrorKind::board, "flash_size_unknown",
                    "this board's flash does not tell its size", "say what to erase: ADDRESS SIZE");
    if (!size && from >= flash)
        return fail(ErrorKind::usage, "flash_range",
                    fmt::format("{:#x} is behind the end of the flash at {:#x}", from, flash));
    const std::uint32_t count = size.value_or(flash - from);
    tell("board_step", {{"step", std::string("erase")}});
    IMPRINT_CHECK(board_.erase(from, count));
    return count;
}

Result<void> BoardTool::run() {
    return board_.run();
}

}  // namespace imprint::station
