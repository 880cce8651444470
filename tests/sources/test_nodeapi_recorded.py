"""Each recorded node, served over HTTP and read by the real poller: the derived values against hand-computed ones.

Numbers on the right are copied from the recorded files; the arithmetic shown is that of agent/docs/storagenode.md. Both
satellites' prices are 149 cents per TB and month for storage, 2000 per TB of egress, 1000 per TB of repair and audit.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.sources.replay import API, FOLDERS, Replay

from storj_monitor.core import derive, money
from storj_monitor.core.facts import Batch, Reading
from storj_monitor.core.readings import PayoutReading, SatelliteReading, body_type
from storj_monitor.sources.nodeapi import NodeApi


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


NOW = at("2026-11-23T08:25:00")
DAY, MONTH = at("2026-11-23"), at("2026-11-01")
GROWN = (30 * 86400) / (22 * 86400 + 8 * 3600 + 25 * 60)
"""The whole of November over what is gone of it."""
A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"


def month(egress: int, other: int, average: float, held: int = 0) -> float:
    """USD at the month's end: traffic × its mean pace; one tally of 24 h, carried on for 7 days; − held %."""
    storage = average * (24 + 7 * 24) / 720 * 1.49 / 1e12
    traffic = (egress * 20 + other * 10) / 1e12 * GROWN
    return (storage + traffic) * (1 - held / 100)


