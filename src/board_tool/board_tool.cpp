#include "board_tool/board_tool.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "bays/stub.h"
#include "flash_files/checks.h"
#include "image/placed_table.h"
#include "transport/discovery.h"

namespace imprint::board_tool {

using events::Step;

BoardTool::BoardTool(std::unique_ptr<transport::Port> port, loader::Board board, Clock& clock,
                     events::EventSink events, std::stop_token stop)
    : port_(std::move(port)),
      board_(std::move(board)),
      clock_(&clock),
      events_(std::move(events)),
      stop_(std::move(stop)) {}

Result<BoardTool> BoardTool::open(const std::string& named,
                                  const prepare::StationSettings& settings, Clock& clock,
                                  events::EventSink events, Log log, std::stop_token stop,
                                  const loader::ConnectOptions& how) {
    IMPRINT_TRY(const bays::BayPort where,
                bays::choose_port(named, settings, transport::find_ports));
    IMPRINT_TRY(auto port, transport::open_port(where.port));
    loader::ConnectOptions connect = how;
    const auto rates = std::make_shared<bays::RateMemory>(settings.rates, log);
    const bays::RateChoice rate = rates->choose(where.place, settings.baud);
    connect.baud = rate.rate;
    connect.climb_to = rate.climb_to;
    connect.stub_directory = bays::stub_directory(settings);
    auto board = loader::Board::connect(*port, connect, clock, std::move(log), stop);
    // What the loader says names the port already.
    if (!board && board.error().message.find(where.port) == std::string::npos)
        return with_context(std::move(board).error(), where.port);
    if (!board) return std::unexpected(std::move(board).error());
    BoardTool tool(std::move(port), std::move(*board), clock, std::move(events), std::move(stop));
    tool.rates_ = rates;
    tool.place_ = where.place;
    tool.wanted_rate_ = settings.baud;
    return tool;
}

void BoardTool::remember_rate() {
    if (port_->traits().has_baud) rates_->proven(place_, wanted_rate_, board_.baud());
}

void BoardTool::tell(events::Body body) const {
    if (!events_) return;
    events_({clock_->wall(), port_->name(), board_.info().mac, std::move(body)});
}

loader::Progress BoardTool::progress(Step step, std::uint64_t before, std::uint64_t all) const {
    return [this, step, before, all](std::uint64_t done, std::uint64_t) {
        tell(events::BoardProgress{.step = step, .done = before + done, .total = all});
    };
}

Result<std::vector<loader::FlashData>> BoardTool::check(const flash_files::FlashSet& set) {
    IMPRINT_CHECK(flash_files::check_board(set, board_.info()));
    IMPRINT_TRY(auto regions, set.regions_for(board_.info()));
    for (std::size_t i = 0; i < regions.size(); ++i)
        if (auto allowed = board_.check_write(regions[i], set.encrypted[i]); !allowed)
            return with_context(std::move(allowed).error(), regions[i].label());
    IMPRINT_CHECK(find_bootloader(set));
    return regions;
}

// A set without a bootloader, as a build with secure boot leaves it, is for a board that has one.
Result<void> BoardTool::find_bootloader(const flash_files::FlashSet& set) {
    const loader::BoardInfo& info = board_.info();
    const std::uint32_t place = info.chip->bootloader_offset;
    const bool among_them =
        std::ranges::find(set.images, place, &loader::BootImage::offset) != set.images.end();
    if (!set.whole || set.force || among_them || info.security.flash_encryption) return {};
    constexpr std::uint32_t header = 24;
    IMPRINT_TRY(const Bytes there, board_.read(place, header));
    constexpr std::uint8_t image_magic = 0xE9;
    if (there[0] == image_magic && get_u16(there, 12) == info.chip->id) return {};
    return fail(
        ErrorKind::board, "firmware_no_bootloader",
        fmt::format("there is no bootloader among the files, nor one for the {} in flash at "
                    "{:#x}",
                    info.chip->name, place),
        "build it too, and name it in flasher_args.json; --force writes the rest all the "
        "same");
}

namespace {

std::uint64_t bytes_of(const std::vector<loader::FlashData>& regions) {
    std::uint64_t all = 0;
    for (const auto& region : regions)
        all += region.size();
    return all;
}

}  // namespace

Result<FlashOutcome> BoardTool::flash(const flash_files::FlashSet& set) {
    IMPRINT_TRY(const auto regions, check(set));
    const std::uint64_t all = bytes_of(regions);
    tell(events::BoardStep{.step = Step::firmware});
    FlashOutcome outcome{all, 0, 0};
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < regions.size(); ++i) {
        const loader::FlashData& region = regions[i];
        if (stop_.stop_requested())
            return fail(ErrorKind::interrupted, "interrupted", "stopped between two files");
        if (set.encrypted[i]) {
            auto done = board_.write_encrypted(region, progress(Step::firmware, before, all));
            if (!done) return with_context(std::move(done).error(), "writing " + region.label());
            outcome.written += region.size();
            outcome.encrypted += region.size();
            before += region.size();
            continue;
        }
        auto written = board_.write_difference(region, progress(Step::firmware, before, all));
        if (!written) return with_context(std::move(written).error(), "writing " + region.label());
        outcome.written += written->written;
        before += region.size();
    }
    auto rewritten = board_.prove();
    if (!rewritten) return with_context(std::move(rewritten).error(), "proving what was written");
    outcome.written = std::min(outcome.written + *rewritten, all);
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

Result<std::vector<FlashDifference>> BoardTool::compare(const flash_files::FlashSet& set) {
    // Reading and hashing, and a round trip: measured on none, for a person to plan by.
    constexpr double hash_bytes_a_second = 5e6;
    constexpr double bits_a_byte = 10;
    IMPRINT_CHECK(flash_files::check_board(set, board_.info()));
    IMPRINT_TRY(const auto regions, set.regions_for(board_.info()));
    tell(events::BoardStep{.step = Step::read});
    std::vector<FlashDifference> differences;
    for (const auto& region : regions) {
        auto plan = board_.plan(region);
        if (!plan) return with_context(std::move(plan).error(), "comparing " + region.label());
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
    std::vector<image::PlacedTable> tables;
    for (std::uint32_t at = image::first_table_place; at <= image::last_table_place;
         at += loader::flash_sector) {
        IMPRINT_TRY(const Bytes start, board_.read(at, 2));
        if (!image::begins_table(start)) continue;
        IMPRINT_TRY(const Bytes bytes, board_.read(at, image::PartitionTable::binary_size));
        if (auto table = image::PartitionTable::parse_binary(bytes))
            tables.push_back({at, std::move(*table)});
    }
    if (tables.empty())
        return fail(ErrorKind::board, "no_partition_table",
                    fmt::format("there is no partition table in flash from {:#x} to {:#x}",
                                image::first_table_place, image::last_table_place));
    std::set<std::uint32_t> images;
    for (std::size_t i = 0; tables.size() > 1 && i < tables.size(); ++i)
        for (const image::Partition& one : tables[i].table.partitions()) {
            constexpr std::uint8_t image_magic = 0xE9;
            if (!one.is_app()) continue;
            // One that lies behind the end of the flash has none.
            const auto start = board_.read(one.offset, 1);
            if (start && start->front() == image_magic) images.insert(one.offset);
        }
    return image::table_in_force(tables, [&](std::uint32_t at) { return images.contains(at); })
        ->table;
}

Result<std::uint32_t> BoardTool::size_from(std::uint32_t offset,
                                           std::optional<std::uint32_t> size) const {
    if (size) return *size;
    const std::uint32_t flash = board_.info().flash_size;
    if (flash == 0)
        return fail(ErrorKind::board, "flash_size_unknown",
                    "this board's flash does not tell its size",
                    "say where and how much: ADDRESS SIZE");
    if (offset >= flash)
        return fail(ErrorKind::usage, "flash_range",
                    fmt::format("{:#x} is behind the end of the flash at {:#x}", offset, flash));
    return flash - offset;
}

Result<Bytes> BoardTool::read(std::uint32_t offset, std::uint32_t size) {
    tell(events::BoardStep{.step = Step::read});
    return board_.read(offset, size, progress(Step::read, 0, size));
}

Result<std::uint32_t> BoardTool::erase(std::optional<std::uint32_t> offset,
                                       std::optional<std::uint32_t> size) {
    const std::uint32_t from = offset.value_or(0);
    IMPRINT_TRY(const std::uint32_t count, size_from(from, size));
    tell(events::BoardStep{.step = Step::erase});
    IMPRINT_CHECK(board_.erase(from, count));
    return count;
}

Result<void> BoardTool::run() {
    return board_.run();
}

}  // namespace imprint::board_tool
