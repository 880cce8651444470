"""What is asked where: by the settings, by config.yaml, by the process; and `check`, which asks everything once."""

from __future__ import annotations

import asyncio
import gzip
import sys
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from tests.sources.small import API, Clock, nobody, sends, serving
from tests.sources.test_process import DOCKER, Proc

from storj_monitor.check import check
from storj_monitor.core.facts import Batch, Reading
from storj_monitor.core.readings_host import ConfigReading, DebugReading, FilesystemReading, HealthReading
from storj_monitor.settings import NodeSettings, Settings, load
from storj_monitor.sources.nodesources import NodeSources, agent_pollers, is_alone, is_local

HEALTHY = b'{"Statuses": null, "Help": "", "AllHealthy": true}'


def node(**options: Any) -> NodeSettings:
    return NodeSettings.model_validate({"log": "/var/log/storagenode.log"} | options)


def made(settings: NodeSettings, proc: Path, **more: Any) -> NodeSources:
    return NodeSources(settings, now=Clock(), alone=True, proc=proc, **more)


async def polled(sources: NodeSources) -> dict[str, Any]:
    """Everything, in its order, once."""
    found: dict[str, Any] = {}
    for row in sorted(sources.rows(), key=lambda row: row.first):
        try:
            found[row.name] = await row.poll()
        except Exception as error:  # noqa: BLE001 - what it says is looked at
            found[row.name] = str(error)
    return found


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path / "proc")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    for name in ("storage", "orders/unsent"):
        (config / name).mkdir(parents=True)
    (config / "config.yaml").write_text(
        "storage.path: /app/config/storage\ncontact.external-address: localhost:28967\n"
    )
    return config


async def test_config_yaml_tells_where_the_rest_is(proc: Proc, folder: Path) -> None:
    found = await polled(made(node(config=folder / "config.yaml"), proc.path))
    assert isinstance(found["config"], ConfigReading)
    assert isinstance(found["filesystem"], FilesystemReading)
    assert found["filesystem"].path == f"{folder}/storage"
    assert found["orders"].satellites == ()
    assert found["dns"].host == "localhost"
    assert (found["process"], found["health"], found["debug"]) == (None, None, None)
    assert "books" not in found, "databases are read only when somebody asks for it"


async def test_what_was_known_of_config_yaml_is_known_at_the_next_start(proc: Proc, tmp_path: Path) -> None:
    old = {"config": Reading("config", 1, ConfigReading(at=1, storage=str(tmp_path)))}
    found = await polled(made(node(), proc.path, remembered=old))
    assert found["filesystem"].path == str(tmp_path)


async def test_a_setting_beats_what_was_found(proc: Proc, folder: Path, tmp_path: Path) -> None:
    settings = node(config=folder / "config.yaml", storage=tmp_path)
    assert (await polled(made(settings, proc.path)))["filesystem"].path == str(tmp_path)


async def test_the_process_s_own_settings_are_asked_where_their_addresses_mean_the_same(
    proc: Proc, folder: Path
) -> None:
    metrics = gzip.decompress((API / "1.162.3-healthy/metrics.txt.gz").read_bytes())

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=metrics if request.path == "/metrics" else HEALTHY)

    async with serving(answer) as url:
        port = url.rpartition(":")[2]
        (folder / "config.yaml").write_text(f"server.address: :{port}\ndebug.addr: 127.0.0.1:{port}\n")
        words = ("storagenode", "run", "--config-dir", str(folder))
        proc.add(10, *words)
        found = await polled(made(node(), proc.path))
        assert isinstance(found["health"], HealthReading)
        assert isinstance(found["debug"], DebugReading)
        proc.add(11, *words, cgroup=DOCKER)
        (proc.path / "10/cmdline").write_bytes(b"")
        found = await polled(made(node(config=folder / "config.yaml"), proc.path))
        assert found["process"].pid == 11
        assert (found["health"], found["debug"]) == (None, None), "its 127.0.0.1 is not ours"


async def test_a_debug_server_at_a_random_port_is_the_listener_that_nothing_accounts_for(proc: Proc) -> None:
    metrics = gzip.decompress((API / "1.162.3-healthy/metrics.txt.gz").read_bytes())
    async with serving(sends(metrics)) as url:
        port = int(url.rpartition(":")[2])
        proc.add(10, "storagenode", "run", "--debug.addr=127.0.0.1:0", ports=(14002, 7778, port))
        found = await polled(made(node(api="http://127.0.0.1:14002"), proc.path))
        assert isinstance(found["debug"], DebugReading)
        (proc.path / "10/fd/9").symlink_to("socket:[777]")  # a fourth listener, at port 80: which one is it?
        found = await polled(made(node(api="http://127.0.0.1:14002"), proc.path))
        assert found["debug"] is None


