"""The address of a simulated client leads back to its place."""

from __future__ import annotations

import ipaddress
import random

import pytest

from storj_monitor.demo.places import PLACES, locate, lookup, prefix_v6
from storj_monitor.demo.traffic import clients


def test_ranges_are_public_and_do_not_overlap() -> None:
    assert len({place.block for place in PLACES}) == len(PLACES) >= 80
    ends = [f"{place.block}.{host}" for place in PLACES for host in ("0.0", "255.255")]
    ends += [f"{prefix_v6(index)}::1" for index in range(len(PLACES))]
    assert all(ipaddress.ip_address(address).is_global for address in ends)


def test_every_client_has_a_place_and_they_are_spread_by_weight() -> None:
    generator = clients(random.Random(4))
    seen = [next(generator).decode() for _ in range(50_000)]
    assert len({address.rpartition(":")[0] for address in seen}) == len(seen)
    found = [lookup(address) for address in seen]
    assert None not in found
    for host in (address.rpartition(":")[0].strip("[]") for address in seen[:2000]):
        assert ipaddress.ip_address(host)
    share = sum(place is not None and place.city == "Frankfurt" for place in found) / len(seen)
    assert share == pytest.approx(70 / sum(place.weight for place in PLACES), rel=0.3)
    assert 0.05 < sum(address.startswith("[") for address in seen) / len(seen) < 0.12
    assert {place.country for place in found if place} >= {"US", "DE", "JP", "BR", "ZA", "AU", "IN"}


@pytest.mark.parametrize("index", range(len(PLACES)))
def test_lookup_takes_bare_addresses_too(index: int) -> None:
    place = PLACES[index]
    assert lookup(f"{place.block}.7.9") == lookup(f"{prefix_v6(index)}:1:2::3") == place
    assert locate(f"[{prefix_v6(index)}:1:2::3]:4000") == (place.latitude, place.longitude, place.country)


@pytest.mark.parametrize("address", ["", "172.17.0.1:5000", "127.0.0.1", "[::1]:3", "2a0d:1::1", "nonsense", "[", "."])
def test_other_addresses_have_none(address: str) -> None:
    assert lookup(address) is None
    assert locate(address) is None
