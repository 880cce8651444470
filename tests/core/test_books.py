"""What every recorded node earns, with the arithmetic of agent/docs/storagenode.md §5 written out."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from tests.core.recorded import FOLDERS, LAST, answers

from storj_monitor.core import books, derive, readings

A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"


class Usage(NamedTuple):
    """One satellite until 23 November, 08:40 UTC; all was booked, and tallied once, on that day."""

    byte_hours: float
    mean: float
    egress: int
    repair: int
    audit: int


CASES: dict[str, tuple[int, Usage, Usage]] = {
    # held percent in November: joined 2023-02 none, 2024-11 none, 2025-09 none, 2026-01 (month 11) none,
    # 2026-02 (month 10) none, 2026-04 (month 8) 25, 2026-06 (month 6) 50, 2026-08 (month 4) 50
    "1.98.3-healthy": (0, Usage(5832385.822023321, 243016.07591763837, 129614848, 0, 622848),
                       Usage(1556442.7937727678, 64851.78307386532, 70500864, 0, 134144)),
    "1.98.3-payouts": (0, Usage(16883702.16223066, 703487.5900929441, 150295040, 0, 1017600),
                       Usage(8913751.355460582, 371406.3064775243, 95522048, 0, 275968)),
    "1.115.6-healthy": (50, Usage(5776248.756343904, 240677.03151432934, 121855744, 0, 65792),
                        Usage(2201117.0692235907, 91713.21121764962, 90806272, 0, 163328)),
    "1.121.8-offline": (0, Usage(86241089.9897371, 3593378.749572379, 208764416, 7512576, 1524224),
                        Usage(64027997.35376969, 2667833.223073737, 141509120, 6118400, 489984)),
    "1.121.8-overused": (0, Usage(19621924.682519376, 817580.195104974, 191488512, 0, 1086208),
                         Usage(12746852.904032446, 531118.871001352, 141509120, 0, 343808)),
    "1.137.5-healthy": (0, Usage(5615882.758564899, 233995.1149402041, 135880704, 0, 628224),
                        Usage(2346353.9363557207, 97764.74734815503, 112769792, 0, 165120)),
    "1.142.7-suspended": (0, Usage(34433836.40080073, 1434743.183366697, 185123328, 1771008, 1508096),
                          Usage(28496356.864002287, 1187348.202666762, 144252160, 3218944, 531968)),
    "1.145.3-healthy": (50, Usage(5787534.816193221, 241147.2840080509, 119846400, 0, 623616),
                        Usage(2355560.300937596, 98148.34587239982, 117234176, 0, 183552)),
    "1.145.3-repair-payouts": (50, Usage(81766951.82330151, 3406956.325970896, 168264448, 32509440, 3939328),
                               Usage(73339046.81188793, 3055793.617161997, 150834688, 119152896, 1603584)),
    "1.146.10-healthy": (25, Usage(5686378.14246573, 236932.42260273875, 131143424, 0, 618496),
                         Usage(607809.7239041397, 25325.405162672487, 58687744, 0, 61440)),
    "1.162.3-healthy": (0, Usage(5669752.876326775, 236239.7031802823, 119831296, 0, 603136),
                        Usage(2322675.57926497, 96778.14913604042, 113725952, 0, 172288)),
    "1.162.3-hashstore-payouts": (0, Usage(18301140.099068347, 762547.5041278478, 153217280, 0, 1016064),
                                  Usage(12955869.502002232, 539827.8959167596, 157986048, 0, 343552)),
}  # fmt: skip

LOST = "1.162.3-disqualified"
GROWN = 2_592_000 / 1_932_000
"""30 days over the 22 days, 8 hours and 40 minutes until 23 November, 08:40."""
CENT = 0.01


def so_far(usage: Usage) -> float:
    """USD: storage 149 cents per TB·month of 720 h, egress 2000 per TB, repair and audit 1000 per TB."""
    return (usage.byte_hours / 720 * 149 + usage.egress * 2000 + (usage.repair + usage.audit) * 1000) / 1e12 * CENT


def at_end(usage: Usage) -> float:
    """USD: the tallied 24 h and the 7 days of the month after them at the last mean; traffic at its mean rate."""
    stored = (usage.byte_hours + usage.mean * 7 * 24) / 720 * 149
    return (stored + (usage.egress * 2000 + (usage.repair + usage.audit) * 1000) * GROWN) / 1e12 * CENT


def test_every_recorded_node_is_there() -> None:
    assert sorted([*CASES, LOST]) == sorted(FOLDERS)


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_node(name: str) -> None:
    percent, *usages = CASES[name]
    known, kept = answers(name), 1 - percent / 100
    for satellite, usage in zip((A, B), usages, strict=True):
        values = derive.satellite_values(known, satellite, LAST)
        assert values["payout_so_far"] == pytest.approx(so_far(usage) * kept, abs=2e-6)
        assert values["payout_estimate"] == pytest.approx(at_end(usage) * kept, abs=2e-6)
        assert values["held_estimate"] == pytest.approx(at_end(usage) * percent / 100, abs=2e-6)
        assert values["storage_reported"] == round(usage.mean)
    values = derive.node_values(known, {}, LAST)
    earned = sum(map(at_end, usages))
    assert values["payout_so_far"] == pytest.approx(sum(map(so_far, usages)) * kept, abs=4e-6)
    assert values["payout_estimate"] == pytest.approx(earned * kept, abs=4e-6)
    byte_months = sum((each.byte_hours + each.mean * 7 * 24) / 720 for each in usages)
    assert values["earned_per_tb_month"] == pytest.approx(earned / (byte_months / 1e12), rel=1e-3)
    assert values["earned_per_tb_disk"] == pytest.approx(earned / (values["disk_used"] / 1e12), rel=1e-3)


@pytest.mark.parametrize("name", CASES)
def test_ours_and_the_node_s_own_agree_to_the_cent(name: str) -> None:
    """The node rounds each part of each satellite to 0.01 cents, and holds back from the rounded sum (§5.3)."""
    known = answers(name)
    theirs = known[readings.PAYOUT].body.current
    ours = books.together([each.now for each in books.accounts(known, LAST)])
    assert ours is not None
    assert ours.net == pytest.approx(theirs.payout, abs=CENT * 10_000 * 6)
    assert ours.held == pytest.approx(theirs.held, abs=CENT * 10_000 * 6)


def test_satellites_that_gave_the_node_up_pay_nothing() -> None:
    values = derive.node_values(answers(LOST), {}, LAST)
    assert (values["payout_estimate"], values["payout_so_far"], values["held_estimate"]) == (0, 0, 0)
    assert values["storage_reported"] == 0
    assert values["earned_per_tb_month"] is None
    assert values["earned_per_tb_disk"] == 0
    assert (values["satellites_disqualified"], values["satellites_suspended"]) == (2, 0)


STATES = {
    "1.142.7-suspended": "suspended",  # with scores of 100 and 99.98
    "1.162.3-disqualified": "disqualified",
    "1.137.5-healthy": "vetted",
    "1.121.8-offline": "active",  # before 1.137 a node may not know whether it is vetted
}


@pytest.mark.parametrize("name", STATES)
def test_the_state_comes_from_the_dates(name: str) -> None:
    assert {derive.satellite_values(answers(name), each, LAST)["state"] for each in (A, B)} == {STATES[name]}
