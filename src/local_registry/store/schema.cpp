#include "local_registry/store/schema.h"

#include <array>

namespace imprint::local_registry {

namespace {

constexpr std::int32_t application_id = 0x494D5052;  // "IMPR"

// Account and region are no columns: ARNs are made when they are asked for. What a policy is
// attached to is told by kind and name for the same reason. Attributes and other lists are JSON.
constexpr std::string_view first = R"sql(
CREATE TABLE access_key (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    id            TEXT NOT NULL UNIQUE,
    secret        TEXT NOT NULL,
    session_token TEXT NOT NULL DEFAULT '',
    expires       INTEGER
) STRICT;

CREATE TABLE thing_type (
    name        TEXT PRIMARY KEY,
    id          TEXT NOT NULL,
    description TEXT NOT NULL,
    searchable  TEXT NOT NULL,
    created     INTEGER NOT NULL,
    deprecated  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE thing (
    name       TEXT PRIMARY KEY,
    id         TEXT NOT NULL,
    type       TEXT REFERENCES thing_type(name),
    attributes TEXT NOT NULL,
    version    INTEGER NOT NULL,
    created    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX thing_by_type ON thing(type);

CREATE TABLE thing_group (
    name        TEXT PRIMARY KEY,
    id          TEXT NOT NULL,
    parent      TEXT REFERENCES thing_group(name),
    description TEXT NOT NULL,
    attributes  TEXT NOT NULL,
    version     INTEGER NOT NULL,
    created     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX thing_group_by_parent ON thing_group(parent);

CREATE TABLE thing_group_member (
    thing_group TEXT NOT NULL REFERENCES thing_group(name) ON DELETE CASCADE,
    thing       TEXT NOT NULL REFERENCES thing(name) ON DELETE CASCADE,
    PRIMARY KEY (thing_group, thing)
) STRICT, WITHOUT ROWID;
CREATE INDEX thing_group_member_by_thing ON thing_group_member(thing);

CREATE TABLE certificate (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    pem        TEXT NOT NULL,
    status     TEXT NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE', 'REVOKED')),
    mode       TEXT NOT NULL CHECK (mode IN ('DEFAULT', 'SNI_ONLY')),
    created    INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    generation TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL
) STRICT;

CREATE TABLE thing_principal (
    thing       TEXT NOT NULL REFERENCES thing(name),
    certificate TEXT NOT NULL REFERENCES certificate(id),
    PRIMARY KEY (thing, certificate)
) STRICT, WITHOUT ROWID;
CREATE INDEX thing_principal_by_certificate ON thing_principal(certificate);

CREATE TABLE policy (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT NOT NULL UNIQUE,
    default_version INTEGER NOT NULL,
    last_version    INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    modified        INTEGER NOT NULL,
    generation      TEXT NOT NULL
) STRICT;

CREATE TABLE policy_version (
    policy   TEXT NOT NULL REFERENCES policy(name) ON DELETE CASCADE,
    version  INTEGER NOT NULL,
    document TEXT NOT NULL,
    created  INTEGER NOT NULL,
    PRIMARY KEY (policy, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE policy_target (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    policy TEXT NOT NULL REFERENCES policy(name),
    kind   TEXT NOT NULL CHECK (kind IN ('cert', 'thinggroup')),
    name   TEXT NOT NULL,
    UNIQUE (kind, name, policy)
) STRICT;
CREATE INDEX policy_target_by_policy ON policy_target(policy);
)sql";

// CAs, registration code and provisioning templates; a certificate knows its CA and may wait for
// its activation. SQLite cannot change a CHECK: both tables that hold certificates are made anew,
// since dropping the one alone would break the other's references.
constexpr std::string_view second = R"sql(
CREATE TABLE ca_certificate (
    number              INTEGER PRIMARY KEY AUTOINCREMENT,
    id                  TEXT NOT NULL UNIQUE,
    pem                 TEXT NOT NULL,
    subject             TEXT NOT NULL,
    status              TEXT NOT NULL CHECK (status IN ('ACTIVE', 'INACTIVE')),
    mode                TEXT NOT NULL CHECK (mode IN ('DEFAULT', 'SNI_ONLY')),
    auto_registration   INTEGER NOT NULL,
    registration_config TEXT,
    created             INTEGER NOT NULL,
    modified            INTEGER NOT NULL,
    version             INTEGER NOT NULL,
    generation          TEXT NOT NULL,
    not_before          INTEGER NOT NULL,
    not_after           INTEGER NOT NULL
) STRICT;
CREATE INDEX ca_certificate_by_subject ON ca_certificate(subject);

CREATE TABLE registration_code (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    code TEXT NOT NULL
) STRICT;

CREATE TABLE provisioning_template (
    name        TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    body        TEXT NOT NULL,
    role        TEXT NOT NULL,
    enabled     INTEGER NOT NULL,
    type        TEXT NOT NULL CHECK (type IN ('FLEET_PROVISIONING', 'JITP')),
    hook        TEXT,
    created     INTEGER NOT NULL,
    modified    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate_2 (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    pem        TEXT NOT NULL,
    ca         TEXT,
    status     TEXT NOT NULL
               CHECK (status IN ('ACTIVE', 'INACTIVE', 'REVOKED', 'PENDING_ACTIVATION')),
    mode       TEXT NOT NULL CHECK (mode IN ('DEFAULT', 'SNI_ONLY')),
    created    INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    generation TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    not_after  INTEGER NOT NULL
) STRICT;
INSERT INTO certificate_2 (number, id, pem, status, mode, created, modified, version, generation,
                           not_before, not_after)
    SELECT number, id, pem, status, mode, created, modified, version, generation, not_before,
           not_after FROM certificate;

CREATE TABLE thing_principal_2 (
    thing       TEXT NOT NULL REFERENCES thing(name),
    certificate TEXT NOT NULL REFERENCES certificate_2(id),
    PRIMARY KEY (thing, certificate)
) STRICT, WITHOUT ROWID;
INSERT INTO thing_principal_2 SELECT thing, certificate FROM thing_principal;

DROP TABLE thing_principal;
DROP TABLE certificate;
ALTER TABLE certificate_2 RENAME TO certificate;
ALTER TABLE thing_principal_2 RENAME TO thing_principal;
CREATE INDEX thing_principal_by_certificate ON thing_principal(certificate);
CREATE INDEX certificate_by_ca ON certificate(ca) WHERE ca IS NOT NULL;
)sql";

// An IAM policy document; empty: the key may do everything.
constexpr std::string_view third = R"sql(
ALTER TABLE access_key ADD COLUMN policy TEXT NOT NULL DEFAULT '';
)sql";

// What faults/late_writes.h has answered and not yet carried out.
constexpr std::string_view fourth = R"sql(
CREATE TABLE pending_write (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    due     INTEGER NOT NULL,
    names   TEXT NOT NULL,
    request TEXT NOT NULL,
    choices TEXT NOT NULL
) STRICT;
CREATE INDEX pending_write_by_due ON pending_write(due);
CREATE INDEX pending_write_by_names ON pending_write(names);
)sql";

// Whether the thing is the only one that its certificate may have.
constexpr std::string_view fifth = R"sql(
ALTER TABLE thing_principal ADD COLUMN exclusive INTEGER NOT NULL DEFAULT 0;
)sql";

// Shadows. No reference to things: a shadow may be there without one, and outlives it. Without a
// name: the classic one.
constexpr std::string_view sixth = R"sql(
CREATE TABLE shadow (
    thing             TEXT NOT NULL,
    name              TEXT NOT NULL,
    desired           TEXT,
    desired_metadata  TEXT,
    reported          TEXT,
    reported_metadata TEXT,
    version           INTEGER NOT NULL,
    modified          INTEGER NOT NULL,
    deleted           INTEGER,
    PRIMARY KEY (thing, name)
) STRICT, WITHOUT ROWID;
)sql";

// Jobs, and what each thing has to do. An execution stays when its thing goes.
constexpr std::string_view seventh = R"sql(
CREATE TABLE job (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    document        TEXT NOT NULL,
    description     TEXT NOT NULL,
    targets         TEXT NOT NULL,
    timeout_minutes INTEGER,
    status          TEXT NOT NULL CHECK (status IN ('IN_PROGRESS', 'CANCELED', 'COMPLETED')),
    forced          INTEGER NOT NULL,
    reason          TEXT,
    comment         TEXT,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    completed       INTEGER
) STRICT;

CREATE TABLE job_execution (
    number        INTEGER PRIMARY KEY AUTOINCREMENT,
    job           TEXT NOT NULL REFERENCES job(id) ON DELETE CASCADE,
    thing         TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('QUEUED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED',
                                                  'TIMED_OUT', 'REJECTED', 'CANCELED')),
    forced        INTEGER NOT NULL,
    details       TEXT NOT NULL,
    version       INTEGER NOT NULL,
    queued        INTEGER NOT NULL,
    started       INTEGER,
    updated       INTEGER NOT NULL,
    job_deadline  INTEGER,
    step_deadline INTEGER,
    UNIQUE (job, thing)
) STRICT;
CREATE INDEX job_execution_by_thing ON job_execution(thing, status);
CREATE INDEX job_execution_by_status ON job_execution(status);
)sql";

