"""Which messages are transfers, and what such a line must carry (agent/docs/storagenode.md §2.2, §10 facts 1 to 8)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from storj_monitor.core.facts import OUTCOMES

UPLOAD_ACTION, DOWNLOAD_ACTION = "PUT", "GET"


class Message(msgspec.Struct, frozen=True):
    """One transfer message: which way it went and what its word says.

    `plain` lines may take the hot path: with all their fields they need nothing from earlier lines, and they are always
    a transfer of their own, except at DEBUG after a race-lost one.
    `outcome` is None for the start of a transfer.
    """

    text: str
    upload: bool
    outcome: str | None
    plain: bool = False
    race: bool = False


_RACE = " (race lost or node shutdown)"

MESSAGES = (
    Message("uploaded", upload=True, outcome="ok", plain=True),
    Message("downloaded", upload=False, outcome="ok", plain=True),
    Message("upload canceled", upload=True, outcome="canceled", plain=True),
    Message("download canceled", upload=False, outcome="canceled", plain=True),
    Message("upload canceled" + _RACE, upload=True, outcome="canceled", race=True),
    Message("download canceled" + _RACE, upload=False, outcome="canceled", race=True),
    Message("upload failed", upload=True, outcome="failed"),
    Message("download failed", upload=False, outcome="failed"),
    Message("upload rejected, too many requests", upload=True, outcome="rejected"),
    Message("upload started", upload=True, outcome=None),
    Message("download started", upload=False, outcome=None),
)
BY_TEXT = {message.text: message for message in MESSAGES}
assert {message.outcome for message in MESSAGES} - {None} == set(OUTCOMES)  # noqa: S101 - the table is complete


class Transfer(msgspec.Struct, gc=False):
    """The fields of a transfer line that we read, under the keys of 1.146 and later; -1, "" and None where missing."""

    satellite_id: str = ""
    action: str = ""
    piece_id: str = ""
    size: int = -1
    remote_address: str | None = None
    error: str | None = None
    reason: str | None = None


_Word = Annotated[str, Meta(min_length=1)]
_Size = Annotated[int, Meta(ge=0)]


class Finished(msgspec.Struct, gc=False):
    """A line of a plain message with all that it must carry: another one is refused by the decoder, which is fast."""

    satellite_id: _Word
    action: _Word
    piece_id: _Word
    size: _Size
    remote_address: str
    reason: str | None = None


_OLD_KEYS = {
    "satellite_id": "Satellite ID",
    "action": "Action",
    "piece_id": "Piece ID",
    "size": "Size",
    "remote_address": "Remote Address",
}


class OldFinished(msgspec.Struct, rename=_OLD_KEYS, gc=False):
    """The same as storagenode wrote it up to 1.145 (a rename reaches only a class's own fields)."""

    satellite_id: _Word
    action: _Word
    piece_id: _Word
    size: _Size
    remote_address: str
    reason: str | None = None


Ended = Transfer | Finished | OldFinished

decode_new = msgspec.json.Decoder(Finished).decode
decode_old = msgspec.json.Decoder(OldFinished).decode


def from_fields(fields: dict[str, Any]) -> Transfer:
    """A transfer from normalised fields (§1.6), whatever the types turned out to be."""
    size = fields.get("size")
    return Transfer(
        satellite_id=_string(fields, "satellite_id"),
        action=_string(fields, "action"),
        piece_id=_string(fields, "piece_id"),
        size=int(size) if isinstance(size, int | float) and not isinstance(size, bool) and abs(size) < 2**62 else -1,
        remote_address=fields.get("remote_address") if isinstance(fields.get("remote_address"), str) else None,
        error=_string(fields, "error") or None,
        reason=_string(fields, "reason") or None,
    )


def _string(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    return value if isinstance(value, str) else ""


def complete(message: Message, transfer: Transfer) -> bool:  # noqa: PLR0911 - a list of conditions, one a line
    """Whether the line says all that its version should; a rename of keys makes this False (contract, `understood`).

    Race-lost lines of 1.86 to 1.98 have a piece and nothing else; downloads before 1.72 have neither size nor address.
    """
    if message.outcome == "rejected":
        return True
    if message.race and transfer.piece_id and not transfer.action and transfer.remote_address is None:
        return True
    if not (transfer.satellite_id and transfer.action and transfer.piece_id):
        return False
    if message.outcome is None or message.race:
        return True
    if message.outcome == "failed" and transfer.error is None:
        return False
    if message.upload:
        return transfer.size >= 0
    return (transfer.size >= 0) == (transfer.remote_address is not None)
