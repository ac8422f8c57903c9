// One ledger's content brought into another. A run is known by its uid in every ledger that it came
// to; its attempts, effects and certificates by the id that they have where they were made. What
// belongs to this ledger stays as it is, except a certificate that the other one knows to have come
// to a later state: two stations may have had the same board.
#include <fmt/format.h>
#include <system_error>

#include "ledger/sqlite_ledger_impl.h"
#include "ledger/sqlite_merge_lots.h"

namespace imprint::ledger {

namespace {

// runs: those to be written, new ones and known ones that had not ended.
constexpr std::string_view choose_runs = R"sql(
CREATE TEMP TABLE taken (ours INTEGER PRIMARY KEY, theirs INTEGER NOT NULL UNIQUE);
INSERT INTO taken SELECT r.id, o.id FROM other.runs o JOIN main.runs r ON r.uid = o.uid
    WHERE r.merged = 1 AND (r.ended IS NULL OR EXISTS (
        SELECT 1 FROM main.attempts a WHERE a.run = r.id AND a.ended IS NULL));
UPDATE main.runs SET ended = o.ended, passed = o.passed, failed = o.failed, account = o.account,
                     region = o.region
    FROM other.runs o WHERE o.uid = main.runs.uid AND main.runs.id IN (SELECT ours FROM taken);
)sql";

constexpr std::string_view new_runs = R"sql(
INSERT INTO main.runs (uid, merged, version, command, lot, endpoint, firmware, firmware_commit,
                       app_name, app_version, app_elf_sha256, process, started, ended, passed,
                       failed, station, host, operator, account, region)
    SELECT uid, 1, version, command, lot, endpoint, firmware, firmware_commit, app_name,
           app_version, app_elf_sha256, process, started, ended, passed, failed, station, host,
           operator, account, region
    FROM other.runs WHERE uid NOT IN (SELECT uid FROM main.runs)
)sql";

constexpr std::string_view number_runs = R"sql(
INSERT INTO taken SELECT r.id, o.id FROM other.runs o JOIN main.runs r ON r.uid = o.uid
    WHERE r.id > ?
)sql";

constexpr std::string_view files_of_runs = R"sql(
INSERT INTO main.run_files (run, path, offset, size, sha256)
    SELECT t.ours, f.path, f.offset, f.size, f.sha256 FROM other.run_files f
    JOIN taken t ON t.theirs = f.run WHERE t.ours > ?
)sql";

constexpr std::string_view known_attempts = R"sql(
UPDATE main.attempts AS a SET mac = o.mac, chip = o.chip, thing = o.thing, ended = o.ended,
        outcome = o.outcome, error_code = o.error_code, error_message = o.error_message,
        claimed = o.claimed, lot = o.lot, serial = o.serial, golden = o.golden, fault = o.fault
    FROM other.attempts o JOIN taken t ON t.theirs = o.run
    WHERE a.run = t.ours AND a.source_id = COALESCE(o.source_id, o.id)
)sql";

constexpr std::string_view new_attempts = R"sql(
INSERT INTO main.attempts (run, mac, bay, chip, thing, started, ended, outcome, error_code,
                           error_message, claimed, lot, serial, golden, fault, merged, source_id)
    SELECT t.ours, o.mac, o.bay, o.chip, o.thing, o.started, o.ended, o.outcome, o.error_code,
           o.error_message, o.claimed, o.lot, o.serial, o.golden, o.fault, 1,
           COALESCE(o.source_id, o.id)
    FROM other.attempts o JOIN taken t ON t.theirs = o.run
    WHERE NOT EXISTS (SELECT 1 FROM main.attempts a
                      WHERE a.run = t.ours AND a.source_id = COALESCE(o.source_id, o.id))
    ORDER BY o.id
)sql";

constexpr std::string_view effects_of_runs = R"sql(
DELETE FROM main.effects WHERE run IN (SELECT ours FROM taken);
INSERT INTO main.effects (run, attempt, kind, subject, intended, done, result)
    SELECT t.ours, a.id, e.kind, e.subject, e.intended, e.done, e.result
    FROM other.effects e JOIN taken t ON t.theirs = e.run
    LEFT JOIN other.attempts o ON o.id = e.attempt
    LEFT JOIN main.attempts a ON a.run = t.ours AND a.source_id = COALESCE(o.source_id, o.id)
    ORDER BY e.id;
)sql";

