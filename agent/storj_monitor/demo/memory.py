"""What an agent would have kept of a simulated node's months before its log begins: the demo's history.

Made of the same figures as the node's API (`demo.past`, `demo.money`), so both tell one story: transfers, the disk,
scores, estimates, compactions and what happened. Coarser the older it is, as a pruned store is. Durations, sizes,
pieces and countries come from the log alone.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.facts import Batch, Notice, Run, Sample, Tally
from storj_monitor.demo import money, usage
from storj_monitor.demo.answers import TABLE_SHARE
from storj_monitor.demo.books import DAY
from storj_monitor.demo.past import month_of, month_start
from storj_monitor.demo.reputation import WINDOW, WINDOWS
from storj_monitor.demo.traffic import ENDS, SLOTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.demo.lognode import SimulatedNode

HOUR = 3600
DAYS = 400
_TIERS = ((31, HOUR), (DAYS, DAY))
"""Up to so many days back, steps of so many seconds."""
_RUN_DAYS = 45


class Step(NamedTuple):
    """A bin of the memory."""

    start: int
    length: int


def remembered(node: SimulatedNode) -> Batch:
    """Everything up to the node's first line, for one commit. Deterministic by the node's seed."""
    dice = random.Random(f"memory/{node.node_id}")  # noqa: S311
    known = list(steps(node))
    tallies = [tally for step in known for tally in _transfers(node, step, dice)]
    runs = _compactions(node, dice) if node.hashstore else _old_store(node, dice)
    return Batch(
        node.name,
        tallies=tallies,
        samples=[
            *_lines(tallies),
            *_disk(node, known, dice),
            *_scores(node, known),
            *_estimates(node),
            *_earned(node),
            *_errors(known, dice),
        ],
        notices=list(_notices(node)),
        runs=[run for run in runs if run.ended is not None and run.ended < node.begun],
    )


def steps(node: SimulatedNode) -> Iterator[Step]:
    """Oldest first, none of them reaching over the first line."""
    end = node.begun // HOUR * HOUR
    edges = [end, *(max(int(node.past.joined), end - days * DAY) // DAY * DAY for days, _ in _TIERS)]
    for (_, length), newest, oldest in reversed(list(zip(_TIERS, edges, edges[1:], strict=False))):
        yield from (Step(at, length) for at in range(oldest, newest, length))


def _transfers(node: SimulatedNode, step: Step, dice: random.Random) -> Iterator[Tally]:
    """The day's traffic, more of it in the evening, none while the node was away; no two hours are quite alike."""
    part = step.length / DAY
    if step.length < DAY:
        part *= 1 + 0.25 * math.sin(((step.start + step.length / 2) % DAY / DAY - 0.55) * math.tau)
    part *= 1 - node.absent(step.start, step.length)
    for index, account in enumerate(node.accounts):
        booked = node.past.traffic(index, step.start // DAY)
        for action, slot in SLOTS.items():
            size = 256 if action == "GET_AUDIT" else node.piece_size
            ended = booked[slot] * part / size
            for outcome, share in _shares(action).items():
                mean = ended * share
                n = round(dice.gauss(mean, math.sqrt(mean)))
                if n > 0:
                    moved = round(n * size * dice.gauss(1, 0.2 / math.sqrt(n / 20 + 1)))
                    yield Tally(step.start, account.satellite.id, action, outcome, n, max(0, moved))


def _lines(tallies: list[Tally]) -> Iterator[Sample]:
    """Nearly every line tells of a transfer."""
    counts: Counter[int] = Counter()
    for tally in tallies:
        counts[tally.minute] += tally.count
    yield from (Sample("log_lines", at, n, n) for at, n in counts.items())


def _shares(action: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for end in ENDS[action]:
        found[end.outcome] = found.get(end.outcome, 0.0) + end.share
    return {"ok": 1.0 - sum(found.values()), **found}


def _gauge(metric: str, at: int, value: float, satellite: str = "") -> Sample:
    return Sample(metric, at, 1, value, value, value, value, satellite)


def _disk(node: SimulatedNode, known: list[Step], dice: random.Random) -> Iterator[Sample]:
    """The disk grew as the satellites' books say; trash and dead bytes in proportion, with some days' ups and downs."""
    live = sum(disk.live[0] for disk in node.disks)
    trash, dead = (sum(parts) for parts in zip(*((disk.trashed, disk.dead) for disk in node.disks), strict=True))
    tables = 1 + (1 / TABLE_SHARE if node.hashstore else 0)
    for step in known:
        at = step.start + step.length // 2
        stored = sum(node.past.stored(index, at) for index in range(len(node.accounts)))
        share = stored / live
        kept = trash * share * (1 + 0.1 * math.sin(step.start / DAY / 4))
        used = stored * tables + dead * share + kept + stored * dice.gauss(0, 0.00012)
        yield _gauge("disk_used", at, round(used))
        yield _gauge("disk_trash", at, round(kept))
        yield _gauge("disk_allocated", at, node.allocated)
        yield _gauge("disk_free", at, round(max(0, node.allocated - used)))
        if node.hashstore:
            yield _gauge("disk_reclaimable", at, round(dead * share * dice.uniform(0.97, 1.04)))


def _scores(node: SimulatedNode, known: list[Step]) -> Iterator[Sample]:
    for step in known:
        at = step.start + step.length // 2
        last = at // WINDOW * WINDOW
        online = 100 * (1 - sum(node.absent(last - n * WINDOW, WINDOW) for n in range(1, WINDOWS + 1)) / WINDOWS)
        for satellite in ("", *(account.satellite.id for account in node.accounts)):
            yield _gauge("online_score", at, round(online, 3), satellite)
            yield _gauge("audit_score", at, 100.0, satellite)
            yield _gauge("suspension_score", at, 100.0, satellite)


def _estimates(node: SimulatedNode) -> Iterator[Sample]:
    """What was expected of each month in its last hour, by the price list; the satellites count a little otherwise."""
    for year, month in money.periods(node, node.begun):
        at, whole = month_start(year, month + 1) - HOUR, 0.0
        for index, account in enumerate(node.accounts):
            at_rest = usage.month(node, index, year, month)[1]
            value = money.estimate(node, index, year, month, at_rest)["payout"] / 100
            whole += value
            yield _gauge("payout_estimate", at, value, account.satellite.id)
        yield _gauge("payout_estimate", at, round(whole, 4))


def _earned(node: SimulatedNode) -> Iterator[Sample]:
    """What the running month had earned by the end of each of its days, at the price list."""
    year, month = month_of(node.begun)
    kept = 1 - money.held_percent(money.months_between(node.past.joined, year, month)) / 100
    cents = 0.0
    for day in usage.month_days(year, month):
        if (day + 1) * DAY > node.begun:
            return
        for index in range(len(node.accounts)):
            cents += kept * money.of_day(node, index, day)
        yield _gauge("payout_so_far", (day + 1) * DAY - HOUR, round(cents / 100, 4))


def _errors(known: list[Step], dice: random.Random) -> Iterator[Sample]:
    for step in known:
        n = int(dice.expovariate(1 / 6) * step.length / DAY + dice.random())
        if n:
            yield Sample("errors", step.start, n, n)


def _notices(node: SimulatedNode) -> Iterator[Notice]:
    for begin, end in node.away:
        yield Notice(int(begin), "info", "The node was asked to stop (terminated).", "stopped")
        yield Notice(int(end), "info", f"The node started, version {node.version}.", "started")
    if node.hashstore:
        minor = int(node.version.split(".")[1]) - 1
        text = f"The node was updated from 1.{minor}.1 to {node.version}."
        yield Notice(node.begun - 20 * DAY, "info", text, "updated")
        yield Notice(node.begun - 6 * DAY, "info", "Moved the databases to the SSD.", "note")


# ---- tasks ----


def _compactions(node: SimulatedNode, dice: random.Random) -> Iterator[Run]:
    """Each store once a day; `s0` is the passive one and stays almost empty."""
    for day in range(_RUN_DAYS, -1, -1):
        for index, account in enumerate(node.accounts):
            uploads = node.past.uploads_per_day(index)
            at = (node.begun // DAY - day) * DAY + 5400 + 13_000 * index + dice.randrange(3000)
            reclaimed = round(uploads * dice.uniform(0.15, 0.5))
            rewritten = round(reclaimed * dice.uniform(0.3, 1.1))
            yield _compaction((account.satellite.id, "s1"), at, dice, rewritten, reclaimed)
            yield _compaction((account.satellite.id, "s0"), at + 1800, dice, 0, 0)


def _compaction(who: tuple[str, str], at: int, dice: random.Random, rewritten: int, reclaimed: int) -> Run:
    took = round(dice.uniform(0.4, 2.0) + rewritten / dice.uniform(1.5e7, 2.6e7), 6)
    stats = {"seconds": took, "table_load": 0.0, "trash_percent": 0.0, "rounds": 1}
    if rewritten:
        stats |= {"rewritten_bytes": rewritten, "reclaimed_bytes": reclaimed}
        stats |= {"table_load": round(dice.uniform(0.38, 0.5), 6), "trash_percent": round(dice.uniform(0.01, 0.03), 6)}
    return Run("compaction", at, *who, at + int(took), True, stats)


def _old_store(node: SimulatedNode, dice: random.Random) -> Iterator[Run]:
    """Garbage collection once a week, trash emptied every day."""
    for day in range(_RUN_DAYS, -1, -1):
        for index, account in enumerate(node.accounts):
            at, moved = (node.begun // DAY - day) * DAY + 120, node.past.uploads_per_day(index) // 3
            freed = round(moved * dice.uniform(0.5, 1.2))
            stats = {
                "bytes_deleted": freed,
                "num_keys_deleted": freed // node.piece_size,
                "seconds": round(freed / 2e8),
            }
            yield Run("trash", at, account.satellite.id, "", at + int(stats["seconds"]), True, stats)
            if day % 7 == index:
                count = round(node.past.stored(index, at)) // node.piece_size
                trashed, took = round(moved * dice.uniform(5, 9)) // node.piece_size, round(120 + count / 9000)
                stats = {"pieces_count": count, "deleted_pieces": trashed, "pieces_skipped": 0, "seconds": took}
                yield Run("gc", at + HOUR, account.satellite.id, "", at + HOUR + took, True, stats)
