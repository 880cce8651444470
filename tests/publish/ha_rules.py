"""What Home Assistant accepts, as tables (agent/docs/home-assistant-mqtt.md §2–§7): it drops typos silently.

`faults` looks at one discovery payload, `faults_of_all` at everything one agent announces.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TOPIC = re.compile(r"[^+#\s]+/device/([a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config")
SLUG = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
LINK = re.compile(r"(https?|homeassistant)://[^\s/]+.*")
PACKET_MAX = 2_000_000
STATE_MAX = 255
ATTRIBUTES_MAX = 16_384

TOP = {
    *("dev", "o", "cmps", "avty", "avty_t", "avty_mode", "avty_tpl", "pl_avail", "pl_not_avail"),
    *("stat_t", "cmd_t", "qos", "e"),
}
DEVICE = {"ids", "cns", "mf", "mdl", "mdl_id", "name", "hw", "sn", "sw", "via_device", "sa", "cu"}
ORIGIN = {"name", "sw", "url"}
COMMON = {
    *("p", "uniq_id", "obj_id", "def_ent_id", "name", "avty", "qos", "e", "en", "ent_cat", "ent_pic", "ic"),
    *("json_attr_t", "json_attr_tpl", "val_tpl"),
}
STATE = COMMON | {"stat_t", "dev_cla"}
PLATFORM = {
    "sensor": STATE | {"stat_cla", "unit_of_meas", "sug_dsp_prc", "ops", "lrst_val_tpl"},
    "binary_sensor": STATE | {"pl_on", "pl_off", "off_dly"},
    "event": STATE | {"evt_typ"},
    "button": (COMMON - {"val_tpl"}) | {"cmd_t", "pl_prs", "cmd_tpl", "dev_cla"},
    "number": STATE | {"cmd_t", "cmd_tpl", "min", "max", "step", "mode", "unit_of_meas"},
    "switch": STATE | {"cmd_t", "pl_on", "pl_off", "stat_on", "stat_off"},
    "update": STATE | {"tit", "rel_u", "rel_s", "cmd_t", "pl_inst", "l_ver_t", "l_ver_tpl"},
}
"""Keys per platform; `exp_aft`, `frc_upd`, `ret` are left out on purpose (home-assistant-reference.md §2, rule 4)."""
REQUIRED = {
    "sensor": {"stat_t"},
    "binary_sensor": {"stat_t"},
    "event": {"stat_t", "evt_typ"},
    "button": {"cmd_t", "pl_prs"},
    "number": {"cmd_t", "stat_t", "min", "max", "step"},
    "switch": {"cmd_t", "stat_t", "pl_on", "pl_off", "stat_on", "stat_off"},
    "update": {"stat_t"},
}
CATEGORY = {
    "sensor": {"diagnostic"},
    "binary_sensor": {"diagnostic"},
    "event": {"diagnostic"},
    "update": {"diagnostic"},
    "button": {"config", "diagnostic"},
    "number": {"config"},
    "switch": {"config"},
}
_SIZES = {f"{prefix}{unit}" for unit in ("B",) for prefix in ("", "k", "M", "G", "T", "P", "E", "Z", "Y")}
SENSOR_CLASSES: dict[str | None, tuple[set[str] | None, set[str | None]]] = {
    "data_size": (_SIZES, {"measurement", "total", "total_increasing"}),
    "data_rate": ({"bit/s", "kbit/s", "Mbit/s", "Gbit/s", "B/s", "kB/s", "MB/s", "GB/s"}, {"measurement"}),
    "monetary": ({"USD"}, {"total"}),
    "duration": ({"d", "h", "min", "s", "ms"}, {"measurement", "total", "total_increasing"}),
    "timestamp": (set(), {None}),
    "enum": (set(), {None}),
    None: (None, {"measurement", "total", "total_increasing", None}),
}
"""Device class → units (None: any text, empty: no unit) and state classes."""
BINARY_CLASSES = {"connectivity", "problem", "running", "update", "safety", "tamper", "power", "lock", None}
NUMBER_UNITS: dict[str | None, set[str]] = {"duration": {"d", "h", "min", "s"}, None: {"%"}}


def faults_of_all(payloads: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Faults of each payload, of identities used twice, and of children announced before their parents."""
    found = [fault for topic, payload in payloads.items() for fault in faults(topic, payload)]
    pairs = ((c["p"], c["uniq_id"]) for payload in payloads.values() for c in payload["cmps"].values())
    found += [f"{pair} is used {n} times" for pair, n in Counter(pairs).items() if n > 1]
    known: set[str] = set()
    for topic, payload in payloads.items():
        parent = payload["dev"].get("via_device")
        if parent is not None and parent not in known:
            found.append(f"{topic}: announced before its parent {parent}")
        known.update(payload["dev"]["ids"])
    return found


