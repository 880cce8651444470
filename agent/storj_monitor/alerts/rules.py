"""All rules. A row more is an alert more; each has a history in which it fires and a nearest miss (tests/alerts)."""

from __future__ import annotations

from storj_monitor.alerts import rules_agent, rules_disk, rules_node, rules_satellite
from storj_monitor.core import thresholds

RULES = (*rules_node.RULES, *rules_disk.RULES, *rules_satellite.RULES)
AGENT_RULES = rules_agent.RULES
BY_ID = {rule.id: rule for rule in (*RULES, *AGENT_RULES)}
DEFAULTS = {
    rule.key(level): level.fire
    for rule in BY_ID.values()
    for level in rule.levels
    if not level.fixed and rule.key(level) in thresholds.THRESHOLDS
}
"""Numbers that people may set, with what the rules use while they have not."""
THRESHOLDS = {name: DEFAULTS[key] for name, key in thresholds.CONTRACT.items()}
"""Those that the contract names."""
