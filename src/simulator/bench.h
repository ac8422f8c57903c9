// A bench of sockets into which somebody puts simulated boards, and takes them out again. A board
// that is in a socket has a terminal, and a link to it in the bench's folder, as `station.watch`
// wants it; one that is out has only its flash, which stays as it is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "simulator/pty_board.h"

namespace imprint::simulator {

struct BenchOptions {
    unsigned bays = 4;  // their names are 1, 2, 3, …
    // Has a link for each board that is plugged in, and each board's flash, "boards/<mac>.flash".
    std::filesystem::path directory;
    MacAddress base_mac{{0x24, 0x0A, 0xC4, 0x00, 0x00, 0x00}};  // of the first new board
    BoardOptions board;  // common to all; mac, flash_file and link are filled in
};

struct BayOfBench {
    std::string name;
    std::optional<MacAddress> board = {};  // none: it is empty
    bool cable_whole = true;
};

struct BenchState {
    std::vector<BayOfBench> bays;
    std::vector<MacAddress> box;  // the boards that are in no bay, in the order of their addresses
};

// Safe to use from many threads.
class Bench {
  public:
    // Boards of an earlier run are in the box. Errors: bay_directory (config), also if a bench runs
    // in this folder already.
    [[nodiscard]] static Result<Bench> open(const BenchOptions& options, const Log& log = {});
    Bench(Bench&&) noexcept;
    Bench& operator=(Bench&&) noexcept;
    ~Bench();  // pulls all cables; the flash files stay

    // What is done by hand: each gives the board that it was done to. Errors: hands_refused
    // (usage), those of PtyBoard::start.
    //
    // A board of the box, or a new one.
    [[nodiscard]] Result<MacAddress> put(std::string_view bay,
                                         const std::optional<MacAddress>& board = {});
    [[nodiscard]] Result<MacAddress> take(std::string_view bay);
    // Another one in its place, in one movement; gives the one that is in it now.
    [[nodiscard]] Result<MacAddress> swap(std::string_view bay,
                                          const std::optional<MacAddress>& board = {});

    // The bay's cable, with or without a board at its end. Over a bridge a broken one carries
    // nothing, and its port stays; a chip that is its own USB device leaves the bus.
    [[nodiscard]] Result<void> break_cable(std::string_view bay);
    [[nodiscard]] Result<void> mend_cable(std::string_view bay);

    // A board of the box leaves for good, and its flash with it.
    [[nodiscard]] Result<void> ship(const MacAddress& board);

    [[nodiscard]] BenchState state() const;

  private:
    class Parts;
    explicit Bench(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace imprint::simulator
