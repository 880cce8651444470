"""The example files for the neighbours, tried on the neighbours."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG = Path(__file__).parents[1] / "config"
USERS = ("attic", "cellar", "homeassistant")


@contextmanager
def broker(folder: Path) -> Iterator[int]:
    """Mosquitto with the example ACL and a password for each user, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    passwords = folder / "passwords"
    passwords.write_text("".join(f"{user}:secret\n" for user in USERS))
    subprocess.run(["mosquitto_passwd", "-U", str(passwords)], check=True)
    (folder / "acl").write_text((CONFIG / "mosquitto.acl.example").read_text())
    lines = [f"listener {port} 127.0.0.1", f"password_file {passwords}", f"acl_file {folder / 'acl'}"]
    lines += ["user root"] if os.geteuid() == 0 else []
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    with subprocess.Popen(["mosquitto", "-c", str(folder / "mosquitto.conf")], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield port
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the broker does not listen")


def may_publish(port: int, user: str, topic: str, *options: str) -> bool:
    """Whether the broker lets this user publish; with MQTT 5 it answers each message."""
    command = [
        "mosquitto_pub",
        "-V",
        "5",
        "-p",
        str(port),
        "-u",
        user,
        "-P",
        "secret",
        "-q",
        "1",
        "-t",
        topic,
        "-m",
        "x",
    ]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False, timeout=PATIENCE)
    refused = "Not authorized" in done.stdout + done.stderr
    assert refused or done.returncode == 0, done
    return not refused


def test_an_agent_speaks_for_itself_and_asks_the_others(tmp_path: Path) -> None:
    allowed = {
        ("attic", "storj-monitor/attic/status"),
        ("attic", "storj-monitor/attic/node/satellite/us1/state"),
        ("attic", "homeassistant/device/storj_x/config"),
        ("attic", "storj-monitor/cellar/ask"),
        ("attic", "storj-monitor/reply/attic-1"),
        ("attic", "storj-monitor/cellar/node/command/refresh"),
        ("homeassistant", "storj-monitor/cellar/command/acknowledge"),
        ("homeassistant", "storj-monitor/cellar/node/command/maintenance"),
        ("homeassistant", "homeassistant/status"),
    }
    refused = {
        ("attic", "storj-monitor/cellar/status"),
        ("attic", "storj-monitor/cellar/node/state"),
        ("attic", "homeassistant/status"),
        ("attic", "homeassistant/sensor/x/config"),
        ("cellar", "storj-monitor/attic/node/event"),
        ("homeassistant", "storj-monitor/attic/node/state"),
    }
    with broker(tmp_path) as port:
        for user, topic in sorted(allowed | refused):
            assert may_publish(port, user, topic) == ((user, topic) in allowed), (user, topic)
        # Reading is decided at delivery: what was kept arrives or does not.
        may_publish(port, "attic", "storj-monitor/attic/status", "-r")
        may_publish(port, "homeassistant", "homeassistant/other", "-r")
        for user, topic, arrives in (("cellar", "storj-monitor/#", True), ("cellar", "homeassistant/#", False)):
            command = ["mosquitto_sub", "-p", str(port), "-u", user, "-P", "secret", "-t", topic, "-W", "1", "-F", "%t"]
            seen = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE).stdout
            assert (seen != "") == arrives, seen


def test_logrotate_keeps_the_file_the_node_writes_to(tmp_path: Path) -> None:
    log = tmp_path / "storagenode.log"
    log.write_text("a line\n" * 10)
    inode = log.stat().st_ino
    rules = re.sub(
        r"(?m)^/var/log/storagenode/\*\.log", str(tmp_path / "*.log"), (CONFIG / "logrotate.example").read_text()
    )
    rules_file = tmp_path / "rules"
    rules_file.write_text(rules)
    rules_file.chmod(0o644)
    tmp_path.chmod(0o755)
    command = ["/usr/sbin/logrotate", "--force", "--state", str(tmp_path / "state"), str(rules_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (log.stat().st_ino, log.stat().st_size) == (inode, 0)
    assert (tmp_path / "storagenode.log.1").read_text() == "a line\n" * 10
