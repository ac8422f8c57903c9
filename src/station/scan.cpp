#include "station/scan.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "base/text.h"
#include "ledger/serial_template.h"
#include "station/keyboard_layouts.h"

namespace imprint::station {

namespace {

using What = BenchKey::What;

constexpr std::array<std::pair<std::string_view, What>, 5> verbs{{{"start", What::start},
                                                                  {"again", What::again},
                                                                  {"stop", What::abort},
                                                                  {"off", What::off},
                                                                  {"on", What::on}}};

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\n";
    std::vector<std::string_view> words;
    for (;;) {
        const auto begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return words;
        const auto end = std::min(line.find_first_of(blanks, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        line.remove_prefix(end);
    }
}

bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Every place of the text where a MAC address stands by itself: a label's code may have more in it.
std::vector<MacAddress> macs_in(std::string_view text) {
    constexpr std::array<std::size_t, 2> lengths{17, 12};  // with separators, and without
    std::vector<MacAddress> found;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (at > 0 && is_hex(text[at - 1])) continue;
        for (const std::size_t length : lengths) {
            if (at + length > text.size()) continue;
            if (at + length < text.size() && is_hex(text[at + length])) continue;
            if (const auto mac = parse_mac(text.substr(at, length))) found.push_back(*mac);
        }
    }
    return found;
}

// Nothing: it is none of these.
Result<std::optional<Scan>> lot_scan(std::string_view text, ledger::Reports& ledger) {
    const auto words = words_of(text);
    if (words.size() == 2 && words[0] == "lot" && words[1] == "none")
        return std::optional<Scan>(LotScan{});
    const bool is_named = words.size() > 1 && words[0] == "lot";
    const std::string name(is_named ? trimmed(text.substr(text.find("lot") + 3)) : text);
    IMPRINT_TRY(const auto lot, ledger.find_lot(name));
    if (!lot) return std::optional<Scan>{};
    if (lot->state == ledger::LotState::closed)
        return fail(ErrorKind::usage, "lot_closed", fmt::format("lot \"{}\" is closed", name),
                    "imprint lot resume opens it again");
    return std::optional<Scan>(LotScan{lot->facts.name});
}

Result<std::optional<Scan>> board_scan(std::string_view text, ledger::Reports& ledger) {
    for (const MacAddress& mac : macs_in(text)) {
        IMPRINT_TRY(const auto board, ledger.board(mac));
        if (board) return std::optional<Scan>(BoardScan{mac});
    }
    IMPRINT_TRY(const auto serial, ledger.find_serial(std::string(text)));
    if (serial) return std::optional<Scan>(BoardScan{serial->mac});
    return std::optional<Scan>{};
}

// One that a board has passed with is that board's.
Result<std::optional<Scan>> serial_scan(std::string_view text, const ScanPlace& place,
                                        ledger::Reports& ledger) {
    if (!ledger::is_scanned(place.serial_template) ||
        !ledger::check_scanned(place.serial_template, place.lot, text) ||
        !ledger::check_serial(text))
        return std::optional<Scan>{};
    IMPRINT_TRY(const auto known, ledger.find_serial(std::string(text)));
    if (known && known->state == ledger::SerialState::used)
        return std::optional<Scan>(BoardScan{known->mac});
    return std::optional<Scan>(SerialScan{std::string(text)});
}

Result<std::optional<Scan>> understood(std::string_view text, const ScanPlace& place,
                                       ledger::Reports& ledger) {
    if (const auto key = read_bench_key(text, place.bays)) return std::optional<Scan>(*key);
    IMPRINT_TRY(auto lot, lot_scan(text, ledger));
    if (lot) return lot;
    IMPRINT_TRY(auto serial, serial_scan(text, place, ledger));
    if (serial) return serial;
    return board_scan(text, ledger);
}

}  // namespace

std::string_view word_of(BenchKey::What what) {
    return std::ranges::find(verbs, what, &std::pair<std::string_view, What>::second)->first;
}

std::optional<BenchKey> read_bench_key(std::string_view line,
                                       const std::optional<std::vector<std::string>>& bays) {
    const auto is_bay = [&bays](std::string_view word) {
        return !bays || std::ranges::find(*bays, word) != bays->end();
    };
    const auto words = words_of(line);
    if (words.empty()) return BenchKey{What::start, {}};
    // A bay's name may have blanks in it.
    if (bays && is_bay(trimmed(line))) return BenchKey{What::start, std::string(trimmed(line))};
    for (const auto& [verb, what] : verbs) {
        if (words.front() != verb) continue;
        const std::string_view bay = trimmed(trimmed(line).substr(verb.size()));
        if (!bay.empty() && !is_bay(bay)) return std::nullopt;
        return BenchKey{what, std::string(bay)};
    }
    if (bays || words.size() > 1) return std::nullopt;
    return BenchKey{What::start, std::string(words.front())};
}

Result<Scan> read_scan(std::string_view text, const ScanPlace& place, ledger::Reports& ledger) {
    text = trimmed(text);
    IMPRINT_TRY(auto scan, understood(text, place, ledger));
    if (scan) return *std::move(scan);
    for (const OtherLayout& other : as_typed_on_others(text)) {
        const auto meant = understood(other.text, place, ledger);
        if (!meant || !*meant) continue;
        return fail(ErrorKind::usage, "scan_layout",
                    fmt::format("\"{}\" is {}, if the computer takes the scanner for {}", text,
                                other.text, other.name),
                    "give scanner and computer the same keyboard layout; caps lock off");
    }
    if (ledger::is_scanned(place.serial_template))
        IMPRINT_CHECK(ledger::check_scanned(place.serial_template, place.lot, text));
    return fail(ErrorKind::usage, "scan_unknown",
                fmt::format("\"{}\" is no bay, lot, board or command", text),
                "a lot is opened before its code is scanned");
}

}  // namespace imprint::station
