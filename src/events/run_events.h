// Events of a run: `imprint prepare`, `registry rotate` on the bench, and `demo`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/mac.h"
#include "events/describe.h"
#include "events/words.h"

namespace imprint::events {

struct FirmwareUpdate {
    std::string from;
    std::string to;
    std::uint64_t commits;
    std::string stash;

    static constexpr Summary summary{"firmware_update", "the source was brought up to date"};

    static constexpr void members(const auto& member) {
        member("from", &FirmwareUpdate::from, "the commit before");
        member("to", &FirmwareUpdate::to, "the commit now");
        member("commits", &FirmwareUpdate::commits, "how many lie between them");
        member("stash", &FirmwareUpdate::stash,
               "the commit of the stash with local changes, or empty");
    }
};

struct FileFacts {
    std::string path;
    std::uint32_t offset;
    std::uint64_t size;
    std::string sha256;

    static constexpr void members(const auto& member) {
        member("path", &FileFacts::path, "of the file");
        member("offset", &FileFacts::offset, "in flash");
        member("size", &FileFacts::size, "of the file", in_bytes);
        member("sha256", &FileFacts::sha256, "of the file, 64 hex digits");
    }
};

struct FirmwareReady {
    std::string commit;
    std::string chip;
    std::vector<std::string> files;
    std::vector<FileFacts> file_list;

    static constexpr Summary summary{"firmware_ready",
                                     "the firmware is read, checked and compressed"};

    static constexpr void members(const auto& member) {
        member("commit", &FirmwareReady::commit, "of the source; empty: it is not from git");
        member("chip", &FirmwareReady::chip, "that it is for");
        member("files", &FirmwareReady::files,
               "for a person: each with offset, size and SHA-256; scripts take `file_list`");
        member("file_list", &FirmwareReady::file_list, "`files` as values");
    }
};

struct Note {
    std::string text;

    static constexpr Summary summary{
        "note", "something to know: a file left out, a policy that differs, an image nearly full"};

    static constexpr void members(const auto& member) {
        member("text", &Note::text, "for a person");
    }
};

struct RunStarted {
    std::string version;
    std::uint64_t boards;
    std::string lot;
    std::string endpoint;
    std::string firmware_commit;
    std::vector<std::string> bays = {};
    bool watch = false;
    std::string app = {};
    std::string app_version = {};

    static constexpr Summary summary{"run_started",
                                     "all that boards share is in order; the first one is next"};

    static constexpr void members(const auto& member) {
        member("version", &RunStarted::version, "of Imprint");
        member("boards", &RunStarted::boards, "how many bays there are");
        member("lot", &RunStarted::lot, "production order, or empty");
        member("endpoint", &RunStarted::endpoint, "host of the broker that the boards are for");
        member("firmware_commit", &RunStarted::firmware_commit,
               "of the source; empty: it is not from git");
        member("bays", &RunStarted::bays,
               "their names, in the order of their ports; of `--watch`, those that are known");
        member("watch", &RunStarted::watch, "boards come and go until somebody ends it");
        member("app", &RunStarted::app, "the project's name, as the app itself says, or empty");
        member("app_version", &RunStarted::app_version, "likewise its version");
    }
};

struct RunChanged {
    std::string lot;
    std::string firmware_commit;
    std::string app = {};
    std::string app_version = {};

    static constexpr Summary summary{
        "run_changed",
        "a bench goes on with another lot, or with firmware that was read again: boards that are "
        "begun from now on"};

    static constexpr void members(const auto& member) {
        member("lot", &RunChanged::lot, "production order, or empty");
        member("firmware_commit", &RunChanged::firmware_commit, "as in `run_started`");
        member("app", &RunChanged::app, "likewise");
        member("app_version", &RunChanged::app_version, "likewise");
    }
};

struct PageReady {
    std::string url;

    static constexpr Summary summary{"page_ready", "`station`: the page can be opened"};

    static constexpr void members(const auto& member) {
        member("url", &PageReady::url, "where it is");
    }
};

struct SerialScanned {
    std::string serial;

    static constexpr Summary summary{
        "serial_scanned",
        "a serial number was scanned at a bench, and waits for its board: for the one in `bay`, or "
        "the next one"};

    static constexpr void members(const auto& member) {
        member("serial", &SerialScanned::serial, "as it was scanned; empty: none waits any more");
    }
};

struct BoardStarted {
    std::string port;

    static constexpr Summary summary{"board_started", "work on a board begins"};

