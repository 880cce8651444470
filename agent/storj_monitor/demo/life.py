"""How a process starts and ends: the sequences of running nodes (agent/docs/storagenode.md §1.8, §2.6, §10)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.demo import zap
from storj_monitor.demo.errors import error

if TYPE_CHECKING:
    from storj_monitor.demo.lognode import SimulatedNode

_BLOBS = "/app/config/storage/blobs"
_SCHEMA = 62
WALLET = "0x0123456789012345678901234567890123456789"


def first_words(node: SimulatedNode, at: int) -> list[bytes]:
    """What is said before anything can go wrong."""
    line = node.scribe.line
    return [
        line(at, "config", "/app/config/config.yaml"),
        line(at, "email", f"{node.name}@example.com"),
        line(at, "wallet", WALLET),
    ]


def start(node: SimulatedNode, at: int) -> list[bytes]:
    """A whole start, up to the listening servers."""
    line = node.scribe.line
    lines = [*first_words(node, at), line(at, "database", _SCHEMA), line(at, "fastopen")]
    lines += [each for index in range(len(node.accounts)) for each in _open_store(node, at, index)]
    if node.scribe.minor >= 149:
        lines.append(line(at, "migration_ready", _BLOBS, True))
    lines += [line(at, "clock_start"), line(at, "clock_ok"), line(at, "collect")]
    lines += [
        line(at, "started", text=node.node_id),
        line(at, "public", text="[::]:28967"),
        line(at, "private", text="127.0.0.1:7778"),
    ]
    return [*lines, line(at, "collected", 0)]


def _open_store(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    line, satellite = node.scribe.line, node.accounts[index].satellite.id
    took = zap.duration(node.chance.uniform(0.003, 0.4))
    if not node.hashstore:
        return [line(at, "opened_before_146", satellite, took)] if node.scribe.minor >= 120 else []
    folder = f"/app/config/storage/hashstore/{satellite}"
    largest = node.disks[index].live[0] >> 30
    hints = [
        line(at, "hint", satellite, store, f"{folder}/{store}/meta/hint-{largest:016x}", [], largest, False)
        for store in ("s0", "s1")
    ]
    return [*hints, line(at, "opened", satellite, took, largest, 0, 0)]


def die(node: SimulatedNode, at: int, fatal: str) -> list[bytes]:
    """The last words of a process that gives up; nothing if it was killed (`fatal` empty)."""
    if not fatal:
        return []
    line, words = node.scribe.line, error(fatal)
    lines = [line(at, "runner_died", "piecestore:monitor", *words)] if words[0].startswith("piecestore monitor") else []
    lines.append(line(at, "run_failed", *words))
    if node.output == "file":
        return [*lines, line(at, "fatal", *words)]
    return [*lines, f"Error: {words[0]}\n".encode()]


def stop(node: SimulatedNode, at: int) -> list[bytes]:
    """A regular stop (docker stop, systemd)."""
    return [node.scribe.line(at, "signal", text="terminated")]
