"""Pieces whose transfer has begun and not yet ended, and those just lost in a race: what one line needs of another.

Start lines are logged at INFO up to 1.115 and at DEBUG since (agent/docs/storagenode.md §2.2, §10 facts 3 and 4).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OPEN_MAX = 4_096
"""Open pieces remembered at most; the oldest give way (their race-lost line of ≤1.98 has no satellite then)."""
PIECE_CHARS = 16
"""Of a piece id, 80 bits tell it apart; the carry is written at every commit of an old node, so it is kept small."""
LOST_MAX = 1_024
AT_ONCE = 600
"""Seconds after which a transfer without an end is taken for one whose end was not logged."""


class Opened(NamedTuple):
    """A transfer that began: `began` is the second, 0 when not known, negative when it was already found too slow."""

    satellite: str
    action: str
    began: int


class OpenPieces:
    """Bounded; `touched` says that what is to be saved has changed."""

    def __init__(self) -> None:
        self.open: dict[str, Opened] = {}
        self.touched = False
        self.lost: deque[str] = deque(maxlen=LOST_MAX)
        self._told = 0

    def start(self, piece: str, satellite: str, action: str, at: int) -> None:
        """A transfer begins; of two of one piece at the same time, the later one."""
        if len(self.open) >= OPEN_MAX:
            del self.open[next(iter(self.open))]
        self.open[piece[:PIECE_CHARS]] = Opened(satellite, action, at)
        self.touched = True
        self._told = at

    def at_once(self, last: int) -> tuple[int, int] | None:
        """Downloads and uploads under way at `last`; None where the log has not told of a start lately.

        At INFO many uploads fail without a line: what has not ended after `AT_ONCE` seconds counts no more.
        """
        if not self._told or self._told < last - AT_ONCE:
            return None
        young = [each.action for each in self.open.values() if each.began >= last - AT_ONCE]
        out = sum(action.startswith("GET") for action in young)
        return out, len(young) - out

    def end(self, piece: str) -> Opened | None:
        """How the transfer of a piece that ends now has begun; None when no line told it."""
        opened = self.open.pop(piece[:PIECE_CHARS], None) if self.open else None
        self.touched = self.touched or opened is not None
        return opened

    def forget(self) -> None:
        """The node has started anew: what was open will not end."""
        self.touched = self.touched or bool(self.open)
        self.open.clear()

    def overdue(self, action: str, last: int, seconds: int) -> Iterator[Opened]:
        """Transfers of an action that are open for more than `seconds` at `last`, each told once."""
        late = [
            (piece, opened)
            for piece, opened in self.open.items()
            if 0 < opened.began < last - seconds and opened.action == action
        ]
        for piece, opened in late:
            self.open[piece] = opened._replace(began=-opened.began)
            self.touched = True
            yield opened

    def lose(self, piece: str) -> None:
        """A race was lost: at DEBUG the same transfer is logged a second time."""
        self.lost.append(piece[:PIECE_CHARS])
        self.touched = True

    def is_twin(self, piece: str) -> bool:
        """Whether the piece was just lost; asked once, it is so no more."""
        if piece[:PIECE_CHARS] not in self.lost:
            return False
        self.lost.remove(piece[:PIECE_CHARS])
        self.touched = True
        return True

    # ---- over a restart ----

    def pack(self) -> tuple[list[tuple[str, str]], dict[str, int], list[int], list[str]]:
        """Satellites and actions, piece → number of these, the seconds of the pieces, the lost pieces."""
        self.touched = False
        who = list(dict.fromkeys((each.satellite, each.action) for each in self.open.values()))
        number = {each: index for index, each in enumerate(who)}
        opened = {piece: number[each.satellite, each.action] for piece, each in self.open.items()}
        return who, opened, [each.began for each in self.open.values()], list(self.lost)

    def unpack(
        self, who: Sequence[tuple[str, str]], opened: dict[str, int], began: Sequence[int], lost: Sequence[str]
    ) -> None:
        """Continue from `pack`; seconds were not kept by the first version."""
        times = began if len(began) == len(opened) else [0] * len(opened)
        self.open.clear()
        self.open.update(
            {piece: Opened(*who[number], at) for (piece, number), at in zip(opened.items(), times, strict=True)}
        )
        self.lost = deque(lost, LOST_MAX)
