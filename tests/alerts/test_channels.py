"""One message to one address: what arrives, and what is said when it does not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import ssl
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.alerts.servers import PASSWORD, USER, hook, mailbox
from tests.mosquitto import free_port, make_tls

from storj_monitor.alerts import channels
from storj_monitor.alerts.apprise_child import shortened
from storj_monitor.alerts.channels import CHILD, check, redacted, send
from storj_monitor.alerts.messages import Message, trial
from storj_monitor.settings import NotifySettings

README = (Path(__file__).parents[2] / "README.md").read_text()
HOSTILE = Message("Grüße <b>\\r 1", "Zeile 1\n<script>alert(1)</script> & Größe", "failure", {"a": "ü"}, "7")


def children() -> list[int]:
    """Processes that still send something."""
    mine = []
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if (
                CHILD.encode() in each.read_bytes()
                and f"PPid:\t{os.getpid()}\n" in (each.parent / "status").read_text()
            ):
                mine.append(int(each.parent.name))
        except OSError:
            continue
    return mine


async def test_a_mail_arrives_as_it_was_written() -> None:
    async with mailbox() as box:
        assert await send(box.url(), HOSTILE) == (True, "sent")
        (text,) = box.texts()
        assert text.startswith("Grüße <b>")
        assert "<script>alert(1)</script> & Größe" in text
        assert "Zeile 1\n" in text.replace("\r\n", "\n")
        assert str(box.mails[0]["To"]) == "me@example.org"


async def test_why_a_mail_was_refused_is_a_sentence_without_secrets() -> None:
    async with mailbox() as box:
        wrong = await send(box.url("wrong-battery"), HOSTILE)
        assert not wrong.ok
        assert "535" in wrong.text
        box.broken = True
        full = await send(box.url(), HOSTILE)
        assert not full.ok
        assert "451 4.3.0 Disk of the mail server full" in full.text
        gone = await send(f"mailto://{USER}:{PASSWORD}@127.0.0.1:{free_port()}?from=a@b.org&to=c@d.org", HOSTILE)
        assert (gone.ok, gone.text) == (False, "Connection refused")
        for result in (wrong, full, gone):
            assert not {USER, PASSWORD, "wrong-battery", "example.org"} & set(re.split(r"[^\w.-]+", result.text)), (
                result
            )
        assert not box.mails


async def test_a_slow_child_is_ended_in_time_and_when_the_agent_stops() -> None:
    async with mailbox() as box:
        box.answers.clear()
        assert await send(box.url(), HOSTILE, limit=1) == (False, "no answer within 1 s")
        assert not children()
        box.reached.clear()
        task = asyncio.create_task(send(box.url(), HOSTILE))
        await box.reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not children()


async def test_a_webhook_gets_the_event_its_key_and_the_password() -> None:
    async with hook() as program:
        assert await send(program.url, HOSTILE) == (True, "HTTP 204 No Content")
        assert program.posts == [("7", {"a": "ü"})]
        assert program.authorizations == ["Basic bWU6czNjcmV0"]
        for status, said in STATUSES.items():
            program.status = status
            assert await send(program.url, HOSTILE) == (False, said)


STATUSES = {
    302: "HTTP 302 Found; it lies elsewhere, and a message is not sent on: set the address that it redirects to",
    401: "HTTP 401 Unauthorized; it wants to know who sends: put USER:PASSWORD@ before the host, or the token where it "
    "expects it",
    418: "HTTP 418 I'm a Teapot; it refuses the message: its own log says why",
    500: "HTTP 500 Internal Server Error; it has a fault of its own: its log says which",
    503: "HTTP 503 Service Unavailable; it is busy or being serviced: it is tried again later",
}


@contextlib.asynccontextmanager
async def odd_server(context: ssl.SSLContext | None, *, silent: bool) -> AsyncIterator[int]:
    """Somebody at a port who is no web server: says nothing, or closes at once."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if silent:
            await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_why_nobody_took_a_message_says_what_to_do_and_no_part_of_the_address(tmp_path: Path) -> None:
    tls = make_tls(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tls / "server.pem", tls / "server.key")
    async with (
        odd_server(None, silent=False) as deaf,
        odd_server(None, silent=True) as silent,
        odd_server(context, silent=True) as strange,
        hook() as program,
    ):
        said = {
            f"http://u:s3cret@127.0.0.1:{free_port()}/token": "nothing listens there: see whether it runs",
            "http://u:s3cret@nobody.invalid/token": "its name is not known: see how it is spelled",
            f"https://u:s3cret@127.0.0.1:{strange}/token": "its certificate is refused (unable to get local",
            f"https://u:s3cret@127.0.0.1:{program.port}/token": "it does not speak TLS as we do: see",
            f"http://u:s3cret@127.0.0.1:{deaf}/token": "it broke off",
            f"http://u:s3cret@127.0.0.1:{silent}/token": "no answer within 1 s: see whether its host is up",
            "http://u:s3cret@127.0.0.1:99999/token": "host or port of the address cannot be one",
        }
        for url, words in said.items():
            result = await send(f"webhook+{url}?key=t0ken-of-mine", HOSTILE, limit=1)
            assert not result.ok
            assert result.text.startswith(words)
            assert not [part for part in ("s3cret", "token", "t0ken-of-mine") if part in result.text]


