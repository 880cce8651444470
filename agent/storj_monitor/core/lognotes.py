"""What is counted and noted of log lines beside their transfers, between two commits; bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core.facts import Notice, Sample

if TYPE_CHECKING:
    from storj_monitor.core.facts import Batch

TEMPLATES_MAX = 500
NOTICES_MAX = 200


class Notes:
    """Counts by metric, satellite and minute; shapes of messages; what is worth an event."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str, int], int] = {}
        self._templates: dict[tuple[str, str, str], int] = {}
        self._notices: dict[tuple[str, str], Notice] = {}

    def count(self, metric: str, minute: int, satellite: str = "", n: int = 1) -> None:
        """`n` more of a metric; the minute is its first second."""
        key = (metric, satellite, minute)
        self._counts[key] = self._counts.get(key, 0) + n

    def template(self, level: str, logger: str, text: str) -> None:
        """One more message of a shape."""
        key = (level, logger, text)
        if key in self._templates or len(self._templates) < TEMPLATES_MAX:
            self._templates[key] = self._templates.get(key, 0) + 1

    def notice(self, at: int, severity: str, text: str, satellite: str = "") -> None:
        """Something worth an event, the first of its kind between two commits."""
        key = (text, satellite)
        if key not in self._notices and len(self._notices) < NOTICES_MAX:
            self._notices[key] = Notice(at, severity, text[:300], "log", satellite)

    def take(self, batch: Batch) -> None:
        """Hand everything on to a batch and begin anew."""
        batch.samples += [
            Sample(metric, minute, n, n, satellite=who) for (metric, who, minute), n in self._counts.items() if n
        ]
        batch.notices += self._notices.values()
        batch.templates = self._templates
        self._counts, self._templates, self._notices = {}, {}, {}
