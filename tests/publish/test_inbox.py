from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.mosquitto import until

from storj_monitor.publish import claim, fleet, forgetting, leftovers, owners, topics
from storj_monitor.publish.connection import Message
from storj_monitor.publish.inbox import AT_ONCE, KEYS_MAX, NOTICES, WAITING_MAX, Folding, Inbox

REPLY = "storj-monitor/reply/x"
ASK = "storj-monitor/tower/ask"


class Outlet:
    def __init__(self) -> None:
        self.notices: list[tuple[str | None, str]] = []
        self.replies: list[dict[str, Any]] = []
        self.cleared: list[str] = []

    def notice(self, node: str | None, text: str) -> None:
        self.notices.append((node, text))

    def reply(self, topic: str, payload: bytes, correlation: bytes | None) -> None:  # noqa: ARG002
        assert topic.startswith(topics.REPLIES)
        self.replies.append(json.loads(payload))

    def clear(self, topic: str) -> None:
        self.cleared.append(topic)


class World:
    def __init__(self, answer: Any = None) -> None:
        self.outlet = Outlet()
        self.running = self.most = 0
        self.hold = asyncio.Event()
        self.hold.set()
        self.answer = answer
        self.inbox = Inbox(self.call, self.outlet, now=lambda: 0.0)

    async def call(self, _cmd: str, _args: dict[str, Any], channel: str) -> Any:
        assert channel == "mqtt"
        self.running += 1
        self.most = max(self.most, self.running)
        await self.hold.wait()
        self.running -= 1
        return self.answer

    def take(self, topic: str, payload: bytes, **more: Any) -> None:
        place = topics.place(topic, "tower")
        assert place is not None
        self.inbox.take(Message(topic, payload, **{"retain": False, **more}), place)

    @property
    def said(self) -> int:
        return len(self.outlet.replies) + len(self.outlet.notices)


async def test_few_run_at_once_some_wait_and_the_rest_is_refused() -> None:
    world = World()
    world.hold.clear()
    for number in range(WAITING_MAX + 3):
        world.take(ASK, json.dumps({"cmd": "history", "id": number}).encode(), response_topic=REPLY)
    await until(lambda: world.running == AT_ONCE)
    assert [text for _, text in world.outlet.notices] == 3 * ["Refused 'ask': too many commands at once"]
    world.hold.set()
    await until(lambda: len(world.outlet.replies) == WAITING_MAX)
    assert world.most == AT_ONCE
    assert [each["id"] for each in world.outlet.replies] == list(range(WAITING_MAX))


async def test_what_is_under_way_ends_with_the_inbox() -> None:
    world = World()
    world.hold.clear()
    world.take(ASK, b'{"cmd":"history"}', response_topic=REPLY)
    await until(lambda: world.running)
    await world.inbox.close()
    assert world.said == 0


async def test_an_emptied_topic_is_no_command() -> None:
    world = World()
    world.take("storj-monitor/tower/command/acknowledge", b"", retain=True)
    world.take("storj-monitor/tower/command/acknowledge", b"")
    await asyncio.sleep(0)
    assert (world.said, world.outlet.cleared) == (0, [])


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)
)
payloads = st.binary(min_size=1, max_size=300) | json_values.map(lambda value: json.dumps(value).encode())


@settings(deadline=None)
@given(payloads, st.none() | st.text().map(lambda text: topics.REPLIES + text) | st.text())
def test_every_question_has_one_answer(payload: bytes, response: str | None) -> None:
    async def ask() -> None:
        world = World()
        world.take(ASK, payload, response_topic=response)
        await until(lambda: world.said)
        assert world.said == 1

    asyncio.run(ask())


@settings(deadline=None)
@given(payloads, st.text(min_size=1).filter(lambda text: "/" not in text))
def test_every_hostile_command_is_refused_in_a_short_sentence(payload: bytes, command: str) -> None:
    async def send() -> None:
        world = World()
        world.take(f"storj-monitor/tower/attic/command/{command}", payload)
        await until(lambda: world.said)
        node, text = world.outlet.notices[0]
        assert node == "attic"
        assert len(text) <= 300
        assert text.isprintable()

    asyncio.run(send())


@pytest.mark.parametrize(
    "target", ["storj-monitor/reply/+", "storj-monitor/reply/#", "storj-monitor/reply/\n", REPLY + "x" * 300, "x"]
)
async def test_topics_that_are_no_place_for_an_answer(target: str) -> None:
    world = World()
    world.take(ASK, b'{"cmd":"history"}', response_topic=target)
    await until(lambda: world.outlet.notices)
    assert not world.outlet.replies


def test_folding_counts_what_it_leaves_out() -> None:
    folding = Folding()
    assert [folding.fold("attic", 60.0 + n) for n in range(12)] == [0] * 10 + [None] * 2
    assert folding.fold("cellar", 61.0) == 0
    assert folding.fold("attic", 120.0) == 2
    assert folding.fold("attic", 121.0) == 0


TOO_DEEP, NO_TEXT = b'{"args":' * 8_000, b'{"cmd":"\xff"}'


@pytest.mark.parametrize("payload", [TOO_DEEP, NO_TEXT])
async def test_what_breaks_a_parser_is_answered_too(payload: bytes) -> None:
    world = World()
    world.take(ASK, payload, response_topic=REPLY)
    await until(lambda: world.said)
    assert world.outlet.replies[0]["error"]["code"] == "bad_argument"


@pytest.mark.parametrize("payload", [TOO_DEEP, NO_TEXT])
def test_what_others_write_breaks_no_reader(payload: bytes) -> None:
    assert claim.instance_of(payload) is None
    assert owners.read("homeassistant/device/x/config", payload) is None
    assert fleet._value(payload, "state") is None
    assert forgetting._status_of(payload) is None
    assert [each.read for each in leftovers.leftovers({"x": payload}, [], [])] == [[]]


def test_names_of_nodes_that_do_not_exist_are_not_kept_for_ever() -> None:
    folding = Folding()
    told = [folding.fold(f"node-{n}", 60.0) for n in range(20_000)]
    assert told[:KEYS_MAX] == [0] * KEYS_MAX
    assert sum(each is not None for each in told) <= KEYS_MAX + NOTICES
    assert len(folding._minutes) + len(folding._folded) <= KEYS_MAX + 2
    assert folding.fold("attic", 120.0) == 0, "a minute later there is room again"
