"""What running the nodes costs, for profit instead of income."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from storj_monitor.core.payouts import Costs
from storj_monitor.settings.section import Section

if TYPE_CHECKING:
    from storj_monitor.settings.model import Settings


class CostsSettings(Section):
    """What running the nodes costs, to show profit beside income; without it there is only income."""

    kwh_price: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="USD for a kilowatt hour; a node's electricity is its watts, day and night, at this price.",
        examples=[0.32],
    )


def costs_of(settings: Settings) -> dict[str, Costs]:
    """What each node costs, as far as the settings say."""
    price = settings.costs.kwh_price
    return {name: Costs(price, node.watts, node.disk_cost) for name, node in settings.nodes.items()}
