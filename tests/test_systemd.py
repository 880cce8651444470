"""The unit and its drop-ins: valid, as tight as they say, and the agent can live with them."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from storj_monitor.settings import credentials
from storj_monitor.settings.load import ROUTE_CREDENTIAL
from storj_monitor.settings.model import DataSettings

ROOT = Path(__file__).parents[1]
UNIT = ROOT / "systemd" / "storj-monitor.service"
DROP_INS = sorted((ROOT / "systemd" / "storj-monitor.service.d-examples").iterdir())
CASES = [None, *DROP_INS]
ALL = [*CASES, "all"]
LIMITS = {"storj-monitor.service": 1.5}
"""Highest score allowed; every drop-in may come to 2.0."""

PR_SET_MDWE = 65


def names(case: Path | str | None) -> str:
    return case.stem if isinstance(case, Path) else case or "alone"


@pytest.fixture
def unit(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The unit with the drop-ins of the case, its program replaced by one that exists here."""
    case = request.param
    text = UNIT.read_text().replace("/opt/storj-monitor/bin/storj-monitor", sys.executable)
    (tmp_path / UNIT.name).write_text(text)
    folder = tmp_path / f"{UNIT.name}.d"
    folder.mkdir()
    for drop_in in DROP_INS if case == "all" else [case] if case else []:
        program = drop_in.read_text().replace("/opt/storj-monitor/bin/storj-monitor", sys.executable)
        (folder / drop_in.name).write_text(program)
    return tmp_path / UNIT.name


def analyse(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", "--no-pager", *arguments], capture_output=True, text=True, check=False)


def score(unit: Path) -> float:
    done = analyse("security", "--offline=true", str(unit))
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout + done.stderr)
    assert found, done
    return float(found[1])


@pytest.mark.parametrize("unit", ALL, indirect=True, ids=names)
def test_systemd_understands_every_line(unit: Path) -> None:
    done = analyse("verify", "--man=no", str(unit))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(("unit", "case"), [(case, case) for case in CASES], indirect=["unit"], ids=names)
def test_it_is_as_tight_as_it_says(unit: Path, case: Path | None) -> None:
    """The score in the file's own comment and in README's table is the measured one."""
    measured = score(unit)
    file = case or UNIT
    assert measured <= LIMITS.get(file.name, 2.0)
    assert re.findall(r"[Ss]core (\d\.\d)", file.read_text()) == [f"{measured:.1f}"]
    table = dict(
        re.findall(r"(?m)^\| (?:\[`|)([\w.-]+?)(?:`.*?|) \|.*\| (\d\.\d) \|$", (UNIT.parent / "README.md").read_text())
    )
    assert table[case.name if case else "none"] == f"{measured:.1f}"


@pytest.mark.parametrize("unit", ["all"], indirect=True)
def test_all_together_stay_below_two(unit: Path) -> None:
    assert score(unit) <= 2.0


def test_what_the_host_s_facts_need_is_left_open() -> None:
    assert not re.search(r"(?m)^(ProtectProc|ProcSubset)=", UNIT.read_text())


def test_every_credential_of_the_drop_ins_is_one_the_agent_takes() -> None:
    named = {name for file in DROP_INS for name in re.findall(r"LoadCredential=([\w-]+):", file.read_text())}
    routes = {name for name in named if name.startswith(ROUTE_CREDENTIAL)}
    assert routes
    assert named - routes == set(credentials())


def test_the_watchdog_waits_for_three_commits() -> None:
    """It is fed after each commit, which are at most so far apart as the setting allows."""
    longest = next(limit.le for limit in DataSettings.model_fields["commit_interval"].metadata if hasattr(limit, "le"))
    waits = re.search(r"(?m)^WatchdogSec=(\d+)$", UNIT.read_text())
    assert waits
    assert int(waits[1]) >= 3 * longest


def test_the_libraries_live_without_writable_code() -> None:
    """MemoryDenyWriteExecute kills a library that makes code at run time: import all of them as the service would."""
    if ctypes.CDLL(None).prctl(PR_SET_MDWE + 1, 0, 0, 0, 0) < 0:
        pytest.skip("this kernel cannot deny it to a process")
    code = f"""
import ctypes
assert ctypes.CDLL(None).prctl({PR_SET_MDWE}, 1, 0, 0, 0) == 0
import asyncio, sqlite3, ssl, aiohttp, aiosqlite, apprise, maxminddb, msgspec, paho.mqtt.client, rich.console
import storj_monitor.settings, storj_monitor.cli
storj_monitor.settings.load(env={{}}, default=__import__("pathlib").Path("/nonexistent"))
msgspec.json.decode(msgspec.json.encode([1]))
assert apprise.Apprise().add("mailto://u:p@127.0.0.1?from=a@b.org&to=c@d.org")
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
