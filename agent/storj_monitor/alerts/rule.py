"""What a rule is: one row of a table (pure data; the rows are in `alerts.rules` and its neighbours).

A rule measures a number for each of its subjects (the node itself, each satellite, a store, a disk …); its levels say
from which number on it fires, and when it lets go. None is never "fine": it stops the clocks (design, law 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Severity = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")
"""From light to heavy."""

TEXT_MAX = 300
"""Characters of `text` and of `next_step` (agent/docs/contract.md)."""

MINUTE, HOUR, DAY = 60, 3600, 86_400
ROOT_LINK = "https://storj.dev/node"
FORUM, GITHUB = "https://forum.storj.io/t/-/", "https://github.com/storj/storj/issues/"
"""Where others had it, and what helped (agent/docs/ecosystem.md §3); `-` stands for a topic's title."""


class Measure(NamedTuple):
    """What was measured of one subject: a number or a yes (1.0) or no (0.0); None = not known.

    `facts` fill the words of the rule's texts. `since`: when it began, where the source tells (epoch seconds).
    """

    value: float | None
    facts: Mapping[str, Any] = {}
    since: int | None = None


UNKNOWN = Measure(None)
Measures = Mapping[str, Measure]
"""By subject: "" for the node itself, a full satellite id, or another label."""


@dataclass(frozen=True, slots=True)
class Level:
    """Fires when the number has reached `fire` for `for_` seconds; lets go beyond `clear` for `keep` seconds.

    People may set another `fire` under the key `<rule>.<severity>` (core/thresholds.py), and `clear` moves along; a
    level that is `fixed` shares its severity with another one, which has that key.
    """

    severity: Severity
    fire: float
    clear: float | None = None
    for_: int = 0
    keep: int = 0
    fixed: bool = False


Words = str | Callable[[Mapping[str, Any]], str]
"""A format string over the facts, or what makes the sentence of them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row.

    `scope`: whose subjects they are; `measure` gets a `View`, of the agent's own rules an `AgentView`. `needs`: sources
    of which one must have answered (`log`, `node`, `satellite` …): one that was never there makes the rule silent.
    `below`: fires at and under its number instead of at and over. `log`: counts lines, so it is measured on the log's
    own time, minute by minute while catching up; a subject that its measure leaves out counts 0; `counts`: of which
    metrics, so that it need not be asked while there is none. `several`: many nodes
    at once have one cause and become one alert. `ended`: asks also of satellites that are over (disqualified, exited).
    """

    id: str
    scope: Literal["node", "satellite", "agent"]
    needs: tuple[str, ...]
    measure: Callable[[Any], Measures]
    levels: tuple[Level, ...]
    text: Words
    next_step: Words
    cost: str = ""
    link: str = ROOT_LINK
    below: bool = False
    log: bool = False
    counts: tuple[str, ...] = ()
    several: bool = False
    unit: str = ""
    ended: bool = False

    def key(self, level: Level) -> str:
        """What the number of a level is called in the settings."""
        return f"{self.id}.{level.severity}"

    def words(self, facts: Mapping[str, Any]) -> tuple[str, str]:
        """Text, with what it costs, and next step."""
        text = _said(self.text, facts)
        if self.cost:
            text = f"{text} {self.cost}"
        return cut(text), cut(_said(self.next_step, facts))


def cut(text: str) -> str:
    """A text within the contract's limit."""
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"


class Count(int):
    """A number in a sentence: `{n:audit}` is "1 audit" or "2 audits", `{n:is|are}` the word that goes with it."""

    def __format__(self, noun: str) -> str:
        if not noun or not noun[0].isalpha() or len(noun) < 2:
            return int.__format__(self, noun)
        one, _, more = noun.partition("|")
        if more:
            return one if self == 1 else more
        return f"{int(self)} {one}" if self == 1 else f"{int(self)} {one}s"


def _said(words: Words, facts: Mapping[str, Any]) -> str:
    said = {key: Count(value) if type(value) is int else value for key, value in facts.items()}
    return words.format_map(said) if isinstance(words, str) else words(said)


class Answer(NamedTuple):
    """What a number says to one level: whether it fires, and whether a firing one may let go."""

    fires: bool
    lets_go: bool


def answers(rule: Rule, value: float | None, limits: Mapping[str, float]) -> list[Answer | None]:
    """One answer for each level; None throughout where the number is not known."""
    return [None if value is None else _answer(rule, level, value, limits) for level in rule.levels]


def _answer(rule: Rule, level: Level, value: float, limits: Mapping[str, float]) -> Answer:
    limit = limits.get(rule.key(level), level.fire) if limits and not level.fixed else level.fire
    firing = value <= limit if rule.below else value >= limit
    if level.clear is None:
        return Answer(firing, not firing)
    clear = cleared(rule, level, limit)
    return Answer(firing, value >= clear if rule.below else value <= clear)


def cleared(rule: Rule, level: Level, limit: float) -> float:
    """From which number on a level lets go that fires at `limit`: as far beyond as in its row.

    Below the limit the share counts, not the distance, so that what is counted can always reach it.
    """
    if level.clear is None:
        return limit
    return limit + level.clear - level.fire if rule.below else limit * level.clear / level.fire
