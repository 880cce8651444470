"""`storj-monitor check`: looks at each part of the settings and says how to mend what fails."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import aiohttp

from storj_monitor.bridge.options import check_options, opened_by, options_of
from storj_monitor.core import logline
from storj_monitor.core.errors import MonitorError, SettingsError
from storj_monitor.core.logreader import LogReader
from storj_monitor.settingsdesk import with_the_pages
from storj_monitor.sources import docker, journal
from storj_monitor.sources.files import READ_ERRORS, LogFile
from storj_monitor.sources.trial import tried
from storj_monitor.store.db import Store

if TYPE_CHECKING:
    from pathlib import Path

    from storj_monitor.settings import NodeSettings, RouteSettings, Settings

SAMPLE = 256 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=15)


class Finding(NamedTuple):
    """One part, whether it is fine, and a sentence; when it is not, with the next step."""

    part: str
    fine: bool
    text: str


async def check(settings: Settings) -> list[Finding]:
    """Everything that the agent will need, in the order in which it needs it."""
    findings = [_data(settings.data.dir), _page(settings)]
    for name, node in settings.nodes.items():
        if node.log is not None:
            findings.append(await asyncio.to_thread(_log, name, node.log))
        if node.api is not None:
            findings.append(await _api(name, node))
    findings += [Finding(*each) for each in await tried(settings, time.time)]
    if settings.mqtt.url:
        findings += [await _broker(settings), *await _unidentified(settings)]
    notify, faults = await with_the_pages(settings)
    findings += [Finding("notify", False, fault) for fault in faults]
    findings += await asyncio.gather(*(_route(name, route) for name, route in notify.routes.items()))
    if not settings.nodes:
        findings.append(
            Finding("nodes", bool(settings.mqtt.url), "none is set; add [nodes.NAME] or --node NAME=LOG,API.")
        )
    return findings


async def _unidentified(settings: Settings) -> list[Finding]:
    """Nodes that Home Assistant gets no device of, since nobody has told their id yet: the log does so at a start."""
    unsure = {name for name, node in settings.nodes.items() if node.api is None and node.node_id is None}
    if not unsure or not settings.mqtt.discovery:
        return []
    text = (
        "not known yet, so Home Assistant has no device of it: the log tells it when the node starts; "
        "or set node_id (the node's dashboard shows it, `storagenode info` prints it)."
    )
    return [Finding(f"id of {name}", False, text) for name in sorted(unsure - await _identified(settings.data.dir))]


async def _identified(folder: Path) -> set[str]:
    """Nodes whose id an agent on this folder has seen; none where there is no history yet."""
    try:
        async with Store.readonly(folder, now=time.time) as store:
            return {row.name for row in await store.nodes() if row.node_id}
    except MonitorError:
        return set()


def _data(folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = os.statvfs(folder)
    except OSError as error:
        return Finding(
            "data", False, f"{folder} cannot be written ({error.strerror}); choose another with --data or [data] dir."
        )
    return Finding("data", True, f"{folder} can be written, {free.f_bavail * free.f_frsize / 1e9:.1f} GB free.")


def _page(settings: Settings) -> Finding:
    """Who can open the page, and whether that takes the token."""
    options = options_of(settings.bridge)
    try:
        check_options(replace(options, token=options.token or "made at the start"))
    except SettingsError as error:
        return Finding("page", False, str(error))
    door = opened_by(options)
    if options.token is not None:
        return Finding("page", True, f"{options.listen} asks for the token.")
    if door is None:
        return Finding("page", True, f"{options.listen} is open to this machine alone, without a token.")
    return Finding(
        "page",
        True,
        f"{door} lets others in than this machine alone and no token is set: the agent makes one at its first start "
        "and prints it once; [bridge] token sets your own.",
    )


def _log(node: str, path: str) -> Finding:
    part = f"log of {node}"
    kind, _, name = path.partition(":")
    try:
        if kind == "journal":
            return _content(part, path, journal.latest(name))
        if kind == "docker":
            path = docker.find(name.lstrip("/"), docker.data_roots()).path
    except MonitorError as error:
        return Finding(part, False, str(error))
    try:
        file = LogFile(path)
        size = file.size() or 0
        data = file.read(max(0, size - SAMPLE), SAMPLE)
        file.close()
    except PermissionError:
        return Finding(part, False, f"{path} may not be read by this user; {_right(path)}")
    except FileNotFoundError:
        return Finding(part, False, f"{path} does not exist; see log.output in the node's config.yaml.")
    except READ_ERRORS as error:
        return Finding(part, False, f"{path}: {error}; name the file that storagenode writes.")
    return _content(part, path, data)


def _right(path: str) -> str:
    if path.startswith("/home/"):
        return "under systemd take the drop-in home.conf."
    return "under systemd take the drop-in read-root-logs.conf, else give the user the right to read it (chmod, group)."


def _content(part: str, path: str, data: bytes) -> Finding:
    lines = data[data.find(b"\n") + 1 : data.rfind(b"\n") + 1]
    if not lines:
        return Finding(part, True, f"{path} can be read; no line yet.")
    if b"\x1b[" in lines and not any(logline.parse(line) for line in lines.split(b"\n")[:50]):
        return Finding(
            part, False, f"{path} is in the encoding `pretty`, which has no dates; set log.encoding: console."
        )
    reader = LogReader("")
    reader.feed(lines, 1.0)
    share = 100 * reader.understood / reader.lines
    transfers = sum(tally.count for tally in reader.take().tallies)
    if share < 50:
        return Finding(
            part,
            False,
            f"{path}: only {share:.0f}% of the last {reader.lines} lines are known; is it storagenode's log?",
        )
    if not transfers:
        return Finding(
            part, True, f"{path}: no transfer in its last lines; log.level or log.custom-level may hide them."
        )
    return Finding(part, True, f"{path}: {share:.1f}% of the last lines understood, {transfers} transfers among them.")


async def _api(node: str, settings: NodeSettings) -> Finding:
    part, url = f"API of {node}", f"{(settings.api or '').rstrip('/')}/api/sno/"
    try:
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session, session.get(url) as answer:
            if "json" not in answer.headers.get("Content-Type", ""):
                return Finding(
                    part, False, f"{url} answers, but not as a storage node does; the port is that of console.address."
                )
            body = await answer.json()
            return Finding(part, True, f"{url} answers, storagenode {body.get('version')}.")
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError) as error:
        text = str(error) or type(error).__name__
        return Finding(
            part, False, f"{url} does not answer ({text}); is the node up and console.address open to this host?"
        )


async def _route(name: str, route: RouteSettings) -> Finding:
    from storj_monitor.alerts import channels  # noqa: PLC0415 - needed with a route only

    found = await channels.check(route.url.get_secret_value())
    return Finding(
        f"route {name}", found.ok, f"{route.shown}: {found.text}; `storj-monitor notify test` sends a message."
    )


async def _broker(settings: Settings) -> Finding:
    from storj_monitor.publish.connection import Broker, probe  # noqa: PLC0415 - paho is needed with a broker only

    fault = await probe(Broker.of(settings.mqtt), f"storj-monitor-{settings.agent.name}")
    where = settings.mqtt.url or ""
    return Finding("broker", fault is None, f"{where} takes us in." if fault is None else f"{where}: {fault}")
