#include "cli/output/sentences.h"

#include <array>
#include <fmt/format.h>
#include <utility>
#include <variant>
#include <vector>

#include "cli/output/text.h"

namespace imprint::cli::output {

namespace {

using events::CertificateFate;
using events::Event;

std::string plural(std::uint64_t count, std::string_view one) {
    return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

// Below a failed board's reason; empty: there is nothing to say.
std::string_view fate_text(CertificateFate fate) {
    switch (fate) {
        case CertificateFate::none:
        case CertificateFate::removed:
            return "";
        case CertificateFate::inactive:
            return "its new certificate is INACTIVE";
        case CertificateFate::unchanged:
            return "its certificate stays as it was";
        case CertificateFate::active:
            return "the board works; its certificate stays ACTIVE";
        case CertificateFate::unknown:
            return "its new certificate could not be taken back; the next run does it first";
    }
    return "";
}

std::string_view result_word(events::AttemptOutcome outcome) {
    using enum events::AttemptOutcome;
    switch (outcome) {
        case passed:
            return "PASS";
        case failed:
        case killed:
            return "FAIL";
        case skipped:
            return "SKIP";
        case stopped:
            return "STOPPED";
        case empty:
            return "empty";
        case running:
        case replaced:
            return "";
    }
    return "";
}

// Of several bays, in their order: the sentences before came in the order in which boards ended.
std::string results_text(const std::vector<events::BayResult>& results) {
    if (results.size() < 2) return {};
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : results) {
        const bool tells_why = one.outcome == events::AttemptOutcome::failed;
        rows.push_back({one.bay, std::string(result_word(one.outcome)),
                        one.mac.value ? one.mac.value->id() : "", tells_why ? one.code : ""});
    }
    return table(rows);
}

// One sentence for each event that has one.
class Teller {
  public:
    using Said = std::optional<Sentence>;

    Teller(const Event& event, bool verbose, bool watch)
        : event_(event), verbose_(verbose), watch_(watch) {}

    Said operator()(const events::RunStarted& told) const {
        // At a bench nobody knows how many there will be.
        std::string text = told.watch ? std::string("Waiting for boards")
                                      : fmt::format("Preparing {}", plural(told.boards, "board"));
        if (!told.lot.empty()) text += fmt::format(" of lot {}", told.lot);
        text += fmt::format(" for {}", told.endpoint);
        if (!told.firmware_commit.empty())
            text += fmt::format(", firmware {}", shortened(told.firmware_commit));
        return Sentence{text};
    }

    Said operator()(const events::RunChanged& told) const {
        std::string text = told.lot.empty()
                               ? "Boards are of no lot from now on"
                               : fmt::format("Boards are of lot {} from now on", told.lot);
        if (!told.app_version.empty()) text += fmt::format(", {} {}", told.app, told.app_version);
        if (!told.firmware_commit.empty())
            text += fmt::format(", firmware {}", shortened(told.firmware_commit));
        return Sentence{text};
    }

    Said operator()(const events::SerialScanned& told) const {
        if (told.serial.empty()) return std::nullopt;
        return Sentence{fmt::format(
            "serial number {} waits for {}", told.serial,
            event_.bay.empty() ? std::string("the next board") : "the board in " + event_.bay)};
    }

    Said operator()(const events::FirmwareUpdate& told) const {
        const auto to = shortened(told.to);
        std::string text = told.commits == 0
                               ? fmt::format("Firmware source is up to date at {}", to)
                               : fmt::format("Firmware source moved forward by {} to {}",
                                             plural(told.commits, "commit"), to);
        if (!told.stash.empty())
            text += fmt::format(
                "\nLocal changes are set aside in stash {}; `git stash pop` brings them back",
                shortened(told.stash));
        return Sentence{text};
    }

    Said operator()(const events::FirmwareReady& told) const {
        std::string text =
            fmt::format("Firmware for {}: {}", told.chip, plural(told.file_list.size(), "file"));
        if (verbose_)
            for (const auto& file : told.files)
                text += "\n  " + file;
        return Sentence{text};
    }

    Said operator()(const events::Note& told) const {
        return Sentence{"Note: " + told.text, Tone::careful, "Note:"};
    }

    Said operator()(const events::BoardStarted& told) const {
        return Sentence{told.port == event_.bay
                            ? event_.bay + ": started"
                            : fmt::format("{}: started on {}", event_.bay, told.port)};
    }

    Said operator()(const events::BoardIdentified& told) const {
        return Sentence{fmt::format("{}: {} {}, {} of flash, MAC {}", event_.bay, told.chip,
                                    told.revision, bytes_text(told.flash_size),
                                    event_.mac ? event_.mac->colons() : "unknown")};
    }

    Said operator()(const events::BoardStep& told) const {
        return Sentence{fmt::format("{}: {}", event_.bay, phrase_of(told.step))};
    }

    Said operator()(const events::BoardConsole& told) const {
        if (!verbose_) return std::nullopt;
        return Sentence{fmt::format("{}| {}", event_.bay, told.line)};
    }

    Said operator()(const events::BoardPassed& told) const {
        std::string text = fmt::format("PASS {}: thing {}, certificate {}, {:.1f} s", who(),
                                       told.thing, shortened(told.certificate_id), told.seconds);
        if (told.retired > 0)
            text += fmt::format(", {} retired", plural(told.retired, "former certificate"));
        if (told.queued) text += ", to be registered by `imprint registry push`";
        return Sentence{text, Tone::good, "PASS"};
    }

