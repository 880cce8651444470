"""All rules. A row more is an alert more; each has a history in which it fires and a nearest miss (tests/alerts)."""

from __future__ import annotations

from storj_monitor.alerts import rules_agent, rules_disk, rules_node, rules_satellite

RULES = (*rules_node.RULES, *rules_disk.RULES, *rules_satellite.RULES)
AGENT_RULES = rules_agent.RULES
BY_ID = {rule.id: rule for rule in (*RULES, *AGENT_RULES)}
THRESHOLDS = {
    level.threshold: level.fire for rule in BY_ID.values() for level in rule.levels if level.threshold is not None
}
"""Numbers that people may set for a node, with what the rules use while they have not."""