    static constexpr void members(const auto& member) {
        member("port", &BoardStarted::port, "that the board is on");
    }
};

struct BoardIdentified {
    std::string chip;
    std::string revision;
    std::uint64_t flash_size;
    std::string port;
    std::optional<std::string> serial = {};

    static constexpr Summary summary{"board_identified",
                                     "the board is known: it has its `mac` now"};

    static constexpr void members(const auto& member) {
        member("chip", &BoardIdentified::chip, "`ESP32-S3`, …");
        member("revision", &BoardIdentified::revision, "of the chip: `v3.1`");
        member("flash_size", &BoardIdentified::flash_size, "0: the flash does not tell it",
               in_bytes);
        member("port", &BoardIdentified::port, "that the board is on");
        member("serial", &BoardIdentified::serial, "number that it has in its lot");
    }
};

struct BoardStep {
    Step step;

    static constexpr Summary summary{"board_step", "a step begins"};

    static constexpr void members(const auto& member) {
        member("step", &BoardStep::step, "which one");
    }
};

struct BoardProgress {
    Step step;
    std::uint64_t done;
    std::uint64_t total;

    static constexpr Summary summary{
        "board_progress",
        "a step goes on; to a reader that is far behind, only the last of a board's step comes"};

    static constexpr void members(const auto& member) {
        member("step", &BoardProgress::step, "which one");
        member("done", &BoardProgress::done, "so far", in_bytes);
        member("total", &BoardProgress::total, "in the end", in_bytes);
    }
};

struct BoardConsole {
    std::optional<std::string> port = {};
    std::string line;

    static constexpr Summary summary{
        "board_console",
        "the board printed a line while it was watched, in a run or by "
        "`board monitor`"};

    static constexpr void members(const auto& member) {
        member("port", &BoardConsole::port, "of `board monitor`: where the board is");
        member("line", &BoardConsole::line, "without its line break");
    }
};

struct BoardPassed {
    std::string thing;
    std::string certificate_id;
    double seconds;
    std::uint64_t retired;
    std::uint64_t retirement_owed;
    bool queued;
    std::uint64_t bytes_written;
    std::optional<std::string> serial = {};

    static constexpr Summary summary{"board_passed", "once for each board that is prepared"};

    static constexpr void members(const auto& member) {
        member("thing", &BoardPassed::thing, "its name in AWS IoT");
        member("certificate_id", &BoardPassed::certificate_id, "64 hex digits");
        member("seconds", &BoardPassed::seconds, "that it took", in_seconds);
        member("retired", &BoardPassed::retired, "how many former certificates went");
        member("retirement_owed", &BoardPassed::retirement_owed,
               "how many of them could not be deleted yet");
        member("queued", &BoardPassed::queued, "its registration is owed: `registry push`");
        member("bytes_written", &BoardPassed::bytes_written, "to flash; the others were there",
               in_bytes);
        member("serial", &BoardPassed::serial, "number that it has in its lot");
    }
};

struct BoardFailed {
    ErrorKind kind;
    std::string code;
    std::string reason;
    std::string hint;
    std::optional<CertificateFate> certificate_state = {};

    [[nodiscard]] static BoardFailed of(const Error& error,
                                        std::optional<CertificateFate> certificate = {}) {
        return {error.kind, error.code, error.reason(), error.shown_hint(), certificate};
    }

    static constexpr Summary summary{"board_failed", "once for each board that is not"};

    static constexpr void members(const auto& member) {
        member("kind", &BoardFailed::kind, "whose fault it is");
        member("code", &BoardFailed::code, "for scripts: `board_lost`, …");
        member("reason", &BoardFailed::reason, "for a person");
        member("mend", &BoardFailed::hint, "for a person: what to do about it, or empty");
        member("certificate_state", &BoardFailed::certificate_state,
               "what became of its new certificate. What the board had before, and has no more, "
               "is made INACTIVE with it. Of a preparation alone");
    }
};

struct BoardSkipped {
    std::string thing;
    std::string certificate_id;
    std::string lot;
    WallTime passed;
    std::string firmware = {};
    bool other_firmware = false;

    static constexpr Summary summary{
        "board_skipped",
        "the board has passed in this lot, or in this run, and is left as it "
        "is; `--again` prepares it anew"};

    static constexpr void members(const auto& member) {
        member("thing", &BoardSkipped::thing, "its name in AWS IoT");
        member("certificate_id", &BoardSkipped::certificate_id, "the one that it has");
        member("lot", &BoardSkipped::lot, "that it passed in; empty: in this run, which has none");
        member("passed", &BoardSkipped::passed, "when");
        member("firmware", &BoardSkipped::firmware, "that it passed with, as in `ledger_attempt`");
        member("other_firmware", &BoardSkipped::other_firmware, "it is not that of this run");
    }
};

struct BoardStopped {
    CertificateFate certificate_state;

