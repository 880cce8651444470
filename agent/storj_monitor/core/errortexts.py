"""Error texts of storage nodes: which class of trouble one is, and its shape without addresses, ids and numbers.

`error_class` answers from one ordered table (agent/docs/storagenode.md §2.1, §2.2, §2.4, §10); the first row with a
needle in the text wins. The order is the point, since one text often names several parts of the node:

1. What breaks the node as a whole (wrong data folder, damaged database, hardware, full or vanished disk) is asked
   first: it is the cause, whatever else the text mentions.
2. Then what is wrong with one piece. `file does not exist` together with `broken pipe` is a lost piece.
3. Then `context canceled`: a dial or a read that the client, or a stop of the node, cut short is no network fault.
4. Then the network seen from the node (`dial tcp … i/o timeout` is no slow client), the client, and time limits.
5. Last the words that only say where it happened (`pieces error:`, `hashstore:`): the storage folder.

Texts of Windows come in the language of the system; the ones known here are English, German, French, Spanish, Russian.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Rule(NamedTuple):
    """Texts that contain one of `needles` (lower case) are of class `name`.

    `grave`: the words alone say that disk, file system or database fail, wherever they appear (§2.1, critical).
    """

    name: str
    grave: bool
    needles: tuple[str, ...]


RULES: tuple[Rule, ...] = (
    Rule("wrong_identity", True, ("does not match running node's id",)),
    Rule("database_damaged", True, (
        "database disk image is malformed", "file is not a database", "expected schema does not match",
    )),
    Rule("disk", True, (
        "input/output error", "disk i/o error", "structure needs cleaning", "transport endpoint is not connected",
        "stale nfs file handle", "stale file handle", "cyclic redundancy check", "crc-prüfung", "i/o device error",
        "the device is not ready", "no such device",
    )),
    Rule("read_only", True, (
        "read-only file system", "attempt to write a readonly database", "the media is write protected",
    )),
    Rule("disk_full", True, (
        "no space left on device", "database or disk is full", "not enough free space on",
        "not enough space on the disk", "nicht genug speicherplatz auf dem", "disk quota exceeded",
    )),
    Rule("storage_stalled", True, (
        "while verifying readability of", "while verifying writability of",
    )),
    Rule("storage_gone", True, (
        "verifying location and/or readability", "verifying writability of storage", "storage-dir-verification",
        "missing log files when hashtbl exists", "missing hashtbl",
    )),
    Rule("database_locked", False, ("database is locked", "database table is locked", "sqlite_busy")),
    Rule("database", False, (
        "unable to open database", "database is closed", "opening database on storagenode",
        "migrating tables for database", "starting master database", "preflight check for storagenode databases",
    )),
    Rule("too_small", False, ("disk space requirement not met", "less than required minimum")),
    Rule("clock", False, (
        "clock is out of sync", "order created too long ago", "order created too far in the future", "order expired",
        "piece expired",
    )),
    Rule("missing_file", False, (
        "fork/exec", "executable file not found", "config.yaml", "identity.cert", "identity.key", "ca.cert",
        "trust-cache", "failed to load identity",
    )),
    Rule("lost_piece", False, (
        "file does not exist", "no such file or directory", "the system cannot find the", "cannot find the file",
        "kann die angegebene datei nicht finden", "kann den angegebenen pfad nicht finden",
        "le fichier spécifié est introuvable", "no puede encontrar el archivo", "не удается найти указанный файл",
    )),
    Rule("damaged_piece", False, ("requested more data than available", "record points to unknown log file")),
    Rule("duplicate_piece", False, ("collision detected", "put:{key:")),
    Rule("full", False, ("not enough available disk space", "out of space", "hashtbl full", "hash table is full")),
    Rule("hash_mismatch", False, ("hashes don't match", "piece id changed", "invalid piece hash signature")),
    Rule("rejected", False, ("too many requests",)),
    Rule("rate_limited", False, ("rate limited", "ratelimit")),
    Rule("untrusted", False, ("untrusted",)),
    Rule("order", False, ("used serial", "corrupt entry")),
    Rule("identity", False, ("not signed by any ca", "peer id did not match", "loading identity")),
    Rule("port_in_use", False, ("address already in use", "only one usage of each socket address")),
    Rule("config", False, ("invalid configuration", "unknown flag", "unknown command", 'invalid argument "')),
    Rule("client_gone", False, ("context canceled", "operation was canceled")),
    Rule("stopping", False, ("store closed", "db closed")),
    Rule("satellite", False, ("node not found", "satellite not found")),
    Rule("network", False, (
        "dial tcp", "dial udp", "no such host", "connection refused", "network is unreachable", "no route to host",
        "host is down", "tcp connector failed", "failed to dial", "failed to ping storage node", "failed to resolve",
        "name resolution", "ip address not allowed", "your node indicated error code", "connectex", "quic:", ": eof",
    )),
    Rule("timeout", False, ("client too slow", "deadline exceeded", "i/o timeout")),
    Rule("client_gone", False, (
        "stream closed", "manager closed", "broken pipe", "connection reset", "use of closed", "forcibly closed",
        "wsasend", "wsarecv", "unexpected eof", "connection closed", "downloaded size (", "unknown reason bug",
    )),
    Rule("timeout", False, ("timeout", "timed out")),
    Rule("access_denied", False, (
        "access is denied", "access denied", "permission denied", "operation not permitted", "zugriff verweigert",
        "being used by another process", "kann nicht auf die datei zugreifen", "accès refusé", "acceso denegado",
        "отказано в доступе",
    )),
    Rule("resources", False, ("too many open files", "cannot allocate memory", "out of memory")),
    Rule("protocol", False, ("drpc", "tls:", "certificate", "piecestore protocol", "protocol error")),
    Rule("disk", False, (
        "pieces error", "filestore error", "unable to open the file", "unable to open log file", "file is a directory",
        "is a directory", "hashstore:",
    )),
    Rule("subprocess", False, ("exit status", "signal: killed", "signal: terminated")),
)  # fmt: skip

_OTHER = Rule("other", False, ())
_EXACT = {"eof": Rule("client_gone", False, ())}

CLASSES: dict[str, str] = {
    "wrong_identity": "the storage folder belongs to another node",
    "database_damaged": "a database of the node is damaged",
    "disk": "the disk or file system fails, or a file cannot be read",
    "read_only": "the file system is read-only",
    "disk_full": "the disk has no space left",
    "storage_stalled": "the disk did not answer in time",
    "storage_gone": "the storage folder is not there",
    "database_locked": "a database was busy",
    "database": "a database could not be used",
    "too_small": "less space than the node needs",
    "clock": "the clocks of node and satellite differ",
    "missing_file": "a file of the node's own is missing",
    "lost_piece": "the piece is gone",
    "damaged_piece": "the piece is shorter than it should be",
    "duplicate_piece": "the piece was stored before",
    "full": "the allocated space is used up",
    "hash_mismatch": "the client sent something else than it signed",
    "rejected": "too many requests at once",
    "rate_limited": "the satellite asked to come less often",
    "untrusted": "the satellite is not trusted",
    "order": "an order was used twice or is damaged",
    "identity": "the identity is not accepted",
    "port_in_use": "another program has the port",
    "config": "the settings are wrong",
    "client_gone": "the other side went away",
    "stopping": "the node was stopping",
    "satellite": "the satellite has no answer",
    "network": "the other side could not be reached",
    "timeout": "it took too long",
    "access_denied": "the system refused access to a file",
    "resources": "the system ran out of memory or open files",
    "protocol": "the connection spoke nonsense",
    "subprocess": "a helper process of the node ended with an error",
    "other": "something not known yet",
}
"""Every class in words for operators."""

_LONG = 800
_REMEMBERED = 1024
_ZEROS = str.maketrans("123456789", "000000000")
_ZEROS_ASCII = bytes.maketrans(b"123456789", b"000000000")


def error_class(text: str) -> str:
    """The class of an error or cancel reason, one of `CLASSES`; `other` when no row knows it. Never raises."""
    return _rule(_zeroed(text)).name


def grave(text: str) -> bool:
    """Whether the words alone are critical wherever they appear: disk, file system or database fail (§2.1)."""
    return _rule(_zeroed(text)).grave


def _zeroed(text: str) -> str:
    """Both ends of a text (Go puts the place first and the cause last), every digit as 0.

    Texts then repeat and are found in the caches: neither classes nor shapes depend on which digit it is.
    """
    if len(text) > _LONG:
        text = f"{text[: _LONG // 2]} {text[-_LONG // 2 :]}"
    # Bytes are translated ten times faster, and nearly all texts are ASCII.
    return text.encode().translate(_ZEROS_ASCII).decode() if text.isascii() else text.translate(_ZEROS)


@lru_cache(maxsize=_REMEMBERED)
def _rule(text: str) -> Rule:
    low = text.strip().lower()
    for rule in RULES:
        for needle in rule.needles:
            if needle in low:
                return rule
    return _EXACT.get(low, _OTHER)


_CUT = 200
_GAP = "<...>"
_HEAD = 120
_MAIL = re.compile(r"[\w.+-]+@[\w.-]+")

# Idempotence rests on three habits: no digit survives, so patterns that need one cannot match again; patterns guarded
# on the left are blocked by the `>` of a placeholder as by a word; nothing looks beyond its own right end at letters.
_FOLD = re.compile(
    r"""
      (?P<name>"[^"]*")
    | (?P<url>(?<![\w>])https?://[^\s"'<>;,]+)
    | (?P<path>(?<![\w>./])(?:\.{0,2}/|[A-Za-z]:[\\/])(?:[^\s"'<>;,|():]|:(?!\s|$))+)
    | (?P<path2>\\(?:[^\s"'<>;,|():]|:(?!\s|$))+)
    | (?P<addr>\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?\](?::[0-9]+)?)
    | (?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T\ ][0-9:.,]+(?:Z|\ ?[+-][0-9]{2}:?[0-9]{2})?)?
        | [0-9]+:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?)
    | (?P<addr4>[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]+)?)
    | (?P<id>[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12} | [A-Za-z]{40,}
        | (?<![A-Za-z0-9])(?=[A-Za-z]{0,40}[0-9])(?=[0-9]*[A-Za-z])(?:[A-Za-z0-9]{16,}|[0-9a-f]{8,}(?![A-Za-z0-9])))
    | (?P<addr6>(?<![\w>.:])(?=[A-Fa-f:]*[0-9])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})
    | (?P<host>(?<![\w>.-])[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+:[0-9]+)
    | (?P<size>[0-9]+(?:\.[0-9]+)?\ ?(?:[KMGTPE]i?B|B|bytes)(?![A-Za-z0-9]))
    | (?P<took>(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|s|[µμu]s|ns))+(?![A-Za-z0-9]))
    | (?P<n>[0-9]+(?:\.[0-9]+)*(?:[eE][+-]?[0-9]+)?)
    """,
    re.VERBOSE,
)

_PLACEHOLDERS = {"path2": "<path>", "addr4": "<addr>", "addr6": "<addr>", "host": "<addr>", "took": "<time>"}


def template(text: str) -> str:
    """The shape of a text: `write tcp <addr>-><addr>: write: broken pipe`. Never raises.

    Placeholders: `<addr> <id> <mail> <n> <name> <path> <size> <time> <url>`; `<name>` stands for anything in double
    quotes, `<...>` for a middle left out, so that the result has at most 200 characters. The shape of a
    shape is itself.

    Measured over the 3 848 errors and reasons in the logs of tests/fixtures/real: 2.1 µs each, since 98 % were found in
    the cache; a shape made anew took 6 to 80 µs.
    """
    return _shape(_zeroed(text))


@lru_cache(maxsize=_REMEMBERED)
def _shape(text: str) -> str:
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    text = " ".join(text.split())
    if "@" in text:
        text = _MAIL.sub("<mail>", text)
    text = _FOLD.sub(_placeholder, text)
    if len(text) <= _CUT:
        return text
    tail = text[len(_GAP) + _HEAD - _CUT :]
    return text[:_HEAD] + _GAP + (tail.partition(" ")[2] or tail)


def _placeholder(match: re.Match[str]) -> str:
    name = match.lastgroup or "n"
    return _PLACEHOLDERS.get(name) or f"<{name}>"