// How often what the broker admits clients by has changed: plugin/sessions.h. A shadow or a job
// that is written changes nothing of that.
constexpr std::string_view eighth = R"sql(
CREATE TABLE admission (
    only    INTEGER PRIMARY KEY CHECK (only = 1),
    changes INTEGER NOT NULL
) STRICT;
INSERT INTO admission (only, changes) VALUES (1, 0);
CREATE TRIGGER thing_insert AFTER INSERT ON thing BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_update AFTER UPDATE ON thing BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_delete AFTER DELETE ON thing BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_group_insert AFTER INSERT ON thing_group BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_group_update AFTER UPDATE ON thing_group BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_group_delete AFTER DELETE ON thing_group BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_group_member_insert AFTER INSERT ON thing_group_member BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_group_member_update AFTER UPDATE ON thing_group_member BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_group_member_delete AFTER DELETE ON thing_group_member BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER certificate_insert AFTER INSERT ON certificate BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER certificate_update AFTER UPDATE ON certificate BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER certificate_delete AFTER DELETE ON certificate BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_principal_insert AFTER INSERT ON thing_principal BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_principal_update AFTER UPDATE ON thing_principal BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER thing_principal_delete AFTER DELETE ON thing_principal BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_insert AFTER INSERT ON policy BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_update AFTER UPDATE ON policy BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_delete AFTER DELETE ON policy BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_version_insert AFTER INSERT ON policy_version BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_version_update AFTER UPDATE ON policy_version BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_version_delete AFTER DELETE ON policy_version BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_target_insert AFTER INSERT ON policy_target BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_target_update AFTER UPDATE ON policy_target BEGIN
    UPDATE admission SET changes = changes + 1;
END;
CREATE TRIGGER policy_target_delete AFTER DELETE ON policy_target BEGIN
    UPDATE admission SET changes = changes + 1;
END;
)sql";

constexpr std::array steps{first, second, third, fourth, fifth, sixth, seventh, eighth};

}  // namespace

const sqlite::Schema& registry_schema() {
    static constexpr sqlite::Schema schema{.application_id = application_id, .steps = steps};
    return schema;
}

}  // namespace imprint::local_registry
