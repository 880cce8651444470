"""What an agent knows of a node when it starts: its state, rebuilt from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.core import bodies
from storj_monitor.core.facts import Reading
from storj_monitor.core.window import MINUTES
from storj_monitor.sources.logs import log_reading
from storj_monitor.store import growth, runs

if TYPE_CHECKING:
    from storj_monitor.core.state import NodeState
    from storj_monitor.store.db import Store


async def recall(store: Store, state: NodeState, now: float) -> None:
    """Rebuild a node's state from the store, as at a start."""
    for source, kept in (await store.readings(state.name)).items():
        if source == "log":
            latest = log_reading(kept.body)
            body: Any = latest
        else:
            kind = bodies.body_type(source)
            body = msgspec.json.decode(kept.body, type=kind) if kept.body and kind is not None else None
        if body is not None and kept.at is not None:
            state.read(Reading(source, kept.at, body))
    since = int(now) // 60 * 60 - MINUTES * 60
    state.recall(await store.reader.recent(state.name, since), now)
    await growth.refresh(store.reader, state, now)
    state.runs.add(await runs.latest(store.reader, state.name))
