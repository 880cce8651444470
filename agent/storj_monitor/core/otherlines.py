"""Lines in a log that are no log entries (agent/docs/storagenode.md §1.5): last words, panics, supervisord, set-up.

They count as understood. Blocks of several lines (a Go stack, cobra's usage text) are known line by line.
"""

from __future__ import annotations

import re

KINDS: dict[str, str] = {
    "error_exit": "the node ends and says why",
    "go_panic": "the program crashed",
    "stack": "where the program crashed, for developers",
    "supervisord": "the container's process manager",
    "entrypoint": "the container prepares its start",
    "usage": "help after a wrong command line",
    "blank": "an empty line",
}
"""Every kind of line in words for operators."""

_STARTS: tuple[tuple[str, tuple[bytes, ...]], ...] = (
    ("error_exit", (b"Error: ",)),
    (
        "go_panic",
        (
            b"panic: ", b"fatal error: ", b"SIGSEGV", b"SIGABRT", b"SIGBUS", b"[signal ", b"runtime: ",
            b"unexpected fault address",
        ),
    ),
    (
        "stack",
        (
            b"goroutine ", b"created by ", b"panic({", b"runtime stack:", b"\t/",
            b"...additional frames elided", b"exit status ",
        ),
    ),
    ("supervisord", (b"/usr/lib/python3/dist-packages/supervisor/", b"  self.warnings.warn(")),
    (
        "entrypoint",
        (
            b"downloading storagenode", b"updating storagenode", b"Running /app/", b"Running ./storagenode setup",
            b"Invalid value '", b"Resolving ", b"Connecting to ", b"Reusing existing connection to ",
            b"HTTP request sent, awaiting response", b"Length: ", b"Saving to: ", b"Archive:  ", b"  inflating: ",
            b" extracting: ", b"Location: ",
        ),
    ),
    (
        "usage",
        (
            b"Usage:", b"Flags:", b"Global Flags:", b"Available Commands:", b"Aliases:", b"Examples:",
            b"Additional help topics:", b'Use "storagenode', b"  storagenode", b"  /app/", b"      --", b"  -",
        ),
    ),
)  # fmt: skip

# A function of Go: `storj.io/storj/storagenode/monitor.(*Service).Run.func1.1`; possessive, so never slow.
_FRAME = rb"(?:[\w.~%-]++/)*+[\w%-]++(?:\.(?:[\w-]++|\(\*?[^()]*+\)|\[\.\.\.\]))++"

_SHAPES: tuple[tuple[str, re.Pattern[bytes]], ...] = (
    ("supervisord", re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (?:CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) ")),
    ("supervisord", re.compile(rb"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (?:DEBUG|INFO|WARN|ERROR) ")),
    (
        "supervisord",
        re.compile(
            rb"(?:(?:CRIT|WARN|INFO) )?(?:supervisord started with|gave up: |exited: |spawned: |stopped: |success: "
            rb"|received SIG|waiting for .* to die)"
        ),
    ),
    ("entrypoint", re.compile(rb"--\d{4}-\d\d-\d\d \d\d:\d\d:\d\d--  ")),
    ("entrypoint", re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \([\d.,]+ [KMG]?B/s\) - ")),
    ("entrypoint", re.compile(rb" *\d+K[ .,]{10,}")),
    ("stack", re.compile(_FRAME + rb"\(.*\)$")),
    ("stack", re.compile(rb"(?=main\.|runtime\.|[\w.-]++/)" + _FRAME + rb"$")),
    ("stack", re.compile(rb"\t[A-Za-z]:[/\\].*\.go:\d+")),
    ("stack", re.compile(rb"[a-z0-9]{2,6} +0x[0-9a-f]+$")),
)

_HEAD = 4096
"""No line is told by what comes later; some are megabytes long."""

_GLUED = re.compile(
    rb"(?:[\w.-]+ +\| )?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)(?: std(?:out|err) [FP])? ?)?"
)


def known_line(line: bytes) -> str | None:
    """The kind of a line that is no log entry, one of `KINDS`; None when it is not known. Never raises.

    A prefix that docker or compose glued before the line is looked through.
    """
    line = line[:_HEAD].rstrip(b"\r\n")
    return _kind(line) or _behind_prefix(line)


def _behind_prefix(line: bytes) -> str | None:
    glued = _GLUED.match(line)
    return _kind(line[glued.end() :]) if glued and glued.end() else None


def _kind(line: bytes) -> str | None:
    if not line.strip(b" \t"):
        return "blank"
    for kind, starts in _STARTS:
        if line.startswith(starts):
            return kind
    for kind, shape in _SHAPES:
        if shape.match(line):
            return kind
    return None
