"""Where simulated customers live: a built-in table of places, and an address range for each.

The ranges are made up: a /16 per place in address space of its part of the world, and a /32 of IPv6. They belong to the
simulation alone, so that the demo needs no geo database: `locate` undoes what `address` did.
"""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A city: ISO 3166 country code, latitude and longitude rounded to 0.1 degrees, share of traffic, IPv4 /16."""

    city: str
    country: str
    latitude: float
    longitude: float
    weight: int
    block: str


PLACES = (
    Place("Amsterdam", "NL", 52.4, 4.9, 40, "80.23"),
    Place("Rotterdam", "NL", 51.9, 4.5, 12, "81.60"),
    Place("Frankfurt", "DE", 50.1, 8.7, 70, "82.97"),
    Place("Berlin", "DE", 52.5, 13.4, 40, "83.134"),
    Place("Hamburg", "DE", 53.6, 10.0, 20, "84.171"),
    Place("Munich", "DE", 48.1, 11.6, 24, "80.208"),
    Place("Nuremberg", "DE", 49.5, 11.1, 36, "81.245"),
    Place("London", "GB", 51.5, -0.1, 48, "82.26"),
    Place("Manchester", "GB", 53.5, -2.2, 14, "83.63"),
    Place("Edinburgh", "GB", 56.0, -3.2, 6, "84.100"),
    Place("Dublin", "IE", 53.3, -6.3, 18, "80.137"),
    Place("Paris", "FR", 48.9, 2.4, 36, "81.174"),
    Place("Lyon", "FR", 45.8, 4.8, 10, "82.211"),
    Place("Marseille", "FR", 43.3, 5.4, 8, "83.248"),
    Place("Brussels", "BE", 50.9, 4.4, 10, "84.29"),
    Place("Luxembourg", "LU", 49.6, 6.1, 4, "80.66"),
    Place("Zurich", "CH", 47.4, 8.5, 16, "81.103"),
    Place("Vienna", "AT", 48.2, 16.4, 16, "82.140"),
    Place("Prague", "CZ", 50.1, 14.4, 14, "83.177"),
    Place("Warsaw", "PL", 52.2, 21.0, 22, "84.214"),
    Place("Krakow", "PL", 50.1, 19.9, 8, "80.251"),
    Place("Budapest", "HU", 47.5, 19.0, 8, "81.32"),
    Place("Bucharest", "RO", 44.4, 26.1, 12, "82.69"),
    Place("Sofia", "BG", 42.7, 23.3, 8, "83.106"),
    Place("Athens", "GR", 38.0, 23.7, 6, "84.143"),
    Place("Milan", "IT", 45.5, 9.2, 20, "80.180"),
    Place("Rome", "IT", 41.9, 12.5, 14, "81.217"),
    Place("Madrid", "ES", 40.4, -3.7, 20, "82.254"),
    Place("Barcelona", "ES", 41.4, 2.2, 12, "83.35"),
    Place("Lisbon", "PT", 38.7, -9.1, 8, "84.72"),
    Place("Copenhagen", "DK", 55.7, 12.6, 10, "80.109"),
    Place("Stockholm", "SE", 59.3, 18.1, 16, "81.146"),
    Place("Oslo", "NO", 59.9, 10.8, 10, "82.183"),
    Place("Helsinki", "FI", 60.2, 24.9, 28, "83.220"),
    Place("Tallinn", "EE", 59.4, 24.8, 4, "84.1"),
    Place("Riga", "LV", 56.9, 24.1, 4, "80.38"),
    Place("Vilnius", "LT", 54.7, 25.3, 4, "81.75"),
    Place("Kyiv", "UA", 50.5, 30.5, 10, "82.112"),
    Place("Istanbul", "TR", 41.0, 29.0, 12, "83.149"),
    Place("Reykjavik", "IS", 64.1, -21.9, 2, "84.186"),
    Place("New York", "US", 40.7, -74.0, 60, "66.23"),
    Place("Ashburn", "US", 39.0, -77.5, 80, "67.60"),
    Place("Boston", "US", 42.4, -71.1, 16, "68.97"),
    Place("Atlanta", "US", 33.7, -84.4, 24, "69.134"),
    Place("Miami", "US", 25.8, -80.2, 18, "70.171"),
    Place("Chicago", "US", 41.9, -87.6, 34, "66.208"),
    Place("Dallas", "US", 32.8, -96.8, 36, "67.245"),
    Place("Houston", "US", 29.8, -95.4, 14, "68.26"),
    Place("Denver", "US", 39.7, -105.0, 14, "69.63"),
    Place("Salt Lake City", "US", 40.8, -111.9, 16, "70.100"),
    Place("Phoenix", "US", 33.4, -112.1, 12, "66.137"),
    Place("Los Angeles", "US", 34.1, -118.2, 44, "67.174"),
    Place("San Jose", "US", 37.3, -121.9, 40, "68.211"),
    Place("Portland", "US", 45.5, -122.7, 14, "69.248"),
    Place("Seattle", "US", 47.6, -122.3, 28, "70.29"),
    Place("Toronto", "CA", 43.7, -79.4, 22, "66.66"),
    Place("Montreal", "CA", 45.5, -73.6, 20, "67.103"),
    Place("Vancouver", "CA", 49.3, -123.1, 10, "68.140"),
    Place("Mexico City", "MX", 19.4, -99.1, 12, "186.23"),
    Place("Sao Paulo", "BR", -23.5, -46.6, 24, "187.60"),
    Place("Rio de Janeiro", "BR", -22.9, -43.2, 8, "188.97"),
    Place("Buenos Aires", "AR", -34.6, -58.4, 10, "189.134"),
    Place("Santiago", "CL", -33.4, -70.7, 8, "190.171"),
    Place("Bogota", "CO", 4.7, -74.1, 6, "186.208"),
    Place("Lima", "PE", -12.0, -77.0, 4, "187.245"),
    Place("Tokyo", "JP", 35.7, 139.7, 36, "118.23"),
    Place("Osaka", "JP", 34.7, 135.5, 14, "119.60"),
    Place("Seoul", "KR", 37.6, 127.0, 20, "120.97"),
    Place("Hong Kong", "HK", 22.3, 114.2, 16, "121.134"),
    Place("Taipei", "TW", 25.0, 121.6, 10, "122.171"),
    Place("Singapore", "SG", 1.4, 103.8, 40, "118.208"),
    Place("Kuala Lumpur", "MY", 3.1, 101.7, 6, "119.245"),
    Place("Bangkok", "TH", 13.8, 100.5, 8, "120.26"),
    Place("Jakarta", "ID", -6.2, 106.8, 12, "121.63"),
    Place("Manila", "PH", 14.6, 121.0, 6, "122.100"),
    Place("Mumbai", "IN", 19.1, 72.9, 24, "118.137"),
    Place("Bangalore", "IN", 13.0, 77.6, 14, "119.174"),
    Place("Delhi", "IN", 28.6, 77.2, 10, "120.211"),
    Place("Dubai", "AE", 25.2, 55.3, 8, "80.223"),
    Place("Tel Aviv", "IL", 32.1, 34.8, 8, "81.4"),
    Place("Cape Town", "ZA", -33.9, 18.4, 6, "102.23"),
    Place("Johannesburg", "ZA", -26.2, 28.0, 10, "102.60"),
    Place("Nairobi", "KE", -1.3, 36.8, 4, "102.97"),
    Place("Lagos", "NG", 6.5, 3.4, 4, "102.134"),
    Place("Cairo", "EG", 30.0, 31.2, 4, "102.171"),
    Place("Sydney", "AU", -33.9, 151.2, 24, "121.248"),
    Place("Melbourne", "AU", -37.8, 145.0, 14, "122.29"),
    Place("Perth", "AU", -32.0, 115.9, 4, "118.66"),
    Place("Auckland", "NZ", -36.9, 174.8, 8, "119.103"),
)

_V6 = "2a0d"
_BY_BLOCK = {place.block: place for place in PLACES}


def prefix_v6(index: int) -> str:
    """The first two groups of the IPv6 addresses of `PLACES[index]`."""
    return f"{_V6}:{0x7000 + index:x}"


_BY_GROUP = {prefix_v6(index).partition(":")[2]: place for index, place in enumerate(PLACES)}


def lookup(address: str) -> Place | None:
    """The place of a simulated client: a bare address or Go's `host:port`, `[host]:port`; None for any other."""
    if address.startswith(("[", _V6)):
        group, _, rest = address.lstrip("[").partition(":")
        return _BY_GROUP.get(rest.partition(":")[0]) if group == _V6 else None
    first, _, rest = address.partition(".")
    return _BY_BLOCK.get(f"{first}.{rest.partition('.')[0]}")


def locate(address: str) -> tuple[float, float, str] | None:
    """Latitude, longitude and country, as a live point on the map wants them."""
    place = lookup(address)
    return (place.latitude, place.longitude, place.country) if place is not None else None
