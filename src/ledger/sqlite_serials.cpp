// Places in a lot and serial numbers: each is taken in one transaction, so that two bays, or two
// processes, never get the same.
#include <fmt/format.h>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "ledger/record_names.h"
#include "ledger/serial_template.h"
#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

struct Bound {
    std::string serial;
    bool is_used = false;
};

Result<SerialRecord> serial_of(const sqlite::Statement& row) {
    SerialRecord record;
    record.lot = row.text(0);
    record.serial = row.text(1);
    IMPRINT_TRY(record.mac, mac_of(row.text(2)));
    record.state = value_of(serial_state_names, row.text(3));
    return record;
}

Result<std::int64_t> number_in(sqlite::Database& database, std::string_view sql,
                               const auto&... values) {
    IMPRINT_TRY(auto row, database.query(sql, values...));
    IMPRINT_TRY(const bool found, row.step());
    return found ? row.integer(0) : 0;
}

// Nothing: it is free.
Result<std::optional<std::string>> owner_of(sqlite::Database& database, const std::string& serial) {
    IMPRINT_TRY(auto row, database.query("SELECT mac FROM serials WHERE serial = ?", serial));
    IMPRINT_TRY(const bool found, row.step());
    if (!found) return std::optional<std::string>{};
    return std::optional(row.text(0));
}

std::unexpected<Error> taken(const std::string& serial, const std::string& by) {
    return fail(ErrorKind::board, "serial_taken",
                fmt::format("serial number {} is that of board {}", serial, by),
                "scan the label that belongs to this board");
}

// The number goes to the next board that takes one.
Result<void> give_back(sqlite::Database& database, const std::string& serial) {
    IMPRINT_CHECK(
        database.run("INSERT OR IGNORE INTO free_numbers (lot, number) "
                     "SELECT lot, number FROM serials WHERE serial = ? AND number IS NOT NULL",
                     serial));
    IMPRINT_CHECK(database.run("DELETE FROM serials WHERE serial = ?", serial));
    return {};
}

// The lowest that was given back, else the lot's next.
Result<std::int64_t> take_number(sqlite::Database& database, const std::string& lot) {
    IMPRINT_TRY(const std::int64_t free,
                number_in(database, "SELECT MIN(number) FROM free_numbers WHERE lot = ?", lot));
    if (free > 0) {
        IMPRINT_CHECK(
            database.run("DELETE FROM free_numbers WHERE lot = ? AND number = ?", lot, free));
        return free;
    }
    IMPRINT_TRY(const std::int64_t next,
                number_in(database, "SELECT next_number FROM lots WHERE name = ?", lot));
    IMPRINT_CHECK(database.run("UPDATE lots SET next_number = ? WHERE name = ?", next + 1, lot));
    return next;
}

struct Made {
    std::string serial;
    std::optional<std::int64_t> number;
};

// Numbers that a label or another lot has used already are passed over.
Result<Made> make_serial(sqlite::Database& database, const std::string& form, SerialValues values) {
    for (;;) {
        Made made;
        if (has_number(form)) {
            IMPRINT_TRY(values.number, take_number(database, std::string(values.lot)));
            made.number = values.number;
        }
        made.serial = fill_in_serial(form, values);
        IMPRINT_TRY(const auto owner, owner_of(database, made.serial));
        if (!owner) return made;
        if (!made.number) return taken(made.serial, *owner);
    }
}

// Empty: the lot has none, or nobody has opened it.
Result<std::string> template_of(sqlite::Database& database, const std::string& lot) {
    IMPRINT_TRY(auto row, database.query("SELECT serial_template FROM lots WHERE name = ?", lot));
    IMPRINT_TRY(const bool found, row.step());
    return found ? row.text(0) : std::string();
}

