"""The numbers that people may set: each level has one or asks yes or no, and no number makes an alert senseless."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.histories import History
from tests.alerts.rows import HISTORIES

from storj_monitor.alerts.limits import ALL, Limits
from storj_monitor.alerts.rule import answers, cleared
from storj_monitor.alerts.rules import BY_ID, DEFAULTS
from storj_monitor.core.thresholds import CONTRACT, THRESHOLDS
from storj_monitor.settings.alerts import AlertsSettings

YES_OR_NO = set(
    """
    node_down node_refuses_to_start no_traffic quic version_minimum version_due storage_gone disqualified suspended
    offline_suspended success_rate traffic_unusual agent_broker agent_disk agent_conflict agent_offline
    """.split()  # noqa: SIM905 - words are read best as words
)
"""Rules whose number is 1 for yes."""
TOP = {"%": 100.0, "days": 1e9}
"""What a number that is watched for being low can rise to."""


def test_every_level_with_a_number_can_be_set_and_no_other() -> None:
    levels = {rule.key(level) for rule in BY_ID.values() for level in rule.levels}
    assert THRESHOLDS.keys() == DEFAULTS.keys() == {key for key in levels if key.partition(".")[0] not in YES_OR_NO}
    assert set(CONTRACT.values()) <= THRESHOLDS.keys()
    for key, row in THRESHOLDS.items():
        assert row.least <= DEFAULTS[key] <= row.most
        assert re.fullmatch(r"[A-Z][^{}]+[^.]\.", row.text)
        assert row.of_agent is (BY_ID[row.rule].scope == "agent")
    for rule in BY_ID.values():
        free = [level.severity for level in rule.levels if not level.fixed]
        assert len(free) == len(set(free)), "a key means one level"
        for level in rule.levels:
            assert rule.id not in YES_OR_NO or (level.fire, level.clear) == (1, None)


@pytest.mark.parametrize("key", THRESHOLDS)
@given(data=st.data())
def test_an_alert_can_begin_and_end_at_any_number_that_may_be_set(key: str, data: Any) -> None:
    row, rule = THRESHOLDS[key], BY_ID[THRESHOLDS[key].rule]
    limit = data.draw(st.floats(row.least, row.most))
    number = next(n for n, level in enumerate(rule.levels) if level.severity == row.severity and not level.fixed)
    at, best = (answers(rule, value, {key: limit})[number] for value in (limit, TOP[row.unit] if rule.below else 0.0))
    assert at is not None
    assert at.fires
    assert not at.lets_go
    assert best is not None
    assert best.lets_go
    assert not best.fires
    clear = cleared(rule, rule.levels[number], limit)
    assert clear >= limit if rule.below else clear <= limit
    assert AlertsSettings.model_validate({"thresholds": {key: limit}}).thresholds == {key: limit}


@pytest.mark.parametrize("rule", sorted({row.rule for row in THRESHOLDS.values()}))
def test_a_history_that_fires_does_not_where_the_number_is_moved_beyond_it(
    rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = BY_ID[rule].below
    hard = {key: row.least if below else row.most for key, row in THRESHOLDS.items() if row.rule == rule}
    monkeypatch.setattr(History, "limits", hard, raising=False)
    worst = HISTORIES[rule].fires().worst.get(rule)
    assert worst is None or worst != HISTORIES[rule].severity, hard


@given(
    st.lists(
        st.tuples(
            st.sampled_from([ALL, "attic", "cellar"]),
            st.sampled_from(["online_score.warning", "disk_full.critical"]),
            st.none() | st.sampled_from([61.0, 62.0, 63.0]),
        )
    )
)
def test_what_people_set_wins_until_it_is_reset(steps: list[tuple[str, str, float | None]]) -> None:
    file = {ALL: {"online_score.warning": 90.0}, "attic": {"online_score.warning": 80.0}}
    limits, model = Limits(file), dict[tuple[str, str], float]()
    for node, key, value in steps:
        limits.choose(node, key, value)
        if value is None:
            model.pop((node, key), None)
        else:
            model[node, key] = value
    for node in ("attic", "cellar", ALL):
        for key in ("online_score.warning", "disk_full.critical"):
            filed = file.get(node, {}).get(key, file[ALL].get(key, DEFAULTS[key]))
            assert limits.filed(node, key) == filed
            assert limits.value(node, key) == model.get((node, key), model.get((ALL, key), filed))
            where = "node" if node and (node, key) in model else "all" if (ALL, key) in model else None
            assert limits.where(node, key) == where
