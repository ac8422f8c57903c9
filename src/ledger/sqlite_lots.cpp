// Lots in the ledger: what they are, and how far.
#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <utility>

#include "ledger/record_names.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

constexpr std::int64_t lot_boards_at_once = 500;
constexpr std::int64_t unidentified_at_once = 1000;
// Columns of attempt_columns after those that attempt_of() reads.
constexpr int overwrote_column = 29;

constexpr std::string_view lot_columns =
    "SELECT name, code, target, state, opened, since, chip, least_revision, most_revision, "
    "flash_size, firmware, serial_template, first_number, failed_serial, merged FROM lots ";

std::optional<std::uint32_t> revision_of(const sqlite::Statement& row, int column) {
    const auto value = row.optional_integer(column);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

LotRecord lot_of(const sqlite::Statement& row) {
    LotRecord lot;
    lot.facts.name = row.text(0);
    lot.facts.code = row.text(1);
    lot.facts.target = row.integer(2);
    lot.state = value_of(lot_state_names, row.text(3));
    lot.opened = from_milliseconds(row.integer(4));
    lot.since = from_milliseconds(row.integer(5));
    lot.facts.limits.chip = row.text(6);
    lot.facts.limits.least_revision = revision_of(row, 7);
    lot.facts.limits.most_revision = revision_of(row, 8);
    lot.facts.limits.flash_size = static_cast<std::uint64_t>(row.integer(9));
    lot.facts.limits.firmware = row.text(10);
    lot.facts.serial_template = row.text(11);
    lot.facts.first_number = row.integer(12);
    lot.facts.failed_serial = value_of(failed_serial_names, row.text(13));
    lot.merged = row.boolean(14);
    return lot;
}

std::unexpected<Error> lot_unknown(const std::string& name) {
    return fail(ErrorKind::usage, "lot_unknown", fmt::format("the ledger has no lot \"{}\"", name),
                "imprint lot list shows them; imprint lot open makes one");
}

// A scanned code has to mean one lot.
Result<void> check_names_free(sqlite::Database& database, const LotFacts& facts,
                              const std::string& code, std::string_view own) {
    IMPRINT_TRY(auto others, database.query("SELECT name, code FROM lots WHERE name <> ?1 AND "
                                            "(name IN (?2, ?3) OR code IN (?2, ?3)) LIMIT 1",
                                            own, facts.name, code));
    IMPRINT_TRY(const bool taken, others.step());
    if (!taken) return {};
    return fail(ErrorKind::usage, "lot_exists",
                fmt::format("there is a lot \"{}\" already, with the code \"{}\"", others.text(0),
                            others.text(1)),
                "choose another name and code; or change that lot: imprint lot set");
}

Result<void> put_golden(sqlite::Database& database, const LotFacts& facts) {
    IMPRINT_CHECK(database.run("DELETE FROM golden_samples WHERE lot = ?", facts.name));
    for (const MacAddress& mac : facts.golden)
        IMPRINT_CHECK(database.run("INSERT INTO golden_samples (lot, mac) VALUES (?, ?)",
                                   facts.name, mac.id()));
    return {};
}

}  // namespace

Result<void> SqliteLedger::open_lot(const LotFacts& facts) {
    const std::int64_t now = now_in_milliseconds();
    const std::string code = facts.code.empty() ? facts.name : facts.code;
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_CHECK(check_names_free(database, facts, code, ""));
        const auto& limits = facts.limits;
        IMPRINT_CHECK(database.run(
            "INSERT INTO lots (name, code, target, opened, since, changed, chip, least_revision, "
            "most_revision, flash_size, firmware, serial_template, first_number, next_number, "
            "failed_serial) VALUES (?1, ?2, ?3, ?4, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, "
            "?12)",
            facts.name, code, facts.target, now, limits.chip, limits.least_revision,
            limits.most_revision, limits.flash_size, limits.firmware, facts.serial_template,
            facts.first_number, to_string(facts.failed_serial)));
        return put_golden(database, facts);
    });
}

