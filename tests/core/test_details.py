"""What transfers tell beside their counts, from lines to facts."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from storj_monitor.core import sketch
from storj_monitor.core.facts import Batch
from storj_monitor.core.live import Place
from storj_monitor.core.logreader import LogReader

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"
NOON = 1_795_435_200
US1, EU1 = "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs"


def log(name: str) -> bytes:
    return gzip.decompress((LOGS / f"{name}.log.gz").read_bytes())


def line(at: int, message: str, piece: str, action: str = "GET", level: str = "INFO", **more: Any) -> bytes:
    hours, seconds = divmod(at, 3600)
    stamp = f"2026-11-23T{12 + hours:02d}:{seconds // 60:02d}:{seconds % 60:02d}Z"
    fields: dict[str, Any] = {"piece_id": piece.ljust(20, "A"), "satellite_id": US1, "action": action}
    fields |= {"offset": 0} if message.startswith("download") else {}
    if not message.endswith("started"):
        fields |= {"size": 1_000}
    payload = json.dumps(fields | {"remote_address": "1.1.1.1:9"} | more)
    return f"{stamp}\t{level}\tpiecestore\t{message}\t{payload}\n".encode()


def read(*lines: bytes, place: Any = None, cuts: tuple[int, ...] = ()) -> list[Batch]:
    """The batches of lines, read by a new reader after each cut as after a kill."""
    batches, carry = list[Batch](), b""
    for low, high in pairwise((0, *cuts, len(lines))):
        reader = LogReader("n", place)
        reader.restore(carry or None, None)
        reader.feed(b"".join(lines[low:high]), NOON)
        batches.append(reader.take())
        carry = batches[-1].carry or carry
    return batches


def sums(batches: list[Batch], *kinds: str) -> dict[tuple[str, int, str], tuple[int, int]]:
    """Tops of some kinds, added up as the store does it."""
    found: dict[tuple[str, int, str], tuple[int, int]] = {}
    for top in (top for batch in batches for top in batch.tops if top.kind in kinds):
        n, size = found.get((top.kind, top.at, top.item), (0, 0))
        found[top.kind, top.at, top.item] = n + top.n, size + top.bytes
    return found


def counts(batches: list[Batch], prefix: str) -> dict[tuple[str, str, int], int]:
    found: Counter[tuple[str, str, int]] = Counter()
    for sample in (sample for batch in batches for sample in batch.samples if sample.metric.startswith(prefix)):
        found[sample.metric, sample.satellite, sample.at] += sample.n
    return dict(found)


def durations(batches: list[Batch]) -> dict[tuple[str, int], sketch.Bins]:
    found: dict[tuple[str, int], sketch.Bins] = {}
    for spread in (spread for batch in batches for spread in batch.spreads):
        sketch.merge(found.setdefault((spread.metric, spread.at), {}), spread.bins)
    return found


def test_sizes_in_few_classes() -> None:
    sizes = [0, 1, 2047, 2048, 16383, 16384, 65_536, 262_144, 1_048_576, 2_097_152, 2_319_360, 1 << 70]
    lines = [line(at, "downloaded", str(at), size=size) for at, size in enumerate(sizes)]
    lines += [line(3_600, "upload canceled", "x", "PUT", size=7), line(3_601, "upload failed", "y", "PUT", error="eof")]
    found = {(metric, at - NOON): n for (metric, _, at), n in counts(read(*lines), "size:").items()}
    assert found == {
        ("size:GET:ok:2k", 0): 3,
        ("size:GET:ok:16k", 0): 2,
        ("size:GET:ok:64k", 0): 1,
        ("size:GET:ok:256k", 0): 1,
        ("size:GET:ok:1m", 0): 1,
        ("size:GET:ok:2m", 0): 1,
        ("size:GET:ok:max", 0): 3,
        ("size:PUT:canceled:2k", 3_600): 1,
        ("size:PUT:failed:2k", 3_600): 1,
    }


def test_hot_pieces_and_reasons_by_the_hour() -> None:
    lines = [line(at, "downloaded", "hot" if at % 3 == 0 else f"{at}", size=at) for at in range(9)]
    lines += [line(3_600 + at, "downloaded", "hot", size=5) for at in range(2)]
    lines += [line(3_700, "uploaded", "same", "PUT"), line(3_700, "uploaded", "same", "PUT")]
    reason = "downloaded size (10 bytes) does not match received message size (20 bytes)"
    lines += [line(20, "download canceled", "a", reason="context canceled"), line(21, "upload canceled", "b", "PUT")]
    lines += [line(22 + at, "download canceled", "c", reason=reason.replace("10", f"{at}1")) for at in range(3)]
    found = {
        (kind, at - NOON, item): sums for (kind, at, item), sums in sums(read(*lines), "pieces", "reasons").items()
    }
    shape = "downloaded size (<size>) does not match received message size (<size>)"
    assert found == {
        ("pieces", 0, "hot".ljust(20, "A")): (3, 9),
        ("pieces", 0, "c".ljust(20, "A")): (3, 3_000),
        ("pieces", 3_600, "hot".ljust(20, "A")): (2, 10),
        ("reasons", 0, "context canceled"): (1, 0),
        ("reasons", 0, shape): (3, 0),
        ("reasons", 0, "no reason logged"): (1, 0),
    }


def place(address: str) -> Place | None:
    """Where the test's clients live: by their port."""
    port = address.rpartition(":")[2]
    return {"1": (52.4, 4.9, "NL"), "2": (None, None, "CN"), "3": (35.7, 139.7, "JP")}.get(port)


