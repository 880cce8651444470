"""Home Assistant's discovery payloads, made from the metric table (agent/docs/home-assistant-reference.md).

Pure. A device is one retained payload on `<prefix>/device/<object id>/config`; its identity is the node's or the data
folder's, never a name, so that renaming keeps entities and their history. Only keys every Home Assistant since 2024.11
takes stand at the top level: one more and the whole device is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from storj_monitor.core import metrics
from storj_monitor.core.ha import AGENT_EXTRAS, NODE_EXTRAS
from storj_monitor.publish import topics

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storj_monitor.core.ha import Entity

ORIGIN = "storj-monitor"
PREFIX = "homeassistant"
OBJECT_ID = re.compile(r"[a-zA-Z0-9_-]{1,255}", re.ASCII)
"""What can stand for a device in a config topic; with other characters Home Assistant takes nothing."""


@dataclass(frozen=True, slots=True)
class Agent:
    """Who announces: its name in topics, the data folder's `instance`, its version, and the address of its page.

    `url` is the address people reach the viewer at (None: no link), `home` that of the project.
    """

    name: str
    instance: str
    version: str
    url: str | None = None
    home: str | None = None

    @property
    def id(self) -> str:
        """The device's identifier."""
        return f"storj_monitor_{self.instance}"


def node_device(node_id: str) -> str:
    """The identifier of a node's device."""
    return f"storj_{node_id}"


def satellite_device(node_id: str, satellite: str) -> str:
    """The identifier of the device of a node at one satellite."""
    return f"storj_{node_id}_{satellite}"


def config_topic(device: str, prefix: str = PREFIX) -> str:
    """Where a device is announced."""
    return f"{prefix}/device/{device}/config"


@dataclass(frozen=True, slots=True)
class _Device:
    """One device: identifier, facts, page of the viewer, begin of its entity IDs, its topics and entities."""

    id: str
    facts: Mapping[str, str | None]
    page: str
    base: str
    root: str
    state: str
    entities: Mapping[str, Entity]


def agent_payload(agent: Agent) -> dict[str, Any]:
    """The agent's device."""
    name = agent.name
    facts = {"name": f"Storj agent {name}", "mf": "storj-node-monitor", "mdl": "storj-monitor", "sw": agent.version}
    entities = {**AGENT_EXTRAS, **_of(metrics.AGENT)}
    base, root, state = f"storj_agent_{name}", topics.agent(name), topics.about(name)
    return _payload(agent, _Device(agent.id, facts, "", base, root, state, entities))


def node_payload(agent: Agent, node: str, node_id: str, version: str | None) -> dict[str, Any]:
    """A node's device; `version` is what it runs, None while not known."""
    facts = {"name": f"Storj {node}", "mf": "Storj", "mdl": "storagenode", "sw": version, "sn": node_id}
    facts["via_device"] = agent.id
    page, root = f"#/node/{agent.name}/{node}", topics.node(agent.name, node)
    entities = {**_of(metrics.NODE), **NODE_EXTRAS}
    device = _Device(node_device(node_id), facts, page, f"storj_{node}", root, f"{root}/state", entities)
    return _payload(agent, device)


def satellite_payload(
    agent: Agent, node: str, node_id: str, satellite: str, satellite_id: str | None
) -> dict[str, Any]:
    """The device of a node at one satellite: `satellite` is its short name."""
    facts = {"name": f"Storj {node} {satellite}", "mf": "Storj", "mdl": "satellite", "sn": satellite_id}
    facts["via_device"] = node_device(node_id)
    page, state = f"#/node/{agent.name}/{node}", topics.satellite_state(agent.name, node, satellite)
    identity, base, root = satellite_device(node_id, satellite), f"storj_{node}_{satellite}", state[: -len("/state")]
    return _payload(agent, _Device(identity, facts, page, base, root, state, _of(metrics.SATELLITE)))


def _of(rows: tuple[metrics.Metric, ...]) -> dict[str, Entity]:
    return {row.key: replace(row.ha, name=row.label) for row in rows if row.ha is not None}


def _payload(agent: Agent, device: _Device) -> dict[str, Any]:
    link = f"{agent.url.rstrip('/')}/{device.page}" if agent.url else None
    facts = {"ids": [device.id], **device.facts, "cu": link}
    origin = {"name": ORIGIN, "sw": agent.version, "url": agent.home}
    return {
        "dev": {key: value for key, value in facts.items() if value is not None},
        "o": {key: value for key, value in origin.items() if value is not None},
        # A list: with `avty_t` here, a component with its own empty `avty` would be refused (rule 3).
        "avty": [{"t": topics.status(agent.name)}],
        "stat_t": device.state,
        "cmps": {key: dict(_component(key, entity, device)) for key, entity in device.entities.items()},
    }


def _component(key: str, entity: Entity, device: _Device) -> Iterator[tuple[str, Any]]:
    """One entity's pairs; both IDs: 2025.4 knows only `obj_id`, 2026.4 and later only `def_ent_id`."""
    object_id, root = topics.slug(f"{device.base}_{key}"), device.root
    attributes, attributes_template = entity.attributes or (None, None)
    pairs = {
        "p": entity.platform,
        "uniq_id": f"{device.id}_{key}",
        "obj_id": object_id,
        "def_ent_id": f"{entity.platform}.{object_id}",
        "name": entity.name,
        "dev_cla": entity.device_class,
        "cmd_t": f"{root}/command/{entity.command}" if entity.command else None,
        "stat_t": f"{root}/{entity.topic}" if entity.topic else None,
        "unit_of_meas": entity.unit,
        "stat_cla": entity.state_class,
        "sug_dsp_prc": entity.digits,
        "val_tpl": entity.value_template(key),
        "lrst_val_tpl": entity.reset_template(),
        "json_attr_t": f"{root}/{attributes}" if attributes else None,
        "json_attr_tpl": attributes_template,
        "ent_cat": entity.category,
        "ic": entity.icon,
        "en": None if entity.enabled else False,
        **entity.extra,
    }
    return ((abbreviation, value) for abbreviation, value in pairs.items() if value is not None)
