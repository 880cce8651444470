"""What the owner may set for the bridge, and how host names and origins are written."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from storj_monitor.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.settings import BridgeSettings

_NETLOC = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9_](?:[a-z0-9._-]{0,252}))(?::([0-9]{1,5}))?", re.ASCII)
_URL = re.compile(r"(https?)://([^/?#@\s\\]+)(/[A-Za-z0-9._~/-]*)?", re.ASCII | re.IGNORECASE)
_FRAME_ANCESTOR = re.compile(r"'self'|https?:|(?:https?://)?(?:\*\.)?[A-Za-z0-9._\[\]:-]+(?::\*)?", re.ASCII)
_DEFAULT_PORT = {"http": 80, "https": 443}


class Origin(NamedTuple):
    """Where a page comes from: `Origin("https", "monitor.example", 443)`."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class BridgeOptions:
    """`listen` is `HOST:PORT` (port 0: any free one); `public_url` as browsers reach it through a reverse proxy."""

    listen: str
    public_url: str | None = None
    token: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    frame_ancestors: tuple[str, ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to bind; an empty host is every address. Raises SettingsError."""
        host, colon, port = self.listen.rpartition(":")
        if not colon or not port.isdecimal() or int(port) > 65535:
            raise SettingsError(f"listen is HOST:PORT, for example 127.0.0.1:8480; it was {self.listen!r}.")
        if ":" in host and not host.startswith("["):
            raise SettingsError(f"Write an IPv6 address in brackets: [{host}]:{port}.")
        return host.strip("[]").lower(), int(port)

    @property
    def base(self) -> str:
        """The path of `public_url` without its last slash: what a proxy that does not strip it asks for."""
        match = _URL.fullmatch(self.public_url or "")
        return (match[3] or "").rstrip("/") if match else ""


def options_of(bridge: BridgeSettings) -> BridgeOptions:
    """What the settings say."""
    return BridgeOptions(
        bridge.listen,
        bridge.public_url,
        bridge.token.get_secret_value() if bridge.token is not None else None,
        tuple(bridge.allowed_hosts),
        tuple(bridge.allowed_origins),
        tuple(bridge.frame_ancestors),
    )


def split_host(netloc: str) -> tuple[str, int | None] | None:
    """`Name:80` → `("name", 80)`; addresses in one spelling; None for anything that is not a host."""
    match = _NETLOC.fullmatch(netloc.lower())
    if match is None or int(match[2] or 0) > 65535:
        return None
    host, port = match[1].strip("[]").rstrip("."), int(match[2]) if match[2] else None
    if match[1].startswith("["):
        try:
            host = str(ipaddress.IPv6Address(host))
        except ValueError:
            return None
    return host, port


def parse_origin(text: str) -> Origin | None:
    """An Origin header or the front of a URL; None for `null` and everything else that has no host."""
    match = _URL.fullmatch(text)
    host = split_host(match[2]) if match else None
    if match is None or host is None:
        return None
    scheme = match[1].lower()
    return Origin(scheme, host[0], host[1] or _DEFAULT_PORT[scheme])


def is_loopback(host: str) -> bool:
    """`localhost`, 127.0.0.0/8 and ::1."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_wildcard(host: str) -> bool:
    """Every address of this machine."""
    return host in {"", "*", "0.0.0.0", "::"}  # noqa: S104 - compared with, not bound


def opened_by(options: BridgeOptions) -> str | None:
    """The setting that lets others than this machine's user in, or pages from elsewhere; None: no setting does.

    A name that is not this machine's own only helps with a proxy before it, whose callers all seem to be this machine.
    """
    public = parse_origin(options.public_url or "")
    named = filter(None, map(split_host, options.allowed_hosts))
    doors = {
        "listen": not is_loopback(options.address[0]),
        "public_url": public is not None and not is_loopback(public.host),
        "allowed_hosts": not all(is_loopback(host) for host, _ in named),
        "allowed_origins": bool(options.allowed_origins),
    }
    return next((key for key, is_open in doors.items() if is_open), None)


def token_needed(options: BridgeOptions) -> bool:
    """Whether nobody may be let in without one."""
    return opened_by(options) is not None


def check_options(options: BridgeOptions) -> None:
    """Raise SettingsError, which names the key, for what cannot be used."""
    if token_needed(options) and not options.token:
        key = opened_by(options)
        raise SettingsError(f"A token is needed, since {key} lets others in than this machine alone: set one.")
    if options.public_url and parse_origin(options.public_url) is None:
        raise SettingsError(f"public_url is http(s)://HOST[:PORT][/PATH]; it was {options.public_url!r}.")
    _all_fit("allowed_hosts", options.allowed_hosts, lambda host: split_host(host) is not None)
    _all_fit("allowed_origins", options.allowed_origins, lambda origin: parse_origin(origin) is not None)
    # They stand in a header: a semicolon would end the directive, a line break the header.
    _all_fit("frame_ancestors", options.frame_ancestors, lambda text: _FRAME_ANCESTOR.fullmatch(text) is not None)


def _all_fit(key: str, values: tuple[str, ...], fits: Callable[[str], bool]) -> None:
    for value in values:
        if not fits(value):
            raise SettingsError(f"{key} cannot hold {value!r}.")
