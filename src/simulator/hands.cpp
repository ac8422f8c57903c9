#include "simulator/hands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vector>

namespace imprint::simulator {

namespace {

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    constexpr std::string_view blanks = " \t\r";
    for (;;) {
        const auto begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const auto end = std::min(line.find_first_of(blanks), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

std::string state_text(const BenchState& state) {
    std::vector<std::string> bays;
    for (const auto& bay : state.bays)
        bays.push_back(fmt::format(
            R"({{"bay":"{}"{},"cable":"{}"}})", bay.name,
            bay.board ? fmt::format(R"(,"board":"{}")", bay.board->id()) : std::string(),
            bay.cable_whole ? "whole" : "broken"));
    std::vector<std::string> box;
    for (const auto& mac : state.box)
        box.push_back('"' + mac.id() + '"');
    return fmt::format(R"({{"bays":[{}],"box":[{}]}})", fmt::join(bays, ","), fmt::join(box, ","));
}

Result<std::string> answer(Bench& bench, std::string_view line) {
    const auto no_command = [] {
        return fail(ErrorKind::usage, "bad_usage",
                    "a line is put BAY [MAC], take BAY, swap BAY [MAC], break BAY, mend BAY or "
                    "state");
    };
    const auto id_of = [](const Result<MacAddress>& mac) -> Result<std::string> {
        if (!mac) return std::unexpected(mac.error());
        return mac->id();
    };
    const auto nothing = [](const Result<void>& done) -> Result<std::string> {
        if (!done) return std::unexpected(done.error());
        return std::string();
    };
    const auto words = words_of(line);
    if (words.empty()) return no_command();
    const std::string_view verb = words.front();
    if (verb == "state" && words.size() == 1) return state_text(bench.state());
    if (words.size() == 2) {
        const std::string_view bay = words[1];
        if (verb == "put") return id_of(bench.put(bay));
        if (verb == "take") return id_of(bench.take(bay));
        if (verb == "swap") return id_of(bench.swap(bay));
        if (verb == "break") return nothing(bench.break_cable(bay));
        if (verb == "mend") return nothing(bench.mend_cable(bay));
    }
    if (words.size() == 3 && (verb == "put" || verb == "swap")) {
        IMPRINT_TRY(const MacAddress mac, read_mac(words[2]));
        return id_of(verb == "put" ? bench.put(words[1], mac) : bench.swap(words[1], mac));
    }
    return no_command();
}

// One line, whatever a client has sent.
std::string printable(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    return text;
}

}  // namespace

std::string obey(Bench& bench, std::string_view line) {
    const auto answered = line.size() > longest_hand_line
                              ? fail(ErrorKind::usage, "bad_usage", "the line is too long")
                              : answer(bench, line);
    if (!answered)
        return printable(
            fmt::format("error {} {}", answered.error().code, answered.error().reason()));
    return answered->empty() ? "ok" : "ok " + *answered;
}

}  // namespace imprint::simulator
