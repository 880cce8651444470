from __future__ import annotations

import asyncio
import base64
import json
import os
import random
import socket
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tests.patience import PATIENCE

from storj_monitor.bridge.browser import REQUESTS_AT_ONCE, Timing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.bridge.conftest import World

FAST = Timing(delta=0.02)


def topic(number: int) -> str:
    return f"storj-monitor/pi/node{number}/state"


async def stalled(world: World, receive_buffer: int = 4096) -> socket.socket:
    """A client that shakes hands and then never reads a byte, nor answers a ping."""
    host, port = world.bridge.address.split(":")
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(sock, (host, int(port)))
    key = base64.b64encode(os.urandom(16)).decode()
    await loop.sock_sendall(
        sock,
        f"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode(),
    )
    return sock


async def gone(world: World, left: int = 0) -> None:
    """Wait until the bridge serves only `left` clients."""
    await eventually(lambda: len(world.bridge._browsers) == left)


async def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come true within five seconds")


async def test_first_everything_then_what_changed_each_topic_once(world: World) -> None:
    world.board.set(topic(1), {"ts": 1, "online": True})
    world.board.set("storj-monitor/pi/status", "online")
    await world.build(timing=FAST).start()
    async with world.page() as one, world.page() as two:
        for page in (one, two):
            assert await page.read() == {"t": "hello", "v": 1, "server": "1.2.3"}
            assert await page.read() == {"t": "snapshot", "seq": 0, "state": world.board.snapshot()}
        world.board.set(topic(1), {"ts": 2, "online": False})
        world.board.remove("storj-monitor/pi/status")
        for page in (one, two):
            assert await page.read() == {
                "t": "delta",
                "seq": 1,
                "set": {topic(1): {"ts": 2, "online": False}},
                "del": ["storj-monitor/pi/status"],
            }
            with pytest.raises(TimeoutError):
                await page.ws.receive(timeout=0.1)
    await gone(world)
    assert world.board.mirrors == set()


async def test_a_hundred_changes_in_a_moment_are_few_messages_with_the_last_value(world: World) -> None:
    await world.bridge.start()
    async with world.page() as page:
        await page.until("snapshot")
        started = time.monotonic()
        for number in range(100):
            world.board.set(topic(number % 3), {"n": number})
            await asyncio.sleep(0.0005)
        await page.reach(lambda: len(page.state) == 3 and page.state[topic(0)] == {"n": 99})
        assert page.state == world.board.snapshot()
        assert page.kinds.count("delta") <= 1 + (time.monotonic() - started) / 0.1


@pytest.mark.parametrize("seed", range(3))
async def test_snapshot_and_deltas_are_a_fresh_snapshot(world: World, seed: int) -> None:
    await world.build(timing=Timing(delta=0.002)).start()
    chance = random.Random(seed)
    async with world.page() as early:
        for step in range(2000):
            name = topic(chance.randrange(20))
            if chance.random() < 0.3:
                world.board.remove(name)
            else:
                world.board.set(name, {"n": step, "text": "ü\n\u2028" * chance.randrange(3)})
            if chance.random() < 0.1:
                await asyncio.sleep(0.001)
        world.board.set("storj-monitor/pi/end", step)
        await early.reach(lambda: early.state.get("storj-monitor/pi/end") == step)
        async with world.page() as fresh:
            await fresh.until("snapshot")
        assert early.state == fresh.state == world.board.snapshot()
        assert early.kinds.count("delta") > 3


async def test_large_frames_are_deflated_small_ones_not_and_both_arrive(world: World) -> None:
    for number in range(50):
        world.board.set(topic(number), {"text": f"{number} " * 200})
    await world.build(timing=FAST).start()
    async with world.page(compress=15) as page:
        assert page.ws.compress == 15
        await page.until("snapshot")
        assert page.state == world.board.snapshot()
        for length in (10, 100_000, 10):
            world.board.set(topic(0), {"text": "x" * length})
            await page.until("delta")
            assert page.state == world.board.snapshot()
            assert (await page.ask("echo", {"text": "y" * 5000}))["result"] == {"text": "y" * 5000}


async def test_answers_go_by_id_and_one_fault_harms_no_other(world: World, caplog: pytest.LogCaptureFixture) -> None:
    await world.bridge.start()
    async with world.page() as page:
        assert await page.ask("echo", {"a": None}, "x1") == {"id": "x1", "ok": True, "result": {"a": None}}
        for cmd, code in [("nothing", "unknown_command"), ("break", "internal"), ("odd", "internal")]:
            reply = await page.ask(cmd)
            assert (reply["ok"], reply["error"]["code"]) == (False, code)
            assert reply["error"]["text"].endswith(".")
        await page.ask("break\nERROR forged")
        assert (await page.ask("echo"))["ok"] is True
    assert world.asked[0] == ("echo", {"a": None}, "websocket")
    assert "\nERROR forged" not in caplog.text


