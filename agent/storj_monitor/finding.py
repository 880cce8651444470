"""Finds the storage nodes of this host, for a first settings file; changes nothing and needs no docker socket.

Looked at, in this order: storagenode processes with their config.yaml, docker's folders of containers, systemd units,
and a few ports of the console. What belongs together is one node: a process and a port by the console's address, a
container by the port it publishes, a unit by the folder of config.yaml.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.core.names import RESERVED
from storj_monitor.sources import docker, nodeconfig, process, web
from storj_monitor.sources.mounts import PROC
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

CONSOLE = 14002
CONSOLES = range(CONSOLE, CONSOLE + 20)
UNITS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"), Path("/lib/systemd/system"))
UNIT_MAX = 1 << 16
PROCESS = "storagenode"
PATIENCE = 10.0
"""Seconds: a node whose disk is busy takes its time."""


class Found(msgspec.Struct):
    """A node: what its settings would be (`None`: not found), and where they are from."""

    name: str
    origin: str
    log: str | None = None
    api: str | None = None
    config: str | None = None
    node_id: str | None = None
    notes: list[str] = []


class _Config(msgspec.Struct, rename="pascal"):
    image: str = ""


class _Container(msgspec.Struct, rename="pascal"):
    name: str = ""
    config: _Config = msgspec.field(default_factory=_Config)


class _Binding(msgspec.Struct, rename="pascal"):
    host_port: str = ""


class _Host(msgspec.Struct, rename="pascal"):
    port_bindings: dict[str, list[_Binding] | None] | None = None
    binds: list[str] | None = None


async def find(
    probe: Callable[[int], Awaitable[str | None]],
    *,
    proc: Path = PROC,
    roots: Sequence[Path] | None = None,
    units: Iterable[Path] = UNITS,
    ports: Iterable[int] = CONSOLES,
) -> list[Found]:
    """The nodes of this host, each with a name of its own.

    `probe` tells the id of the node whose console answers on a port of this host; it is asked one after the other.
    """
    found = [*_processes(proc, _unit_of_folders(units)), *_containers(docker.data_roots() if roots is None else roots)]
    taken = {_port(each.api) for each in found}
    for each in found:
        if each.api is not None:
            each.node_id = await probe(_port(each.api))
            if each.node_id is None:
                each.notes.append("nothing answers there now")
    for port in ports:
        node_id = None if port in taken else await probe(port)
        if node_id is None:
            continue
        without = [each for each in found if each.api is None]
        same = without[0] if len(without) == 1 else None
        if same is None:
            found.append(Found(f"node-{port}", f"console on port {port}", api=_api(port), node_id=node_id))
            found[-1].notes.append("its log was not found: add it, or transfers are not counted")
        else:
            same.api, same.node_id = _api(port), node_id
    return _named(found)


class _Sno(msgspec.Struct):
    node_id: str = msgspec.field(name="nodeID", default="")


async def probe(port: int) -> str | None:
    """The id of the node whose console answers on a port of this host (agent/docs/storagenode.md §3.1)."""
    try:
        answer = await web.fetch(f"{_api(port)}/api/sno/", what="the console", seconds=PATIENCE, most=1 << 20)
        return msgspec.json.decode(answer.body, type=_Sno).node_id or None
    except (SourceError, msgspec.MsgspecError, UnicodeDecodeError):
        return None  # nobody there, or somebody else


# ---- processes ----


def _processes(proc: Path, units: dict[str, str]) -> list[Found]:
    return [_of_process(each, units) for each in process.running(proc) if each.bare]


def _of_process(one: process.Found, units: dict[str, str]) -> Found:
    folder = one.flags.get("config-dir", "")
    file = Path(folder, "config.yaml")
    found = Found(Path(folder).name or f"node-{one.pid}", f"process {one.pid}")
    try:
        known = nodeconfig.read(str(file), one.flags, 0)
    except OSError as error:
        found.notes.append(f"{file} cannot be read ({error.strerror}): name its log by hand")
        return found
    found.config = str(file)
    found.api = _api(_port(known.console) or CONSOLE)
    output = known.log_output.removeprefix("file:")
    if output.startswith("/"):
        found.log = output
    elif folder in units:
        found.log = f"journal:{units[folder]}"
    else:
        found.notes.append(f"log.output is {output or 'stderr'}: name what its log goes to, or set it to a file")
    return found


def _unit_of_folders(folders: Iterable[Path]) -> dict[str, str]:
    """config-dir → unit, of the systemd units that run a storagenode."""
    found: dict[str, str] = {}
    for folder in folders:
        for unit in sorted(folder.glob("*.service")) if folder.is_dir() else ():
            try:
                text = unit.read_text(encoding="utf-8", errors="replace")[:UNIT_MAX].replace("\\\n", " ")
            except OSError:
                continue  # a link to a unit that is gone
            for line in re.findall(rf"(?m)^ExecStart=(.*{PROCESS}.*)$", text):
                directory = nodeconfig.flags_of(line.split()).get("config-dir")
                if directory:
                    found.setdefault(directory, unit.stem)
    return found


# ---- containers ----


def _containers(roots: Sequence[Path]) -> list[Found]:
    found = []
    for root in roots:
        containers = root / "containers"
        try:
            folders = sorted(containers.iterdir())
        except FileNotFoundError:
            continue
        except OSError as error:
            found.append(Found("docker", f"{containers} cannot be read ({error.strerror}); give this command as root"))
            continue
        found += [each for folder in folders if (each := _container(folder)) is not None]
    return found


def _container(folder: Path) -> Found | None:
    config = _read(folder / "config.v2.json", _Container)
    if config is None or PROCESS not in f"{config.config.image} {config.name}":
        return None
    if "updater" in config.name or "exporter" in config.name or "exporter" in config.config.image:
        return None
    name = config.name.lstrip("/")
    found = Found(name, f"container {name}", log=f"docker:{name}")
    host = _read(folder / "hostconfig.json", _Host) or _Host()
    bound = [binding.host_port for binding in (host.port_bindings or {}).get(f"{CONSOLE}/tcp") or ()]
    if bound and bound[0].isdigit():
        found.api = _api(int(bound[0]))
    for bind in host.binds or ():
        source, _, target = bind.partition(":")
        if target.partition(":")[0] == nodeconfig.CONTAINER and Path(source, "config.yaml").exists():
            found.config = f"{source}/config.yaml"
    return found


def _read(path: Path, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None  # being made, removed, or not a container


# ---- names and text ----


def _api(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _port(address: str | None) -> int:
    number = (address or "").rpartition(":")[2]
    return int(number) if number.isdigit() else 0


def _named(found: list[Found]) -> list[Found]:
    """Each name as the contract allows it, none twice."""
    taken = set(RESERVED)
    for each in found:
        base = re.sub(r"[^a-z0-9_-]+", "-", each.name.lower()).strip("-")[:36] or "node"
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        each.name = name
        taken.add(name)
    return found


def settings_text(found: Sequence[Found]) -> str:
    """The settings file (TOML) for these nodes. Every option there is stands in the example that comes along."""
    lines = [
        "# Settings of storj-monitor, begun by `storj-monitor init`.",
        "# The example file shows all that can be set.",
        "",
    ]
    lines += ["# Publish to Home Assistant and others:", "#[mqtt]", '#url = "mqtt://broker.lan"', ""]
    for each in found:
        if each.log is None and each.api is None:
            lines += [f"# {each.origin}: left out", *(f"# {note}" for note in each.notes), ""]
            continue
        lines += [f"[nodes.{each.name}]", f"# {each.origin}", *(f"# {note}" for note in each.notes)]
        lines += [f"{key} = {_quoted(value)}" for key in ("log", "api", "config") if (value := getattr(each, key))]
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A basic string of TOML, which JSON's strings are, but for DEL."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
