"""Whether it is a node's turn in the roll-out of a new version (agent/docs/storagenode.md §7).

The rule of storagenode-updater: below the minimum at once; else when HMAC-SHA256(seed, node id) is not above the
cursor, which rises until every node has had its turn. Versions come with and without `v`; here they have none.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from storj_monitor.core.storage import version_of

if TYPE_CHECKING:
    from storj_monitor.core.readings_host import VersionsReading

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGIT = {char: value for value, char in enumerate(ALPHABET)}
_LENGTH = 37
"""Version byte, 32 bytes of the id, 4 bytes of checksum."""
_WHOLE = 1 << 256


def id_bytes(node_id: str) -> bytes | None:
    """The 32 bytes behind a node or satellite id; None when it is none (its checksum is wrong)."""
    value = 0
    for char in node_id:
        if char not in _DIGIT or value >> 8 * _LENGTH:
            return None
        value = value * 58 + _DIGIT[char]
    if not node_id or value >> 8 * _LENGTH:
        return None
    data = value.to_bytes(_LENGTH, "big")
    return data[1:33] if _checksum(data[:33]) == data[33:] else None


def id_text(data: bytes) -> str:
    """The id of 32 bytes, as databases keep them."""
    body = b"\x00" + data
    value, text = int.from_bytes(body + _checksum(body), "big"), ""
    while value:
        value, digit = divmod(value, 58)
        text = ALPHABET[digit] + text
    raw = body + _checksum(body)
    return "1" * (len(raw) - len(raw.lstrip(b"\x00"))) + text


def turn(node_id: str, seed: str) -> float | None:
    """The percentage of the roll-out at which this node has its turn; None without a proper id or seed."""
    mark = _mark(node_id, seed)
    return None if mark is None else 100 * int.from_bytes(mark, "big") / _WHOLE


def percent(cursor: str) -> float | None:
    """How far the roll-out is; None when the cursor is none."""
    data = _bytes32(cursor)
    return None if data is None else 100 * int.from_bytes(data, "big") / (_WHOLE - 1)


def due(node_id: str, version: str, offer: VersionsReading) -> str | None:
    """The version that this node should run now; None when it runs it, while it is not its turn, or is not known."""
    running, minimum, suggested = version_of(version), version_of(offer.minimum), version_of(offer.suggested)
    if not running or not suggested or running >= suggested:
        return None
    if running < minimum:
        return _plain(offer.minimum)
    mark, cursor = _mark(node_id, offer.seed), _bytes32(offer.cursor)
    return _plain(offer.suggested) if mark is not None and cursor is not None and mark <= cursor else None


def _mark(node_id: str, seed: str) -> bytes | None:
    data, key = id_bytes(node_id), _bytes32(seed)
    return None if data is None or key is None else hmac.digest(key, data, "sha256")


def _bytes32(text: str) -> bytes | None:
    """32 bytes as lower-case hex; empty stands for zeros."""
    try:
        data = bytes.fromhex(text) if text else bytes(32)
    except ValueError:
        return None
    return data if len(data) == 32 else None


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]


def _plain(version: str) -> str:
    return version.removeprefix("v")
