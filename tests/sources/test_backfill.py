"""Imports of real and made logs into a real database: each line once, however the files are cut, named and packed."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import json
import lzma
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.integration.rig import NOON, US1, line

from storj_monitor import cli
from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import LogReading
from storj_monitor.importing import import_files
from storj_monitor.sources import backfill
from storj_monitor.sources.backfill import Backfill, Imported
from storj_monitor.sources.logs import LogSource
from storj_monitor.store import Reader, Store

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"
OLD, BUSY = "1.98.3-busy-info-console", "1.162.3-busy-info-console"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda data: gzip.compress(data, 1),
    ".xz": lambda data: lzma.compress(data, preset=0),
    ".bz2": lambda data: bz2.compress(data, 1),
}
Counts = dict[tuple[str, str, str], tuple[int, int]]


def lines_of(name: str) -> list[bytes]:
    return gzip.decompress((LOGS / f"{name}.log.gz").read_bytes()).splitlines(keepends=True)


def truth(name: str) -> Counts:
    return counts_of(json.loads((LOGS / f"{name}.truth.json").read_text())["transfers"])


def counts_of(rows: Sequence[dict[str, Any]]) -> Counts:
    return {(row["satellite"], row["action"], row["outcome"]): (row["count"], row["bytes"]) for row in rows}


async def bring(data: Path, *paths: Path, node: str | None = "attic", force: bool = False) -> Imported:
    return await import_files(
        data, node, [str(path) for path in paths], now=lambda: NOON, progress=lambda _: None, force=force
    )


async def stored(data: Path) -> Counts:
    async with Reader.open(data) as reader:
        return counts_of(await reader.transfers(None, None, None))


def total(data: Path, metric: str = "log_lines") -> int:
    """Sum of a metric over all days, from the database file itself."""
    query = "SELECT coalesce(sum(n), 0) FROM sample_day JOIN series ON series.id = series WHERE metric = ?"
    with closing(sqlite3.connect(data / "storj-monitor.db")) as raw:
        return int(raw.execute(query, (metric,)).fetchone()[0])


def save(path: Path, lines: Sequence[bytes]) -> Path:
    path.write_bytes(PACKERS[path.suffix if path.suffix in PACKERS else ""](b"".join(lines)))
    return path


# ---- each line once ----


@pytest.mark.parametrize("name", [path.name.removesuffix(".truth.json") for path in sorted(LOGS.glob("*.truth.json"))])
async def test_a_recording_gives_its_truth_and_again_nothing(name: str, tmp_path: Path) -> None:
    file, lines = LOGS / f"{name}.log.gz", len(lines_of(name))
    first = await bring(tmp_path / "data", file)
    assert (first.files, first.lines, first.skipped, first.refused) == (1, lines, 0, [])
    second = await bring(tmp_path / "data", file, node=None)
    assert (second.lines, second.skipped) == (0, lines)
    assert await stored(tmp_path / "data") == truth(name)
    assert total(tmp_path / "data") == json.loads((LOGS / f"{name}.truth.json").read_text())["lines"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_cut_order_and_packing(tmp_path: Path, data: st.DataObject) -> None:
    """1.98.3: the end of a transfer needs its start line, so the pieces open at a cut have to reach the next file.

    However often the import is killed before, and whatever it had committed by then. No file lies within one second:
    of such ones nobody can tell the order.
    """
    folder = tmp_path / str(len(list(tmp_path.iterdir())))
    folder.mkdir()
    lines = lines_of(OLD)
    cuts = sorted(data.draw(st.lists(st.integers(1, len(lines) - 1), max_size=4, unique=True)))
    files = []
    for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(lines)], strict=True)):
        assume(lines[start][:19] != lines[end - 1][:19])
        ending = data.draw(st.sampled_from([*PACKERS]))
        files.append(save(folder / f"{data.draw(st.integers(0, 99)):02}-{number}.log{ending}", lines[start:end]))
        if data.draw(st.booleans()):  # a copy from when the file was shorter
            shorter = data.draw(st.integers(start + 1, end))
            files.append(save(folder / f"copy-{number}.log", lines[start:shorter]))
    given_files = data.draw(st.permutations(files))
    for commits in data.draw(st.lists(st.integers(0, 4), max_size=2)):
        asyncio.run(killed_after(folder / "data", given_files, commits))
    result = asyncio.run(bring(folder / "data", *given_files))
    assert result.refused == []
    assert asyncio.run(stored(folder / "data")) == truth(OLD)
    assert total(folder / "data") == json.loads((LOGS / f"{OLD}.truth.json").read_text())["lines"]
    again = asyncio.run(bring(folder / "data", *reversed(given_files)))
    assert again.lines == 0


async def killed_after(data: Path, files: Sequence[Path], commits: int) -> None:
    """An import that is killed before its next commit; blocks and batches are small, so that it is in mid-file."""
    store = Store(data, now=lambda: NOON)
    await store.open()
    kept = await store.log_state("attic")
    work = Backfill("attic", now=lambda: NOON, progress=lambda _: None)
    work.start(kept.positions, carry=kept.carry, latest=None, mark=await store.mark("attic"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backfill, "BLOCK", 200_000)
        patch.setattr(backfill, "LINES", 1)
        for number, (batch, mark) in enumerate(work.batches([str(file) for file in files])):
            if number >= commits:
                break
            await store.commit_past(batch, mark)
    await store.close()


@pytest.mark.parametrize("name", [OLD, "1.162.3-busy-info-console"])
async def test_an_interrupted_import_goes_on_where_it_stopped(name: str, tmp_path: Path) -> None:
    for commits in (0, 1, 2):
        await killed_after(tmp_path / "data", [LOGS / f"{name}.log.gz"], commits)
    await bring(tmp_path / "data", LOGS / f"{name}.log.gz")
    assert await stored(tmp_path / "data") == truth(name)


def test_kill_9_of_the_command_loses_and_doubles_nothing(tmp_path: Path) -> None:
    data, log = tmp_path / "data", save(tmp_path / "node.log", lines_of(OLD))
    code = (
        "import sys; from storj_monitor import cli; from storj_monitor.sources import backfill;"
        "backfill.BLOCK, backfill.LINES = 16_384, 1; sys.exit(cli.main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "import", "--data", str(data), "--node", "attic", str(log), "--json"]
    seen = 0
    for _ in range(3):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        while process.poll() is None and (now := counted_bytes(data)) < seen + 300_000:
            time.sleep(0.002)
        process.kill()
        process.communicate()
        assert process.returncode == -9, "the import ended before it could be killed"
        seen = now
    assert 0 < seen < log.stat().st_size
    last = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert last["skipped"] > 0
    assert last["lines"] + last["skipped"] == len(lines_of(OLD))
    assert asyncio.run(stored(data)) == truth(OLD)


def counted_bytes(data: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{data}/storj-monitor.db?mode=ro", uri=True)) as raw:
            return int(raw.execute('SELECT coalesce(sum("offset"), 0) FROM log_file').fetchone()[0])
    except sqlite3.OperationalError:  # not there yet
        return 0


async def test_a_grown_file_is_read_only_beyond_what_was_counted(tmp_path: Path) -> None:
    log, made = tmp_path / "node.log", [line(second, number=second) for second in range(100)]
    save(log, [*made[:40], made[40][:25]])
    os.utime(log, (NOON, NOON))  # it may still be written to
    assert (await bring(tmp_path / "data", log)).lines == 40
    save(log, made[:70])
    assert (await bring(tmp_path / "data", log)).lines == 30
    packed = save(tmp_path / "elsewhere.xz", made)
    result = await bring(tmp_path / "data", packed)
    assert (result.lines, result.skipped) == (30, 70)
    assert (await bring(tmp_path / "data", log)).skipped == 70
    assert await stored(tmp_path / "data") == {(US1, "PUT", "ok"): (100, 100_000)}


async def test_a_last_line_without_newline_is_counted_once_nobody_writes_any_more(tmp_path: Path) -> None:
    log, made = tmp_path / "node.log", [line(second) for second in range(10)]
    save(log, [*made[:-1], made[-1][:-1]])
    os.utime(log, (NOON - 3600, NOON - 3600))
    assert (await bring(tmp_path / "data", log)).lines == 10
    assert (await bring(tmp_path / "data", log)).skipped == 10
    save(log, [*made, line(60)])
    assert (await bring(tmp_path / "data", log)).lines == 1
    assert await stored(tmp_path / "data") == {(US1, "PUT", "ok"): (11, 11_000)}


async def test_long_lines_and_rubbish_are_lines(tmp_path: Path) -> None:
    parts = [line(1), b"x" * 3_000_000 + b"\n", b"\x00" * 70_000 + b"\n", b"\xff\xfe\r\n", line(2)]
    result = await bring(tmp_path / "data", save(tmp_path / "node.log", parts))
    assert (result.lines, result.refused) == (5, [])
    assert await stored(tmp_path / "data") == {(US1, "PUT", "ok"): (2, 2_000)}


# ---- cut-outs ----


async def test_a_cut_out_is_refused_unless_forced(tmp_path: Path) -> None:
    made = [line(second, number=second) for second in range(300)]
    data, log = tmp_path / "data", save(tmp_path / "node.log", made)
    part, end = save(tmp_path / "part.log.gz", made[100:103]), save(tmp_path / "end.log", made[290:])
    following = save(tmp_path / "next.log", [line(299, number=7), line(400)])
    result = await bring(data, end, part, following, log)
    assert (result.files, result.lines) == (4, 302)
    assert [sentence.split()[0] for sentence in result.refused] == [str(part), str(end)]
    assert "--force" in result.refused[0]
    assert (await bring(data, part, force=True)).lines == 3
    assert (await bring(data, part)).skipped == 3
    assert total(data) == 305


async def test_a_file_that_holds_counted_lines_among_others_is_refused(tmp_path: Path) -> None:
    made = [line(second) for second in range(300)]
    assert (await bring(tmp_path / "data", save(tmp_path / "node.log.1", made[100:200]))).lines == 100
    result = await bring(tmp_path / "data", save(tmp_path / "all.log.gz", made))
    assert (result.lines, len(result.refused)) == (0, 1)
    before = await bring(tmp_path / "data", save(tmp_path / "before.log", made[:100]))
    assert (before.lines, before.refused) == (100, [])


async def test_another_node_may_have_the_same_file(tmp_path: Path) -> None:
    log = save(tmp_path / "node.log", [line(second) for second in range(10)])
    for node in ("attic", "cellar"):
        assert (await bring(tmp_path / "data", log, node=node)).lines == 10
    assert total(tmp_path / "data") == 20


# ---- beside the follower ----


async def follow(data: Path, log: Path) -> int:
    """The agent looks once and stops; returns how many lines it counted."""
    store = Store(data, now=lambda: NOON)
    await store.open()
    kept = await store.log_state("attic")
    source = LogSource("attic", str(log), now=lambda: NOON, place=lambda _: None)
    start = await source.start(followed=kept.followed, positions=kept.positions, carry=kept.carry, latest=None)
    await store.commit([start])
    before = total(data)
    await source.catch_up()
    batch = await source.take()
    if batch is not None:
        await store.commit([batch])
    await source.stop()
    await store.close()
    return total(data) - before


async def test_past_files_are_imported_once_and_the_follower_knows_them(tmp_path: Path) -> None:
    data, made = tmp_path / "data", [line(second, number=second) for second in range(300)]
    first, second = save(tmp_path / "node.log.2.gz", made[:100]), save(tmp_path / "node.log.1", made[100:200])
    live = save(tmp_path / "node.log", made[200:250])
    assert await follow(data, live) == 50
    assert (await bring(data, second, live, first)).lines == 200
    assert await follow(data, live) == 0
    save(live, made[200:300])
    assert (await bring(data, live)).lines == 50
    shutil.move(second, tmp_path / "node.log.3")
    assert await follow(data, live) == 0
    assert await stored(data) == {(US1, "PUT", "ok"): (300, 300_000)}


async def test_files_imported_before_the_first_start_are_not_counted_again(tmp_path: Path) -> None:
    lines = lines_of(OLD)
    data, half, cut = tmp_path / "data", len(lines) // 2, len(lines) // 2 + 777
    live = save(tmp_path / "node.log", lines[half:cut])
    await bring(data, live, save(tmp_path / "node.log.1", lines[:half]))
    save(tmp_path / "node.log.2", [line(-50_000 + 60 * n) for n in range(5)])  # the past that nobody asked for
    save(live, lines[half:])
    assert await follow(data, live) == len(lines) - cut
    assert await stored(data) == truth(OLD)


async def test_what_the_follower_began_is_continued_with_what_it_carried(tmp_path: Path) -> None:
    lines = lines_of(OLD)
    for cut in (1_000, 7_777):
        data, live = tmp_path / f"data{cut}", save(tmp_path / f"node{cut}.log", lines[:cut])
        await follow(data, live)
        save(live, lines[: cut + 5_000])
        assert (await bring(data, live)).lines == 5_000
        save(live, lines)
        assert await follow(data, live) == len(lines) - cut - 5_000
        assert await stored(data) == truth(OLD)


async def test_old_lines_add_to_what_newer_ones_said_of_the_node(tmp_path: Path) -> None:
    def life(minute: int, node_id: str) -> bytes:
        return b"2026-11-23T%02d:00:00Z\tINFO\tNode %s started\n" % (minute, node_id.encode())

    files = [save(tmp_path / f"{hour}.log", [life(hour, US1), line(hour * 60)]) for hour in (1, 2)]
    newest = save(tmp_path / "newest.log", [line(3_600)])
    for file in (newest, *reversed(files)):
        await bring(tmp_path / "data", file)
    store = Store(tmp_path / "data", now=lambda: NOON)
    async with Store.readonly(tmp_path / "data", now=store._now) as readable:
        said = (await readable.readings("attic"))["log"].body
    assert said is not None
    assert LogReading(**json.loads(said)) == LogReading(int(NOON) + 3_600, US1, int(NOON) - 10 * 3_600)


async def test_what_a_tier_has_forgotten_is_not_written(tmp_path: Path) -> None:
    log = save(tmp_path / "node.log", [line(second) for second in range(0, 7_200, 60)])
    await import_files(tmp_path, "attic", [str(log)], now=lambda: NOON + 30 * 86_400, progress=lambda _: None)
    with closing(sqlite3.connect(tmp_path / "storj-monitor.db")) as raw:
        rows = [raw.execute(f"SELECT count(*) FROM sample_{tier}").fetchone()[0] for tier in ("minute", "hour", "day")]
    assert rows == [0, 6, 3]  # transfers, their sizes and lines, in two hours of one day
    async with Reader.open(tmp_path) as reader:
        assert (await reader.transfers("attic", int(NOON), int(NOON) + 3_600))[0]["count"] == 60


# ---- what cannot be imported ----


async def test_a_bad_file_never_stops_the_others(tmp_path: Path) -> None:
    made = [line(second, number=second) for second in range(2_000)]
    broken = save(tmp_path / "broken.log.gz", made)
    raw = bytearray(broken.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 40] = bytes(40)
    broken.write_bytes(raw)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    good = save(tmp_path / "good.log", [line(9_000)])
    empty = save(tmp_path / "empty.log", [])
    bad = (tmp_path / "pipe", tmp_path / "folder", tmp_path / "missing.log", broken)
    result = await bring(tmp_path / "data", *bad, empty, good)
    assert {sentence.split()[0] for sentence in result.refused} == {str(path) for path in bad}
    assert await stored(tmp_path / "data") == {(US1, "PUT", "ok"): (result.lines, result.lines * 1_000)}
    assert 1 <= result.lines < 2_000


async def test_the_node_has_to_be_told_unless_there_is_one(tmp_path: Path) -> None:
    log = save(tmp_path / "node.log", [line(1)])
    with pytest.raises(MonitorError, match="--node NAME"):
        await bring(tmp_path / "data", log, node=None)
    with pytest.raises(MonitorError, match="for example my-node"):
        await bring(tmp_path / "data", log, node="My Node")
    await bring(tmp_path / "data", log, node="attic")
    await bring(tmp_path / "data", log, node="cellar")
    with pytest.raises(MonitorError, match="attic, cellar"):
        await bring(tmp_path / "data", log, node=None)


async def test_beside_a_running_agent_it_says_to_stop_it(tmp_path: Path) -> None:
    store = Store(tmp_path, now=lambda: NOON)
    await store.open()
    log = save(tmp_path / "node.log", [line(1)])
    with pytest.raises(MonitorError, match=r"stop it"):
        await bring(tmp_path, log)
    await store.close()


def test_the_command_prints_figures_and_tells_by_its_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = [line(second) for second in range(300)]
    log, part = save(tmp_path / "node.log", made), save(tmp_path / "part.log", made[50:90])
    command = ["import", "--data", str(tmp_path / "data"), "--json"]
    assert cli.main([*command, str(log)]) == 1
    assert "--node" in capsys.readouterr().err
    assert cli.main([*command, "--node", "attic", str(log), str(part)]) == 1
    out, err = capsys.readouterr()
    assert Counter(json.loads(out)) - Counter(seconds=10) == Counter(files=2, lines=300)
    assert "part.log" in err
    assert cli.main([*command, str(log)]) == 0
    assert {**json.loads(capsys.readouterr().out), "seconds": 0} == {
        "files": 1,
        "lines": 0,
        "seconds": 0,
        "skipped": 300,
    }
