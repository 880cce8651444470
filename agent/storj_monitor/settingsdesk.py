"""What people set while the agent runs: thresholds, routes, quiet hours, digest; every way in ends here.

It is checked, stored, and only then takes effect, at once. What is set wins over the settings file until it is reset.
The addresses of routes are secrets: they go into the store and to the routes, and come out in an export that asks for
them; no answer, no sentence and no line of the log has more of them than scheme and host.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from typing import TYPE_CHECKING, Any

from storj_monitor.alerts.limits import ALL, Limits
from storj_monitor.alerts.rules import BY_ID, DEFAULTS
from storj_monitor.core.errors import CommandError, MonitorError, SettingsError
from storj_monitor.core.thresholds import CONTRACT, THRESHOLDS
from storj_monitor.settings import chosen, portable
from storj_monitor.settings.chosen import COMMON, NOTIFY, REMOVE, ROUTE
from storj_monitor.store import alerts, connect
from storj_monitor.store.connect import finish
from storj_monitor.store.db import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from storj_monitor.alerts.outbox import Notifications
    from storj_monitor.engine import Engine
    from storj_monitor.settings import NotifySettings, RouteSettings, Settings
    from storj_monitor.settings.portable import Portable

_log = logging.getLogger(__name__)

ROUTES_MAX = 50
OF_NODES = tuple(key for key, row in THRESHOLDS.items() if not row.of_agent)
"""Thresholds that may differ from node to node."""
Rows = dict[tuple[str, str], Any]
"""By node ("" = all) and key; None resets."""


def filed(settings: Settings) -> dict[str, dict[str, float]]:
    """The thresholds of the settings file, by node ("" = all)."""
    return {ALL: settings.alerts.thresholds} | {name: node.thresholds for name, node in settings.nodes.items()}


async def recalled(store: Store, file: NotifySettings) -> tuple[dict[str, Any], NotifySettings]:
    """What people set of `[notify]` before, and the file's with it; what no longer fits the file is told."""
    kept = await alerts.chosen(store.reader)
    notify, faults = chosen.merged(file, kept)
    for fault in faults:
        _log.warning("%s", fault)
    return kept, notify


async def with_the_pages(settings: Settings) -> tuple[NotifySettings, list[str]]:
    """The routes as an agent on this data folder has them, whether it runs or not, and a sentence on each it cannot."""
    if not connect.database(settings.data.dir).exists():
        return settings.notify, []
    try:
        async with Store.readonly(settings.data.dir, now=time.time) as store:
            return chosen.merged(settings.notify, await alerts.chosen(store.reader))
    except (MonitorError, sqlite3.Error) as error:
        said = str(error).rstrip(".")
        return settings.notify, [f"Routes that were set on the page are left out, for they cannot be read: {said}."]


