"""Every MQTT topic and the names in it (agent/docs/contract.md, "names that users build on").

The board has the same topics, so whoever sets or reads one builds it here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core import metrics
from storj_monitor.core.names import RESERVED, check_name, default_agent_name

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RESERVED", "check_name", "default_agent_name"]

CONTRACT = 1
"""Version of the contract that the payloads keep."""
ROOT = "storj-monitor"
REPLIES = f"{ROOT}/reply/"
"""Where answers to `ask` may go; anywhere else any client could borrow this agent's right to write."""
NAME_MAX = 40

_OTHER = re.compile(r"[^a-z0-9]+")


def agent(name: str) -> str:
    """The root of everything of one agent."""
    return f"{ROOT}/{name}"


def node(agent_name: str, name: str) -> str:
    """The root of everything of one node."""
    return f"{ROOT}/{agent_name}/{name}"


def status(agent_name: str) -> str:
    """`online` or `offline`, bare."""
    return f"{ROOT}/{agent_name}/status"


def about(agent_name: str) -> str:
    """Version, identity and own cost of the agent."""
    return f"{ROOT}/{agent_name}/about"


def agent_alerts(agent_name: str) -> str:
    """Open alerts of the agent itself and of causes over several of its nodes."""
    return f"{ROOT}/{agent_name}/alerts"


def agent_event(agent_name: str) -> str:
    """What happens to the agent; not retained."""
    return f"{ROOT}/{agent_name}/event"


def agent_command(agent_name: str, command: str) -> str:
    """Where the agent takes a command."""
    return f"{ROOT}/{agent_name}/command/{command}"


def ask(agent_name: str) -> str:
    """Where the agent takes questions (MQTT 5 request / response)."""
    return f"{ROOT}/{agent_name}/ask"


def node_state(agent_name: str, name: str) -> str:
    """What is true of a node."""
    return f"{ROOT}/{agent_name}/{name}/state"


def node_alerts(agent_name: str, name: str) -> str:
    """Open alerts of a node."""
    return f"{ROOT}/{agent_name}/{name}/alerts"


def node_event(agent_name: str, name: str) -> str:
    """What happens to a node; not retained."""
    return f"{ROOT}/{agent_name}/{name}/event"


def thresholds(agent_name: str, name: str) -> str:
    """The limits that a node's rules use now."""
    return f"{ROOT}/{agent_name}/{name}/thresholds"


def node_command(agent_name: str, name: str, command: str) -> str:
    """Where a node takes a command."""
    return f"{ROOT}/{agent_name}/{name}/command/{command}"


def satellite_state(agent_name: str, name: str, satellite: str) -> str:
    """What is true of a node at one satellite."""
    return f"{ROOT}/{agent_name}/{name}/satellite/{satellite}/state"


class Place(NamedTuple):
    """What a topic of an agent is about: `kind` is its word (`state`, `alerts`, `command` …), `node` '' without one."""

    kind: str
    node: str = ""
    satellite: str = ""
    command: str = ""


def place(topic: str, agent_name: str) -> Place | None:
    """Take a topic of this agent apart; None for any other."""
    begin = f"{ROOT}/{agent_name}/"
    if not topic.startswith(begin):
        return None
    found: Place | None = None
    match topic[len(begin) :].split("/"):
        case [("status" | "about" | "alerts" | "event" | "ask") as kind]:
            found = Place(kind)
        case ["command", command]:
            found = Place("command", command=command) if command else None
        case [name, ("state" | "alerts" | "event" | "thresholds") as kind] if _is_name(name):
            found = Place(kind, name)
        case [name, "command", command] if command and _is_name(name):
            found = Place("command", name, command=command)
        case [name, "satellite", satellite, "state"] if satellite and _is_name(name):
            found = Place("state", name, satellite)
    return found


def _is_name(name: str) -> bool:
    return bool(name) and name not in RESERVED


def slug(text: str) -> str:
    """Lower case, every run of other characters than a–z and 0–9 as one `_` (entity IDs of Home Assistant)."""
    return _OTHER.sub("_", text.lower()).strip("_")


def numbered(name: str, number: int) -> str:
    """The name of the `number`-th agent called so: `pi`, `pi-2`, `pi-3`; never longer than a name may be."""
    if number < 2:
        return name
    ending = f"-{number}"
    return name[: NAME_MAX - len(ending)] + ending


def ordered_node(values: Mapping[str, Any]) -> dict[str, Any]:
    """A node's state with every key of the contract, in its order."""
    return metrics.ordered(metrics.NODE, values)


def ordered_satellite(values: Mapping[str, Any]) -> dict[str, Any]:
    """A satellite's state with every key of the contract, in its order."""
    return metrics.ordered(metrics.SATELLITE, values)
