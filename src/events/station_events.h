// Events of `imprint doctor`, `imprint ledger …` and labels.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"
#include "events/describe.h"
#include "events/words.h"

namespace imprint::events {

struct ConfigValue {
    std::string key;
    std::string value;
    std::string origin;

    static constexpr Summary summary{"config_value", "`doctor --values`: of each setting"};

    static constexpr void members(const auto& member) {
        member("key", &ConfigValue::key, "`station.baud`, …");
        member("value", &ConfigValue::value, "as it could be written");
        member("origin", &ConfigValue::origin, "file, variable or flag that it comes from");
    }
};

struct Check {
    std::string name;
    Health health;
    std::string found;
    std::string hint;
    std::string code;
    std::map<std::string, std::string> facts;

    static constexpr Summary summary{"check", "`doctor`: of each thing that a run needs"};

    static constexpr void members(const auto& member) {
        member("name", &Check::name, "`firmware`, `credentials`, …");
        member("health", &Check::health, "how it is");
        member("found", &Check::found, "for a person; scripts take `code` and `facts`");
        member("mend", &Check::hint, "for a person: what to do, where it is not `ok`");
        member("code", &Check::code, "of the error that a run would end with; else empty");
        member("facts", &Check::facts, "what was found, as values: `path`, `chip`, `region`, …");
    }
};

struct LedgerAttempt {
    std::int64_t attempt;
    std::int64_t run;
    OrEmpty<MacAddress> mac;
    std::string bay;
    std::string lot;
    std::string chip;
    std::string thing;
    std::string certificate_id;
    std::string firmware;
    std::string firmware_commit;
    std::string app_version;
    WallTime started;
    OrEmpty<WallTime> ended;
    AttemptOutcome outcome;
    std::string code;
    std::string reason;
    OrEmpty<CertificateState> certificate_state = {};
    std::string station = {};
    std::string host = {};
    std::string operator_name = {};
    std::string account = {};
    std::string region = {};
    bool merged = false;
    std::string serial = {};
    BoardVerdict verdict = BoardVerdict::none;
    bool golden = false;

    static constexpr Summary summary{"ledger_attempt",
                                     "`ledger list` and `show`: one board in one run"};

    static constexpr void members(const auto& member) {
        member("attempt", &LedgerAttempt::attempt, "its number");
        member("run", &LedgerAttempt::run, "its number");
        member("mac", &LedgerAttempt::mac,
               "12 lower-case hex digits; empty: the board was not identified");
        member("bay", &LedgerAttempt::bay, "its name");
        member("lot", &LedgerAttempt::lot, "or empty");
        member("chip", &LedgerAttempt::chip, "`esp32s3`, …, or empty");
        member("thing", &LedgerAttempt::thing, "its name, or empty");
        member("certificate_id", &LedgerAttempt::certificate_id, "or empty");
        member("firmware", &LedgerAttempt::firmware, "SHA-256 over all files and their offsets");
        member("firmware_commit", &LedgerAttempt::firmware_commit, "of the source, or empty");
        member("app_version", &LedgerAttempt::app_version, "as the app itself says");
        member("started", &LedgerAttempt::started, "when");
        member("ended", &LedgerAttempt::ended, "when; empty: no end is recorded");
        member("outcome", &LedgerAttempt::outcome, "what it came to");
        member("code", &LedgerAttempt::code, "as in `board_failed`, or empty");
        member("reason", &LedgerAttempt::reason, "likewise");
        member("certificate_state", &LedgerAttempt::certificate_state, "now, or empty");
        member("station", &LedgerAttempt::station, "its name, `station.name`");
        member("host", &LedgerAttempt::host, "the name of its computer");
        member("operator", &LedgerAttempt::operator_name, "`--operator`, or empty");
        member("account", &LedgerAttempt::account, "of AWS, or empty");
        member("region", &LedgerAttempt::region, "of AWS, or empty");
        member("merged", &LedgerAttempt::merged, "it comes from another station's ledger");
        member("serial", &LedgerAttempt::serial, "number that it gave the board, or empty");
        member("verdict", &LedgerAttempt::verdict, "what it says of the board");
        member("golden", &LedgerAttempt::golden, "of a golden sample of its lot");
    }
};

struct LedgerBoard {
    MacAddress mac;
    std::string thing;
    BoardStanding outcome;
    std::string lot;
    std::string certificate_id;
    OrEmpty<CertificateState> certificate_state;
    std::string certificate_serial;
    OrEmpty<WallTime> not_before;
    OrEmpty<WallTime> not_after;
    std::string chip;
    std::string firmware;
    std::string firmware_commit;
    std::string app_version;
    std::string app_elf_sha256;
    WallTime started;
    OrEmpty<WallTime> ended;
    std::string station;
    std::string bay;
    std::string host;
    std::string operator_name;
    std::string account;
    std::string region;
    std::string endpoint;
    std::uint64_t attempts;
    std::string code;
    std::string reason;
    std::string serial = {};

