"""The answers of a recorded node as readings, taken at the time they were given."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.sources.replay import API, FOLDERS

from storj_monitor.core import readings
from storj_monitor.core.facts import Reading
from storj_monitor.sources import nodeapi_parse as parse

if TYPE_CHECKING:
    from storj_monitor.core.readings import Body

__all__ = ["API", "FOLDERS", "LAST", "NOVEMBER_23", "answers"]

NOVEMBER_23 = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())
LAST = NOVEMBER_23 + 8 * 3600 + 40 * 60
"""When all of them had answered; 22 days, 8 hours and 40 minutes of the month are 1 932 000 of its 2 592 000 s."""


def answers(folder: str, at: int = LAST) -> dict[str, Reading]:
    """Every source of a folder, as the agent would hold it."""

    def read(name: str) -> bytes:
        return (API / folder / f"{name}.json").read_bytes()

    bodies: dict[str, Body] = {
        readings.NODE: parse.node(read("sno"), at),
        readings.MONTH: parse.month(read("satellites"), at),
        readings.PAYOUT: parse.payout(read("estimated-payout"), at),
        readings.PAYSTUBS: parse.paystubs(read("paystubs-range"), at),
        readings.HELD: parse.held(read("held-history"), at),
    }
    for number in (0, 1):
        data = read(f"satellite-{number}")
        bodies[readings.satellite_source(json.loads(data)["id"])] = parse.satellite(data, at)
    return {source: Reading(source, at, body) for source, body in bodies.items()}
