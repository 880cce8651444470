"""The reader over logs of real nodes; an independent program counted them (tests/fixtures/real/README.md)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core.facts import Batch, LogReading
from storj_monitor.core.logreader import LogReader

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"
SHARED = Path(__file__).parents[3] / "shared/fixtures/logs"
FOLDERS = [LOGS, *([SHARED] if SHARED.is_dir() else [])]
TRUTHS = {
    path.name.removesuffix(".truth.json"): path for folder in FOLDERS for path in sorted(folder.glob("*.truth.json"))
}
CONSOLE = (
    "1.98.3-busy-info-console",
    "1.121.8-busy-debug-console",
    "1.145.3-busy-info-console",
    "1.162.3-busy-info-console",
)

Counts = dict[tuple[str, str, str], tuple[int, int]]


@cache
def log(name: str) -> bytes:
    return gzip.decompress(TRUTHS[name].with_name(f"{name}.log.gz").read_bytes())


@cache
def truth(name: str) -> Any:
    return json.loads(TRUTHS[name].read_text())


def wanted(name: str) -> Counts:
    rows = truth(name)["transfers"]
    return {(row["satellite"], row["action"], row["outcome"]): (row["count"], row["bytes"]) for row in rows}


def counts(*batches: Batch) -> Counts:
    found: Counts = {}
    for tally in (tally for batch in batches for tally in batch.tallies):
        key = (tally.satellite, tally.action, tally.outcome)
        count, size = found.get(key, (0, 0))
        found[key] = (count + tally.count, size + tally.bytes)
    return found


def test_the_recordings_are_there() -> None:
    assert len(TRUTHS) >= 17, f"no recordings in {LOGS}"


@pytest.mark.parametrize("name", TRUTHS)
def test_transfers_equal_the_truth(name: str) -> None:
    reader = LogReader("n")
    reader.feed(log(name), 0)
    assert (reader.lines, reader.understood) == (truth(name)["lines"], truth(name)["lines"])
    batch = reader.take()
    assert counts(batch) == wanted(name)
    assert sum(each.n for each in batch.samples if each.metric == "log_lines") == truth(name)["lines"]


@pytest.mark.parametrize(
    "name", ["1.98.3-busy-info-console", "1.104.5-busy-debug-console", "1.162.3-busy-debug-console"]
)
def test_open_and_lost_pieces_survive_a_restart_after_any_line(name: str) -> None:
    lines, batches = log(name).splitlines(keepends=True), list[Batch]()
    carry: bytes | None = None
    latest: LogReading | None = None
    for at in range(0, len(lines), 37):
        reader = LogReader("n")
        reader.restore(carry, latest)
        reader.feed(b"".join(lines[at : at + 37]), 0)
        batch = reader.take()
        batches.append(batch)
        carry = batch.carry or carry
        latest = batch.readings[0].body  # type: ignore[union-attr]
    assert counts(*batches) == wanted(name)


@pytest.mark.parametrize("name", CONSOLE)
@pytest.mark.parametrize("key", ["piece", "satellite", "action", "size"])
def test_a_rename_of_a_key_moves_what_is_understood(name: str, key: str) -> None:
    spellings = {"piece": (b"piece_id", b"Piece ID"), "satellite": (b"satellite_id", b"Satellite ID")}
    text = log(name)
    for spelling in spellings.get(key, (key.encode(), key.title().encode())):
        text = text.replace(b'"' + spelling + b'": ', b'"renamed thing": ')
    reader = LogReader("n")
    reader.feed(text, 0)
    transfers = sum(row["count"] for row in truth(name)["transfers"])
    assert reader.lines - reader.understood > transfers * 0.5


PREFIXES: dict[str, Callable[[bytes], bytes]] = {
    "docker --timestamps": lambda line: b"2026-11-23T07:40:00.123456789Z " + line,
    "glued": lambda line: b"2025-10-02 01:26:34.282196+00:00" + line,
    "compose": lambda line: b"storagenode  | " + line,
    "syslog": lambda line: b"Nov 23 07:40:00 host storagenode[7]: " + line.replace(b"\t", b"#011"),
    "spaces": lambda line: line.replace(b"\t", b"    "),
    "docker json-file": lambda line: json.dumps(
        {"log": line.decode() + "\n", "stream": "stderr", "time": "x"}
    ).encode(),
    "docker json-file, split": lambda line: b"\n".join(
        json.dumps({"log": part, "stream": "stderr", "time": "x"}).encode()
        for part in (line.decode()[:30], line.decode()[30:] + "\n")
    ),
    "CRLF": lambda line: line + b"\r",
    "NUL before": lambda line: b"\0" * 512 + line,
}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ["1.98.3-busy-info-console", "1.162.3-busy-info-console"])
def test_what_the_transport_glues_on_changes_no_count(name: str, prefix: str) -> None:
    reader = LogReader("n")
    reader.feed(b"".join(PREFIXES[prefix](line) + b"\n" for line in log(name).split(b"\n")[:-1]), 0)
    assert counts(reader.take()) == wanted(name)


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        ("2026-01-20T10:11:12Z", 1768903872),
        ("2026-01-20T12:11:12+02:00", 1768903872),
        ("2023-06-07T17:25:12.009+0200", 1686151512),
        ("2023-06-07T15:25:12.009Z", 1686151512),
        ("2026-10-25T02:30:00+02:00", 1792888200),
        ("2026-10-25T02:30:00+01:00", 1792891800),
    ],
)
def test_every_form_of_a_timestamp(stamp: str, at: int) -> None:
    reader = LogReader("n")
    payload = '{"process":"storagenode","piece_id":"A","satellite_id":"S","action":"PUT","remote_address":"","size":1}'
    reader.feed(f"{stamp}\tINFO\tpiecestore\tuploaded\t{payload}\n".encode(), 0)
    batch = reader.take()
    assert batch.tallies[0].minute == at - at % 60
    assert batch.readings[0].at == at


@settings(max_examples=300)
@given(st.lists(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)), max_size=20))
def test_no_line_raises(lines: list[bytes]) -> None:
    reader, clean = LogReader("n"), [line.replace(b"\n", b" ") for line in lines]
    assert reader.feed(b"".join(line + b"\n" for line in clean), 5) == len(lines) == reader.lines
    assert reader.understood <= reader.lines


@settings(max_examples=200)
@given(data=st.data())
def test_a_damaged_log_raises_nothing_and_loses_only_what_is_damaged(data: st.DataObject) -> None:
    lines = log("1.162.3-busy-debug-console").splitlines(keepends=True)[:300]
    number = data.draw(st.integers(0, 299))
    cut = data.draw(st.integers(0, len(lines[number])))
    junk = data.draw(st.binary(max_size=30)).replace(b"\n", b"")
    whole, hurt = LogReader("n"), LogReader("n")
    whole.feed(b"".join(lines[:number] + lines[number + 1 :]), 0)
    hurt.feed(b"".join([*lines[:number], lines[number][:cut].rstrip(b"\n") + junk + b"\n", *lines[number + 1 :]]), 0)
    lost = sum(n for n, _ in counts(whole.take()).values()) - sum(n for n, _ in counts(hurt.take()).values())
    assert lost in {-1, 0}


def test_half_of_a_docker_record_survives_a_restart() -> None:
    payload = '{"process":"storagenode","piece_id":"A","satellite_id":"S","action":"PUT","remote_address":"","size":1}'
    line = f"2026-01-20T10:11:12Z\tINFO\tpiecestore\tuploaded\t{payload}\n"
    first, second = LogReader("n"), LogReader("n")
    first.feed(json.dumps({"log": line[:50]}).encode() + b"\n", 0)
    second.restore(first.take().carry, None)
    second.feed(json.dumps({"log": line[50:]}).encode() + b"\n", 0)
    assert counts(second.take()) == {("S", "PUT", "ok"): (1, 1)}


def old_line(second: int, message: str, action: str, piece: int) -> bytes:
    fields = {"Piece ID": f"{piece:016d}".ljust(52, "A"), "Satellite ID": "12Eay", "Action": action, "Size": 1}
    stamp = f"2024-05-01T10:{second // 60:02d}:{second % 60:02d}Z"
    return f"{stamp}\tINFO\tpiecestore\t{message}\t{json.dumps(fields)}\n".encode()


def test_what_is_under_way_is_known_where_starts_are_logged() -> None:
    reader = LogReader("old")
    assert reader.at_once() is None
    reader.feed(old_line(0, "uploaded", "PUT", 1), 0)
    assert reader.at_once() is None, "no start was seen"
    starts = (("upload started", "PUT"), ("download started", "GET"), ("download started", "GET_REPAIR"))
    for piece, (message, action) in enumerate(starts):
        reader.feed(old_line(1, message, action, 2 + piece), 0)
    assert reader.at_once() == (2, 1)
    reader.feed(old_line(5, "downloaded", "GET", 3) + old_line(6, "upload canceled", "PUT", 2), 0)
    assert reader.at_once() == (1, 0)
    reader.feed(old_line(700, "upload started", "PUT", 5), 0)
    assert reader.at_once() == (0, 1), "the end of the other was not logged"
    reader.feed(old_line(1400, "uploaded", "PUT", 6), 0)
    assert reader.at_once() is None, "starts are logged no more"
