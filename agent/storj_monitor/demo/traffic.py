"""Transfers: who moves what, how it ends, and the line it leaves.

A plan of 65 536 entries holds every combination of satellite, action and end in its share; each transfer is one draw
from it and one template filled in. That is what makes a million lines in seconds. The shares are those of running nodes
(agent/docs/storagenode.md §2.2, §10 facts 1–8).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.demo import books, zap
from storj_monitor.demo.errors import error
from storj_monitor.demo.places import PLACES, prefix_v6

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from storj_monitor.demo.flights import Flights
    from storj_monitor.demo.identity import Satellite
    from storj_monitor.demo.reputation import Standing
    from storj_monitor.demo.scribe import Scribe
    from storj_monitor.demo.trouble import Change

ACTIONS = {"GET": 0.50, "PUT": 0.34, "GET_REPAIR": 0.06, "PUT_REPAIR": 0.06, "GET_AUDIT": 0.04}
"""Share of each action in all transfers."""
SLOTS = {
    "PUT": books.PUT,
    "PUT_REPAIR": books.PUT_REPAIR,
    "GET": books.GET,
    "GET_REPAIR": books.GET_REPAIR,
    "GET_AUDIT": books.GET_AUDIT,
}
PLAN = 65_536
_SIZES = 1024
_LARGEST = 2_319_360
_AUDIT_BYTES = 256
_HOT = 256
_CLIENTS = 1500
_BASE32 = bytes(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value & 31] for value in range(256))

Tally = list[int]
"""Count and bytes."""
Truth = dict[tuple[str, str, str], Tally]
"""(satellite id, action, outcome) → count and bytes (sum of the lines' `size`)."""


class End(NamedTuple):
    """How a transfer ends: `share` of its action; `sent`: bytes that moved (`all`, `part` or `none` of `size`)."""

    shape: str
    outcome: str
    share: float
    sent: str
    extra: str = ""


_MISMATCH = "downloaded size (%(n)d bytes) does not match received message size (%(s)d bytes)"
_GET = (
    End("download_canceled", "canceled", 0.025, "part", _MISMATCH),
    End("download_canceled", "canceled", 0.009, "none", "context canceled"),
    End("download_canceled", "canceled", 0.006, "none", "stream closed by peer"),
    End("download_canceled", "canceled", 0.0005, "none", "unknown reason bug in code, please report"),
    End("download_failed", "failed", 0.0015, "none", "download_pipe"),
)
_PUT = (
    End("upload_canceled", "canceled", 0.014, "all"),
    End("upload_failed", "failed", 0.0008, "all", "upload_pipe"),
)
ENDS: dict[str, tuple[End, ...]] = {
    "GET": _GET,
    "GET_REPAIR": (End("download_canceled", "canceled", 0.008, "part", _MISMATCH), _GET[-1]),
    "GET_AUDIT": (End("download_canceled", "canceled", 0.015, "none", "context canceled"),),
    "PUT": _PUT,
    "PUT_REPAIR": (End("upload_canceled", "canceled", 0.009, "all"), _PUT[-1]),
}
"""Ends other than well; the rest of each action's share is `downloaded` or `uploaded`."""


class Row:
    """One entry of the plan: the template and everything a transfer of its kind changes."""

    __slots__ = ("audit", "book", "clients", "live", "part", "read", "sent", "sizes", "slot", "standing", "start",
                 "tally", "template", "verdict")  # fmt: skip

    def __init__(self, **values: Any) -> None:
        self.template: bytes
        self.start: bytes
        self.sizes: list[int]
        self.sent: bool
        self.part: bool
        self.read: bool
        self.tally: Tally
        self.book: list[int]
        self.slot: int
        self.live: list[int] | None
        self.standing: Standing
        self.audit: bool
        self.verdict: str
        self.clients: list[bytes] | None
        for name, value in values.items():
            setattr(self, name, value)


class Account(NamedTuple):
    """What belongs to one satellite: its share of the node's transfers goes into these."""

    satellite: Satellite
    standing: Standing
    book: list[int]
    live: list[int]


def sizes(rng: random.Random) -> dict[str, list[int]]:
    """Tables of piece sizes by action: a log-normal body, a heap of full segments, multiples of 256."""
    body = [min(_LARGEST, max(1, round(rng.lognormvariate(math.log(34_000), 1.7) / 256)) * 256) for _ in range(_SIZES)]
    pieces = [_LARGEST if rng.random() < 0.03 else size for size in body]
    return {action: [_AUDIT_BYTES] * _SIZES if action == "GET_AUDIT" else pieces for action in ACTIONS}


def pieces(rng: random.Random) -> Iterator[bytes]:
    """Piece ids: 32 random bytes in base 32, whose 52nd letter holds one bit only; no two alike."""
    while True:
        block = rng.randbytes(52 * 512)
        letters = block.translate(_BASE32)
        for at in range(0, len(block), 52):
            yield letters[at : at + 51] + (b"A" if block[at + 51] & 1 else b"Q")


def clients(rng: random.Random) -> Iterator[bytes]:
    """Client addresses from the places by their weight, one in twelve IPv6; none twice in 60 000 of one place."""
    ahead = [index for index, place in enumerate(PLACES) for _ in range(place.weight)]
    places = [ahead[rng.randrange(len(ahead))] for _ in range(4096)]
    v4 = [f"{place.block}.".encode() + b"%d.%d:%d" for place in PLACES]
    v6 = [b"[%s:%%x:%%x::1]:%%d" % prefix_v6(index).encode() for index in range(len(PLACES))]
    counts = [rng.getrandbits(16) for _ in PLACES]
    while True:
        bits = rng.getrandbits(44)
        index = places[bits & 4095]
        # An odd step runs through all 65 536 hosts of a /16 before it comes back to one.
        counts[index] = count = counts[index] + 40_503
        pattern = v6 if (bits >> 12) % 12 == 0 else v4
        yield pattern[index] % (count >> 8 & 255, count & 255, 1024 + (bits >> 16) % 64_000)


class Traffic:
    """Draws transfers and writes their lines.

    `unique`: every piece and client address differs from all others (for measuring); otherwise clients come back and
    some pieces are hot, as in life. `flights`: of a node that logs the starts, too.
    """

    def __init__(
        self, rng: random.Random, scribe: Scribe, accounts: list[Account], *, unique: bool, flights: Flights | None
    ) -> None:
        self.truth: Truth = {}
        self.flights = flights
        self._rng = rng
        self._scribe = scribe
        self._accounts = accounts
        self._sizes = sizes(rng)
        self._pieces = pieces(rng)
        self._clients = clients(rng)
        self._plan: list[Row | None] = []
        self._hot = [] if unique else [next(self._pieces) for _ in range(_HOT)]
        self._known = [] if unique else [next(self._clients) for _ in range(_CLIENTS)]
        self._ranks = [int(_HOT * (rank / 1024) ** 3) for rank in range(1024)]
        self._offsets = [0 if rng.random() < 0.8 else rng.randrange(_LARGEST // 256) * 256 for _ in range(1024)]

    def second(self, at: int, count: int) -> tuple[list[bytes], list[Row]]:
        """The lines of up to `count` transfers that end in one second, and the rows that move a score.

        Of a node that logs starts those that begin, then those that end.
        """
        lines: list[bytes] = []
        judged: list[Row] = []
        time = zap.stamp(at).encode()
        flights = self.flights
        plan, bits_of, piece_of, client_of = self._plan, self._rng.getrandbits, self._pieces, self._clients
        offsets, hot, known = self._offsets, self._hot, self._known
        fields: dict[bytes, bytes | int] = {b"t": time}
        for _ in range(count):
            bits = bits_of(64)
            row = plan[bits & 0xFFFF]
            if row is None:
                continue
            size = row.sizes[bits >> 16 & 1023]
            fields[b"s"] = size
            if hot and row.read and row.clients is None and bits >> 61 < 3:
                fields[b"p"] = hot[self._ranks[bits >> 50 & 1023]]
            else:
                fields[b"p"] = next(piece_of)
            near = (row.clients or known) if known else ()
            fields[b"a"] = near[(bits >> 26) % len(near)] if near else next(client_of)
            sent = size
            if row.read:
                fields[b"o"] = offsets[bits >> 36 & 1023]
                if row.part:
                    fields[b"n"] = sent = size * (bits >> 46 & 255) >> 16 << 8
            if flights is not None:
                lines.append(flights.begin(at, row, fields, sent))
                continue
            lines.append(row.template % fields)
            # As in _book, but a call for each would take longer than all of this.
            row.tally[0] += 1
            row.tally[1] += size
            if row.sent:
                row.book[row.slot] += sent
            if row.live is not None:
                row.live[0] += size
            if row.verdict:
                judged.append(row)
        self._land(at, time, lines, judged)
        return lines, judged

    def _land(self, at: int, time: bytes, lines: list[bytes], judged: list[Row]) -> None:
        for _, _, row, fields, sent in self.flights.landed(at) if self.flights else ():
            lines.append(row.template % (fields | {b"t": time}))
            _book(row, fields[b"s"], sent)
            if row.verdict:
                judged.append(row)

    @property
    def mean_size(self) -> int:
        """Bytes of an average piece."""
        table = self._sizes["PUT"]
        return sum(table) // len(table)

    def some_client(self) -> str:
        """An address for an error text."""
        return (self._rng.choice(self._known) if self._known else next(self._clients)).decode()

    def some_piece(self) -> str:
        """A piece id that no transfer has."""
        return next(self._pieces).decode()

    @property
    def idle(self) -> bool:
        """Whether nobody can come."""
        return not self._plan

    def ground(self) -> None:
        """The process ends: what is under way never does."""
        if self.flights is not None:
            self.flights.drop()

    def mingle(self) -> None:
        """Some time has passed: a few clients and hot pieces are others now."""
        if self._known:
            self._known[self._rng.randrange(_CLIENTS)] = next(self._clients)
            self._hot[self._rng.randrange(_HOT)] = next(self._pieces)

    def plan(self, change: Change) -> None:
        """Draw from now on according to `change` and the satellites' standings."""
        shares: list[tuple[float, Row]] = []
        if not change.dark:
            for account in self._accounts:
                if account.standing.disqualified is None:
                    shares += self._shares(account, change)
        self._plan = _spread(shares)

    def _shares(self, account: Account, change: Change) -> Iterator[tuple[float, Row]]:
        closed = change.full or account.standing.suspended is not None
        for action, weight in ACTIONS.items():
            if closed and action.startswith("PUT"):
                continue
            for end in _ends(action, change, old=self._scribe.minor < 146):
                yield account.satellite.share * weight * end.share, self._row(account, action, end)

    def _row(self, account: Account, action: str, end: End) -> Row:
        read = action.startswith("GET")
        verdict = {"ok": "ok", "failed": _VERDICTS.get(end.extra, "")}.get(end.outcome, "")
        return Row(
            template=self._template(account.satellite.id, action, end),
            start=self._start(account.satellite.id, action) if self.flights else b"",
            sizes=_chunks(self._sizes[action]) if end.shape == "upload_canceled" else self._sizes[action],
            sent=end.sent != "none",
            part=end.sent == "part",
            read=read,
            tally=self.truth.setdefault((account.satellite.id, action, end.outcome), [0, 0]),
            book=account.book,
            slot=SLOTS[action],
            live=account.live if end.shape == "uploaded" else None,
            standing=account.standing,
            audit=action == "GET_AUDIT",
            verdict=verdict if action in {"GET_AUDIT", "GET_REPAIR"} else "",
            clients=[f"{account.satellite.host}.{host}:{32_768 + 97 * host}".encode() for host in range(10, 26)]
            if action not in {"GET", "PUT"}
            else None,
        )

    def _template(self, satellite: str, action: str, end: End) -> bytes:
        values = _values(satellite, action, zap.Raw("@(s)d"))
        if end.shape in {"upload_failed", "download_failed"}:
            values += error(end.extra, peer=_PLACE["a"], sat=satellite)
        elif end.extra:
            values.append(end.extra.replace("%", "@"))
        return _filled(self._scribe.at(_PLACE["t"], end.shape, *values))

    def _start(self, satellite: str, action: str) -> bytes:
        read = action.startswith("GET")
        values = _values(satellite, action, zap.Raw("@(s)d" if read else "@(v)d"))
        return _filled(self._scribe.at(_PLACE["t"], "download_started" if read else "upload_started", *values))


_PLACE = {name: f"@({name})s" for name in "tpa"}
"""Time, piece and address in a line that is to become a template: `@` as no text of a node has `%(` or `@(`."""


def _values(satellite: str, action: str, number: zap.Raw) -> list[Any]:
    head: list[Any] = [_PLACE["p"], satellite, action]
    return [*head, zap.Raw("@(o)d"), number, _PLACE["a"]] if action.startswith("GET") else [*head, _PLACE["a"], number]


def _filled(line: bytes) -> bytes:
    return line.replace(b"%", b"%%").replace(b"@(", b"%(")


def _book(row: Row, size: int, sent: int) -> None:
    row.tally[0] += 1
    row.tally[1] += size
    if row.sent:
        row.book[row.slot] += sent
    if row.live is not None:
        row.live[0] += size


_VERDICTS = {"lost": "lost", "lost_blob": "lost", "unreadable": "unknown", "unreadable_blob": "unknown"}


def _chunks(pieces: list[int]) -> list[int]:
    """Bytes that had arrived when an upload was canceled: whole 64 KiB messages."""
    return [max(65_536, size // 131_072 * 65_536) for size in pieces]


def _ends(action: str, change: Change, *, old: bool) -> list[End]:
    """The ends of an action with their shares, those of lost and unreadable pieces first."""
    ends: list[End] = []
    if action.startswith("GET"):
        suffix = "_blob" if old else ""
        gone = (("lost", change.lost), ("unreadable", change.unreadable * (1.0 - change.lost)))
        ends = [End("download_failed", "failed", share, "none", name + suffix) for name, share in gone if share]
    rest = 1.0 - sum(end.share for end in ends)
    ends += [end._replace(share=end.share * rest) for end in ENDS[action]]
    good = "downloaded" if action.startswith("GET") else "uploaded"
    return [*ends, End(good, "ok", 1.0 - sum(end.share for end in ends), "all")]


def _spread(shares: list[tuple[float, Row]]) -> list[Row | None]:
    """The plan: each row as often as its share says, at least once, the largest giving way; the rest is silence."""
    if not shares:
        return []
    counts = [max(1, round(share * PLAN)) for share, _ in shares]
    wanted = round(sum(share for share, _ in shares) * PLAN)
    counts[counts.index(max(counts))] += wanted - sum(counts)
    plan: list[Row | None] = [row for count, (_, row) in zip(counts, shares, strict=True) for _ in range(count)]
    return plan + [None] * (PLAN - len(plan))
