#include "cli/output/sentences.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <utility>

#include "cli/output/text.h"

namespace imprint::cli::output {

namespace {

using prepare::Event;
using namespace std::string_view_literals;

constexpr std::array phrases{
    std::pair{"identify"sv, "identifying"sv},
    std::pair{"identity"sv, "making its identity"sv},
    std::pair{"firmware"sv, "writing firmware"sv},
    std::pair{"credentials"sv, "writing credentials"sv},
    std::pair{"activate"sv, "activating"sv},
    std::pair{"queue"sv, "queueing its registration"sv},
    std::pair{"proof"sv, "proving its identity"sv},
    std::pair{"verify"sv, "verifying its start"sv},
    std::pair{"retire"sv, "retiring former"sv},
    std::pair{"read"sv, "reading"sv},
    std::pair{"erase"sv, "erasing"sv},
};

std::string plural(std::int64_t count, std::string_view one) {
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

// Commits and certificate ids as a person compares them.
std::string shortened(const std::string& id) {
    constexpr std::size_t kept = 12;
    if (id.size() <= kept + 1) return id;
    const bool dirty = id.ends_with("-dirty");
    return id.substr(0, kept) + (dirty ? "-dirty" : "");
}

double seconds_of(const Event& event) {
    const auto* value = event.detail("seconds");
    const auto* seconds = value == nullptr ? nullptr : std::get_if<double>(value);
    return seconds == nullptr ? static_cast<double>(number_of(event, "seconds")) : *seconds;
}

// "bay0", "bay0 246f28a1b2c3"
std::string who(const Event& event) {
    if (!event.mac) return event.bay;
    return fmt::format("{} {}", event.bay, event.mac->id());
}

Sentence run_started(const Event& event) {
    std::string text = fmt::format("Preparing {}", plural(number_of(event, "boards"), "board"));
    if (const auto lot = text_of(event, "lot"); !lot.empty())
        text += fmt::format(" of lot {}", lot);
    text += fmt::format(" for {}", text_of(event, "endpoint"));
    if (const auto commit = text_of(event, "firmware_commit"); !commit.empty())
        text += fmt::format(", firmware {}", shortened(commit));
    return {text};
}

Sentence firmware_update(const Event& event) {
    const auto commits = number_of(event, "commits");
    const auto to = shortened(text_of(event, "to"));
    std::string text = commits == 0 ? fmt::format("Firmware source is up to date at {}", to)
                                    : fmt::format("Firmware source moved forward by {} to {}",
                                                  plural(commits, "commit"), to);
    if (const auto stash = text_of(event, "stash"); !stash.empty())
        text += fmt::format(
            "\nLocal changes are set aside in stash {}; `git stash pop` brings them "
            "back",
            shortened(stash));
    return {text};
}

Sentence firmware_ready(const Event& event, bool verbose) {
    const auto* value = event.detail("files");
    const auto* files = value == nullptr ? nullptr : std::get_if<std::vector<std::string>>(value);
    std::string text = fmt::format("Firmware for {}", text_of(event, "chip"));
    if (files != nullptr)
        text += fmt::format(": {}", plural(static_cast<std::int64_t>(files->size()), "file"));
    if (verbose && files != nullptr)
        for (const auto& file : *files)
            text += "\n  " + file;
    return {text};
}

Sentence board_identified(const Event& event) {
    return {fmt::format("{}: {} {}, {} of flash, MAC {}", event.bay, text_of(event, "chip"),
                        text_of(event, "revision"),
                        bytes_text(static_cast<std::uint64_t>(
                            std::max<std::int64_t>(0, number_of(event, "flash_size")))),
                        event.mac ? event.mac->colons() : "unknown")};
}

Sentence board_passed(const Event& event) {
    std::string text = fmt::format("PASS {}: thing {}, certificate {}, {:.1f} s", who(event),
                                   text_of(event, "thing"),
                                   shortened(text_of(event, "certificate_id")), seconds_of(event));
    if (const auto retired = number_of(event, "retired"); retired > 0)
        text += fmt::format(", {} retired", plural(retired, "former certificate"));
    const auto* queued = event.detail("queued");
    if (queued != nullptr && std::get_if<bool>(queued) != nullptr && *std::get_if<bool>(queued))
        text += ", to be registered by `imprint registry push`";
    return {text, Tone::good, "PASS"};
}

Sentence board_failed(const Event& event) {
    std::string text = fmt::format("FAIL {}: {} [{}]", who(event), text_of(event, "reason"),
                                   text_of(event, "code"));
    if (const auto mend = text_of(event, "mend"); !mend.empty()) text += "\n     mend: " + mend;
    const auto state = text_of(event, "certificate_state");
    if (state == "inactive")
        text += "\n     its new certificate is INACTIVE";
    else if (state == "unchanged")
        text += "\n     its certificate stays as it was";
    else if (state == "active")
        text += "\n     the board works; its certificate stays ACTIVE";
    else if (state == "unknown")
        text += "\n     its new certificate could not be taken back; the next run does it first";
    return {text, Tone::bad, "FAIL"};
}

Sentence run_finished(const Event& event) {
    const auto failed = number_of(event, "failed");
    return {fmt::format("{} passed, {} failed, {:.1f} s", number_of(event, "passed"), failed,
                        seconds_of(event)),
            failed == 0 ? Tone::good : Tone::bad};
}

}  // namespace

std::string text_of(const Event& event, std::string_view key) {
    const auto* value = event.detail(key);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? std::string() : *text;
}

std::int64_t number_of(const Event& event, std::string_view key) {
    const auto* value = event.detail(key);
    const auto* number = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
    return number == nullptr ? 0 : *number;
}

std::string_view phrase_of(std::string_view step) {
    const auto* const found =
        std::ranges::find(phrases, step, &std::pair<std::string_view, std::string_view>::first);
    return found == phrases.end() ? step : found->second;
}

std::optional<Sentence> sentence_of(const Event& event, bool verbose) {
    if (event.name == "run_started") return run_started(event);
    if (event.name == "firmware_update") return firmware_update(event);
    if (event.name == "firmware_ready") return firmware_ready(event, verbose);
    if (event.name == "note")
        return Sentence{"Note: " + text_of(event, "text"), Tone::careful, "Note:"};
    if (event.name == "board_started") {
        const auto port = text_of(event, "port");
        return Sentence{port == event.bay ? event.bay + ": started"
                                          : fmt::format("{}: started on {}", event.bay, port)};
    }
    if (event.name == "board_identified") return board_identified(event);
    if (event.name == "board_step")
        return Sentence{fmt::format("{}: {}", event.bay, phrase_of(text_of(event, "step")))};
    if (event.name == "board_console" && verbose)
        return Sentence{fmt::format("{}| {}", event.bay, text_of(event, "line"))};
    if (event.name == "board_passed") return board_passed(event);
    if (event.name == "board_failed") return board_failed(event);
    if (event.name == "run_finished") return run_finished(event);
    return std::nullopt;
}

Sentence sentence_of(const Error& error) {
    Error plain = error;
    plain.mend.clear();
    std::string text = fmt::format("error: {}", plain.describe());
    if (!error.mend.empty()) text += "\n  mend: " + error.mend;
    return {text, Tone::bad, "error:"};
}

}  // namespace imprint::cli::output
