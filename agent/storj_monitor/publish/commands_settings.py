"""The commands about what can be set while the agent runs (agent/docs/contract.md, "Commands").

All but the contract's two thresholds are for the agent's own page alone: over a broker anybody with its password could
turn the routes away.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

import msgspec
from msgspec import Meta

from storj_monitor.publish.commands import Name, Nothing, Row

TOML_MAX = 256 * 1024


class Threshold(msgspec.Struct, forbid_unknown_fields=True):
    """`{node?, key, value}`; `value` null goes back to the file's, or the rule's own."""

    key: Literal["disk_full_days", "online_score"]
    value: float | None = None
    node: Name | None = None


class Set(msgspec.Struct, forbid_unknown_fields=True):
    """`{node?, key, value|null}`; `key`: a threshold, `notify.KEY` or `route.NAME`. Null goes back to the file's."""

    key: Name
    value: Any = None
    node: Name | None = None


class Export(msgspec.Struct, forbid_unknown_fields=True):
    """`{secrets: false}`."""

    secrets: bool = False


class Import(msgspec.Struct, forbid_unknown_fields=True):
    """`{toml, dry_run: false}`; `dry_run` only says what it would change."""

    toml: Annotated[str, Meta(max_length=TOML_MAX)]
    dry_run: bool = False


class Desk(Protocol):
    """Who keeps the settings."""

    async def answer(self) -> dict[str, Any]:
        """All that can be set."""

    async def set(self, node: str | None, key: str, value: Any) -> dict[str, Any]:
        """Set one thing; all as it is now."""

    async def threshold(self, node: str | None, key: str, value: float | None) -> dict[str, Any]:
        """The contract's thresholds as they are now, by node."""

    def export(self, *, secrets: bool) -> str:
        """All of it as TOML."""

    async def take_in(self, text: str, *, dry_run: bool = False) -> dict[str, Any]:
        """What a TOML document changed, or would change."""


def settings_rows(desk: Desk) -> tuple[Row, ...]:
    """Rows for `publish.commands.Commands`.

    `settings` and `set` → `{thresholds: {node: {key: {value, file, set: "node"|"all"|null}}}, all: {key: {value, file,
    set}}, rules: [{key, rule, severity, scope, unit, below, least, most, default, text}], routes: [{name, url,
    severities, nodes, quiet, notices, digest, from: "file"|"page"|"both", reset, state: {failing, said, waiting,
    due, last}}], removed: [{name, url}], notify: {key: {value, file, set}}, nodes: [{name, node_id, first_seen,
    followed, log, api}]}`: `url` is scheme and host, `file` the value without what was set, `removed` the file's routes
    that are off; of a route `due` is when it is tried next, `last` when a message arrived last (epoch seconds or null).
    `settings_export` → `{toml}`. `settings_import` → `{changed: [sentence], changes: [{node|null, key, old, new}]}`:
    `key` is a threshold, `notify.KEY` or `route.NAME`; of a route `old` (null: it is new) and `new` are the fields that
    differ, its url as scheme and host. With `dry_run` nothing is changed and `changed` is empty.
    """

    async def settings(_args: Nothing) -> Any:
        return await desk.answer()

    async def set_one(args: Set) -> Any:
        return await desk.set(args.node, args.key, args.value)

    async def threshold(args: Threshold) -> Any:
        return await desk.threshold(args.node, args.key, args.value)

    async def export(args: Export) -> Any:
        return {"toml": desk.export(secrets=args.secrets)}

    async def take_in(args: Import) -> Any:
        return await desk.take_in(args.toml, dry_run=args.dry_run)

    return (
        Row("settings", Nothing, settings, browsers_only=True),
        Row("set", Set, set_one, browsers_only=True),
        Row("settings_export", Export, export, browsers_only=True),
        Row("settings_import", Import, take_in, browsers_only=True),
        Row("threshold", Threshold, threshold),
    )
