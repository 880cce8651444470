"""From the outbox to the routes, over a real database and over restarts."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from tests.alerts.events import NOON, alert, event, notice
from tests.alerts.servers import until
from tests.integration.rig import Clock
from tests.patience import PATIENCE

from storj_monitor.alerts.channels import Result
from storj_monitor.alerts.decisions import GROUP, HOUR, HOURLY, LIMIT, REPEAT
from storj_monitor.alerts.messages import Message
from storj_monitor.alerts.outbox import SETTLED, Notifications, World
from storj_monitor.core.errors import CommandError
from storj_monitor.settings import NotifySettings
from storj_monitor.store import Store, outbox
from storj_monitor.store.prune import prune

PHONE = {"phone": {"url": "tgram://123:secret-token/9"}}
HOOK = {"program": {"url": "webhook+https://example.org/secret-path"}}
DAY = 86_400


class Post:
    """The way out: `arrived` by address, `broken` addresses fail, `slow` ones wait for `answer`."""

    def __init__(self) -> None:
        self.arrived: dict[str, list[Message]] = {}
        self.tried: list[str] = []
        self.broken: set[str] = set()
        self.slow: set[str] = set()
        self.answer = asyncio.Event()
        self.reached = asyncio.Event()

    async def send(self, url: str, message: Message) -> Result:
        kind = url.partition(":")[0]
        self.tried.append(kind)
        if kind in self.slow:
            self.reached.set()
            await self.answer.wait()
        if kind in self.broken:
            return Result(False, "535 authentication failed")
        self.arrived.setdefault(kind, []).append(message)
        return Result(True, "sent")

    def texts(self, kind: str = "tgram") -> list[str]:
        return [f"{message.title}\n{message.text}" for message in self.arrived.get(kind, [])]

    def keys(self, kind: str = "webhook+https") -> list[str]:
        return [message.key for message in self.arrived.get(kind, [])]


class Rig:
    """Notifications on a data folder that stays, with a clock that is set."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.post = folder, Clock(NOON), Post()
        self.open: dict[str, dict[str, Any]] = {}
        self.digests: list[tuple[int, int]] = []

    async def digest(self, start: int, end: int) -> Message:
        self.digests.append((start, end))
        return Message("Digest", "All is well.", "success", notice("Digest"), f"digest-{end}")

    @contextlib.asynccontextmanager
    async def running(self, routes: dict[str, Any], **options: Any) -> AsyncIterator[Notifications]:
        """An agent's notifications between a start and a stop."""
        self.store = Store(self.folder, now=self.clock)
        await self.store.open()
        settings = NotifySettings.model_validate({"timezone": "UTC", "routes": routes, **options})
        world = World(self.clock, lambda: list(self.open.values()), self.digest, self.post.send)
        found = Notifications(self.store, settings, world)
        await found.start()
        try:
            yield found
        finally:
            await self.store.close()

    async def put(self, *events: dict[str, Any]) -> None:
        """What the rules do: the event, in the transaction of the facts, and the open alert."""
        now = int(self.clock())

        async def work(db: aiosqlite.Connection) -> None:
            for each in events:
                await db.execute("INSERT INTO outbox (at, event) VALUES (?, ?)", (now, json.dumps(each)))

        await self.store.write(work)
        for each in events:
            if each["event_type"] == "alert_closed":
                self.open.pop(each["id"], None)
            elif "id" in each:
                self.open[each["id"]] = {key: value for key, value in each.items() if key != "event_type"}

    async def later(self, seconds: float, notifications: Notifications) -> None:
        self.clock.at += seconds
        await notifications.drain()

    def kept(self) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.store.file)) as db:
            return db.execute("SELECT key, value FROM meta").fetchall()

    def rows(self) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.store.file)) as db:
            return db.execute("SELECT outbox, route, state, said FROM delivery ORDER BY outbox, route").fetchall()


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


async def test_people_get_one_message_and_a_program_each_event(rig: Rig) -> None:
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.put(event("opened", "a"), event("opened", "b", "critical"))
        await notifications.drain()
        assert (rig.post.texts(), rig.post.keys()) == ([], ["1", "2"])
        await rig.put(event("closed", "a"))
        await rig.later(GROUP, notifications)
        (text,) = rig.post.texts()
        assert text.startswith("1 critical, 1 over\n")
        assert text.index("The disk b is nearly full") < text.index("The disk a is nearly full")
        assert "Make room." in text
        assert [message.event["event_type"] for message in rig.post.arrived["webhook+https"]] == [
            "alert_opened",
            "alert_opened",
            "alert_closed",
        ]
        await rig.later(DAY, notifications)
        assert {(state, said) for _, _, state, said in rig.rows()} == {("sent", "sent")}


