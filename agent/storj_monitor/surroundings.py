"""What the agent knows of itself and its neighbours: its host's disk, the broker, the agents that went away.

Each agent watches the others' `status`. When one goes and stays away for five minutes, the live agent with the smallest
name raises the alert by its own routes: a dead-man's switch without any service from outside.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from storj_monitor.alerts.view import AgentView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from storj_monitor.engine import Engine

AWAY = 300
"""Seconds after which an agent that left is missed; a restart of its host takes less."""
RULE = "agent_offline:"


class Surroundings:
    """Makes the `AgentView` of each look."""

    def __init__(self, engine: Engine, data: Path, *, now: Callable[[], float]) -> None:
        self._engine = engine
        self._data = data
        self._now = now
        self._online: set[str] = set()
        self._left: dict[str, int] = {}
        alert = engine.keeper.book.open.get(RULE)
        self._missed = {str(each.facts["agent"]): each.since for each in alert.members} if alert is not None else {}
        self.broker_down: Callable[[], str | None] = lambda: None
        self.conflicts: Callable[[], Mapping[str, str]] = dict
        self._refused: dict[str, str] = {}

    def seen(self, agent: str, online: bool | None) -> None:
        """Another agent's `status`; None: it was forgotten. One that was gone already when we came is nobody's news."""
        if online:
            self._online.add(agent)
            self._left.pop(agent, None)
        elif agent in self._online or agent in self._missed:
            self._left[agent] = self._missed.get(agent, int(self._now()))
        if not online:
            self._online.discard(agent)
        if online is None:
            self._left.pop(agent, None)
        self._missed.pop(agent, None)

    def problem(self, topic: str, text: str | None) -> None:
        """The broker refuses a topic; None: it takes it again."""
        if text is None:
            self._refused.pop(topic, None)
        else:
            self._refused[topic] = text.lower()

    def view(self) -> AgentView:
        """The agent as it is now. Raises nothing: a folder that cannot be asked has no free bytes that are known."""
        now, own = int(self._now()), self._engine.agent
        mine = own <= min(self._online, default=own)
        left = {agent: since for agent, since in self._left.items() if now - since >= AWAY}
        return AgentView(
            agent=own,
            now=now,
            lag=self._engine.lag,
            store_failing=self._engine.failing,
            disk_free=self._free(),
            broker_down=self.broker_down(),
            refused=dict(self._refused),
            conflicts=self.conflicts(),
            away={**self._missed, **(left if mine else {})},
        )

    def _free(self) -> int | None:
        try:
            return shutil.disk_usage(self._data).free
        except OSError:
            return None