Result<std::optional<Bound>> bound_to(sqlite::Database& database, const std::string& lot,
                                      const std::string& mac) {
    IMPRINT_TRY(auto row, database.query("SELECT serial, state = 'used' FROM serials "
                                         "WHERE lot = ? AND mac = ?",
                                         lot, mac));
    IMPRINT_TRY(const bool found, row.step());
    if (!found) return std::optional<Bound>{};
    return std::optional(Bound{row.text(0), row.boolean(1)});
}

}  // namespace

Result<void> SqliteLedger::mark_golden(AttemptId attempt) {
    return update("UPDATE attempts SET golden = 1 WHERE id = ?", attempt);
}

Result<void> SqliteLedger::check_place(sqlite::Database& database, AttemptId attempt,
                                       const std::string& lot, const std::string& mac) const {
    IMPRINT_TRY(const std::int64_t target,
                number_in(database, "SELECT target FROM lots WHERE name = ?", lot));
    if (target == 0) return {};
    IMPRINT_TRY(const std::int64_t is_in_it,
                number_in(database,
                          "SELECT EXISTS (SELECT 1 FROM attempts WHERE lot = ? AND mac = ? AND "
                          "outcome = 'passed' AND golden = 0)",
                          lot, mac));
    if (is_in_it != 0) return {};
    IMPRINT_TRY(const std::int64_t passed,
                number_in(database,
                          "SELECT COUNT(DISTINCT mac) FROM attempts INDEXED BY attempts_by_lot "
                          "WHERE lot = ? AND outcome = 'passed' AND golden = 0",
                          lot));
    // Those in other bays will pass, as far as anybody knows.
    std::int64_t at_work = 0;
    IMPRINT_TRY(auto others,
                database.query("SELECT r.process, a.started FROM attempts a "
                               "JOIN runs r ON r.id = a.run WHERE a.ended IS NULL AND "
                               "a.entered = 1 AND a.lot = ? AND a.mac <> ? AND a.id <> ? AND "
                               "a.merged = 0",
                               lot, mac, attempt));
    for (;;) {
        IMPRINT_TRY(const bool more, others.step());
        if (!more) break;
        if (is_alive(others.text(0), from_milliseconds(others.integer(1)))) ++at_work;
    }
    if (passed + at_work < target) return {};
    return fail(ErrorKind::board, "lot_full",
                at_work == 0
                    ? fmt::format("lot \"{}\" has its {} boards", lot, target)
                    : fmt::format("lot \"{}\" has {} of its {} boards, and the rest are in other "
                                  "bays",
                                  lot, passed, target),
                "close it and open the next one, or raise its target: imprint lot set --target");
}

Result<std::string> SqliteLedger::bind_serial(sqlite::Database& database, AttemptId attempt,
                                              const std::string& lot, const std::string& mac,
                                              const std::string& scanned) const {
    IMPRINT_TRY(const auto bound, bound_to(database, lot, mac));
    if (bound && (scanned.empty() || scanned == bound->serial)) {
        IMPRINT_CHECK(
            database.run("UPDATE serials SET attempt = ? WHERE serial = ? AND state = 'reserved'",
                         attempt, bound->serial));
        return bound->serial;
    }
    if (bound && bound->is_used)
        return fail(ErrorKind::board, "serial_taken",
                    fmt::format("board {} has passed with serial number {}, not {}", mac,
                                bound->serial, scanned),
                    "scan the label that is on the board");
    Made made{scanned, {}};
    IMPRINT_TRY(const std::string text, template_of(database, lot));
    IMPRINT_CHECK(check_scanned(text, lot, scanned));
    if (scanned.empty()) {
        if (text.empty()) return std::string();
        IMPRINT_TRY(const MacAddress of, mac_of(mac));
        IMPRINT_TRY(made, make_serial(database, text, {.time = now(), .lot = lot, .mac = of}));
    } else {
        IMPRINT_TRY(const auto owner, owner_of(database, scanned));
        if (owner) return taken(scanned, *owner);
        if (bound) IMPRINT_CHECK(give_back(database, bound->serial));
    }
    IMPRINT_CHECK(database.run(
        "INSERT INTO serials (lot, serial, mac, attempt, number, changed) VALUES (?, ?, ?, ?, ?, "
        "?)",
        lot, made.serial, mac, attempt, made.number, now_in_milliseconds()));
    return made.serial;
}

