"""Who takes part: the active satellites, and node ids made from a seed (agent/docs/storagenode.md §8)."""

from __future__ import annotations

import hashlib
import random
from typing import NamedTuple

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VERSION = b"\x00"


class Satellite(NamedTuple):
    """A satellite: its share of the traffic, and the address its audits and repairs come from."""

    name: str
    id: str
    url: str
    share: float
    host: str


SATELLITES = (
    Satellite("us1", "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "us1.storj.io:7777", 0.5, "67.60.12"),
    Satellite("eu1", "12L9ZFwhzVpuEKMUNUqkaTLGzwY9G24tbiigLiXpmZWKwmcNDDs", "eu1.storj.io:7777", 0.28, "82.97.44"),
    Satellite("ap1", "121RTSDpyNZVcEU84Ticf2L1ntiuUimbWgfATz21tuvgk3vzoA6", "ap1.storj.io:7777", 0.14, "118.208.7"),
    Satellite(
        "saltlake",
        "1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE",
        "saltlake.tardigrade.io:7777",
        0.08,
        "70.100.9",
    ),
)


def base58check(body: bytes) -> str:
    """A node id's text: version byte, 32 bytes and the first 4 bytes of their double SHA-256, in base 58."""
    data = _VERSION + body
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    value, text = int.from_bytes(data, "big"), ""
    while value:
        value, digit = divmod(value, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\x00"))) + text


def well_formed(text: str) -> bool:
    """Whether `text` is a node id with a right checksum."""
    if not 40 <= len(text) <= 60 or not set(text) <= set(_ALPHABET):
        return False
    value = 0
    for char in text:
        value = value * 58 + _ALPHABET.index(char)
    data = value.to_bytes(48, "big")[-37:]
    return base58check(data[1:33]) == text


def node_id(seed: int, name: str) -> str:
    """The id of a simulated node; the last byte is the id version 0, as real ones have."""
    return base58check(random.Random(f"identity/{seed}/{name}").randbytes(31) + b"\x00")  # noqa: S311
