"""Lines that are no log entries (agent/docs/storagenode.md §1.5)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core.messages import known_line
from storj_monitor.core.otherlines import KINDS

PANIC = b"""panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x12e4f7a]

goroutine 1287 [running]:
storj.io/storj/storagenode/monitor.(*Service).Run.func1.1({0x1b2c3d4, 0xc000123456})
\t/go/src/storj.io/storj/storagenode/monitor/monitor.go:128 +0x1a5
storj.io/common/sync2.(*Cycle).Run(0xc0001, {0x1b2c3d4, 0xc000123456}, 0xc00012)
\t/go/pkg/mod/storj.io/common@v0.0.0-2024/sync2/cycle.go:163 +0x2b
golang.org/x/sync/errgroup.(*Group).Go.func1()
\t/go/pkg/mod/golang.org/x/sync@v0.7.0/errgroup/errgroup.go:78 +0x56
created by golang.org/x/sync/errgroup.(*Group).Go in goroutine 1
\t/go/pkg/mod/golang.org/x/sync@v0.7.0/errgroup/errgroup.go:75 +0x96
panic({0x14a5b60?, 0x2245e10?})
main.main()
rax    0x0
rflags 0x246
exit status 2""".split(b"\n")

STACK_OF_ZAP = b"""storj.io/storj/storagenode/contact.(*Service).pingSatellite
\t/go/src/storj.io/storj/storagenode/contact/service.go:149
main.cmdRun
\tC:/go/src/storj.io/storj/cmd/storagenode/cmd_run.go:80
runtime.goexit
\t/usr/local/go/src/runtime/asm_amd64.s:1695""".split(b"\n")

USAGE = b"""Error: unknown flag: --storage.alocated-disk-space
Usage:
  storagenode run [flags]

Flags:
      --bandwidth.interval duration                how frequently bandwidth usage rollups are calculated
  -h, --help                                       help for run
Global Flags:
      --advanced                                   if used in with -h, print advanced flags help
Use "storagenode [command] --help" for more information about a command.""".split(b"\n")

SUPERVISORD = b"""2026-01-20 10:11:12,345 INFO Set uid to user 0 succeeded
2026-01-20 10:11:12,346 CRIT Server 'unix_http_server' running without any HTTP authentication checking
2026-01-20 10:11:12,345 INFO supervisord started with pid 1
2026-01-20 10:11:13,345 INFO spawned: 'storagenode' with pid 34
2026-01-20 10:11:14,345 INFO success: storagenode entered RUNNING state, process has stayed up for > than 1 seconds
2026-01-20 10:11:15,345 WARN exited: storagenode (exit status 1; not expected)
2026-01-20 10:11:16,345 WARN received SIGTERM indicating exit request
2026-01-20 10:11:16,345 WARN received SIGQUIT indicating exit request
2026-01-20 10:11:16,345 INFO waiting for storagenode, processes-exit-eventlistener to die
2026-01-20 10:11:17,345 INFO stopped: storagenode (exit status 0)
2026-01-20 10:11:18,345 INFO gave up: storagenode entered FATAL state, too many start retries too quickly
INFO spawned: 'storagenode' with pid 34
gave up: storagenode entered FATAL state, too many start retries too quickly
2026/01/20 10:11:12 INFO Restarting process service=supervisor""".split(b"\n")

ENTRYPOINT = b"""downloading storagenode-updater
downloading storagenode
Running /app/bin/storagenode setup --config-dir config
--2026-01-20 10:11:12--  https://version.storj.io/processes/storagenode/minimum/url?os=linux&arch=arm64
Resolving version.storj.io (version.storj.io)... 34.173.164.90
Connecting to version.storj.io (version.storj.io)|34.173.164.90|:443... connected.
HTTP request sent, awaiting response... 200 OK
Length: 25165824 (24M) [application/octet-stream]
Saving to: '/tmp/storagenode.zip'
     0K .......... .......... .......... .......... ..........  0% 1.21M 19s
2026-01-20 10:11:14 (12.5 MB/s) - '/tmp/storagenode.zip' saved [25165824/25165824]
Archive:  /tmp/storagenode.zip
  inflating: /app/storagenode""".split(b"\n")


def kinds(lines: list[bytes]) -> list[str | None]:
    return [known_line(line) for line in lines]


def test_a_panic_is_known_line_by_line() -> None:
    assert kinds(PANIC)[:4] == ["go_panic", "go_panic", "blank", "stack"]
    assert set(kinds(PANIC)[4:]) == {"stack"}
    assert kinds([b"fatal error: concurrent map writes", b"runtime: out of memory"]) == ["go_panic", "go_panic"]
    assert set(kinds(STACK_OF_ZAP)) == {"stack"}


def test_help_after_a_wrong_flag_is_known_line_by_line() -> None:
    assert kinds(USAGE) == [
        "error_exit",
        "usage",
        "usage",
        "blank",
        "usage",
        "usage",
        "usage",
        "usage",
        "usage",
        "usage",
    ]


def test_the_container_around_the_node_is_known() -> None:
    assert set(kinds(SUPERVISORD)) == {"supervisord"}
    assert set(kinds(ENTRYPOINT)) == {"entrypoint"}


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
@pytest.mark.parametrize(
    "prefix",
    [
        b"",
        b"2026-01-20T10:11:12.123456789Z ",
        b"storagenode  | ",
        b"2025-10-02 01:26:34.282196+00:00",
        b"2026-01-20T10:11:12.1Z stderr F ",
    ],
)
def test_prefixes_of_the_transport_are_looked_through(prefix: bytes, ending: bytes) -> None:
    line = b"Error: piecestore monitor: disk space requirement not met"
    assert known_line(prefix + line + ending) == "error_exit"


@pytest.mark.parametrize(
    "line",
    [
        b"\x00" * 512,
        b"Hello world",
        b"2026-02-11T08:15:02Z\tINFO\tpiecestore\tuploaded\t{}",
        b"07:50:41.862\t\x1b[34mINFO\x1b[0m\tConfiguration loaded",
        b'{"L":"INFO","M":"uploaded"}',
        b"An Error: is not at the start",
        b"\xff\xfe panic",
    ],
)
def test_what_is_something_else_is_not_claimed(line: bytes) -> None:
    assert known_line(line) is None


def test_a_long_line_takes_no_long_time() -> None:
    for unit in (b"a.", b"a/", b"(", b"a(", b" ", b"0K .", b"x | "):
        known_line(unit * 3_000_000)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.sampled_from(PANIC + USAGE + SUPERVISORD + ENTRYPOINT))
def test_any_bytes_have_a_kind_or_none(line: bytes) -> None:
    assert known_line(line) in {None, *KINDS}
