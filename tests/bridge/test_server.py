from __future__ import annotations

import asyncio
import gzip
import json
import logging
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tests.patience import PATIENCE

from storj_monitor.bridge.browser import Timing
from storj_monitor.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.bridge.conftest import World

TOKEN = "correct horse battery staple"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
PATHS = ["/", "/assets/x-12345678.js", "/ws", "/login", "/api/session", "/healthz", "/board", "/metrics", "/nothing"]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False) as made:
        yield made


async def raw(world: World, request: bytes) -> bytes:
    """Send bytes as they are, and read until the server closes."""
    host, port = world.bridge.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "[::1]:80"}, 200),
        ({"Host": "monitor.example"}, 200),
        ({"Host": "pi.local"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "192.0.2.1"}, 403),
        ({"Host": "localhost", "Origin": "http://localhost"}, 200),
        ({"Host": "localhost", "Origin": "https://monitor.example"}, 200),
        ({"Host": "localhost", "Origin": "http://localhost:3000"}, 403),
        ({"Host": "localhost", "Origin": "https://evil.example"}, 403),
        ({"Host": "localhost", "Origin": "null"}, 403),
        ({"Host": "evil.example", "Origin": "http://evil.example"}, 403),
    ],
)
async def test_host_and_origin_are_looked_at_on_every_request(
    world: World, session: aiohttp.ClientSession, headers: dict[str, str], status: int
) -> None:
    await world.build(public_url="https://monitor.example/", allowed_hosts=("pi.local",), token=TOKEN).start()
    for path in PATHS:
        for method in ("GET", "POST"):
            async with session.request(method, world.origin + path, headers=headers) as answer:
                assert (answer.status == 403) is (status == 403), (method, path)
                text = await answer.read()  # some are files, compressed
                assert status != 403 or b"allowed_" in text


async def test_a_request_without_a_host_or_with_two_is_refused(world: World) -> None:
    await world.bridge.start()
    assert (await raw(world, b"GET /board HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 403")
    two = await raw(world, b"GET /board HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert two.split(b" ")[1] in {b"400", b"403"}


@pytest.mark.parametrize(
    ("ancestors", "policy"), [((), "'none'"), (("'self'", "http://ha.example:8123"), "'self' http://ha.example:8123")]
)
async def test_every_answer_carries_the_policy_and_no_banner(
    world: World, session: aiohttp.ClientSession, ancestors: tuple[str, ...], policy: str
) -> None:
    await world.build(frame_ancestors=ancestors).start()
    for path in PATHS:
        async with session.get(world.origin + path) as answer:
            assert answer.headers["Content-Security-Policy"] == CSP + policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert "Cache-Control" in answer.headers
            assert "Server" not in answer.headers


async def test_with_a_token_only_the_empty_page_is_open(world: World, session: aiohttp.ClientSession) -> None:
    world.board.set("storj-monitor/pi/status", "online")
    await world.build(token=TOKEN).start()
    for path, status in [("/board", 401), ("/api/session", 401), ("/metrics", 401), ("/ws", 401), ("/healthz", 200)]:
        async with session.get(world.origin + path) as answer:
            assert answer.status == status, path
            assert status == 200 or answer.headers["WWW-Authenticate"] == "Bearer"
    async with session.get(world.origin + "/board", headers={"Authorization": f"Bearer {TOKEN}"}) as answer:
        assert await answer.json() == {"storj-monitor/pi/status": "online"}
    for query in (f"?token={TOKEN}", f"?access_token={TOKEN}"):
        async with session.get(world.origin + "/board" + query) as answer:
            assert answer.status == 401


@pytest.mark.parametrize("as_form", [True, False])
@pytest.mark.parametrize(("origin", "secure"), [(None, False), ("https://monitor.example", True)])
async def test_a_login_gives_a_cookie_scripts_cannot_read(
    world: World, session: aiohttp.ClientSession, as_form: bool, origin: str | None, secure: bool
) -> None:
    await world.build(token=TOKEN, allowed_hosts=("monitor.example",)).start()
    body: dict[str, Any] = {"data": {"token": TOKEN}} if as_form else {"json": {"token": TOKEN}}
    headers = {"Origin": origin, "Host": "monitor.example"} if origin else {}
    async with session.post(world.origin + "/login", headers=headers, **body) as answer:
        assert answer.status == 204
        (cookie,) = SimpleCookie(answer.headers["Set-Cookie"]).values()
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Strict", secure)
    assert (cookie["path"], cookie["max-age"]) == ("", str(180 * 86400))
    assert TOKEN not in cookie.value
    let_in = {"Cookie": f"{cookie.key}={cookie.value}"}
    async with session.get(world.origin + "/api/session", headers=let_in) as answer:
        assert await answer.json() == {"ok": True, "token_needed": True}
    async with world.page(headers=let_in) as page:
        assert (await page.read())["t"] == "hello"


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b'{"token":7}', 400),
        ("application/json", b"[" * 4000, 400),
        ("application/json", b"\xff", 400),
        ("application/x-www-form-urlencoded", b"", 400),
        ("application/x-www-form-urlencoded", b"token=a&" * 5, 400),
        ("application/x-www-form-urlencoded", b"token=%ff%00", 401),
        ("application/json", json.dumps({"token": "x" * 5000}).encode(), 413),
        ("multipart/form-data; boundary=x", b"--x--", 400),
    ],
)
async def test_a_broken_login_is_refused(
    world: World, session: aiohttp.ClientSession, content_type: str, body: bytes, status: int
) -> None:
    await world.build(token=TOKEN).start()
    async with session.post(world.origin + "/login", data=body, headers={"Content-Type": content_type}) as answer:
        assert answer.status == status


