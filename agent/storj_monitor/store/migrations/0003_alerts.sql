-- Alerts, what was said of them, and what people set.
BEGIN;

-- One row an episode; `id` is the contract's, node NULL for the agent itself and causes over several nodes.
CREATE TABLE alert (
    episode  INTEGER PRIMARY KEY,
    id       TEXT    NOT NULL,
    node     INTEGER REFERENCES node (id) ON DELETE CASCADE,
    rule     TEXT    NOT NULL,
    severity TEXT    NOT NULL,
    opened   INTEGER NOT NULL,
    closed   INTEGER,
    body     TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (id) WHERE closed IS NULL;
CREATE INDEX alert_opened ON alert (opened);
CREATE INDEX alert_node ON alert (node);

-- What the rules must remember over a restart: pending since, last seen, flapping.
CREATE TABLE alert_timer (
    id   TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE silence (
    id        INTEGER PRIMARY KEY,
    node      INTEGER REFERENCES node (id) ON DELETE CASCADE,
    rule      TEXT,
    satellite TEXT,
    made      INTEGER NOT NULL,
    until     INTEGER NOT NULL
) STRICT;
CREATE INDEX silence_node ON silence (node);

-- The events that left the rules, in order; `event` is the contract's JSON.
CREATE TABLE outbox (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    at    INTEGER NOT NULL,
    event TEXT    NOT NULL
) STRICT;

-- Where each event has to go: waiting since `queued`, sent, or dropped; `said` is why.
CREATE TABLE delivery (
    outbox INTEGER NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    route  TEXT    NOT NULL,
    state  TEXT    NOT NULL CHECK (state IN ('waiting', 'sent', 'dropped')),
    queued INTEGER NOT NULL,
    said   TEXT,
    PRIMARY KEY (outbox, route)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_waiting ON delivery (route) WHERE state = 'waiting';

-- What people set in the viewer or by MQTT; it wins over the file until it is reset. node '' = all.
CREATE TABLE setting (
    node   TEXT    NOT NULL,
    key    TEXT    NOT NULL,
    value  TEXT    NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (node, key)
) STRICT, WITHOUT ROWID;

-- A value outside of its usual range, from when to when.
CREATE TABLE insight (
    id        INTEGER PRIMARY KEY,
    node      INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    metric    TEXT    NOT NULL,
    satellite TEXT    NOT NULL,
    opened    INTEGER NOT NULL,
    closed    INTEGER,
    body      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX insight_open ON insight (node, metric, satellite) WHERE closed IS NULL;
CREATE INDEX insight_opened ON insight (opened);

PRAGMA user_version = 3;
COMMIT;
