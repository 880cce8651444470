"""One log line in, one entry out: every encoding and prefix of agent/docs/storagenode.md §1, the slow and general way.

The hot path for transfer lines is in `core.logreader`; what it cannot take at once comes here. Nothing raises:
a line that is no log entry gives None (law 6).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import msgspec

LEVELS = frozenset({"DEBUG", "INFO", "WARN", "ERROR", "DPANIC", "PANIC", "FATAL"})
MINUTES_CACHED = 4_096
_GCLOUD_LEVELS = {"WARNING": "WARN", "CRITICAL": "DPANIC", "ALERT": "PANIC", "EMERGENCY": "FATAL"}

_TIME = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)"
_LEVEL = rb"(?:DEBUG|INFO|WARN|ERROR|DPANIC|PANIC|FATAL)"
_START = re.compile(rb"(" + _TIME + rb")(?:[\t ]|#011)+(?=" + _LEVEL + rb"(?:[\t ]|#011|$))")
_LEVEL_FIRST = re.compile(rb"^" + _LEVEL + rb"\t")
_SPACED = re.compile(
    rb"^(" + _LEVEL + rb")[\t ]+(?:([a-z][A-Za-z0-9:._-]*)(?:\t+| {2,}))?(.*?)(?:(?:\t+| +)(\{.*\}))?\s*$", re.DOTALL
)
_CALLER = re.compile(rb"^[\w./@-]+\.go:\d+$")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JSON = msgspec.json.Decoder()
_JSON_OBJECT = msgspec.json.Decoder(dict[str, Any])


class Entry(msgspec.Struct):
    """One log entry. `at` is epoch seconds or None when the line has no time; `payload` the raw JSON object or b""."""

    at: int | None
    level: str
    logger: str
    message: str
    payload: bytes = b""
    flat: dict[str, Any] | None = None

    def fields(self) -> dict[str, Any]:
        """The payload with normalised keys (§1.6); {} when there is none or it is not JSON."""
        if self.flat is None:
            self.flat = normalised(_object(self.payload)) if self.payload else {}
        return self.flat


class DockerRecord(msgspec.Struct):
    """One line of docker's json-file: `log` ends with a newline unless the line was split at 16 KiB (§1.5)."""

    log: str
    time: str = ""


_decode_docker = msgspec.json.Decoder(DockerRecord).decode


