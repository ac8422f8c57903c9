#include "ledger/schema.h"

#include <array>

#include "ledger/schema_lots.h"

namespace imprint::ledger {

namespace {

// Times are milliseconds since 1970-01-01 UTC; a MAC address is its 12 lower-case hex digits.
constexpr std::string_view step_1 = R"sql(
CREATE TABLE runs (
    id       INTEGER PRIMARY KEY,
    version  TEXT NOT NULL,
    lot      TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    firmware TEXT NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER,
    passed   INTEGER NOT NULL DEFAULT 0,
    failed   INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE attempts (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES runs(id),
    mac           TEXT NOT NULL,
    bay           TEXT NOT NULL,
    chip          TEXT NOT NULL,
    thing         TEXT NOT NULL,
    started       INTEGER NOT NULL,
    ended         INTEGER,
    outcome       TEXT NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'passed', 'failed')),
    error_code    TEXT NOT NULL DEFAULT '',
    error_message TEXT NOT NULL DEFAULT ''
);
CREATE INDEX attempts_by_mac ON attempts(mac, id);
CREATE TABLE effects (
    id       INTEGER PRIMARY KEY,
    attempt  INTEGER NOT NULL REFERENCES attempts(id),
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    intended INTEGER NOT NULL,
    done     INTEGER,
    result   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX effects_by_attempt ON effects(attempt, id);
CREATE TABLE certificates (
    id                INTEGER PRIMARY KEY,
    attempt           INTEGER NOT NULL REFERENCES attempts(id),
    mac               TEXT NOT NULL,
    thing             TEXT NOT NULL,
    certificate_id    TEXT,
    public_pem        TEXT NOT NULL,
    policy            TEXT NOT NULL,
    state             TEXT NOT NULL DEFAULT 'requested'
                      CHECK (state IN ('requested', 'inactive', 'active', 'proven', 'gone')),
    requested         INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    deactivation_owed INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX certificates_by_id ON certificates(certificate_id);
CREATE INDEX certificates_by_mac ON certificates(mac, id);
CREATE INDEX certificates_unfinished ON certificates(mac)
    WHERE state IN ('requested', 'inactive', 'active');
CREATE INDEX certificates_owed ON certificates(id) WHERE deactivation_owed = 1;
)sql";

constexpr std::string_view step_2 = R"sql(
CREATE TABLE retirements (
    id       INTEGER PRIMARY KEY,
    thing    TEXT NOT NULL,
    reason   TEXT NOT NULL,
    intended INTEGER NOT NULL,
    done     INTEGER,
    result   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX retirements_by_thing ON retirements(thing, id);
CREATE INDEX certificates_by_thing ON certificates(thing, id);
)sql";

// SQLite cannot change a CHECK: the table is made anew. pem and registration: of certificates that
// were signed here, and of those whose registration is owed. ahead: made for a board that was not
// on the bench.
constexpr std::string_view step_3 = R"sql(
CREATE TABLE certificates_3 (
    id                INTEGER PRIMARY KEY,
    attempt           INTEGER NOT NULL REFERENCES attempts(id),
    mac               TEXT NOT NULL,
    thing             TEXT NOT NULL,
    certificate_id    TEXT,
    public_pem        TEXT NOT NULL,
    policy            TEXT NOT NULL,
    state             TEXT NOT NULL DEFAULT 'requested'
                      CHECK (state IN ('requested', 'inactive', 'staged', 'queued', 'active',
                                       'proven', 'gone')),
    requested         INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    deactivation_owed INTEGER NOT NULL DEFAULT 0,
    pem               TEXT NOT NULL DEFAULT '',
    registration      TEXT NOT NULL DEFAULT '',
    ahead             INTEGER NOT NULL DEFAULT 0
);
INSERT INTO certificates_3 (id, attempt, mac, thing, certificate_id, public_pem, policy, state,
                            requested, changed, deactivation_owed)
    SELECT id, attempt, mac, thing, certificate_id, public_pem, policy, state, requested, changed,
           deactivation_owed FROM certificates;
DROP TABLE certificates;
ALTER TABLE certificates_3 RENAME TO certificates;
CREATE UNIQUE INDEX certificates_by_id ON certificates(certificate_id);
CREATE INDEX certificates_by_mac ON certificates(mac, id);
CREATE INDEX certificates_by_thing ON certificates(thing, id);
CREATE INDEX certificates_unfinished ON certificates(mac)
    WHERE state IN ('requested', 'inactive', 'active');
CREATE INDEX certificates_queued ON certificates(id) WHERE state = 'queued';
CREATE INDEX certificates_owed ON certificates(id) WHERE deactivation_owed = 1;
)sql";

// process: base/processes.h. claimed: the attempt has the board for itself. mac is empty until the
// board is identified. firmware was the commit, where there was one: its own column from here on.
// lot: where it is not the run's.
// overwritten, adopted, retirement_owed: what becomes of a board's former certificates.
constexpr std::string_view step_4 = R"sql(
ALTER TABLE runs ADD COLUMN process TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN firmware_commit TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN app_name TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN app_version TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN app_elf_sha256 TEXT NOT NULL DEFAULT '';
UPDATE runs SET firmware_commit = firmware WHERE length(firmware) <> 64;
CREATE TABLE run_files (
    run    INTEGER NOT NULL REFERENCES runs(id),
    path   TEXT NOT NULL,
    offset INTEGER NOT NULL,
    size   INTEGER NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE INDEX run_files_by_run ON run_files(run, offset);
ALTER TABLE attempts ADD COLUMN claimed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE attempts ADD COLUMN lot TEXT;
CREATE INDEX attempts_running ON attempts(mac) WHERE ended IS NULL;
CREATE INDEX attempts_by_thing ON attempts(thing, id);
CREATE TABLE certificates_4 (
    id                INTEGER PRIMARY KEY,
    attempt           INTEGER NOT NULL REFERENCES attempts(id),
    mac               TEXT NOT NULL,
    thing             TEXT NOT NULL,
    certificate_id    TEXT,
    public_pem        TEXT NOT NULL,
    policy            TEXT NOT NULL,
    state             TEXT NOT NULL DEFAULT 'requested'
                      CHECK (state IN ('requested', 'inactive', 'staged', 'queued', 'active',
                                       'proven', 'overwritten', 'gone')),
    requested         INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    deactivation_owed INTEGER NOT NULL DEFAULT 0,
    pem               TEXT NOT NULL DEFAULT '',
    registration      TEXT NOT NULL DEFAULT '',
    ahead             INTEGER NOT NULL DEFAULT 0,
    adopted           INTEGER NOT NULL DEFAULT 0,
    retirement_owed   INTEGER NOT NULL DEFAULT 0,
    proven            INTEGER
);
INSERT INTO certificates_4 (id, attempt, mac, thing, certificate_id, public_pem, policy, state,
                            requested, changed, deactivation_owed, pem, registration, ahead, proven)
    SELECT id, attempt, mac, thing, certificate_id, public_pem, policy, state, requested, changed,
           deactivation_owed, pem, registration, ahead,
           CASE WHEN state = 'proven' THEN changed END FROM certificates;
DROP TABLE certificates;
ALTER TABLE certificates_4 RENAME TO certificates;
CREATE UNIQUE INDEX certificates_by_id ON certificates(certificate_id);
CREATE INDEX certificates_by_mac ON certificates(mac, id);
CREATE INDEX certificates_by_thing ON certificates(thing, id);
CREATE INDEX certificates_by_attempt ON certificates(attempt, id);
CREATE INDEX certificates_unfinished ON certificates(mac)
    WHERE state IN ('requested', 'inactive', 'active');
CREATE INDEX certificates_queued ON certificates(id) WHERE state = 'queued';
CREATE INDEX certificates_owed ON certificates(id)
    WHERE deactivation_owed = 1 OR retirement_owed = 1;
)sql";

// An effect belongs to a run, and to one of its attempts where it is a board's: commands after the
// factory have effects too.
constexpr std::string_view step_5 = R"sql(
ALTER TABLE runs ADD COLUMN command TEXT NOT NULL DEFAULT 'prepare';
CREATE TABLE effects_5 (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES runs(id),
    attempt  INTEGER REFERENCES attempts(id),
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    intended INTEGER NOT NULL,
    done     INTEGER,
    result   TEXT NOT NULL DEFAULT ''
);
INSERT INTO effects_5 (id, run, attempt, kind, subject, intended, done, result)
    SELECT e.id, a.run, e.attempt, e.kind, e.subject, e.intended, e.done, e.result
    FROM effects e JOIN attempts a ON a.id = e.attempt;
DROP TABLE effects;
ALTER TABLE effects_5 RENAME TO effects;
CREATE INDEX effects_by_attempt ON effects(attempt, id);
CREATE INDEX effects_by_run ON effects(run, id);
CREATE INDEX effects_of_commands ON effects(subject, id) WHERE attempt IS NULL;
)sql";