async def test_an_address_that_apprise_does_not_know_is_said_before_anything_is_sent() -> None:
    assert (await check("nonsense://somewhere")).text.startswith("Apprise does not understand this address")
    result = await send("tgram://not-a-token/123", trial("phone", 0))
    assert not result.ok
    assert "not-a-token" not in result.text


async def test_the_routes_in_the_readme_are_real_ones() -> None:
    block = next(part for part in re.findall(r"```toml\n(.*?)```", README, re.DOTALL) if "[notify]" in part)
    text = block.replace("BOT-TOKEN", "123456789:abcdefg_hijklmnop").replace("CHAT-ID", "12315544")
    found = NotifySettings.model_validate(tomllib.loads(text)["notify"])
    assert set(found.routes) == {"mail", "phone", "family", "program"}
    for name, route in found.routes.items():
        assert (await check(route.url.get_secret_value())).ok, name


async def test_a_child_that_cannot_run_is_a_failure_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "CHILD", "storj_monitor.no_such_module")
    result = await send("mailto://u:hidden-word@127.0.0.1", HOSTILE)
    assert not result.ok
    assert "No module named" in result.text


REASONS = {
    "(535, b'5.7.8 Error: authentication failed')": "535 5.7.8 Error: authentication failed",
    "(451, b'full', 'node@example.org')": "451 full",
    "[Errno 111] Connection refused": "Connection refused",
    "HTTPSConnectionPool(host='h', port=443): Max retries exceeded with url: /bot1:x/sendMessage (Caused by "
    'NewConnectionError("HTTPSConnection(): failed: [Errno 101] Network is unreachable"))': "Network is unreachable",
    "Connection unexpectedly closed": "Connection unexpectedly closed",
}


@pytest.mark.parametrize("said", REASONS)
def test_a_reason_is_unwrapped(said: str) -> None:
    assert shortened(said) == REASONS[said]


secret = st.text("abcdefghijkmnopqrstuvwxyzABC0123456789-_", min_size=6, max_size=20)


@given(secret, secret, secret, secret)
def test_no_part_of_an_address_is_ever_said(user: str, password: str, path: str, value: str) -> None:
    for url in (
        f"mailtos://{user}:{password}@smtp.example.net/{path}?pass={value}",
        f"tgram://{user}:{password}/{path}?x={value}",
        f"webhook+https://{user}:{password}@example.net/{path}/?key={value}",
    ):
        said = redacted(f"no such {user}@x.org, {password!r} at {url}, /{path}?{value} (me@home.example)", url)
        for part in (user, password, path, value, "me@home"):
            assert part not in said
        assert said.startswith("no ")
        assert len(said) <= 200
