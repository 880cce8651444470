"""What people read: messages and digests."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.events import NOON, alert, event, items, notice

from storj_monitor.alerts.digest import digest, size
from storj_monitor.alerts.messages import IN_FULL, TEXT_MAX, Line, compose, counting, line_of, trial

BERLIN = ZoneInfo("Europe/Berlin")
GB = 10**9


def test_one_alert_says_what_since_when_and_what_to_do() -> None:
    message = compose([Line(event("opened", severity="critical"))], BERLIN, key="1")
    assert (message.title, message.kind) == ("Critical: attic, disk full", "failure")
    assert message.text == "The disk a is nearly full.\nSince 2026-11-23 13:00.\nMake room."
    again = compose([Line(event("opened", severity="critical"), again=True)], BERLIN, key="1")
    assert "Still so, since 2026-11-23 13:00." in again.text
    over = compose([Line(event("closed"))], BERLIN, key="1")
    assert (over.title, over.kind) == ("Over: attic, disk full", "success")
    assert over.text == "The disk a is nearly full.\nIt had begun at 2026-11-23 13:00."
    agent = compose([Line(event("opened", node=None, nodes=["attic", "roof"]))], BERLIN, key="1")
    assert agent.title == "Warning: attic, roof, disk full"
    told = compose([Line(notice())], BERLIN, key="1")
    assert (told.title, told.text, told.kind) == ("Notice: storj-monitor", "Refused.\nAt 2026-11-23 13:00.", "info")


def test_many_are_told_worst_first_and_the_rest_is_counted() -> None:
    lines = [Line(event("closed", "z")), *(Line(event("opened", str(n))) for n in range(IN_FULL + 4))]
    lines.append(Line(event("opened", "worst", "critical")))
    message = compose(lines, BERLIN, key="9")
    assert (message.title, message.kind) == ("1 critical, 14 warning, 1 over", "failure")
    assert message.text.startswith("Critical: attic, disk full\nThe disk worst")
    assert message.text.endswith("And 6 more: 5 warning, 1 over.")


def test_an_acknowledgement_is_never_the_line() -> None:
    group = items(event("opened"), event("changed", severity="critical"), event("acknowledged", severity="critical"))
    assert line_of(group).event["event_type"] == "alert_changed"
    assert line_of(group[2:]).event["event_type"] == "alert_acknowledged"


@given(st.text(max_size=400), st.text(max_size=400))
def test_whatever_a_log_line_says_stays_on_its_line(text: str, step: str) -> None:
    message = compose([Line(event("opened", text=text, next_step=step, rule=text))], BERLIN, key="1")
    assert message.title.isprintable() or not any(ord(each) < 32 for each in message.title)
    assert len(message.text.splitlines()) <= 3
    assert "\r" not in message.title + message.text


def test_notices_keep_to_the_contract() -> None:
    made = counting(items(*(event("opened", str(n), "critical") for n in range(3))), NOON)
    for each in (made.event, trial("x" * 400, NOON).event):
        assert set(each) == {"event_type", "at", "severity", "text", "node", "satellite"}
        assert len(each["text"]) <= TEXT_MAX
    assert "3 events were not sent one by one" in made.event["text"]


# ---- digest ----


def node(name: str = "attic", **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "status": "ok",
        "payout_estimate": 2.5,
        "received": 3 * GB,
        "sent": 7 * GB,
        "downloads": (99, 100),
        "uploads": (980, 1000),
    } | more


def found(**more: Any) -> dict[str, Any]:
    return {"start": NOON - 86_400, "end": NOON, "nodes": [node()], "open": [], "opened": [], "closed": []} | more


def test_all_is_well_in_one_line() -> None:
    message = digest(found(nodes=[node(), node("roof")], closed=[event("closed")]), BERLIN)
    assert message.title == "Storj: all is well"
    assert message.text == (
        "All is well: 2 nodes. 6 GB received and 14 GB sent since 2026-11-22 13:00; 99.0 % of downloads succeeded; "
        "98.0 % of uploads succeeded; $5.00 expected for this month. Went: disk full (attic)."
    )
    assert (message.kind, message.event["severity"]) == ("success", "info")


def test_what_is_not_known_is_not_said() -> None:
    dark = node(payout_estimate=None, received=None, sent=None, downloads=None, uploads=None)
    assert digest(found(nodes=[dark]), BERLIN).text == "All is well: 1 node."
    unknown = digest(found(nodes=[dark | {"status": "unknown"}]), BERLIN)
    assert unknown.title == "Storj: attic: unknown"
    assert "well" not in unknown.text


def test_what_is_open_and_what_changed() -> None:
    message = digest(
        found(
            nodes=[node(status="critical"), node("roof")],
            open=[alert(severity="critical"), alert("quiet", silenced_until=NOON + 9)],
            opened=[event("opened"), event("opened", "b"), event("opened", node="roof")],
        ),
        BERLIN,
    )
    assert (message.title, message.kind) == ("Storj: 1 alert open", "warning")
    assert message.text.split("\n\n")[:3] == [
        "1 alert open.",
        "The disk a is nearly full.\nStill so, since 2026-11-23 13:00.\nMake room.",
        "Came: disk full (attic) 2 times, disk full (roof).",
    ]
    silenced = digest(found(open=[alert(silenced_until=NOON + 9)]), BERLIN)
    assert silenced.title == "Storj: all is well"


def test_sizes_are_in_powers_of_a_thousand() -> None:
    assert [size(each) for each in (0, 999, 1500, 2_340_000, 7 * GB, 1_234_000 * GB)] == [
        "0 B", "999 B", "1.5 kB", "2.34 MB", "7 GB", "1234.00 TB",
    ]  # fmt: skip
