"""`storj-monitor init` on a host with simulated nodes: processes, containers, units and consoles."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor import finding
from storj_monitor.cli import main
from storj_monitor.demo.console import ConsoleServer
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.finding import Found, find, probe, settings_text
from storj_monitor.settings import load

if TYPE_CHECKING:
    from pathlib import Path


def container(root: Path, name: str, *, port: int, config: Path) -> None:
    folder = root / "containers" / f"{name:0<64}"
    folder.mkdir(parents=True)
    image = {"Image": "storjlabs/storagenode:latest"}
    (folder / "config.v2.json").write_text(
        json.dumps({"Name": f"/{name}", "Config": image, "State": {"Running": True}})
    )
    bindings = {"14002/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}], "28967/tcp": None}
    (folder / "hostconfig.json").write_text(
        json.dumps({"LogConfig": {"Type": "json-file"}, "PortBindings": bindings, "Binds": [f"{config}:/app/config"]})
    )


def process(proc: Path, pid: int, folder: Path) -> None:
    """As /proc shows a storagenode that is in no container."""
    place = proc / str(pid)
    place.mkdir(parents=True)
    words = ["/usr/bin/storagenode", "run", "--config-dir", str(folder)]
    (place / "cmdline").write_bytes("\0".join(words).encode() + b"\0")
    (place / "cgroup").write_text("0::/system.slice/storagenode.service\n")


def config(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("\n".join(lines) + "\n")
    return folder


async def test_processes_containers_units_and_consoles_become_one_node_each(tmp_path: Path) -> None:
    now = time.time()
    nodes_up = [SimulatedNode(seed, name="n", start=now - 60) for seed in (1, 2, 3)]
    for node in nodes_up:
        list(node.seconds(node.begun, now))
    servers = [ConsoleServer(node, time.time) for node in nodes_up]
    ports = [int((await server.start()).rpartition(":")[2]) for server in servers]
    attic = config(tmp_path / "Attic Disk", f"console.address: :{ports[0]}", f"log.output: {tmp_path}/attic.log")
    shed = config(tmp_path / "shed", "console.address: 127.0.0.1:1")
    for pid, folder in ((11, attic), (12, shed)):
        process(tmp_path / "proc", pid, folder)
    units = tmp_path / "units"
    units.mkdir()
    (units / "storj-shed.service").write_text(f"[Service]\nExecStart=/bin/storagenode run \\\n --config-dir {shed}\n")
    container(tmp_path / "docker", "storagenode", port=ports[1], config=config(tmp_path / "cellar", "x: 1"))
    container(tmp_path / "docker", "storagenode-exporter", port=9651, config=attic)
    try:
        found = await find(
            probe, proc=tmp_path / "proc", roots=[tmp_path / "docker", tmp_path / "none"], units=[units], ports=ports
        )
    finally:
        for server in servers:
            await server.stop()
    seen = {each.name: (each.log, each.api, each.config, bool(each.node_id)) for each in found}
    assert seen == {
        "attic-disk": (f"{tmp_path}/attic.log", f"http://127.0.0.1:{ports[0]}", f"{attic}/config.yaml", True),
        "shed": ("journal:storj-shed", "http://127.0.0.1:1", f"{shed}/config.yaml", False),
        "storagenode": ("docker:storagenode", f"http://127.0.0.1:{ports[1]}", f"{tmp_path}/cellar/config.yaml", True),
        f"node-{ports[2]}": (None, f"http://127.0.0.1:{ports[2]}", None, True),
    }
    file = tmp_path / "made.toml"
    file.write_text(settings_text(found))
    nodes = load(file, {}, {}).nodes
    assert {name: (node.log, node.api and node.api.rstrip("/")) for name, node in nodes.items()} == {
        name: (log, api) for name, (log, api, _, _) in seen.items()
    }


@given(st.lists(st.tuples(st.text(max_size=60), st.text(st.characters(exclude_categories=["Cs"]), max_size=40))))
def test_any_names_and_paths_make_settings_that_load(
    tmp_path_factory: pytest.TempPathFactory, given_: list[tuple[str, str]]
) -> None:
    nodes = [Found(name, "here", log="/" + path.replace("\0", "")) for name, path in given_]
    file = tmp_path_factory.mktemp("made") / "made.toml"
    file.write_text(settings_text(finding._named(nodes)), encoding="utf-8")
    loaded = load(file, {}, {}).nodes
    assert [node.log for node in loaded.values()] == [node.log for node in nodes]


def test_the_file_is_written_on_yes_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def one(_probe: object, **_: object) -> list[Found]:
        await asyncio.sleep(0)
        return [Found("attic", "process 1", log="/var/log/node.log", api="http://127.0.0.1:14002")]

    monkeypatch.setattr(finding, "find", one)
    target = tmp_path / "etc" / "made.toml"
    assert main(["init", "--output", str(target)]) == 1
    assert "--yes writes it" in capsys.readouterr().err
    assert not target.exists()
    assert main(["init", "--output", str(target), "--yes"]) == 0
    assert "attic" in load(target, {}, {}).nodes
    target.write_text("# mine\n")
    assert main(["init", "--output", str(target), "--yes"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert target.read_text() == "# mine\n"
    assert main(["init", "--output", str(target), "--yes", "--replace"]) == 0


async def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    assert await find(probe, proc=tmp_path, roots=[tmp_path], units=[tmp_path], ports=[1]) == []