Result<void> SqliteLedger::change_lot(const LotFacts& facts) {
    const std::int64_t now = now_in_milliseconds();
    const std::string code = facts.code.empty() ? facts.name : facts.code;
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_CHECK(check_names_free(database, facts, code, facts.name));
        const auto& limits = facts.limits;
        IMPRINT_TRY(
            const auto count,
            database.run("UPDATE lots SET code = ?, target = ?, changed = ?, chip = ?, "
                         "least_revision = ?, most_revision = ?, flash_size = ?, "
                         "firmware = ?, serial_template = ?, failed_serial = ? "
                         "WHERE name = ?",
                         code, facts.target, now, limits.chip, limits.least_revision,
                         limits.most_revision, limits.flash_size, limits.firmware,
                         facts.serial_template, to_string(facts.failed_serial), facts.name));
        if (count == 0) return lot_unknown(facts.name);
        return put_golden(database, facts);
    });
}

Result<void> SqliteLedger::set_lot_state(const std::string& name, LotState state) {
    const std::int64_t now = now_in_milliseconds();
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        IMPRINT_TRY(const auto count,
                    database.run("UPDATE lots SET state = ?1, since = ?2, changed = ?2 "
                                 "WHERE name = ?3",
                                 to_string(state), now, name));
        if (count == 0) return lot_unknown(name);
        return {};
    });
}

Result<std::optional<LotRecord>> SqliteLedger::find_lot(const std::string& name_or_code) {
    IMPRINT_TRY(auto found,
                store_.rows<LotRecord>(lot_of,
                                       std::string(lot_columns) +
                                           "WHERE name = ?1 OR code = ?1 ORDER BY name = ?1 DESC "
                                           "LIMIT 1",
                                       name_or_code));
    if (found.empty()) return std::optional<LotRecord>{};
    IMPRINT_TRY(const auto golden,
                store_.rows<MacAddress>(
                    [](const sqlite::Statement& row) { return mac_of(row.text(0)); },
                    "SELECT mac FROM golden_samples WHERE lot = ?", found.front().facts.name));
    found.front().facts.golden = {golden.begin(), golden.end()};
    return std::optional(std::move(found.front()));
}

Result<std::vector<LotRecord>> SqliteLedger::lots() {
    IMPRINT_TRY(auto all, store_.rows<LotRecord>(
                              lot_of, std::string(lot_columns) + "ORDER BY opened DESC, id DESC"));
    const auto read =
        [](const sqlite::Statement& row) -> Result<std::pair<std::string, MacAddress>> {
        IMPRINT_TRY(const MacAddress mac, mac_of(row.text(1)));
        return std::pair(row.text(0), mac);
    };
    IMPRINT_TRY(const auto golden, (store_.rows<std::pair<std::string, MacAddress>>(
                                       read, "SELECT lot, mac FROM golden_samples")));
    for (const auto& [lot, mac] : golden)
        for (auto& one : all)
            if (one.facts.name == lot) one.facts.golden.insert(mac);
    return all;
}

Result<LotCounts> SqliteLedger::lot_counts(const std::string& lot) {
    LotCounts counts;
    std::string mac;
    bool any_golden = false;
    bool any_other = false;
    LotStanding board;
    const auto count_board = [&] {
        if (any_other)
            counts.add(board);
        else if (any_golden)
            ++counts.golden;
    };
    // All that it reads is in the index, but for attempts that did not pass.
    const auto read = [&](const sqlite::Statement& row) {
        const Outcome stored = value_of(outcome_names, row.text(1));
        const bool is_dead =
            stored == Outcome::running && !is_alive(row.text(5), from_milliseconds(row.integer(6)));
        const Verdict verdict =
            verdict_of(is_dead ? Outcome::killed : stored, value_of(fault_names, row.text(2)));
        const std::string of = row.text(0);
        if (of.empty()) {
            if (stored == Outcome::failed) ++counts.unidentified;
            return;
        }
        if (of != mac) {
            count_board();
            mac = of;
            any_golden = false;
            any_other = false;
            board = LotStanding();
        }
        if (row.boolean(3)) {
            any_golden = true;
            return;
        }
        any_other = true;
        board.add(verdict, row.boolean(4));
    };
    IMPRINT_CHECK(store_.each(
        read,
        "SELECT a.mac, a.outcome, a.fault, a.golden, "
        "(a.outcome <> 'passed' AND EXISTS (SELECT 1 FROM effects e WHERE e.attempt = a.id AND "
        "e.kind = 'overwrite')), "
        "CASE WHEN a.ended IS NULL THEN (SELECT r.process FROM runs r WHERE r.id = a.run) END, "
        "a.started FROM attempts a INDEXED BY attempts_by_lot WHERE a.lot = ? "
        "ORDER BY a.mac, a.started, a.id",
        lot));
    count_board();
    return counts;
}