    Said operator()(const events::BoardFailed& told) const {
        Sentence said = failure(told.reason, told.code, told.hint);
        const auto fate = fate_text(told.certificate_state.value_or(CertificateFate::none));
        if (!fate.empty()) said.text += fmt::format("\n     {}", fate);
        return said;
    }

    Said operator()(const events::BoardSkipped& told) const {
        return Sentence{
            fmt::format("SKIP {}: it passed in {} at {}{}; {} prepares it anew", who(),
                        told.lot.empty() ? "this run" : "lot " + told.lot, to_iso8601(told.passed),
                        told.other_firmware ? ", with other firmware" : "",
                        watch_ ? fmt::format("\"again {}\"", event_.bay) : "--again"),
            Tone::careful, "SKIP"};
    }

    Said operator()(const events::BoardStopped& told) const {
        std::string text = fmt::format("STOPPED {}: not finished", who());
        const auto fate = fate_text(told.certificate_state);
        if (!fate.empty()) text += fmt::format("\n     {}", fate);
        return Sentence{text, Tone::careful, "STOPPED"};
    }

    Said operator()(const events::BayEmpty& told) const {
        // At a bench somebody has just plugged a board in.
        if (watch_) return failure(told.reason, "board_silent", told.hint);
        return Sentence{fmt::format("EMPTY {}: {}", event_.bay, told.reason), Tone::careful,
                        "EMPTY"};
    }

    // What a board came to has its own sentence.
    Said operator()(const events::BayChanged& told) const {
        using enum events::BayStatus;
        const auto& bay = event_.bay;
        if (told.status == waiting)
            return Sentence{fmt::format("WAIT {}: {}", bay, told.reason), Tone::careful, "WAIT"};
        if (told.status == off)
            return Sentence{fmt::format("OFF {}: {}\n     hint: {}", bay, told.reason, told.hint),
                            Tone::bad, "OFF"};
        return std::nullopt;
    }

    Said operator()(const events::LabelPrinted&) const {
        if (!verbose_) return std::nullopt;
        return Sentence{fmt::format("label of {} printed", who())};
    }

    Said operator()(const events::LabelTrouble& told) const {
        std::string text = fmt::format("LABEL {}: {} [{}]", who(), told.reason, told.code);
        if (!told.hint.empty()) text += "\n     hint: " + told.hint;
        return Sentence{text, Tone::careful, "LABEL"};
    }

    Said operator()(const events::RunFinished& told) const {
        std::string text = fmt::format("{} passed, {} failed", told.passed, told.failed);
        if (told.skipped > 0) text += fmt::format(", {} skipped", told.skipped);
        if (told.stopped > 0) text += fmt::format(", {} stopped", told.stopped);
        if (told.empty > 0)
            text += fmt::format(", {} {} empty", told.empty, told.empty == 1 ? "bay" : "bays");
        text += fmt::format(", {:.1f} s", told.seconds);
        return Sentence{text,
                        told.failed == 0 ? Tone::good : Tone::bad,
                        {},
                        Stream::out,
                        results_text(told.results)};
    }

    Said operator()(const events::CommandFailed& told) const { return sentence_of(told); }

    Said operator()(const events::LogLine& told) const { return sentence_of(told); }

    Said operator()(const auto&) const { return std::nullopt; }

  private:
    [[nodiscard]] Sentence failure(const std::string& reason, std::string_view code,
                                   const std::string& hint) const {
        std::string text = fmt::format("FAIL {}: {} [{}]", who(), reason, code);
        if (!hint.empty()) text += "\n     hint: " + hint;
        return {text, Tone::bad, "FAIL"};
    }

    // "bay0", "bay0 246f28a1b2c3"
    [[nodiscard]] std::string who() const {
        if (!event_.mac) return event_.bay;
        return fmt::format("{} {}", event_.bay, event_.mac->id());
    }

    const Event& event_;
    bool verbose_;
    bool watch_;
};

}  // namespace

std::string_view phrase_of(events::Step step) {
    using events::Step;
    switch (step) {
        case Step::identify:
            return "identifying";
        case Step::firmware:
            return "writing firmware";
        case Step::identity:
            return "making its identity";
        case Step::credentials:
            return "writing credentials";
        case Step::activate:
            return "activating";
        case Step::queue:
            return "queueing its registration";
        case Step::proof:
            return "proving its identity";
        case Step::verify:
            return "verifying its start";
        case Step::retire:
            return "retiring former";
        case Step::read:
            return "reading";
        case Step::erase:
            return "erasing";
    }
    return "";
}

std::optional<Sentence> sentence_of(const Event& event, bool verbose, bool watch) {
    return events::visit(Teller(event, verbose, watch), event.body);
}

Sentence sentence_of(const events::CommandFailed& failed) {
    std::string text = fmt::format("error: {} [{}]", failed.reason, failed.code);
    if (!failed.hint.empty()) text += "\n  hint: " + failed.hint;
    return {text, Tone::bad, "error:", Stream::err};
}

Sentence sentence_of(const events::LogLine& line) {
    const auto tone = line.level >= LogLevel::warning ? Tone::careful : Tone::plain;
    const std::string_view name = to_string(line.level);
    return {fmt::format("{}: {}", name, line.line), tone, name, Stream::err};
}

Sentence sentence_of_missed(std::uint64_t lines) {
    return {fmt::format("warning: {} of the log {} missing: nobody read it in time",
                        plural(lines, "line"), lines == 1 ? "is" : "are"),
            Tone::careful, "warning", Stream::err};
}

}  // namespace imprint::cli::output
