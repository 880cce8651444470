"""Commands of a page that shows a whole fleet: each goes to the agent that owns the node.

A page names the owner with `agent` beside the command's own arguments. What changes settings is for the owner's page
alone, and nothing that came over MQTT is passed on: no question travels twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storj_monitor.core.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storj_monitor.publish.fleet import Fleet

    Call = Callable[[str, dict[str, Any], str], Awaitable[Any]]

OWN_ONLY = frozenset({"watch", "settings", "set", "import", "import_past", "import_status"})
"""Seen or edited on the owning agent alone (agent/docs/contract.md, "Commands")."""


class Routed:
    """Calls `here` for this agent's own nodes and asks `fleet` for those of others."""

    def __init__(self, here: Call, fleet: Fleet, own: Callable[[], str]) -> None:
        self._here = here
        self._fleet = fleet
        self._own = own

    async def __call__(self, cmd: str, args: dict[str, Any], channel: str) -> Any:
        """Answer a command or raise CommandError. `channel` is websocket or mqtt."""
        if channel != "websocket":
            return await self._here(cmd, args, channel)
        rest = {key: value for key, value in args.items() if key != "agent"}
        owner = args.get("agent", self._own())
        if not isinstance(owner, str):
            raise CommandError("bad_argument", "`agent` is the name of an agent.")
        if cmd == "forget":
            return await self._forget(owner)
        if owner == self._own():
            return await self._here(cmd, rest, channel)
        if cmd in OWN_ONLY:
            raise CommandError("not_allowed", f"{cmd} is for the page of {owner} itself.")
        return await self._fleet.ask(owner, cmd, rest)

    async def _forget(self, owner: str) -> dict[str, Any]:
        if owner == self._own():
            raise CommandError("not_allowed", "This agent cannot forget itself.")
        await self._fleet.forget(owner)
        return {"forgotten": owner}
