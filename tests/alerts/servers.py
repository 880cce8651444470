"""Neighbours on loopback: a mail server and a program that takes webhooks, both able to fail."""

from __future__ import annotations

import asyncio
import contextlib
import email
import email.policy
from collections.abc import AsyncIterator, Callable
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from tests.patience import PATIENCE


async def until(true: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Wait until something has happened in the part under test."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - it has no event to offer
            await asyncio.sleep(0.01)


USER, PASSWORD = "operator", "correct-horse"


class Mailbox:
    """What arrived by mail; `broken` refuses every message, `answers` unset keeps everybody waiting."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.broken = False
        self.port = 0
        self.answers = asyncio.Event()
        self.answers.set()
        self.reached = asyncio.Event()

    def url(self, password: str = PASSWORD) -> str:
        return f"mailto://{USER}:{password}@127.0.0.1:{self.port}?from=node@example.org&to=me@example.org&format=text"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.reached.set()
        await self.answers.wait()
        if self.broken:
            return "451 4.3.0 Disk of the mail server full"
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def texts(self) -> list[str]:
        return [f"{mail['Subject']}\n{mail.get_body(('plain',)).get_content()}" for mail in self.mails]  # type: ignore[union-attr]


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@contextlib.asynccontextmanager
async def mailbox() -> AsyncIterator[Mailbox]:
    """A real SMTP server; a wrong password is refused."""
    box = Mailbox()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="mail", authenticator=_authenticate, auth_require_tls=False, timeout=30),
        "127.0.0.1",
        0,
    )
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        box.answers.set()
        server.close()
        await server.wait_closed()


class Hook:
    """What arrived by POST: (idempotency key, JSON); `status` is what it answers."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, dict[str, Any]]] = []
        self.authorizations: list[str | None] = []
        self.status = 200
        self.refused = 0
        self.pings = 0
        self.port = 0
        self.arrived = asyncio.Condition()

    @property
    def url(self) -> str:
        return f"webhook+http://me:s3cret@127.0.0.1:{self.port}/hook"

    async def take(self, request: web.Request) -> web.Response:
        if self.status != 200:
            self.refused += 1
            return web.Response(status=self.status, headers={"Location": "/elsewhere"})
        if request.method == "GET":
            self.pings += 1
            return web.Response()
        async with self.arrived:
            self.authorizations.append(request.headers.get("Authorization"))
            self.posts.append((request.headers["Idempotency-Key"], await request.json()))
            self.arrived.notify_all()
        return web.Response(status=204)

    async def until(self, count: int) -> None:
        """Wait until so many have arrived."""
        async with asyncio.timeout(PATIENCE), self.arrived:
            await self.arrived.wait_for(lambda: len(self.posts) >= count)


@contextlib.asynccontextmanager
async def hook() -> AsyncIterator[Hook]:
    """A program that takes webhooks at /hook."""
    found = Hook()
    app = web.Application()
    app.router.add_route("*", "/hook", found.take)
    runner = web.AppRunner(app, handle_signals=False, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.port = runner.addresses[0][1]
    try:
        yield found
    finally:
        await runner.cleanup()
