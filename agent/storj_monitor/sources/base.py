"""What the engine asks of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from storj_monitor.core.facts import Batch


class LogSourceLike(Protocol):
    """A source whose sums, positions and carry are taken together at each commit."""

    node: str

    async def run(self) -> None:
        """Read for ever; cancelled to stop."""

    async def take(self) -> Batch | None:
        """What was read since the last call, None when nothing was."""