async def test_a_failing_route_is_tried_ever_later_and_over_restarts(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    rig.post.broken = {"tgram"}
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.put(event("opened"))
        await notifications.drain()
        await rig.later(GROUP, notifications)
        await rig.later(9, notifications)
        assert rig.post.tried.count("tgram") == 1
        await rig.later(1, notifications)
        assert rig.post.tried.count("tgram") == 2
        assert notifications.status()["phone"] == {
            "url": "tgram://…",
            "waiting": 1,
            "failures": 2,
            "said": "535 authentication failed",
            "due": int(rig.clock()) + 20,
        }
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.later(19, notifications)
        assert rig.post.tried.count("tgram") == 2, "the wait goes on over the restart"
        await rig.later(1, notifications)
        assert rig.post.tried.count("tgram") == 3
        rig.post.broken = set()
        await rig.later(40, notifications)
        assert (len(rig.post.texts()), rig.post.keys()) == (1, ["1"])
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.later(HOUR, notifications)
        assert (len(rig.post.texts()), rig.post.keys()) == (1, ["1"]), "what is told stays told"
    said = [each.message for each in caplog.records if "route phone" in each.message]
    assert said == [
        "The route phone (tgram://…) does not work and will be tried again: 535 authentication failed",
        "The route phone (tgram://…) works again.",
    ]
    assert "secret" not in caplog.text
    assert "Waits for phone: event 1 (alert_opened disk_full:attic:a), gathering." in caplog.text


async def test_a_slow_route_delays_no_other_and_is_sent_again_after_a_crash(rig: Rig) -> None:
    rig.post.slow = {"tgram"}
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.put(event("opened"))
        task = asyncio.create_task(notifications.run())
        rig.clock.at += GROUP
        notifications.poke()
        async with asyncio.timeout(PATIENCE):
            await until(lambda: rig.post.keys() == ["1"])
            rig.clock.at += GROUP
            for worker in notifications._workers.values():
                worker.wake()
            await rig.post.reached.wait()
            await rig.put(event("closed"))
            notifications.poke()
            await until(lambda: rig.post.keys() == ["1", "2"])
        assert not rig.post.texts()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    rig.post.slow = set()
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.later(GROUP, notifications)
        (text,) = rig.post.texts()
        assert text.startswith("Over: attic, disk full\n")
        assert rig.post.keys() == ["1", "2"]


async def test_twenty_messages_an_hour_and_one_that_counts_the_rest(rig: Rig) -> None:
    async with rig.running(PHONE | HOOK) as notifications:
        for number in range(HOURLY + 5):
            await rig.put(event("opened", str(number)))
            await notifications.drain()
            await rig.later(GROUP, notifications)
        assert (len(rig.post.texts()), len(rig.post.keys())) == (HOURLY, HOURLY)
        assert "This is message 20 of the hour" in rig.post.texts()[-1]
        await rig.later(HOUR, notifications)
        assert len(rig.post.texts()) == HOURLY + 1
        assert rig.post.texts()[-1].startswith("5 warning\nKept back until now")
        counting = rig.post.arrived["webhook+https"][HOURLY:]
        assert [message.event["text"] for message in counting] == [
            "5 events were not sent one by one, since 20 messages an hour are enough: 5 warning."
        ]
        assert LIMIT not in {said for *_, said in rig.rows()}
        await rig.put(event("closed", "24"))
        await notifications.drain()
        assert rig.post.keys()[-1] == str(HOURLY + 6), "and then one by one again"


async def test_a_new_route_gets_what_is_critical_now_and_nothing_old(rig: Rig) -> None:
    async with rig.running({}) as notifications:
        await rig.put(
            event("opened", "a"), event("opened", "b", "critical"), event("opened", "c"), event("closed", "c")
        )
        await notifications.drain()
    async with rig.running(PHONE | HOOK) as notifications:
        await notifications.drain()
        (text,) = rig.post.texts()
        assert text.startswith("Critical: attic, disk full\nThe disk b")
        assert "Still so, since 2026-11-23 12:00." in text
        assert (rig.rows(), rig.post.keys()) == ([], [])
        await rig.later(REPEAT - 60, notifications)
        assert len(rig.post.texts()) == 1
        await rig.later(60, notifications)
        assert len(rig.post.texts()) == 2
        rig.open["disk_full:attic:b"]["acknowledged"] = True
        await rig.later(2 * REPEAT, notifications)
        assert len(rig.post.texts()) == 2
        await rig.put(event("closed", "b", "critical"))
        await notifications.drain()
        await rig.later(GROUP, notifications)
        assert rig.post.texts()[-1].startswith("Over: attic, disk full\n")


async def test_events_of_a_stop_are_told_and_those_of_a_route_that_is_gone_are_not_kept(rig: Rig) -> None:
    async with rig.running(PHONE | HOOK):
        await rig.put(event("opened"))
    async with rig.running(PHONE | HOOK) as notifications:
        await notifications.drain()
    async with rig.running(HOOK) as notifications:
        assert rig.rows() == [(1, "phone", "dropped", "the route is gone"), (1, "program", "sent", "sent")]
        rig.clock.at += outbox.KEEP + 1
        await prune(rig.store, rig.clock())
        assert rig.rows() == []
        await rig.put(event("closed"))
        await notifications.drain()
        assert rig.post.keys() == ["1", "2"], "an id is never used again"


async def test_each_dropped_event_keeps_its_reason(rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with rig.running(PHONE) as notifications:
        await rig.put(event("opened", severity="info"), notice(), event("closed", "b"))
        await notifications.drain()
        assert rig.rows() == [
            (1, "phone", "dropped", "info is not for this route"),
            (2, "phone", "dropped", "notices are not sent this way"),
            (3, "phone", "dropped", "its opening was not told here"),
        ]
        assert "Not sent to phone: event 2 (notice a notice), notices are not sent this way." in caplog.text


@pytest.mark.parametrize(
    "row", ["", "[]", "{}", "nonsense", '{"event_type": "notice"}', '{"event_type": "alert_opened", "id": 7}', "[[["]
)
async def test_an_event_that_nobody_can_read_stops_nobody(rig: Rig, row: str) -> None:
    async with rig.running(PHONE | HOOK):
        await rig.store.write(lambda db: db.execute("INSERT INTO outbox (at, event) VALUES (?, ?)", (NOON, row)))
        await rig.put(event("opened", text="\ud800 \x00 \u2028 end"))
    for _ in range(2):
        async with rig.running(PHONE | HOOK) as notifications:
            await rig.later(GROUP, notifications)
            await rig.later(GROUP, notifications)
    assert rig.rows()[0] == (1, "phone", "dropped", "it is no event of the contract")
    assert rig.post.texts()[0].startswith("Warning: attic, disk full\n? end\n")
    assert rig.post.keys() == ["2"]


async def test_the_night_ends_with_one_message(rig: Rig) -> None:
    async with rig.running(PHONE, quiet_hours="12:00-18:00") as notifications:
        await rig.put(event("opened", "a"), event("opened", "b"))
        await notifications.drain()
        await rig.later(HOUR, notifications)
        await rig.put(event("closed", "b"), event("opened", "c", "critical"))
        await notifications.drain()
        await rig.later(GROUP, notifications)
        assert [text.partition("\n")[0] for text in rig.post.texts()] == ["Critical: attic, disk full"]
        rig.open["disk_full:attic:c"]["acknowledged"] = True
        await rig.later(5 * HOUR - GROUP, notifications)
        assert [text.partition("\n")[0] for text in rig.post.texts()[1:]] == ["1 warning, 1 over"]


async def test_the_digest_comes_once_a_day_also_late_and_after_a_failure(rig: Rig) -> None:
    options = {"digest": "daily", "digest_time": "13:00"}
    async with rig.running(PHONE, **options) as notifications:
        await rig.later(HOUR - 1, notifications)
        assert not rig.digests
        rig.post.broken = {"tgram"}
        await rig.later(1, notifications)
        rig.post.broken = set()
        await rig.later(10, notifications)
        assert rig.digests == [(NOON, NOON + HOUR), (NOON, NOON + HOUR + 10)]
        assert rig.post.texts() == ["Digest\nAll is well."]
        await rig.later(HOUR, notifications)
        assert len(rig.digests) == 2
    rig.clock.at += DAY
    async with rig.running(PHONE, **options) as notifications:
        await rig.later(SETTLED - 1, notifications)
        assert len(rig.digests) == 2, "what is true is not known at the start"
        await rig.later(1, notifications)
        assert rig.digests[2:] == [(NOON + HOUR + 10, int(rig.clock()))]


async def test_the_digest_comes_though_the_clock_was_ahead(rig: Rig) -> None:
    rig.clock.at += 30 * DAY
    options = {"digest": "daily", "digest_time": "08:00"}
    async with rig.running(PHONE, **options) as notifications:
        await notifications.drain()
        rig.clock.at -= 30 * DAY
        for _ in range(2):
            await rig.later(DAY, notifications)
        assert len(rig.digests) == 1, "from the day on which the clock was found to be right"


async def test_the_test_says_how_each_route_fares(rig: Rig) -> None:
    rig.post.broken = {"tgram"}
    async with rig.running(PHONE | HOOK) as notifications:
        assert await notifications.test() == {
            "routes": {
                "phone": {"ok": False, "text": "535 authentication failed", "url": "tgram://…"},
                "program": {"ok": True, "text": "sent", "url": "webhook+https://example.org"},
            }
        }
        with pytest.raises(CommandError, match="less than 10 s ago"):
            await notifications.test("phone")
        rig.clock.at += 10
        assert list((await notifications.test("program"))["routes"]) == ["program"]
        with pytest.raises(CommandError, match="known: phone, program"):
            await notifications.test("mail")
    async with rig.running({}) as notifications:
        with pytest.raises(CommandError, match="No route is set"):
            await notifications.test()


async def test_a_route_with_another_address_is_tried_at_once(rig: Rig) -> None:
    rig.post.broken = {"tgram"}
    async with rig.running(PHONE) as notifications:
        task = asyncio.create_task(notifications.run())
        try:
            await rig.put(event("opened", "a", "critical"))
            async with asyncio.timeout(PATIENCE):
                while notifications.status()["phone"]["failures"] < 4:
                    rig.clock.at += GROUP
                    notifications.poke()
                    await asyncio.sleep(0.01)
                tried = len(rig.post.tried)
                assert notifications.status()["phone"]["due"] - rig.clock.at >= GROUP
                await notifications.apply(NotifySettings.model_validate({"timezone": "UTC", "routes": PHONE}))
                await asyncio.sleep(0.1)
                assert len(rig.post.tried) == tried, "the same address waits its time"
                other = {"phone": {"url": "ntfys://ntfy.sh/secret-topic"}}
                await notifications.apply(NotifySettings.model_validate({"timezone": "UTC", "routes": other}))
                await until(lambda: len(rig.post.texts("ntfys")) == 1)
            assert notifications.status()["phone"] | {"url": ""} == {
                "url": "", "waiting": 0, "failures": 0, "said": "", "due": None
            }  # fmt: skip
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_another_address_in_the_file_is_tried_at_the_start(rig: Rig) -> None:
    rig.post.broken = {"tgram"}
    async with rig.running(PHONE) as notifications:
        await rig.put(event("opened", "a", "critical"))
        await rig.later(GROUP, notifications)
        for _ in range(8):
            await rig.later(HOUR, notifications)
    async with rig.running(PHONE) as notifications:
        assert notifications.status()["phone"]["due"] - rig.clock.at > GROUP, "the same address waits its time"
    async with rig.running({"phone": {"url": "ntfys://ntfy.sh/secret-topic"}}) as notifications:
        await notifications.drain()
        assert len(rig.post.texts("ntfys")) == 1
        assert (notifications.status()["phone"]["failures"], "secret-topic" in str(rig.kept())) == (0, False)


async def test_a_route_that_went_and_came_back_is_a_new_one(rig: Rig) -> None:
    rig.post.broken = {"tgram"}
    async with rig.running(PHONE | HOOK) as notifications:
        await rig.put(event("opened", "a", "critical"))
        await notifications.drain()
        await rig.later(GROUP, notifications)
        assert notifications.status()["phone"]["failures"] == 1
    async with rig.running(HOOK):
        assert await outbox.route_state(rig.store, "phone") is None
        assert await outbox.route_state(rig.store, "program") is not None
    rig.post.broken.clear()
    async with rig.running(PHONE | HOOK) as notifications:
        assert notifications.status()["phone"]["failures"] == 0
        await notifications.drain()
        assert "Still so" in rig.post.texts()[0], "it is tried at once and told what is critical now"


async def test_other_routes_count_at_once(rig: Rig) -> None:
    async with rig.running({}) as notifications:
        task = asyncio.create_task(notifications.run())
        rig.open["x"] = alert("x", "critical")
        try:
            settings = NotifySettings.model_validate({"timezone": "UTC", "routes": PHONE | HOOK})
            await notifications.apply(settings)
            async with asyncio.timeout(PATIENCE):
                await until(lambda: len(rig.post.texts()) == 1)
                await rig.put(event("opened", "y"))
                notifications.poke()
                await until(lambda: rig.post.keys() == ["1"])
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def test_other_routes_count_though_the_store_refused_at_first(rig: Rig) -> None:
    async with rig.running({}) as notifications:
        await rig.store.write(lambda db: db.execute("ALTER TABLE delivery RENAME TO elsewhere"))
        task = asyncio.create_task(notifications.run())
        await asyncio.sleep(0)
        await notifications.apply(NotifySettings.model_validate({"timezone": "UTC", "routes": HOOK}))
        with pytest.raises(sqlite3.OperationalError):
            await task
        await rig.store.write(lambda db: db.execute("ALTER TABLE elsewhere RENAME TO delivery"))
        task = asyncio.create_task(notifications.run())  # as its keeper does
        try:
            await until(lambda: list(notifications.status()) == ["program"])
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
