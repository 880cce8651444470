"""Carries out an import: opens the store, picks the node, commits what old files hold (contract, "Command line")."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import msgspec

from storj_monitor.core.errors import MonitorError
from storj_monitor.core.facts import LogReading
from storj_monitor.core.names import check_name
from storj_monitor.hindsight import note
from storj_monitor.sources.backfill import Backfill, Imported
from storj_monitor.sources.geoip import DEFAULT_NAME, Places
from storj_monitor.store.db import Store
from storj_monitor.store.prune import prune

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


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
        await note(store, name, backfill.opened)
        return backfill.result
    finally:
        await store.close()


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
