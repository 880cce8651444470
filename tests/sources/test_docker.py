"""Logs as docker writes them: found by the container's name, through rotation, re-creation and restarts."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from storj_monitor import check
from storj_monitor.core.facts import Batch
from storj_monitor.core.logreader import LogReader
from storj_monitor.core.position import Position
from storj_monitor.sources import docker
from storj_monitor.sources.docker import LOOK, PATIENCE, DockerError, DockerLog, find
from storj_monitor.sources.logs import LogSource
from storj_monitor.sources.tail import Tail

LOG = Path(__file__).parents[1] / "fixtures/real/logs/1.98.3-busy-info-console.log.gz"
SPLIT = 16 * 1024
"""Docker cuts a longer line into several records."""


class Engine:
    """What dockerd leaves on disk."""

    def __init__(self, root: Path) -> None:
        self.containers = root / "containers"
        self.number = 0
        self.log = Path()

    def create(self, name: str, driver: str = "json-file") -> Path:
        self.number += 1
        key = f"{self.number:064x}"
        folder = self.containers / key
        folder.mkdir(parents=True)
        self.log = folder / f"{key}-json.log"
        self.log.touch()
        self.describe(folder, name)
        (folder / "hostconfig.json").write_text(json.dumps({"LogConfig": {"Type": driver, "Config": {}}}))
        return folder

    def describe(self, folder: Path, name: str, *, running: bool = True) -> None:
        log = f"/var/lib/docker/containers/{folder.name}/{folder.name}-json.log"
        config = {"ID": folder.name, "Name": f"/{name}", "LogPath": log, "State": {"Running": running}, "Args": []}
        (folder / "config.v2.json").write_text(json.dumps(config))

    def write(self, data: bytes) -> None:
        with self.log.open("ab") as file:
            file.write(data)

    def say(self, *lines: bytes) -> None:
        self.write(b"".join(record for line in lines for record in records(line)))

    def rotate(self) -> None:
        for number in (2, 1):
            old = Path(f"{self.log}.{number}")
            if old.exists():
                old.rename(f"{self.log}.{number + 1}")
        self.log.rename(f"{self.log}.1")
        self.log.touch()


def records(line: bytes) -> list[bytes]:
    """The json-file records of one line that ends with a newline."""
    parts = [line[at : at + SPLIT] for at in range(0, len(line), SPLIT)]
    return [
        json.dumps({"log": part.decode(), "stream": "stderr", "time": "2026-11-23T07:32:40.1Z"}).encode() + b"\n"
        for part in parts
    ]


class Agent:
    """A source, what of it was committed, and the kill."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = 1_795_000_000.0
        self.positions: dict[int, Position] = {}
        self.carry: bytes | None = None
        self.followed = False
        self.counted: Counter[tuple[object, ...]] = Counter()
        self.said: list[str] = []

    async def born(self) -> None:
        self.source = LogSource(
            "attic",
            "docker:storagenode",
            now=lambda: self.clock,
            place=lambda _: None,
            make=lambda log, say, now: Tail(
                DockerLog(log.partition(":")[2], say, now, roots=lambda: [self.root / "none", self.root]), say
            ),
        )
        self.commit(
            await self.source.start(
                followed=self.followed, positions=list(self.positions.values()), carry=self.carry, latest=None
            )
        )
        self.followed = True

    def commit(self, batch: Batch) -> None:
        self.positions |= {position.number: position for position in batch.positions}
        self.carry = batch.carry if batch.carry is not None else self.carry
        for tally in batch.tallies:
            self.counted[tally.satellite, tally.action, tally.outcome, "n"] += tally.count
            self.counted[tally.satellite, tally.action, tally.outcome, "bytes"] += tally.bytes
        for sample in batch.samples:
            self.counted[sample.metric, sample.satellite] += int(sample.sum)
        self.said += [notice.text for notice in batch.notices if notice.kind == "agent"]

    async def look(self) -> None:
        self.clock += LOOK
        await self.source.catch_up()
        if (batch := await self.source.take()) is not None:
            self.commit(batch)

    async def kill(self) -> None:
        await self.source.catch_up()  # read, but never committed
        await self.source.stop()
        await self.born()


def expected(lines: list[bytes]) -> Counter[tuple[object, ...]]:
    reader = LogReader("attic")
    reader.feed(b"".join(lines), 1.0)
    truth = Agent(Path())
    truth.commit(reader.take())
    return truth.counted


async def one_line_in_three(engine: Engine, agent: Agent, line: bytes) -> None:
    """The agent is killed between the parts, and within one."""
    first, second, third = records(line)
    engine.write(first + second[:100])
    await agent.look()
    await agent.kill()
    engine.write(second[100:])
    await agent.look()
    await agent.kill()
    engine.write(third)
    await agent.look()


