"""Fifteen agents with ten nodes each as the topics that they would retain: as many as the largest operators run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from tests.e2e.rig import eventually
from tests.mosquitto import Client, Mosquitto

from storj_monitor.app import App
from storj_monitor.settings import load

ROOT = "storj-monitor"
AGENTS = tuple(f"shelf-{letter}" for letter in "abcdefghijklmno")
SATELLITES = ("ap1", "eu1", "saltlake", "us1")
TB = 1_000_000_000_000
DAY = 86_400


def alert(node: str, rule: str, severity: str, *, since: float, text: str, next_step: str) -> dict[str, Any]:
    return {
        "id": f"{rule}:{node}:",
        "rule": rule,
        "node": node,
        "nodes": [],
        "satellite": None,
        "satellites": [],
        "severity": severity,
        "since": int(since),
        "text": text,
        "next_step": next_step,
        "acknowledged": None,
        "silenced_until": None,
    }


def troubles(now: float) -> dict[str, dict[str, Any]]:
    """Node → how its state differs and its open alert: three that need somebody, one unknown, one in maintenance."""
    read_only = "The storage folder of d07 cannot be written to."
    full = "The disk of f03 will be full in 6 days."
    upload = "k09: upload success 91.20 %, usual 98.10 to 98.90 %."
    return {
        "d07": {
            "status": "critical",
            "status_text": read_only,
            "upload_success": None,
            "alert": alert(
                "d07",
                "storage_gone",
                "critical",
                since=now - 5340,
                text=read_only,
                next_step="Stop the node, check the disk.",
            ),
        },
        "f03": {
            "status": "warning",
            "status_text": full,
            "disk_full_days": 6,
            "disk_used": 9.2 * TB,
            "disk_free": 0.8 * TB,
            "disk_allocated": 10 * TB,
            "alert": alert(
                "f03",
                "disk_forecast",
                "warning",
                since=now - 26 * 3600,
                text=full,
                next_step="Let it fill, or plan more space.",
            ),
        },
        "k09": {
            "status": "warning",
            "status_text": upload,
            "upload_success": 91.2,
            "alert": alert(
                "k09",
                "success_rate",
                "warning",
                since=now - 3 * 3600,
                text=upload,
                next_step="See what keeps its disk busy.",
            ),
        },
        "m05": {
            "status": "unknown",
            "status_text": "m05 cannot be judged: its API has been silent for 14 min.",
            "online": None,
            "egress_rate": None,
            "ingress_rate": None,
        },
        "b02": {"status": "warning", "status_text": "b02 is offline.", "maintenance_until": int(now) + 4740},
    }


def state(name: str, seed: int, now: float) -> dict[str, Any]:
    """A plausible healthy node; the same for the same seed."""
    chance = random.Random(seed)
    size = chance.choice((8, 10, 12, 16, 20)) * TB
    used = round(size * chance.uniform(0.35, 0.9))
    month = int(datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0).timestamp())
    return {
        "ts": int(now) - chance.randrange(1, 9),
        "name": name,
        "version": "1.162.3",
        "online": True,
        "status": "ok",
        "status_text": f"{name} is fine.",
        "started": int(now) - chance.randrange(2, 60) * DAY,
        "last_contact": int(now) - 600,
        "disk_allocated": size,
        "disk_used": used,
        "disk_free": size - used,
        "disk_trash": round(used * 0.02),
        "disk_reclaimable": round(used * 0.01),
        "disk_full_days": chance.randrange(40, 500),
        "egress_rate": round(chance.uniform(3e5, 9e5)),
        "ingress_rate": round(chance.uniform(3e5, 7e5)),
        "egress_today": round(chance.uniform(1e10, 3e10)),
        "ingress_today": round(chance.uniform(1e10, 3e10)),
        "day_started": int(now // DAY * DAY),
        "month_started": month,
        "download_success": round(chance.uniform(99.0, 99.8), 2),
        "upload_success": round(chance.uniform(98.1, 99.1), 2),
        "audit_score": 100.0,
        "suspension_score": 100.0,
        "online_score": round(chance.uniform(98, 100), 2),
        "payout_estimate": round(used / TB * 1.6, 2),
        "payout_last_month": round(used / TB * 1.5, 2),
        "held_total": 1.0,
    }


def retained(now: float, agents: tuple[str, ...] = AGENTS, each: int = 10) -> Iterator[tuple[str, bytes]]:
    """Everything that these agents retain."""
    trouble = troubles(now)
    for a, agent in enumerate(agents):
        root = f"{ROOT}/{agent}"
        about = {"version": "0.1.0", "contract": 1, "instance": f"{a:012x}", "url": f"http://{agent}.invalid:8787"}
        yield f"{root}/status", b"online"
        yield (
            f"{root}/about",
            json.dumps(about | {"nodes": each, "host_cpu_percent": 9, "host_iowait_percent": 3}).encode(),
        )
        yield f"{root}/alerts", b"[]"
        for n in range(1, each + 1):
            name = f"{agent[-1]}{n:02d}"
            odd = dict(trouble.get(name, {}))
            open_ = [found] if (found := odd.pop("alert", None)) else []
            yield f"{root}/{name}/state", json.dumps(state(name, a * 100 + n, now) | odd).encode()
            yield f"{root}/{name}/alerts", json.dumps(open_).encode()
            for satellite in SATELLITES:
                seen = {"ts": int(now), "satellite_id": satellite, "state": "vetted", "audit_score": 100.0}
                yield f"{root}/{name}/satellite/{satellite}/state", json.dumps(seen).encode()


class Fleet:
    """An agent without nodes of its own on a broker of its own: a viewer of what others retain there."""

    def __init__(self, folder: Path) -> None:
        self.broker = Mosquitto(folder / "broker")
        self.folder = folder
        self.app: App
        self._task: asyncio.Task[None] | None = None

    async def start(self, topics: Iterator[tuple[str, bytes]]) -> Self:
        await asyncio.to_thread(self._publish, list(topics))
        sections = {
            "agent": {"name": "fleet"},
            "data": {"dir": str(self.folder / "data")},
            "bridge": {"listen": "127.0.0.1:0"},
            "versions": {"enabled": False},
            "mqtt": {"url": self.broker.url},
        }
        self.app, ready = App(load(None, sections, {})), asyncio.Event()
        self._task = asyncio.create_task(self.app.run(lambda _: ready.set()))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            self._task.result()
        await eventually(self._is_complete)
        return self

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self.broker.stop()

    async def tell(self, topics: Iterator[tuple[str, bytes]]) -> None:
        """Retain these, too."""
        await asyncio.to_thread(self._send, list(topics))

    def _publish(self, topics: list[tuple[str, bytes]]) -> None:
        self.broker.start()
        self._count = len(topics)
        self._send(topics)

    def _send(self, topics: list[tuple[str, bytes]]) -> None:
        with Client(self.broker, "nothing") as client:
            for topic, payload in topics:
                client.publish(topic, payload, retain=True)

    async def _is_complete(self) -> bool:
        own = f"{ROOT}/fleet/"
        return sum(not topic.startswith(own) for topic in self.app._board.entries) >= self._count
