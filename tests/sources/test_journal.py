"""Real journals, made by systemd-journal-remote from export text, followed by a real journalctl."""

from __future__ import annotations

import asyncio
import gzip
import os
import random
import shutil
import signal
import struct
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from tests.patience import PATIENCE

from storj_monitor import check
from storj_monitor.core.facts import Batch
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.position import Position
from storj_monitor.sources import journal
from storj_monitor.sources.journal import Journal, JournalError, latest, text_of
from storj_monitor.sources.logs import LogSource

LOG = Path(__file__).parents[1] / "fixtures/real/logs/1.162.3-busy-info-console.log.gz"
REMOTE = "/lib/systemd/systemd-journal-remote"
START = 1_763_900_000_000_000


class Host:
    """A host's journal: entries a millisecond apart, of the unit and of others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "journal"
        self.folder.mkdir()
        self.file = self.folder / "a.journal"
        self.number = 0

    def write(self, messages: list[bytes], **fields: str) -> None:
        made = subprocess.run(
            [REMOTE, "--split-mode=none", f"--output={self.file}", "-"],
            input=b"".join(self.entry(message, fields) for message in messages),
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr

    def entry(self, message: bytes, fields: dict[str, str]) -> bytes:
        self.number += 1
        own = {
            "__REALTIME_TIMESTAMP": START + 1000 * self.number,
            "__MONOTONIC_TIMESTAMP": 1000 * self.number,
            "_BOOT_ID": "0123456789abcdef0123456789abcdef",
            "_SYSTEMD_UNIT": "storagenode.service",
        } | fields
        text = "".join(f"{key}={value}\n" for key, value in own.items()).encode()
        return text + b"MESSAGE\n" + struct.pack("<Q", len(message)) + message + b"\n\n"

    def vacuum(self) -> None:
        """The journal is deleted and begun anew."""
        self.file.unlink()


class Agent:
    """A source, what of it was committed, and the kill."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.clock = 1_795_000_000.0
        self.positions: dict[int, Position] = {}
        self.carry: bytes | None = None
        self.followed = False
        self.counted: Counter[tuple[str, ...]] = Counter()
        self.templates: Counter[str] = Counter()
        self.said: list[str] = []
        self.journal: Journal

    def make(self, log: str, say: object, now: object) -> Journal:
        unit = log.partition(":")[2]
        self.journal = Journal(unit, say, now, [f"--directory={self.host.folder}"])  # type: ignore[arg-type]
        return self.journal

    async def born(self) -> None:
        self.source = LogSource(
            "attic", "journal:storagenode", now=lambda: self.clock, place=lambda _: None, make=self.make
        )
        positions = list(self.positions.values())
        start = await self.source.start(followed=self.followed, positions=positions, carry=self.carry, latest=None)
        self.commit(start)
        self.followed = True

    def commit(self, batch: Batch) -> None:
        self.positions |= {position.number: position for position in batch.positions}
        self.carry = batch.carry if batch.carry is not None else self.carry
        for tally in batch.tallies:
            self.counted[tally.satellite, tally.action, tally.outcome, "n"] += tally.count
            self.counted[tally.satellite, tally.action, tally.outcome, "bytes"] += tally.bytes
        for sample in batch.samples:
            self.counted[sample.metric, sample.satellite] += int(sample.sum)
        for (_, _, text), n in batch.templates.items():
            self.templates[text] += n
        self.said += [notice.text for notice in batch.notices if notice.kind == "agent"]

    def lines(self) -> int:
        return self.counted["log_lines", ""]

    async def look(self, lines: int) -> None:
        """Follow and commit until so many lines are counted; no more come after them."""
        async with asyncio.timeout(PATIENCE):
            while self.lines() < lines:
                await self.take()
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await self.take()
        assert self.lines() == lines

    async def take(self) -> None:
        await self.source.catch_up()
        if (batch := await self.source.take()) is not None:
            self.commit(batch)

    async def child_dies(self) -> None:
        child = self.journal._child
        assert child is not None
        os.kill(child._process.pid, signal.SIGKILL)
        self.source.watch(lambda _: None)  # it looks more often then
        with pytest.raises(JournalError, match="journalctl ended: it gave no reason"):
            await asyncio.wait_for(self.source.run(), PATIENCE)

    async def kill(self) -> None:
        await self.source.catch_up()  # read, but never committed
        await self.source.stop()
        await self.born()


def expected(lines: list[bytes]) -> Counter[tuple[str, ...]]:
    reader = LogReader("attic")
    reader.feed(b"\n".join([*lines, b""]), 1.0)
    truth = Agent.__new__(Agent)
    truth.__dict__.update(positions={}, carry=None, counted=Counter(), templates=Counter(), said=[])
    truth.commit(reader.take())
    return truth.counted


