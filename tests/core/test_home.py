"""Where on the map a node itself is."""

from __future__ import annotations

import pytest

from storj_monitor.core import home
from storj_monitor.core.facts import Reading
from storj_monitor.core.readings_host import ConfigReading, DnsReading
from storj_monitor.demo.places import PLACES, Place, locate

FRANKFURT = next(place for place in PLACES if place.city == "Frankfurt")
OSLO = next(place for place in PLACES if place.city == "Oslo")


def config(external: str) -> dict[str, Reading]:
    return {"config": Reading("config", 1, ConfigReading(at=1, external=external))}


def dns(*addresses: str) -> dict[str, Reading]:
    return {"dns": Reading("dns", 1, DnsReading(at=1, host="node.example.org", addresses=addresses))}


def spot(place: Place) -> tuple[float, float]:
    return place.latitude, place.longitude


@pytest.mark.parametrize(
    ("readings", "expected"),
    [
        (config(f"{FRANKFURT.block}.0.1:28967"), spot(FRANKFURT)),
        (config("node.example.org:28967") | dns(f"{OSLO.block}.9.9"), spot(OSLO)),
        (config("node.example.org:28967") | dns("192.168.1.7", f"{OSLO.block}.9.9"), spot(OSLO)),
        (config("[2a0d:7002::1]:28967"), spot(FRANKFURT)),
        (config("node.example.org:28967"), None),
        (config("192.168.1.7:28967"), None),
        (config(""), None),
        ({}, None),
    ],
)
def test_a_node_is_where_its_public_address_is(
    readings: dict[str, Reading], expected: tuple[float, float] | None
) -> None:
    assert home.of(readings, locate) == expected


def test_a_country_alone_is_no_spot() -> None:
    assert home.of(config("203.0.113.1:28967"), lambda _: (None, None, "DE")) is None
