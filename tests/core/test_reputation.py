from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.replay import API, FOLDERS

from storj_monitor.core import reputation
from storj_monitor.core.readings import SatelliteStatus, Window
from storj_monitor.core.reputation import Exit
from storj_monitor.sources import nodeapi_parse

HALF_DAY = 12 * 3600
NOW = 60 * HALF_DAY * 30 + 6 * 3600  # in the middle of a window


@pytest.mark.parametrize(
    ("score", "distance"), [(100, 0), (99, 25), (98, 50), (96.4, 90), (96, 100), (95.9, 100), (0, 100)]
)
def test_distance_to_disqualification(score: float, distance: float) -> None:
    assert reputation.audit_distance(score) == pytest.approx(distance)


@pytest.mark.parametrize(("score", "left"), [(100, 41), (98, 21), (96.05, 1), (96.1, 2), (96, 0), (95, 0), (0, 0)])
def test_failures_left(score: float, left: int) -> None:
    assert reputation.failures_left(score) == left


@given(st.floats(96.001, 100))
def test_failures_left_are_exactly_those_that_disqualify(score: float) -> None:
    """α + β = 1000; each failure: α = 0.999 α, β = 0.999 β + 1."""
    alpha, failed = score * 10, 0
    while alpha / 1000 > 0.96:
        alpha, failed = alpha * 0.999, failed + 1
    assert abs(reputation.failures_left(score) - failed) <= (alpha / 1000 > 0.96 - 1e-12)


NOTHING: dict[str, Any] = {"disqualified": None, "suspended": None, "vetted": None}


@pytest.mark.parametrize(
    ("dates", "version", "books", "state"),
    [
        ({"disqualified": 1, "suspended": 1, "vetted": 1}, "1.162.3", Exit(1, 1, 1), "disqualified"),
        ({"suspended": 1, "vetted": 1}, "1.162.3", Exit(1, 1, 1), "exited"),
        ({"suspended": 1, "vetted": 1}, "1.162.3", Exit(1, 1), "exiting"),
        ({"suspended": 1, "vetted": 1}, "1.162.3", Exit(1), "suspended"),
        ({"vetted": 1}, "1.162.3", Exit(1), "offline_suspended"),
        ({"vetted": 1}, "1.131.0", Exit(), "vetted"),
        ({}, "1.137.0", Exit(), "vetting"),
        ({}, "1.136.9", Exit(), "active"),
        ({}, "no version", Exit(), "active"),
    ],
)
def test_the_state_is_the_first_that_holds(dates: dict[str, int], version: str, books: Exit, state: str) -> None:
    assert reputation.state(SatelliteStatus("1x", "x:7777", **(NOTHING | dates)), version, books) == state


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_windows_of_real_nodes_give_the_score_of_their_satellites(folder: str, number: int) -> None:
    reading = nodeapi_parse.satellite((API / folder / f"satellite-{number}.json").read_bytes(), NOW)
    assert reading.scores.online == pytest.approx(reputation.online_score(reading.windows))


def test_online_score_by_hand() -> None:
    """1.121.8-offline, second satellite: 5-minute windows, the last one still running."""
    raw = json.loads((API / "1.121.8-offline" / "satellite-1.json").read_bytes())["auditHistory"]["windows"]
    windows = [Window(index, each["totalCount"], each["onlineCount"]) for index, each in enumerate(raw)]
    shares = [78 / 78, 446 / 446, 179 / 475, 600 / 637, 463 / 570, 0, 0, 0, 0, 0]  # and 0 / 23 running
    assert reputation.online_score(windows) == pytest.approx(100 * sum(shares) / 10)
    assert reputation.online_score(windows[:1]) == 100, "only the running one: as a new node"
    assert reputation.online_score([]) is None


def full(online: int = 10, away: int = 0) -> list[Window]:
    """30 days of windows up to the running one, the oldest `away` of them offline."""
    first = NOW // HALF_DAY - 60
    return [Window((first + index) * HALF_DAY, 10, 0 if index < away else online) for index in range(61)]


def test_downtime_left() -> None:
    # 60 windows at 100 %: 95 % are 57 windows, so 3 may be lost = 36 h; the 37th hour goes into the next window
    assert reputation.downtime_left(full(), NOW, 95) == 36
    # 24 of 60 may be lost until 60 %: 288 h
    assert reputation.downtime_left(full(), NOW, 60) == 288
    # nothing is left when the score is there already
    assert reputation.downtime_left(full(online=5), NOW, 60) == 0
    assert reputation.downtime_left([], NOW, 60) is None


def test_recovery() -> None:
    # 6 of the 60 windows were offline: 90 %. The oldest leaves first, one each 12 h; 95 % is there when 3 have left
    windows = full(away=6)
    assert reputation.online_score(windows) == pytest.approx(90)
    back = reputation.recovers_at(windows, NOW, 95)
    assert back is not None
    assert (back - NOW) / 3600 == 6 + 2 * 12
    assert reputation.recovers_at(windows, NOW, 90) is None
    assert reputation.recovers_at([], NOW, 90) is None


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=62),
    st.integers(0, 3 * HALF_DAY),
    st.floats(1, 100),
)
def test_recovery_and_downtime_always_end(shares: list[tuple[int, int]], later: int, limit: float) -> None:
    first = NOW // HALF_DAY - len(shares) + 1
    windows = [Window((first + i) * HALF_DAY, max(a, b), min(a, b)) for i, (a, b) in enumerate(shares)]
    back = reputation.recovers_at(windows, NOW + later, limit)
    assert back is None or NOW + later < back <= NOW + later + 62 * HALF_DAY
    left = reputation.downtime_left(windows, NOW + later, limit)
    assert left is None or 0 <= left <= 720


def test_vetting() -> None:
    day = 86400
    assert reputation.vetting(0, 10.5 * day) == (50, 21 * day)
    assert reputation.vetting(0, 10.5 * day, audits=25) == (25, 21 * day)
    assert reputation.vetting(0, 40 * day, audits=100).percent == 100
    assert reputation.vetting(50 * day, 40 * day, audits=0).percent == 0
