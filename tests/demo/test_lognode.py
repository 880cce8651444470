"""The simulated node's log: the same bytes for the same seed, real shapes, its own truth."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.demo.helpers import START, booked, counted, real_lines, shapes, text

from storj_monitor.core import gotext
from storj_monitor.demo.identity import SATELLITES
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.places import lookup
from storj_monitor.demo.trouble import TROUBLES, Change, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

HOUR, DAY = 3600, 86_400
NEW, OLD = "1.162.3", "1.142.7"


def node(version: str = NEW, **options: Any) -> SimulatedNode:
    return SimulatedNode(options.pop("seed", 1), start=START, version=version, **options)


def now(name: str) -> Trouble:
    """The trouble, from the start on."""
    return msgspec.structs.replace(TROUBLES[name], starts=600.0)


def of(lines: Iterable[str], message: str) -> list[str]:
    return [line for line in lines if f"\t{message}\t" in line]


@pytest.mark.parametrize("version", [NEW, OLD])
def test_the_seed_decides_every_byte(version: str) -> None:
    first, again = (b"".join(node(version, trouble="benign_noise").lines(START, START + 7 * HOUR)) for _ in range(2))
    assert first == again
    assert first != b"".join(node(version, trouble="benign_noise", seed=2).lines(START, START + 7 * HOUR))


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(START, START + 900), max_size=8))
def test_how_the_time_is_cut_does_not_matter(cuts: list[float]) -> None:
    whole = list(node(rate=2.3).lines(START, START + 900))
    edges = [START, *sorted(cuts), START + 900]
    sliced = node(rate=2.3)
    assert [line for begin, end in pairwise(edges) for line in sliced.lines(begin, end)] == whole
    by_second = node(rate=2.3)
    assert [line for lines in by_second.seconds(START, START + 900) for line in lines] == whole


@pytest.mark.parametrize("version", [NEW, OLD, "1.121.8", "1.116.0"])
def test_truth_is_what_an_independent_count_finds(version: str) -> None:
    some_lost = msgspec.structs.replace(now("audits_fail"), change=Change(lost=0.01))
    simulated = node(version, rate=6, trouble=("benign_noise", some_lost))
    lines = text(simulated.lines(START, START + 5 * HOUR))
    assert counted(lines) == simulated.truth
    assert len(lines) == simulated.lines_written
    assert sum(tally[0] for tally in simulated.truth.values()) == simulated.transfers > 80_000
    actions = {(satellite, action) for satellite, action, _ in simulated.truth if satellite}
    assert len(actions) == 5 * len(SATELLITES)
    assert {outcome for _, _, outcome in simulated.truth} >= {"ok", "canceled", "failed"}


def test_a_node_at_level_debug_logs_starts_and_so_how_long_it_took() -> None:
    simulated = node(rate=6, level="debug")
    lines = text(simulated.lines(START, START + 2 * HOUR))
    assert counted(lines) == simulated.truth, "what is still under way is not counted"
    started = [line for line in lines if " started\t" in line and "\tDEBUG\tpiecestore\t" in line]
    begun: dict[str, list[str]] = {}
    for line in started:
        begun.setdefault(json.loads(line.split("\t")[-1])["piece_id"], []).append(line[:20])
    took = []
    for line in of(lines, "downloaded") + of(lines, "uploaded"):
        times = begun[json.loads(line.split("\t")[-1])["piece_id"]]
        if len(times) == 1:  # hot pieces come again
            took.append((datetime.fromisoformat(line[:20]) - datetime.fromisoformat(times[0])).total_seconds())
    assert min(took) == 0
    assert sorted(took)[len(took) // 2] <= 1
    assert 5 < sorted(took)[len(took) * 99 // 100] < 60
    quiet = text(node(rate=6).lines(START, START + 2 * HOUR))
    assert not [line for line in quiet if "\tDEBUG\t" in line]
    assert len(quiet) == pytest.approx(len(lines) - len(started), rel=0.01)


def test_a_compaction_is_under_way_for_as_long_as_it_says() -> None:
    large = node(rate=0.05, allocated=80_000_000_000_000)
    lines = [line for line in text(large.lines(START, START + 2 * DAY)) if "\thashstore\t" in line]
    begun = {}
    spans = []
    for line in lines:
        fields = json.loads(line.split("\t")[-1])
        key = (fields["satellite"], fields.get("store"))
        if "\tbeginning compaction\t" in line:
            begun[key] = datetime.fromisoformat(line[:20])
        elif "\tfinished compaction\t" in line:
            spans.append((datetime.fromisoformat(line[:20]) - begun[key], fields["duration"]))
    assert len(spans) == 16
    for took, said in spans:
        assert took.seconds == pytest.approx(gotext.plain(said), abs=1)
    assert max(took for took, _ in spans).seconds > 30
    assert any("\trecords rewritten\t" in line for line in lines)


@pytest.mark.parametrize("version", [NEW, "1.121.8"])
def test_rejections_have_no_satellite_and_count(version: str) -> None:
    simulated = node(version, rate=0.02, trouble="benign_noise")
    lines = text(simulated.lines(START, START + 5 * DAY))
    rejected = of(lines, "upload rejected, too many requests")
    assert len(rejected) == simulated.truth["", "PUT", "rejected"][0] > 3
    assert counted(lines) == simulated.truth
    assert {line.split("\t")[1] for line in rejected} == {"INFO" if version == NEW else "ERROR"}


@pytest.mark.parametrize("version", [NEW, OLD])
def test_lines_come_in_order_and_from_everywhere(version: str) -> None:
    lines = text(node(version).lines(START, START + DAY))
    times = [line[:20] for line in lines]
    assert times == sorted(times)
    assert times[0] == "2026-11-23T00:00:00Z"
    assert times[-1] == "2026-11-23T23:59:59Z"
    places = {lookup(line.rsplit("emote", 1)[1].split('"')[2]) for line in of(lines, "uploaded")}
    assert None not in places
    assert len(places) > 60


def test_shares_are_those_of_real_nodes() -> None:
    truth = node(rate=20).truth
    assert truth == {}
    simulated = node(rate=20)
    list(simulated.seconds(START, START + 2 * HOUR))
    sums: dict[tuple[str, str], int] = {}
    for (_, action, outcome), (count, _) in simulated.truth.items():
        sums[action, outcome] = sums.get((action, outcome), 0) + count
    ok = {action: sums[action, "ok"] for action in ("GET", "PUT", "GET_AUDIT", "GET_REPAIR", "PUT_REPAIR")}
    whole = {action: sum(n for (a, _), n in sums.items() if a == action) for action in ok}
    assert 0.9 < ok["GET"] / whole["GET"] < 0.99
    assert 0.97 < ok["PUT"] / whole["PUT"] < 0.998
    assert ("GET_AUDIT", "failed") not in sums
    assert ok["GET_AUDIT"] / whole["GET_AUDIT"] > 0.95


REAL = {
    NEW: ("busy-info", "busy-debug", "trouble-info", "rejected-info", "updater-info"),
    OLD: ("1.137.5-busy-info", "1.137.5-trouble-info", "1.145.3-busy-info", "1.145.3-repair-info"),
}
NOT_RECORDED = {
    "finished", "failed to settle orders for satellite", "unexpected shutdown of a runner", "failure during run",
    "Unrecoverable error", "processed a bunch of pieces", "Downloading versions.", "Current binary version",
    "Version is up to date", "unable to delete piece", "upload rejected, too many requests", "upload failed",
    "Could not persist bandwidth cache to db", "error persisting cache totals to the database: ",
    "Your node is still considered to be online but encountered an error.",
}  # fmt: skip
"""Messages that no recorded log of one of the eras has; their shape is that of storagenode.md alone."""


@pytest.mark.parametrize("version", [NEW, OLD])
def test_every_line_has_the_shape_of_a_real_one(version: str) -> None:
    real = shapes(real_lines(*(f"{name if name[0] == '1' else f'{version}-{name}'}-console" for name in REAL[version])))
    runs = [(node(version, rate=0.03), 8 * DAY)]
    runs += [(node(version, level="debug"), HOUR)] if version == NEW else []
    runs += [(node(version, trouble=now(name)), 5 * HOUR) for name in TROUBLES if name != "full"]
    written = shapes(line for each, span in runs for line in text(each.lines(START, START + span)))
    for key, orders in written.items():
        if key[2] not in NOT_RECORDED:
            assert orders <= real.get(key, set()), key
    recorded = [key for key in written if key in real]
    assert len(recorded) > (40 if version == NEW else 45)


def test_error_fields_are_those_of_real_nodes() -> None:
    """Text and stack of the errors that a recorded log has, word for word."""
    real = {
        json.loads(line.split("\t")[-1])["errorVerbose"]
        for line in of(real_lines("1.162.3-trouble-info-console"), "download failed")
    }
    lines = text(node(trouble=now("audits_fail")).lines(START, START + HOUR))
    lost = [line for line in of(lines, "download failed") if "does not exist" in line]
    assert len(lost) > 100
    assert {json.loads(line.split("\t")[-1])["errorVerbose"] for line in lost} <= real


def test_json_encoding_says_the_same() -> None:
    options: dict[str, Any] = {"rate": 2, "trouble": "benign_noise"}
    console = text(node(**options).lines(START, START + HOUR))
    flat = text(node(encoding="json", **options).lines(START, START + HOUR))
    assert len(console) == len(flat)
    for line, other in zip(console, flat, strict=True):
        parts, entry = line.split("\t"), json.loads(other)
        assert [entry.pop("T"), entry.pop("L")] == parts[:2]
        assert [*([entry.pop("N")] if "N" in entry else []), entry.pop("M")] == parts[2:-1]
        assert entry == json.loads(parts[-1])


def test_start_stop_and_start_again() -> None:
    simulated = node(rate=5)
    lines = text(simulated.lines(START, START + 100.3))
    stopped = text(simulated.stop(START + 100.3))
    assert stopped[0].split("\t")[2] == 'Got a signal from the OS: "terminated"'
    assert counted(lines + stopped) == simulated.truth
    assert not simulated.up
    assert simulated.stop(START + 101) == []
    again = text(simulated.lines(START + 500, START + 600))
    assert again[0].startswith("2026-11-23T00:08:20Z\tINFO\tConfiguration loaded")
    assert len(of(again, f"Node {simulated.node_id} started")) == 1
    assert simulated.started_at == START + 500


def test_a_gap_is_silence_and_missed_audits() -> None:
    simulated = node(rate=5)
    list(simulated.lines(START, START + 60))
    before = simulated.transfers
    resumed = text(simulated.lines(START + 3 * DAY, START + 3 * DAY + 60))
    assert not of(resumed, "Configuration loaded")
    assert simulated.transfers - before < 600
    assert all(account.standing.online_score(int(START + 3 * DAY)) < 0.95 for account in simulated.accounts)


def test_lost_pieces_end_in_disqualification_and_silence() -> None:
    simulated = node(rate=4, trouble=now("audits_fail"))
    lines = text(simulated.lines(START, START + DAY))
    for account in simulated.accounts:
        at = account.standing.disqualified
        assert at is not None
        assert account.standing.heard is not None
        assert account.standing.heard.audit == account.standing.audit_score <= 0.96
        failed = [
            line for line in of(lines, "download failed") if account.satellite.id in line and "does not exist" in line
        ]
        assert sum("GET_AUDIT" in line for line in failed) > 10
        last = max(line[:20] for line in lines if account.satellite.id in line and '"action"' in line)
        assert last <= max(line[:20] for line in failed)
        assert last.startswith("2026-11-23")
    assert len(of(lines, "node scores worsened")) >= len(simulated.accounts)
    assert not any("disqualified" in line for line in lines)


def test_a_dying_disk_takes_the_node_with_it() -> None:
    simulated = node(rate=4, trouble=now("disk_dies"))
    lines = text(simulated.lines(START, START + 6 * HOUR))
    assert not simulated.up
    assert sum("input/output error" in line for line in lines) > 100
    assert len(of(lines, "Unrecoverable error")) == len(of(lines, "unexpected shutdown of a runner")) == 4
    assert "\tFATAL\tUnrecoverable error\t" in lines[-1]
    assert "timed out after 1m0s while verifying readability of storage directory" in lines[-1]
    bare = text(node(rate=1, output="stderr", trouble=now("disk_dies")).lines(START, START + HOUR))
    assert bare[-1].startswith("Error: piecestore monitor: timed out")


def test_an_offline_node_counts_its_attempts_and_comes_back() -> None:
    trouble = msgspec.structs.replace(now("offline"), lasts=26.0 * HOUR)
    simulated = node(rate=1, trouble=trouble)
    lines = text(simulated.lines(START, START + 600 + 25 * HOUR))
    assert START < (simulated.last_contact or 0) < START + 700
    pings = of(lines, "ping satellite failed ")
    first = [json.loads(line.split("\t")[-1])["attempts"] for line in pings if SATELLITES[0].id in line][:13]
    assert first == [*range(1, 13), 1]
    assert len(of(lines, "retries timed out for this cycle")) >= 4 * 24
    assert not [line for line in of(lines, "downloaded") if line[:20] > "2026-11-23T00:10:00Z"]
    back = text(simulated.lines(START + 600 + 25 * HOUR, START + 2 * DAY))
    assert len(of(back, "downloaded")) > 1000
    assert any('"online_score_delta": -0.0' in line for line in of(back, "node scores worsened"))
    assert all(account.standing.online_score(int(START + 2 * DAY)) < 0.99 for account in simulated.accounts)


def test_locked_databases_book_and_settle_nothing() -> None:
    simulated = node(rate=2, trouble=now("orders_locked"))
    lines = text(simulated.lines(START, START + 5 * HOUR))
    assert not of(lines[1000:], "Persisting bandwidth usage cache to db")
    assert len(of(lines, "failed to settle orders for satellite")) == len(of(lines[1000:], "finished")) > 12
    assert sum("database is locked" in line for line in lines) >= 8
    assert len(of(lines, "uploaded")) > 5000


def test_a_full_node_takes_nothing() -> None:
    simulated = node(rate=3, trouble="full")
    list(simulated.lines(START, START + HOUR))
    assert {action for _, action, _ in simulated.truth} == {"GET", "GET_AUDIT", "GET_REPAIR"}


def test_a_restart_loop_says_nothing_of_its_deaths() -> None:
    simulated = node(trouble=now("restart_loop"))
    lines = text(simulated.lines(START, START + 3 * HOUR))
    assert 20 < len(of(lines, "Configuration loaded")) == len(of(lines, f"Node {simulated.node_id} started")) < 30
    assert not any("Got a signal" in line or "failure during run" in line for line in lines)
    assert simulated.up


def test_a_node_that_refuses_to_start_never_gets_as_far_as_its_id() -> None:
    simulated = node(trouble=now("refuses_to_start"))
    lines = text(simulated.lines(START, START + 2 * HOUR))
    assert len(of(lines, f"Node {simulated.node_id} started")) == 1
    assert len(of(lines, "failure during run")) > 90
    assert "database disk image is malformed" in lines[-1]


def test_nonsense_is_refused() -> None:
    for wrong in ({"version": "1.90.1"}, {"version": "v1.162.3"}, {"encoding": "pretty"}, {"trouble": "fire"}):
        with pytest.raises(ValueError, match=r"\w"):
            SimulatedNode(1, start=START, **wrong)  # type: ignore[arg-type]


def test_troubles_of_ones_own_combine() -> None:
    mine = Trouble(name="mine", text="", starts=0, change=Change(lost=0.5))
    simulated = node(rate=2, trouble=[mine, "full"])
    lines = text(simulated.lines(START, START + HOUR))
    assert not of(lines, "uploaded")
    assert of(lines, "download failed")


def test_booked_traffic_is_the_traffic_of_the_log() -> None:
    simulated = node(rate=5, joined=START, updater=False)
    lines = text(simulated.lines(START, START + 30 * HOUR))
    flushes = [index for index, line in enumerate(lines) if "Persisting bandwidth usage cache" in line]
    days = simulated.ledger.daily
    ingress = sum(row[0] + row[1] for rows in days.values() for row in rows)
    egress = sum(row[2] + row[3] + row[4] for rows in days.values() for row in rows)
    assert (ingress, egress) == booked(lines[: flushes[-1]])
    assert len(days) == 2