    static constexpr Summary summary{"ledger_board",
                                     "`ledger export`: one board, with the certificate that it "
                                     "has. The columns of `--csv` are the members"};

    static constexpr void members(const auto& member) {
        member("mac", &LedgerBoard::mac, "12 lower-case hex digits");
        member("thing", &LedgerBoard::thing, "its name in AWS IoT, or empty");
        member("outcome", &LedgerBoard::outcome, "how it stands");
        member("lot", &LedgerBoard::lot, "or empty");
        member("certificate_id", &LedgerBoard::certificate_id,
               "of the one in force, or empty: neither a replaced nor a retired one");
        member("certificate_state", &LedgerBoard::certificate_state, "of that");
        member("certificate_serial", &LedgerBoard::certificate_serial,
               "of that, hex; empty: the ledger does not have its text (before version 6)");
        member("not_before", &LedgerBoard::not_before, "of that, or empty");
        member("not_after", &LedgerBoard::not_after, "of that, or empty");
        member("chip", &LedgerBoard::chip, "`esp32s3`, …");
        member("firmware", &LedgerBoard::firmware, "SHA-256 over all files and their offsets");
        member("firmware_commit", &LedgerBoard::firmware_commit, "of the source, or empty");
        member("app_version", &LedgerBoard::app_version, "as the app itself says");
        member("app_elf_sha256", &LedgerBoard::app_elf_sha256, "likewise");
        member("started", &LedgerBoard::started, "the attempt that this is told of");
        member("ended", &LedgerBoard::ended, "likewise; empty: no end is recorded");
        member("station", &LedgerBoard::station, "its name, `station.name`");
        member("bay", &LedgerBoard::bay, "its name");
        member("host", &LedgerBoard::host, "the name of the station's computer");
        member("operator", &LedgerBoard::operator_name, "`--operator`, or empty");
        member("account", &LedgerBoard::account, "of AWS, or empty");
        member("region", &LedgerBoard::region, "of AWS, or empty");
        member("endpoint", &LedgerBoard::endpoint, "of the broker that it was given");
        member("attempts", &LedgerBoard::attempts, "how many there were");
        member("code", &LedgerBoard::code, "as in `board_failed`, or empty");
        member("reason", &LedgerBoard::reason, "likewise");
        member("serial", &LedgerBoard::serial, "number that it has in its lot, or empty");
    }
};

struct LedgerMerged {
    std::string path;
    std::int64_t runs;
    std::int64_t attempts;
    std::int64_t certificates;
    std::int64_t changed;
    std::int64_t lots = 0;
    std::int64_t serials = 0;
    std::vector<std::string> conflicts = {};

    static constexpr Summary summary{"ledger_merged",
                                     "`ledger merge`: one other ledger was brought in"};

