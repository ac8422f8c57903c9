// The ledger's step 7: lots, serial numbers, and whose fault a failure was.
#pragma once

#include <string_view>

namespace imprint::ledger {

// attempts.lot is set in every row from here on, so that a lot's attempts are found by one index.
// fault: of a failed one, 'board' or 'station'. Before, only the code tells: AWS's own names begin
// with a capital letter. entered: it takes a place in its lot while it lives.
// free_numbers: of serial numbers that were given back; the lowest is given out next.
constexpr std::string_view schema_step_7 = R"sql(
CREATE TABLE lots (
    id              INTEGER PRIMARY KEY,
    name            TEXT NOT NULL UNIQUE,
    code            TEXT NOT NULL UNIQUE,
    target          INTEGER NOT NULL DEFAULT 0,
    state           TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'closed')),
    opened          INTEGER NOT NULL,
    since           INTEGER NOT NULL,
    changed         INTEGER NOT NULL,
    chip            TEXT NOT NULL DEFAULT '',
    least_revision  INTEGER,
    most_revision   INTEGER,
    flash_size      INTEGER NOT NULL DEFAULT 0,
    firmware        TEXT NOT NULL DEFAULT '',
    serial_template TEXT NOT NULL DEFAULT '',
    first_number    INTEGER NOT NULL DEFAULT 1,
    next_number     INTEGER NOT NULL DEFAULT 1,
    failed_serial   TEXT NOT NULL DEFAULT 'keep' CHECK (failed_serial IN ('keep', 'free')),
    merged          INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE golden_samples (
    lot TEXT NOT NULL REFERENCES lots(name),
    mac TEXT NOT NULL,
    PRIMARY KEY (lot, mac)
) WITHOUT ROWID;
CREATE TABLE serials (
    id      INTEGER PRIMARY KEY,
    lot     TEXT NOT NULL,
    serial  TEXT NOT NULL UNIQUE,
    mac     TEXT NOT NULL,
    state   TEXT NOT NULL DEFAULT 'reserved' CHECK (state IN ('reserved', 'used')),
    attempt INTEGER NOT NULL,
    number  INTEGER,
    changed INTEGER NOT NULL,
    merged  INTEGER NOT NULL DEFAULT 0,
    UNIQUE (lot, mac)
);
CREATE INDEX serials_by_mac ON serials(mac);
CREATE TABLE free_numbers (
    lot    TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (lot, number)
) WITHOUT ROWID;
ALTER TABLE attempts ADD COLUMN serial TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN golden INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN fault TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN entered INTEGER NOT NULL DEFAULT 0;
UPDATE attempts SET
    lot = COALESCE(lot, (SELECT r.lot FROM runs r WHERE r.id = attempts.run)),
    fault = CASE
        WHEN outcome <> 'failed' THEN ''
        WHEN error_code GLOB '[A-Z]*' OR error_code GLOB 'registry_*' OR
             error_code GLOB 'database_*' OR error_code GLOB 'ledger_*' OR
             error_code GLOB 'http_*' OR error_code GLOB 'proof_*' OR
             error_code GLOB 'credentials_*' OR error_code GLOB 'port_*' OR
             error_code GLOB 'minted_*' OR error_code GLOB 'stub_*' OR
             error_code IN ('board_twice', 'board_at_another_station', 'other_lot', 'bug',
                            'identity_lost', 'lot_unknown', 'thing_unknown', 'not_activated',
                            'file_unwritable', 'output_unwritable', 'thread_not_started',
                            'orphan_search_too_long', 'certificate_of_another_key',
                            'other_partition_table')
        THEN 'station'
        ELSE 'board' END;
CREATE INDEX attempts_by_lot ON attempts(lot, mac, started, id, outcome, fault, golden, ended);
)sql";

}  // namespace imprint::ledger
