"""`storj-monitor notify test --config FILE`: tries the routes of the settings and of the page while no agent runs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from storj_monitor.alerts import channels, messages
from storj_monitor.core.errors import MonitorError
from storj_monitor.settingsdesk import with_the_pages

if TYPE_CHECKING:
    from storj_monitor.settings import Settings


async def try_routes(settings: Settings, route: str | None) -> tuple[dict[str, Any], list[str]]:
    """Send the test message on one or all routes: `{routes: {name: {ok, text, url}}}`, as `notify_test` answers, and a
    sentence on each route that could not be tried.
    """
    notify, faults = await with_the_pages(settings)
    tried = {name: each for name, each in notify.routes.items() if route in {None, name}}
    if not tried:
        known = ", ".join(notify.routes) or "none; add [notify.routes.NAME] with its url"
        said = f"There is no route {route!a}: known is {known}." if route else "No route is set."
        raise MonitorError(" ".join([said, *faults]))
    now = int(time.time())
    work = (channels.send(each.url.get_secret_value(), messages.trial(name, now)) for name, each in tried.items())
    results = dict(zip(tried, await asyncio.gather(*work), strict=True))
    found = {name: {"ok": ok, "text": text, "url": tried[name].shown} for name, (ok, text) in results.items()}
    return {"routes": found}, faults
