"""The vocabulary of Home Assistant entities: one row says all that a discovery payload needs (pure data).

Templates are written for a key `KEY` of the device's JSON topic, round inside (an unrounded value is a database row a
minute) and test the type, so that null, a missing key and a wrong type are "unknown" without a warning
(agent/docs/home-assistant-reference.md §2, rules 1 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DIAGNOSTIC = "diagnostic"
CONFIG = "config"

DAY = "day_started"
MONTH = "month_started"

EVENT_TYPES = ("alert_opened", "alert_changed", "alert_acknowledged", "alert_closed", "notice")
"""Words of `event_type` (agent/docs/contract.md, `…/event`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity. `topic` is the device's sub-topic it reads when that is not the device's own state topic.

    `command` is the last part of its command topic, `attributes` the sub-topic and template of its JSON attributes,
    `reset` the key with the start of its cycle, `extra` what only its platform knows, in discovery's abbreviations.
    """

    name: str = ""
    platform: str = "sensor"
    device_class: str | None = None
    unit: str | None = None
    state_class: str | None = None
    digits: int | None = None
    template: str | None = None
    reset: str | None = None
    topic: str | None = None
    command: str | None = None
    attributes: tuple[str, str] | None = None
    category: str | None = None
    icon: str | None = None
    enabled: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    def value_template(self, key: str) -> str | None:
        """The template for a key of the state, or None when the payload is the value."""
        return self.template.replace("KEY", key) if self.template is not None else None

    def reset_template(self) -> str | None:
        """When the running cycle began; an empty text keeps the last answer, silently."""
        if self.reset is None:
            return None
        return f"{{{{ value_json.{self.reset} | timestamp_utc if value_json.{self.reset} is number else '' }}}}"


# ---- templates ----


def num(digits: int, divisor: str | None = None) -> str:
    """A number divided and rounded; `divisor` as it is written (`1e9`)."""
    value = f"(value_json.KEY / {divisor})" if divisor else "value_json.KEY"
    return f"{{{{ {value} | round({digits}) if value_json.KEY is number else None }}}}"


def raw(key: str) -> str:
    """A number as it is."""
    return f"{{{{ value_json.{key} if value_json.{key} is number else None }}}}"


TEXT = "{{ value_json.KEY if value_json.KEY is string else None }}"
WHEN = "{{ value_json.KEY | timestamp_utc if value_json.KEY is number else None }}"
FLAG = "{{ 'ON' if value_json.KEY is true else 'OFF' if value_json.KEY is false else None }}"
COUNT = "{{ value_json | count }}"

STATUS = "{{ value_json.KEY if value_json.KEY is string and value_json.KEY != 'unknown' else None }}"
STATUS_TEXT = "{{ {'text': value_json.status_text | default(none)} | tojson }}"
PROBLEM = "{{ 'ON' if value_json.status in ['warning', 'critical'] else 'OFF' if value_json.status == 'ok' else None }}"
AGENT_PROBLEM = (
    "{{ 'ON' if value_json | selectattr('severity', 'in', ['warning', 'critical'])"
    " | selectattr('silenced_until', 'none') | list else 'OFF' }}"
)
MAINTENANCE = "{{ 'ON' if value_json.maintenance_until is number else 'OFF' }}"
UPDATE = (
    "{{ {'installed_version': value_json.version, 'latest_version': value_json.version_due or value_json.version,"
    " 'release_url': 'https://github.com/storj/storj/releases/tag/v' ~ (value_json.version_due or value_json.version)}"
    " | tojson if value_json.version is string else '{}' }}"
)
ALERTS = (
    "{% set ns = namespace(a=[]) %}{% for x in value_json[:10] %}"
    "{% set ns.a = ns.a + [{'id': x.id, 'rule': x.rule, 'severity': x.severity, 'node': x.node,"
    " 'satellite': x.satellite, 'since': x.since, 'text': (x.text or '')[:300],"
    " 'next_step': (x.next_step or '')[:300], 'acknowledged': x.acknowledged}] %}{% endfor %}"
    "{{ {'alerts': ns.a} | tojson }}"
)
"""Ten alerts with cut texts: the whole list would pass the 16 384 bytes Home Assistant stores (rule 7)."""


# ---- kinds of entities ----


def measure(digits: int, unit: str | None, divisor: str | None = None, **more: Any) -> Entity:
    """A number that goes up and down."""
    return Entity(unit=unit, digits=digits, template=num(digits, divisor), state_class="measurement", **more)


def total(digits: int, unit: str, reset: str | None, divisor: str | None = None, **more: Any) -> Entity:
    """A sum: with `reset` one that starts anew, without it a balance (rule 4)."""
    return Entity(unit=unit, digits=digits, template=num(digits, divisor), state_class="total", reset=reset, **more)


def when(**more: Any) -> Entity:
    """A time."""
    return Entity(device_class="timestamp", template=WHEN, **more)


def flag(device_class: str, **more: Any) -> Entity:
    """True or false."""
    return Entity(platform="binary_sensor", device_class=device_class, template=FLAG, **more)


def text(**more: Any) -> Entity:
    """A word."""
    return Entity(template=TEXT, **more)


def choice(*options: str, template: str = TEXT, **more: Any) -> Entity:
    """One of some words."""
    return Entity(device_class="enum", template=template, extra={"ops": list(options)}, **more)


def button(name: str, command: str, payload: str, **more: Any) -> Entity:
    """A button that sends `payload`."""
    return Entity(name=name, platform="button", command=command, extra={"pl_prs": payload}, **more)


def threshold(name: str, key: str, low: float, high: float, step: float, **more: Any) -> Entity:
    """A number that people set; its state is a key of `…/thresholds`."""
    command = f'{{"key":"{key}","value":{{{{ value }}}}}}'
    extra = {"cmd_tpl": command, "min": low, "max": high, "step": step, "mode": "box"}
    own: dict[str, Any] = {
        "topic": "thresholds",
        "command": "threshold",
        "category": CONFIG,
        "enabled": False,
        "extra": extra,
    }
    return Entity(name=name, platform="number", template=raw(key), **own, **more)


# ---- entities that are no metric ----

_ALERTS = Entity(
    name="Alerts",
    unit="alerts",
    digits=0,
    state_class="measurement",
    template=COUNT,
    topic="alerts",
    attributes=("alerts", ALERTS),
    icon="mdi:alert-circle-outline",
)
_ALERT = Entity(
    name="Alert",
    platform="event",
    topic="event",
    icon="mdi:bell-alert-outline",
    extra={"evt_typ": list(EVENT_TYPES), "qos": 1},  # top-level qos is not inherited before 2026.6 (rule 13)
)
_ACKNOWLEDGE = button("Acknowledge alerts", "acknowledge", '{"id":"all"}', icon="mdi:check-all")
_PROBLEM = Entity(name="Problem", platform="binary_sensor", device_class="problem", template=PROBLEM)
_MAINTENANCE = {"pl_on": '{"on":true}', "pl_off": '{"on":false}', "stat_on": "ON", "stat_off": "OFF"}

NODE_EXTRAS: Mapping[str, Entity] = {
    "problem": _PROBLEM,
    "alerts": _ALERTS,
    "alert": _ALERT,
    "acknowledge": _ACKNOWLEDGE,
    "maintenance": Entity(
        name="Maintenance",
        platform="switch",
        command="maintenance",
        template=MAINTENANCE,
        extra=_MAINTENANCE,
        icon="mdi:wrench-clock",
    ),
    "refresh": button("Refresh", "refresh", "{}", category=DIAGNOSTIC, enabled=False, icon="mdi:refresh"),
    "disk_full_days_threshold": threshold(
        "Disk full warning", "disk_full_days", 1, 365, 1, unit="d", device_class="duration"
    ),
    "online_score_threshold": threshold(
        "Online score warning", "online_score", 60, 100, 0.1, unit="%", icon="mdi:lan-connect"
    ),
}

AGENT_EXTRAS: Mapping[str, Entity] = {
    "connected": Entity(
        name="Connected",
        platform="binary_sensor",
        device_class="connectivity",
        topic="status",
        category=DIAGNOSTIC,
        # Its own empty availability: it is what says "off" when all others are unavailable (rule 3).
        extra={"pl_on": "online", "pl_off": "offline", "avty": []},
    ),
    "problem": Entity(
        name="Problem", platform="binary_sensor", device_class="problem", topic="alerts", template=AGENT_PROBLEM
    ),
    "alerts": _ALERTS,
    "alert": _ALERT,
    "acknowledge": _ACKNOWLEDGE,
    "notify_test": button("Send test alert", "notify_test", "{}", category=CONFIG, icon="mdi:bell-ring-outline"),
}
