"""The life of one alert subject, pure: pending, firing, keep, flapping (design §8).

Time is event time. An answer of None (not known) stops the clock of a pending level without resetting it and leaves a
firing one as it is; so does a gap between two looks that is longer than `GAP`: the agent's own absence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storj_monitor.alerts.rule import Answer, Level

GAP = 180
"""Seconds between two looks beyond which nothing is known of the time between."""
FLAPS, FLAP_SPAN, CALM = 3, 6 * 3600, 1800
"""After so many openings within so many seconds an alert stays open until it was calm for so long."""


class Step(msgspec.Struct):
    """One level of one subject: `since` when the condition began, seconds it is `held` and `calm` (-1: it is not)."""

    on: bool = False
    since: int = 0
    held: int = 0
    calm: int = -1


class Timer(msgspec.Struct):
    """What must be remembered of a subject of a rule between two looks; `facts` are those it was last known by."""

    steps: list[Step] = []
    last: int = 0
    opened: list[int] = []
    facts: dict[str, Any] = {}

    @property
    def idle(self) -> bool:
        """Nothing to remember: no level is on or pending, and it did not open lately."""
        return not self.opened and not any(step.on or step.since for step in self.steps)

    def end(self) -> None:
        """The subject is gone: nothing is on or pending any more."""
        self.steps = []

    def drop(self, said: Sequence[Answer | None]) -> None:
        """Let every level go that does not fire now: its number was changed, so that what held it on means nothing."""
        for step, answer in zip(self.steps, said, strict=False):
            if answer is not None and not answer.fires:
                step.on, step.since, step.held, step.calm = False, 0, 0, -1

    def look(self, levels: Sequence[Level], said: Sequence[Answer | None], now: int, began: int | None = None) -> None:
        """Take in the answer for each level at `now`; `began`: since when, where the source tells it."""
        passed = now - self.last if 0 <= now - self.last <= GAP else 0
        was_on = self.worst is not None
        while len(self.steps) < len(levels):
            self.steps.append(Step())
        calm = CALM if self.flapping(now) else 0
        for level, step, answer in zip(levels, self.steps, said, strict=False):
            if answer is not None and answer.fires:
                _fire(step, level, passed, now if began is None else min(began, now))
            elif answer is not None:
                _rest(step, passed, max(level.keep, calm), lets_go=answer.lets_go)
        self.last = now
        if self.worst is not None and not was_on:
            self.opened = [*(at for at in self.opened if now - at < FLAP_SPAN), now]
        elif self.opened and now - self.opened[-1] >= FLAP_SPAN:
            self.opened = []

    def flapping(self, now: int) -> bool:
        """Whether it opened too often lately."""
        return len([at for at in self.opened if now - at < FLAP_SPAN]) >= FLAPS

    @property
    def worst(self) -> int | None:
        """Index of the heaviest level that is on; None: no alert."""
        on = [index for index, step in enumerate(self.steps) if step.on]
        return on[-1] if on else None

    @property
    def since(self) -> int:
        """When the oldest level that is on began."""
        return min(step.since for step in self.steps if step.on)


def _fire(step: Step, level: Level, passed: int, began: int) -> None:
    step.held = step.held + passed if step.since else 0
    step.since = min(step.since or began, began)
    step.calm = -1
    step.on = step.on or step.held >= level.for_


def _rest(step: Step, passed: int, keep: int, *, lets_go: bool) -> None:
    if not step.on:
        step.since = step.held = 0
    elif lets_go:
        step.calm = 0 if step.calm < 0 else step.calm + passed
        if step.calm >= keep:
            step.on = False
            step.since = step.held = 0
            step.calm = -1
