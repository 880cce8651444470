"""Where a log file is continued, and how the file is known again (design: a file is recognised by content).

Inode and device are no identity: ext4 hands a freed inode to the next file, SMB and exFAT change them. A file is the
one that was read before when its first bytes have the same digest and the bytes before the offset have the same
checksum.
"""

from __future__ import annotations

import enum
from hashlib import blake2b

import msgspec

HEAD = 4096
TAIL = 4096
_PREFIXES = tuple(1 << power for power in range(5, 13))
_DIGEST = 8


class Position(msgspec.Struct):
    """One file of a node's log: `offset` bytes of it (decompressed) are counted, all of them complete lines.

    `number` rises with each new file. `heads` holds an 8-byte digest for each prefix length in `prefixes(head_len)`;
    `tail` is the digest of the last `tail_len` bytes before the offset. `past` files existed before the first start and
    are not counted unless imported. `skipping` is True in the middle of a line that is longer than is read.

    Of a journal `path` is `journal:UNIT`, `offset` counts the entries and `tail` is the cursor of the last one.
    """

    number: int
    path: str
    offset: int = 0
    head_len: int = 0
    heads: bytes = b""
    tail_len: int = 0
    tail: bytes = b""
    first_at: int = 0
    last_at: int = 0
    past: bool = False
    skipping: bool = False


class Match(enum.Enum):
    """What a file is to a position."""

    SAME = "the same file"
    SHORTER = "the same file, but shorter than what was counted"
    OTHER = "another file"


def digest(data: bytes) -> bytes:
    """An 8-byte digest."""
    return blake2b(data, digest_size=_DIGEST).digest()


def prefixes(length: int) -> tuple[int, ...]:
    """The prefix lengths that are kept of a head of `length` bytes: powers of two, and the length itself."""
    kept = tuple(each for each in _PREFIXES if each <= length)
    return kept if not length or (kept and kept[-1] == length) else (*kept, length)


def heads_of(head: bytes) -> bytes:
    """The digests of a head, one after the other."""
    return b"".join(digest(head[:length]) for length in prefixes(len(head)))


def same_head(position: Position, head: bytes) -> bool:
    """Whether a file that begins with `head` (its first 4 KiB at most) may be the position's file."""
    known = [length for length in prefixes(position.head_len) if length <= len(head)]
    if not known:
        return False
    at = (len(known) - 1) * _DIGEST
    return digest(head[: known[-1]]) == position.heads[at : at + _DIGEST]


def same_tail(position: Position, tail: bytes) -> bool:
    """Whether `tail`, the `tail_len` bytes before the offset, is what was counted last."""
    return len(tail) == position.tail_len and (not tail or digest(tail) == position.tail)
