"""What the node's public name resolves to: a wrong or missing answer is why satellites cannot reach a node."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from storj_monitor.core.facts import Notice
from storj_monitor.core.home import host_of, is_address
from storj_monitor.core.readings_host import DnsReading
from storj_monitor.sources.guard import Guard
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE = 30.0
ADDRESSES_MAX = 16
_UNKNOWN = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
"""The name servers have answered: there is no such name, or it has no address. Anything else is no answer."""


class Dns:
    """The host name in `contact.external-address`; an address in its place needs no name server."""

    def __init__(
        self,
        external: Callable[[], str | None],
        *,
        now: Callable[[], float],
        resolve: Callable[[str], list[str]] | None = None,
        guard: Guard | None = None,
    ) -> None:
        self._external = external
        self._now = now
        self._resolve = resolve or addresses
        self._guard = guard or Guard("The name server", PATIENCE)

    async def poll(self) -> DnsReading | None:
        """What the name resolves to now; None without a name. Raises `SourceError` or `HangsError`."""
        host = host_of(self._external() or "")
        if not host or is_address(host):
            return None
        try:
            found = await self._guard.call(self._resolve, host)
        except socket.gaierror as problem:
            if problem.errno not in _UNKNOWN:
                raise SourceError(f"No name server answers for {host}: {problem.strerror}.") from None
            found = []
        return DnsReading(at=int(self._now()), host=host, addresses=tuple(sorted(set(found)))[:ADDRESSES_MAX])


def addresses(host: str) -> list[str]:
    """All addresses of a name, of both families."""
    return [str(row[4][0]) for row in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def news(old: Any, new: Any) -> list[Notice]:
    """Another answer than the last one."""
    if (old.host, old.addresses) == (new.host, new.addresses):
        return []
    if not new.addresses:
        text = f"The name {new.host} has no address any more: satellites cannot reach the node by it."
        return [Notice(new.at, "warning", text, kind="dns")]
    before = f" It was {', '.join(old.addresses) or 'without an address'}." if old.host == new.host else ""
    return [Notice(new.at, "info", f"The name {new.host} now is {', '.join(new.addresses)}.{before}", kind="dns")]


def say(body: Any) -> str:
    """One sentence for `check`."""
    return f"{body.host} is {', '.join(body.addresses)}." if body.addresses else f"{body.host} has no address."