// What is gone stays gone, whatever the clocks of two stations say. Of this ledger's own
// certificates only that is taken which happens at another station: proven there, overwritten
// there, or gone. A debt is its maker's: it is not taken over, and it ends here when there is
// nothing to do any more.
constexpr std::string_view changed_certificates = R"sql(
UPDATE main.certificates AS c SET state = o.state, changed = o.changed,
        proven = MAX(COALESCE(c.proven, o.proven), COALESCE(o.proven, c.proven)),
        deactivation_owed = CASE WHEN o.state IN ('gone', 'proven') THEN 0
                                 ELSE c.deactivation_owed END,
        retirement_owed = CASE WHEN o.state IN ('gone', 'proven') THEN 0
                               ELSE c.retirement_owed END
    FROM other.certificates o
    WHERE o.certificate_id = c.certificate_id AND o.state <> c.state AND c.state <> 'gone'
      AND (o.state = 'gone' OR
           (o.changed > c.changed AND (c.merged = 1 OR o.state IN ('proven', 'overwritten'))))
)sql";

// A station that never had a certificate's row may have retired it all the same.
constexpr std::string_view retired_certificates = R"sql(
UPDATE main.certificates SET state = 'gone', deactivation_owed = 0, retirement_owed = 0
    WHERE state <> 'gone' AND certificate_id IN (
        SELECT e.subject FROM main.effects e JOIN main.runs r ON r.id = e.run
        WHERE r.merged = 1 AND e.kind = 'retire' AND e.done IS NOT NULL AND e.result = 'done')
)sql";

// And without the registry, or without the row, it may have written over it.
constexpr std::string_view overwritten_certificates = R"sql(
UPDATE main.certificates AS c SET state = 'overwritten'
    WHERE c.state IN ('active', 'proven', 'queued') AND EXISTS (
        SELECT 1 FROM main.attempts a JOIN main.effects e ON e.attempt = a.id
        WHERE a.mac = c.mac AND a.merged = 1 AND a.id <> c.attempt AND e.kind = 'overwrite'
          AND e.intended > MAX(COALESCE(c.proven, c.requested), c.requested))
)sql";

// What this program could not read later. The words are those of record_names.h.
constexpr std::string_view damaged_rows = R"sql(
SELECT (SELECT COUNT(*) FROM other.attempts
        WHERE (mac <> '' AND (length(mac) <> 12 OR mac GLOB '*[^0-9a-f]*'))
           OR outcome NOT IN ('running', 'passed', 'failed', 'skipped', 'stopped', 'empty')
           OR started NOT BETWEEN 0 AND ?1) +
       (SELECT COUNT(*) FROM other.certificates
        WHERE length(mac) <> 12 OR mac GLOB '*[^0-9a-f]*' OR changed NOT BETWEEN 0 AND ?1
           OR state NOT IN ('requested', 'inactive', 'staged', 'queued', 'active', 'proven',
                            'overwritten', 'gone')) +
       (SELECT COUNT(*) FROM other.serials
        WHERE length(mac) <> 12 OR mac GLOB '*[^0-9a-f]*') +
       (SELECT COUNT(*) FROM other.golden_samples
        WHERE length(mac) <> 12 OR mac GLOB '*[^0-9a-f]*') +
       (SELECT COUNT(*) FROM other.lots WHERE opened NOT BETWEEN 0 AND ?1 OR
               since NOT BETWEEN 0 AND ?1) +
       (SELECT COUNT(*) FROM other.runs WHERE started NOT BETWEEN 0 AND ?1)
)sql";

constexpr std::int64_t end_of_9999 = 253'402'300'799'999;  // milliseconds

// One whose answer is awaited is for its own station to find again.
constexpr std::string_view new_certificates = R"sql(
INSERT INTO main.certificates (attempt, mac, thing, certificate_id, public_pem, policy, state,
                               requested, changed, pem, ahead, adopted, proven, merged)
    SELECT a.id, c.mac, c.thing, c.certificate_id, c.public_pem, c.policy, c.state, c.requested,
           c.changed, c.pem, c.ahead, c.adopted, c.proven, 1
    FROM other.certificates c
    JOIN other.attempts o ON o.id = c.attempt
    JOIN other.runs p ON p.id = o.run
    JOIN main.runs r ON r.uid = p.uid
    JOIN main.attempts a ON a.run = r.id AND a.source_id = COALESCE(o.source_id, o.id)
    WHERE c.certificate_id IS NOT NULL
      AND c.certificate_id NOT IN (SELECT certificate_id FROM main.certificates
                                   WHERE certificate_id IS NOT NULL)
    ORDER BY c.id
)sql";

