"""Sends one message to one address and says in a sentence how it went; never with a part of the address in it.

Addresses of the generic webhook are ours; all others go to Apprise in a child process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
from base64 import b64encode
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

import aiohttp
import msgspec

from storj_monitor import __version__
from storj_monitor.alerts import webfaults
from storj_monitor.settings.notify import WEBHOOK, shown

if TYPE_CHECKING:
    from storj_monitor.alerts.messages import Message

LIMIT = 30.0
"""Seconds that one message may take."""
SAID_MAX = 200
CHILD = "storj_monitor.alerts.apprise_child"

_PLAIN = frozenset({"yes", "no", "true", "false", "text", "html", "markdown", "ssl", "starttls"})
"""Values of options, no secrets."""
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)*")


class Result(NamedTuple):
    """`text`: what happened, in words that people may see."""

    ok: bool
    text: str


class _Reply(msgspec.Struct):
    ok: bool
    text: str


async def send(url: str, message: Message, *, limit: float = LIMIT) -> Result:
    """Send it; whatever goes wrong is the result's text. Cancelling ends a child, too."""
    program = url.startswith(WEBHOOK)
    try:
        async with asyncio.timeout(limit):
            result = await (_post(url[len(WEBHOOK) :], message) if program else _apprise(url, message))
    except TimeoutError:
        return Result(False, f"no answer within {limit:.0f} s{f': {webfaults.TIMEOUT}' if program else ''}")
    except (OSError, ValueError) as error:
        result = Result(False, str(error) or type(error).__name__)
    return Result(result.ok, redacted(result.text, url))


async def check(url: str, *, limit: float = LIMIT) -> Result:
    """Whether the address is one, as far as that can be known without sending."""
    if url.startswith(WEBHOOK):
        return Result(True, "a message is posted there")
    try:
        async with asyncio.timeout(limit):
            result = await _child({"url": url, "check": True})
    except (OSError, TimeoutError, ValueError) as error:
        result = Result(False, f"Apprise does not run: {error or type(error).__name__}")
    return Result(result.ok, redacted(result.text, url))


# ---- Apprise ----


async def _apprise(url: str, message: Message) -> Result:
    order = {"url": url, "title": message.title, "text": message.text, "kind": message.kind, "check": False}
    return await _child(order)


async def _child(order: dict[str, Any]) -> Result:
    # -P: no module that lies in the working directory is taken for one of Apprise's.
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", CHILD, stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        said, trouble = await process.communicate(json.dumps(order).encode())
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    try:
        reply = msgspec.json.decode(said, type=_Reply)
    except msgspec.DecodeError:
        last = trouble.decode(errors="replace").strip().rpartition("\n")[2]
        return Result(False, f"Apprise ended with code {process.returncode}: {last}")
    return Result(reply.ok, reply.text)


# ---- webhook ----


async def _post(url: str, message: Message) -> Result:
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": message.key,
        "User-Agent": f"storj-monitor/{__version__}",
    }
    if user:
        name, _, password = user.partition(":")
        headers["Authorization"] = f"Basic {b64encode(f'{unquote(name)}:{unquote(password)}'.encode()).decode()}"
    where, body = urlunsplit(parts._replace(netloc=host)), json.dumps(message.event).encode()
    try:
        # A POST that is redirected arrives as a GET, so none is followed.
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(where, data=body, allow_redirects=False) as answer,
        ):
            if 200 <= answer.status < 300:
                return Result(True, f"HTTP {answer.status} {answer.reason or ''}".strip())
            return Result(False, webfaults.of_status(answer.status, answer.reason))
    except TimeoutError:
        raise
    except (OSError, aiohttp.ClientError, ValueError) as error:
        return Result(False, webfaults.of_error(error))


# ---- secrets ----


def redacted(text: str, url: str) -> str:
    """The text on one line, cut, without mail addresses and without any part of the address but scheme and host."""
    text = " ".join(text.split())
    seen = shown(url).partition("://")[2]
    for part in sorted(_parts(url) - _PLAIN - {seen}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)" if len(part) < 4 else re.escape(part), "…", text)
    text = _MAIL.sub("…", text)
    return text if len(text) <= SAID_MAX else f"{text[: SAID_MAX - 1]}…"


def _parts(url: str) -> set[str]:
    """Whatever may be secret in an address, as it is written and as it is meant."""
    rest = url.partition("://")[2]
    place, _, query = rest.partition("?")
    parts = {place, query, *re.split(r"[/:@#,;]", place)}
    parts |= {value for _, value in parse_qsl(query, keep_blank_values=True)}
    parts |= {piece for value in parts for piece in re.split(r"[/:@#,;&=]", value) if len(piece) > 7}
    return {form for part in parts for form in (part, unquote(part)) if len(form) > 1 and not form.isspace()}