def faults(topic: str, payload: Mapping[str, Any]) -> list[str]:
    """Everything Home Assistant would refuse, drop, or warn about in one device payload."""
    found = list(_top(topic, payload)) + list(_device(payload.get("dev", {})))
    for key, component in payload.get("cmps", {}).items():
        found += [f"{topic} {key}: {fault}" for fault in _component(component, payload)]
    return found


def _top(topic: str, payload: Mapping[str, Any]) -> Iterator[str]:
    if not TOPIC.fullmatch(topic):
        yield f"{topic}: illegal discovery topic"
    if wrong := payload.keys() - TOP:
        yield f"{topic}: unknown keys at the top: {wrong}"
    if missing := {"dev", "o", "cmps"} - payload.keys():
        yield f"{topic}: missing {missing}"
    if "avty" in payload and "avty_t" in payload:
        yield f"{topic}: avty and avty_t exclude each other"
    if not payload.get("o", {}).get("name") or payload["o"].keys() - ORIGIN:
        yield f"{topic}: origin needs a name and knows only {ORIGIN}"
    if len(json.dumps(payload, ensure_ascii=False).encode()) > PACKET_MAX:
        yield f"{topic}: larger than a broker's packet"


def _device(device: Mapping[str, Any]) -> Iterator[str]:
    if wrong := device.keys() - DEVICE:
        yield f"dev: unknown keys {wrong}"
    if not device.get("ids") and not device.get("cns"):
        yield "dev: neither ids nor cns"
    if not device.get("name"):
        yield "dev: no name"
    for key, value in device.items():
        if key not in {"ids", "cns"} and not isinstance(value, str):
            yield f"dev: {key} is no text"
    if "cu" in device and not LINK.fullmatch(device["cu"]):
        yield f"dev: cu {device['cu']!r} has no scheme"


