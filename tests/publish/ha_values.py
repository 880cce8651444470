"""What an entity shows for a state: its templates rendered as Home Assistant renders them, and what it would refuse.

Jinja is Home Assistant's own template engine; of its additions our templates use `timestamp_utc`, and its `tojson`,
which leaves letters as they are.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import jinja2
from tests.publish import ha_rules
from tests.publish.ha_rules import ATTRIBUTES_MAX, STATE_MAX

from storj_monitor.board import Board
from storj_monitor.publish import topics
from storj_monitor.publish.devices import Devices

ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00")
UPDATE = {"installed_version", "latest_version", "title", "release_summary", "release_url"}
STATELESS = {"button", "event"}

_environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)
_environment.filters["timestamp_utc"] = lambda epoch: datetime.fromtimestamp(epoch, UTC).isoformat()
_environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))
_compiled = functools.cache(_environment.from_string)


def rendered(template: str, payload: str) -> str:
    """`template` for a payload as it arrived; UndefinedError where Home Assistant would warn of a missing key."""
    try:
        parsed = {"value_json": json.loads(payload)}
    except ValueError:
        parsed = {}
    return _compiled(template).render(value=payload, **parsed).strip()


def topic_of(component: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """Where a component reads its state."""
    return str(component.get("stat_t", config.get("stat_t", "")))


def faults_of_board(board: Board, agent: str) -> list[str]:
    """Everything wrong with what an agent announces and publishes, by its board."""
    devices, retained = Devices(agent, "9f3c2b7a51d0"), {}
    for topic, entry in board.entries.items():
        if (place := topics.place(topic, agent)) is not None:
            devices.feed(place, entry.value)
            retained[topic] = entry.payload.decode()
    devices.build()
    configs = {config.topic: json.loads(config.payload) for config in devices.configs()}
    assert configs, "nothing is announced"
    shown = [fault for config in configs.values() for fault in faults(config, retained)]
    return ha_rules.faults_of_all(configs) + shown


def values(config: Mapping[str, Any], retained: Mapping[str, str]) -> dict[str, str]:
    """Component → value, of those whose topic is retained."""
    found = {}
    for key, component in config["cmps"].items():
        payload = retained.get(topic_of(component, config))
        if component["p"] not in STATELESS and payload is not None:
            found[key] = rendered(component["val_tpl"], payload) if "val_tpl" in component else payload
    return found


def faults(config: Mapping[str, Any], retained: Mapping[str, str]) -> list[str]:
    """Everything that Home Assistant would warn about, or not store (agent/docs/home-assistant-mqtt.md §4, §6)."""
    found = []
    for key, value in values(config, retained).items():
        component = config["cmps"][key]
        found += [f"{key}: {fault}" for fault in _state(component, value)]
        payload = retained[topic_of(component, config)]
        if "lrst_val_tpl" in component and not re.fullmatch(
            rf"|{ISO.pattern}", reset := rendered(component["lrst_val_tpl"], payload)
        ):
            found.append(f"{key}: last reset {reset!r}")
    for key, component in config["cmps"].items():
        if "json_attr_t" in component and (payload := retained.get(component["json_attr_t"], "")):
            found += [f"{key}: {fault}" for fault in _attributes(rendered(component["json_attr_tpl"], payload))]
    return found


def _state(component: Mapping[str, Any], value: str) -> Iterator[str]:
    if len(value) > STATE_MAX and component["p"] != "update":
        yield f"longer than {STATE_MAX}: {value!r}"
    if value != "None" and (wrong := _wrong(component, value)):
        yield f"{value!r} {wrong}"


def _wrong(component: Mapping[str, Any], value: str) -> str | None:
    platform, device_class = component["p"], component.get("dev_cla")
    if platform == "update":
        body = json.loads(value)
        return "has other keys, or a null" if body.keys() - UPDATE or None in body.values() else None
    if platform in {"binary_sensor", "switch"}:
        known = {component.get("pl_on", "ON"), component.get("pl_off", "OFF")}
        known |= {component.get("stat_on"), component.get("stat_off")}
        return None if value in known else "is neither on nor off"
    if device_class == "timestamp":
        return None if ISO.fullmatch(value) else "is no time with an offset"
    if device_class == "enum":
        return None if value in component["ops"] else "is not among the options"
    if "unit_of_meas" in component:
        return _no_number(component, value)
    return None if value else "is empty"


def _no_number(component: Mapping[str, Any], value: str) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return "is no number"
    if not math.isfinite(number):
        return "is not finite"
    low, high = component.get("min", -math.inf), component.get("max", math.inf)
    return None if low <= number <= high else f"is not within {low} and {high}"


def _attributes(text: str) -> Iterator[str]:
    if not isinstance(json.loads(text), dict):
        yield "attributes that are no JSON object"
    if len(text.encode()) > ATTRIBUTES_MAX:
        yield f"attributes of {len(text.encode())} bytes are not stored"
