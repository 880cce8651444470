"""sd_notify on real sockets, as systemd binds them."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from storj_monitor.sdnotify import Notifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def manager(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(address)
        listening.settimeout(5)
        yield listening


def test_every_message_arrives_as_systemd_reads_it(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with manager(path) as systemd:
        notifier = Notifier({"NOTIFY_SOCKET": path})
        assert notifier.extend(90)
        assert notifier.ready("Following 2 nodes")
        assert notifier.ready()
        assert notifier.watchdog()
        assert notifier.status("2 nodes\nMAINPID=1")
        assert notifier.stopping()
        assert [systemd.recv(4096).decode() for _ in range(6)] == [
            "EXTEND_TIMEOUT_USEC=90000000",
            "READY=1\nSTATUS=Following 2 nodes",
            "READY=1",
            "WATCHDOG=1",
            "STATUS=2 nodes MAINPID=1",
            "STOPPING=1",
        ]


def test_abstract_socket() -> None:
    name = f"storj-monitor-test-{os.getpid()}"
    with manager("\0" + name) as systemd:
        assert Notifier({"NOTIFY_SOCKET": "@" + name}).watchdog()
        assert systemd.recv(64) == b"WATCHDOG=1"


def test_outside_of_systemd_nothing_happens(caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier({})
    assert not notifier.ready("x")
    assert not notifier.watchdog()
    assert notifier.watchdog_seconds is None
    assert caplog.text == ""


def test_a_manager_that_does_not_listen_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    notifier = Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    assert not any([notifier.ready(), notifier.watchdog(), notifier.watchdog()])
    assert [record.getMessage() for record in caplog.records] == [
        "systemd does not take our messages (READY=1): No such file or directory"
    ]


def test_a_full_queue_never_blocks(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with manager(path):
        notifier = Notifier({"NOTIFY_SOCKET": path})
        assert not all(notifier.watchdog() for _ in range(10_000))


OURS = str(os.getpid())


@pytest.mark.parametrize(
    ("usec", "pid", "seconds"),
    [
        ("30000000", "", 30.0),
        pytest.param("500000", OURS, 0.5, id="ours"),  # the same name in every process that runs tests
        ("30000000", "1", None),
        ("0", "", None),
        ("", "", None),
        ("soon", "", None),
    ],
)
def test_the_watchdog_s_patience(usec: str, pid: str, seconds: float | None) -> None:
    assert Notifier({"WATCHDOG_USEC": usec, "WATCHDOG_PID": pid}).watchdog_seconds == seconds


@pytest.mark.skipif(shutil.which("systemd-notify") is None, reason="needs systemd-notify")
def test_we_speak_as_systemd_s_own_tool_does(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with manager(path) as systemd:
        env = {**os.environ, "NOTIFY_SOCKET": path}
        subprocess.run(["systemd-notify", "--ready", "--status=All is well", "--no-block"], env=env, check=True)
        code = "from storj_monitor.sdnotify import Notifier; Notifier().ready('All is well')"
        subprocess.run([sys.executable, "-c", code], env=env, check=True)
        theirs, ours = systemd.recv(4096).decode(), systemd.recv(4096).decode()
        assert set(ours.split("\n")) <= set(theirs.split("\n"))
