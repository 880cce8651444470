"""Finding a node's process: in a made-up /proc with several, and a real process of this host."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.sources.small import Clock

from storj_monitor.core.readings_host import ProcessReading
from storj_monitor.sources.poller import SourceError
from storj_monitor.sources.process import Found, Hints, Process, listening, mine, running

BARE, DOCKER = "0::/system.slice/storagenode.service\n", "0::/system.slice/docker-0123456789ab.scope\n"
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class Proc:
    """A /proc of a host that started 1 000 000 s ago."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        (path / "uptime").write_text("1000000.00 1999999.00\n")

    def add(self, pid: int, *words: str, cgroup: str = BARE, ports: tuple[int, ...] = ()) -> None:
        folder = self.path / str(pid)
        (folder / "fd").mkdir(parents=True)
        (folder / "net").mkdir()
        (folder / "cmdline").write_bytes("\0".join(words).encode() + b"\0")
        (folder / "cgroup").write_text(cgroup)
        rows = ["  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode"]
        for number, port in enumerate(ports):
            (folder / "fd" / str(number + 3)).symlink_to(f"socket:[{pid * 10 + number}]")
            rows.append(f"   {number}: 0100007F:{port:04X} 00000000:0000 0A 0:0 0:0 0 0 0 {pid * 10 + number} 1 0")
        rows.append(f"   9: 0100007F:{80:04X} 00000000:0000 0A 0:0 0:0 0 0 0 777 1 0")
        rows.append(f"  10: 0100007F:{81:04X} 0100007F:1234 01 0:0 0:0 0 0 0 {pid * 10} 1 0")
        (folder / "net/tcp").write_text("\n".join(rows) + "\n")
        (folder / "net/tcp6").write_text(rows[0] + "\n")
        self.uses(pid, seconds=0)

    def uses(self, pid: int, seconds: float, pages: int = 1000, started: int = 900_000) -> None:
        """Processor time, memory, and when it started after the host's start; its name has what names may have."""
        before = " ".join(["S"] + ["1"] * 10)
        user, system = int(seconds * TICKS * 0.75), seconds * TICKS - int(seconds * TICKS * 0.75)
        row = f"{pid} (storage) node ) {before} {user} {int(system)} 0 0 20 0 9 0 {started * TICKS} 1 1"
        (self.path / str(pid) / "stat").write_text(row)
        (self.path / str(pid) / "statm").write_text(f"9999 {pages} 1 1 0 1 0\n")


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path / "proc")


def test_only_what_runs_a_node_is_one(proc: Proc) -> None:
    proc.add(10, "/usr/bin/storagenode", "run", "--config-dir", "/etc/storj")
    proc.add(11, "/usr/bin/storagenode", "used-space-filewalker")
    proc.add(12, "/usr/bin/storagenode-updater", "run-as-service")
    proc.add(13, "tail", "-f", "storagenode", "run")
    proc.add(14, "./storagenode-arm64", "run", cgroup=DOCKER)
    (proc.path / "15").mkdir()
    assert running(proc.path) == [Found(10, {"config-dir": "/etc/storj"}), Found(14, {}, bare=False)]


def test_whose_process_it_is(proc: Proc) -> None:
    proc.add(10, "storagenode", "run", "--config-dir", "/mnt/a", ports=(14002, 7778))
    proc.add(11, "storagenode", "run", "--config-dir", "/mnt/b", "--console.address=0.0.0.0:14003")
    found = running(proc.path)
    pids = {hints: getattr(mine(found, hints, proc.path), "pid", None) for hints in (
        Hints("/mnt/a"), Hints("/mnt/b"), Hints(None, 14002), Hints(None, 14003), Hints(alone=True), Hints("/mnt/c", 1),
    )}  # fmt: skip
    assert list(pids.values()) == [10, 11, 10, 11, None, None]
    assert mine(found[:1], Hints(alone=True), proc.path) == found[0]
    assert mine(found[:1], Hints(alone=False), proc.path) is None


async def test_its_share_of_the_processor_between_two_looks(proc: Proc) -> None:
    clock = Clock()
    proc.add(10, "storagenode", "run", "--debug.addr=127.0.0.1:5999", ports=(14002, 5999))
    proc.uses(10, seconds=100)
    source = Process(lambda: Hints(alone=True), now=clock, proc=proc.path)
    first = await source.poll()
    started = int(clock.at - 1_000_000 + 900_000)
    assert first == ProcessReading(at=int(clock.at), pid=10, started=started, cpu_seconds=100, rss=1000 * PAGE)
    assert (source.flags, source.ports, source.bare) == ({"debug.addr": "127.0.0.1:5999"}, [5999, 14002], True)
    clock.at += 60
    (proc.path / "uptime").write_text("1000060.00 1\n")
    proc.uses(10, seconds=115, pages=2000)
    second = await source.poll()
    assert second is not None
    assert (second.cpu, second.rss, second.started) == (25.0, 2000 * PAGE, started)  # 15 s of 60 s


async def test_a_process_that_goes_is_said_and_its_successor_found(proc: Proc) -> None:
    clock = Clock()
    proc.add(10, "storagenode", "run")
    source = Process(lambda: Hints(alone=True), now=clock, proc=proc.path)
    assert await source.poll() is not None
    shutil.rmtree(proc.path / "10")
    clock.at += 60
    with pytest.raises(SourceError, match="not running any more"):
        await source.poll()
    proc.add(11, "storagenode", "run", cgroup=DOCKER)
    clock.at += 60
    again = await source.poll()
    assert again is not None
    assert (again.pid, again.cpu, source.bare) == (11, None, False)


async def test_a_host_without_one_is_searched_now_and_then(proc: Proc) -> None:
    clock = Clock()
    source = Process(lambda: Hints(alone=True), now=clock, proc=proc.path)
    assert await source.poll() is None
    proc.add(10, "storagenode", "run")
    assert await source.poll() is None, "hosts have hundreds of processes"
    clock.at += 601
    assert await source.poll() is not None


# ---- a real one ----


@contextlib.asynccontextmanager
async def storagenode(folder: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Something called storagenode that runs and listens on loopback."""
    listens = "import socket, sys; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)"
    link = folder / "storagenode"
    link.symlink_to(sys.executable)
    (folder / "run").write_text(f"{listens}; sys.stdin.read()")
    pipe: dict[str, Any] = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    child = await asyncio.create_subprocess_exec(str(link), "run", "--config-dir", str(folder), cwd=folder, **pipe)
    assert child.stdout is not None
    try:
        yield child, int(await child.stdout.readline())
    finally:
        child.terminate()
        await child.communicate()


async def test_a_process_of_this_host(tmp_path: Path) -> None:
    async with storagenode(tmp_path) as (child, port):
        source = Process(lambda: Hints(str(tmp_path)), now=time.time)
        found = await source.poll()
        assert found is not None
        assert found.pid == child.pid
        assert abs(found.started - time.time()) < 120
        assert found.rss > 1 << 20
        assert port in source.ports
        assert listening(os.getpid()) is not None
    with pytest.raises(SourceError):
        await source.poll()


def test_ports_of_this_process() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert server.getsockname()[1] in listening(os.getpid(), loopback=True)
    assert listening(1 << 22) == set()