// Who did it, and where; and what came from another station's ledger (sqlite_merge.cpp).
// uid: one of all runs of all ledgers. merged: 1: the row is another ledger's, for reading only.
// source_id: its id there. attempts has no CHECK of its outcome any more: there are new ones.
constexpr std::string_view step_6 = R"sql(
ALTER TABLE runs ADD COLUMN uid TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN merged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN station TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN operator TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN region TEXT NOT NULL DEFAULT '';
UPDATE runs SET uid = process || '|' || started || '|' || id || '|' || lot || '|' || endpoint
                      || '|' || firmware,
                host = CASE WHEN instr(process, '/') = 0 THEN ''
                            ELSE substr(process, 1, instr(process, '/') - 1) END;
CREATE UNIQUE INDEX runs_by_uid ON runs(uid);
CREATE INDEX runs_by_time ON runs(started, id);
CREATE TABLE attempts_6 (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES runs(id),
    mac           TEXT NOT NULL,
    bay           TEXT NOT NULL,
    chip          TEXT NOT NULL,
    thing         TEXT NOT NULL,
    started       INTEGER NOT NULL,
    ended         INTEGER,
    outcome       TEXT NOT NULL DEFAULT 'running',
    error_code    TEXT NOT NULL DEFAULT '',
    error_message TEXT NOT NULL DEFAULT '',
    claimed       INTEGER NOT NULL DEFAULT 0,
    lot           TEXT,
    merged        INTEGER NOT NULL DEFAULT 0,
    source_id     INTEGER
);
INSERT INTO attempts_6 (id, run, mac, bay, chip, thing, started, ended, outcome, error_code,
                        error_message, claimed, lot)
    SELECT id, run, mac, bay, chip, thing, started, ended,
           CASE WHEN error_code = 'interrupted' THEN 'stopped' ELSE outcome END,
           error_code, error_message, claimed, lot FROM attempts;
