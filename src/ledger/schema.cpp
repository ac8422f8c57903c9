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

constexpr std::array<std::string_view, 2> steps = {step_1, step_2};

// "Impr" in ASCII.
constexpr sqlite::Schema whole{0x496D7072, steps};

}  // namespace

const sqlite::Schema& schema() {
    return whole;
}

}  // namespace imprint::ledger