# Per node: what is expected of its state; "a", "b": of its satellites 162Lh… and 1fhsa….
HAND: dict[str, dict[str, Any]] = {
    "1.98.3-healthy": {
        "version": "1.98.3", "quic": None, "started": at("2026-11-23T07:32:41"),
        "last_contact": at("2026-11-23T07:41:21"),
        "disk_used": 347025408 + 54269696, "disk_trash": 54269696, "disk_free": 2000000000 - 347025408 - 54269696,
        "ingress_today": 415052032, "egress_today": 200115712 + 756992, "ingress_month": 415052032,
        "egress_month": 200872704,
        "audit_score": 100, "suspension_score": 100, "online_score": 100,
        "payout_last_month": 17.431241, "held_total": 0,
        "a": {"state": "active", "payout_estimate": month(129614848, 622848, 243016.07591763837), "storage": 243016},
        "b": {"state": "active", "payout_estimate": month(70500864, 134144, 64851.78307386532), "storage": 64852},
    },
    "1.98.3-payouts": {
        "version": "1.98.3", "quic": None, "disk_used": 481325312 + 56739584, "disk_trash": 56739584,
        "disk_free": 2000000000 - 481325312 - 56739584,
        "ingress_today": 551897088, "egress_today": 245817088 + 1293568, "ingress_month": 551897088,
        "egress_month": 247110656,
        "online_score": 76.76211453744494, "payout_last_month": 17.431241,
        "held_total": 12.000917 - 6.000458 + 4.200315 - 2.100157,
        "a": {"payout_estimate": month(150295040, 1017600, 703487.5900929441), "held_total": 12.000917 - 6.000458},
        "b": {"payout_estimate": month(95522048, 275968, 371406.3064775243), "online_score": 77.44107744107743},
    },
    "1.115.6-healthy": {
        "version": "1.115.6", "quic": None, "disk_used": 347051008 + 46705408, "disk_trash": 46705408,
        "disk_free": 2000000000 - 347051008 - 46705408,
        "ingress_today": 400733952, "egress_today": 212662016 + 229120, "ingress_month": 400733952,
        "egress_month": 212891136,
        "suspension_score": 99.99994747829594, "payout_last_month": 1.813333 + 0.634666,
        "held_total": 1.813333 + 0.634666,
        # joined 2026-06-30: November is month 5, half is held back
        "a": {"joined": at("2026-06-30"), "payout_estimate": month(121855744, 65792, 240677.03151432934, 50)},
        "b": {"payout_estimate": month(90806272, 163328, 91713.21121764962, 50), "held_total": 0.634666},
    },
    "1.121.8-offline": {
        "version": "1.121.8", "quic": None, "disk_used": 394201600 + 49513472, "disk_trash": 49513472,
        "disk_free": 2000000000 - 394201600 - 49513472,
        "ingress_today": 580072448 + 5436928, "egress_today": 350273536 + 13630976 + 2014208,
        "ingress_month": 585509376, "egress_month": 365918720,
        "online_score": 41.31038034647057, "suspension_score": 99.99999965545042,
        "payout_last_month": 18.651429, "held_total": 12.009395 - 6.004697 + 4.203279 - 2.101639,
        "a": {"state": "active", "online_score": 45.661420091457167, "ingress_month": 248489472,
              "payout_estimate": month(208764416, 7512576 + 1524224, 3593378.749572379)},
        "b": {"payout_estimate": month(141509120, 6118400 + 489984, 2667833.223073737), "egress_month": 148117504},
    },
    "1.121.8-overused": {
        "version": "1.121.8", "quic": None, "disk_allocated": 100000000, "disk_used": 389016832 + 49513472,
        "disk_overused": 389016832 + 49513472 - 100000000, "disk_free": 0, "disk_trash": 49513472,
        "ingress_today": 556042496, "egress_today": 332997632 + 1430016, "ingress_month": 556042496,
        "egress_month": 334427648,
        "online_score": 79.01018922852984, "suspension_score": 99.99999999962276,
        "payout_last_month": 18.651429, "held_total": 12.009395 - 6.004697 + 4.203279 - 2.101639,
        "a": {"payout_estimate": month(191488512, 1086208, 817580.195104974)},
        "b": {"payout_estimate": month(141509120, 343808, 531118.871001352)},
    },
    "1.137.5-healthy": {
        "version": "1.137.5", "quic": None, "disk_used": 349577728 + 42527488, "disk_trash": 42527488,
        "disk_free": 2000000000 - 349577728 - 42527488,
        "ingress_today": 398511360, "egress_today": 248650496 + 793344, "ingress_month": 398511360,
        "egress_month": 249443840,
        "payout_last_month": 5.927166, "held_total": 1.463498 + 0.512224,
        # joined 2026-02-28: November is month 9, nothing is held back any more
        "a": {"state": "vetted", "vetted": at("2026-11-23T07:33:01"),
              "payout_estimate": month(135880704, 628224, 233995.1149402041)},
        "b": {"payout_estimate": month(112769792, 165120, 97764.74734815503)},
    },
    "1.142.7-suspended": {
        "version": "1.142.7", "quic": None, "disk_allocated": 566231040, "disk_used": 387335936 + 51583232,
        "disk_trash": 51583232, "disk_free": 566231040 - 387335936 - 51583232, "satellites_suspended": 2,
        "ingress_today": 550180096, "egress_today": 329375488 + 4989952 + 2040064,
        "ingress_month": 550180096, "egress_month": 336405504,
        "audit_score": 100, "suspension_score": 99.99998878588935, "online_score": 87.640241263659,
        "payout_last_month": 15.276304, "held_total": 12.000917 + 4.200315,
        "a": {"state": "suspended", "suspended": at("2026-11-23T07:56:44"), "suspension_score": 99.99998878588935,
              "payout_estimate": month(185123328, 1771008 + 1508096, 1434743.183366697)},
        "b": {"state": "suspended", "suspended": at("2026-11-23T07:57:22"), "suspension_score": 100,
              "payout_estimate": month(144252160, 3218944 + 531968, 1187348.202666762)},
    },
    "1.145.3-healthy": {
        "version": "1.145.3", "quic": True, "disk_used": 407280640, "disk_trash": 49600768, "disk_free": 1592719360,
        "ingress_today": 415074304, "egress_today": 237080576 + 807168, "ingress_month": 415074304,
        "egress_month": 237887744,
        "payout_last_month": 0.745186, "held_total": 1.655967 + 0.579588,
        # joined 2026-08-03: month 3
        "a": {"payout_estimate": month(119846400, 623616, 241147.2840080509, 50)},
        "b": {"payout_estimate": month(117234176, 183552, 98148.34587239982, 50)},
    },
    "1.145.3-repair-payouts": {
        "version": "1.145.3", "quic": True, "disk_used": 934843392, "disk_trash": 49600768, "disk_free": 1065156608,
        "ingress_today": 561590528 + 54127360, "egress_today": 319099136 + 151662336 + 5542912,
        "ingress_month": 615717888, "egress_month": 476304384,
        "online_score": 91.71370383873669, "payout_last_month": 0.745186, "held_total": 2.888863 + 1.011099,
        "a": {"payout_estimate": month(168264448, 32509440 + 3939328, 3406956.325970896, 50)},
        "b": {"payout_estimate": month(150834688, 119152896 + 1603584, 3055793.617161997, 50)},
    },
    "1.146.10-healthy": {
        "version": "1.146.10", "quic": True, "disk_used": 298572288, "disk_trash": 52153344, "disk_free": 1701427712,
        "ingress_today": 303890944, "egress_today": 189831168 + 679936, "ingress_month": 303890944,
        "egress_month": 190511104,
        "payout_last_month": 5.58889, "held_total": 1.379973 + 0.482989,
        # joined 2026-04-11: month 7
        "a": {"payout_estimate": month(131143424, 618496, 236932.42260273875, 25)},
        "b": {"payout_estimate": month(58687744, 61440, 25325.405162672487, 25)},
    },
    "1.162.3-disqualified": {
        "version": "1.162.3", "quic": True, "disk_used": 373747712, "disk_trash": 48684288, "disk_free": 1600988160,
        "disk_reclaimable": 0, "satellites_disqualified": 2,
        "ingress_today": 507637248, "egress_today": 279723776 + 979712, "ingress_month": 507637248,
        "egress_month": 280703488,
        # the worst is over satellites that still count, and none does
        "audit_score": None, "suspension_score": None, "online_score": None,
        "payout_last_month": 0, "held_total": 7.926368 + 2.774221,
        "a": {"state": "disqualified", "disqualified": at("2026-11-23T07:47:12"), "audit_score": 95.95842358803884,
              "audit_distance": 100, "payout_estimate": 0},
        "b": {"state": "disqualified", "disqualified": at("2026-11-23T07:47:36"), "audit_score": 96.00899318449155,
              "audit_distance": (100 - 96.00899318449155) / 4 * 100, "payout_estimate": 0},
    },
    "1.162.3-hashstore-payouts": {
        "version": "1.162.3", "quic": True, "disk_used": 922046976, "disk_trash": 45421056, "disk_free": 1052688896,
        "disk_reclaimable": 400195904,
        "ingress_today": 542445056, "egress_today": 311203328 + 1359616, "ingress_month": 542445056,
        "egress_month": 312562944,
        "online_score": 83.12629399585921, "payout_last_month": 9.478232, "held_total": 12.000917 + 4.200315,
        "a": {"state": "vetted", "payout_estimate": month(153217280, 1016064, 762547.5041278478)},
        "b": {"vetted": at("2026-11-23T07:35:58"), "payout_estimate": month(157986048, 343552, 539827.8959167596)},
    },
    "1.162.3-healthy": {
        "version": "1.162.3", "quic": True, "disk_used": 392398336, "disk_trash": 45421056, "disk_free": 1607601664,
        "disk_reclaimable": 0,
        "ingress_today": 404659712, "egress_today": 233557248 + 775424, "ingress_month": 404659712,
        "egress_month": 234332672,
        "payout_last_month": 9.478232, "held_total": 0,
        "a": {"payout_estimate": month(119831296, 603136, 236239.7031802823)},
        "b": {"payout_estimate": month(113725952, 172288, 96778.14913604042), "url": "127.0.0.1:10010"},
    },
}  # fmt: skip
COMMON: dict[str, Any] = {
    "online": True, "version_minimum": "1.90.0", "disk_allocated": 2000000000, "disk_overused": 0,
    "disk_reclaimable": None,
    "day_started": DAY, "month_started": MONTH, "satellites": 2, "satellites_suspended": 0,
    "satellites_disqualified": 0,
    "audit_score": 100, "suspension_score": 100, "online_score": 100,
    "payout_estimate_node": 0,  # 0.4 cents or so until now make an integer of cents below 1
}  # fmt: skip


