// One board by hand: what one reaches for esptool for.
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
#include "loader/board.h"
#include "prepare/event.h"
#include "prepare/settings.h"
#include "transport/port.h"

namespace imprint::station {

struct FlashPiece {
    std::uint32_t offset = 0;  // bytes into flash
    std::filesystem::path file;
};

// "0x1000", "boot.bin", "0x8000", "table.bin", …: addresses and files by turns. Error: flash_pieces
// (usage).
[[nodiscard]] Result<std::vector<FlashPiece>> parse_flash_pieces(
    const std::vector<std::string>& words);
// The flash_files of ESP-IDF's flasher_args.json. Error: flasher_args_damaged (config).
[[nodiscard]] Result<std::vector<FlashPiece>> read_flasher_args(const std::filesystem::path& file);

struct FlashOutcome {
    std::uint64_t bytes = 0;    // of whole sectors, all proven
    std::uint64_t written = 0;  // of them: the others were there
};

// A board in its loader, with the port that it answers on.
class BoardTool {
  public:
    // port empty: the only one that is found. Errors (board): no_port, several_ports, and those of
    // transport::open_port and loader::Board::connect.
    [[nodiscard]] static Result<BoardTool> open(const std::string& port,
                                                const prepare::StationSettings& settings,
                                                Clock& clock, prepare::EventSink events, Log log,
                                                std::stop_token stop);

    [[nodiscard]] const std::string& port() const { return port_->name(); }

    [[nodiscard]] const loader::Board& board() const { return board_; }

    // All files are read before the first byte is written, and only what differs is. Error:
    // flash_overlap (usage).
    [[nodiscard]] Result<FlashOutcome> flash(const std::vector<FlashPiece>& pieces);
    [[nodiscard]] Result<Bytes> read(std::uint32_t offset, std::uint32_t size);
    // No range: the whole flash. Gives how many bytes.
    [[nodiscard]] Result<std::uint32_t> erase(std::optional<std::uint32_t> offset,
                                              std::optional<std::uint32_t> size);
    // Starts what is in flash.
    [[nodiscard]] Result<void> run();

  private:
    BoardTool(std::unique_ptr<transport::Port> port, loader::Board board, Clock& clock,
              prepare::EventSink events, std::stop_token stop);
    void tell(const char* name,
              std::vector<std::pair<std::string, prepare::EventValue>> details) const;
    [[nodiscard]] loader::Progress progress(const char* step, std::uint64_t before,
                                            std::uint64_t all) const;

    std::unique_ptr<transport::Port> port_;
    loader::Board board_;
    Clock* clock_;
    prepare::EventSink events_;
    std::stop_token stop_;
};

}  // namespace imprint::station