Result<std::vector<LotBoard>> SqliteLedger::read_lot_boards(const std::string& lot,
                                                            const std::string& first,
                                                            const std::string& last) {
    const auto read = [this](const sqlite::Statement& row) -> Result<LotAttempt> {
        IMPRINT_TRY(auto attempt, attempt_of(row));
        return LotAttempt{std::move(attempt), row.boolean(overwrote_column)};
    };
    IMPRINT_TRY(auto attempts,
                store_.rows<LotAttempt>(read,
                                        std::string(attempt_columns) +
                                            "WHERE a.lot = ? AND a.mac BETWEEN ? AND ? "
                                            "ORDER BY a.mac, a.started, a.id",
                                        lot, first, last));
    std::vector<LotBoard> boards;
    for (auto begin = attempts.begin(); begin != attempts.end();) {
        const auto end = std::find_if(begin, attempts.end(), [&](const LotAttempt& one) {
            return one.record.mac != begin->record.mac;
        });
        boards.push_back(lot_board_of({std::move_iterator(begin), std::move_iterator(end)}));
        begin = end;
    }
    return boards;
}

Result<void> SqliteLedger::each_lot_board(const std::string& lot,
                                          const std::function<bool(const LotBoard&)>& visit) {
    return visit_in_batches(
        [&](const std::string& after) {
            return macs_between(
                "SELECT DISTINCT mac FROM attempts INDEXED BY attempts_by_lot "
                "WHERE lot = ? AND mac > ? ORDER BY mac LIMIT ?",
                lot, after, lot_boards_at_once);
        },
        [&](const std::string& first, const std::string& last) {
            return read_lot_boards(lot, first, last);
        },
        visit);
}

Result<void> SqliteLedger::each_unidentified(
    const std::string& lot, const std::function<bool(const AttemptRecord&)>& visit) {
    std::pair last(std::int64_t{-1}, std::int64_t{0});
    const auto read = [&](const sqlite::Statement& row) {
        last = {row.integer(9), row.integer(0)};
        return attempt_of(row);
    };
    for (;;) {
        const auto [started, id] = last;
        IMPRINT_TRY(const auto records,
                    store_.rows<AttemptRecord>(
                        read,
                        std::string(attempt_columns) +
                            "WHERE a.lot = ? AND a.mac = '' AND (a.started, a.id) > (?, ?) "
                            "ORDER BY a.started, a.id LIMIT ?",
                        lot, started, id, unidentified_at_once));
        if (records.empty()) return {};
        for (const auto& record : records)
            if (record.outcome == Outcome::failed && !visit(record)) return {};
    }
}

Result<std::vector<MacAddress>> SqliteLedger::golden_due(const LotFacts& lot,
                                                         const std::string& station,
                                                         WallTime since) {
    const std::int64_t after = std::chrono::floor<Milliseconds>(since.time_since_epoch()).count();
    std::vector<MacAddress> due;
    for (const MacAddress& mac : lot.golden) {
        IMPRINT_TRY(const auto passed,
                    store_.rows<bool>(
                        [](const sqlite::Statement&) { return true; },
                        "SELECT 1 FROM attempts a JOIN runs r ON r.id = a.run WHERE a.mac = ? AND "
                        "a.started >= ? AND a.lot = ? AND a.outcome = 'passed' AND a.golden = 1 "
                        "AND a.merged = 0 AND r.station = ? LIMIT 1",
                        mac.id(), after, lot.name, station));
        if (passed.empty()) due.push_back(mac);
    }
    return due;
}

}  // namespace imprint::ledger