async def test_every_line_counts_once_through_all_that_docker_does(tmp_path: Path) -> None:
    lines = gzip.decompress(LOG.read_bytes()).splitlines(keepends=True)[:3000]
    long = lines[-1].split(b"\t")[0] + b"\tERROR\tpieces\tlong\t" + json.dumps({"error": "x" * 40_000}).encode() + b"\n"
    engine, agent = Engine(tmp_path), Agent(tmp_path)
    step = iter(lines[at : at + 250] for at in range(0, 3000, 250))
    first = engine.create("storagenode")
    engine.say(*next(step))
    await agent.born()
    await agent.look()
    engine.say(*next(step))
    await agent.kill()
    await one_line_in_three(engine, agent, long)
    engine.say(*next(step))
    engine.rotate()
    engine.say(*next(step))
    await agent.look()
    await agent.source.stop()
    engine.say(*next(step))
    engine.rotate()
    engine.say(*next(step))
    engine.rotate()
    await agent.born()
    engine.say(*next(step))
    await agent.look()
    # Re-created while we look: docker deletes the old files while lines of them are unread.
    engine.say(*next(step))
    shutil.rmtree(first)
    second = engine.create("storagenode")
    engine.say(*next(step))
    await agent.look()
    # Re-created while we are away, the old container kept under another name.
    await agent.source.stop()
    engine.say(*next(step))
    engine.rotate()
    engine.say(*next(step))
    engine.describe(second, "storagenode-old", running=False)
    engine.create("storagenode")
    engine.say(*next(step))
    await agent.born()
    await agent.look()
    await agent.kill()
    await agent.look()
    assert agent.counted == expected([*lines, long])
    assert sum(n for key, n in agent.counted.items() if key[-1] == "n") > 1000
    assert agent.said == []
    assert next(step, None) is None
    await agent.source.stop()


async def test_a_container_of_another_node_is_left_when_the_name_is_corrected(tmp_path: Path) -> None:
    engine, agent = Engine(tmp_path), Agent(tmp_path)
    wrong = engine.create("storagenode")
    engine.say(b"2026-11-23T07:32:40Z\tINFO\twrong node\n")
    await agent.born()
    await agent.look()
    engine.say(b"2026-11-23T07:32:41Z\tINFO\twrong node\n")
    engine.describe(wrong, "node2")
    engine.create("storagenode")
    await agent.source.stop()
    await agent.born()
    await agent.look()
    await agent.source.stop()
    assert agent.counted["log_lines", ""] == 1


async def test_a_container_that_is_away_is_waited_for_then_said_once(tmp_path: Path) -> None:
    engine, agent = Engine(tmp_path), Agent(tmp_path)
    folder = engine.create("storagenode")
    engine.create("other")
    await agent.born()
    await agent.look()
    shutil.rmtree(folder)
    await agent.look()
    assert agent.said == []
    agent.clock += PATIENCE
    await agent.look()
    await agent.look()
    assert agent.said == ["docker:storagenode: no container is called so; there are other."]
    engine.create("storagenode")
    engine.say(b"2026-11-23T07:32:40Z\tINFO\tback\n")
    await agent.look()
    await agent.source.stop()
    assert agent.counted["log_lines", ""] == 1


def test_what_cannot_be_followed_is_explained(tmp_path: Path) -> None:
    engine = Engine(tmp_path)
    engine.create("binary", "local")
    with pytest.raises(DockerError, match=r"log driver is local.*--log-driver json-file.*log\.output"):
        find("binary", [tmp_path])
    (engine.containers / "half").mkdir()
    (engine.containers / "half/config.v2.json").write_text('{"Name": "/sto')
    with pytest.raises(DockerError, match="no container is called so; there are binary"):
        find("storagenode", [tmp_path])
    with pytest.raises(DockerError, match="there is none below"):
        find("storagenode", [tmp_path / "none"])


def test_a_folder_that_may_not_be_read_names_the_drop_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Engine(tmp_path).create("storagenode")

    def refuse(_: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)  # the tests may run as root, who may read everything
    with pytest.raises(DockerError, match=r"containers may not be read.*read-root-logs\.conf.*log\.output"):
        find("storagenode", [tmp_path])
    assert folder.is_dir()


def test_check_looks_into_the_containers_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(tmp_path / "moved")
    engine.create("storagenode")
    engine.say(*gzip.decompress(LOG.read_bytes()).splitlines(keepends=True)[-500:])
    daemon = tmp_path / "daemon.json"
    daemon.write_text(json.dumps({"data-root": str(tmp_path / "moved"), "log-driver": "json-file"}))
    monkeypatch.setattr(docker, "DAEMON", daemon)
    finding = check._log("attic", "docker:storagenode")
    assert finding.fine
    assert "% of the last lines understood" in finding.text
    assert "no container is called so" in check._log("attic", "docker:nobody").text
