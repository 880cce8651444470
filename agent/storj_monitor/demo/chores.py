"""What a node does by the clock, and the lines it leaves: one row per chore (agent/docs/storagenode.md §2.3–§2.11)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.demo import zap
from storj_monitor.demo.books import DAY
from storj_monitor.demo.compaction import compact
from storj_monitor.demo.errors import error

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.demo.compaction import Later
    from storj_monitor.demo.lognode import SimulatedNode

    Write = Callable[[SimulatedNode, int, int], list[bytes]]

_CACHE = "/app/config/retain"
_HOUR = 3600


class Chore(NamedTuple):
    """`first`: seconds after the start, between two bounds; or `phase`: the same time every day or week.

    `per`: 0 = once per node, else that many times per satellite. `every` 0: it comes again only if it says so.
    """

    write: Write
    every: float
    first: tuple[float, float] = (0.0, 0.0)
    spread: float = 0.0
    per: int = 0
    phase: bool = False
    since: int = 0
    until: int = 9999


def _bandwidth(node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    line = node.scribe.line
    if node.change.locked:
        return [
            line(at, "bandwidth_failed", *error("bandwidth_locked")),
            line(at, "space_failed", *error("space_locked")),
        ]
    node.ledger.flush()
    return [line(at, "bandwidth")]


def _collector(node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    expired = int(node.chance.expovariate(1 / 12))
    return [node.scribe.line(at, "collect"), node.scribe.line(at, "collected", expired)]


def _trust(node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    after = node.chance.uniform(4 * _HOUR, 7 * _HOUR)
    node.schedule(at + after, TRUST, 0)
    return [node.scribe.line(at, "trust", zap.duration(after))]


def _orders(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    account = node.accounts[index]
    satellite, count = account.satellite.id, node.orders_due(index)
    if node.change.locked and count:
        return [
            node.scribe.line(at, "orders_failed", satellite, satellite, *error("settlement")),
            node.scribe.line(at, "orders_finished", satellite, count),
        ]
    if node.change.dark or not count:
        return []
    node.orders_sent(index)
    return [node.scribe.line(at, "orders_finished", satellite, count)]


def _reputation(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    account = node.accounts[index]
    if node.change.dark:
        return [node.scribe.line(at, "scores_failed", *_unreachable(node, index, "reputation"))]
    scores, deltas = account.standing.poll(at)
    name = "scores_worsened" if min(deltas) < 0 else "scores_updated"
    values = (scores.total, scores.success, scores.audit, scores.online, scores.suspension, *deltas)
    return [node.scribe.line(at, name, account.satellite.id, *values)]


def _usage(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    """Storage usage and paystubs, twice a day; only failures leave a line."""
    line = node.scribe.line
    lines = [line(at, "usage_failed", *error("usage_locked"))] if node.change.locked else []
    if node.change.dark:
        lines += [
            line(at, "usage_failed", *_unreachable(node, index, "nodestats")),
            line(at, "payouts_failed", node.accounts[index].satellite.id),
            line(at, "held_failed", *_unreachable(node, index, "payouts service")),
        ]
    return lines


def _unreachable(node: SimulatedNode, index: int, what: str) -> tuple[str, str]:
    return error("unreachable", what=what, host=node.accounts[index].satellite.url.partition(":")[0])


def _contact(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    """The hourly check-in: silent when it works; otherwise twelve attempts, the pauses doubling."""
    if not node.change.dark:
        node.seen(at)
        return []
    for attempt in range(1, 13):
        node.schedule(at + 2 ** (attempt - 1) - 1, PING, index * 16 + attempt)
    node.schedule(at + _HOUR - 1, PING, index * 16 + 13)
    return []


def _ping(node: SimulatedNode, at: int, number: int) -> list[bytes]:
    index, attempt = divmod(number, 16)
    if not node.change.dark:
        node.seen(at)
        return []
    satellite = node.accounts[index].satellite.id
    if attempt == 13:
        return [node.scribe.line(at, "ping_given_up", satellite)]
    return [node.scribe.line(at, "ping_failed", satellite, attempt, *_unreachable(node, index, "ping satellite"))]


def _migration(node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    line, moving = node.scribe.line, not node.hashstore
    active = {account.satellite.id: moving for account in node.accounts}
    lines = [line(at, "enqueued", satellite) for satellite in active] if moving else []
    lines.append(line(at, "migration_sleeps", active, "10m0s"))
    if moving:
        node.migrated += 1
        lines.append(line(at, "migrated", node.migrated * 10_000, node.migrated * 1_873_254_912))
    return lines


def _trash(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    line, satellite = node.scribe.line, node.accounts[index].satellite.id
    freed = 0 if node.hashstore else node.disks[index].expire(at // DAY)
    took = zap.duration(node.chance.uniform(0.05, 2.0) + freed / 2e8)
    return [
        line(at, "trash_start", satellite),
        line(at, "trash_spawn", satellite),
        line(at, "trash_spawned", satellite),
        line(at, "trash_walk", satellite, "storagenode", zap.stamp(at - 7 * DAY)),
        line(at, "trash_db", satellite, "storagenode"),
        line(at, "trash_walked", satellite, "storagenode", freed, freed // node.piece_size),
        line(at, "trash_exit", satellite),
        line(at, "trash_end", satellite, took),
    ]


def _used_space(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    line, satellite = node.scribe.line, node.accounts[index].satellite.id
    size = node.disks[index].live[0]
    count = size // node.piece_size
    took = zap.duration(60 + size / 5e9)
    return [
        line(at, "used_start", satellite),
        line(at, "used_spawn", satellite),
        line(at, "used_spawned", satellite),
        line(at, "used_db", satellite, "storagenode"),
        line(at, "used_exit", satellite),
        line(at, "used_end", satellite, True, size, size - 512 * count, count, took),
    ]


def _bloom(node: SimulatedNode, at: int, index: int) -> list[bytes]:
    line, satellite = node.scribe.line, node.accounts[index].satellite.id
    lines = [line(at, "bloom", satellite, zap.stamp(at - DAY))] if node.scribe.minor >= 120 else []
    if node.hashstore or node.change.dark:
        return [] if node.change.dark else lines
    before, disk = zap.stamp(at - 2 * DAY), node.disks[index]
    count = disk.live[0] // node.piece_size
    moved = disk.collect(at // DAY) // node.piece_size
    filter_size = min(4_100_003, count * 3 // 2)
    walker = [
        line(at, "gc_spawn", satellite),
        line(at, "gc_spawned", satellite),
        line(at, "gc_db", satellite, "storagenode"),
        line(at, "gc_walk", satellite, "storagenode", before, filter_size),
        line(at, "gc_walked", satellite, "storagenode", count, moved, moved, 0),
        line(at, "gc_exit", satellite),
    ]
    took = zap.duration(120 + count / 9000)
    lines += [line(at, "retain_queued", _CACHE, satellite), line(at, "retain", _CACHE, before, filter_size, satellite)]
    return [*lines, *walker, line(at, "retained", _CACHE, moved, 0, 0, count, satellite, took, "enabled")]


def _then(write: Later, _node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    return write(at)


def _compaction(node: SimulatedNode, at: int, number: int) -> list[bytes]:
    begun, steps = compact(node, at, number)
    for after, write in steps:
        node.schedule(at + after, Chore(partial(_then, write), 0), 0)
    return begun


def _updater(node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    line, version = node.scribe.line, node.version if node.scribe.minor < 151 else f"v{node.version}"
    lines = [line(at, "updater_check", "https://version.storj.io")]
    for service in ("storagenode", "storagenode-updater"):
        lines += [line(at, "updater_current", service, version), line(at, "updater_fine", service)]
    return lines


def noise(node: SimulatedNode, at: int) -> bytes:
    """One harmless line of the kind that every node has many of."""
    line, dice = node.scribe.line, node.chance.random()
    peer = node.some_client()
    if dice < 0.7 or node.hashstore:
        return line(at, "upload_internal", *error("upload_pipe", peer=peer))
    satellite = node.chance.choice(node.accounts).satellite.id
    return line(at, "undeletable", satellite, node.some_piece(), *error("undeletable"))


def _annoyance(node: SimulatedNode, at: int, _index: int) -> list[bytes]:
    """Now and then a line that looks like trouble and is none (§2.1, "noise")."""
    if not node.change.annoyed:
        return []
    line = node.scribe.line
    index = node.chance.randrange(len(node.accounts))
    satellite = node.accounts[index].satellite.id
    kinds: list[Callable[[], list[bytes]]] = [
        lambda: [line(at, "ping_failed", satellite, 1, *_unreachable(node, index, "ping satellite"))],
        lambda: [line(at, "ping_failed", satellite, 1, *error("rate_limited"))],
        lambda: [line(at, "quic", satellite, _QUIC)],
        lambda: node.rejections(at, node.chance.randrange(1, 4)),
        lambda: [noise(node, at) for _ in range(3)],
    ]
    return node.chance.choice(kinds)()


_QUIC = (
    "contact: failed to ping storage node using QUIC, your node indicated error code: 0, "
    "rpc: quic: timeout: no recent network activity"
)


TRUST = Chore(_trust, 0)
PING = Chore(_ping, 0)
CHORES: dict[str, Chore] = {
    "trust": TRUST,
    "bandwidth": Chore(_bandwidth, _HOUR),
    "collector": Chore(_collector, _HOUR, (_HOUR, _HOUR)),
    "migration": Chore(_migration, 600, since=120),
    "trash": Chore(_trash, DAY, (1, 3), per=1),
    "used space": Chore(_used_space, 0, (5, 9), per=1, until=145),
    "contact": Chore(_contact, _HOUR, (1, 2), per=1),
    "reputation": Chore(_reputation, 4 * _HOUR, (1, 300), 300, per=1),
    "orders": Chore(_orders, _HOUR, (30, 60), 30, per=1),
    "usage": Chore(_usage, DAY / 2, (1, 300), 300, per=1),
    "bloom": Chore(_bloom, 7 * DAY, per=1, phase=True),
    "compaction": Chore(_compaction, DAY, per=2, phase=True, since=146),
    "updater": Chore(_updater, 900, (60, 120)),
    "annoyance": Chore(_annoyance, 2 * _HOUR, (600, 1200), 2 * _HOUR),
}


def due_at_start(node: SimulatedNode, at: int) -> list[tuple[float, Chore, int]]:
    """When each chore comes first after a start at `at`."""
    plan: list[tuple[float, Chore, int]] = []
    for name, chore in CHORES.items():
        if not chore.since <= node.scribe.minor <= chore.until or (name == "updater" and not node.updater):
            continue
        for index in range(max(1, chore.per * len(node.accounts))):
            if chore.phase:
                when = at + (_phase(name, index, chore.every) - at) % chore.every
            else:
                when = at + node.chance.uniform(*chore.first)
            plan.append((when, chore, index))
    return plan


def _phase(name: str, index: int, every: float) -> float:
    """A fixed time within the day or week for each of them, spread over it."""
    return (len(name) * 4099 + index * 0.381966 * every) % every


def run(node: SimulatedNode, at: int, chore: Chore, index: int) -> list[bytes]:
    """Do a chore and plan its next time."""
    lines = chore.write(node, at, index)
    if chore.every:
        node.schedule(at + chore.every + node.chance.uniform(0, chore.spread), chore, index)
    return lines
