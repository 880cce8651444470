"""Where on the map a node itself is: by its public address, as its config.yaml and the name server tell it. Pure."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from storj_monitor.core import readings_host as kinds
from storj_monitor.core.readings_host import ConfigReading, DnsReading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from storj_monitor.core.facts import Reading
    from storj_monitor.core.live import Place


def of(readings: Mapping[str, Reading], place: Callable[[str], Place | None]) -> tuple[float, float] | None:
    """Latitude and longitude rounded to 0.1 degrees; None where no public address, or no place of it, is known.

    Shown on the live page alone: neither it nor the address is ever on the board.
    """
    for address in _addresses(readings):
        found = place(address)
        if found is not None and found[0] is not None and found[1] is not None:
            return found[0], found[1]
    return None


def _addresses(readings: Mapping[str, Reading]) -> Iterator[str]:
    config, dns = readings.get(kinds.CONFIG), readings.get(kinds.DNS)
    if config is not None and isinstance(config.body, ConfigReading):
        host = host_of(config.body.external)
        if is_address(host):
            yield host
    if dns is not None and isinstance(dns.body, DnsReading):
        yield from dns.body.addresses


def host_of(external: str) -> str:
    """`node.example.org:28967` → `node.example.org`; brackets of an IPv6 address fall away."""
    if external.startswith("["):
        return external[1:].partition("]")[0]
    host, colon, port = external.rpartition(":")
    return (host if colon and port.isdigit() else external).rstrip(".")


def is_address(host: str) -> bool:
    """Whether it is an IP address and no name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
