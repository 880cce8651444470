"""`storj-monitor notify test --config FILE`: tries the routes of the settings while no agent runs."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from storj_monitor.alerts import channels, messages
from storj_monitor.core.errors import MonitorError

if TYPE_CHECKING:
    from storj_monitor.settings import NotifySettings


async def try_routes(settings: NotifySettings, route: str | None) -> dict[str, Any]:
    """Send the test message on one or all routes: `{routes: {name: {ok, text, url}}}`, as `notify_test` answers."""
    chosen = {name: each for name, each in settings.routes.items() if route in {None, name}}
    if not chosen:
        known = ", ".join(settings.routes) or "none; add [notify.routes.NAME] with its url"
        raise MonitorError(f"There is no route {route!a}: known is {known}." if route else "No route is set.")
    now = int(time.time())
    work = (channels.send(each.url.get_secret_value(), messages.trial(name, now)) for name, each in chosen.items())
    results = dict(zip(chosen, await asyncio.gather(*work), strict=True))
    return {
        "routes": {name: {"ok": ok, "text": text, "url": chosen[name].shown} for name, (ok, text) in results.items()}
    }
