"""The storagenode process of a node, where this host shows it in /proc (containers of this host are shown too).

Which process is a node's is told by what cannot be another's: its folder of config.yaml or the port of its console.
Where the only storagenode of the host meets the only local node, that is enough.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core.readings_host import ProcessReading
from storj_monitor.sources.guard import Guard
from storj_monitor.sources.mounts import PROC
from storj_monitor.sources.nodeconfig import flags_of
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from storj_monitor.core.readings import Body

NAME = "storagenode"
COMMAND = "run"
SEARCH = 600.0
"""Seconds between two searches while no process is known."""
LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
_CONTAINER = re.compile(r"docker|containerd|libpod|kubepods|lxc|crio|machine\.slice")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Found(NamedTuple):
    """A storagenode that runs: its id, the flags of its command line that matter, whether it is in no container."""

    pid: int
    flags: dict[str, str]
    bare: bool = True


class Hints(NamedTuple):
    """What is known of the node: folder of its config.yaml, port of its console, whether no other node is local."""

    folder: str | None = None
    port: int | None = None
    alone: bool = False


class Process:
    """The process of one node. Its `flags`, its loopback `ports` and whether it is `bare` are at hand for others.

    `bare`: in no container, so that an address in its settings means the same here.
    """

    def __init__(
        self,
        hints: Callable[[], Hints],
        *,
        now: Callable[[], float],
        proc: Path = PROC,
        last: Body | None = None,
        guard: Guard | None = None,
    ) -> None:
        self.flags: dict[str, str] = {}
        self.ports: list[int] = []
        self.bare = False
        self._hints = hints
        self._now = now
        self._proc = proc
        self._last = last if isinstance(last, ProcessReading) else None
        self._found: Found | None = None
        self._search_at = 0.0
        self._guard = guard or Guard("/proc")

    async def poll(self) -> ProcessReading | None:
        """How the process is; None while none is seen that is this node's. Raises `SourceError` when it is gone."""
        found, reading, ports = await self._guard.call(self._look)
        self.flags, self.ports = found.flags if found else {}, ports
        self.bare = found is not None and found.bare
        if reading is None and self._last is not None:
            raise SourceError("The storagenode process is not running any more.")
        self._last = reading
        return reading

    def _look(self) -> tuple[Found | None, ProcessReading | None, list[int]]:
        found = self._known() or self._search()
        if found is None:
            return None, None, []
        return found, self._reading(found.pid), sorted(listening(found.pid, self._proc, loopback=True))

    def _known(self) -> Found | None:
        """The process of the last time, as long as it is the same one."""
        old = self._found
        if old is None or _found(self._proc / str(old.pid)) != old:
            self._found = None
        return self._found

    def _search(self) -> Found | None:
        """Look through all processes, now and then only while none is this node's: hosts have hundreds."""
        if self._last is None and self._now() < self._search_at:
            return None
        self._search_at = self._now() + SEARCH
        self._found = mine(running(self._proc), self._hints(), self._proc)
        return self._found

    def _reading(self, pid: int) -> ProcessReading | None:
        try:
            fields = (self._proc / str(pid) / "stat").read_text().rpartition(")")[2].split()
            rss = int((self._proc / str(pid) / "statm").read_text().split()[1]) * _PAGE
        except (OSError, IndexError):
            return None
        now, old = self._now(), self._last
        seconds = (int(fields[11]) + int(fields[12])) / _TICKS
        started = int(_boot(self._proc, now) + int(fields[19]) / _TICKS)
        cpu = None
        if old is not None and old.pid == pid and now > old.at and seconds >= old.cpu_seconds:
            cpu = round(100 * (seconds - old.cpu_seconds) / (int(now) - old.at), 2) if int(now) > old.at else None
        return ProcessReading(at=int(now), pid=pid, started=started, cpu_seconds=seconds, rss=rss, cpu=cpu)


def running(proc: Path = PROC) -> list[Found]:
    """Every storagenode of this host that runs a node; its helpers (file walkers, the updater) are none."""
    folders = [folder for folder in proc.iterdir() if folder.name.isdigit()] if proc.is_dir() else []
    found = [each for folder in folders if (each := _found(folder)) is not None]
    return sorted(found, key=lambda each: each.pid)


def _found(folder: Path) -> Found | None:
    words = _arguments(folder)
    if not words or not os.path.basename(words[0]).startswith(NAME) or COMMAND not in words[1:3]:  # noqa: PTH119
        return None
    return Found(int(folder.name), flags_of(words), _is_bare(folder))


def mine(found: list[Found], hints: Hints, proc: Path = PROC) -> Found | None:
    """The process that is this node's; None when none, or more than one, could be."""
    for test in (_same_folder, _same_port):
        chosen = [each for each in found if test(each, hints, proc)]
        if len(chosen) == 1:
            return chosen[0]
    return found[0] if hints.alone and len(found) == 1 else None


def listening(pid: int, proc: Path = PROC, *, loopback: bool = False) -> set[int]:
    """TCP ports on which a process listens; empty where its descriptors may not be read (another user's)."""
    folder = proc / str(pid)
    try:
        sockets = {_target(each) for each in (folder / "fd").iterdir()}
        lines = [line for name in ("tcp", "tcp6") for line in (folder / "net" / name).read_text().splitlines()[1:]]
    except OSError:
        return set()
    ports = set()
    for fields in (line.split() for line in lines):
        address, _, port = fields[1].rpartition(":")
        if fields[3] == LISTENING and f"socket:[{fields[9]}]" in sockets and (not loopback or address in LOOPBACK):
            ports.add(int(port, 16))
    return ports


def say(body: Any) -> str:
    """One sentence for `check`."""
    return f"runs as process {body.pid}, {body.rss / 1e6:.0f} MB of memory."


def _same_folder(found: Found, hints: Hints, _proc: Path) -> bool:
    given = found.flags.get("config-dir", "").rstrip("/")
    return hints.folder is not None and given == hints.folder


def _same_port(found: Found, hints: Hints, proc: Path) -> bool:
    if hints.port is None:
        return False
    given = found.flags.get("console.address", "").rpartition(":")[2]
    return given == str(hints.port) or (not given and hints.port in listening(found.pid, proc))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""  # closed in this very moment


def _arguments(folder: Path) -> list[str]:
    try:
        return (folder / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except OSError:
        return []


def _is_bare(folder: Path) -> bool:
    """Whether the process's control group is that of no container; not known counts as no."""
    try:
        return not _CONTAINER.search((folder / "cgroup").read_text())
    except OSError:
        return False


def _boot(proc: Path, now: float) -> float:
    """When the host started, epoch seconds."""
    try:
        return now - float((proc / "uptime").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return now