async def test_the_sixth_guess_within_a_minute_waits_by_whichever_door(
    world: World, session: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    await world.build(token=TOKEN, allowed_origins=("https://hub.example",)).start()
    for _ in range(3):
        async with session.post(world.origin + "/login", json={"token": "wrong\nERROR forged"}) as answer:
            assert answer.status == 401
    async with session.get(world.origin + "/board", headers={"Authorization": "Bearer wrong"}) as answer:
        assert answer.status == 401
    async with world.page(origin="https://hub.example") as page:
        await page.ws.send_json({"t": "auth", "token": "wrong"})
        assert (await page.ws.receive(timeout=PATIENCE)).data == 4401
    async with session.post(world.origin + "/login", json={"token": TOKEN}) as answer:
        assert answer.status == 429
        assert answer.headers["Retry-After"] == "60"
    async with world.page(origin="https://hub.example") as page:
        await page.ws.send_json({"t": "auth", "token": TOKEN})
        assert (await page.ws.receive(timeout=PATIENCE)).data == 4429
    world.time += 60
    async with session.post(world.origin + "/login", json={"token": TOKEN}) as answer:
        assert answer.status == 204
    assert "forged" not in caplog.text
    assert caplog.text.count("wrong token came from 127.0.0.1") == 5


@pytest.mark.parametrize(("query", "origin"), [("", "https://hub.example"), ("?auth=frame", None)])
async def test_a_page_from_elsewhere_proves_itself_by_its_first_frame(
    world: World, query: str, origin: str | None
) -> None:
    await world.build(token=TOKEN, allowed_origins=("https://hub.example",)).start()
    async with world.page(query, origin=origin) as page:
        await page.ws.send_json({"t": "auth", "token": TOKEN})
        assert (await page.read())["t"] == "hello"
        assert (await page.read())["t"] == "snapshot"
        await page.ws.send_json({"t": "auth", "token": "once more"})
        assert (await page.ask("echo", {"a": 1}))["result"] == {"a": 1}


@pytest.mark.parametrize("first", ['{"id":1,"cmd":"echo"}', '{"t":"auth"}', "not json", b"binary", "x" * 2_000_000])
async def test_without_the_token_nothing_is_told(world: World, first: str | bytes) -> None:
    await world.build(token=TOKEN, allowed_origins=("https://hub.example",)).start()
    async with world.page(origin="https://hub.example") as page:
        await (page.ws.send_bytes(first) if isinstance(first, bytes) else page.ws.send_str(first))
        answer = await page.ws.receive(timeout=PATIENCE)
        assert answer.type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        assert page.ws.close_code in {4401, 1009}
    assert world.asked == []


async def test_who_never_proves_itself_is_sent_away(world: World) -> None:
    timing = Timing(auth=0.05)
    await world.build(token=TOKEN, allowed_origins=("https://hub.example",), timing=timing).start()
    async with world.page(origin="https://hub.example") as page:
        assert (await page.ws.receive(timeout=PATIENCE)).data == 4401


async def test_those_who_prove_nothing_cannot_fill_the_house(world: World) -> None:
    await world.build(token=TOKEN).start()
    async with aiohttp.ClientSession() as session:
        waiting = [await session.ws_connect(f"{world.origin}/ws?auth=frame") for _ in range(32)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{world.origin}/ws?auth=frame")
        assert refused.value.status == 503
        async with world.page(headers={"Authorization": f"Bearer {TOKEN}"}) as page:
            assert (await page.read())["t"] == "hello"
        for ws in waiting:
            await ws.close()


async def test_without_a_token_this_machine_comes_in(world: World, session: aiohttp.ClientSession) -> None:
    await world.bridge.start()
    async with session.get(world.origin + "/api/session") as answer:
        assert await answer.json() == {"ok": True, "token_needed": False}
    async with session.post(world.origin + "/login", json={"token": "anything"}) as answer:
        assert answer.status == 204


async def test_health_and_metrics_come_from_the_agent(world: World, session: aiohttp.ClientSession) -> None:
    await world.bridge.start()
    for reason, status, text in [(None, 200, "ok\n"), ("No commit for 90 s.", 503, "No commit for 90 s.\n")]:
        world.reason = reason
        async with session.get(world.origin + "/healthz") as answer:
            assert (answer.status, await answer.text()) == (status, text)
    for path, status in [("/metrics", 200), ("/metrics/attic", 200), ("/metrics/nowhere", 404)]:
        async with session.get(world.origin + path) as answer:
            assert answer.status == status
    async with session.get(world.origin + "/metrics") as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert await answer.read() == b"storj_up 1\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>viewer</title>")
    script = tmp_path / "assets" / "index-Dx3_9aZ-.js"
    script.write_text("plain")
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(b"plain"))
    return tmp_path


