"""Carries out an import: opens the store, picks the node, commits what old files hold (contract, "Command line")."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.asking import ask
from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import LogReading
from storj_monitor.core.names import check_name
from storj_monitor.pastimport import LOCAL
from storj_monitor.sources.backfill import Backfill, Imported
from storj_monitor.sources.geoip import DEFAULT_NAME, Places
from storj_monitor.store.db import Store
from storj_monitor.store.prune import prune
from storj_monitor.store.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


LOOK = 0.5


class Local(msgspec.Struct):
    """What the agent leaves in its data folder."""

    url: str
    secret: str
    token: str | None = None


async def import_files(
    data: Path,
    node: str | None,
    paths: Sequence[str],
    *,
    now: Callable[[], float],
    progress: Callable[[int], object],
    force: bool = False,
) -> Imported:
    """Count old files into the database of `data`; it can be killed at any time and called again.

    Raises `MonitorError` when an agent runs on the folder, or the node is not told.
    """
    # Nothing here makes cycles, and looking for some among ten thousands of transfers takes a twentieth of the time.
    gc.set_threshold(50_000, 20, 20)
    store = Store(data, now=now)
    await store.open()
    try:
        # What is too old for a tier is forgotten first, so that nothing is written only to be deleted.
        await prune(store, now())
        name = await _node(store, node)
        places = Places(data / DEFAULT_NAME)
        place = places if places.attribution else None
        backfill = Backfill(name, now=now, force=force, progress=progress, place=place)
        kept = await store.log_state(name)
        reading = (await store.readings(name)).get("log")
        said = msgspec.json.decode(reading.body, type=LogReading) if reading is not None and reading.body else None
        backfill.start(kept.positions, carry=kept.carry, latest=said, mark=await store.mark(name))
        for batch, mark in backfill.batches(paths):
            await store.commit_past(batch, mark)
        return backfill.result
    finally:
        await store.close()


async def import_beside(
    data: Path, node: str | None, paths: Sequence[str], *, progress: Callable[[int], object], force: bool = False
) -> Imported:
    """Let the agent that runs on `data` import the files, whose paths are absolute.

    Raises `MonitorError` when it cannot be asked or refuses.
    """
    try:
        local = msgspec.json.decode((data / LOCAL).read_bytes(), type=Local)
    except FileNotFoundError as error:
        raise MonitorError(
            f"Another process writes to {data}, and it is no agent that answers: stop it first."
        ) from error
    except OSError as error:
        raise MonitorError(
            f"An agent runs on {data}, and {data / LOCAL} cannot be read ({error.strerror}): "
            "give the command as the agent's user, or as root."
        ) from error
    if node is None:
        async with Reader.open(data) as reader:
            names = [row[0] for row in await reader.fetch("SELECT name FROM node ORDER BY name", ())]
        if len(names) != 1:
            raise MonitorError(f"Which node are the files of? Name it with --node NAME; there are {', '.join(names)}.")
        node = names[0]
    begin = {"node": node, "files": list(paths), "force": force, "secret": local.secret}
    return await _watched(local, begin, progress)


async def _watched(local: Local, begin: dict[str, Any], progress: Callable[[int], object]) -> Imported:
    """Begin, and look twice a second until it is done; when this is cancelled, the agent stops, too."""
    seen = 0
    try:
        said = await ask(local.url, local.token, "import", begin)
        while said["running"]:
            await asyncio.sleep(LOOK)
            said = await ask(local.url, local.token, "import_status", {})
            done = said["lines"] + said["skipped"]
            progress(done - seen)
            seen = done
    except asyncio.CancelledError:
        await asyncio.shield(ask(local.url, local.token, "import_stop", {}))
        raise
    if said["fault"]:
        raise MonitorError(f"The agent could not import them: {said['fault']}")
    return Imported(said["files"], said["lines"], said["skipped"], said["refused"])


async def _node(store: Store, wanted: str | None) -> str:
    """The node to import for: the one that is named, or the only one there is."""
    names = [row.name for row in await store.nodes()]
    if wanted in names:
        return wanted
    if wanted is not None:
        return _checked(wanted)
    if len(names) == 1:
        return names[0]
    known = f"the database has {', '.join(names)}" if names else "the database has none yet"
    raise MonitorError(f"Which node are the files of? Name it with --node NAME; {known}.")


def _checked(name: str) -> str:
    try:
        return check_name(name)
    except ValueError as error:
        raise MonitorError(f"--node needs {error}.") from error
