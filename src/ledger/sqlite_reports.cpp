// What is read of the ledger.
#include <algorithm>
#include <charconv>
#include <limits>

#include "ledger/record_names.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

constexpr std::int64_t page = 1000;

constexpr std::string_view effect_columns =
    "SELECT id, run, attempt, kind, subject, intended, done, result FROM effects ";

EffectRecord effect_of(const sqlite::Statement& row) {
    EffectRecord record;
    record.id = row.integer(0);
    record.run = row.integer(1);
    record.attempt = row.optional_integer(2);
    record.kind = row.text(3);
    record.subject = row.text(4);
    record.intended = from_milliseconds(row.integer(5));
    record.done = optional_time(row, 6);
    record.result = row.text(7);
    return record;
}

std::string first_text(const sqlite::Statement& row) {
    return row.text(0);
}

std::int64_t first_integer(const sqlite::Statement& row) {
    return row.integer(0);
}

}  // namespace

Result<CertificateRecord> SqliteLedger::certificate_of(const sqlite::Statement& row) const {
    CertificateRecord record;
    record.row = row.integer(0);
    IMPRINT_TRY(record.mac, mac_of(row.text(1)));
    record.thing = row.text(2);
    record.id = row.text(3);
    record.public_pem = row.text(4);
    record.policy = row.text(5);
    record.state = value_of(state_names, row.text(6));
    record.requested_at = from_milliseconds(row.integer(7));
    record.deactivation_owed = row.boolean(8);
    record.ahead = row.boolean(9);
    record.retirement_owed = row.boolean(10);
    record.adopted = row.boolean(11);
    record.proven_at = optional_time(row, 13);
    record.attempt = row.integer(14);
    const std::string at_work = row.text(12);
    if (const auto blank = at_work.find(' '); blank != std::string::npos) {
        std::int64_t started = 0;
        std::from_chars(at_work.data() + blank + 1, at_work.data() + at_work.size(), started);
        record.in_hand =
            is_alive(std::string_view(at_work).substr(0, blank), from_milliseconds(started));
    }
    return record;
}

Result<AttemptRecord> SqliteLedger::attempt_of(const sqlite::Statement& row) const {
    AttemptRecord record;
    record.id = row.integer(0);
    record.run = row.integer(1);
    if (const std::string mac = row.text(2); !mac.empty()) {
        IMPRINT_TRY(record.mac, mac_of(mac));
    }
    record.bay = row.text(3);
    record.lot = row.text(4);
    record.chip = row.text(5);
    record.thing = row.text(6);
    record.certificate_id = row.text(7);
    record.firmware = row.text(8);
    record.started = from_milliseconds(row.integer(9));
    record.ended = optional_time(row, 10);
    record.outcome = value_of(outcome_names, row.text(11));
    record.error_code = row.text(12);
    record.error_message = row.text(13);
    record.firmware_commit = row.text(14);
    record.app_version = row.text(15);
    record.station = row.text(17);
    record.host = row.text(18);
    record.operator_name = row.text(19);
    record.account = row.text(20);
    record.region = row.text(21);
    record.endpoint = row.text(22);
    record.merged = row.boolean(23);
    if (const std::string state = row.text(24); !state.empty())
        record.certificate_state = value_of(state_names, state);
    record.app_elf_sha256 = row.text(25);
    record.serial = row.text(26);
    record.golden = row.boolean(27);
    record.fault = value_of(fault_names, row.text(28));
    record.outcome = shown_outcome(record.outcome, record.certificate_state);
    if (!record.ended && !is_alive(row.text(16), record.started)) record.outcome = Outcome::killed;
    return record;
}

RunRecord SqliteLedger::run_of(const sqlite::Statement& row) const {
    RunRecord record;
    record.id = row.integer(0);
    record.command = row.text(1);
    record.version = row.text(2);
    record.lot = row.text(3);
    record.started = from_milliseconds(row.integer(4));
    record.ended = optional_time(row, 5);
    record.passed = row.integer(6);
    record.failed = row.integer(7);
    record.running = !record.ended && is_alive(row.text(8), record.started);
    record.effects = row.integer(9);
    record.station = row.text(10);
    record.host = row.text(11);
    record.operator_name = row.text(12);
    record.account = row.text(13);
    record.region = row.text(14);
    record.merged = row.boolean(15);
    return record;
}

