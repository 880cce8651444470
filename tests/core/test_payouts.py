"""The money document, on recorded nodes and by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.core.recorded import LAST, answers

from storj_monitor.core import payouts, readings
from storj_monitor.core.facts import Reading
from storj_monitor.core.payouts import Costs
from storj_monitor.core.readings import Receipt, ReceiptsReading, SatelliteStatus

A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"
NAMES = {A: "north", B: "south"}
FREE = Costs()


def document(known: dict[str, Reading], costs: Costs = FREE, **estimates: float) -> dict[str, Any]:
    keys = {("2026-09", {"node": "", "north": A, "south": B}[who]): usd for who, usd in estimates.items()}
    return payouts.document(known, LAST, name=lambda each: NAMES.get(each, ""), estimates=keys, costs=costs)


def with_receipt(known: dict[str, Reading]) -> dict[str, Reading]:
    body = ReceiptsReading(at=LAST, receipts=(Receipt(B, "2026-09", "zksync", "0x12fd9"),))
    return known | {"receipts": Reading("receipts", LAST, body)}


def test_paid_months_of_a_recorded_node() -> None:
    """2026-09: 6669000 + 400140 + 106704 + 17 and 2334150 + 140049 + 37346 + 6 micro-dollars, a quarter held back."""
    known = with_receipt(answers("1.162.3-hashstore-payouts"))
    found = document(known, node=7.3, north=5.0)
    assert [month["period"] for month in found["months"]] == [f"2026-{n:02}" for n in range(10, 0, -1)]
    month = found["months"][1]
    assert month["earned"] == pytest.approx((7175861 + 2511551) / 1e6)
    assert month["held"] == pytest.approx((1793965 + 627887) / 1e6)
    assert month["paid"] == month["distributed"] == pytest.approx((5381896 + 1883664) / 1e6)
    assert month["unsent"] == 0
    # $7.26556 was counted where we had expected $7.30; of north $5.381896 where we had expected $5.00
    assert month["difference_percent"] == pytest.approx(100 * (7.26556 - 7.3) / 7.3, abs=0.01)
    assert month["noteworthy"] is False
    north, south = month["satellites"]
    assert (north["name"], south["name"]) == ("north", "south")
    assert north["difference_percent"] == pytest.approx(100 * 0.381896 / 5, abs=0.01)
    assert north["noteworthy"] is True
    assert (south["estimate"], south["difference_percent"], south["noteworthy"]) == (None, None, None)
    assert (north["storage"], north["egress"]) == (6.669, 0.40014)
    assert north["repair_audit"] == pytest.approx(0.106721)
    assert north["surge_percent"] == 100
    assert (north["receipt"], south["receipt"]) == (
        None, {"kind": "zksync", "link": "https://zkscan.io/explorer/transactions/0x12fd9"},
    )  # fmt: skip
    assert month["per_tb_month"] == pytest.approx((7175861 + 2511551) / 1e6 / (4.50775 + 1.5777125), abs=1e-4)
    assert found["months"][-1]["unsent"] == pytest.approx((104104 + 36436) / 1e6)


@pytest.mark.parametrize("name", ["1.98.3-payouts", "1.121.8-offline", "1.162.3-hashstore-payouts"])
def test_totals_are_the_sums_of_months_and_of_satellites(name: str) -> None:
    found = document(answers(name))
    for key, total in found["totals"].items():
        assert total == pytest.approx(sum(month[key] for month in found["months"]))
        assert total == pytest.approx(sum(row[key] for month in found["months"] for row in month["satellites"]))


def test_held_by_its_age_and_what_an_exit_would_bring() -> None:
    """Joined in January 2026: nothing has come back; half of 12000917 and of 4200315 does in April 2027."""
    held = document(answers("1.162.3-hashstore-payouts"))["held"]
    assert held["total"] == held["on_exit"] == pytest.approx((12000917 + 4200315) / 1e6)
    assert held["comes_back"] == pytest.approx((6000458 + 2100157) / 1e6)
    north = held["satellites"][0]
    assert north["comes_back_in"] == "2027-04"
    assert north["by_percent"] == {"75": 2.634655, "50": 4.982427, "25": 4.383835}
    assert sum(north["by_percent"].values()) == pytest.approx(north["held"])


def test_half_of_it_has_come_back() -> None:
    """Joined in November 2024; the paystub of February 2026 gave 6004697 of 12009395 and 2101639 of 4203279 back."""
    held = document(answers("1.121.8-offline"))["held"]
    assert held["returned"] == pytest.approx((6004697 + 2101639) / 1e6)
    assert held["on_exit"] == held["total"] == pytest.approx((6004698 + 2101640) / 1e6)
    assert held["comes_back"] == 0
    assert {row["comes_back_in"] for row in held["satellites"]} == {None}


def test_what_is_held_by_a_satellite_that_gave_the_node_up_is_lost() -> None:
    held = document(answers("1.162.3-disqualified"))["held"]
    assert held["total"] == pytest.approx((7926368 + 2774221) / 1e6)
    assert (held["on_exit"], held["comes_back"]) == (0, 0)
    assert all(row["lost"] for row in held["satellites"])


def test_the_running_month_with_its_costs() -> None:
    """8.5 W through the 720 hours of November are 6.12 kWh, at $0.32 $1.9584; the disk costs $3.50."""
    found = document(answers("1.115.6-healthy"), Costs(0.32, 8.5, 3.5))["month"]
    assert (found["period"], found["electricity"], found["disk_cost"]) == ("2026-11", 1.9584, 3.5)
    assert found["profit"] == pytest.approx(found["estimate"] - 1.9584 - 3.5)
    assert found["estimate"] == pytest.approx(found["earned"] - found["held"])
    assert found["estimate_node"] == 0
    north = found["satellites"][0]
    assert (north["name"], north["month_number"], north["held_percent"]) == ("north", 6, 50)  # joined on 30 June
    assert sum(row["estimate"] for row in found["satellites"]) == pytest.approx(found["estimate"])


@pytest.mark.parametrize(
    ("costs", "electricity", "disk", "spent"),
    [(Costs(), None, None, None), (Costs(0.5), None, None, None), (Costs(None, 10), None, None, None),
     (Costs(0.5, 10), 3.6, None, 3.6), (Costs(disk=2), None, 2, 2), (Costs(0.5, 0), 0, None, 0)],
)  # fmt: skip
def test_profit_needs_at_least_one_cost(
    costs: Costs, electricity: float | None, disk: float | None, spent: float | None
) -> None:
    found = document(answers("1.162.3-healthy"), costs)["month"]
    assert (found["electricity"], found["disk_cost"]) == (electricity, disk)
    assert found["profit"] == (None if spent is None else pytest.approx(found["estimate"] - spent))


def test_nothing_known_is_nothing_said() -> None:
    found = document({}, Costs(0.3, 10, 2))
    assert (found["months"], found["totals"], found["held"]) == ([], None, None)
    assert found["month"]["satellites"] == []
    assert {found["month"][key] for key in ("estimate", "estimate_node", "so_far", "earned", "profit")} == {None}


def test_no_wallet_is_in_the_document() -> None:
    text = msgspec.json.encode(document(with_receipt(answers("1.98.3-payouts")))).decode()
    assert "wallet" not in text.lower()
    assert "@" not in text


def test_one_satellite_that_is_not_known_leaves_the_estimate_open() -> None:
    known = answers("1.162.3-healthy")
    node = known[readings.NODE].body
    more = (*node.satellites, SatelliteStatus("1new", "new:7777"))
    known[readings.NODE] = Reading(readings.NODE, LAST, msgspec.structs.replace(node, satellites=more))
    found = document(known)["month"]
    assert found["estimate"] is None
    assert [row["estimate"] is None for row in found["satellites"]] == [False, False, True]
