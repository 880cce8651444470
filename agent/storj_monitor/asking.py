"""Asks a running agent to do something, for the command line: one command over its WebSocket, one answer."""

from __future__ import annotations

from typing import Any

import aiohttp

from storj_monitor.core.errors import CommandError, MonitorError

TIMEOUT = 60.0
"""Seconds for the whole exchange: a test message may take half of them."""


async def ask(url: str, token: str | None, cmd: str, args: dict[str, Any]) -> Any:
    """The result of a command. Raises CommandError when it is refused, MonitorError when no agent answers."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.ws_connect(f"{url.rstrip('/')}/ws", headers=headers, max_msg_size=0) as socket,
        ):
            await socket.send_json({"id": 1, "cmd": cmd, "args": args})
            async for message in socket:
                answer = message.json()
                if answer.get("id") == 1:
                    return _result(answer)
    except aiohttp.WSServerHandshakeError as error:
        if error.status == 401:
            raise MonitorError(f"{url} asks for its token: give it by --token or $STORJ_MONITOR_TOKEN.") from None
        raise MonitorError(f"{url} is no agent's page ({error.status} {error.message}).") from None
    except (aiohttp.ClientError, TimeoutError, TypeError, ValueError) as error:
        raise MonitorError(f"No agent answers at {url} ({error}); is it running, and is --url right?") from error
    raise MonitorError(f"{url} hung up without an answer; does it ask for a token (--token)?")


def _result(answer: dict[str, Any]) -> Any:
    if answer["ok"]:
        return answer["result"]
    raise CommandError(answer["error"]["code"], answer["error"]["text"])
