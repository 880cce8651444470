"""Makes databases in MaxMind's format for tests: the networks of the simulated clients, or any other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]

from storj_monitor.demo.places import PLACES, prefix_v6

LANGUAGES = ("de", "en", "es", "fa", "fr", "ja", "ko", "pt-BR", "ru", "zh-CN")


def city(country: str, latitude: float, longitude: float, name: str = "Somewhere") -> dict[str, Any]:
    """A record as the city databases have it."""
    return {
        "city": {"names": {"en": name}},
        "continent": {"code": "EU", "names": dict.fromkeys(LANGUAGES, "Europe")},
        "country": {"iso_code": country, "names": dict.fromkeys(LANGUAGES, "Land"), "is_in_european_union": True},
        "location": {"latitude": latitude, "longitude": longitude},
        "subdivisions": [{"names": {"en": "Province"}}],
    }


def write(file: Path, networks: dict[str, Any], kind: str = "DBIP-City-Lite") -> Path:
    """A database of network → record, replaced by renaming."""
    writer = MMDBWriter(
        ip_version=6, ipv4_compatible=True, database_type=kind, languages=["en"], float_type="f64", int_type="u32"
    )
    for network, record in networks.items():
        writer.insert_network(IPSet([network]), record)
    part = file.with_suffix(".part")
    writer.to_db_file(str(part))
    return part.rename(file)


def demo_networks() -> dict[str, Any]:
    """Where the simulated clients live."""
    found = dict[str, Any]()
    for index, each in enumerate(PLACES):
        record = city(each.country, each.latitude, each.longitude, each.city)
        found |= {f"{each.block}.0.0/16": record, f"{prefix_v6(index)}::/32": record}
    return found
