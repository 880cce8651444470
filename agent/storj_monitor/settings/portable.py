"""The settings that can be changed while the agent runs, as TOML: written out, and read back as a whole.

The tables are those of the settings file, so that what is written fits in there, too.
"""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from storj_monitor.core.errors import SettingsError
from storj_monitor.settings.alerts import AlertsSettings, NodeThresholds
from storj_monitor.settings.chosen import COMMON, NotifyChanges
from storj_monitor.settings.layers import Layer, line_of
from storj_monitor.settings.load import sentences
from storj_monitor.settings.model import Name  # noqa: TC001 - pydantic reads the annotation
from storj_monitor.settings.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.settings.notify import NotifySettings, RouteSettings

WHAT = "[alerts.thresholds], [nodes.NAME.thresholds], [notify] and [notify.routes.NAME]"


class NodeChanges(Section):
    """What is given of a node."""

    thresholds: NodeThresholds = Field(default={})


class Portable(Section):
    """A document as it is read."""

    alerts: AlertsSettings = Field(default_factory=AlertsSettings)
    nodes: dict[Name, NodeChanges] = Field(default={})
    notify: NotifyChanges = Field(default_factory=NotifyChanges)


def read(text: str) -> Portable:
    """The document, checked. Raises SettingsError: a sentence a line, with the line of the fault and no value."""
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"This is not valid TOML{_where(error)}.") from None
    try:
        return Portable.model_validate(values)
    except ValidationError as error:
        if any(fault["type"] == "extra_forbidden" and "thresholds" not in fault["loc"] for fault in error.errors()):
            raise SettingsError(f"What can be imported is {WHAT}, as `settings export` writes them.") from None
        place = Layer(values, lambda path: f"Line {line_of(text, path)}")
        raise SettingsError(sentences(error, [place])) from None


def _where(error: Exception) -> str:
    """The line that cannot be read, of the parser's words, which may quote it."""
    number = str(error).rpartition("(at line ")[2].partition(",")[0]
    return f" (line {number})" if number.isdigit() else ""


def write(notify: NotifySettings, thresholds: Mapping[str, Mapping[str, float]], *, secrets: bool) -> str:
    """The document. `thresholds` by node ("" = all); without `secrets` the addresses of routes are left out."""
    note = "It holds the addresses of the routes: keep it secret." if secrets else "The routes' addresses are left out."
    lines = ["# Settings of storj-monitor that can be changed while it runs, as `storj-monitor settings export` writes"]
    lines += [f"# them and `storj-monitor settings import` takes them in. {note}"]
    for node, numbers in thresholds.items():
        if numbers:
            lines += ["", f"[nodes.{node}.thresholds]" if node else "[alerts.thresholds]"]
            lines += [
                f"{key} = {int(value) if value == int(value) else value}" for key, value in sorted(numbers.items())
            ]
    lines += ["", "[notify]"]
    lines += [f"{key} = {toml(getattr(notify, key) or '')}" for key in COMMON]
    for name, route in notify.routes.items():
        lines += ["", f"[notify.routes.{name}]", *_route(route, secrets=secrets)]
    return "\n".join([*lines, ""])


def _route(route: RouteSettings, *, secrets: bool) -> Iterator[str]:
    yield f"url = {toml(route.url.get_secret_value())}" if secrets else f"# url: {route.shown}"
    for key in type(route).model_fields:
        if key != "url":
            yield f"{key} = {toml(getattr(route, key))}"


def toml(value: Any) -> str:
    """A value as TOML; JSON writes strings, numbers, booleans and lists nearly the same way."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