class SettingsDesk:
    """`kept` are the rows of `store.alerts.chosen`, as they were merged into what `notifications` began with.

    `changed_at`: when something was last set, epoch seconds and never twice the same; None: not since the start. `told`
    is called after each change, so that pages which show the settings ask anew.
    """

    def __init__(
        self,
        engine: Engine,
        store: Store,
        notifications: Notifications,
        settings: Settings,
        kept: Mapping[str, Any],
        *,
        now: Callable[[], float],
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self.changed_at: int | None = None
        self._told = told
        self._engine = engine
        self._store = store
        self._notifications = notifications
        self._file = settings
        self._kept = dict(kept)
        self._now = now
        self._changing = asyncio.Lock()

    # ---- to see ----

    async def answer(self) -> dict[str, Any]:
        """All that can be set, with the file's value beside; see the command `settings`."""
        limits, nodes = self._limits, list(self._engine.nodes)
        return {
            "thresholds": {node: {key: _threshold(limits, node, key) for key in OF_NODES} for node in nodes},
            "all": {key: _for_all(limits, key) for key in DEFAULTS},
            "rules": [_rule(key) for key in DEFAULTS],
            "routes": [self._route(name, each) for name, each in self._notify.routes.items()],
            "removed": [
                {"name": name, "url": each.shown}
                for name, each in self._file.notify.routes.items()
                if name not in self._notify.routes
            ],
            "notify": {key: self._common(key) for key in COMMON},
            "nodes": [each async for each in self._nodes()],
        }

    @property
    def _limits(self) -> Limits:
        return self._engine.keeper.limits

    @property
    def _notify(self) -> NotifySettings:
        return self._notifications.settings

    def _route(self, name: str, route: RouteSettings) -> dict[str, Any]:
        in_file, changed = name in self._file.notify.routes, ROUTE + name in self._kept
        fares = self._notifications.status().get(name, {"failures": 0, "said": "", "waiting": 0, "due": None})
        state = self._notifications.states().get(name)
        return {
            "name": name,
            "url": route.shown,
            **{key: getattr(route, key) for key in type(route).model_fields if key != "url"},
            "from": "both" if in_file and changed else "file" if in_file else "page",
            "reset": changed,
            "state": {
                "failing": fares["failures"] > 0,
                "said": fares["said"] if fares["failures"] else None,
                "waiting": fares["waiting"],
                "due": fares["due"],
                "last": max(state.sent, default=None) if state else None,
            },
        }

    def _common(self, key: str) -> dict[str, Any]:
        value, file = (getattr(each, key) or None for each in (self._notify, self._file.notify))
        return {"value": value, "file": file, "set": NOTIFY + key in self._kept}

    async def _nodes(self) -> AsyncIterator[dict[str, Any]]:
        """Every node of the settings and of the history; `followed`: it is in the settings."""
        known = {row.name: row for row in await self._store.nodes()}
        for name in sorted({*known, *self._engine.nodes}):
            row, node = known.get(name), self._file.nodes.get(name)
            state = self._engine.nodes.get(name)
            yield {
                "name": name,
                "node_id": (row.node_id if row else None) or (state.node_id if state else None),
                "first_seen": row.first_seen if row else None,
                "followed": state is not None,
                "log": node.log if node else None,
                "api": node.api if node else None,
            }

    # ---- to set ----

    async def set(self, node: str | None, key: str, value: Any) -> dict[str, Any]:
        """Set one thing (None resets it); the settings after it. Raises CommandError."""
        async with self._changing:
            try:
                await self._take(self._row(node or ALL, CONTRACT.get(key, key), value))
            except SettingsError as error:
                raise CommandError("bad_argument", f"set: {error}") from None
        return await self.answer()

    async def threshold(self, node: str | None, key: str, value: float | None) -> dict[str, Any]:
        """One of the contract's two; the thresholds as they are now, by node."""
        await self.set(node, key, value)
        return {name: self._engine.keeper.thresholds(name) for name in self._engine.nodes}

    def export(self, *, secrets: bool) -> str:
        """What is in effect, as TOML; the addresses of routes only with `secrets`."""
        every = self._limits.of(ALL)
        own = {node: self._limits.of(node) for node in self._engine.nodes}
        differ = {
            node: {key: value for key, value in numbers.items() if value != self._limits.value(ALL, key)}
            for node, numbers in own.items()
        }
        return portable.write(self._notify, {ALL: every} | differ, secrets=secrets)

    async def take_in(self, text: str, *, dry_run: bool = False) -> dict[str, Any]:
        """Set what a document says and is not so yet, all of it or (CommandError) nothing; see `settings_import`."""
        async with self._changing:
            try:
                rows = self._differences(portable.read(text))
                self._room(rows)
                changes = [self._change(node, key, value) for (node, key), value in rows.items()]
                if not dry_run:
                    await self._take(rows)
            except SettingsError as error:
                raise CommandError("bad_argument", f"Nothing was changed. {error}") from None
        done = {} if dry_run else rows
        return {"changed": [_sentence(node, key, value) for (node, key), value in done.items()], "changes": changes}

    def _change(self, node: str, key: str, value: Any) -> dict[str, Any]:
        """What a row would change; of a route the fields that differ, its address as scheme and host alone."""
        old: Any
        if key in THRESHOLDS:
            old = self._limits.value(node, key)
        elif key.startswith(NOTIFY):
            old, value = getattr(self._notify, key.removeprefix(NOTIFY)) or None, value or None
        else:
            name = key.removeprefix(ROUTE)
            old, value = _routes_differ(self._notify.routes.get(name), chosen.applied(name, value, self._file.notify))
        return {"node": node or None, "key": key, "old": old, "new": value}

    def _row(self, node: str, key: str, value: Any) -> Rows:
        """What must be kept, checked against what is known. Raises SettingsError."""
        if key in THRESHOLDS:
            return {(node, key): self._number(node, key, value)}
        if node or not key.startswith((NOTIFY, ROUTE)):
            raise SettingsError(
                f"expected the key of a threshold (`settings` lists them), {NOTIFY}KEY or {ROUTE}NAME without a node."
            )
        name = key.partition(".")[2]
        if value is None:
            return {(ALL, key): None}
        if key.startswith(NOTIFY):
            return {(ALL, key): chosen.common(name, value)}
        return {(ALL, key): self._route_row(name, value)}

    def _number(self, node: str, key: str, value: Any) -> float | None:
        row = THRESHOLDS[key]
        if node and key not in OF_NODES:
            raise SettingsError(f"{key} is about the agent itself: set it without a node.")
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not row.least <= value <= row.most:
            raise SettingsError(f"{key}: expected a number, {row.expected}.")
        return float(value)

    def _route_row(self, name: str, value: Any) -> dict[str, Any] | None:
        made = chosen.route(name, value, self._kept.get(ROUTE + name, {}), self._file.notify)
        if made is None or made == REMOVE:
            return made
        # Those kept before may be gone from the settings meanwhile; that is no reason to refuse another address.
        if value.get("nodes") is not None and not set(made["nodes"]) <= {*self._engine.nodes}:
            known = ", ".join(self._engine.nodes) or "none"
            raise SettingsError(f"The nodes of a route: expected nodes of this agent; it has {known}.")
        return made

    def _room(self, rows: Rows) -> None:
        """Raises SettingsError when there would be too many routes after it."""
        made = {key for (_, key), value in rows.items() if key.startswith(ROUTE) and value not in (None, REMOVE)}
        new = made - {ROUTE + name for name in self._notify.routes}
        if new and len(self._notify.routes) + len(new) > ROUTES_MAX:
            raise SettingsError(f"There may be {ROUTES_MAX} routes, not more.")

    def _differences(self, document: Portable) -> Rows:
        """What of a document is not so already."""
        rows: Rows = {}
        tried = self._limits.copy()
        by_node = {ALL: document.alerts.thresholds} | {node: each.thresholds for node, each in document.nodes.items()}
        for node, key, value in ((node, key, value) for node, each in by_node.items() for key, value in each.items()):
            if node and node not in self._engine.nodes:
                raise SettingsError(f"This agent has no node {node}; it has {', '.join(self._engine.nodes) or 'none'}.")
            if tried.value(node, key) != value:
                rows |= self._row(node, key, value)
                tried.choose(node, key, value)
        for key in COMMON:
            value = getattr(document.notify, key)
            if value is not None and value != (getattr(self._notify, key) or ""):
                rows |= self._row(ALL, NOTIFY + key, value)
        for name, changes in document.notify.routes.items():
            rows |= self._route_differences(name, chosen.plain(changes))
        return rows

    def _route_differences(self, name: str, given: dict[str, Any]) -> Rows:
        now = self._notify.routes.get(name)
        same = {} if now is None else now.model_dump() | {"url": now.url.get_secret_value()}
        new = {key: value for key, value in given.items() if key not in same or same[key] != value}
        if now is None and "url" not in given:
            raise SettingsError(
                f"The route {name} is new here and has no url: exports leave it out unless asked; add it."
            )
        return self._row(ALL, ROUTE + name, new) if new else {}

    async def _take(self, rows: Rows) -> None:
        """Store it, then let it take effect, both even when who asked has left meanwhile."""
        self._room(rows)
        if rows:
            await finish(self._carry_out(rows))

    async def _carry_out(self, rows: Rows) -> None:
        names = {key: name for name, key in CONTRACT.items()}
        stored: Rows = {(node, names[key]): None for node, key in rows if key in names}  # as they were called once
        await alerts.set_values(self._store, stored | rows, int(self._now()))
        for (node, key), value in rows.items():
            _log.info("Set: %s", _sentence(node, key, value))
            if key in THRESHOLDS:
                self._engine.keeper.choose(node, key, value)
            elif value is None:
                self._kept.pop(key, None)
            else:
                self._kept[key] = value
        if any(key not in THRESHOLDS for _, key in rows):
            notify, _ = chosen.merged(self._file.notify, self._kept)
            await self._notifications.apply(notify)
        if any(key in THRESHOLDS for _, key in rows):
            await self._engine.tick()
        self.changed_at = max(int(self._now()), (self.changed_at or 0) + 1)
        self._told()


def _threshold(limits: Limits, node: str, key: str) -> dict[str, Any]:
    return {
        "value": limits.value(node, key),
        "file": limits.filed(node, key),
        "set": limits.where(node, key),
    }


def _for_all(limits: Limits, key: str) -> dict[str, Any]:
    return {**_threshold(limits, ALL, key), "set": limits.where(ALL, key) is not None}


def _rule(key: str) -> dict[str, Any]:
    """What a threshold is, for people: `below` says on which side of it the rule fires."""
    row, rule = THRESHOLDS[key], BY_ID[THRESHOLDS[key].rule]
    return {
        "key": key,
        "rule": row.rule,
        "severity": row.severity,
        "scope": rule.scope,
        "unit": row.unit,
        "below": rule.below,
        "least": row.least,
        "most": row.most,
        "default": DEFAULTS[key],
        "text": row.text,
    }


def _routes_differ(old: RouteSettings | None, new: RouteSettings) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """The fields of a route that differ, before (None: there was none) and after."""
    keys = [key for key in type(new).model_fields if old is None or getattr(old, key) != getattr(new, key)]
    before, after = ({key: _shown(each, key) for key in keys} if each else None for each in (old, new))
    return before, after or {}


def _shown(route: RouteSettings, key: str) -> Any:
    return route.shown if key == "url" else getattr(route, key)


def _sentence(node: str, key: str, value: Any) -> str:
    """What was set, without an address."""
    if key in THRESHOLDS:
        whose = f" of {node}" if node else ""
        return f"{key}{whose} is {value:g}." if value is not None else f"{key}{whose} is the file's again."
    if key.startswith(NOTIFY):
        return f"{key} is {value or 'none'}." if value is not None else f"{key} is the file's again."
    name = f"The route {key.removeprefix(ROUTE)}"
    if value is None:
        return f"{name} is the file's again, or gone where the file has none."
    return f"{name} is switched off." if value == REMOVE else f"{name} is set: {', '.join(value) or 'as it was'}."
