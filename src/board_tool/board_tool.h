// Work on a single board by hand: what one would use esptool for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "bays/ports.h"
#include "bays/rate_memory.h"
#include "events/event.h"
#include "flash_files/flash_set.h"
#include "image/partition_table.h"
#include "loader/board.h"
#include "prepare/settings.h"
#include "transport/port.h"

namespace imprint::board_tool {

// Compares one file with one board: how much of it is not in flash.
struct FlashDifference {
    std::string label;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;     // bytes of whole sectors
    std::uint32_t differs = 0;  // of them
    std::uint32_t to_send = 0;  // bytes over the wire: what differs, compressed
    double seconds = 0;         // estimated, to write and verify it
};

struct FlashOutcome {
    std::uint64_t bytes = 0;      // of whole sectors
    std::uint64_t written = 0;    // of them: the others were there
    std::uint64_t encrypted = 0;  // of them: written encrypted, so they cannot be verified
};

// A board in its loader, and its port.
class BoardTool {
  public:
    // port empty: the only one that is detected. Errors (board): no_port, several_ports, and those
    // of transport::open_port and loader::Board::connect.
    [[nodiscard]] static Result<BoardTool> open(const std::string& port,
                                                const prepare::StationSettings& settings,
                                                Clock& clock, events::EventSink events, Log log,
                                                std::stop_token stop,
                                                const loader::ConnectOptions& how = {});

    [[nodiscard]] const std::string& port() const { return port_->name(); }

    [[nodiscard]] const loader::Board& board() const { return board_; }

    // Writes what differs, and then verifies everything. Errors (board), before anything is
    // written: those of flash_files::check_board, FlashSet::regions_for and loader::FlashGuard;
    // firmware_no_bootloader (neither among the files nor in flash).
    [[nodiscard]] Result<FlashOutcome> flash(const flash_files::FlashSet& set);
    // Writes nothing.
    [[nodiscard]] Result<std::vector<FlashDifference>> compare(const flash_files::FlashSet& set);
    // The table in force in flash (image/placed_table.h). Error: no_partition_table (board).
    [[nodiscard]] Result<image::PartitionTable> partitions();
    // Here and below, no size: to the end of the flash. Errors then: flash_size_unknown (board),
    // flash_range (usage).
    [[nodiscard]] Result<std::uint32_t> size_from(std::uint32_t offset,
                                                  std::optional<std::uint32_t> size) const;
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset, std::uint32_t size);
    // No offset: from the start. Returns the number of bytes.
    [[nodiscard]] Result<std::uint32_t> erase(std::optional<std::uint32_t> offset,
                                              std::optional<std::uint32_t> size);
    // Starts what is in flash.
    [[nodiscard]] Result<void> run();

    // Leaves it in its loader instead.
    [[nodiscard]] Result<void> stay() { return board_.stay(); }

    // Whether it started.
    [[nodiscard]] Result<loader::StartSeen> look_started() { return board_.look_started(); }

    // Everything succeeded: this bay can use the present baud rate.
    void remember_rate();

  private:
    BoardTool(std::unique_ptr<transport::Port> port, loader::Board board, Clock& clock,
              events::EventSink events, std::stop_token stop);
    void tell(events::Body body) const;
    // The regions for this board.
    [[nodiscard]] Result<std::vector<loader::FlashData>> check(const flash_files::FlashSet& set);
    [[nodiscard]] Result<void> find_bootloader(const flash_files::FlashSet& set);
    [[nodiscard]] loader::Progress progress(events::Step step, std::uint64_t before,
                                            std::uint64_t all) const;

    std::unique_ptr<transport::Port> port_;
    loader::Board board_;
    Clock* clock_;
    events::EventSink events_;
    std::stop_token stop_;
    std::shared_ptr<bays::RateMemory> rates_;
    std::string place_;
    std::uint32_t wanted_rate_ = 0;
};

}  // namespace imprint::board_tool
