"""What the rules say of recorded nodes: every log and every API folder there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from storj_monitor.core.errors import MonitorError
from storj_monitor.core.readings import Body
from storj_monitor.replay import Replay, events, read_folder

NOON = 1_795_435_200
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


# ---- time ----

HOUR = 3600


def transfer(at: int) -> bytes:
    fields = f'"piece_id": "{"A" * 52}", "satellite_id": "{ONE}", "action": "GET", "offset": 0, "size": 256'
    time = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = f'{time}\tINFO\tpiecestore\tdownloaded\t{{"process": "storagenode", {fields}, "remote_address": "a:1"}}\n'
    return line.encode()


def told_of(*logs: Path, api: Sequence[Body] = ()) -> list[tuple[int, str, str]]:
    replay = Replay("attic", has_log=True, api=api)
    return [(each["at"], each["type"], each["rule"]) for each in events(replay.logs([str(log) for log in logs]))]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pause_is_told_where_it_is_and_the_end_is_none(tmp_path: Path, *, wrapped: bool) -> None:
    times = [*range(NOON, NOON + HOUR, 300), *range(NOON + 4 * HOUR, NOON + 5 * HOUR, 300)]
    lines = [transfer(at) for at in times]
    if wrapped:
        lines = [msgspec.json.encode({"log": line.decode(), "stream": "stderr", "time": ""}) + b"\n" for line in lines]
    (tmp_path / "node.log").write_bytes(b"".join(lines))
    silent = NOON + HOUR - 300 + 75 * 60
    opened, closed = told_of(tmp_path / "node.log")
    assert opened == (silent, "open", "node_silent")
    assert closed[1:] == ("close", "node_silent")
    assert times[12] <= closed[0] <= times[12] + 600, "with the lines after it"


def test_lines_far_apart_are_no_pause(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_bytes(b"".join(map(transfer, range(NOON, NOON + 30 * HOUR, HOUR))))
    assert told_of(tmp_path / "node.log") == []


def test_files_follow_each_other_and_are_one_log(tmp_path: Path) -> None:
    for name, begin in (("old.log", NOON), ("new.log", NOON + HOUR)):
        (tmp_path / name).write_bytes(b"".join(map(transfer, range(begin, begin + HOUR, 60))))
    assert told_of(tmp_path / "old.log", tmp_path / "new.log") == []


def test_an_hour_of_a_log_beside_an_api_folder_raises_what_both_show(tmp_path: Path) -> None:
    bodies = read_folder(REAL / "api/1.142.7-suspended")
    at = max(body.at for body in bodies)
    (tmp_path / "node.log").write_bytes(b"".join(map(transfer, range(at - HOUR, at + HOUR, 60))))
    told = told_of(tmp_path / "node.log", api=bodies)
    assert {rule for _, _, rule in told} == {"suspended", "online_score"}
    assert all(at <= when <= at + 120 for when, _, _ in told), "from the folder's time on, not before"


def test_what_is_no_folder_of_answers_is_said(tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match="no folder of recorded answers"):
        read_folder(tmp_path)
