"""Disasters, as data: what changes in the simulated node, from when, for how long.

Each is visible in the log and in the API (agent/docs/storagenode.md §2, §6, §10). Take a row by name, or change it:
`msgspec.structs.replace(TROUBLES["offline"], starts=3600.0)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_HOUR, _DAY = 3600.0, 86_400.0


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is different. Shares are 0–1, times seconds.

    `lost` and `unreadable`: share of pieces gone, or answered with an I/O error. `dark`: no way to the satellites and
    customers. `locked`: databases locked, orders not settled. `full`: nothing may be stored. `annoyed`: harmless lines.
    `lives`: how long each process lives while the trouble lasts; `again`: after the last of them, as long as the last;
    `fatal`: its last words (`errors.TEXTS`; "" = killed without a word); `back`: seconds until the next start.
    """

    lost: float = 0.0
    unreadable: float = 0.0
    dark: bool = False
    locked: bool = False
    full: bool = False
    annoyed: bool = False
    lives: tuple[float, ...] = ()
    again: bool = False
    fatal: str = ""
    back: float = 10.0


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A row: `starts` seconds after the node's first start, for `lasts` seconds (None: for ever)."""

    name: str
    text: str
    starts: float
    lasts: float | None = None
    change: Change

    def active(self, age: float) -> bool:
        """Whether it is on when the node is `age` seconds old."""
        return self.starts <= age and (self.lasts is None or age < self.starts + self.lasts)

    def edges(self) -> list[float]:
        """The ages at which it begins and ends."""
        return [self.starts] if self.lasts is None else [self.starts, self.starts + self.lasts]


TROUBLES: dict[str, Trouble] = {
    row.name: row
    for row in (
        Trouble(
            name="audits_fail",
            text="A quarter of the pieces is lost: audits fail, the audit score falls until disqualification.",
            starts=2 * _HOUR,
            change=Change(lost=0.25),
        ),
        Trouble(
            name="disk_dies",
            text="Reads fail, then the disk hangs, the node exits and stays down after three attempts.",
            starts=2 * _HOUR,
            change=Change(unreadable=0.3, lives=(1200.0, 75.0, 75.0, 75.0), fatal="monitor_timeout", back=15.0),
        ),
        Trouble(
            name="offline",
            text="No way out of the house for 13 days: no traffic, satellites unreachable.",
            starts=2 * _HOUR,
            lasts=13 * _DAY,
            change=Change(dark=True),
        ),
        Trouble(
            name="orders_locked",
            text="The databases are locked: bandwidth is not booked, orders are not settled, nothing is earned.",
            starts=2 * _HOUR,
            change=Change(locked=True),
        ),
        Trouble(
            name="full",
            text="The allocation is used up: no uploads, downloads go on.",
            starts=0.0,
            change=Change(full=True),
        ),
        Trouble(
            name="restart_loop",
            text="The process is killed again and again, a few minutes after each start.",
            starts=2 * _HOUR,
            lasts=_HOUR,
            change=Change(lives=(150.0,), again=True, back=10.0),
        ),
        Trouble(
            name="refuses_to_start",
            text="A power cut damaged a database: every start ends within a second.",
            starts=2 * _HOUR,
            change=Change(lives=(1.0,), again=True, fatal="malformed", back=60.0),
        ),
        Trouble(
            name="benign_noise",
            text="Nothing is wrong: lines that look worse than they are.",
            starts=0.0,
            change=Change(annoyed=True),
        ),
    )
}

QUIET = Change()


def named(trouble: str | Trouble | Iterable[str | Trouble] | None) -> tuple[Trouble, ...]:
    """Rows by name. Raises ValueError for a name that is not in `TROUBLES`."""
    if trouble is None:
        return ()
    rows = (trouble,) if isinstance(trouble, (str, Trouble)) else tuple(trouble)
    for row in rows:
        if isinstance(row, str) and row not in TROUBLES:
            raise ValueError(f"There is no trouble {row!r}; there is {', '.join(TROUBLES)}.")
    return tuple(TROUBLES[row] if isinstance(row, str) else row for row in rows)


def combined(rows: Iterable[Trouble]) -> Change:
    """Several troubles at once: the worst of each."""
    changes = [row.change for row in rows]
    if len(changes) < 2:
        return changes[0] if changes else QUIET
    mortal = next((change for change in changes if change.lives), QUIET)
    return msgspec.structs.replace(
        mortal,
        lost=max(change.lost for change in changes),
        unreadable=max(change.unreadable for change in changes),
        dark=any(change.dark for change in changes),
        locked=any(change.locked for change in changes),
        full=any(change.full for change in changes),
        annoyed=any(change.annoyed for change in changes),
    )
