"""The node's public name: asked of a made-up name server, and once of the host's own for a name it surely knows."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
from tests.sources.small import Clock

from storj_monitor.core.home import host_of
from storj_monitor.core.readings_host import DnsReading
from storj_monitor.sources.dns import Dns, addresses, news
from storj_monitor.sources.poller import SourceError

AT = 1_795_435_200


def answers(*found: str) -> Callable[[str], list[str]]:
    return lambda _host: list(found)


def fails(number: int) -> Callable[[str], list[str]]:
    def resolve(_host: str) -> list[str]:
        raise socket.gaierror(number, "as it says")

    return resolve


async def ask(external: str, resolve: Callable[[str], list[str]]) -> DnsReading | None:
    return await Dns(lambda: external, now=Clock(), resolve=resolve).poll()


async def test_an_answer_in_one_order_without_repetitions() -> None:
    found = await ask("node.example.org:28967", answers("203.0.113.9", "2001:db8::1", "203.0.113.9"))
    assert found == DnsReading(at=AT, host="node.example.org", addresses=("2001:db8::1", "203.0.113.9"))


async def test_no_such_name_is_an_answer_and_a_silent_name_server_is_none() -> None:
    assert await ask("node.example.org", fails(socket.EAI_NONAME)) == DnsReading(at=AT, host="node.example.org")
    with pytest.raises(SourceError, match=r"No name server answers for node\.example\.org: as it says"):
        await ask("node.example.org", fails(socket.EAI_AGAIN))


@pytest.mark.parametrize("external", ["", "203.0.113.7:28967", "[2001:db8::1]:28967", "203.0.113.7"])
async def test_an_address_needs_no_name_server(external: str) -> None:
    assert await ask(external, fails(socket.EAI_AGAIN)) is None


def test_this_host_s_own_answer() -> None:
    assert {"127.0.0.1", "::1"} & set(addresses("localhost"))


@pytest.mark.parametrize(
    ("external", "host"),
    [
        ("a.example.org:28967", "a.example.org"),
        ("a.example.org", "a.example.org"),
        ("a.example.org.:28967", "a.example.org"),
        ("[::1]:28967", "::1"),
        (":28967", ""),
    ],
)
def test_hosts(external: str, host: str) -> None:
    assert host_of(external) == host


def test_changes_are_news() -> None:
    old = DnsReading(at=1, host="a", addresses=("203.0.113.7",))
    new = DnsReading(at=2, host="a", addresses=("203.0.113.8",))
    none = DnsReading(at=3, host="a")
    assert news(old, DnsReading(at=2, host="a", addresses=("203.0.113.7",))) == []
    assert [(n.severity, n.text) for n in news(old, new)] == [
        ("info", "The name a now is 203.0.113.8. It was 203.0.113.7.")
    ]
    assert [(n.severity, n.kind) for n in news(old, none)] == [("warning", "dns")]
    assert [n.text for n in news(none, new)] == ["The name a now is 203.0.113.8. It was without an address."]
