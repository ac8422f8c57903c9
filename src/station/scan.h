// What a scanner, or a person, has typed at a bench: a command, a bay, a lot's code, a label's
// serial number, a board.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/mac.h"
#include "ledger/ledger.h"
#include "station/bench.h"

namespace imprint::station {

[[nodiscard]] std::string_view word_of(BenchKey::What what);  // "start", "stop"

// "" or "start": all bays; "bay3": its start key; "again bay3", "stop bay3", "off bay3", "on bay3";
// the verb alone means all bays. Nothing: it is another word than a verb's or, where bays are
// given, than a bay's.
[[nodiscard]] std::optional<BenchKey> read_bench_key(
    std::string_view line, const std::optional<std::vector<std::string>>& bays = {});

// How things stand where something is scanned.
struct ScanPlace {
    std::vector<std::string> bays;  // their names
    std::string lot;                // the chosen one; empty: none
    std::string serial_template;    // of that lot
};

struct LotScan {
    std::string lot;  // its name; empty: none is chosen any more
};

struct SerialScan {
    std::string serial;
};

struct BoardScan {
    MacAddress mac;
};

using Scan = std::variant<BenchKey, LotScan, SerialScan, BoardScan>;

// Of a text that makes sense in several ways, the first counts: a command or a bay's name, a lot's
// code or name, a serial number that waits for its board (where the lot's boards have theirs on
// labels, and no board has passed with it), a board of the ledger by its MAC address, by a code of
// its label that has that, or by its serial number. Errors (usage): lot_closed, scan_layout (it
// makes sense as a scanner's whose keyboard is not the computer's), scan_unknown; the ledger's.
[[nodiscard]] Result<Scan> read_scan(std::string_view text, const ScanPlace& place,
                                     ledger::Reports& ledger);

}  // namespace imprint::station
