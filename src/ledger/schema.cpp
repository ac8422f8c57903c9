#include "ledger/schema.h"

#include <array>

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

constexpr std::array<std::string_view, 3> steps = {step_1, step_2, step_3};

// "Impr" in ASCII.
constexpr sqlite::Schema whole{0x496D7072, steps};

}  // namespace

const sqlite::Schema& schema() {
    return whole;
}

}  // namespace imprint::ledger
