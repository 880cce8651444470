"""Names of agents and nodes, as topics and arguments have them (agent/docs/contract.md)."""

from __future__ import annotations

import re

RESERVED = frozenset({"status", "about", "alerts", "event", "command", "ask", "reply"})
"""Words that stand where a name could in a topic."""

_NAME = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)


def default_agent_name(host: str) -> str:
    """The agent's name made of a host name: `Pi4.lan` → `pi4`."""
    label = re.sub(r"[^a-z0-9_-]", "-", host.split(".", maxsplit=1)[0].lower())[:37]
    return label if label and label not in RESERVED else "agent"


def is_name(text: str) -> bool:
    """Whether the contract allows it for an agent or a node."""
    return _NAME.fullmatch(text) is not None and text not in RESERVED


def check_name(text: str) -> str:
    """A given name of an agent or a node as it is; ValueError with a suggestion when the contract does not allow it."""
    if is_name(text):
        return text
    suggestion = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-")[:40].rstrip("-")
    suggestion = f"{suggestion}-1" if suggestion in RESERVED else suggestion
    rule = "a name of 1 to 40 of a–z, 0–9, _ and -" if text not in RESERVED else "a name that is no word of the topics"
    raise ValueError(f"{rule}, for example {suggestion or 'attic'}")