async def read(folder: str) -> tuple[dict[str, Reading], list[str]]:
    """The last reading of each source after one round, as the store would give them back; and what was asked."""
    batches: list[Batch] = []
    async with Replay(API / folder) as node:
        api = NodeApi("attic", node.url, batches.append, now=lambda: NOW, clock=lambda: 0.0)
        await api.start()
        while await api.step() == 0:
            pass
        await api.stop()
        assert node.most_at_once == 1
    readings = {}
    for batch in batches:
        for reading in batch.readings:
            assert isinstance(reading, Reading), reading
            kind = body_type(reading.source)
            assert kind is not None
            encoded = msgspec.json.encode(reading.body)
            assert b"0x0123456789" not in encoded, "a wallet"
            readings[reading.source] = Reading(reading.source, reading.at, msgspec.json.decode(encoded, type=kind))
    return readings, node.hits


def near(want: Any) -> Any:
    """Money to a micro-dollar (each part is rounded to one), scores to six decimals; all else exactly."""
    return pytest.approx(want, abs=2.1e-6) if isinstance(want, float) else want


def test_every_recorded_node_has_its_values() -> None:
    assert sorted(HAND) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
async def test_a_recorded_node(folder: str) -> None:
    readings, hits = await read(folder)
    assert len(hits) == 7
    hand = COMMON | HAND[folder]
    satellites = {A: hand.pop("a"), B: hand.pop("b")}
    hand["payout_estimate"] = sum(want["payout_estimate"] for want in satellites.values())

    got = derive.node_values(readings, {}, NOW)
    assert {key: got[key] for key in hand} == {key: near(want) for key, want in hand.items()}
    for satellite, want in satellites.items():
        have = derive.satellite_values(readings, satellite, NOW)
        assert {key: have[key] for key in want} == {key: near(value) for key, value in want.items()}


