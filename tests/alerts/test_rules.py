"""Each rule: its history and its nearest miss. A row without both fails the first test."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.alerts.rows import HISTORIES

from storj_monitor.alerts.rule import DAY, TEXT_MAX
from storj_monitor.alerts.rules import AGENT_RULES, BY_ID, RULES, THRESHOLDS


def test_each_rule_has_a_history_in_which_it_fires_and_a_nearest_miss() -> None:
    assert HISTORIES.keys() == BY_ID.keys()
    assert len(BY_ID) == len(RULES) + len(AGENT_RULES), "no id twice"


@pytest.mark.parametrize("rule", HISTORIES)
def test_it_fires(rule: str) -> None:
    row = HISTORIES[rule]
    history = row.fires()
    assert history.worst == {rule: row.severity}
    alert = history.open[rule]
    assert tuple(alert.payload(None)["satellites"]) == row.satellites
    assert alert.since <= history.now
    assert alert.payload(None)["node"] == (None if rule.startswith("agent_") else "attic")


@pytest.mark.parametrize("rule", HISTORIES)
def test_the_nearest_miss_raises_nothing(rule: str) -> None:
    assert not HISTORIES[rule].misses().told


@pytest.mark.parametrize("rule", HISTORIES)
def test_its_words_are_whole_short_and_begin_with_what_to_do(rule: str) -> None:
    alert = HISTORIES[rule].fires().open[rule]
    for text in (alert.text, alert.next_step):
        assert 10 < len(text) <= TEXT_MAX
        assert not re.search(r"[{}]|None|\(s\)|  |\.\.|\d\.\d{4}", text)
        assert text.endswith(".")
    assert alert.next_step.split()[0] in VERBS
    assert alert.text == HISTORIES[rule].fires().open[rule].text, "the same history, the same words"


@pytest.mark.parametrize("rule", BY_ID.values(), ids=lambda rule: rule.id)
def test_it_says_what_it_costs_and_where_more_stands(rule: Any) -> None:
    assert re.fullmatch(r"[A-Z].{10,}\.", rule.cost)
    assert rule.link.startswith("https://")


VERBS = frozenset(
    """
    Check Compare Find Forward Give Keep Look Make Mend Move Plan Read Run See Stop Switch Take Update
    """.split()  # noqa: SIM905 - words are read best as words
)


@pytest.mark.parametrize("rule", [rule.id for rule in (*RULES, *AGENT_RULES)])
def test_its_words_fit_many_nodes_and_satellites(rule: str) -> None:
    row, alert = BY_ID[rule], HISTORIES[rule].fires().open[rule]
    facts = dict(alert.members[0].facts)
    many = facts | {
        "node": ", ".join(f"node-{n}" for n in range(9)),
        "nodes": 9,
        "n": 9,
        "total": 44,
        "lasted": 9 * DAY,
    }
    many |= {"satellites": "ap1, eu1, saltlake and us1", "severity": "critical"}
    for text in row.words(many):
        assert 10 < len(text) <= TEXT_MAX
        assert " is offline" not in text
        assert "{" not in text


def test_the_contract_is_kept() -> None:
    least = """node_down node_restarting node_refuses_to_start node_silent no_traffic satellite_unreachable online_score
    audit_failed audit_slow piece_lost piece_damaged audit_score suspension_score suspended offline_suspended
    disqualified disk_failing storage_gone disk_full disk_forecast disk_overused database_locked database_damaged
    orders_unsent compaction_failing gc_stalled migration_stuck records_lost clock_wrong quic version_minimum
    version_due success_rate traffic_unusual log_unknown payout_low agent_broker agent_disk agent_lag agent_conflict
    no_data"""
    assert set(least.split()) <= BY_ID.keys()
    assert THRESHOLDS == {"disk_full_days": 14, "online_score": 95.0}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_ladder_climbs(rule: Any) -> None:
    severities = [level.severity for level in rule.levels]
    assert severities == sorted(severities, key=("info", "warning", "critical").index)
    for level in rule.levels:
        beyond = level.clear is None or (level.clear >= level.fire if rule.below else level.clear <= level.fire)
        assert beyond, "an alert lets go on the other side of where it fires"