def docker(line: bytes) -> DockerRecord | None:
    """A line of docker's json-file; None when it is none."""
    try:
        return _decode_docker(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def parse(line: bytes) -> Entry | None:
    """The entry in a line of any encoding, behind any glued prefix; None when there is none."""
    line = line.rstrip(b"\r\n")
    if line[:1] == b"{":
        return _from_json(line)
    start = _START.search(line)
    if start is not None:
        return _from_console(line[start.end() :], epoch(start.group(1)))
    if _LEVEL_FIRST.match(line):
        return _from_console(line, None)
    glued = line.find(b'{"L":"')
    return _from_json(line[glued:]) if glued > 0 else None


def epoch(stamp: bytes) -> int | None:
    """Epoch seconds of any timestamp form of §1.2; None when it is none."""
    try:
        return int(datetime.fromisoformat(stamp.decode("ascii")).timestamp())
    except (ValueError, OverflowError):
        return None


class Minutes:
    """Finds the minute of a timestamp, remembering the last ones.

    They are remembered without the seconds but with the offset: the first 16 bytes repeat in a DST night.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}

    def of(self, stamp: bytes) -> int:
        """The first second of the minute; -1 when it is no timestamp."""
        key = stamp[:16] + (stamp[23:] if stamp[19:20] == b"." else stamp[19:])
        minute = self._known.get(key)
        if minute is None:
            at = epoch(stamp)
            if at is None or at <= 0:
                return -1
            minute = at - at % 60
            if len(self._known) >= MINUTES_CACHED:
                self._known.clear()
            self._known[key] = minute
        return minute


def normalised(fields: dict[str, Any]) -> dict[str, Any]:
    """Keys in snake case, `satellite` and `sat` as `satellite_id` (§1.6)."""
    return {key_of(key): value for key, value in fields.items()}


_SHORT = {"satellite": "satellite_id", "sat": "satellite_id"}
_KEYS: dict[str, str] = {}


def key_of(key: str) -> str:
    """`Piece ID`, `pieceID` and `piece_id` are one key."""
    known = _KEYS.get(key)
    if known is None:
        known = _CAMEL.sub("_", key).replace(" ", "_").replace("-", "_").lower()
        known = _SHORT.get(known, known)
        if len(_KEYS) < 2000:  # hostile logs may invent keys without end
            _KEYS[key] = known
    return known


def _object(raw: bytes) -> dict[str, Any]:
    try:
        return _JSON_OBJECT.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").strip()


def _from_console(rest: bytes, at: int | None) -> Entry | None:
    """`LEVEL[TAB]NAME[TAB]CALLER[TAB]MESSAGE[TAB]{JSON}`, tabs perhaps turned into `#011` or spaces (§1.1, §1.5)."""
    if b"#011" in rest:
        rest = rest.replace(b"#011", b"\t")
    parts = rest.split(b"\t")
    level = parts[0].decode("ascii", "replace")
    if level not in LEVELS:
        return _from_spaced(rest, at)
    payload = b""
    if len(parts) > 2 and parts[-1].startswith(b"{"):
        payload = parts.pop()
    middle = [part for part in parts[1:-1] if not _CALLER.match(part)]
    if not parts[1:]:
        return None
    return Entry(at, level, _text(middle[0]) if middle else "", _text(parts[-1]), payload)


def _from_spaced(rest: bytes, at: int | None) -> Entry | None:
    match = _SPACED.match(rest)
    if match is None:
        return None
    level, logger, message, payload = match.groups(b"")
    return Entry(at, level.decode(), _text(logger), _text(message), payload)


def _from_json(line: bytes) -> Entry | None:
    try:
        raw = _JSON.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(raw, dict):
        return None
    if "severity" in raw and "message" in raw:
        return _from_gcloud(raw)
    if "M" not in raw or "L" not in raw:
        return None
    fields = {key: value for key, value in raw.items() if key not in {"L", "T", "N", "M", "C", "S"}}
    stamp = str(raw.get("T", "")).encode("utf-8", "replace")
    return Entry(epoch(stamp), str(raw["L"]), str(raw.get("N", "")), str(raw["M"]).strip(), flat=normalised(fields))


def _from_gcloud(raw: dict[str, Any]) -> Entry:
    """Lines with an error carry their string fields inside the labels (§10 fact 24)."""
    labels = raw.get("logging.googleapis.com/labels")
    labels = labels if isinstance(labels, dict) else {}
    stamp = raw.get("timestamp")
    at = stamp.get("seconds") if isinstance(stamp, dict) else None
    severity = str(raw["severity"])
    skip = {"severity", "message", "timestamp", "logging.googleapis.com/labels"}
    fields = {key: value for key, value in raw.items() if key not in skip}
    fields |= {key: value for key, value in labels.items() if key != "name"}
    return Entry(
        int(at) if isinstance(at, int | float) else None,
        _GCLOUD_LEVELS.get(severity, severity),
        str(labels.get("name", "")),
        str(raw["message"]).split("\n", 1)[0].strip(),
        flat=normalised(fields),
    )


def line_time(line: bytes) -> int | None:
    """Epoch seconds of one line, docker's wrapping taken off; None when it has no time."""
    if line[:7] == b'{"log":' and (record := docker(line)) is not None:
        line = record.log.encode("utf-8", "surrogatepass")
    entry = parse(line)
    return entry.at if entry is not None and entry.at and entry.at > 0 else None


def first_time(block: bytes) -> int:
    """Epoch seconds of the first line that has a time, 0 when none of the first 50 has."""
    return next((at for line in block.split(b"\n", 50)[:50] if (at := line_time(line)) is not None), 0)


def last_time(block: bytes) -> int:
    """Epoch seconds of the last line that has a time, 0 when none of the last 50 has."""
    return next((at for line in reversed(block.rsplit(b"\n", 50)[-50:]) if (at := line_time(line)) is not None), 0)