Result<void> SqliteLedger::each_run(const std::function<bool(const RunRecord&)>& visit) {
    std::pair last(std::numeric_limits<std::int64_t>::max(), std::int64_t{0});
    for (;;) {
        IMPRINT_TRY(
            const auto records,
            store_.rows<RunRecord>(
                [&](const sqlite::Statement& row) {
                    last = {row.integer(4), row.integer(0)};
                    return run_of(row);
                },
                "SELECT r.id, r.command, r.version, r.lot, r.started, r.ended, r.passed, r.failed, "
                "r.process, (SELECT COUNT(*) FROM effects e WHERE e.run = r.id), r.station, "
                "r.host, r.operator, r.account, r.region, r.merged "
                "FROM runs r WHERE (r.started, r.id) < (?, ?) "
                "ORDER BY r.started DESC, r.id DESC LIMIT ?",
                std::int64_t{last.first}, std::int64_t{last.second}, page));
        if (records.empty()) return {};
        for (const auto& record : records)
            if (!visit(record)) return {};
    }
}

Result<std::vector<RunFile>> SqliteLedger::files(RunId run) {
    const auto read = [](const sqlite::Statement& row) {
        return RunFile{row.text(0), static_cast<std::uint32_t>(row.integer(1)),
                       static_cast<std::uint32_t>(row.integer(2)), row.text(3)};
    };
    return store_.rows<RunFile>(
        read, "SELECT path, offset, size, sha256 FROM run_files WHERE run = ? ORDER BY offset",
        run);
}

Result<void> SqliteLedger::each_attempt(const std::optional<MacAddress>& mac,
                                        const std::function<bool(const AttemptRecord&)>& visit) {
    std::pair last(std::numeric_limits<std::int64_t>::max(), std::int64_t{0});
    const auto read = [&](const sqlite::Statement& row) {
        last = {row.integer(9), row.integer(0)};
        return attempt_of(row);
    };
    const std::string columns(attempt_columns);
    constexpr std::string_view before =
        "(a.started, a.id) < (?, ?) ORDER BY a.started DESC, a.id DESC LIMIT ?";
    for (;;) {
        const auto [started, id] = last;
        IMPRINT_TRY(const auto records,
                    mac ? store_.rows<AttemptRecord>(
                              read, columns + "WHERE a.mac = ? AND " + std::string(before),
                              mac->id(), started, id, page)
                        : store_.rows<AttemptRecord>(read, columns + "WHERE " + std::string(before),
                                                     started, id, page));
        if (records.empty()) return {};
        for (const auto& record : records)
            if (!visit(record)) return {};
    }
}

Result<std::string> SqliteLedger::last_lot(const MacAddress& mac) {
    IMPRINT_TRY(const auto lots,
                store_.rows<std::string>(
                    first_text,
                    "SELECT COALESCE(a.lot, r.lot) FROM attempts a JOIN runs r ON r.id = a.run "
                    "WHERE a.mac = ? AND a.outcome = 'passed' ORDER BY a.started DESC, a.id "
                    "DESC LIMIT 1",
                    mac.id()));
    return lots.empty() ? std::string() : lots.front();
}

Result<std::optional<LastWork>> SqliteLedger::last_work_on(const std::string& thing) {
    const auto read = [this](const sqlite::Statement& row) {
        LastWork work{from_milliseconds(row.integer(0)), false};
        const auto ended = optional_time(row, 1);
        work.in_hand = !ended && is_alive(row.text(2), work.at);
        if (ended) work.at = *ended;
        return work;
    };
    IMPRINT_TRY(
        const auto found,
        store_.rows<LastWork>(read,
                              "SELECT a.started, a.ended, r.process FROM attempts a JOIN runs r "
                              "ON r.id = a.run WHERE a.thing = ? "
                              "ORDER BY a.started DESC, a.id DESC LIMIT 1",
                              thing));
    if (found.empty()) return std::optional<LastWork>{};
    return std::optional(found.front());
}

Result<std::vector<EffectRecord>> SqliteLedger::effects(AttemptId attempt) {
    return store_.rows<EffectRecord>(
        effect_of, std::string(effect_columns) + "WHERE attempt = ? ORDER BY id", attempt);
}

Result<std::vector<EffectRecord>> SqliteLedger::effects_of_run(RunId run) {
    return store_.rows<EffectRecord>(
        effect_of, std::string(effect_columns) + "WHERE run = ? ORDER BY id", run);
}

