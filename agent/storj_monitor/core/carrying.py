"""What is carried from the lines of one commit to those of the next."""

from __future__ import annotations

import msgspec

from storj_monitor.core.chores import ChoresState


class Carry(msgspec.Struct):
    """What a `LogReader` still needs of earlier lines; saved with the position."""

    who: list[tuple[str, str]] = []
    open: dict[str, int] = {}
    lost: list[str] = []
    half: bytes = b""
    chores: ChoresState = msgspec.field(default_factory=ChoresState)
    began: list[int] = []


decode = msgspec.msgpack.Decoder(Carry).decode
encode = msgspec.msgpack.Encoder().encode
