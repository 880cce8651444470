"""The commands of systemd/README.md in a clean Debian tree, as root: `make test-install`.

No systemd runs in a chroot: `systemctl` enables and disables there, `--now` is left out, and it says itself that it
ignores the rest. What the unit would start is started by hand, and asked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from storj_monitor.demo.lognode import SimulatedNode

ROOT = Path(__file__).parents[2]
PACKAGES = "ca-certificates,systemd,python3,python3-venv"
WAITING = ("journalctl", "apt-get")
PROGRAM = "/opt/storj-monitor/bin/storj-monitor"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def blocks() -> list[list[str]]:
    """The commands of each block of the page, but those that wait or are done already."""
    found = re.findall(r"(?ms)^```sh\n(.*?)^```", (ROOT / "systemd/README.md").read_text())
    return [
        [line.partition("  #")[0].strip() for line in block.splitlines() if not line.startswith(WAITING)]
        for block in found
    ]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if os.geteuid() != 0 or shutil.which("mmdebstrap") is None:
        pytest.fail("This test makes a Debian tree: it needs root and mmdebstrap (apt-get install mmdebstrap).")
    tree = tmp_path_factory.mktemp("debian") / "tree"
    command = ["mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", str(tree)]
    subprocess.run(command, check=True, timeout=600)
    for file in ("/etc/resolv.conf", "/etc/hosts", BUNDLE):
        shutil.copy(file, tree / file[1:])
    made = ["-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(tree / "root"), str(ROOT)]
    subprocess.run([sys.executable, *made], check=True, timeout=600)
    wheels = os.environ.get("PIP_FIND_LINKS")
    if wheels and Path(wheels).is_dir():
        shutil.copytree(wheels, tree / wheels[1:])
    return tree


def run(tree: Path, command: str, *, stdin: str = "") -> str:
    """One command as root in the tree, in /root; what it said. Fails when it does."""
    done = subprocess.run(
        ["chroot", str(tree), "/bin/sh", "-c", f"cd /root && {command.replace(' --now', '')}"],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={
            **os.environ,
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "PIP_CERT": BUNDLE,
            "HOME": "/root",
            "SYSTEMD_OFFLINE": "1",
        },
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def log_of_a_node(tree: Path) -> None:
    """A storagenode as far as `init` sees it without a process: a unit is not enough, a console answers nowhere."""
    now = time.time()
    node = SimulatedNode(1, name="attic", start=now - 600)
    lines = [line for second in node.seconds(now - 600, now) for line in second]
    (tree / "var/log/node.log").write_bytes(b"".join(lines))


def test_install_upgrade_roll_back_and_remove(tree: Path) -> None:
    install, upgrade, remove, *_ = blocks()
    log_of_a_node(tree)
    settings = tree / "etc/storj-monitor/storj-monitor.toml"
    for command in install:
        if command.endswith(" init"):
            found = subprocess.run(["chroot", str(tree), *command.split()], capture_output=True, text=True, check=False)
            assert "No storage node was found" in found.stderr, "there is no node in the tree"
            settings.parent.mkdir()
            settings.write_text('[nodes.attic]\nlog = "/var/log/node.log"\n')
        else:
            said = run(tree, command)
            assert "command not found" not in said
    unit = tree / "etc/systemd/system/storj-monitor.service"
    assert unit.read_text() == (ROOT / "systemd/storj-monitor.service").read_text()
    assert (tree / "etc/systemd/system/multi-user.target.wants/storj-monitor.service").is_symlink()
    assert "ok   log of attic: /var/log/node.log: 100.0%" in run(tree, f"{PROGRAM} check || true")
    serves(tree)
    for command in upgrade:
        run(tree, command)
    wheel = next(each for each in upgrade if "--upgrade" in each)
    run(tree, wheel.replace("--upgrade", "--force-reinstall --no-deps"))
    serves(tree)
    for command in remove:
        run(tree, command)
    assert not unit.exists()
    assert not (tree / "opt/storj-monitor").exists()
    assert not (tree / "etc/systemd/system/multi-user.target.wants/storj-monitor.service").is_symlink()


def serves(tree: Path) -> None:
    """What the unit starts runs, counts the log, and serves the page."""
    words = [PROGRAM, "run", "--listen", "127.0.0.1:18787"]
    told: list[str] = []
    with subprocess.Popen(["chroot", str(tree), *words], stderr=subprocess.PIPE, text=True) as agent:
        assert agent.stderr is not None
        for line in agent.stderr:
            told.append(line)
            if "open http" in line:
                break
        assert "open http" in told[-1], "".join(told)
        address = told[-1].split("open ")[1].strip()
        try:
            with urllib.request.urlopen(address, timeout=20) as page:
                assert b"<script" in page.read()
        finally:
            agent.terminate()
        assert agent.wait(30) == 0
    assert "attic" in run(tree, f"{PROGRAM} status --data /var/lib/storj-monitor")
