"""What people do with alerts: list them, mark them as seen, silence them; every way in ends here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.alerts.book import Alert, Silence
from storj_monitor.alerts.rules import BY_ID
from storj_monitor.core.errors import CommandError
from storj_monitor.core.thresholds import THRESHOLDS
from storj_monitor.store import alerts
from storj_monitor.store.connect import finish

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.alerts.decisions import RouteState
    from storj_monitor.alerts.rule import Level, Rule
    from storj_monitor.engine import Engine
    from storj_monitor.store.db import Store

FOREVER = 1 << 53
EXAMPLES = {"lasted": 6 * 3600, "node": "NODE", "satellites": "SATELLITE"}
"""Values for sentences that reckon with them, where a rule is shown without any."""


class AlertDesk:
    """The engine's alerts and the store's; `routes`: what each route remembers, by name."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        *,
        now: Callable[[], float],
        routes: Callable[[], Mapping[str, RouteState]],
    ) -> None:
        self._engine = engine
        self._routes = routes
        self._keeper = engine.keeper
        self._store = store
        self._now = now

    async def listed(self, *, history: bool, limit: int, before: int | None) -> list[dict[str, Any]]:
        """Open alerts as on the board, or all with `closed` (epoch seconds, null while open), newest first.

        Open ones have `told`, by which routes people last heard of them: `[{route, at}]`, the latest first. Those that
        closed have `ended`: `cleared` by their rule, `unwatched` with their node, null where unknown; and
        `ended_value`: the number of the rule by which it let go, null where there was none.
        """
        now = int(self._now())
        if not history:
            nodes = ("", *self._engine.nodes)
            rows = [payload for node in nodes for payload in self._keeper.payloads(node, now)]
            return [payload | {"told": self._told(payload["id"])} for payload in rows]
        found = await alerts.history(self._store.reader, FOREVER if before is None else before, limit)
        closed = [(msgspec.json.decode(body, type=Alert), closed) for body, closed in found]
        return [_past(alert, at) for alert, at in closed]

    def _told(self, alert_id: str) -> list[dict[str, Any]]:
        at = {name: state.told[alert_id].at for name, state in self._routes().items() if alert_id in state.told}
        return [{"route": name, "at": at[name]} for name in sorted(at, key=lambda name: -at[name])]

    def silences(self) -> list[dict[str, Any]]:
        """`[{node, rule, satellite, until}]` of those that hold, each null for any, the first to end first."""
        held = [each for each in self._keeper.book.silences if each.until > self._now()]
        return [msgspec.structs.asdict(each) for each in sorted(held, key=lambda each: each.until)]

    async def acknowledge(self, alert_id: str, *, on: bool = True) -> int:
        """Mark one alert (or `all`) as seen, or take that back; how many changed."""
        if alert_id != "all" and alert_id not in self._keeper.book.open:
            raise CommandError("bad_argument", f"No open alert has the id {alert_id[:60]!a}.")
        return await self._engine.acknowledge(alert_id, on=on)

    async def silence(self, node: str | None, rule: str | None, satellite: str | None, hours: float) -> int | None:
        """Tell nothing of what matches for some hours; 0 ends that. Until when, None when it ended."""
        if rule is not None and rule not in BY_ID:
            raise CommandError("bad_argument", f"There is no rule {rule[:40]!a}; known: {', '.join(sorted(BY_ID))}.")
        satellite = satellite and await self._name(satellite)
        now = int(self._now())
        until = now + int(hours * 3600) if hours else None
        await finish(self._silence((node, rule, satellite), now, until))
        return until

    async def _name(self, satellite: str) -> str:
        """The short name of a satellite, by it or by the id: one that is mistyped would silence nothing for ever."""
        names = await self._store.satellites()
        found = names.get(satellite, satellite)
        if found not in names.values():
            known = ", ".join(sorted(names.values())) or "none yet"
            raise CommandError("bad_argument", f"No satellite is called {satellite[:64]!a}; known: {known}.")
        return found

    async def _silence(self, same: tuple[str | None, str | None, str | None], now: int, until: int | None) -> None:
        """Keep it, then let it take effect, both even when who asked has left."""
        await alerts.silence(self._store, same, now, until)
        book = self._keeper.book
        book.silences = [
            each for each in book.silences if (each.node, each.rule, each.satellite) != same and each.until > now
        ]
        if until is not None:
            book.silences.append(Silence(*same, until))
        await self._engine.tell()

    def catalogue(self) -> list[dict[str, Any]]:
        """Every rule: what it watches, from which number on, and what to do."""
        return [described(rule) for rule in BY_ID.values()]


def _past(alert: Alert, closed: int | None) -> dict[str, Any]:
    ended = {"ended": alert.ended or None, "ended_value": alert.ended_value}
    return alert.payload(None) | {"closed": closed} | ended


def described(rule: Rule) -> dict[str, Any]:
    """A rule for people: its words with `…` where a value comes."""
    text, step = _plain(rule.text), _plain(rule.next_step)
    return {
        "id": rule.id,
        "scope": rule.scope,
        "needs": list(rule.needs),
        "below": rule.below,
        "levels": [_level(rule, level) for level in rule.levels],
        "text": text,
        "cost": rule.cost,
        "next_step": step,
        "link": rule.link,
    }


def _plain(words: Any) -> str:
    """The words with `…` where a value comes."""
    return words.format_map(_Gaps()) if isinstance(words, str) else words(_Gaps())


class _Gap:
    def __format__(self, spec: str) -> str:
        one, several, _ = spec.partition("|")
        return one if several else f"… {spec}s" if spec[1:].isalpha() else "…"

    __str__ = __repr__ = lambda self: "…"  # noqa: ARG005


class _Gaps(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        return EXAMPLES.get(key) or _Gap()


def _level(rule: Rule, level: Level) -> Mapping[str, Any]:
    key = rule.key(level)
    return {
        "severity": level.severity,
        "fire": level.fire,
        "clear": level.clear,
        "for": level.for_,
        "keep": level.keep,
        "threshold": key if key in THRESHOLDS and not level.fixed else None,
    }