def _component(component: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[str]:
    platform = component.get("p")
    if platform not in PLATFORM:
        yield f"platform {platform!r}"
        return
    if wrong := component.keys() - PLATFORM[platform]:
        yield f"keys that {platform} does not know: {wrong}"
    inherited = {"stat_t", "cmd_t"} & payload.keys()
    if missing := (REQUIRED[platform] | {"uniq_id", "name"}) - component.keys() - inherited:
        yield f"missing {missing}"
    if component.get("avty") == [] and "avty_t" in payload:
        yield "an empty avty next to avty_t at the top"
    yield from _identity(component, payload)
    yield from _looks(component)
    yield from _CLASSES.get(platform, _nothing)(component)


def _identity(component: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[str]:
    domain, _, entity = str(component.get("def_ent_id", "")).partition(".")
    if domain != component["p"]:
        yield f"def_ent_id begins with {domain!r}"
    if entity != component.get("obj_id") or not SLUG.fullmatch(entity):
        yield f"obj_id {component.get('obj_id')!r} and def_ent_id {component.get('def_ent_id')!r} are not one slug"
    if len(f"{domain}.{entity}") > STATE_MAX:
        yield "entity ID longer than 255"
    name = component.get("name")
    if name is not None and (not name or len(name) > STATE_MAX or name.startswith(payload["dev"].get("name", "\0"))):
        yield f"name {name!r}"


def _looks(component: Mapping[str, Any]) -> Iterator[str]:
    if not str(component.get("ic", "mdi:x")).startswith("mdi:"):
        yield f"icon {component['ic']!r}"
    if "ent_cat" in component and component["ent_cat"] not in CATEGORY[component["p"]]:
        yield f"category {component['ent_cat']!r}"
    if component.get("en") not in {None, False}:
        yield "en that is not false"
    if ("json_attr_t" in component) != ("json_attr_tpl" in component):
        yield "attributes without template or topic"
    for key in ("val_tpl", "lrst_val_tpl", "json_attr_tpl", "cmd_tpl"):
        if key in component and component[key].count("{{") != component[key].count("}}"):
            yield f"{key}: braces"


def _sensor(component: Mapping[str, Any]) -> Iterator[str]:
    device_class, unit, state_class = (component.get(key) for key in ("dev_cla", "unit_of_meas", "stat_cla"))
    if device_class not in SENSOR_CLASSES:
        yield f"class {device_class!r}"
        return
    units, state_classes = SENSOR_CLASSES[device_class]
    if (unit not in units) if units else (units is not None and unit is not None):
        yield f"unit {unit!r} for {device_class}"
    if state_class not in state_classes:
        yield f"state class {state_class!r} for {device_class}"
    if (unit is None) != (state_class is None):
        yield "a unit and a state class come together"
    if (device_class == "enum") != bool(component.get("ops")):
        yield "options and enum come together"
    if "lrst_val_tpl" in component and state_class != "total":
        yield "last reset without total"
    if ("sug_dsp_prc" in component) != (unit is not None) or component.get("sug_dsp_prc", 0) not in range(10):
        yield "precision"
    if unit is not None and "val_tpl" in component and not re.search(r"is number|count", component["val_tpl"]):
        yield "a number without a type test"


def _binary(component: Mapping[str, Any]) -> Iterator[str]:
    if component.get("dev_cla") not in BINARY_CLASSES:
        yield f"class {component['dev_cla']!r}"
    if "val_tpl" in component and not {"'ON'", "'OFF'"} <= set(re.findall(r"'O\w+'", component["val_tpl"])):
        yield "a template that does not say ON and OFF"


def _number(component: Mapping[str, Any]) -> Iterator[str]:
    if component.get("min", 0) >= component.get("max", 100) or component.get("step", 1) < 0.001:
        yield "range"
    if component.get("unit_of_meas") not in NUMBER_UNITS.get(component.get("dev_cla"), set()):
        yield f"unit {component.get('unit_of_meas')!r}"


def _event(component: Mapping[str, Any]) -> Iterator[str]:
    types = component.get("evt_typ") or []
    if not types or len(set(types)) != len(types) or not all(SLUG.fullmatch(each) for each in types):
        yield f"event types {types}"
    if component.get("qos") != 1:
        yield "qos of an event"  # not inherited before 2026.6


def _button(component: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(json.loads(component.get("pl_prs", "null")), dict):
        yield "a press that is no JSON object"


def _switch(component: Mapping[str, Any]) -> Iterator[str]:
    if not all(isinstance(json.loads(component.get(key, "null")), dict) for key in ("pl_on", "pl_off")):
        yield "a command that is no JSON object"


def _nothing(_: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


_CLASSES = {
    "sensor": _sensor,
    "binary_sensor": _binary,
    "number": _number,
    "event": _event,
    "button": _button,
    "switch": _switch,
}


def attributes_size(alerts: list[dict[str, Any]]) -> int:
    """Bytes of the Alerts sensor's attributes, reckoned as its template does (home-assistant-reference.md rule 7)."""
    keys = ("id", "rule", "severity", "node", "satellite", "since", "text", "next_step", "acknowledged")
    rows = [{k: (a[k] or "")[:300] if k in {"text", "next_step"} else a[k] for k in keys} for a in alerts[:10]]
    return len(json.dumps({"alerts": rows}, ensure_ascii=False).encode())