Result<std::string> SqliteLedger::enter_lot(AttemptId attempt, const std::string& scanned) {
    std::string serial;
    auto kept = store_.commit([&](sqlite::Database& database) -> Result<void> {
        std::string lot;
        std::string mac;
        {
            IMPRINT_TRY(auto row,
                        database.query("SELECT lot, mac FROM attempts WHERE id = ?", attempt));
            IMPRINT_TRY(const bool found, row.step());
            if (!found) return row_missing("attempts");
            lot = row.text(0);
            mac = row.text(1);
        }
        IMPRINT_CHECK(check_place(database, attempt, lot, mac));
        IMPRINT_TRY(serial, bind_serial(database, attempt, lot, mac, scanned));
        IMPRINT_CHECK(database.run("UPDATE attempts SET entered = 1, serial = ? WHERE id = ?",
                                   serial, attempt));
        return {};
    });
    if (!kept) return std::unexpected(std::move(kept).error());
    return serial;
}

Result<void> SqliteLedger::free_serial(AttemptId attempt) {
    return store_.commit([&](sqlite::Database& database) -> Result<void> {
        std::string serial;
        {
            IMPRINT_TRY(auto row,
                        database.query("SELECT s.serial FROM serials s JOIN attempts a ON "
                                       "a.serial = s.serial JOIN lots l ON l.name = s.lot "
                                       "WHERE a.id = ? AND s.attempt = a.id AND "
                                       "s.state = 'reserved' AND l.failed_serial = 'free'",
                                       attempt));
            IMPRINT_TRY(const bool found, row.step());
            if (!found) return {};
            serial = row.text(0);
        }
        IMPRINT_CHECK(give_back(database, serial));
        IMPRINT_CHECK(database.run("UPDATE attempts SET serial = '' WHERE id = ?", attempt));
        return {};
    });
}

Result<std::optional<SerialRecord>> SqliteLedger::find_serial(const std::string& serial) {
    IMPRINT_TRY(
        auto found,
        store_.rows<SerialRecord>(
            serial_of, "SELECT lot, serial, mac, state FROM serials WHERE serial = ?", serial));
    if (found.empty()) return std::optional<SerialRecord>{};
    return std::optional(std::move(found.front()));
}

Result<std::vector<MacAddress>> SqliteLedger::find_boards(const std::string& text,
                                                          std::size_t most) {
    // Each column by its own index. Beyond all texts that begin so: UTF-8 has no byte 0xFF.
    const std::string end = text + '\xFF';
    const auto mac = [](const sqlite::Statement& row) { return mac_of(row.text(0)); };
    const auto limit = static_cast<std::int64_t>(most);
    std::set<MacAddress> found;
    for (const std::string_view sql :
         {"SELECT DISTINCT mac FROM attempts WHERE mac >= ? AND mac < ? ORDER BY mac LIMIT ?",
          "SELECT DISTINCT mac FROM attempts WHERE thing >= ? AND thing < ? AND mac <> '' "
          "ORDER BY thing LIMIT ?",
          "SELECT DISTINCT mac FROM serials WHERE serial >= ? AND serial < ? ORDER BY serial "
          "LIMIT ?"}) {
        IMPRINT_TRY(const auto some, store_.rows<MacAddress>(mac, sql, text, end, limit));
        found.insert(some.begin(), some.end());
    }
    std::vector<MacAddress> boards(found.begin(), found.end());
    if (boards.size() > most) boards.resize(most);
    return boards;
}

Result<std::vector<SerialRecord>> SqliteLedger::serials(const MacAddress& mac) {
    return store_.rows<SerialRecord>(
        serial_of, "SELECT lot, serial, mac, state FROM serials WHERE mac = ? ORDER BY id",
        mac.id());
}

}  // namespace imprint::ledger
