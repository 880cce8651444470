"""How often things were counted since the agent knows a node: stored series summed over all days."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from storj_monitor.store.reader import Reader

TOTALS = """
    SELECT metric, satellite_id, sum(n)
    FROM series JOIN satellite ON satellite.id = series.satellite JOIN sample_day ON sample_day.series = series.id
    WHERE node = (SELECT id FROM node WHERE name = ?)
        AND (metric >= 'transfer:' AND metric < 'transfer;' OR metric >= 'failed:' AND metric < 'failed;')
    GROUP BY series.id
"""


class Total(NamedTuple):
    """`metric` is the stored name (`transfer:GET:ok`, `failed:PUT:disk`), `satellite` a full id or ""."""

    metric: str
    satellite: str
    times: int


async def totals(reader: Reader, node: str) -> list[Total]:
    """All transfers and failures of a node's log by series."""
    return [Total(*row) for row in await reader.fetch(TOTALS, (node,))]
