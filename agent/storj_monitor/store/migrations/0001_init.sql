-- The first schema. Times are epoch seconds (UTC), sizes bytes.
BEGIN;

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    node_id    TEXT,
    first_seen INTEGER NOT NULL,
    followed   INTEGER NOT NULL DEFAULT 0 CHECK (followed IN (0, 1))
) STRICT;

CREATE TABLE satellite (
    id           INTEGER PRIMARY KEY,
    satellite_id TEXT    NOT NULL UNIQUE,
    url          TEXT,
    name         TEXT    UNIQUE,
    first_seen   INTEGER NOT NULL
) STRICT;

-- "No satellite" is a row, so that a series has one key with it and without.
INSERT INTO satellite (id, satellite_id, first_seen) VALUES (0, '', 0);

CREATE TABLE series (
    id        INTEGER PRIMARY KEY,
    node      INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    satellite INTEGER NOT NULL REFERENCES satellite (id),
    metric    TEXT    NOT NULL,
    UNIQUE (node, metric, satellite)
) STRICT;
CREATE INDEX series_satellite ON series (satellite);

-- sum, min, max and last are REAL: SQLite keeps whole numbers in them as small integers on disk.
CREATE TABLE sample_minute (
    series  INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    t       INTEGER NOT NULL CHECK (t % 60 = 0),
    n       INTEGER NOT NULL,
    sum     REAL    NOT NULL,
    min     REAL,
    max     REAL,
    last    REAL,
    last_at INTEGER,
    PRIMARY KEY (series, t)
) STRICT, WITHOUT ROWID;

CREATE TABLE sample_hour (
    series  INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    t       INTEGER NOT NULL CHECK (t % 3600 = 0),
    n       INTEGER NOT NULL,
    sum     REAL    NOT NULL,
    min     REAL,
    max     REAL,
    last    REAL,
    last_at INTEGER,
    PRIMARY KEY (series, t)
) STRICT, WITHOUT ROWID;

CREATE TABLE sample_day (
    series  INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    t       INTEGER NOT NULL CHECK (t % 86400 = 0),
    n       INTEGER NOT NULL,
    sum     REAL    NOT NULL,
    min     REAL,
    max     REAL,
    last    REAL,
    last_at INTEGER,
    PRIMARY KEY (series, t)
) STRICT, WITHOUT ROWID;

-- The last good answer (body, at) and, after it, the last failure (down, down_at).
CREATE TABLE reading (
    node    INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    source  TEXT    NOT NULL,
    at      INTEGER,
    body    TEXT,
    down    TEXT,
    down_at INTEGER,
    PRIMARY KEY (node, source)
) STRICT, WITHOUT ROWID;

-- path is a BLOB: a file name need not be UTF-8.
CREATE TABLE log_file (
    node     INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    path     BLOB    NOT NULL,
    "offset" INTEGER NOT NULL,
    head_len INTEGER NOT NULL,
    heads    BLOB    NOT NULL,
    tail_len INTEGER NOT NULL,
    tail     BLOB    NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    past     INTEGER NOT NULL CHECK (past IN (0, 1)),
    skipping INTEGER NOT NULL CHECK (skipping IN (0, 1)),
    PRIMARY KEY (node, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE carry (
    node INTEGER PRIMARY KEY REFERENCES node (id) ON DELETE CASCADE,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE event (
    id        INTEGER PRIMARY KEY,
    node      INTEGER REFERENCES node (id) ON DELETE CASCADE,
    at        INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    severity  TEXT    NOT NULL,
    satellite TEXT    NOT NULL,
    text      TEXT    NOT NULL
) STRICT;
CREATE INDEX event_at ON event (at);
CREATE INDEX event_node_at ON event (node, at);

CREATE TABLE template (
    node     INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    level    TEXT    NOT NULL,
    logger   TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    PRIMARY KEY (node, level, logger, text)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 1;
COMMIT;
