// A lot is known by its name. One that was opened at this station stays as it is; one that came
// from another follows what that one says later. Serial numbers stay with the boards that have them
// here; where the other ledger says otherwise, that is told.
#include "ledger/sqlite_merge_lots.h"

#include <fmt/format.h>

#include "ledger/sqlite_ledger_impl.h"

namespace imprint::ledger {

namespace {

constexpr std::string_view changed_lots = R"sql(
UPDATE main.lots AS l SET target = o.target, state = o.state, since = o.since,
        changed = o.changed, chip = o.chip, least_revision = o.least_revision,
        most_revision = o.most_revision, flash_size = o.flash_size, firmware = o.firmware,
        serial_template = o.serial_template, failed_serial = o.failed_serial
    FROM other.lots o
    WHERE o.name = l.name AND l.merged = 1 AND o.changed > l.changed
)sql";

// A code that means another lot here is left out: its lot is chosen by its name.
constexpr std::string_view new_lots = R"sql(
INSERT INTO main.lots (name, code, target, state, opened, since, changed, chip, least_revision,
                       most_revision, flash_size, firmware, serial_template, first_number,
                       next_number, failed_serial, merged)
    SELECT o.name,
           CASE WHEN EXISTS (SELECT 1 FROM main.lots l WHERE o.code IN (l.code, l.name))
                THEN o.name ELSE o.code END,
           o.target, o.state, o.opened, o.since, o.changed, o.chip, o.least_revision,
           o.most_revision, o.flash_size, o.firmware, o.serial_template, o.first_number,
           o.next_number, o.failed_serial, 1
    FROM other.lots o
    WHERE NOT EXISTS (SELECT 1 FROM main.lots l WHERE o.name IN (l.name, l.code))
    ORDER BY o.id
)sql";

constexpr std::string_view golden_samples = R"sql(
DELETE FROM main.golden_samples WHERE lot IN (
    SELECT l.name FROM main.lots l JOIN other.lots o ON o.name = l.name
    WHERE l.merged = 1 AND o.changed >= l.changed);
INSERT OR IGNORE INTO main.golden_samples (lot, mac)
    SELECT g.lot, g.mac FROM other.golden_samples g
    JOIN main.lots l ON l.name = g.lot JOIN other.lots o ON o.name = g.lot
    WHERE l.merged = 1 AND o.changed >= l.changed;
)sql";

constexpr std::string_view used_serials = R"sql(
UPDATE main.serials AS s SET state = 'used', changed = o.changed FROM other.serials o
    WHERE o.serial = s.serial AND o.mac = s.mac AND o.lot = s.lot AND o.state = 'used'
      AND s.state = 'reserved'
)sql";

// One that is only reserved is the other station's to use or to give back.
constexpr std::string_view new_serials = R"sql(
INSERT INTO main.serials (lot, serial, mac, state, attempt, number, changed, merged)
    SELECT o.lot, o.serial, o.mac, o.state, COALESCE(a.id, 0), o.number, o.changed, 1
    FROM other.serials o
    LEFT JOIN other.attempts t ON t.id = o.attempt
    LEFT JOIN other.runs p ON p.id = t.run
    LEFT JOIN main.runs r ON r.uid = p.uid
    LEFT JOIN main.attempts a ON a.run = r.id AND a.source_id = COALESCE(t.source_id, t.id)
    WHERE o.state = 'used'
      AND NOT EXISTS (SELECT 1 FROM main.serials s WHERE s.serial = o.serial)
      AND NOT EXISTS (SELECT 1 FROM main.serials s WHERE s.lot = o.lot AND s.mac = o.mac)
    ORDER BY o.id
)sql";

constexpr std::string_view conflicts = R"sql(
SELECT s.serial, s.mac, o.serial, o.mac FROM other.serials o JOIN main.serials s
    ON (s.serial = o.serial AND s.mac <> o.mac) OR
       (s.lot = o.lot AND s.mac = o.mac AND s.serial <> o.serial)
    ORDER BY o.id
)sql";

}  // namespace

std::string SerialConflict::describe() const {
    if (serial == other_serial)
        return fmt::format("serial number {} is that of board {} here, and of board {} there",
                           serial, mac, other_mac);
    return fmt::format("board {} has serial number {} here, and {} there", mac, serial,
                       other_serial);
}

Result<void> bring_lots(sqlite::Database& database, MergeReport& report) {
    IMPRINT_CHECK(database.run(changed_lots));
    IMPRINT_TRY(report.lots, database.run(new_lots));
    IMPRINT_CHECK(database.exec(golden_samples));
    IMPRINT_CHECK(database.run(used_serials));
    IMPRINT_TRY(report.serials, database.run(new_serials));
    const auto read = [](const sqlite::Statement& row) {
        return SerialConflict{row.text(0), row.text(1), row.text(2), row.text(3)};
    };
    IMPRINT_TRY(report.conflicts,
                SqliteStore::read_rows<SerialConflict>(database, read, conflicts));
    return {};
}

}  // namespace imprint::ledger
