"""The agent as users start it, in a process of its own, and what the system says of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from tests.mosquitto import free_port

if TYPE_CHECKING:
    from collections.abc import Callable


class Agent:
    """`storj-monitor run --data DATA …` on a free port of loopback.

    With Python's bytecode, as an installed agent has it, even where the environment forbids to write it down.
    """

    def __init__(self, data: Path, *arguments: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [str(Path(sys.executable).with_name("storj-monitor")), "run", "--data", str(data), *arguments]
        self.process = subprocess.Popen(
            [*command, "--listen", f"127.0.0.1:{self.port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
        )

    def stop(self) -> None:
        """End it as systemd would."""
        self.process.terminate()
        self.process.wait(10)

    def status(self, key: str) -> int:
        """A size of /proc/PID/status, MiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) // 1024

    def cpu(self) -> float:
        """Seconds of a core that it used so far."""
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    async def board(self) -> dict[str, Any]:
        """What it shows now."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/board") as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def until(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 60) -> float:
        """Seconds until the board is as wanted."""
        begun = time.monotonic()
        async with asyncio.timeout(seconds):
            while True:
                try:
                    if wanted(await self.board()):
                        return time.monotonic() - begun
                except aiohttp.ClientConnectionError:
                    pass
                await asyncio.sleep(0.1)