CREATE TABLE effects_6 (
    id       INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL REFERENCES runs(id),
    attempt  INTEGER REFERENCES attempts_6(id),
    kind     TEXT NOT NULL,
    subject  TEXT NOT NULL,
    intended INTEGER NOT NULL,
    done     INTEGER,
    result   TEXT NOT NULL DEFAULT ''
);
INSERT INTO effects_6 SELECT id, run, attempt, kind, subject, intended, done, result FROM effects;
CREATE TABLE certificates_6 (
    id                INTEGER PRIMARY KEY,
    attempt           INTEGER NOT NULL REFERENCES attempts_6(id),
    mac               TEXT NOT NULL,
    thing             TEXT NOT NULL,
    certificate_id    TEXT,
    public_pem        TEXT NOT NULL,
    policy            TEXT NOT NULL,
    state             TEXT NOT NULL DEFAULT 'requested'
                      CHECK (state IN ('requested', 'inactive', 'staged', 'queued', 'active',
                                       'proven', 'overwritten', 'gone')),
    requested         INTEGER NOT NULL,
    changed           INTEGER NOT NULL,
    deactivation_owed INTEGER NOT NULL DEFAULT 0,
    pem               TEXT NOT NULL DEFAULT '',
    registration      TEXT NOT NULL DEFAULT '',
    ahead             INTEGER NOT NULL DEFAULT 0,
    adopted           INTEGER NOT NULL DEFAULT 0,
    retirement_owed   INTEGER NOT NULL DEFAULT 0,
    proven            INTEGER,
    merged            INTEGER NOT NULL DEFAULT 0
);
INSERT INTO certificates_6 (id, attempt, mac, thing, certificate_id, public_pem, policy, state,
                            requested, changed, deactivation_owed, pem, registration, ahead,
                            adopted, retirement_owed, proven)
    SELECT id, attempt, mac, thing, certificate_id, public_pem, policy, state, requested, changed,
           deactivation_owed, pem, registration, ahead, adopted, retirement_owed, proven
    FROM certificates;
DROP TABLE certificates;
DROP TABLE effects;
DROP TABLE attempts;
ALTER TABLE attempts_6 RENAME TO attempts;
ALTER TABLE effects_6 RENAME TO effects;
ALTER TABLE certificates_6 RENAME TO certificates;
CREATE INDEX attempts_by_mac ON attempts(mac, started, id);
CREATE INDEX attempts_by_time ON attempts(started, id);
CREATE INDEX attempts_by_thing ON attempts(thing, started, id);
CREATE INDEX attempts_by_run ON attempts(run, source_id);
CREATE INDEX attempts_running ON attempts(mac) WHERE ended IS NULL;
CREATE INDEX effects_by_attempt ON effects(attempt, id);
CREATE INDEX effects_by_run ON effects(run, id);
CREATE INDEX effects_of_commands ON effects(subject, id) WHERE attempt IS NULL;
CREATE UNIQUE INDEX certificates_by_id ON certificates(certificate_id);
CREATE INDEX certificates_by_mac ON certificates(mac, id);
CREATE INDEX certificates_by_thing ON certificates(thing, id);
CREATE INDEX certificates_by_attempt ON certificates(attempt, id);
CREATE INDEX certificates_unfinished ON certificates(mac)
    WHERE state IN ('requested', 'inactive', 'active');
CREATE INDEX certificates_queued ON certificates(id) WHERE state = 'queued';
CREATE INDEX certificates_owed ON certificates(id)
    WHERE deactivation_owed = 1 OR retirement_owed = 1;
)sql";

constexpr std::array<std::string_view, 7> steps = {step_1, step_2, step_3,       step_4,
                                                   step_5, step_6, schema_step_7};

// "Impr" in ASCII.
constexpr sqlite::Schema ledger_schema{0x496D7072, steps};

}  // namespace

const sqlite::Schema& schema() {
    return ledger_schema;
}

}  // namespace imprint::ledger