async def test_a_slow_command_ends_and_says_so(world: World) -> None:
    await world.build(timing=Timing(request=0.05)).start()
    async with world.page() as page:
        assert (await page.ask("hold"))["error"]["code"] == "unavailable"


@pytest.mark.parametrize(
    "message",
    [
        "not json",
        "{}",
        "[]",
        '{"id":7}',
        '{"id":7,"cmd":[]}',
        '{"id":7,"cmd":"x","args":{"n":NaN}}',
        "x" * 70_000,
        b"\0",
    ],
)
async def test_whatever_a_client_sends_it_is_answered_and_lives(world: World, message: str | bytes) -> None:
    await world.bridge.start()
    async with world.page() as page:
        await (page.ws.send_bytes(message) if isinstance(message, bytes) else page.ws.send_str(message))
        reply = await page.until("reply")
        assert reply["ok"] is False
        assert reply["error"]["code"] in {"bad_message", "bad_argument", "too_large"}
        assert (await page.ask("echo"))["ok"] is True


@pytest.mark.parametrize(
    "frame",
    [
        b"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x81\x85\0\0\0\0\xff\xfe\xfd\xfc\xfb",
        b"\xf1\x80\0\0\0\0",
        b"\x83\x80\0\0\0\0",
        b"\x80\x80\0\0\0\0",
        b"\x89\xfe\x10\x00\0\0\0\0",
        b"\x88\x81\0\0\0\0\x01",
        os.urandom(4096),
    ],
)
async def test_broken_frames_end_only_their_own_connection(world: World, frame: bytes) -> None:
    await world.bridge.start()
    async with world.page() as other:
        await other.until("snapshot")
        sock = await stalled(world)
        await gone(world, left=2)
        await asyncio.get_running_loop().sock_sendall(sock, frame)
        sock.shutdown(socket.SHUT_WR)
        await gone(world, left=1)
        sock.close()
        assert (await other.ask("echo"))["ok"] is True


async def test_a_huge_message_ends_its_own_connection_with_a_code(world: World) -> None:
    await world.bridge.start()
    async with world.page() as other, world.page() as page:
        await page.until("snapshot")
        await page.ws.send_str("x" * 2_000_000)
        assert (await page.ws.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.CLOSE
        assert page.ws.close_code == 1009
        await other.until("snapshot")
        assert (await other.ask("echo"))["ok"] is True


async def test_a_client_asks_a_few_things_at_a_time(world: World) -> None:
    await world.bridge.start()
    async with world.page() as page:
        for number in range(REQUESTS_AT_ONCE + 3):
            await page.ws.send_json({"id": number, "cmd": "hold"})
        busy = [await page.until("reply") for _ in range(3)]
        assert [reply["error"]["code"] for reply in busy] == ["busy"] * 3
        assert len(world.asked) == REQUESTS_AT_ONCE
        world.hold.set()
        held = [await page.until("reply") for _ in range(REQUESTS_AT_ONCE)]
        assert {reply["id"] for reply in held} == set(range(REQUESTS_AT_ONCE))
        assert (await page.ask("echo"))["ok"] is True


async def test_live_messages_reach_the_watchers_of_their_node(world: World) -> None:
    await world.bridge.start()
    lively = {"at": 1_795_400_000_000, "bins": [[1_795_400_000, "GET", "ok", 2, 10]], "points": [], "lines": []}
    async with world.page() as attic, world.page() as cellar, world.page() as none:
        for page, nodes in ((attic, ["attic"]), (cellar, ["cellar"]), (none, [])):
            await page.until("snapshot")
            assert (await page.ask("watch", {"nodes": nodes}))["result"] == {"nodes": nodes}
        assert world.watched[-1] == {"attic", "cellar"}
        assert (await attic.ask("watch", {"nodes": ["nowhere"]}))["error"]["code"] == "unknown_node"
        world.live.push("attic", lively)
        assert await attic.until("live") == {"t": "live", "node": "attic", **lively}
        world.live.push("cellar", lively)
        assert (await cellar.until("live"))["node"] == "cellar"
        for page in (attic, cellar, none):
            assert (await page.ask("echo"))["ok"] is True
        assert [page.kinds.count("live") for page in (attic, cellar, none)] == [1, 1, 0]
    await gone(world)
    assert world.watched[-1] == frozenset()


async def test_a_tick_comes_although_nothing_changes(world: World) -> None:
    await world.build(timing=Timing(tick=0.05)).start()
    async with world.page() as page:
        assert await page.until("tick") == {"t": "tick", "ts": 1_795_400_000}
        world.time += 1.9
        assert (await page.until("tick"))["ts"] == 1_795_400_001


async def test_a_silent_peer_is_dropped_a_live_one_is_not(world: World) -> None:
    await world.build(timing=Timing(heartbeat=0.2)).start()
    async with world.page() as page:
        sock = await stalled(world)
        await gone(world, left=2)
        listening = asyncio.create_task(page.until("never"))
        await gone(world, left=1)
        await asyncio.sleep(0.5)
        assert not listening.done()
        assert len(world.bridge._browsers) == 1
        listening.cancel()
        sock.close()


async def test_one_who_never_reads_delays_nobody_costs_one_dict_and_is_closed(world: World) -> None:
    """Forty-five readers stay current while five clients take nothing; the five cost no queue."""
    await world.build(timing=Timing(delta=0.02, heartbeat=60, stall=2.0)).start()
    socks = [await stalled(world) for _ in range(5)]
    await gone(world, left=5)
    for browser in world.bridge._browsers:
        browser._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"{world.origin}/ws") for _ in range(45)]
        seen: list[dict[str, Any]] = [{} for _ in sockets]
        readers = [asyncio.create_task(follow(ws, state)) for ws, state in zip(sockets, seen, strict=True)]
        held = 0
        for step in range(100):
            world.board.set(topic(step % 10), {"n": step, "text": "x" * 4000})
            await asyncio.sleep(0.01)
            held = max(held, *(waiting(browser) for browser in world.bridge._browsers))
        await eventually(lambda: all(state == world.board.snapshot() for state in seen))
        # asyncio's own 64 KiB and one frame on its way, which is at most all ten topics.
        assert 0 < held < 65_536 + 10 * 4100
        assert all(len(mirror._dirty) <= 10 for mirror in world.board.mirrors)
        await gone(world, left=45)
        assert len(world.board.mirrors) == 45
        for reader in readers:
            reader.cancel()
        for ws in sockets:
            await ws.close()
    for sock in socks:
        sock.close()


