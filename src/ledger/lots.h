// The records of lots: named runs of boards (production orders), what is allowed in them, how far
// they are, and the serial numbers of their boards. A lot that nobody has opened is only a text
// that attempts have; it can be counted all the same.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"
#include "ledger/records.h"

namespace imprint::ledger {

enum class LotState { open, paused, closed };
[[nodiscard]] std::string_view to_string(LotState state);

// What becomes of the serial number of a board that failed: it waits for that board, or goes to the
// next one.
enum class FailedSerial { keep, free };
[[nodiscard]] std::string_view to_string(FailedSerial what);

// What a board of the lot has to be; what is empty or 0 allows any.
struct LotLimits {
    std::string chip;                                  // "esp32s3"
    std::optional<std::uint32_t> least_revision = {};  // major × 100 + minor
    std::optional<std::uint32_t> most_revision = {};
    std::uint64_t flash_size = 0;  // bytes
    std::string firmware;          // as AttemptRecord::firmware
    bool operator==(const LotLimits&) const = default;
};

struct LotFacts {
    std::string name;         // what --lot says
    std::string code = {};    // what is scanned; empty: the name
    std::int64_t target = 0;  // boards; 0: none is set
    LotLimits limits = {};
    std::string serial_template = {};  // serial_template.h; empty: no serial numbers of its own
    std::int64_t first_number = 1;
    FailedSerial failed_serial = FailedSerial::keep;
    std::set<MacAddress> golden = {};
    bool operator==(const LotFacts&) const = default;
};

struct LotRecord {
    LotFacts facts;
    LotState state = LotState::open;
    WallTime opened;
    WallTime since;  // of its state
    bool merged = false;
};

enum class SerialState { reserved, used };
[[nodiscard]] std::string_view to_string(SerialState state);

struct SerialRecord {
    std::string lot;
    std::string serial;
    MacAddress mac;
    SerialState state = SerialState::reserved;
};

// What an attempt says of its board, or a board's attempts together.
enum class Verdict {
    none,     // nothing: the board had passed before, or there was none
    running,  // at work
    aborted,  // stopped, or its process died
    error,    // the station's or the cloud's fault: says nothing of the board
    failed,   // the board's fault
    passed,
};
[[nodiscard]] std::string_view to_string(Verdict verdict);
[[nodiscard]] Verdict verdict_of(Outcome outcome, Fault fault);

// How a board stands in a lot, by its attempts there.
class LotStanding {
  public:
    // Oldest first. overwrote: the attempt has written over what the board had.
    void add(Verdict verdict, bool overwrote);

    // A board that has passed stays so until another attempt has written over it. One that failed
    // stays so until it passes: errors and aborted attempts say nothing of it.
    [[nodiscard]] Verdict now() const { return now_; }

    // The first of passed and failed; none: the board has not been judged.
    [[nodiscard]] Verdict first() const { return first_; }

    [[nodiscard]] std::size_t attempts() const { return attempts_; }

    // The number (from 0) of the added attempt that `now` comes from.
    [[nodiscard]] std::size_t decided_by() const { return decided_by_; }

  private:
    Verdict now_ = Verdict::none;
    Verdict first_ = Verdict::none;
    std::size_t attempts_ = 0;
    std::size_t added_ = 0;
    std::size_t decided_by_ = 0;
};

// Boards, each once; golden samples only where it says so.
struct LotCounts {
    std::uint64_t boards = 0;
    std::uint64_t passed = 0;
    std::uint64_t failed = 0;
    std::uint64_t error = 0;
    std::uint64_t aborted = 0;
    std::uint64_t running = 0;
    std::uint64_t first_passed = 0;  // of those that were judged
    std::uint64_t first_failed = 0;
    std::uint64_t unidentified = 0;  // attempts that failed before their board was known
    std::uint64_t golden = 0;        // golden samples that were tried
    bool operator==(const LotCounts&) const = default;

    void add(const LotStanding& board);
    // From 0 to 1; none: no board has been judged.
    [[nodiscard]] std::optional<double> first_pass_yield() const;
};

// A board with all its attempts in one lot. One that passed there stays so, whatever has become of
// its certificate since: retired in the field, or prepared anew in another lot.
struct LotBoard {
    MacAddress mac;
    bool golden = false;  // all its attempts there are a golden sample's
    LotStanding standing;
    std::vector<AttemptRecord> attempts;  // oldest first, at least one

    [[nodiscard]] const AttemptRecord& deciding() const { return attempts[standing.decided_by()]; }
};

struct LotAttempt {
    AttemptRecord record;
    bool overwrote = false;  // it wrote over what the board had
};

// attempts: all of one board in one lot, oldest first, at least one.
[[nodiscard]] LotBoard lot_board_of(std::vector<LotAttempt> attempts);

}  // namespace imprint::ledger