Result<std::vector<EffectRecord>> SqliteLedger::effects_on(
    const std::vector<std::string>& subjects) {
    std::vector<EffectRecord> all;
    for (const std::string& subject : subjects) {
        IMPRINT_TRY(const auto some, store_.rows<EffectRecord>(
                                         effect_of,
                                         std::string(effect_columns) +
                                             "WHERE attempt IS NULL AND subject = ? ORDER BY id",
                                         subject));
        all.insert(all.end(), some.begin(), some.end());
    }
    std::ranges::sort(all, {}, &EffectRecord::id);
    return all;
}

Result<std::vector<CertificateRecord>> SqliteLedger::unfinished(const MacAddress& mac) {
    return read_certificates(
        "WHERE mac = ? AND state IN ('requested', 'inactive', 'active') AND merged = 0 ORDER BY id",
        mac.id());
}

Result<std::vector<CertificateRecord>> SqliteLedger::owed_deactivations() {
    IMPRINT_CHECK(settle_spare());
    IMPRINT_TRY(auto owed, read_certificates("WHERE deactivation_owed = 1 ORDER BY id"));
    std::erase_if(owed, [](const auto& one) { return one.in_hand; });
    return owed;
}

Result<std::vector<CertificateRecord>> SqliteLedger::owed_retirements() {
    IMPRINT_TRY(auto owed, read_certificates("WHERE retirement_owed = 1 ORDER BY id"));
    std::erase_if(owed, [](const auto& one) { return one.in_hand; });
    return owed;
}

Result<std::vector<QueuedRegistration>> SqliteLedger::queued_registrations(std::int64_t after,
                                                                           std::size_t most) {
    const auto read = [this](const sqlite::Statement& row) -> Result<QueuedRegistration> {
        constexpr int more = certificate_column_count;
        IMPRINT_TRY(auto certificate, certificate_of(row));
        return QueuedRegistration{std::move(certificate), row.text(more), row.text(more + 1),
                                  row.boolean(more + 2)};
    };
    return store_.rows<QueuedRegistration>(
        read,
        std::string(certificate_columns) + ", c.pem, c.registration, " + std::string(superseded) +
            " FROM certificates c WHERE c.state = 'queued' AND c.merged = 0 AND c.id > ? "
            "ORDER BY c.id LIMIT ?",
        after, most);
}

Result<std::int64_t> SqliteLedger::count_queued() {
    IMPRINT_TRY(const auto counts,
                store_.rows<std::int64_t>(
                    first_integer,
                    "SELECT COUNT(*) FROM certificates WHERE state = 'queued' AND merged = 0"));
    return counts.front();
}

Result<std::vector<CertificateRecord>> SqliteLedger::certificates(const MacAddress& mac) {
    return read_certificates("WHERE mac = ? ORDER BY id", mac.id());
}

Result<std::vector<CertificateRecord>> SqliteLedger::certificates_of_thing(
    const std::string& thing) {
    return read_certificates("WHERE thing = ? ORDER BY id", thing);
}

Result<std::set<std::string>> SqliteLedger::things_of_board(const std::string& certificate_id) {
    IMPRINT_TRY(
        const auto things,
        store_.rows<std::string>(first_text,
                                 "SELECT DISTINCT b.thing FROM certificates c JOIN certificates b "
                                 "ON b.mac = c.mac WHERE c.certificate_id = ?",
                                 certificate_id));
    return std::set<std::string>(things.begin(), things.end());
}

Result<void> SqliteLedger::each_certificate(
    const std::function<bool(const CertificateRecord&)>& visit) {
    for (std::int64_t last = 0;;) {
        IMPRINT_TRY(const auto records,
                    read_certificates("WHERE c.id > ? ORDER BY c.id LIMIT ?", last, page));
        if (records.empty()) return {};
        for (const auto& record : records)
            if (!visit(record)) return {};
        last = records.back().row;
    }
}

Result<std::vector<RetirementRecord>> SqliteLedger::retirements(const std::string& thing) {
    const auto read = [](const sqlite::Statement& row) {
        return RetirementRecord{row.integer(0),        row.text(1),
                                row.text(2),           from_milliseconds(row.integer(3)),
                                optional_time(row, 4), row.text(5)};
    };
    return store_.rows<RetirementRecord>(
        read,
        "SELECT id, thing, reason, intended, done, result FROM retirements "
        "WHERE ?1 = '' OR thing = ?1 ORDER BY id DESC",
        thing);
}

}  // namespace imprint::ledger
