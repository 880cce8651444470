"""Looks at a data folder or at a running agent, for the command line; changes nothing."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import aiohttp

from storj_monitor.board import Board
from storj_monitor.core.errors import MonitorError
from storj_monitor.core.state import NodeState
from storj_monitor.engine import Engine
from storj_monitor.recalling import recall
from storj_monitor.store.db import Store
from storj_monitor.store.reader import Reader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

TIMEOUT = aiohttp.ClientTimeout(total=20)


async def transfers(data: Path, node: str | None, start: int | None, end: int | None) -> list[dict[str, Any]]:
    """`[{satellite, action, outcome, count, bytes}]` from the store."""
    async with Reader.open(data) as reader:
        return await reader.transfers(node, start, end)


@asynccontextmanager
async def stored_states(data: Path) -> AsyncIterator[tuple[Store, dict[str, NodeState]]]:
    """The store of a folder, read only, and what an agent on it would know of its nodes at its start."""
    async with Store.readonly(data, now=time.time) as store:
        nodes: dict[str, NodeState] = {}
        for row in await store.nodes():
            known = await store.readings(row.name)
            nodes[row.name] = NodeState(row.name, has_log=row.followed, has_api="node" in known)
            await recall(store, nodes[row.name], time.time())
        yield store, nodes


async def stored_board(data: Path) -> dict[str, Any]:
    """The board as an agent on this folder would show it at its start."""
    async with stored_states(data) as (store, nodes):
        board = Board(time.time)
        engine = Engine(store, board, await store.meta("agent") or "agent", now=time.time, interval=60, told=_nothing)
        engine.nodes |= nodes
        await engine.tell()
    return board.snapshot()


async def _nothing() -> None:
    return


async def running_board(url: str, token: str | None) -> dict[str, Any]:
    """The board of a running agent."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT) as session,
            session.get(f"{url.rstrip('/')}/board", headers=headers) as answer,
        ):
            if answer.status == 401:
                raise MonitorError(f"{url} asks for its token: give it by --token or $STORJ_MONITOR_TOKEN.")
            answer.raise_for_status()
            board: dict[str, Any] = await answer.json()
            return board
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise MonitorError(f"No agent answers at {url} ({error}); is it running, and is --url right?") from error
