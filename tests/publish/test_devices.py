from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.publish.devices import Devices
from storj_monitor.publish.topics import Place

ABOUT = {"version": "1.0.0", "url": None}
A, B = "1" + "a" * 49, "1" + "b" * 49


def state(node_id: str | None, version: str | None = "1.162.3") -> dict[str, Any]:
    return {"node_id": node_id, "version": version}


def names(configs: list[Any]) -> list[str]:
    return [json.loads(each.payload)["dev"]["name"] for each in configs]


def feed(devices: Devices, *fed: tuple[Place, dict[str, Any] | None]) -> tuple[list[str], list[str]]:
    for place, value in fed:
        devices.feed(place, value)
    changed, gone = devices.build()
    return names(changed), names(gone)


US1 = Place("state", "attic", "us1")
ATTIC, CELLAR = Place("state", "attic"), Place("state", "cellar")


def test_nothing_is_announced_before_it_is_known() -> None:
    devices = Devices("tower", "ab12")
    assert feed(devices, (ATTIC, state(A))) == ([], [])
    assert feed(devices, (Place("about"), ABOUT)) == (["Storj agent tower", "Storj attic"], [])
    assert feed(devices, (CELLAR, state(None)), (US1, {"satellite_id": "1x"})) == (["Storj attic us1"], [])
    assert feed(devices, (CELLAR, state(B))) == (["Storj cellar"], [])
    assert feed(devices, (CELLAR, state(None, None)), (Place("alerts", "cellar"), None)) == ([], [])
    assert devices.nodes == {"attic", "cellar"}


def test_a_new_version_and_a_new_address_are_announced() -> None:
    devices = Devices("tower", "ab12")
    feed(devices, (Place("about"), ABOUT), (ATTIC, state(A)), (US1, {"satellite_id": "1x"}))
    assert feed(devices, (ATTIC, state(A, "1.163.1"))) == (["Storj attic"], [])
    changed, _ = feed(devices, (Place("about"), ABOUT | {"url": "https://pi.lan"}))
    assert changed == ["Storj agent tower", "Storj attic", "Storj attic us1"]


def test_removals_are_children_first() -> None:
    devices = Devices("tower", "ab12")
    feed(devices, (Place("about"), ABOUT), (ATTIC, state(A)), (US1, {"satellite_id": "1x"}), (CELLAR, state(B)))
    assert feed(devices, (ATTIC, None), (US1, None)) == ([], ["Storj attic us1", "Storj attic"])
    assert feed(devices, (US1, None)) == ([], [])
    assert devices.nodes == {"cellar"}


def test_a_rename_is_a_change_and_no_removal() -> None:
    devices = Devices("tower", "ab12")
    feed(devices, (Place("about"), ABOUT), (ATTIC, state(A)), (US1, {"satellite_id": "1x"}))
    renamed = [
        (ATTIC, None),
        (US1, None),
        (CELLAR, state(A)),
        (Place("state", "cellar", "us1"), {"satellite_id": "1x"}),
    ]
    assert feed(devices, *renamed) == (["Storj cellar", "Storj cellar us1"], [])


def test_one_id_of_two_names_is_announced_once_and_passed_on() -> None:
    devices = Devices("tower", "ab12")
    assert feed(devices, (Place("about"), ABOUT), (ATTIC, state(A)), (CELLAR, state(A)))[0][1:] == ["Storj attic"]
    assert feed(devices, (ATTIC, None)) == (["Storj cellar"], [])


@given(st.text(max_size=60), st.text(max_size=60))
def test_hostile_ids_never_reach_a_topic(node_id: str, satellite: str) -> None:
    devices = Devices("tower", "ab12")
    feed(devices, (Place("about"), ABOUT), (ATTIC, state(node_id)), (Place("state", "attic", satellite or "x"), {}))
    for each in devices.configs():
        assert each.topic.isascii()
        assert each.topic.count("/") == 3
        assert not set(each.topic) & set("+# .:")
