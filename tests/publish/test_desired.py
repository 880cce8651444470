from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.publish.desired import EVENT_AGE, EVENTS_MAX, Desired, Event, Events

TOPICS = ("a", "b", "c")
steps = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from(TOPICS), st.sampled_from([b"1", b"2", None])),
        st.tuples(st.just("send"), st.sampled_from(TOPICS), st.none()),
        st.tuples(st.just("land"), st.sampled_from(TOPICS), st.none()),
        st.tuples(st.just("lose"), st.none(), st.none()),
        st.tuples(st.just("forget"), st.none(), st.none()),
    )
)


class Broker:
    """The broker of a history of steps: what it holds, and what is on the way to it."""

    def __init__(self) -> None:
        self.desired = Desired()
        self.wanted: dict[str, bytes | None] = {}
        self.holds: dict[str, bytes] = {}
        self.flying: dict[str, bytes] = {}

    def set(self, topic: str, payload: bytes | None) -> None:
        self.wanted[topic] = payload
        self.desired.set(topic, payload)

    def send(self, topic: str, _: object = None) -> None:
        if self.desired.is_due(topic):
            assert topic not in self.flying
            self.flying[topic] = self.desired.send(topic)

    def land(self, topic: str, _: object = None) -> None:
        if topic in self.flying:
            self.holds[topic] = self.flying.pop(topic)
            self.desired.landed(topic)

    def lose(self, *_: object) -> None:
        self.flying.clear()
        self.desired.landed_nowhere()

    def forget(self, *_: object) -> None:
        self.desired.forget()


@given(steps)
def test_the_broker_ends_up_with_what_was_wanted(steps: list[tuple[str, str, bytes | None]]) -> None:
    """Whatever is set, lost and answered when: once all is sent, the broker holds the newest of each topic."""
    broker = Broker()
    for step, topic, payload in steps:
        getattr(broker, step)(topic, payload)
    for _ in range(3):
        for topic in TOPICS:
            broker.land(topic)
            broker.send(topic)
    assert not broker.flying
    assert not broker.desired.due()
    for topic, payload in broker.wanted.items():
        assert broker.holds.get(topic, b"") == (payload or b"")


def test_equal_payloads_are_sent_once_and_again_when_asked() -> None:
    desired = Desired()
    desired.set("a", b"1")
    assert desired.send("a") == b"1"
    desired.landed("a")
    desired.set("a", b"1")
    assert not desired.is_due("a")
    desired.again("a")
    assert desired.due() == ["a"]
    desired.send("a")
    desired.landed("a")
    desired.set("a", None)
    assert desired.send("a") == b""
    desired.landed("a")
    assert desired.due() == []
    assert not desired.is_due("never")


def test_events_keep_their_order_and_their_bounds() -> None:
    events = Events()
    for number in range(EVENTS_MAX + 2):
        events.put(Event(number / 1000, "t", str(number).encode()))
    assert (len(events), events.dropped) == (EVENTS_MAX, 2)
    first = events.take(1.0)
    assert first is not None
    assert first.payload == b"2"
    events.give_back(first)
    assert events.take(1.0) == first
    last = events.take((EVENTS_MAX + 1) / 1000 + EVENT_AGE)
    assert last is not None
    assert last.payload == str(EVENTS_MAX + 1).encode()
    assert events.dropped == EVENTS_MAX
    assert events.take(0) is None