constexpr std::string_view texts_of_certificates = R"sql(
UPDATE main.certificates AS c SET pem = o.pem FROM other.certificates o
    WHERE o.certificate_id = c.certificate_id AND c.pem = '' AND o.pem <> ''
)sql";

constexpr std::string_view retired_things = R"sql(
UPDATE main.retirements AS r SET done = o.done, result = o.result FROM other.retirements o
    WHERE o.thing = r.thing AND o.intended = r.intended AND r.done IS NULL AND o.done IS NOT NULL;
INSERT INTO main.retirements (thing, reason, intended, done, result)
    SELECT o.thing, o.reason, o.intended, o.done, o.result FROM other.retirements o
    WHERE NOT EXISTS (SELECT 1 FROM main.retirements r
                      WHERE r.thing = o.thing AND r.intended = o.intended)
    ORDER BY o.id;
)sql";

template <typename... Values>
Result<std::int64_t> number(sqlite::Database& database, std::string_view sql,
                            const Values&... values) {
    IMPRINT_TRY(auto row, database.query(sql, values...));
    IMPRINT_TRY(const bool found, row.step());
    return found ? row.integer(0) : 0;
}

std::unexpected<Error> damaged(const std::filesystem::path& other, const std::string& why) {
    return fail(ErrorKind::ledger, "ledger_damaged",
                fmt::format("the ledger {} cannot be merged: {}", other.string(), why),
                "nothing was taken of it; put a backup in its place");
}

Result<void> check_file(sqlite::Database& theirs, const std::filesystem::path& other) {
    IMPRINT_TRY(auto row, theirs.query("PRAGMA quick_check(1)"));
    const auto read = row.step();
    if (!read) return damaged(other, read.error().message);
    if (row.text(0) != "ok") return damaged(other, row.text(0));
    return {};
}

Result<MergeReport> bring_in(sqlite::Database& database) {
    MergeReport report;
    IMPRINT_TRY(const std::int64_t before,
                number(database, "SELECT COALESCE(MAX(id), 0) FROM main.runs"));
    IMPRINT_CHECK(database.exec(choose_runs));
    IMPRINT_TRY(report.runs, database.run(new_runs));
    IMPRINT_CHECK(database.run(number_runs, before));
    IMPRINT_CHECK(database.run(files_of_runs, before));
    IMPRINT_CHECK(database.run(known_attempts));
    IMPRINT_TRY(report.attempts, database.run(new_attempts));
    IMPRINT_CHECK(database.exec(effects_of_runs));
    IMPRINT_TRY(report.changed, database.run(changed_certificates));
    IMPRINT_TRY(report.certificates, database.run(new_certificates));
    IMPRINT_CHECK(database.run(texts_of_certificates));
    IMPRINT_CHECK(database.exec(retired_things));
    IMPRINT_TRY(const auto retired, database.run(retired_certificates));
    IMPRINT_TRY(const auto overwritten, database.run(overwritten_certificates));
    report.changed += retired + overwritten;
    IMPRINT_CHECK(bring_lots(database, report));
    return report;
}

}  // namespace

Result<MergeReport> merge_ledger(const std::filesystem::path& path,
                                 const std::filesystem::path& other, const OpenOptions& options) {
    std::error_code error;
    if (std::filesystem::equivalent(path, other, error))
        return fail(ErrorKind::usage, "ledger_same",
                    fmt::format("{} and {} are one file", path.string(), other.string()),
                    "name another station's ledger");
    IMPRINT_TRY(auto theirs, open_for_reading(other, options));
    IMPRINT_CHECK(check_file(theirs, other));
    IMPRINT_TRY(auto ours, open_for_writing(path, options));
    IMPRINT_CHECK(ours.attach_copy_of(theirs, "other"));
    IMPRINT_TRY(const auto bad, number(ours, damaged_rows, end_of_9999));
    if (bad > 0) return damaged(other, fmt::format("{} of its rows hold what cannot be", bad));
    auto report = ours.transaction([&] { return bring_in(ours); });
    // What this schema does not hold (a text that is missing, a number twice) came from there.
    if (!report && report.error().is("database_constraint"))
        return damaged(other, report.error().message);
    return report;
}

}  // namespace imprint::ledger