async def test_every_entry_counts_once_through_kills_and_dead_children(tmp_path: Path) -> None:
    lines = gzip.decompress(LOG.read_bytes()).splitlines()[:4000]
    long = b"2026-11-23T07:32:40Z\tERROR\tpieces\tlong\t" + b'{"error": "' + b"x" * 40_000 + b'"}'
    broken = b"2026-11-23T07:32:40Z\tERROR\tpieces\tbroken \xff\xfe name"
    lines[700:700] = [long, broken]
    host = Host(tmp_path)
    agent = Agent(host)
    chance = random.Random(1)
    await agent.born()
    at = written = 0
    while at < len(lines):
        part = lines[at : at + 500]
        at += len(part)
        host.write(part)
        host.write(
            [b"Started storagenode.service."],
            _SYSTEMD_UNIT="init.scope",
            _PID="1",
            _UID="0",
            UNIT="storagenode.service",
        )
        host.write([b"2026-11-23T07:32:40Z\tERROR\tanother unit"], _SYSTEMD_UNIT="other.service")
        written += len(part)
        if chance.random() < 0.5:
            await agent.kill()
        await agent.look(written)
        await agent.child_dies()
    await agent.source.stop()
    assert agent.counted == expected(lines)
    assert agent.templates["long: <long error>"] == 0
    assert sum(n for text, n in agent.templates.items() if "broken" in text) == 1
    assert agent.said == []
    (position,) = agent.positions.values()
    assert (position.path, position.first_at > 0, position.last_at > 0) == ("journal:storagenode", True, True)


async def test_a_vanished_cursor_goes_on_by_time_and_is_said(tmp_path: Path) -> None:
    host = Host(tmp_path)
    agent = Agent(host)
    line = b"2026-11-23T07:32:40Z\tINFO\tstep"
    host.write([line] * 10)
    await agent.born()
    await agent.look(10)
    await agent.source.stop()
    kept = host.number
    host.vacuum()
    host.number = kept - 3
    host.write([line] * 8)  # three entries of these are as old as counted ones
    await agent.born()
    await agent.look(15)
    assert ["reading goes on by time" in text for text in agent.said] == [True]
    await agent.kill()
    host.write([line])
    await agent.look(16)
    assert len(agent.said) == 1
    await agent.source.stop()


@pytest.mark.parametrize("cursor", [b"garbage", b"s=0;i=1;t=zz"])
async def test_a_damaged_cursor_goes_on_by_time(tmp_path: Path, cursor: bytes) -> None:
    host = Host(tmp_path)
    agent = Agent(host)
    host.write([b"2025-11-23T12:13:20Z\tINFO\tstep"] * 5)
    agent.followed = True
    last = START // 1_000_000 - 1
    agent.positions = {3: Position(3, "journal:storagenode", 7, tail=cursor, last_at=last)}
    await agent.born()
    await agent.look(5)
    await agent.source.stop()
    assert len(agent.said) == 1
    assert agent.positions[3].offset == 12


async def test_a_cursor_that_is_never_shown_is_given_up(tmp_path: Path) -> None:
    host = Host(tmp_path)
    agent = Agent(host)
    line = b"2026-11-23T07:32:40Z\tINFO\tstep"
    host.write([line] * 10)
    await agent.born()
    await agent.look(10)
    await agent.source.stop()
    position = agent.positions[1]
    position.tail = position.tail.replace(b";i=a;", b";i=ffff;")
    host.write([line] * 2)
    await agent.born()
    await agent.take()
    agent.clock += journal.CURSOR_WAIT + 1
    await agent.look(12)
    await agent.source.stop()
    assert len(agent.said) == 1


async def test_a_log_that_moved_into_the_journal_goes_on_after_what_was_counted(tmp_path: Path) -> None:
    host = Host(tmp_path)
    agent = Agent(host)
    host.write([b"old"] * 5)
    host.number = 10_000
    host.write([b"2025-11-23T12:13:30Z\tINFO\tnew"] * 5)
    agent.followed = True
    agent.positions = {4: Position(4, "/var/log/storagenode.log", 99, last_at=START // 1_000_000 + 5)}
    await agent.born()
    await agent.look(5)
    await agent.source.stop()
    assert sorted(agent.positions) == [4, 5]


def test_messages_of_every_form() -> None:
    assert text_of([104, 255]) == b"h\xff"
    assert text_of(["a", [98, 10]]) == b"a\nb\n"
    assert text_of(None) == text_of([]) == b""
    assert text_of([300]) == b""


def test_check_looks_into_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(tmp_path)
    host.write(gzip.decompress(LOG.read_bytes()).splitlines()[-400:])
    real = journal.COMMAND
    monkeypatch.setattr(journal, "COMMAND", (*real, f"--directory={host.folder}"))
    finding = check._log("attic", "journal:storagenode")
    assert finding.fine
    assert "% of the last lines understood" in finding.text
    assert "no line yet" in check._log("attic", "journal:nobody").text
    monkeypatch.setattr(journal, "COMMAND", (str(tmp_path / "journalctl"), *real[1:]))
    finding = check._log("attic", "journal:storagenode")
    assert not finding.fine
    assert "cannot be started (No such file or directory); is this a host with systemd?" in finding.text


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="only root can become nobody")
def test_a_user_without_the_right_is_told_the_drop_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to nobody
        folder = Path(name)
        folder.chmod(0o755)
        host = Host(folder)
        host.write([b"secret"])
        host.file.chmod(0o600)
        nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
        monkeypatch.setattr(journal, "COMMAND", (*nobody, *journal.COMMAND, f"--directory={host.folder}"))
        with pytest.raises(JournalError, match=r"may not read the journal; .*journal\.conf.*systemd-journal"):
            latest("storagenode")
