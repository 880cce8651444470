-- What log lines mean beside their counts: tasks of the node, distributions, and the most frequent things of each hour.
BEGIN;

-- A task of the node with a start and an end: garbage collection, trash, filewalker, compaction, migration.
-- subject: the satellite's id or the store (`s0`), '' where there is none. ended and ok are NULL while it runs.
CREATE TABLE run (
    node      INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    kind      TEXT    NOT NULL,
    satellite INTEGER NOT NULL REFERENCES satellite (id),
    subject   TEXT    NOT NULL,
    started   INTEGER NOT NULL,
    ended     INTEGER,
    ok        INTEGER CHECK (ok IN (0, 1)),
    stats     TEXT    NOT NULL,
    PRIMARY KEY (node, kind, satellite, subject, started)
) STRICT, WITHOUT ROWID;
CREATE INDEX run_satellite ON run (satellite);

-- Bounded: the store keeps the largest of each node, kind and hour.
CREATE TABLE top_hour (
    node  INTEGER NOT NULL REFERENCES node (id) ON DELETE CASCADE,
    kind  TEXT    NOT NULL,
    t     INTEGER NOT NULL CHECK (t % 3600 = 0),
    item  TEXT    NOT NULL,
    n     INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (node, kind, t, item)
) STRICT, WITHOUT ROWID;

-- Distributions as mergeable sketches with logarithmic bins.
CREATE TABLE sketch_hour (
    series INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE,
    t      INTEGER NOT NULL CHECK (t % 3600 = 0),
    body   BLOB    NOT NULL,
    PRIMARY KEY (series, t)
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2;
COMMIT;
