"""The simulated node: a storage node's log, line by line, from a seed; the same seed gives the same bytes.

It keeps what a node and its satellites would know (traffic, disk, scores), so that `demo.console` can serve an API
that agrees with the log, and it counts the truth while it writes, so that tests need not trust anybody's parser.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from typing import TYPE_CHECKING

from storj_monitor.demo import chores, life
from storj_monitor.demo.books import DAY, Disk, Ledger
from storj_monitor.demo.flights import Flights
from storj_monitor.demo.identity import SATELLITES, Satellite, node_id
from storj_monitor.demo.past import Past, rates
from storj_monitor.demo.reputation import WINDOW, WINDOWS, Standing
from storj_monitor.demo.scribe import SNAKE_CASE_SINCE, Scribe
from storj_monitor.demo.traffic import ACTIONS, Account, Row, Traffic, Truth
from storj_monitor.demo.trouble import QUIET, Change, Trouble, combined, named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from storj_monitor.demo.chores import Chore

_HOUR = 3600
_NEVER = math.inf
_MONTHS_OLD = 26
_LIVE = 0.93
"""Share of what is used that is live data; the rest is trash, dead bytes and tables."""


class SimulatedNode:
    """One storage node. Not thread-safe: one thread at a time drives it.

    Args:
        seed: with `name` decides everything that is random.
        start: epoch seconds of the first line.
        version: a storagenode version from 1.116 on, such as `1.162.3` or `1.142.7`.
        name: the node's name; part of its identity and its e-mail address.
        rate: transfers per second on average.
        satellites: rows of `identity.SATELLITES`; their shares are scaled to 1.
        trouble: names of `trouble.TROUBLES`, or rows of your own.
        encoding: `console` or `json`.
        level: `info`, or `debug`: the log tells the starts of transfers, too, and so how long they take.
        output: `file` or `stderr`: a fatal error's last line differs (agent/docs/storagenode.md §1.8).
        allocated: bytes the operator gives; `used` is the share of it that is taken at the start.
        joined: epoch seconds since when the node exists (default 26 months before `start`; `start`: a new node).
        noise: share of harmless other lines, as a share of transfers.
        unique: every piece and client address is another one.
        flat: exactly `rate` transfers in every second instead of an evening peak and some chance.
        limit: after so many transfers, with `flat`, no more come.
        updater: the updater writes into the same stream, as in a container.
        away: absences within the 30 days before `start`: (seconds before it, seconds long).
    """

    def __init__(
        self,
        seed: int,
        *,
        start: float,
        version: str = "1.162.3",
        name: str = "demo",
        rate: float = 3.0,
        satellites: Iterable[Satellite] = SATELLITES,
        trouble: str | Trouble | Iterable[str | Trouble] | None = None,
        encoding: str = "console",
        level: str = "info",
        output: str = "file",
        allocated: int = 8_000_000_000_000,
        used: float = 0.62,
        joined: float | None = None,
        noise: float = 0.002,
        unique: bool = False,
        flat: bool = False,
        limit: int | None = None,
        updater: bool = True,
        away: Iterable[tuple[float, float]] = (),
    ) -> None:
        self.name, self.version, self.output = name, version, output
        self.away = [(start - before, start - before + length) for before, length in away]
        self.node_id = node_id(seed, name)
        self.allocated, self.updater = allocated, updater
        self.scribe = Scribe(version, encoding)
        self.hashstore = self.scribe.minor >= SNAKE_CASE_SINCE
        self.change: Change = QUIET
        self.up = False
        self.started_at: float | None = None
        self.last_contact: float | None = None
        self.lines_written = 0
        self.midnights: dict[int, list[int]] = {}
        self.migrated = 0
        self.begun = int(start)
        self._rate, self._noise, self._flat = rate, noise, flat
        self._limit = math.inf if limit is None else limit
        self._troubles = named(trouble)
        dice = random.Random(f"node/{seed}/{name}/{version}")  # noqa: S311
        self.chance = random.Random(dice.getrandbits(64))  # noqa: S311
        rows = _scaled(tuple(satellites))
        self.ledger, self.disks = Ledger(len(rows)), [Disk([0]) for _ in rows]
        self.accounts = list(map(_account, rows, self.ledger.open, self.disks))
        flights = Flights(random.Random(f"flights/{seed}/{name}")) if level == "debug" else None  # noqa: S311
        rng = random.Random(dice.getrandbits(64))  # noqa: S311
        self.traffic = Traffic(rng, self.scribe, self.accounts, unique=unique, flights=flights)
        self.piece_size = self.traffic.mean_size
        joined = _months_before(self.begun) if joined is None else min(joined, self.begun)
        rated = [rates(rate, row.share, self.piece_size, allocated * used * _LIVE * row.share) for row in rows]
        self.past = Past(seed, joined, self.begun, rated)
        self._settle(seed)
        self._tell_room()
        self._wind_up(len(rows))

    def _wind_up(self, satellites: int) -> None:
        """Set the clockwork to the first second."""
        self._queue: deque[bytes] = deque()
        self._of_second = 0
        self._next = self.begun
        self._carry = 0.0
        self._heap: list[tuple[float, int, Chore, int]] = []
        self._scheduled = 0
        self._sent_orders = [0] * satellites
        self._edge = 0.0
        self._dies, self._returns = _NEVER, float(self.begun)
        self._lives = 0
        self._replan()

    @property
    def truth(self) -> Truth:
        """(satellite id, action, outcome) → [count, bytes] of every transfer line, the running second's included."""
        return {key: tally for key, tally in self.traffic.truth.items() if tally[0]}

    @property
    def transfers(self) -> int:
        """Transfer lines so far."""
        return sum(count for count, _ in self.traffic.truth.values())

    @property
    def position(self) -> float:
        """The event time up to which lines have been given out."""
        if not self._queue:
            return float(self._next)
        return self._next - len(self._queue) / self._of_second

    def lines(self, start: float, end: float) -> Iterator[bytes]:
        """The lines of `start` ≤ event time < `end`, in order, each with its newline.

        Intervals follow each other; how they are cut does not change the bytes. A gap is a time in which the host
        stood still: nothing is written and nobody is served. After `stop` the next call starts the process again.
        """
        self._skip(start)
        while True:
            if self._queue:
                done = self._of_second - len(self._queue)
                if self._next - 1 + done / self._of_second >= end:
                    return
                yield self._queue.popleft()
            elif self._next >= end:
                return
            else:
                self._queue.extend(self._generate())
                self._of_second = len(self._queue)

    def seconds(self, start: float, end: float) -> Iterator[list[bytes]]:
        """As `lines`, a list for each whole second: the fast way."""
        self._skip(start)
        if self._queue:
            yield self._take()
        while self._next < end:
            yield self._generate()

    def stop(self, at: float) -> list[bytes]:
        """A regular stop: the line of the signal, then transfers in flight; the books are written down."""
        if not self.up:
            return self._take()
        self.up, self._returns = False, at
        self.traffic.ground()
        self.ledger.flush()
        self.lines_written += 1
        return [*life.stop(self, max(int(at), self._next - 1)), *self._take()]

    def _take(self) -> list[bytes]:
        rest = list(self._queue)
        self._queue.clear()
        return rest

    def schedule(self, at: float, chore: Chore, index: int) -> None:
        """Have a chore done at `at`, unless the process ends before."""
        self._scheduled += 1
        heapq.heappush(self._heap, (at, self._scheduled, chore, index))

    def seen(self, at: float) -> None:
        """Somebody from outside got through."""
        self.last_contact = at

    def rejections(self, at: int, count: int) -> list[bytes]:
        """Uploads refused because too many were running; counted as transfers of no satellite."""
        tally = self.traffic.truth.setdefault(("", "PUT", "rejected"), [0, 0])
        tally[0] += count
        return [self.scribe.line(at, "upload_rejected", 31, 30) for _ in range(count)]

    def orders_due(self, index: int) -> int:
        """Orders of a satellite that wait for settlement."""
        return self._moved(index) - self._sent_orders[index]

    def orders_sent(self, index: int) -> None:
        """They are settled."""
        self._sent_orders[index] = self._moved(index)

    def some_client(self) -> str:
        """An address for an error text."""
        return self.traffic.some_client()

    def some_piece(self) -> str:
        """A piece id for a line that is no transfer."""
        return self.traffic.some_piece()

    def _moved(self, index: int) -> int:
        satellite = self.accounts[index].satellite.id
        return sum(tally[0] for key, tally in self.traffic.truth.items() if key[0] == satellite)

    def _settle(self, seed: int) -> None:
        """The state at the first line: disks as full, satellites as content as months of service made them."""
        today = self.begun // DAY
        for index, (account, disk) in enumerate(zip(self.accounts, self.disks, strict=True)):
            disk.live[0] = int(self.past.stored(index, self.begun))
            disk.settle(self.past.uploads_per_day(index), today, hashstore=self.hashstore)
            self._vouch(random.Random(f"standing/{seed}/{index}"), account)  # noqa: S311

    def _tell_room(self) -> None:
        if self.traffic.flights is not None:
            self.traffic.flights.room = max(0, self.allocated - sum(disk.live[0] for disk in self.disks))

    def _vouch(self, dice: random.Random, account: Account) -> None:
        standing, age = account.standing, self.begun - self.past.joined
        standing.total = int(age * self._rate * account.satellite.share * ACTIONS["GET_AUDIT"])
        standing.success = standing.total
        if not standing.total:
            standing.unknown_alpha = 1.0
            return
        first = max(self.past.joined, self.begun - WINDOWS * WINDOW)
        for start in range(int(first // WINDOW + 1) * WINDOW, self.begun // WINDOW * WINDOW, WINDOW):
            count = dice.randrange(20, 60)
            standing.windows[start] = [count, round(count * (1 - self.absent(start, WINDOW)))]
        standing.poll(self.begun)

    def absent(self, start: float, length: float) -> float:
        """Share of a span in which the node was away before its first line."""
        return sum(max(0.0, min(end, start + length) - max(begin, start)) for begin, end in self.away) / length

    def _skip(self, start: float) -> None:
        if start < self._next + 1:
            return
        self._missed(self._next, int(start))
        self._next = int(start)

    def _missed(self, begin: int, end: int) -> None:
        """Audits that found nobody, hour by hour."""
        for at in range(begin, end, _HOUR):
            share = min(_HOUR, end - at) * self._rate * ACTIONS["GET_AUDIT"]
            for account in self.accounts:
                count = round(share * account.satellite.share)
                if count and account.standing.disqualified is None:
                    account.standing.missed(at, count)

    def _generate(self) -> list[bytes]:
        at, self._next = self._next, self._next + 1
        if at % DAY == 0:
            self.midnights[at // DAY] = [disk.live[0] for disk in self.disks]
        self.ledger.turn(at // DAY)
        if at - self.begun >= self._edge:
            self._face(at)
        lines = self._turn(at)
        if self.up:
            lines += self._chores(at)
            lines += self._transfers(at)
        if at % _HOUR == 0:
            self._hourly(at)
        self.lines_written += len(lines)
        return lines

    def _hourly(self, at: int) -> None:
        self.traffic.mingle()
        self._tell_room()
        if self.change.dark or not self.up:
            self._missed(at, at + _HOUR)

    def _face(self, at: int) -> None:
        """Troubles begin and end."""
        age = at - self.begun
        was, self.change = self.change, combined(row for row in self._troubles if row.active(age))
        self._edge = min((edge for row in self._troubles for edge in row.edges() if edge > age), default=_NEVER)
        if was.lives and not self.change.lives:
            self._dies, self._returns, self._lives = _NEVER, min(self._returns, at), 0
        if self.up and self.change.lives and not was.lives:
            self._dies = at + self.change.lives[0]
        self._replan()

    def _replan(self) -> None:
        self.traffic.plan(self.change)

    def _turn(self, at: int) -> list[bytes]:
        """Die, or come back."""
        if self.up and at >= self._dies:
            return self._die(at)
        if self.up or at < self._returns:
            return []
        if self._stillborn():
            self._bury(at)
            return life.first_words(self, at) + life.die(self, at, self.change.fatal)
        self.up, self.started_at = True, float(at)
        self._dies = at + self._life() if self.change.lives else _NEVER
        self._heap.clear()
        for when, chore, index in chores.due_at_start(self, at):
            self.schedule(when, chore, index)
        return life.start(self, at)

    def _stillborn(self) -> bool:
        return bool(self.change.fatal) and bool(self.change.lives) and self._life() < 2

    def _life(self) -> float:
        lives = self.change.lives
        return lives[min(self._lives, len(lives) - 1)]

    def _die(self, at: int) -> list[bytes]:
        silent = self._life() < 2
        self.up = False
        self.traffic.ground()
        self.ledger.crash()
        self._bury(at)
        return [] if silent else life.die(self, at, self.change.fatal)

    def _bury(self, at: int) -> None:
        self._lives += 1
        over = self._lives >= len(self.change.lives) and not self.change.again
        self._dies, self._returns = _NEVER, _NEVER if over else at + self.change.back

    def _chores(self, at: int) -> list[bytes]:
        lines: list[bytes] = []
        while self._heap and self._heap[0][0] < at + 1:
            _, _, chore, index = heapq.heappop(self._heap)
            lines += chores.run(self, at, chore, index)
        return lines

    def _transfers(self, at: int) -> list[bytes]:
        count = 0 if self.traffic.idle else self._count(at)
        if not count:
            return []
        lines, judged = self.traffic.second(at, count)
        if lines:
            self.last_contact = at
        if judged:
            self._judge(at, judged)
        expected = self._noise * count
        lines += [chores.noise(self, at) for _ in range(int(expected + self.chance.random()))]
        return lines

    def _count(self, at: int) -> int:
        if self._flat:
            age = at - self.begun
            return int(min(self._limit, self._rate * (age + 1))) - int(min(self._limit, self._rate * age))
        evening = 1 + 0.25 * math.sin((at % DAY / DAY - 0.55) * math.tau)
        self._carry += self._rate * evening * (0.5 + self.chance.random())
        count = int(self._carry)
        self._carry -= count
        return count

    def _judge(self, at: int, judged: list[Row]) -> None:
        before = self._verdicts()
        for row in judged:
            (row.standing.audit if row.audit else row.standing.judge)(at, row.verdict)
        if self._verdicts() != before:
            self._replan()

    def _verdicts(self) -> list[tuple[bool, bool]]:
        standings = [account.standing for account in self.accounts]
        return [(standing.disqualified is None, standing.suspended is None) for standing in standings]


def _account(satellite: Satellite, book: list[int], disk: Disk) -> Account:
    return Account(satellite, Standing(), book, disk.live)


def _scaled(satellites: tuple[Satellite, ...]) -> list[Satellite]:
    total = sum(row.share for row in satellites)
    return [row._replace(share=row.share / total) for row in satellites]


def _months_before(begun: int) -> float:
    return begun - _MONTHS_OLD * 30.4375 * DAY