def test_who_is_local_and_who_is_alone() -> None:
    here, there = node(), NodeSettings(api="http://nas.lan:14002")
    assert is_local(here)
    assert is_local(NodeSettings(api="http://127.0.0.1:14002"))
    assert not is_local(there)
    assert {row.name for row in NodeSources(there, now=Clock(), alone=False).rows()}.isdisjoint({"process", "config"})
    assert is_alone("a", {"a": here, "b": there})
    assert not is_alone("a", {"a": here, "b": here})
    assert not is_alone("b", {"a": here, "b": there})


async def test_the_version_server_is_asked_once_for_all_and_the_clock_is_told_of_nodes_here() -> None:
    settings = load(None, {"nodes": {"a": {"log": "/x"}, "b": {"api": "http://nas.lan:14002"}}}, {})
    batches: list[Batch] = []
    loops = agent_pollers(settings, batches.append, Clock())
    assert {name: loop._nodes for name, loop in loops.items()} == {"version server": ["a", "b"], "clock": ["a"]}
    assert all(row.first >= 30 for loop in loops.values() for row in loop._rows), "the nodes come first"
    off = load(None, {"nodes": {"a": {"log": "/x"}}, "versions": {"enabled": False}}, {})
    assert agent_pollers(off, batches.append, Clock()) == {}
    assert agent_pollers(load(None, {}, {}), batches.append, Clock()) == {}


# ---- check ----


def settings_of(tmp: Path, **options: Any) -> Settings:
    log = tmp / "node.log"
    log.write_bytes(b"")
    sections = {
        "data": {"dir": str(tmp / "data")},
        "versions": {"url": options.pop("versions", "http://127.0.0.1:1")},
        "nodes": {"attic": {"log": str(log)} | options},
    }
    return load(None, sections, {})


async def test_check_tells_of_every_source(tmp_path: Path, folder: Path) -> None:
    offer = b'{"processes": {"storagenode": {"minimum": {"version": "v1.1.0"}, "suggested": {"version": "v1.2.0"}}}}'
    async with serving(sends(HEALTHY)) as health, serving(sends(offer)) as versions:
        settings = settings_of(
            tmp_path,
            config=str(folder / "config.yaml"),
            health=health,
            debug=await nobody(),
            databases=True,
            versions=versions,
        )
        found = {finding.part: finding for finding in await check(settings)}
    said = {part: (finding.fine, finding.text.split(":")[0].split(" (")[0]) for part, finding in found.items()}
    assert said.pop("process of attic", None) is None
    assert {part: fine for part, (fine, _) in said.items()} == {
        "data": True,
        "page": True,
        "log of attic": True,
        "config.yaml of attic": True,
        "storage of attic": True,
        "orders of attic": True,
        "address of attic": True,
        "public port of attic": True,
        "debug metrics of attic": False,
        "databases of attic": False,
        "version server": True,
        "clock": True,
    }
    assert found["debug metrics of attic"].text.startswith("No connection to the debug server")
    assert found["version server"].text == "offers storagenode 1.2.0, at least 1.1.0."
    assert "agrees with 127.0.0.1" in found["clock"].text


async def test_check_finds_a_missing_disk_and_forgives_a_host_without_a_way_out(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, storage=str(tmp_path / "gone"))
    found = {finding.part: finding for finding in await check(settings)}
    assert not found["storage of attic"].fine
    assert "is its disk mounted?" in found["storage of attic"].text
    assert found["debug metrics of attic"].fine
    assert "set debug.addr" in found["debug metrics of attic"].text
    assert found["version server"].fine
    assert "No connection" in found["version server"].text


def test_check_of_the_command_line_fails_for_a_fault(tmp_path: Path) -> None:
    (tmp_path / "node.log").write_bytes(b"")
    settings = tmp_path / "storj-monitor.toml"
    settings.write_text(
        f'[data]\ndir = "{tmp_path}/data"\n[versions]\nenabled = false\n'
        f'[nodes.attic]\nlog = "{tmp_path}/node.log"\nstorage = "{tmp_path}/gone"\n'
    )

    async def run() -> tuple[int | None, str]:
        words = [sys.executable, "-m", "storj_monitor.cli", "check", "--config", str(settings)]
        child = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE)
        out, _ = await child.communicate()
        return child.returncode, out.decode()

    code, out = asyncio.run(run())
    assert code == 1
    assert "FAIL storage of attic:" in out
    assert "version server" not in out
