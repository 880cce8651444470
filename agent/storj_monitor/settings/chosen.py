"""What people set of `[notify]` while the agent runs: kept in the store, it wins over the file until it is reset.

A row is `notify.KEY` with a text, or `route.NAME` with what differs from the file's route, or `{"remove": true}`. No
sentence of this module has a value in it: any of them may be a secret in the wrong place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field, SecretStr, ValidationError

from storj_monitor.core.errors import SettingsError
from storj_monitor.settings.load import expected
from storj_monitor.settings.notify import (
    Address,
    DigestEvery,
    Nodes,
    NotifySettings,
    QuietHours,
    RouteName,
    RouteSettings,
    Severities,
    TimeZone,
    WallTime,
)
from storj_monitor.settings.section import Section

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMON = ("quiet_hours", "timezone", "digest", "digest_time")
NOTIFY, ROUTE = "notify.", "route."
REMOVE = {"remove": True}


class RouteChanges(Section):
    """What is given of a route."""

    url: Address | None = None
    severities: Severities | None = None
    nodes: Nodes | None = None
    quiet: bool | None = None
    notices: bool | None = None
    digest: bool | None = None


class NotifyChanges(Section):
    """What is given of `[notify]`."""

    quiet_hours: QuietHours | None = None
    timezone: TimeZone | None = None
    digest: DigestEvery | None = None
    digest_time: WallTime | None = None
    routes: dict[RouteName, RouteChanges] = Field(default={})


def plain(changes: RouteChanges) -> dict[str, Any]:
    """What is given, as it is kept; nothing is twice in a list."""
    given = changes.model_dump(exclude_none=True)
    given |= {key: list(dict.fromkeys(value)) for key, value in given.items() if isinstance(value, list)}
    return given | ({"url": changes.url.get_secret_value()} if changes.url is not None else {})


def common(key: str, value: Any) -> str:
    """The value of `notify.KEY`, checked. Raises SettingsError."""
    if key not in COMMON:
        raise SettingsError(f"Of notify there are {', '.join(f'{NOTIFY}{each}' for each in COMMON)}.")
    if not isinstance(value, str):
        raise SettingsError(f"{NOTIFY}{key}: expected text.")
    try:
        return str(getattr(NotifyChanges.model_validate({key: value}), key))
    except ValidationError as error:
        raise SettingsError(f"{NOTIFY}{key}: expected {_first(error)}.") from None


def route(name: str, value: Any, kept: Mapping[str, Any], file: NotifySettings) -> dict[str, Any] | None:
    """The row of a route after a change, checked; None: none is needed. `kept`: the row before it.

    Raises SettingsError: the name, a value or a key is wrong, or a new route has no address.
    """
    if value == REMOVE:
        return dict(REMOVE) if name in file.routes else None
    if not isinstance(value, dict) or not value.keys() <= RouteChanges.model_fields.keys():
        raise SettingsError(f"A route takes {', '.join(RouteChanges.model_fields)}, or remove: true.")
    try:
        given = plain(NotifyChanges.model_validate({"routes": {name: value}}).routes[name])
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        field = next((part for part in fault["loc"][2:] if part in RouteChanges.model_fields), "name")
        raise SettingsError(f"The {field} of a route: expected {_first(error)}.") from None
    row = {**({} if kept == REMOVE else kept), **given}
    if "url" not in row and name not in file.routes:
        raise SettingsError(f"The route {name} has no address yet: expected its url, too.")
    return row


def _first(error: ValidationError) -> str:
    return expected(error.errors(include_url=False, include_input=False)[0])


def merged(file: NotifySettings, chosen: Mapping[str, Any]) -> tuple[NotifySettings, list[str]]:
    """The file's with what people set over it, and a sentence on each row that cannot be used any more.

    The file changes while the agent is down, so that a row may lose the route that it was about.
    """
    faults: list[str] = []
    values: dict[str, Any] = {}
    routes = dict(file.routes)
    for key, value in chosen.items():
        name = key.removeprefix(ROUTE)
        try:
            if key.startswith(NOTIFY):
                values[key.removeprefix(NOTIFY)] = common(key.removeprefix(NOTIFY), value)
            elif value == REMOVE:
                routes.pop(name, None)
            else:
                routes[name] = applied(name, value, file)
        except SettingsError as error:
            faults.append(f"What was set on the page is left out: {error}")
    return file.model_copy(update={**values, "routes": routes}), faults


def applied(name: str, value: Any, file: NotifySettings) -> RouteSettings:
    """The file's route (or a new one) with a row over it."""
    row = route(name, value, {}, file) or {}
    base = {key: getattr(file.routes[name], key) for key in RouteSettings.model_fields} if name in file.routes else {}
    return RouteSettings(**{**base, **row, **({"url": SecretStr(row["url"])} if "url" in row else {})})
