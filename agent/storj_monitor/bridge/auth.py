"""Who may come in: host names, origins, the token, the session cookie, and how often one may guess."""

from __future__ import annotations

import enum
import hashlib
import hmac
import ipaddress
import secrets
from typing import TYPE_CHECKING

from storj_monitor.bridge.options import is_loopback, is_wildcard, parse_origin, split_host

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from storj_monitor.bridge.options import BridgeOptions

SESSION_SECONDS = 180 * 86400
WRONG_TOKENS = 5
WRONG_WITHIN = 60.0
_ADDRESSES_KEPT = 1024


def make_token() -> str:
    """A new random token of 32 characters, to be stored and shown to the owner once."""
    return secrets.token_urlsafe(24)


class Entry(enum.IntEnum):
    """May this caller come in? The values are HTTP statuses."""

    OPEN = 200
    UNKNOWN = 401
    THROTTLED = 429


class From(enum.Enum):
    """Where a request's page comes from: no Origin at all, our own, one of `allowed_origins`, any other."""

    NOWHERE = enum.auto()
    OURS = enum.auto()
    LISTED = enum.auto()
    ELSEWHERE = enum.auto()


class Throttle:
    """At most five wrong tokens a minute from one address (IPv6: one /64, which is one household)."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._wrong: dict[str, list[float]] = {}

    def blocked(self, address: str) -> bool:
        """Whether this address has to wait, even with the right token."""
        return len(self._recent(_neighbourhood(address))) >= WRONG_TOKENS

    def wrong(self, address: str) -> None:
        """Count a wrong token."""
        key = _neighbourhood(address)
        recent = [*self._recent(key), self._now()]
        self._wrong.pop(key, None)
        self._wrong[key] = recent
        while len(self._wrong) > _ADDRESSES_KEPT:
            del self._wrong[next(iter(self._wrong))]

    def _recent(self, key: str) -> list[float]:
        now = self._now()
        return [at for at in self._wrong.get(key, ()) if 0 <= now - at < WRONG_WITHIN]


class Gate:
    """The decisions of the bridge about who is who; pure but for the clock."""

    def __init__(self, options: BridgeOptions, now: Callable[[], float]) -> None:
        self._now = now
        self._token = (options.token or "").encode()
        self._listen = options.address[0]
        self._public = parse_origin(options.public_url) if options.public_url else None
        named = (split_host(host) for host in options.allowed_hosts)
        self._hosts = {host[0] for host in named if host} | ({self._public.host} if self._public else set())
        self._listed = {parse_origin(origin) for origin in options.allowed_origins}
        self._throttle = Throttle(now)
        # The port is no part of a cookie's scope: two agents on one host must not overwrite each other's.
        self.cookie = "storj_monitor_" + hashlib.sha256(self._token).hexdigest()[:8]

    @property
    def needs_token(self) -> bool:
        return bool(self._token)

    def knows_host(self, header: str | None, arrived_at: str) -> bool:
        """Whether the Host header names us; `arrived_at` is our end of the connection (for a wildcard `listen`).

        A page that rebinds its own name to our address still sends its own name: this is what stops it.
        """
        host = split_host(header or "")
        if host is None:
            return False
        ours = _plain(arrived_at) if is_wildcard(self._listen) else self._listen
        return is_loopback(host[0]) or host[0] == ours or host[0] in self._hosts

    def origin(self, header: str | None, host_header: str) -> From:
        """What the Origin header says about the page that asks."""
        if header is None:
            return From.NOWHERE
        origin, host = parse_origin(header), split_host(host_header)
        if origin is None or host is None:
            return From.ELSEWHERE
        here = parse_origin(f"{origin.scheme}://{host_header}")
        if origin in {here, self._public}:
            return From.OURS
        return From.LISTED if origin in self._listed else From.ELSEWHERE

    def enter(self, origin: From, cookies: Mapping[str, str], authorization: str | None, address: str) -> Entry:
        """Let in by cookie or `Authorization: Bearer`; a page from elsewhere never by the cookie of our own."""
        if not self._token or (origin is not From.LISTED and self._session_holds(cookies.get(self.cookie, ""))):
            return Entry.OPEN
        scheme, _, token = (authorization or "").partition(" ")
        return self.try_token(token.strip(), address) if scheme.lower() == "bearer" else Entry.UNKNOWN

    def try_token(self, token: str, address: str) -> Entry:
        """Compare in constant time; a wrong one counts against the address."""
        if self._throttle.blocked(address):
            return Entry.THROTTLED
        if not self._token or hmac.compare_digest(token.encode(errors="replace"), self._token):
            return Entry.OPEN
        self._throttle.wrong(address)
        return Entry.UNKNOWN

    def session(self) -> str:
        """A cookie value that lets in until it expires or the token changes; needs no memory, survives a restart."""
        expires = str(int(self._now()) + SESSION_SECONDS)
        return f"{expires}.{self._sign(expires)}"

    def wants_secure(self, origin_header: str | None) -> bool:
        """Whether the browser came by https, which only it knows behind a proxy."""
        origin = parse_origin(origin_header) if origin_header else self._public
        return origin is not None and origin.scheme == "https"

    def _session_holds(self, value: str) -> bool:
        expires, _, signature = value.partition(".")
        signed = hmac.compare_digest(signature.encode(errors="replace"), self._sign(expires).encode())
        return signed and self._now() < int(expires)

    def _sign(self, expires: str) -> str:
        text = b"session " + expires.encode(errors="replace")
        return hmac.new(self._token, text, hashlib.sha256).hexdigest()


def _plain(address: str) -> str:
    """`::ffff:192.0.2.1` and `fe80::1%eth0` as a Host header writes them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


def _neighbourhood(address: str) -> str:
    plain = _plain(address)
    return str(ipaddress.ip_network(f"{plain}/64", strict=False)) if ":" in plain else plain