async def test_the_page_is_served_small_and_only_once(
    world: World, session: aiohttp.ClientSession, folder: Path
) -> None:
    await world.build(folder).start()
    script = world.origin + "/assets/index-Dx3_9aZ-.js"
    async with session.get(script, headers={"Accept-Encoding": "br, gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await answer.read()) == b"plain"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert "immutable" in answer.headers["Cache-Control"]
    async with session.get(world.origin + "/") as answer:
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-cache"
        etag = answer.headers["ETag"]
    for known, status in [(etag, 304), (f'W/{etag}, "x"', 304), ("*", 304), ('"x"', 200)]:
        async with session.get(world.origin + "/", headers={"If-None-Match": known}) as answer:
            assert answer.status == status, known
            assert answer.headers["ETag"] == etag
    async with session.head(script, headers={"Accept-Encoding": "identity"}) as answer:
        assert (answer.status, answer.headers["Content-Length"]) == (200, "5")


@pytest.mark.parametrize(
    "target", [b"/../pyproject.toml", b"/..%2f..%2fetc/passwd", b"/assets/%2e%2e/%2e%2e/x", b"//etc/passwd", b"/%00"]
)
async def test_no_path_leaves_the_bundle(world: World, folder: Path, target: bytes) -> None:
    (folder.parent / "x").write_text("secret")
    await world.build(folder).start()
    answer = await raw(world, b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert answer.split(b" ")[1] == b"404"


async def test_without_a_bundle_the_page_says_how_to_build_it(
    world: World, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    await world.build(tmp_path / "nowhere").start()
    async with session.get(world.origin + "/") as answer:
        assert answer.status == 503
        assert "make viewer" in await answer.text()


@pytest.mark.parametrize("prefix", ["", "/storj/one"])
async def test_a_proxy_may_strip_the_path_of_the_public_url_or_not(
    world: World, session: aiohttp.ClientSession, folder: Path, prefix: str
) -> None:
    await world.build(folder, public_url="https://monitor.example/storj/one/", token=TOKEN).start()
    known = {"Authorization": f"Bearer {TOKEN}"}
    for path in ("/", "/assets/index-Dx3_9aZ-.js", "/healthz", "/board", "/api/session"):
        async with session.get(world.origin + prefix + path, headers=known) as answer:
            assert answer.status == 200
    async with session.ws_connect(world.origin + prefix + "/ws", headers=known) as ws:
        assert (await ws.receive_json(timeout=PATIENCE))["t"] == "hello"
    async with session.get(world.origin + "/storj/one", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (307, "one/")


async def test_bytes_that_are_no_http_make_one_quiet_line(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.bridge.start()
    with caplog.at_level(logging.DEBUG):
        answer = await raw(world, b"GET /\x00forged\nERROR HTTP/1.1\r\nHost\r\n\r\n")
    assert answer.startswith((b"HTTP/1.0 400", b"HTTP/1.1 400"))
    assert "forged" not in caplog.text
    assert "Traceback" not in caplog.text
    assert all(record.levelno <= logging.INFO for record in caplog.records)


async def test_an_address_in_use_is_said_in_a_sentence(world: World) -> None:
    await world.bridge.start()
    first = world.bridge
    with pytest.raises(SettingsError, match=r"Cannot listen on 127\.0\.0\.1:\d+"):
        await world.build(listen=first.address).start()
    await first.stop()
    await world.bridge.start()
    assert world.bridge.url == f"http://{world.bridge.address}/"


async def test_others_come_in_by_token_only(world: World) -> None:
    with pytest.raises(SettingsError, match="token"):
        await world.build(listen="0.0.0.0:0").start()
    await world.build(listen="0.0.0.0:0", token=TOKEN).start()
    assert world.bridge.url.startswith("http://127.0.0.1:")
