"""What running the nodes costs, for profit instead of income."""

from __future__ import annotations

from pydantic import Field

from storj_monitor.settings.section import Section


class CostsSettings(Section):
    """What running the nodes costs, to show profit beside income; without it there is only income."""

    kwh_price: float | None = Field(
        default=None,
        ge=0,
        le=100,
        description="USD for a kilowatt hour; a node's electricity is its watts, day and night, at this price.",
        examples=[0.32],
    )
