"""Who is told what, and when: `[notify]` and its routes.

The address of a route is a secret as a whole, since most services carry their token in it; `shown` is what may be seen.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, field_validator

from storj_monitor.settings.section import Section

WEBHOOK = "webhook+"
"""Before http:// or https:// it makes the generic webhook, which is ours; all other schemes are Apprise's."""

URL_MAX = 4096
_ROUTE = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.ASCII | re.IGNORECASE)
_WEB = re.compile(r"https?://\S+", re.ASCII | re.IGNORECASE)
_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_HOSTS = frozenset(
    {"apprise", "form", "gotify", "json", "mailto", "matrix", "mmost", "mqtt", "ntfy", "rocket", "xml"}
    | {"http", "https", "webhook+http", "webhook+https"}
)
"""Schemes in whose addresses a host is a host; elsewhere a token may stand in its place."""
_HOST = re.compile(r"localhost|[a-z0-9-]+(\.[a-z0-9-]+)+|[0-9a-f:]*:[0-9a-f:]+", re.ASCII)


def shown(url: str) -> str:
    """Scheme and host of an address, as far as they are no secret: `mailtos://smtp.example.org`, `tgram://…`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "…"
    plain = parts.scheme in _HOSTS or parts.scheme.removesuffix("s") in _HOSTS
    return f"{parts.scheme}://{host if plain and _HOST.fullmatch(host) else '…'}"


def host_timezone() -> str:
    """The time zone of this host by its name, as `Europe/Berlin`; `UTC` where it has none."""
    link = Path("/etc/localtime")
    linked = os.readlink(link).partition("zoneinfo/")[2] if link.is_symlink() else ""  # noqa: PTH115 - may dangle
    for name in (os.environ.get("TZ", "").lstrip(":"), linked):
        try:
            return _zone(name) if name else "UTC"
        except ValueError:
            continue
    return "UTC"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found, a folder, no name that could be a file's
        raise ValueError("a time zone such as Europe/Berlin or UTC") from None
    return name


def _address(secret: SecretStr) -> SecretStr:
    url = secret.get_secret_value()
    if not url.isprintable() or len(url) > URL_MAX:
        raise ValueError(f"an address of at most {URL_MAX} characters that can be written")
    if not (_WEB.fullmatch(url[len(WEBHOOK) :]) if url.startswith(WEBHOOK) else _SCHEME.fullmatch(url)):
        raise ValueError("an address as Apprise takes it, or webhook+https://…")
    return secret


def _route_name(name: str) -> str:
    if not _ROUTE.fullmatch(name):
        raise ValueError("a name of 1 to 40 of a–z, 0–9, _ and -, for example phone")
    return name


def _text(pattern: str, expected: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(expected)
        return text

    return AfterValidator(check)


def _split_commas(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _some(severities: list[Any]) -> list[Any]:
    if not severities:
        raise ValueError("one or more of critical, warning, info")
    return severities


RouteName = Annotated[str, AfterValidator(_route_name)]
_Commas = BeforeValidator(_split_commas)
Address = Annotated[SecretStr, AfterValidator(_address)]
Severities = Annotated[list[Literal["critical", "warning", "info"]], _Commas, AfterValidator(_some)]
Nodes = Annotated[list[str], _Commas]
QuietHours = Annotated[str, _text(rf"({_TIME}-{_TIME})?", "hours such as 22:00-07:00, on a clock of 24 hours")]
"""Empty: none."""
TimeZone = Annotated[str, AfterValidator(_zone)]
DigestEvery = Literal["off", "daily", "weekly"]
WallTime = Annotated[str, _text(_TIME, "a time such as 08:00")]


class RouteSettings(Section):
    """One way to tell people, or a program."""

    url: Address = Field(
        description="Where to: an address of Apprise, as mailtos://USER:PASSWORD@HOST?to=ADDRESS, ntfys://HOST/TOPIC "
        "or tgram://TOKEN/CHAT, or webhook+https://… for a program. It is a secret; better the credential "
        "notify-route-NAME.",
        examples=["ntfys://ntfy.sh/a-topic-nobody-guesses"],
    )
    severities: Severities = Field(
        default=["critical", "warning"], description="Which alerts go this way: critical, warning, info."
    )
    nodes: Nodes = Field(
        default=[],
        description="Only alerts of these nodes and of the agent itself; without it of all nodes.",
        examples=[["attic"]],
    )
    quiet: bool = Field(default=True, description="Keep the quiet hours: true or false.")
    notices: bool = Field(default=False, description="Send notices, too, which are no alerts: true or false.")
    digest: bool = Field(default=True, description="Send the digest this way, when there is one: true or false.")

    @property
    def shown(self) -> str:
        """Scheme and host, all of the address that may be seen."""
        return shown(self.url.get_secret_value())


class NotifySettings(Section):
    """Notifications; without a route nothing is sent."""

    quiet_hours: QuietHours | None = Field(
        default=None,
        description="When only critical alerts are sent at once, HH:MM-HH:MM; all else waits until they end.",
        examples=["22:00-07:00"],
    )
    timezone: TimeZone = Field(
        default_factory=host_timezone,
        description="Time zone of quiet hours and digest; without it that of this host.",
        examples=["Europe/Berlin"],
    )
    digest: DigestEvery = Field(
        default="off", description="A regular summary: off, daily, or weekly (on Mondays). One line when all is well."
    )
    digest_time: WallTime = Field(default="08:00", description="When the digest is sent, HH:MM.")
    ping_url: SecretStr | None = Field(
        default=None,
        description="Address to ask for once a minute while all works, as healthchecks.io gives it: its silence tells "
        "that this host is gone. Better the credential notify-ping-url.",
        examples=["https://hc-ping.com/your-check"],
    )
    routes: dict[RouteName, RouteSettings] = Field(default={}, description="Where messages go.")

    @field_validator("ping_url")
    @classmethod
    def _is_web(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and not _WEB.fullmatch(secret.get_secret_value()):
            raise ValueError("an address that begins with http:// or https://")
        return secret
