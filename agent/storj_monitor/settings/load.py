"""The four sources made one: file, environment, credentials, command line, each beating those before it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic import SecretStr, ValidationError
from pydantic_settings import PydanticBaseSettingsSource

from storj_monitor.core.errors import SettingsError
from storj_monitor.core.names import check_name
from storj_monitor.settings import layers
from storj_monitor.settings.alerts import threshold_table
from storj_monitor.settings.model import NodeSettings, Settings, inner_tables, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from storj_monitor.settings.layers import KeyPath, Layer
    from storj_monitor.settings.section import Section

DEFAULT_CONFIG = Path("/etc/storj-monitor/storj-monitor.toml")
ROUTE_CREDENTIAL = "notify-route-"
"""With the name of a route: the credential that holds its address."""

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "finite_number": "a number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "int_type": "a whole number",
    "less_than_equal": "at most {le}",
    "list_type": 'a list, as in ["a", "b"]',
    "literal_error": "{expected}",
    "missing": "a value",
    "path_type": "a path in quotes",
    "string_type": "text in quotes",
    "too_short": "at least {min_length} characters",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "dict_type": "a table",
    "value_error": "{error}",
}
"""What was expected, by pydantic's name of the error: its own texts may quote the value."""

_HOST_PORT = re.compile(r"[A-Za-z0-9.-]+:\d{1,5}/?", re.ASCII)


def load(
    config: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    *,
    default: Path = DEFAULT_CONFIG,
) -> Settings:
    """The settings of this agent.

    `config` is a file that must exist (else `$STORJ_MONITOR_CONFIG`, else `default` where it exists), `overrides` is
    nested as the tables are and comes from the command line, `env` is the environment (`os.environ`).
    Raises SettingsError: one sentence a line, with the place and what was expected, never the value.
    """
    env = os.environ if env is None else env
    found = [
        layers.from_command_line(overrides or {}),
        layers.from_credentials(env.get("CREDENTIALS_DIRECTORY"), _credential),
        layers.from_environment(env),
        *_file_layer(config, env, default),
    ]
    try:
        return Settings(**dict(_layered(found)()))
    except ValidationError as error:
        raise SettingsError(sentences(error, found)) from None


def parse_node(text: str) -> tuple[str, NodeSettings]:
    """`NAME=[LOG][,API]` as `--node` takes it: what begins with http:// or https:// is the API, it comes last.

    Raises SettingsError. Only an API may follow the last comma, so a log's path may have commas.
    """
    name, equals, rest = text.partition("=")
    if not equals:
        raise SettingsError(f"--node is NAME=[LOG][,API], for example attic=/var/log/storagenode.log; it was {text}.")
    log, api = _split_node(rest)
    if _HOST_PORT.fullmatch(log.rpartition(",")[2]):
        raise SettingsError(f"--node {name}: begin the address of the API with http://.")
    try:
        return check_name(name), NodeSettings.model_validate({"log": log or None, "api": api or None})
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        key = f" {fault['loc'][0]}" if fault["loc"] else ""
        raise SettingsError(f"--node {name}{key}: expected {expected(fault)}.") from None
    except ValueError as error:
        raise SettingsError(f"--node {name}: expected {error}.") from None


def credentials() -> dict[str, KeyPath]:
    """Every secret option by the name of its credential: `{"mqtt-password": ("mqtt", "password"), …}`."""
    return {
        f"{table}-{key}".replace("_", "-"): (table, key)
        for table, model in tables().items()
        for key, field in model.model_fields.items()
        if SecretStr in get_args(field.annotation)
    }


def _credential(name: str) -> KeyPath:
    """Where the credential of this name belongs. Raises SettingsError for a name that means nothing."""
    known = credentials()
    route = name.removeprefix(ROUTE_CREDENTIAL)
    if route not in {"", name}:
        return ("notify", "routes", route, "url")
    if name not in known:
        near = layers.did_you_mean(name, {each: each for each in [*known, f"{ROUTE_CREDENTIAL}NAME"]})
        raise SettingsError(f"The credential {name} is not known{near}")
    return known[name]


def _split_node(text: str) -> tuple[str, str]:
    if text.startswith(("http://", "https://")):
        return "", text
    cut = max(text.rfind(",http://"), text.rfind(",https://"))
    return (text[:cut], text[cut + 1 :]) if cut >= 0 else (text.removesuffix(","), "")


def _file_layer(config: Path | None, env: Mapping[str, str], default: Path) -> list[Layer]:
    named = config or (Path(env[layers.CONFIG_VARIABLE]) if env.get(layers.CONFIG_VARIABLE) else None)
    if named is None and not default.exists():
        return []
    return [layers.from_file(named or default)]


class _Source(PydanticBaseSettingsSource):
    """One layer as pydantic-settings reads it; merging by priority is its business."""

    def __init__(self, model: type[Settings], layer: Layer) -> None:
        super().__init__(model)
        self._layer = layer

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002
        return self._layer.values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._layer.values


def _layered(found: list[Layer]) -> type[Settings]:
    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: Any, *_: Any, **__: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(_Source(settings_cls, layer) for layer in found)

    return Layered


def sentences(error: ValidationError, found: list[Layer]) -> str:
    """Every fault, a line each."""
    faults = error.errors(include_url=False, include_input=False)
    return "\n".join(dict.fromkeys(_sentence(fault, found) for fault in faults))


def _sentence(fault: ErrorDetails, found: list[Layer]) -> str:
    """`FILE, line 12: mqtt.urll is not known; did you mean url?`."""
    path = tuple(str(part) for part in fault["loc"] if part != "[key]")
    holder = next(layer for depth in range(len(path), -1, -1) for layer in found if layer.holds(path[:depth]))
    words = f"{holder.place(path)}: {'.'.join(path)}"
    if fault["type"] == "extra_forbidden":
        return f"{words} is not known{_suggestion(path, holder)}"
    return f"{words}: expected {expected(fault)}."


def expected(fault: ErrorDetails) -> str:
    """What was expected, without the value that was given."""
    return _EXPECTED.get(fault["type"], "another kind of value").format(**fault.get("ctx", {}))


def _model_at(path: KeyPath) -> type[Section]:
    """The table that a key stands in: `notify.routes.phone.urll` stands in a route."""
    model = tables()[path[0]]
    if "thresholds" in path[:-1]:
        return threshold_table(path[path.index("thresholds") + 1 : -1])
    return inner_tables(model).get(path[1], model) if len(path) > 3 else model


def _suggestion(path: KeyPath, holder: Layer) -> str:
    """The end of the sentence on an unknown key: the table that has this very key, or the nearest one here."""
    homes = [table for table, model in tables().items() if path[-1] in model.model_fields]
    if homes and path[0] != "nodes":
        return f"; it belongs to {' or '.join('[nodes.NAME]' if home == 'nodes' else f'[{home}]' for home in homes)}."
    if len(path) > 1:
        return layers.did_you_mean(path[-1], {key: key for key in _model_at(path).model_fields})
    options = {f"{table}_{key}": holder.spell((table, key)) for table, m in tables().items() for key in m.model_fields}
    return layers.did_you_mean(path[0], options if path[0] in options else {table: table for table in tables()})
