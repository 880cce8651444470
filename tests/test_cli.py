"""The command line as people and scripts use it: exit codes, documents on stdout, sentences on stderr."""

from __future__ import annotations

import gc
import json
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.mosquitto import free_port
from tests.patience import PATIENCE

from storj_monitor import cli

LOGS = Path(__file__).parent / "fixtures/real/logs"
NAME = "1.162.3-rejected-info-console"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "storj_monitor.cli", *map(str, arguments)]


def run(*arguments: object, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command(*arguments), input=stdin, capture_output=True, check=False, timeout=PATIENCE)


def document(*arguments: object) -> Any:
    done = run(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(found: Any) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {(row["satellite"], row["action"], row["outcome"]): (row["count"], row["bytes"]) for row in found}


def test_count_reads_plain_packed_and_standard_input(tmp_path: Path) -> None:
    packed = LOGS / f"{NAME}.log.gz"
    truth = json.loads((LOGS / f"{NAME}.truth.json").read_text())
    counted = document("count", packed)
    assert rows(counted["transfers"]) == rows(truth["transfers"])
    assert counted["lines"] == counted["understood"] == truth["lines"]
    said = {(row["level"], row["logger"]) for row in counted["messages"]}
    assert {(row["level"], row["logger"]) for row in truth["other_messages"]} <= said
    plain = subprocess.run(["zcat", packed], capture_output=True, check=True).stdout
    (tmp_path / "node.log").write_bytes(plain.rstrip(b"\n"))
    assert document("count", tmp_path / "node.log") == counted, "a last line without its newline is a line"
    piped = run("count", "-", "--json", stdin=plain)
    assert json.loads(piped.stdout) == counted


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["count", "/nowhere/node.log"], 1, "/nowhere/node.log: No such file"),
        (["run", "--data", "/tmp/x"], 1, "No node is set"),
        (["run", "--data", "/tmp/x", "--node", "Bad Name=/x"], 1, "bad-name"),
        (["status", "--url", "http://127.0.0.1:1"], 1, "No agent answers"),
        (["frobnicate"], 2, "invalid choice"),
        (["transfers"], 2, "--data"),
        (["transfers", "--data", "/tmp/x", "--from", "yesterday"], 2, "neither epoch seconds nor a time"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(arguments: list[str], code: int, sentence: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert not done.stdout


def test_a_ready_agent_looks_for_garbage_but_not_in_what_it_has_loaded() -> None:
    app = SimpleNamespace(settings=SimpleNamespace(nodes={}), url="http://127.0.0.1:8787/", new_token=None)
    gc.disable()
    try:
        cli._ready(app)
        assert gc.isenabled()
        assert gc.get_freeze_count() > 0
    finally:
        gc.enable()
        gc.unfreeze()


def test_run_serves_stores_and_stops_in_an_orderly_way(tmp_path: Path) -> None:
    log, data, port = tmp_path / "node.log", tmp_path / "data", free_port()
    log.write_bytes(subprocess.run(["zcat", LOGS / f"{NAME}.log.gz"], capture_output=True, check=True).stdout)
    truth = json.loads((LOGS / f"{NAME}.truth.json").read_text())
    listen = f"127.0.0.1:{port}"
    agent = subprocess.Popen(command("run", "--data", data, "--listen", listen, "--node", f"attic={log}"), stderr=-1)
    try:
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"http://{listen}/healthz", timeout=1) as answer:
                    assert answer.status == 200
                break
            except OSError:
                time.sleep(0.05)
        board = document("status", "--url", f"http://{listen}")
        assert board[next(topic for topic in board if topic.endswith("/status"))] == "online"
        second = run("run", "--data", data, "--listen", "127.0.0.1:0", "--node", f"attic={log}")
        assert (second.returncode, b"Traceback" in second.stderr) == (1, False), "one agent per data folder"
    finally:
        agent.send_signal(signal.SIGTERM)
        _, said = agent.communicate(timeout=PATIENCE)
    assert agent.returncode == 0, said
    assert rows(document("transfers", "--data", data)) == rows(truth["transfers"])
    stored = document("status", "--data", data)
    state = next(value for topic, value in stored.items() if topic.endswith("/attic/state"))
    assert state["log_last"] is not None
    assert run("status", "--data", data).stdout.startswith(b"attic: ")
