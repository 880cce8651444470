"""The example file, made from the models: `config/storj-monitor.example.toml` is its text."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storj_monitor.settings.load import ROUTE_CREDENTIAL, credentials
from storj_monitor.settings.model import inner_tables, tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from storj_monitor.settings.section import Section

_HEAD = """\
# Settings of storj-monitor: /etc/storj-monitor/storj-monitor.toml, or wherever --config says.
#
# Every option is shown with its default, or with an example where it has none; take away the first "#" of a line to
# set it. The environment beats this file (STORJ_MONITOR_MQTT__URL is url of [mqtt]), a credential of systemd beats both
# ({credentials}), the command line beats all.
"""


def example() -> str:
    """The example file: valid as it is, and valid with every option switched on."""
    head = _HEAD.format(credentials=", ".join([*credentials(), f"{ROUTE_CREDENTIAL}NAME"]))
    return "\n".join([head, *(_table(name, model) for name, model in tables().items())])


def _table(name: str, model: type[Section]) -> str:
    header = f"[{name}]" if name != "nodes" else "#[nodes.attic]"
    more = " One table for each, named as its topics are to be." if name == "nodes" else ""
    lines = [*_comment(f"{model.__doc__}{more}"), header]
    inner = inner_tables(model)
    for key, field in model.model_fields.items():
        lines += _option(key, field) if key not in inner else []
    for key, each in inner.items():
        lines += ["", *_comment(f"{each.__doc__} One table for each."), f"#[{name}.{key}.phone]"]
        lines += [line for option, field in each.model_fields.items() for line in _option(option, field)]
    return "\n".join(lines) + "\n"


def _option(key: str, field: FieldInfo) -> Iterator[str]:
    yield from _comment(field.description or "")
    value = field.examples[0] if field.examples else field.default
    if isinstance(value, dict):
        yield from (f"#{key}.{inner} = {_toml(each)}" for inner, each in value.items())
    else:
        yield f"#{key} = {_toml(value)}"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(text, 118, initial_indent="# ", subsequent_indent="# ")


def _toml(value: Any) -> str:
    """A value as TOML; JSON writes strings, numbers, booleans and lists the same way."""
    return json.dumps(str(value) if isinstance(value, Path) else value, ensure_ascii=False)
