"""One small HTTP request, and its failures in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import aiohttp

from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAIN = {"Accept-Encoding": "identity", "User-Agent": "storj-monitor"}
"""Packing costs the node more than the few bytes cost the network."""
CHUNK = 1 << 16


class Answer(NamedTuple):
    """An answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def fetch(url: str, *, what: str, seconds: float, most: int, method: str = "GET") -> Answer:
    """Ask once. Raises `SourceError`: no connection, nothing in time, or more than `most` bytes."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.request(method, url, headers=PLAIN, allow_redirects=False) as answer,
        ):
            body = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK):
                body += chunk
                if len(body) > most:
                    raise SourceError(f"{what} answers with more than {most >> 20} MiB.")
            return Answer(answer.status, answer.headers, bytes(body))
    except TimeoutError:
        raise SourceError(f"{what} gives no answer within {seconds:g} s ({url}).") from None
    except aiohttp.ClientConnectorError as problem:
        raise SourceError(f"No connection to {what} ({url}): {_why(problem)}.") from None
    except (aiohttp.ClientError, ValueError, OSError) as problem:
        raise SourceError(f"The answer of {what} broke off ({type(problem).__name__}).") from None


def _why(problem: aiohttp.ClientConnectorError) -> str:
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return "its host name is not known"
    return "it is refused" if isinstance(problem.os_error, ConnectionRefusedError) else "its host does not answer"
