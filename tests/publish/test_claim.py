from __future__ import annotations

import pytest

from storj_monitor.publish.claim import Seen, claim_name, instance_of, is_taken
from storj_monitor.publish.connection import BrokerError

MINE, OTHER = b'{"instance":"me"}', b'{"instance":"you"}'


@pytest.mark.parametrize(
    ("about", "status", "taken"),
    [
        (OTHER, b"online", True),
        (OTHER, b"offline", False),
        (OTHER, None, False),
        (MINE, b"online", False),
        (None, b"online", False),
        (b"no json", b"online", False),
        (b"[]", b"online", False),
        (b'{"instance":7}', b"online", False),
    ],
)
def test_a_name_is_taken_by_another_that_is_online(about: bytes | None, status: bytes | None, taken: bool) -> None:
    assert is_taken(Seen(about, status), "me") is taken


async def test_the_first_free_name_is_claimed() -> None:
    asked: list[str] = []

    async def look(name: str) -> Seen:
        asked.append(name)
        return Seen(OTHER, b"online" if len(asked) < 3 else b"offline")

    assert await claim_name(look, "pi", "me") == "pi-3"
    assert asked == ["pi", "pi-2", "pi-3"]


async def test_a_hundred_of_one_name_are_too_many() -> None:
    async def look(_: str) -> Seen:
        return Seen(OTHER, b"online")

    with pytest.raises(BrokerError, match=r"set agent\.name"):
        await claim_name(look, "raspberrypi", "me")


def test_instances() -> None:
    assert instance_of(MINE) == "me"
    assert instance_of(b"\xff") is None
