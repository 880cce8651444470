"""The satellites there are and were, and their short names (agent/docs/storagenode.md §8).

The table is for names only: which satellites a node trusts now is what its API says.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from typing import Any, NamedTuple


class Satellite(NamedTuple):
    """One satellite: short `name`, node `id`, `address` (host:port), and whether it was `retired`."""

    name: str
    id: str
    address: str
    retired: bool = False


SATELLITES = (
    Satellite("us1", "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "us1.storj.io:7777"),
    Satellite("eu1", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs", "eu1.storj.io:7777"),
    Satellite("ap1", "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6", "ap1.storj.io:7777"),
    Satellite("saltlake", "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE", "saltlake.tardigrade.io:7777"),
    Satellite(
        "europe-north-1",
        "12rfG3sh9NCWiX3ivPjq2HtdLmbqCrvHVEzJubnzFzosMuawymB",
        "europe-north-1.tardigrade.io:7777",
        retired=True,
    ),
    Satellite("us2", "12tRQrMTWUWwzwGh18i7Fqs67kmdhH9t6aToeiwbo5mfS2rUmo", "us2.storj.io:7777", retired=True),
    Satellite(
        "stefan-benten",
        "118UWpMCHzs6CvSgWd9BfFVjw5K9pZbJjkfZJexMtSkmKxvvAW",
        "satellite.stefan-benten.de:7777",
        retired=True,
    ),
)
"""Every satellite that has a name of its own."""

BY_ID = {satellite.id: satellite for satellite in SATELLITES}

_OTHER = re.compile(r"[^a-z0-9]+")


def satellite_name(satellite_id: str, url: str | None = None) -> str:
    """The short name by id, else the url as `127_0_0_1_10000`, else the id itself (agent/docs/contract.md, names).

    A url without a single letter or digit says nothing, so the id is taken; every answer fits into one topic level.
    """
    known = BY_ID.get(satellite_id)
    if known is not None:
        return known.name
    return _OTHER.sub("_", (url or "").lower()).strip("_") or satellite_id


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@lru_cache(64)
def folder_of(satellite_id: str) -> str:
    """The folder of a satellite in the old store (`blobs/<folder>`, §8): its raw id in base 32; "" when it is no id."""
    number = 0
    for letter in satellite_id[:60]:
        digit = _BASE58.find(letter)
        if digit < 0:
            return ""
        number = number * 58 + digit
    if number >> 8 * 37:
        return ""
    raw = number.to_bytes(37)[1:33]  # a version byte before it, four bytes of checksum behind
    return base64.b32encode(raw).decode().rstrip("=").lower()


class Names(dict[str, str]):
    """Short names by full id; one that the store has not named yet has the name that it will get."""

    def get(self, key: str, default: Any = None) -> Any:
        """The name of a full id; "" and no default for no satellite."""
        return super().get(key) or (satellite_name(key) if key else default)