@pytest.mark.parametrize("folder", [folder for folder in FOLDERS if "disqualified" not in folder])
async def test_the_same_arithmetic_gives_what_the_node_itself_estimates(folder: str) -> None:
    readings, _ = await read(folder)
    satellite, payout = readings[f"satellite:{A}"].body, readings["payout"].body
    other = readings[f"satellite:{B}"].body
    assert isinstance(satellite, SatelliteReading)
    assert isinstance(other, SatelliteReading)
    assert isinstance(payout, PayoutReading)
    assert payout.current is not None
    pays = [money.pay(each, money.so_far(each)) for each in (satellite, other)]
    # the node rounds each satellite to a hundredth of a cent (100 micro-dollars) before it adds up
    assert sum(round(pay.egress, -2) for pay in pays if pay) == payout.current.egress_pay
    assert sum(pay.held for pay in pays if pay) == pytest.approx(payout.current.held, abs=150)


async def test_what_a_node_is_asked_in_the_first_round() -> None:
    _, hits = await read("1.98.3-payouts")
    assert hits[0] == "/api/sno/"
    assert sorted(hits[1:]) == [
        "/api/heldamount/held-history",
        "/api/heldamount/paystubs/2023-02/2026-11",  # since it joined its first satellite
        "/api/sno/estimated-payout",
        f"/api/sno/satellite/{A}",
        f"/api/sno/satellite/{B}",
        "/api/sno/satellites",
    ]