    static constexpr void members(const auto& member) {
        member("path", &LedgerMerged::path, "of the other ledger");
        member("runs", &LedgerMerged::runs, "that are new");
        member("attempts", &LedgerMerged::attempts, "that are new");
        member("certificates", &LedgerMerged::certificates, "that are new");
        member("changed", &LedgerMerged::changed, "certificates that are in a later state now");
        member("lots", &LedgerMerged::lots, "that are new");
        member("serials", &LedgerMerged::serials, "serial numbers that are new");
        member("conflicts", &LedgerMerged::conflicts,
               "serial numbers that two boards have, and boards that have two in one lot: for a "
               "person, each a sentence");
    }
};

struct LedgerFile {
    std::int64_t run;
    std::string path;
    std::uint32_t offset;
    std::uint32_t size;
    std::string sha256;

    static constexpr Summary summary{"ledger_file", "`ledger show`: a file that a run flashed"};

    static constexpr void members(const auto& member) {
        member("run", &LedgerFile::run, "its number");
        member("path", &LedgerFile::path, "of the file");
        member("offset", &LedgerFile::offset, "in flash");
        member("size", &LedgerFile::size, "of the file", in_bytes);
        member("sha256", &LedgerFile::sha256, "of the file, 64 hex digits");
    }
};

struct LedgerCertificate {
    MacAddress mac;
    std::string certificate_id;
    CertificateState state;
    WallTime requested;
    std::string policy;
    bool deactivation_owed;

    static constexpr Summary summary{"ledger_certificate",
                                     "`ledger show`: a certificate of the board"};

    static constexpr void members(const auto& member) {
        member("mac", &LedgerCertificate::mac, "12 lower-case hex digits");
        member("certificate_id", &LedgerCertificate::certificate_id, "empty: no answer came");
        member("state", &LedgerCertificate::state, "what it has come to");
        member("requested", &LedgerCertificate::requested, "when it was asked for");
        member("policy", &LedgerCertificate::policy, "that it has");
        member("deactivation_owed", &LedgerCertificate::deactivation_owed,
               "it may be ACTIVE, and should not be");
    }
};

struct LedgerRetirement {
    std::string thing;
    std::string reason;
    WallTime intended;
    OrEmpty<WallTime> done;
    std::string certificates;
    std::vector<std::string> certificate_list;

    static constexpr Summary summary{"ledger_retirement",
                                     "`ledger show`: a thing was taken out of service"};

    static constexpr void members(const auto& member) {
        member("thing", &LedgerRetirement::thing, "its name");
        member("reason", &LedgerRetirement::reason, "as it was said");
        member("intended", &LedgerRetirement::intended, "when it was begun");
        member("done", &LedgerRetirement::done, "when; empty: begun, and not finished");
        member("certificates", &LedgerRetirement::certificates,
               "ids of those that went, with blanks between; scripts take `certificate_list`");
        member("certificate_list", &LedgerRetirement::certificate_list, "`certificates` as values");
    }
};

struct LedgerRun {
    std::int64_t run;
    std::string command;
    std::string version;
    std::string lot;
    WallTime started;
    OrEmpty<WallTime> ended;
    bool running;
    std::int64_t passed;
    std::int64_t failed;
    std::int64_t effects;
    std::string station = {};
    std::string host = {};
    std::string operator_name = {};
    std::string account = {};
    std::string region = {};
    bool merged = false;

    static constexpr Summary summary{"ledger_run",
                                     "`ledger runs`: a command that acted on something"};

