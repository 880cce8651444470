"""Rules where a table of histories says too little: what tells one cause from another, and how bad it is."""

from __future__ import annotations

from typing import Any

import pytest
from tests.alerts.histories import DAY, EU1, HOUR, MINUTE, NOON, TB, US1, disk, satellite
from tests.alerts.rows import (
    CONTACT,
    DQ,
    LOST,
    NO_SATELLITE,
    SHORT,
    UNREADABLE,
    after,
    api_breaks_while_it_works,
    busy,
    failed,
    grows,
    paid,
    refuses,
    scored,
    sound,
    unreached,
)

from storj_monitor.core.readings import GrowthReading
from storj_monitor.core.readings_host import DnsReading


def test_a_sound_node_raises_nothing() -> None:
    assert not busy(sound(), HOUR).told


def test_an_api_that_breaks_while_the_node_works_is_no_node_that_is_down() -> None:
    assert api_breaks_while_it_works().worst == {}
    made = busy(api_breaks_while_it_works(), 10 * MINUTE)
    assert made.worst == {"no_data": "warning"}
    assert "API" in made.open["no_data"].text


def test_a_node_that_nobody_reaches_is_down_although_its_api_answers() -> None:
    made = sound(log=False)
    made.sno(**CONTACT)
    made.read("dns", DnsReading(at=NOON, host="me.example.org"))
    made.pass_(5 * MINUTE)
    assert made.worst == {"node_down": "critical"}
    assert "me.example.org does not resolve" in made.open["node_down"].text
    assert made.open["node_down"].since == NOON - 2 * HOUR


def test_no_satellite_at_the_start_is_told_as_a_fault_of_the_network() -> None:
    made = after(refuses(NO_SATELLITE), 60)()
    assert made.worst == {"node_refuses_to_start": "critical"}
    assert "network" in made.open["node_refuses_to_start"].text
    assert "clock_wrong" not in made.open


def test_a_log_that_stands_still_beside_an_api_that_answers_is_no_data() -> None:
    made = sound().pass_(75 * MINUTE + 5 * MINUTE)
    assert made.worst == {"no_data": "warning"}
    assert "log" in made.open["no_data"].text


def test_a_hung_disk_that_ends_the_process_is_a_disk_that_fails() -> None:
    end = "piecestore monitor: timed out after 1m0s while verifying readability of storage directory"
    made = after(lambda history: history.dies(end))()
    assert made.worst == {"disk_failing": "critical"}


def test_all_satellites_at_once_are_critical_after_an_hour_and_one_after_half_a_day() -> None:
    assert unreached(1, US1, EU1)().worst == {"satellite_unreachable": "critical"}
    assert unreached(13, US1)().worst == {"satellite_unreachable": "warning"}
    assert unreached(15, US1)().worst == {"satellite_unreachable": "critical"}


def test_failed_audits_that_another_rule_explains_are_told_by_that_rule() -> None:
    assert after(failed("GET_AUDIT", LOST))().worst == {"piece_lost": "critical"}
    assert after(failed("GET_AUDIT", SHORT))().worst == {"piece_damaged": "critical"}
    assert after(failed("GET_AUDIT", UNREADABLE, 3))().worst == {"audit_failed": "critical", "disk_failing": "warning"}


def test_the_levels_of_scores_are_those_that_matter() -> None:
    assert after(scored(0.97, 0.7, 0.7))().worst == dict.fromkeys(
        ("audit_score", "suspension_score", "online_score"), "critical"
    )
    assert after(scored(0.9701, 0.71, 0.71))().worst == dict.fromkeys(
        ("audit_score", "suspension_score", "online_score"), "warning"
    )


def test_a_score_of_the_log_is_believed_where_it_is_newer_and_for_a_day() -> None:
    made = sound(api=False).pass_()
    fields: dict[str, Any] = {"satellite_id": US1, "audit_score": 0.998, "online_score": 1, "suspension_score": 1}
    made.line("node scores worsened", "WARN", "reputation:service", **fields)
    assert busy(made, 10 * MINUTE).worst == {"audit_score": "warning"}
    made.now += 25 * HOUR
    made.transfer()
    assert made.pass_(HOUR).worst == {"audit_score": "warning"}, "not known any more: it stays as it was"


@pytest.mark.parametrize("full", [disk(7.7), {"used": int(7.6 * TB), "available": 8 * TB, "trash": int(0.1 * TB)}])
def test_a_full_disk_tells_the_days_left_in_both_eras(full: dict[str, Any]) -> None:
    made = sound(log=False)
    made.sno(diskSpace=full, version="1.162.3" if "allocated" in full else "1.142.7")
    pace = 0.3 * TB / (3 * DAY)
    made.read("growth", GrowthReading(at=NOON, likely=pace, low=pace, high=pace, points=30, days=15))
    made.pass_()
    assert made.worst == {"disk_full": "critical"}
    assert "about 3 days" in made.open["disk_full"].text


def test_no_space_left_is_a_full_disk_even_for_a_log_alone() -> None:
    made = after(failed("PUT", "write: no space left on device"), api=False)()
    assert made.worst == {"disk_full": "critical"}


def test_thresholds_that_people_set_move_a_rule() -> None:
    made = sound(log=False)
    made.limits = {"online_score.warning": 80.0, "disk_forecast.warning": 30.0}
    scored(1, 1, 0.85)(made)
    grows(25)(made)
    assert made.pass_().worst == {"disk_forecast": "warning"}


def test_a_payout_is_judged_once_all_statements_are_there_and_it_is_worth_a_word() -> None:
    assert not after(paid(0.5, waits_for=EU1))().told
    assert not after(paid(0.5, of=0.3))().told


def test_satellites_that_are_over_raise_nothing_else() -> None:
    made = sound()
    made.sno(satellites=[satellite(US1, **DQ), satellite(EU1)])
    made.scores(us1=(0.5, 0.5, 0.5), eu1=(1, 1, 1))
    made.failed("GET_AUDIT", LOST, 9)
    assert made.pass_(10 * MINUTE).worst == {"disqualified": "critical"}
    made.silent()
    made.now += 4 * HOUR
    made.failed("GET_AUDIT", LOST, 9)
    made.look()
    assert set(made.worst) == {"disqualified"}, "also while its API is silent for hours"


def test_lines_of_quic_and_single_lines_of_contact_open_nothing() -> None:
    made = sound().pass_()
    for _ in range(30):
        text = "Your node is still considered to be online but encountered an error."
        made.line(text, "WARN", "contact:service", satellite_id=US1, error="contact: failed to ping using QUIC")
        made.line("upload rejected, too many requests", "INFO", "piecestore", live_requests=31, request_limit=30)
        made.line("ping satellite failed ", "ERROR", "contact:service", satellite_id=US1, error="dial tcp: x")
        busy(made, MINUTE)
    assert not made.told
    made.sno(quicStatus="Disabled")
    assert not busy(made, HOUR).told


def test_quic_needs_three_bad_samples_without_a_good_one() -> None:
    made = sound(log=False)
    for status in ("Misconfigured", "OK", "Misconfigured", "Refreshing"):
        made.sno(quicStatus=status)
        made.pass_(5 * MINUTE)
    assert not made.told
    made.sno(quicStatus="Misconfigured")
    assert made.pass_(6 * MINUTE).worst == {"quic": "warning"}
