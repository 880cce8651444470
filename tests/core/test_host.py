"""Keys beside the console API, on readings made by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from storj_monitor.core import derive, host, metrics, metrics_host, readings_host
from storj_monitor.core.bodies import body_type
from storj_monitor.core.facts import Reading
from storj_monitor.core.readings import Body, NodeReading, SatelliteReading, SatelliteStatus, Scores
from storj_monitor.core.readings_host import (
    Book,
    BooksReading,
    ClockReading,
    ConfigReading,
    Counts,
    DebugReading,
    DebugSatellite,
    DnsReading,
    FilesystemReading,
    HealthReading,
    HealthStatus,
    HiddenReading,
    OrdersReading,
    ProcessReading,
    Times,
    Unsent,
    VersionsReading,
)
from storj_monitor.core.state import NodeState

NOW = 1_795_435_200
HOUR, DAY = 3600, 86_400
US1, EU1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"

BODIES: dict[str, Body] = {
    "health": HealthReading(at=NOW, healthy=False, satellites=(HealthStatus(US1, 88.5, None, NOW - 60),)),
    "debug": DebugReading(
        at=NOW,
        started=NOW - DAY,
        uploads=Counts(10, 8, 1, 1),
        downloads={"GET": Counts(5, 5)},
        upload_times=Times(0.0125, 0.08, 0.4),
        download_times=Times(0.02, 0.1, 0.5),
        readable=0.0312,
        writable=1.5,
        satellites=(
            DebugSatellite(US1, 1709, 1700, logs=1000, table=50, live=700, trash=100, reclaimable=200),
            DebugSatellite(EU1, 48, 48, logs=10, table=5, live=6, trash=1, reclaimable=3),
        ),
    ),
    "hidden": HiddenReading(at=NOW, since=NOW - HOUR, started=NOW - DAY, sums={"PUT": 2}, debts={"GET": -1}),
    "versions": VersionsReading(at=NOW, minimum="1.124.3", suggested="1.162.3", seed="", cursor="f" * 64),
    "clock": ClockReading(at=NOW, offset=-2.345, margin=0.6, reference="version.storj.io"),
    "filesystem": FilesystemReading(
        at=NOW,
        path="/mnt/a",
        present=True,
        total=8000,
        free=3000,
        read_only=False,
        mount="/mnt/a",
        device="/dev/sdb1",
        kind="ext4",
        verified=True,
        busy=12.5,
        wait=0.0085,
        ticks=(NOW, 1, 2, 3),
    ),
    "process": ProcessReading(at=NOW, pid=10, started=NOW - 7200, cpu_seconds=100, rss=5 << 20, cpu=3.25),
    "config": ConfigReading(at=NOW, log_level="error", log_custom_level="piecestore=FATAL", allocated=10**12),
    "orders": OrdersReading(at=NOW, satellites=(Unsent(US1, 3, 300, NOW - 5 * HOUR), Unsent(EU1, 1, 10, NOW - HOUR))),
    "dns": DnsReading(at=NOW, host="node.example.org", addresses=("203.0.113.7",)),
    "books": BooksReading(at=NOW, satellites=(Book(US1, offline_suspended=NOW - HOUR, audits=1600),)),
}


def known(**changes: Body | None) -> dict[str, Reading]:
    return {name: Reading(name, body.at, body) for name, body in (BODIES | changes).items() if body is not None}


def node(*statuses: SatelliteStatus) -> dict[str, Reading]:
    body = NodeReading(at=NOW, node_id=US1, version="1.160.2", version_minimum="1.100.0", satellites=statuses)
    return {"node": Reading("node", NOW, body)}


def test_every_reading_survives_the_store() -> None:
    assert BODIES.keys() == readings_host.BODIES.keys()
    for source, body in BODIES.items():
        kind = body_type(source)
        assert kind is type(body)
        assert msgspec.json.decode(msgspec.json.encode(body), type=kind) == body
    assert body_type("node") is NodeReading
    assert body_type("log") is None


def test_everything_is_there() -> None:
    assert host.node_values(known(), EU1, "1.160.2", NOW) == {
        "version_minimum": "1.124.3",
        "version_due": "1.162.3",
        "version_latest": "1.162.3",
        "rollout_percent": 100.0,
        "rollout_turn": pytest.approx(50, abs=50),
        "healthy": False,
        "upload_time": 0.0125,
        "upload_time_p90": 0.08,
        "download_time": 0.02,
        "download_time_p90": 0.1,
        "check_read_time": 0.0312,
        "check_write_time": 1.5,
        "hashstore_size": 1065,  # 1000 + 50 + 10 + 5
        "hashstore_live": 706,
        "hashstore_trash": 101,
        "hashstore_reclaimable": 203,
        "orders_unsent": 4,
        "orders_oldest": NOW - 5 * HOUR,
        "orders_unsent_bytes": 310,
        "log_level": "error",
        "log_custom_level": "piecestore=FATAL",
        "address_resolves": True,
        "filesystem_total": 8000,
        "filesystem_free": 3000,
        "storage_present": True,
        "storage_read_only": False,
        "storage_device": "/dev/sdb1",
        "disk_busy": 12.5,
        "disk_wait": 0.0085,
        "process_cpu": 3.25,
        "process_memory": 5 << 20,
        "clock_offset": -2.3,
    }


def test_every_key_has_its_row() -> None:
    rows = {row.key for row in metrics.NODE}
    values = NodeState("attic", has_log=True, has_api=True).payload(NOW)
    assert values.keys() <= rows
    assert {row.key for row in metrics_host.NODE} <= values.keys()
    satellite = NodeState("attic", has_log=True, has_api=True).satellite(US1, NOW)
    assert {row.key for row in metrics_host.SATELLITE} <= satellite.keys() <= {row.key for row in metrics.SATELLITE}


def test_nothing_known_is_null_everywhere() -> None:
    assert set(host.node_values({}, None, None, NOW).values()) == {None}
    assert set(host.satellite_values({}, US1, NOW).values()) == {None}
    foreign = {source: Reading(source, NOW, {"at": NOW}) for source in BODIES}
    assert set(host.node_values(foreign, None, None, NOW).values()) == {None}


@pytest.mark.parametrize(("source", "age"), host.MAX_AGE.items())
def test_a_value_without_its_answer_is_not_known_after_its_time(source: str, age: int) -> None:
    one = {source: Reading(source, NOW, BODIES[source])}
    before = host.node_values(one, EU1, "1.160.2", NOW + age) | host.satellite_values(one, US1, NOW + age)
    after = host.node_values(one, EU1, "1.160.2", NOW + age + 1) | host.satellite_values(one, US1, NOW + age + 1)
    assert any(value is not None for value in before.values())
    assert set(after.values()) == {None}


def test_the_node_s_own_minimum_comes_first() -> None:
    both = known() | node()
    assert host.node_values(both, US1, "1.160.2", NOW)["version_minimum"] == "1.100.0"
    assert derive.node_values(both, {}, NOW)["version_minimum"] == "1.100.0"


def test_a_name_without_an_address_and_a_folder_that_is_gone() -> None:
    bodies = known(
        dns=DnsReading(at=NOW, host="node.example.org"),
        filesystem=FilesystemReading(at=NOW, path="/mnt/a", present=False),
    )
    values = host.node_values(bodies, None, None, NOW)
    assert values["address_resolves"] is False
    assert [values[key] for key in ("storage_present", "filesystem_total", "filesystem_free")] == [False, None, None]


def test_no_orders_are_none_and_none_looked_at_is_null() -> None:
    none = host.node_values(known(orders=OrdersReading(at=NOW)), None, None, NOW)
    assert [none[key] for key in ("orders_unsent", "orders_unsent_bytes", "orders_oldest")] == [0, 0, None]
    assert host.node_values(known(orders=None), None, None, NOW)["orders_unsent"] is None


def test_the_values_of_a_satellite() -> None:
    values = host.satellite_values(known(), US1, NOW)
    assert values == {
        "audits": 1709,
        "hashstore_size": 1050,
        "hashstore_live": 700,
        "hashstore_trash": 100,
        "hashstore_reclaimable": 200,
        "orders_unsent": 3,
        "orders_oldest": NOW - 5 * HOUR,
        "offline_suspended": NOW - HOUR,
        "exit_started": None,
        "exit_finished": None,
    }
    assert host.satellite_values(known(debug=None), US1, NOW)["audits"] == 1600
    other = host.satellite_values(known(), "118UWpMCHzs6CvSgWd9BfFVjw5K9pZbJjkfZJexMtSkmKxvvAW", NOW)
    assert (other["orders_unsent"], other["hashstore_size"]) == (0, None)


@pytest.mark.parametrize(
    ("status", "book", "state"),
    [
        ({}, {}, None),
        ({}, {"offline_suspended": 5}, "offline_suspended"),
        ({"vetted": 1}, {"exit_started": 5}, "exiting"),
        ({"vetted": 1}, {"exit_started": 5, "exit_finished": 9}, "exited"),
        ({"suspended": 3}, {"offline_suspended": 5}, "suspended"),
        ({"disqualified": 3}, {"exit_finished": 5}, "disqualified"),
    ],
)
def test_the_state_by_api_and_databases(status: dict[str, Any], book: dict[str, Any], state: str | None) -> None:
    books = BooksReading(at=NOW, satellites=(Book(US1, **book),))
    bodies = known(books=books) | node(SatelliteStatus(US1, "us1.storj.io:7777", **status))
    assert host.satellite_values(bodies, US1, NOW).get("state") == state
    node_state = NodeState("attic", has_log=False, has_api=True)
    node_state.readings = bodies
    assert node_state.satellite(US1, NOW)["state"] == (state or "vetting")


def test_a_satellite_that_was_left_judges_no_more() -> None:
    statuses = (SatelliteStatus(US1, "us1.storj.io:7777"), SatelliteStatus(EU1, "eu1.storj.io:7777"))
    bodies = node(*statuses)
    for satellite, score in ((US1, 100.0), (EU1, 61.0)):
        body = SatelliteReading(at=NOW, satellite=satellite, scores=Scores("", score, score, score))
        bodies[f"satellite:{satellite}"] = Reading(f"satellite:{satellite}", NOW, body)
    assert derive.node_values(bodies, {}, NOW)["audit_score"] == 61
    left = BooksReading(at=NOW, satellites=(Book(EU1, exit_started=NOW - DAY, exit_finished=NOW - HOUR),))
    assert derive.node_values(bodies | {"books": Reading("books", NOW, left)}, {}, NOW)["audit_score"] == 100


def test_when_the_process_started_where_neither_api_nor_log_say() -> None:
    state = NodeState("attic", has_log=True, has_api=False)
    assert state.payload(NOW)["started"] is None
    state.readings = known(process=None)
    assert state.payload(NOW)["started"] == NOW - DAY
    state.readings = known(debug=None)
    assert state.payload(NOW)["started"] == NOW - 7200


def test_the_node_id_that_was_set_stands_in_for_one_that_nobody_tells() -> None:
    state = NodeState("attic", has_log=True, has_api=False, node_id=EU1)
    state.readings = known(process=None)
    assert state.payload(NOW)["node_id"] == EU1
    assert state.payload(NOW)["rollout_turn"] is not None
    state.readings |= node()
    assert state.payload(NOW)["node_id"] == US1