    static constexpr Summary summary{
        "board_stopped",
        "the run was asked to end before the board was finished: no failure of it"};

    static constexpr void members(const auto& member) {
        member("certificate_state", &BoardStopped::certificate_state,
               "what became of its new certificate");
    }
};

struct BayEmpty {
    std::string reason;
    std::string hint;

    static constexpr Summary summary{
        "bay_empty", "nothing at all answers in a bay, or its port is not there: no failure"};

    static constexpr void members(const auto& member) {
        member("reason", &BayEmpty::reason, "for a person");
        member("mend", &BayEmpty::hint, "for a person: what to do if there is a board in it");
    }
};

struct BayChanged {
    BayStatus status;
    std::string port = {};
    std::string code = {};
    std::string reason = {};
    std::string hint = {};
    std::uint64_t in_a_row = 0;
    std::string place = {};

    static constexpr Summary summary{
        "bay_changed",
        "a bay of a bench where boards come and go has another status; of "
        "`prepare --watch`"};

    static constexpr void members(const auto& member) {
        member("status", &BayChanged::status, "how it stands");
        member("port", &BayChanged::port, "where its board is, or empty");
        member("code", &BayChanged::code, "as in `board_failed`; `bay_off`, or empty");
        member("reason", &BayChanged::reason, "for a person: why");
        member("mend", &BayChanged::hint, "for a person: what to do, or empty");
        member("in_a_row", &BayChanged::in_a_row,
               "how many boards have failed in it one after the other");
        member("place", &BayChanged::place,
               "where it is: a USB path, or its port; as `station.bays` has it");
    }
};

struct BayResult {
    std::string bay;
    OrEmpty<MacAddress> mac = {};
    AttemptOutcome outcome = AttemptOutcome::running;
    std::string code = {};

    bool operator==(const BayResult&) const = default;

    static constexpr void members(const auto& member) {
        member("bay", &BayResult::bay, "its name");
        member("mac", &BayResult::mac, "of its board, or empty");
        member("outcome", &BayResult::outcome, "what it came to");
        member("code", &BayResult::code, "as in `board_failed`, or empty");
    }
};

struct RunFinished {
    std::uint64_t passed;
    std::uint64_t failed;
    double seconds;
    std::uint64_t skipped = 0;
    std::uint64_t stopped = 0;
    std::uint64_t empty = 0;
    std::vector<BayResult> results = {};

    static constexpr Summary summary{"run_finished", "no bay is at work any more"};

    static constexpr void members(const auto& member) {
        member("passed", &RunFinished::passed, "how many boards");
        member("failed", &RunFinished::failed, "how many boards");
        member("seconds", &RunFinished::seconds, "that the run took", in_seconds);
        member("skipped", &RunFinished::skipped, "how many boards had passed before");
        member("stopped", &RunFinished::stopped, "how many boards were not finished");
        member("empty", &RunFinished::empty, "how many bays had no board");
        member("results", &RunFinished::results, "of each bay, in the order of `run_started`");
    }
};

struct CommandFailed {
    ErrorKind kind;
    std::string code;
    std::string reason;
    std::string hint;

    static constexpr Summary summary{"error", "what ended a command, whichever it was"};

    static constexpr void members(const auto& member) {
        member("kind", &CommandFailed::kind, "fixes the [exit code](exit-codes.md)");
        member("code", &CommandFailed::code, "for scripts: `port_busy`, …");
        member("reason", &CommandFailed::reason, "for a person");
        member("mend", &CommandFailed::hint, "for a person: what to do about it, or empty");
    }
};

using RunEvents = Group<FirmwareUpdate, FirmwareReady, Note, RunStarted, RunChanged, PageReady,
                        SerialScanned, BoardStarted, BoardIdentified, BoardStep, BoardProgress,
                        BoardConsole, BoardPassed, BoardFailed, BoardSkipped, BoardStopped,
                        BayEmpty, BayChanged, RunFinished, CommandFailed>;

// A log line: on standard error, never among the lines of --json.
struct LogLine {
    LogLevel level;
    std::string line;

    static constexpr Summary summary{"log", "a line of the log"};

    static constexpr void members(const auto& member) {
        member("level", &LogLine::level, "how much it matters");
        member("line", &LogLine::line, "for a person");
    }
};

}  // namespace imprint::events
