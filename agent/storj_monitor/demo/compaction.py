"""One hashstore compaction, as 1.162 logs it: agent/docs/storagenode.md §2.8 and §10 fact 30.

Store `s1` holds the data of a satellite, `s0` is the passive one and stays almost empty. What customers deleted goes to
trash, trash older than a week becomes dead bytes, and logs that are mostly dead are written anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from storj_monitor.demo import zap
from storj_monitor.demo.books import DAY

if TYPE_CHECKING:
    from storj_monitor.demo.books import Disk
    from storj_monitor.demo.lognode import SimulatedNode

_LOG = 1 << 30
_TABLE_ROW = 64
_RECLAIMED = 0.6
_EVERY = 10
"""Seconds between two lines of progress."""

Later = Callable[[int], list[bytes]]
"""Writes lines at an epoch second."""


def compact(node: SimulatedNode, at: int, number: int) -> tuple[list[bytes], list[tuple[float, Later]]]:
    """Compact store `number % 2` of satellite `number // 2`: the lines of its beginning, and what follows.

    What follows comes with the seconds after which it is written. The disk's books move at once.
    """
    index, store = number // 2, f"s{number % 2}"
    disk, line = node.disks[index], node.scribe.line
    context = (node.accounts[index].satellite.id, store)
    before = stats(node, disk, at, store)
    freed = moved = 0
    if store == "s1":
        moved, freed = disk.collect(at // DAY), disk.expire(at // DAY)
    dead = disk.dead + freed
    reclaimed = int(max(0, dead - disk.never_freed) * _RECLAIMED) if store == "s1" else 0
    disk.dead = dead - reclaimed
    disk.compactions += 1
    rewritten = int(reclaimed * node.chance.uniform(0.25, 0.6))
    took = node.chance.uniform(0.4, 2.0) + rewritten / node.chance.uniform(1.5e7, 2.6e7)
    records = before["Table"]["NumSet"]
    begun = [
        line(at, "compaction", *context, before),
        line(at, "compact_once", *context, at // DAY),
        line(at, "compact_details", *context, *_details(records, moved + freed > 0, took)),
    ]
    later = _progress(node, context, rewritten, took)
    if moved + freed:
        sums = _rewritten(node, records, (rewritten, moved, 0, freed), reclaimed=reclaimed, took=took)
        later.append((took * 0.9, lambda when: [line(when, "compact_rewritten", *context, *sums)]))

    def ends(when: int) -> list[bytes]:
        return [
            line(when, "compact_done", *context, zap.duration(took * 0.97), True),
            line(when, "compacted", *context, zap.duration(took), stats(node, disk, when, store, compacted=True)),
        ]

    later.append((took, ends))
    return begun, later


def _progress(node: SimulatedNode, context: tuple[str, str], rewritten: int, took: float) -> list[tuple[float, Later]]:
    """A line every ten seconds of how much is rewritten."""

    def said(after: float, when: int) -> list[bytes]:
        done = int(rewritten * after / took)
        figures = (done // node.piece_size, zap.memory(done), zap.duration(after))
        return [node.scribe.line(when, "compact_progress", *context, *figures)]

    return [(after, partial(said, after)) for after in range(_EVERY, int(took * 0.9), _EVERY)]


def _details(records: int, modifications: bool, took: float) -> tuple[Any, ...]:
    slots = max(14, (records * 2).bit_length())
    size = zap.memory(_TABLE_ROW << slots)
    candidates = [3, 7, 11] if modifications else []
    return (records, records, modifications, slots, size, slots, size, candidates, candidates, zap.duration(took / 9))


def _rewritten(
    node: SimulatedNode, records: int, sizes: tuple[int, ...], *, reclaimed: int, took: float
) -> tuple[Any, ...]:
    """`sizes` are bytes rewritten, sent to trash, restored and expired."""
    piece, rewritten = node.piece_size, sizes[0]
    counted = [part for size in sizes for part in (size // piece, zap.memory(size))]
    ratio = reclaimed / rewritten if rewritten else float("nan")
    return (
        zap.duration(took * 0.9),
        records,
        zap.memory(records * piece),
        *counted,
        reclaimed // _LOG,
        zap.memory(reclaimed),
        ratio,
    )


def stats(node: SimulatedNode, disk: Disk, at: int, store: str, *, compacted: bool = False) -> zap.Reflected:
    """The `stats` object of one store."""
    live, trash, dead = (disk.live[0], disk.trashed, disk.dead) if store == "s1" else (0, 0, 0)
    counts = {name: size // node.piece_size for name, size in (("live", live), ("trash", trash))}
    held = live + trash
    logs = held + dead
    slots = max(14, (counts["live"] * 2).bit_length())
    today = at // DAY
    count = counts["live"] + counts["trash"]
    return zap.Reflected(
        NumLogs=-(-logs // _LOG),
        LenLogs=zap.memory(logs),
        NumLogsTTL=0,
        LenLogsTTL="0 B",
        SetPercent=held / logs if logs else 0,
        TrashPercent=trash / logs if logs else 0,
        TTLPercent=0,
        Compacting=False,
        Compactions=disk.compactions,
        Today=today,
        LastCompact=today if compacted else today - 1,
        LogsRewritten=0,
        DataRewritten="0 B",
        DataReclaimed="0 B",
        DataReclaimable=zap.memory(dead),
        Table={
            "NumSet": count,
            "LenSet": zap.memory(held),
            "AvgSet": held / count if count else 0,
            "NumTrash": counts["trash"],
            "LenTrash": zap.memory(trash),
            "AvgTrash": trash / counts["trash"] if counts["trash"] else 0,
            "NumTTL": 0,
            "LenTTL": "0 B",
            "AvgTTL": 0,
            "NumSlots": 1 << slots,
            "TableSize": zap.memory(_TABLE_ROW << slots),
            "Load": count / (1 << slots),
            "Created": today if compacted else today - 1,
            "Kind": 0,
        },
        LogsSkipped=0,
        LogsMatched=0,
        LogsMismatched=0,
        FreeRequired="12.0 MiB",
        Compaction={"Elapsed": 0, "Remaining": 0, "TotalRecords": 0, "ProcessedRecords": 0},
    )
