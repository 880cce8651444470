"""What several rules ask a node: lines of some kind, whether it lives, why it ended (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.alerts.rule import DAY, HOUR, MINUTE, Measure
from storj_monitor.core import chore_life

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.alerts.rule import Measures
    from storj_monitor.alerts.view import View

ACTIONS = ("GET", "GET_AUDIT", "GET_REPAIR", "PUT", "PUT_REPAIR")
LASTING = frozenset(
    {
        "storage_gone",
        "wrong_identity",
        "database_damaged",
        "read_only",
        "too_small",
        "missing_file",
        "identity",
        "config",
    }
)
"""Reasons of an end that will end the next start, too, until somebody mends them."""
ALIVE = 5 * MINUTE
"""Seconds since a line, transfers before it, within which a node counts as alive although its API is silent."""


def counted(metrics: tuple[str, ...], minutes: int) -> Callable[[View], Measures]:
    """Lines of the last minutes, of all satellites."""

    def measure(view: View) -> Measures:
        n = sum(view.counts(metrics, minutes).values())
        return {"": Measure(float(n), {"count": n})}

    return measure


def works(view: View) -> bool:
    """Whether the log shows transfers just now."""
    return view.now - view.state.log.last_line < ALIVE and view.transfers(2 * ALIVE // MINUTE) > 0


def down(view: View) -> bool:
    """Whether the API says, or shows by its silence, that the node is not online, and no log shows otherwise."""
    return view.state.has_api and view.known("node") and view.values.get("online") is False and not works(view)


def ended_for_good(view: View) -> int:
    """When the node last refused to start, or ended by what will end the next start, too; 0: never."""
    log = view.state.log
    return max(log.refused, log.crashed if log.reason in LASTING else 0)


def refuses(view: View) -> bool:
    """Whether it has not been up since."""
    ended = ended_for_good(view)
    return bool(ended) and ended >= view.state.log.started


def last_words(view: View) -> str:
    """Why it ended, as its log says."""
    ended = ended_for_good(view)
    said = [each.text for kind in ("crashed", "refused") for each in view.notices(kind, DAY) if each.at == ended]
    why = said[-1].partition(": ")[2] if said else chore_life.words_of(view.state.log.reason)
    return why.rstrip(".") or "its log says why"


def unreachable(view: View) -> bool:
    """Whether a satellite could not be reached for an hour, lately: no wonder that less comes from there."""
    return bool(view.counts(("contact_lost",), 3 * HOUR // MINUTE))
