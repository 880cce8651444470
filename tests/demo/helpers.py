"""Reading logs in a second way, which shares nothing with the package: what tests of the simulation compare with."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

REAL = Path(__file__).parents[1] / "fixtures" / "real"
START = 1_795_392_000.0
"""2026-11-23 00:00:00 UTC, a Monday."""

_ID = re.compile(r"[1-9A-HJ-NP-Za-km-z]{45,60}")
_KEY = re.compile(r'"([^"]+)": ')
_STATS = re.compile(r'"stats": \{.*\}\}')
_ACTIVE = re.compile(r'"active": \{[^}]*\}')
_TRANSFER = re.compile(
    r"\tpiecestore\t(uploaded|downloaded|upload canceled|download canceled|upload failed|download failed)\t.*?"
    r'"(?:piece_id|Piece ID)": "([A-Z2-7]{52})", "(?:satellite_id|Satellite ID)": "(\w+)", '
    r'"(?:action|Action)": "(\w+)"'
)
_SIZE = re.compile(r'"(?:size|Size)": (\d+)')
_SENT = re.compile(r"downloaded size \((\d+) bytes\) does not match received message size \((\d+) bytes\)")
_OUTCOMES = {"uploaded": "ok", "downloaded": "ok", "canceled": "canceled", "failed": "failed"}

Shapes = dict[tuple[str, str, str], set[tuple[str, ...]]]
Counts = dict[tuple[str, str, str], list[int]]


def real_lines(*names: str) -> Iterator[str]:
    """The lines of recorded logs."""
    for name in names:
        with gzip.open(REAL / "logs" / f"{name}.log.gz", "rt", encoding="utf-8", errors="replace") as file:
            yield from (line.rstrip("\n") for line in file)


def text(lines: Iterable[bytes]) -> list[str]:
    """Lines as text, each checked to end with exactly one newline."""
    decoded = [line.decode() for line in lines]
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in decoded)
    return [line[:-1] for line in decoded]


def shapes(lines: Iterable[str]) -> Shapes:
    """(level, logger, message with ids and addresses folded) → the key orders seen."""
    found: Shapes = {}
    for line in lines:
        parts = line.split("\t")
        if len(parts) < 4 or not parts[-1].startswith("{"):
            continue
        payload = _ACTIVE.sub('"active": 0', _STATS.sub('"stats": 0', parts[-1]))
        message = re.sub(r"(started on) \S+", r"\1 …", _ID.sub("…", parts[-2]))
        logger = parts[2] if len(parts) == 5 else ""
        found.setdefault((parts[1], logger, message), set()).add(tuple(_KEY.findall(payload)))
    return found


def counted(lines: Iterable[str]) -> Counts:
    """(satellite, action, outcome) → [count, bytes] by regular expressions."""
    counts: Counts = {}
    for line in lines:
        match = _TRANSFER.search(line)
        key = (match[3], match[4], _OUTCOMES[match[1].split()[-1]]) if match is not None else ("", "PUT", "rejected")
        if match is None and "upload rejected, too many requests" not in line:
            continue
        tally = counts.setdefault(key, [0, 0])
        tally[0] += 1
        size = _SIZE.search(line)
        tally[1] += int(size[1]) if size is not None else 0
    return counts


def booked(lines: Iterable[str]) -> tuple[int, int]:
    """Ingress and egress bytes that a node would book for these lines."""
    ingress = egress = 0
    for line in lines:
        match, size, part = _TRANSFER.search(line), _SIZE.search(line), _SENT.search(line)
        if match is None or size is None:
            continue
        if match[4].startswith("PUT"):
            ingress += int(size[1])
        elif match[1] == "downloaded":
            egress += int(size[1])
        elif part is not None:
            assert part[2] == size[1]
            egress += int(part[1])
    return ingress, egress