def test_places_of_a_few_transfers_are_exact() -> None:
    lines = [line(at, "downloaded", f"{at}", size=10, remote_address=f"1.1.1.1:{at % 5}") for at in range(500)]
    found = {
        (kind, item): sums for (kind, _, item), sums in sums(read(*lines, place=place), "countries", "places").items()
    }
    assert found == {
        ("countries", "NL"): (100, 1_000),
        ("countries", "CN"): (100, 1_000),
        ("countries", "JP"): (100, 1_000),
        ("places", "52.4,4.9,NL"): (100, 1_000),
        ("places", "35.7,139.7,JP"): (100, 1_000),
    }
    assert not any("1.1.1.1" in item for _, item in found)


def test_places_of_many_transfers_are_a_sample_with_right_sums() -> None:
    asked = []

    def counting(address: str) -> Place | None:
        asked.append(address)
        return place(address)

    draw = random.Random(1)
    lines = [
        line(at // 20, "downloaded", f"{at}", size=10, remote_address=f"1.1.1.1:{draw.randint(1, 3)}")
        for at in range(40_000)
    ]
    found = sums(read(*lines, place=counting), "countries")
    assert len(asked) < 1_000
    assert sum(n for n, _ in found.values()) == 40_000, "each stands for those around it"
    assert sum(size for _, size in found.values()) == 400_000
    assert all(abs(n - 13_333) < 4_000 for n, _ in found.values())


# ---- durations ----

AUDITS = (
    line(0, "download started", "quick", "GET_AUDIT"),
    line(1, "download started", "slow", "GET_AUDIT"),
    line(2, "download started", "never", "GET_AUDIT"),
    line(3, "download started", "asleep", "GET_AUDIT"),
    line(4, "download started", "get"),
    line(4, "upload started", "put", "PUT"),
    line(4, "upload started", "lost", "PUT"),
    line(5, "downloaded", "get"),
    line(9, "uploaded", "put", "PUT"),
    line(9, "upload canceled", "lost", "PUT"),
    line(300, "downloaded", "quick", "GET_AUDIT"),
    line(302, "download canceled", "slow", "GET_AUDIT"),
    line(1_000, "uploaded", "unseen", "PUT"),
    line(4_000, "downloaded", "asleep", "GET_AUDIT"),
)


def told(batches: list[Batch]) -> tuple[Any, ...]:
    return (
        durations(batches),
        counts(batches, "audit_slow"),
        sums(batches, "slow", "reasons", "errors"),
        counts(batches, "size:"),
        counts(batches, "log_lines"),
    )


def test_durations_where_start_lines_are() -> None:
    spreads, slow, tops, _, _ = told(read(*AUDITS))
    assert spreads == {
        ("duration:GET", NOON): {sketch.bin_of(1): 1},
        ("duration:PUT", NOON): {sketch.bin_of(5): 1},
        ("duration:GET_AUDIT", NOON): {sketch.bin_of(300): 1},
        ("duration:GET_AUDIT", NOON + 3_600): {sketch.bin_of(3_997): 1},
    }
    assert slow == {("audit_slow", US1, NOON + 300): 3}, "in the minute in which their time was over"
    words = sorted((*item.split("\t")[1:3], n) for (kind, _, item), (n, _) in tops.items() if kind == "slow")
    assert words == [
        ("GET_AUDIT", "canceled", 301),
        ("GET_AUDIT", "ok", 300),
        ("GET_AUDIT", "ok", 3_997),
        ("PUT", "canceled", 5),
        ("PUT", "ok", 5),
    ]


@pytest.mark.parametrize("cut", range(len(AUDITS) + 1))
def test_a_kill_between_any_two_lines_changes_nothing(cut: int) -> None:
    assert told(read(*AUDITS, cuts=(cut,))) == told(read(*AUDITS))
    assert told(read(*AUDITS, cuts=tuple(range(1, len(AUDITS))))) == told(read(*AUDITS))


def test_what_a_restart_of_the_node_cut_off_is_not_slow() -> None:
    started = f"2026-11-23T12:01:00Z\tINFO\tNode {'1' * 50} started\n".encode()
    lines = (line(0, "download started", "a", "GET_AUDIT"), started, line(900, "downloaded", "b"))
    assert counts(read(*lines), "audit_slow") == {}
    assert counts(read(*lines, cuts=(2,)), "audit_slow") == {}


def test_a_carry_of_the_first_version_has_no_seconds() -> None:
    reader = LogReader("n")
    reader.feed(line(0, "upload started", "old", "PUT"), NOON)
    carry = reader.take().carry
    assert carry is not None
    old = carry.replace(b"\xa5began\x91\xce" + (NOON).to_bytes(4), b"\xa5began\x90")
    assert old != carry
    again = LogReader("n")
    again.restore(old, None)
    again.feed(line(9, "uploaded", "old", "PUT"), NOON)
    batch = again.take()
    assert not batch.spreads
    assert [(tally.action, tally.count) for tally in batch.tallies] == [("PUT", 1)]


@pytest.mark.parametrize(
    "name", ["1.98.3-busy-info-console", "1.115.6-busy-info-console", "1.162.3-busy-debug-console"]
)
def test_real_logs_with_start_lines(name: str) -> None:
    data = log(name)
    lines = tuple(data.splitlines(keepends=True))
    whole = told(read(*lines))
    spreads = whole[0]
    measured = sum(n for bins in spreads.values() for n in bins.values())
    finished = sum(tally.count for batch in read(*lines) for tally in batch.tallies if tally.outcome == "ok")
    assert measured > 0.9 * finished, "nearly every transfer that finished has its start line"
    assert all((sketch.quantile(bins, 0.5) or 0) < 60 for bins in spreads.values())
    step = len(lines) // 7
    assert told(read(*lines, cuts=tuple(range(step, len(lines), step)))) == whole


def test_errors_by_the_hour_are_those_that_are_counted() -> None:
    batches = read(*log("1.162.3-trouble-info-console").splitlines(keepends=True))
    listed = sum(n for n, _ in sums(batches, "errors").values())
    counted = sum(counts(batches, "errors").values())
    assert listed == counted > 0