    static constexpr void members(const auto& member) {
        member("run", &LedgerRun::run, "its number");
        member("command", &LedgerRun::command, "as it is typed, without `imprint`");
        member("version", &LedgerRun::version, "of Imprint");
        member("lot", &LedgerRun::lot, "or empty");
        member("started", &LedgerRun::started, "when");
        member("ended", &LedgerRun::ended, "when; empty: it runs, or was killed");
        member("running", &LedgerRun::running, "its process may be alive");
        member("passed", &LedgerRun::passed, "how many boards");
        member("failed", &LedgerRun::failed, "how many boards");
        member("effects", &LedgerRun::effects, "how many it had");
        member("station", &LedgerRun::station, "its name, `station.name`");
        member("host", &LedgerRun::host, "the name of its computer");
        member("operator", &LedgerRun::operator_name, "`--operator`, or empty");
        member("account", &LedgerRun::account, "of AWS, or empty");
        member("region", &LedgerRun::region, "of AWS, or empty");
        member("merged", &LedgerRun::merged, "it comes from another station's ledger");
    }
};

struct LedgerEffect {
    std::int64_t effect;
    std::int64_t run;
    std::int64_t attempt;
    std::string kind;
    std::string subject;
    WallTime intended;
    OrEmpty<WallTime> done;
    std::string result;

    static constexpr Summary summary{
        "ledger_effect", "`ledger effects`, and `ledger show`: what a command did outside"};

    static constexpr void members(const auto& member) {
        member("effect", &LedgerEffect::effect, "its number");
        member("run", &LedgerEffect::run, "its number");
        member("attempt", &LedgerEffect::attempt, "its number; 0: the command's own");
        member("kind", &LedgerEffect::kind, "`activate`, …: docs/ledger.md has them");
        member("subject", &LedgerEffect::subject, "thing, certificate or flash region");
        member("intended", &LedgerEffect::intended, "when it was about to be tried");
        member("done", &LedgerEffect::done, "when; empty: it may or may not have happened");
        member("result", &LedgerEffect::result, "`done`, or the MD5 of a flash region");
    }
};

struct LabelWritten {
    std::string path;
    std::string format;
    std::vector<std::string> boards;

    static constexpr Summary summary{"label_written", "`label`: a file with labels"};

    static constexpr void members(const auto& member) {
        member("path", &LabelWritten::path, "of the file; `-`: standard output");
        member("format", &LabelWritten::format, "`svg`, `png`, `pdf` or `zpl`");
        member("boards", &LabelWritten::boards,
               "MAC addresses of those whose labels are in it; empty: a sample");
    }
};

struct LabelPrinted {
    std::string printer;
    std::uint64_t waiting = 0;

    static constexpr Summary summary{"label_printed", "the printer has taken a board's label"};

    static constexpr void members(const auto& member) {
        member("printer", &LabelPrinted::printer, "its address, as in `label.printer`");
        member("waiting", &LabelPrinted::waiting, "how many more labels wait for it");
    }
};

struct LabelTrouble {
    std::string printer;
    std::string code;
    std::string reason;
    std::string hint;
    std::uint64_t waiting = 0;
    bool given_up = false;

    static constexpr Summary summary{
        "label_trouble",
        "a board's label is not printed. The board has passed all the same; once for each trouble, "
        "not for each attempt"};

    static constexpr void members(const auto& member) {
        member("printer", &LabelTrouble::printer, "its address, as in `label.printer`");
        member("code", &LabelTrouble::code, "for scripts: `label_printer`, …");
        member("reason", &LabelTrouble::reason, "for a person");
        member("mend", &LabelTrouble::hint, "for a person: what to do about it");
        member("waiting", &LabelTrouble::waiting,
               "how many labels wait for the printer; they are tried again");
        member("given_up", &LabelTrouble::given_up,
               "this board's label is not tried again; `mend` says who prints it");
    }
};

struct PageUser {
    std::string name;
    UserRole role;
    UserChange change;

    static constexpr Summary summary{"page_user", "`station user`: somebody who may log in"};

    static constexpr void members(const auto& member) {
        member("name", &PageUser::name, "by which the user logs in");
        member("role", &PageUser::role, "what the user may do");
        member("change", &PageUser::change, "what the command did");
    }
};

using StationEvents = Group<ConfigValue, Check, LedgerAttempt, LedgerBoard, LedgerMerged,
                            LedgerFile, LedgerCertificate, LedgerRetirement, LedgerRun,
                            LedgerEffect, LabelWritten, LabelPrinted, LabelTrouble, PageUser>;

}  // namespace imprint::events