def waiting(browser: Any) -> int:
    size: int = browser._transport.get_write_buffer_size()
    return size


async def follow(ws: aiohttp.ClientWebSocketResponse, state: dict[str, Any]) -> None:
    async for frame in ws:
        message = json.loads(frame.data)
        state |= message.get("state", {}) | message.get("set", {})


async def test_one_who_asks_without_reading_is_closed_too(world: World) -> None:
    await world.build(timing=Timing(heartbeat=60, stall=0.3)).start()
    sock = await stalled(world)
    loop = asyncio.get_running_loop()
    text = json.dumps({"id": 1, "cmd": "echo", "args": {"a": "x" * 60_000}}).encode()
    frame = b"\x81\xfe" + len(text).to_bytes(2, "big") + b"\0\0\0\0" + text
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                await loop.sock_sendall(sock, frame)
                await asyncio.sleep(0)
    except ConnectionError:
        await gone(world)
    finally:
        sock.close()


async def test_one_who_dies_in_the_middle_of_a_send_disturbs_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await world.build(timing=FAST).start()
    async with world.page() as page:
        await page.until("snapshot")
        sock = await stalled(world)
        await gone(world, left=2)
        for step in range(30):
            world.board.set(topic(0), {"n": step, "text": "x" * 50_000})
            await asyncio.sleep(0.01)
            if step == 15:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                sock.close()
        await page.reach(lambda: page.state == world.board.snapshot())
        await gone(world, left=1)
    assert not [record for record in caplog.records if record.levelname in {"ERROR", "WARNING"}]


async def test_stopping_says_goodbye_and_is_quick_whoever_is_there(world: World) -> None:
    await world.build(timing=Timing(goodbye=0.3)).start()
    async with world.page() as page:
        await page.until("snapshot")
        sock = await stalled(world)
        await page.ws.send_json({"id": 1, "cmd": "hold"})
        await gone(world, left=2)
        closing = asyncio.create_task(page.ws.receive(timeout=PATIENCE))
        started = time.monotonic()
        await world.bridge.stop()
        assert time.monotonic() - started < 2
        assert (await closing).data == 1001
        sock.close()
    assert world.board.mirrors == set()


async def test_too_many_pages_are_refused_with_a_sentence(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storj_monitor.bridge.server.BROWSERS", 2)
    await world.bridge.start()
    async with world.page() as one, world.page() as two:
        await one.until("snapshot")
        await two.until("snapshot")
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with world.page():
                pass
        assert refused.value.status == 503
