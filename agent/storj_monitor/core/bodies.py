"""What a stored reading decodes to, whichever source it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storj_monitor.core import readings, readings_host

if TYPE_CHECKING:
    from storj_monitor.core.readings import Body


def body_type(source: str) -> type[Body] | None:
    """The type of a reading of `source` (`node`, `satellite:<id>`, `filesystem` …); None when it is another kind."""
    return readings.body_type(source) or readings_host.BODIES.get(source)
