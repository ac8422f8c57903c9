// Events of `imprint lot …`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/mac.h"
#include "events/describe.h"
#include "events/words.h"

namespace imprint::events {

struct Lot {
    std::string name;
    std::string code;
    OrEmpty<LotState> state;
    std::int64_t target;
    OrEmpty<WallTime> opened;
    OrEmpty<WallTime> since;
    std::string chip;
    std::string least_revision;
    std::string most_revision;
    std::uint64_t flash_size;
    std::string firmware;
    std::string serial_template;
    std::string failed_serial;
    std::vector<std::string> golden;
    bool merged;
    std::uint64_t boards;
    std::uint64_t passed;
    std::uint64_t failed;
    std::uint64_t error;
    std::uint64_t aborted;
    std::uint64_t running;
    std::uint64_t first_passed;
    std::uint64_t first_failed;
    std::uint64_t unidentified;
    std::optional<double> first_pass_yield = {};

    bool operator==(const Lot&) const = default;

    static constexpr Summary summary{
        "lot",
        "`lot list` and `show`, and what changed it; `prepare --watch`, when its figures change"};

    static constexpr void members(const auto& member) {
        member("name", &Lot::name, "what `--lot` says");
        member("code", &Lot::code, "what is scanned");
        member("state", &Lot::state, "empty: nobody has opened it, it is only a text of attempts");
        member("target", &Lot::target, "boards; 0: none is set");
        member("opened", &Lot::opened, "when");
        member("since", &Lot::since, "when its state came");
        member("chip", &Lot::chip, "that is allowed: `esp32s3`, …; empty: any");
        member("least_revision", &Lot::least_revision, "that is allowed: `v0.1`; empty: any");
        member("most_revision", &Lot::most_revision, "likewise");
        member("flash_size", &Lot::flash_size, "that is allowed; 0: any", in_bytes);
        member("firmware", &Lot::firmware,
               "that is allowed: SHA-256 over all files and their offsets; empty: any");
        member("serial_template", &Lot::serial_template, "of its serial numbers, or empty");
        member("failed_serial", &Lot::failed_serial,
               "`keep` or `free`: what becomes of a failed board's serial number");
        member("golden", &Lot::golden, "MACs of its golden samples");
        member("merged", &Lot::merged, "it comes from another station's ledger");
        member("boards", &Lot::boards, "that were tried, golden samples apart");
        member("passed", &Lot::passed, "of them: that stand so");
        member("failed", &Lot::failed, "of them, by their own fault");
        member("error", &Lot::error, "of them, by the station's or the cloud's fault");
        member("aborted", &Lot::aborted, "of them: stopped, or their process died");
        member("running", &Lot::running, "of them: at work");
        member("first_passed", &Lot::first_passed, "boards whose first judgement was a pass");
        member("first_failed", &Lot::first_failed, "boards whose first judgement was a failure");
        member("unidentified", &Lot::unidentified,
               "attempts that failed before their board was known; no board is counted for them");
        member("first_pass_yield", &Lot::first_pass_yield,
               "from 0 to 1: `first_passed` of both; left out while no board is judged");
    }
};

struct LotBoard {
    std::string lot;
    MacAddress mac;
    std::string serial;
    BoardVerdict verdict;
    BoardVerdict first;
    bool golden;
    std::string thing;
    std::string certificate_id;
    OrEmpty<CertificateState> certificate_state;
    std::string chip;
    std::string firmware;
    std::string firmware_commit;
    std::string app_version;
    WallTime started;
    OrEmpty<WallTime> ended;
    std::uint64_t attempts;
    std::string operator_name;
    std::string bay;
    std::string station;
    std::string host;
    std::string code;
    std::string reason;

    static constexpr Summary summary{
        "lot_board", "`lot report`: one board of the lot. The columns of `--csv` are the members"};

    static constexpr void members(const auto& member) {
        member("lot", &LotBoard::lot, "its name");
        member("mac", &LotBoard::mac, "12 lower-case hex digits");
        member("serial", &LotBoard::serial, "that it has in this lot, or empty");
        member("verdict", &LotBoard::verdict, "how it stands");
        member("first", &LotBoard::first, "its first judgement: `passed`, `failed` or `none` yet");
        member("golden", &LotBoard::golden, "a golden sample, which counts for nothing");
        member("thing", &LotBoard::thing, "its name in AWS IoT, or empty");
        member("certificate_id", &LotBoard::certificate_id, "that the attempt gave it, or empty");
        member("certificate_state", &LotBoard::certificate_state, "now, or empty");
        member("chip", &LotBoard::chip, "`esp32s3`, …");
        member("firmware", &LotBoard::firmware, "SHA-256 over all files and their offsets");
        member("firmware_commit", &LotBoard::firmware_commit, "of the source, or empty");
        member("app_version", &LotBoard::app_version, "as the app itself says");
        member("started", &LotBoard::started, "the attempt that this is told of");
        member("ended", &LotBoard::ended, "likewise; empty: no end is recorded");
        member("attempts", &LotBoard::attempts, "how many there were in this lot");
        member("operator", &LotBoard::operator_name, "`--operator`, or empty");
        member("bay", &LotBoard::bay, "its name");
        member("station", &LotBoard::station, "its name, `station.name`");
        member("host", &LotBoard::host, "the name of the station's computer");
        member("code", &LotBoard::code, "as in `board_failed`, or empty");
        member("reason", &LotBoard::reason, "likewise");
    }
};

using LotEvents = Group<Lot, LotBoard>;

}  // namespace imprint::events
