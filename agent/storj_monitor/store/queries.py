"""What the reader asks. Tables are chosen by tier: three constants, nothing that comes from outside.

`series IN (SELECT value FROM json_each(?))` keeps one prepared statement for any number of series.
"""
# ruff: noqa: S608  (see above: only constants are put together here)

from __future__ import annotations

from storj_monitor.store.bins import TIERS

KEPT = "SELECT value FROM meta WHERE key = ?"
SERIES = """
    SELECT series.id, metric, satellite_id FROM series JOIN satellite ON satellite.id = series.satellite
    WHERE node = (SELECT id FROM node WHERE name = ?)
"""
_TRANSFERS = "metric >= 'transfer:' AND metric < 'transfer;'"
TRANSFER_SERIES = f"{SERIES} AND {_TRANSFERS}"
TRANSFER_SERIES_ALL = f"""
    SELECT series.id, metric, satellite_id FROM series JOIN satellite ON satellite.id = series.satellite
    WHERE {_TRANSFERS}
"""
TOTALS = {
    tier: f"""
    SELECT series, sum(n), sum(sum) FROM sample_{tier}
    WHERE series IN (SELECT value FROM json_each(?)) AND t >= ? AND t < ? GROUP BY series
    """
    for tier in TIERS
}
BINS = {
    tier: f"""
    SELECT t - t % ?, sum(n), sum(sum), min(min), max(max) FROM sample_{tier}
    WHERE series IN (SELECT value FROM json_each(?)) AND t >= ? AND t < ? GROUP BY 1
    """
    for tier in TIERS
}
LAST = {
    tier: f"""
    SELECT t - t % ?, last, max(last_at) FROM sample_{tier}
    WHERE series IN (SELECT value FROM json_each(?)) AND t >= ? AND t < ? AND last_at IS NOT NULL GROUP BY 1
    """
    for tier in TIERS
}
RECENT = """
    SELECT t, metric, satellite_id, n, sum
    FROM series JOIN satellite ON satellite.id = series.satellite JOIN sample_minute ON sample_minute.series = series.id
    WHERE node = (SELECT id FROM node WHERE name = ?) AND t >= ?
"""
_EVENT = "SELECT event.id, name, at, kind, severity, satellite, text FROM event LEFT JOIN node ON node.id = event.node"
_BEFORE = "(at, event.id) < (SELECT at, id FROM event WHERE id = ?)"
_NEWEST = "ORDER BY at DESC, event.id DESC LIMIT ?"
EVENTS = f"{_EVENT} {_NEWEST}"
EVENTS_BEFORE = f"{_EVENT} WHERE {_BEFORE} {_NEWEST}"
NODE_EVENTS = f"{_EVENT} WHERE event.node = (SELECT id FROM node WHERE name = ?) {_NEWEST}"
NODE_EVENTS_BEFORE = f"{_EVENT} WHERE event.node = (SELECT id FROM node WHERE name = ?) AND {_BEFORE} {_NEWEST}"
TEMPLATES = """
    SELECT level, logger, text, n, first_at, last_at FROM template
    WHERE node = (SELECT id FROM node WHERE name = ?) ORDER BY n DESC, last_at DESC LIMIT ?
"""
