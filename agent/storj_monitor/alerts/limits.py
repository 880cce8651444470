"""Which numbers the rules use: a rule's own, the settings file's over it, what people set over both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.alerts.rules import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

By = dict[str, dict[str, float]]
"""By node ("" = all) and key (`<rule>.<severity>`)."""
ALL = ""


class Limits:
    """Two layers, each with numbers for all nodes and for single ones. `chosen` wins over `file`."""

    def __init__(self, file: Mapping[str, Mapping[str, float]] | None = None, chosen: By | None = None) -> None:
        self.file = file or {}
        self.chosen: By = {node: dict(numbers) for node, numbers in (chosen or {}).items()}

    def of(self, node: str) -> dict[str, float]:
        """What differs from the rules' own numbers for a node."""
        return {**self._filed(node), **self.chosen.get(ALL, {}), **self.chosen.get(node, {})}

    def value(self, node: str, key: str) -> float:
        """The number that is used."""
        return self.of(node).get(key, DEFAULTS[key])

    def filed(self, node: str, key: str) -> float:
        """The number without what people set."""
        return self._filed(node).get(key, DEFAULTS[key])

    def where(self, node: str, key: str) -> str | None:
        """Who is meant by what people set: `node`, `all`, or None when nobody set it."""
        if node and key in self.chosen.get(node, {}):
            return "node"
        return "all" if key in self.chosen.get(ALL, {}) else None

    def choose(self, node: str, key: str, value: float | None) -> None:
        """Take in what people set; None resets it."""
        if value is None:
            self.chosen.get(node, {}).pop(key, None)
        else:
            self.chosen.setdefault(node, {})[key] = value

    def copy(self) -> Limits:
        """One to try something on."""
        return Limits(self.file, self.chosen)

    def _filed(self, node: str) -> dict[str, float]:
        return {**self.file.get(ALL, {}), **self.file.get(node, {})}
