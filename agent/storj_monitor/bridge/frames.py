"""The frames of the WebSocket: bytes out of ready-made JSON, and requests out of whatever a client sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeGuard

import msgspec

from storj_monitor.core.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storj_monitor.board import Entry

PROTOCOL = 1
MESSAGE_LIMIT = 64 * 1024

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class Request(msgspec.Struct, frozen=True):
    """`{"id":7,"cmd":"history","args":{…}}`."""

    id: int | str
    cmd: str
    args: dict[str, Any]


class BadRequestError(CommandError):
    """A frame that is no request; `id` is the one to answer to, if it could be read."""

    def __init__(self, request_id: int | str | None, code: str, text: str) -> None:
        super().__init__(code, text)
        self.id = request_id


def hello(version: str, agent: str = "") -> bytes:
    own = {"agent": agent} if agent else {}
    return _encode({"t": "hello", "v": PROTOCOL, "server": version, **own})


def tick(now: float) -> bytes:
    return _encode({"t": "tick", "ts": int(now)})


def snapshot(entries: Mapping[str, Entry | None]) -> bytes:
    return b'{"t":"snapshot","seq":0,"state":' + board(entries) + b"}"


def delta(seq: int, changed: Mapping[str, Entry | None]) -> bytes:
    """`set` and `del`; a topic is in one of them."""
    gone = _encode([topic for topic, entry in changed.items() if entry is None])
    return b'{"t":"delta","seq":%d,"set":%b,"del":%b}' % (seq, board(changed), gone)


def board(entries: Mapping[str, Entry | None]) -> bytes:
    """`{topic: payload}` from each entry's own JSON; nothing is encoded again."""
    return b"{" + b",".join(_pairs(entries)) + b"}"


def result(request_id: int | str, value: Any) -> bytes:
    return b'{"id":%b,"ok":true,"result":%b}' % (_encode(request_id), _encode(value))


def error(request_id: int | str | None, code: str, text: str) -> bytes:
    return _encode({"id": request_id, "ok": False, "error": {"code": code, "text": text}})


def request(text: str) -> Request | None:
    """Read a client's frame; None for an `auth` frame that comes after the client is in. Raises BadRequestError."""
    if len(text) > MESSAGE_LIMIT:
        raise BadRequestError(None, "too_large", f"A message has at most {MESSAGE_LIMIT} characters.")
    message = _object(text)
    if message.get("t") == "auth":
        return None
    request_id, cmd, args = message.get("id"), message.get("cmd"), message.get("args", {})
    if not _is_id(request_id):
        raise BadRequestError(None, "bad_message", "id is a whole number or a short string.")
    if not isinstance(cmd, str):
        raise BadRequestError(request_id, "bad_message", "cmd is the name of a command.")
    if not isinstance(args, dict):
        raise BadRequestError(request_id, "bad_argument", "args is an object.")
    return Request(request_id, cmd, args)


def auth_token(text: str) -> str | None:
    """The token of `{"t":"auth","token":…}`, or None for any other frame."""
    try:
        message = _object(text[:MESSAGE_LIMIT])
    except BadRequestError:
        return None
    token = message.get("token")
    return token if message.get("t") == "auth" and isinstance(token, str) else None


def _pairs(entries: Mapping[str, Entry | None]) -> Iterable[bytes]:
    return (_encode(topic) + b":" + entry.json for topic, entry in entries.items() if entry is not None)


def _object(text: str) -> dict[str, Any]:
    try:
        message = _decode(text)
    except (ValueError, RecursionError):
        raise BadRequestError(
            _salvaged_id(text), "bad_message", "This is not JSON, which has no NaN and no infinity."
        ) from None
    if not isinstance(message, dict):
        raise BadRequestError(None, "bad_message", "A message is a JSON object.")
    return message


def _salvaged_id(text: str) -> int | str | None:
    """The id of what only the laxer parser reads: JavaScript's and Python's NaN are not JSON."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = message.get("id") if isinstance(message, dict) else None
    return found if _is_id(found) else None


def _is_id(value: Any) -> TypeGuard[int | str]:
    if isinstance(value, str):
        return len(value) <= 64 and value.isprintable()
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53
