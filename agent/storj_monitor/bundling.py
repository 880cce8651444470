"""What helps others to help: one zip, and a block for the forum. Nothing in it tells who or where somebody is.

`words` of the settings and of the board that may be names (agent, nodes, host) become `agent`, `node-1`, `host`;
everything else goes through `redaction`.
"""

from __future__ import annotations

import io
import json
import platform
import socket
import time
import zipfile
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, SecretStr

from storj_monitor import __version__, asking, look
from storj_monitor.check import check
from storj_monitor.core import utc
from storj_monitor.core.errors import CommandError
from storj_monitor.publish import topics
from storj_monitor.redaction import Redactor
from storj_monitor.store.tops import tops

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from storj_monitor.settings import Settings

LIMIT = 50
DAYS = 7
FACTS = ("status", "version", "online", "quic", "log_unknown_share", "upload_success", "download_success", "errors")
SCORES = ("state", "audit_score", "suspension_score", "online_score")
COST = ("cpu_percent", "rss", "lag", "version", "contract")

Board = dict[str, Any]
Tops = dict[str, dict[str, list[dict[str, Any]]]]
"""Node → kind → rows."""


async def of_agent(url: str, token: str | None) -> tuple[Board, Tops]:
    """Board and most frequent unknown lines and errors of a running agent."""
    board = await look.running_board(url, token)
    found: Tops = {}
    for node in nodes_of(board):
        found[node] = {}
        for kind in ("unknown", "errors"):
            try:
                found[node][kind] = await asking.ask(url, token, "top", {"node": node, "kind": kind, "limit": LIMIT})
            except CommandError as error:  # of another agent, or without a log
                found[node][kind] = [{"text": error.text}]
    return board, found


async def of_folder(data: Path) -> tuple[Board, Tops]:
    """The same of a data folder, whether an agent runs on it or not."""
    board, now = await look.stored_board(data), int(time.time())
    found: Tops = {}
    async with look.stored_states(data) as (store, nodes):
        for node in nodes:
            found[node] = {
                kind: [
                    {"text": item.item.replace("\t", " "), "n": item.n}
                    for item in await tops(store.reader, node, kind, now - DAYS * utc.DAY, now, LIMIT)
                ]
                for kind in ("unknown", "errors")
            }
    return board, found


def nodes_of(board: Board) -> list[str]:
    """The names of the nodes on a board."""
    return list(dict.fromkeys(node for topic in board if (node := _node_of(topic)) is not None))


def _node_of(topic: str) -> str | None:
    parts = topic.split("/")
    return parts[2] if len(parts) == 4 and parts[0] == topics.ROOT and parts[3] == "state" else None


async def findings(settings: Settings) -> list[str]:
    """What `check` says, a line each."""
    return [f"{'ok' if each.fine else 'FAIL'} {each.part}: {each.text}" for each in await check(settings)]


def redactor(board: Board, settings: Settings | None) -> Redactor:
    """Takes out the names of this fleet and what the settings hold secret."""
    words = dict(_secrets(settings)) if settings is not None else {}
    words |= dict.fromkeys((socket.gethostname(), platform.node()), "<host>")
    words |= {parts[1]: "agent" for topic in board if len(parts := topic.split("/")) > 2}
    words |= {node: f"node-{number}" for number, node in enumerate(nodes_of(board), 1)}
    return Redactor(words)


def _secrets(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Secrets, user names, wallets and hosts in the settings."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value(), "<secret>"
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _secrets(getattr(value, name), name)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _secrets(each, str(name))
    elif isinstance(value, str) and key in {"username", "wallet", "node_id"}:
        yield value, f"<{key}>"


def pack(board: Board, lines: Tops, checked: list[str] | None, take_out: Redactor) -> tuple[bytes, str]:
    """The zip, and the Markdown block that is its `report.md`, too."""
    clean, found = take_out.document(board), take_out.document(lines)
    said = [take_out.text(each) for each in checked or ()]
    report = "\n".join(_report(clean, found, said))
    files = {
        "report.md": report,
        "board.json": json.dumps(clean, indent=1, ensure_ascii=False),
        "lines.json": json.dumps(found, indent=1, ensure_ascii=False),
        "check.txt": "\n".join(said),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue(), report


def _report(board: Board, lines: Tops, checked: list[str]) -> Iterator[str]:
    yield f"**storj-monitor {__version__}**, Python {platform.python_version()}, {platform.machine()}, "
    yield f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    for topic, value in board.items():
        if topic.endswith("/about") and isinstance(value, dict):
            yield f"- the agent itself: {_facts(value, COST)}"
    for topic, value in board.items():
        node = _node_of(topic)
        if node is not None:
            yield from ("", f"### {node}", f"- {_facts(value, FACTS)}", *_scores(board, topic), *_alerts(board, topic))
            for kind, rows in lines.get(node, {}).items():
                yield from (f"- {kind}: {row.get('n', '')} × `{row.get('text', '')}`" for row in rows[:10])
    if checked:
        yield from ("", "### check", *(f"- {each}" for each in checked))


def _facts(value: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return ", ".join(f"{key} {value[key]}" for key in keys if value.get(key) is not None)


def _scores(board: Board, topic: str) -> Iterator[str]:
    place = topic.removesuffix("/state") + "/satellite/"
    for each, value in board.items():
        if each.startswith(place):
            yield f"- {each.removeprefix(place).partition('/')[0]}: {_facts(value, SCORES)}"


def _alerts(board: Board, topic: str) -> Iterator[str]:
    for alert in board.get(topic.removesuffix("/state") + "/alerts") or ():
        yield f"- **{alert.get('severity')}** {alert.get('rule')}: {alert.get('text')}"
