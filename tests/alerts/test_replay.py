"""What the rules say of recorded nodes: every log and every API folder there is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from storj_monitor.replay import Replay, events, read_folder

REAL = Path(__file__).parents[1] / "fixtures/real"
ONE, TWO = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"
BOTH = (ONE, TWO)
AWAY = {"online_score": "warning"}
"""These nodes had really been away before."""
UNREADABLE = {"piece_damaged": "critical", "disk_failing": "critical", "audit_failed": "warning"}
"""A tenth of the pieces was made unreadable: some too short, some no files."""

LOGS: dict[str, dict[str, str]] = {
    "1.98.3-busy-info-console": {},
    "1.98.3-busy-info-json": AWAY,
    "1.104.5-busy-debug-console": AWAY,
    "1.115.6-busy-info-console": UNREADABLE,
    "1.115.6-trouble-info-console": {**AWAY, "piece_damaged": "critical", "node_refuses_to_start": "critical"},
    "1.121.8-busy-debug-console": {"piece_damaged": "critical"},
    "1.137.5-busy-info-console": {},
    "1.137.5-trouble-info-console": {**AWAY, "database_locked": "warning"},
    "1.145.3-busy-info-console": {},
    "1.145.3-repair-info-console": AWAY,
    "1.146.10-busy-info-console": {},
    "1.146.10-busy-info-gcloudlogging": AWAY,
    "1.162.3-busy-debug-console": AWAY,
    "1.162.3-busy-info-console": {},
    "1.162.3-busy-info-json": AWAY,
    "1.162.3-busy-info-pretty": {},
    "1.162.3-rejected-info-console": AWAY,
    "1.162.3-trouble-info-console": {**AWAY, "piece_lost": "critical", "audit_score": "critical"},
    "1.162.3-updater-info-console": {},
}
"""Log → rule → the worst that it came to."""

FOLDERS: dict[str, dict[str, str]] = {
    "1.98.3-healthy": {},
    "1.98.3-payouts": AWAY,
    "1.115.6-healthy": {},
    "1.121.8-offline": {"online_score": "critical"},
    "1.121.8-overused": {**AWAY, "disk_overused": "critical"},
    "1.137.5-healthy": {},
    "1.142.7-suspended": {**AWAY, "suspended": "critical"},
    "1.145.3-healthy": {},
    "1.145.3-repair-payouts": AWAY,
    "1.146.10-healthy": {},
    "1.162.3-disqualified": {"disqualified": "critical"},
    "1.162.3-hashstore-payouts": AWAY,
    "1.162.3-healthy": {},
}


def replayed(log: str | None = None, api: str | None = None) -> list[dict[str, Any]]:
    bodies = read_folder(REAL / "api" / api) if api else []
    replay = Replay("attic", has_log=log is not None, api=bodies)
    return list(events(replay.logs([str(REAL / "logs" / f"{log}.log.gz")]) if log else replay.api()))


def worst(told: list[dict[str, Any]]) -> dict[str, str]:
    """Rule → its last word; a severity never falls within these short logs."""
    return {event["rule"]: event["severity"] for event in told}


def test_every_recorded_node_is_in_the_tables() -> None:
    assert {path.name.removesuffix(".log.gz") for path in (REAL / "logs").glob("*.log.gz")} == LOGS.keys()
    assert {path.name for path in (REAL / "api").iterdir()} == FOLDERS.keys()


@pytest.mark.parametrize("log", LOGS)
def test_a_log_raises_what_was_wrong_and_nothing_else(log: str) -> None:
    told = replayed(log)
    assert worst(told) == LOGS[log]
    assert [event["at"] for event in told] == sorted(event["at"] for event in told)
    opened = [event["id"] for event in told if event["type"] == "open"]
    assert len(opened) == len(set(opened)), "the end of a file neither closes nor raises anything"
    assert not any(event["type"] == "close" for event in told)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_recorded_state_raises_what_it_shows_and_nothing_else(folder: str) -> None:
    told = replayed(api=folder)
    assert worst(told) == FOLDERS[folder]
    assert all(event["type"] == "open" for event in told), "one state, held for a day, opens once and changes nothing"


def test_the_lost_pieces_are_told_for_both_satellites() -> None:
    told = {event["rule"]: event for event in replayed("1.162.3-trouble-info-console")}
    assert set(told["piece_lost"]["satellites"]) == set(told["audit_score"]["satellites"]) == set(BOTH)


def test_the_missing_verification_file_is_named_when_it_stops_the_node() -> None:
    told = replayed("1.115.6-trouble-info-console")
    order = [event["rule"] for event in told if event["type"] == "open"]
    assert order.index("piece_damaged") < order.index("node_refuses_to_start")
    assert "verification file" in told[-1]["text"]
    assert told[-1]["at"] == 1795420090, "at the line that says so"


def test_the_satellite_that_was_away_for_a_minute_is_no_alert() -> None:
    told = replayed("1.137.5-trouble-info-console")
    assert "satellite_unreachable" not in worst(told)
    assert len([event for event in told if event["rule"] == "database_locked"]) == 1
