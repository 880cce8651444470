from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.bridge.auth import SESSION_SECONDS, Entry, From, Gate, make_token
from storj_monitor.bridge.options import BridgeOptions

TOKEN = "correct horse battery staple"


class Clock:
    def __init__(self) -> None:
        self.time = 1_795_400_000.0

    def __call__(self) -> float:
        return self.time


def gate(listen: str = "127.0.0.1:8480", clock: Clock | None = None, **options: str | tuple[str, ...]) -> Gate:
    return Gate(BridgeOptions(listen, **options), clock or Clock())  # type: ignore[arg-type]


LAN = {
    "listen": "192.0.2.7:8480",
    "public_url": "https://monitor.example/storj/",
    "allowed_hosts": ("pi.local:1", "[fd00::7]"),
}


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("LOCALHOST:1", True),
        ("127.0.0.1:8480", True),
        ("127.1.2.3", True),
        ("[::1]:8480", True),
        ("192.0.2.7:8480", True),
        ("monitor.example", True),
        ("monitor.example.", True),
        ("pi.local:8480", True),
        ("[fd00:0::7]", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("192.0.2.8", False),
        ("monitor.example@evil.example", False),
        ("", False),
        (None, False),
        ("a b", False),
    ],
)
def test_which_host_names_are_ours(host: str | None, known: bool) -> None:
    assert gate(**LAN).knows_host(host, "192.0.2.7") is known  # type: ignore[arg-type]


@pytest.mark.parametrize("listen", ["0.0.0.0:8480", "[::]:8480", ":8480"])
@pytest.mark.parametrize(
    ("host", "arrived_at", "known"),
    [
        ("192.0.2.7:8480", "192.0.2.7", True),
        ("192.0.2.7:8480", "::ffff:192.0.2.7", True),
        ("[fe80::1]:8480", "fe80::1%eth0", True),
        ("192.0.2.8:8480", "192.0.2.7", False),
        ("pi.local", "192.0.2.7", False),
    ],
)
def test_on_every_address_the_one_it_came_in_by_is_ours(listen: str, host: str, arrived_at: str, known: bool) -> None:
    assert gate(listen).knows_host(host, arrived_at) is known


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        (None, "127.0.0.1:8480", From.NOWHERE),
        ("http://127.0.0.1:8480", "127.0.0.1:8480", From.OURS),
        ("http://pi.local", "pi.local:80", From.OURS),
        ("https://pi.local", "pi.local", From.OURS),
        ("https://monitor.example", "127.0.0.1:8480", From.OURS),
        ("https://hub.example", "127.0.0.1:8480", From.LISTED),
        ("https://hub.example:8443", "127.0.0.1:8480", From.ELSEWHERE),
        ("http://hub.example", "127.0.0.1:8480", From.ELSEWHERE),
        ("http://127.0.0.1:3000", "127.0.0.1:8480", From.ELSEWHERE),
        ("http://localhost:8480", "127.0.0.1:8480", From.ELSEWHERE),
        ("https://evil.example", "127.0.0.1:8480", From.ELSEWHERE),
        ("null", "127.0.0.1:8480", From.ELSEWHERE),
        ("", "127.0.0.1:8480", From.ELSEWHERE),
        ("http://127.0.0.1:8480", "", From.ELSEWHERE),
    ],
)
def test_whose_page_asks(origin: str | None, host: str, expected: From) -> None:
    made = gate(public_url="https://monitor.example/storj/", allowed_origins=("https://hub.example/",), token=TOKEN)
    assert made.origin(origin, host) is expected


def test_a_page_from_elsewhere_comes_in_by_token_only() -> None:
    made = gate(token=TOKEN, allowed_origins=("https://hub.example",))
    cookies = {made.cookie: made.session()}
    assert made.enter(From.OURS, cookies, None, "a") is Entry.OPEN
    assert made.enter(From.LISTED, cookies, None, "a") is Entry.UNKNOWN
    assert made.enter(From.LISTED, {}, f"Bearer {TOKEN}", "a") is Entry.OPEN
    assert made.enter(From.NOWHERE, {}, f"bearer  {TOKEN}", "a") is Entry.OPEN
    assert made.enter(From.NOWHERE, {}, f"Basic {TOKEN}", "a") is Entry.UNKNOWN


def test_five_wrong_tokens_a_minute_then_even_the_right_one_waits() -> None:
    clock = Clock()
    made = gate(clock=clock, token=TOKEN)
    for _ in range(5):
        assert made.try_token("wrong", "192.0.2.1") is Entry.UNKNOWN
        clock.time += 1
    assert made.try_token(TOKEN, "192.0.2.1") is Entry.THROTTLED
    assert made.try_token(TOKEN, "192.0.2.2") is Entry.OPEN
    clock.time += 55.5
    assert made.try_token(TOKEN, "192.0.2.1") is Entry.OPEN


def test_one_household_cannot_change_its_address() -> None:
    made = gate(token=TOKEN)
    for last in range(5):
        made.try_token("wrong", f"2001:db8:1:2::{last}")
    assert made.try_token(TOKEN, "2001:db8:1:2:ffff::1") is Entry.THROTTLED
    assert made.try_token(TOKEN, "2001:db8:1:3::1") is Entry.OPEN


def test_many_guessing_addresses_cost_bounded_memory() -> None:
    made = gate(token=TOKEN)
    for number in range(3000):
        made.try_token("wrong", f"10.0.{number // 256}.{number % 256}")
    assert len(made._throttle._wrong) == 1024


def test_a_session_ends_with_its_time_and_with_the_token() -> None:
    clock = Clock()
    made = gate(clock=clock, token=TOKEN)
    session = made.session()
    restarted, changed = gate(clock=clock, token=TOKEN), gate(clock=clock, token="another")
    assert restarted.enter(From.OURS, {restarted.cookie: session}, None, "a") is Entry.OPEN
    assert changed.enter(From.OURS, {changed.cookie: session}, None, "a") is Entry.UNKNOWN
    assert changed.cookie != made.cookie
    clock.time += SESSION_SECONDS
    assert made.enter(From.OURS, {made.cookie: session}, None, "a") is Entry.UNKNOWN


@given(st.text(), st.text())
def test_no_made_up_cookie_or_token_lets_in(cookie: str, token: str) -> None:
    made = gate(token=TOKEN)
    longer = f"{int(Clock()()) + 9 * SESSION_SECONDS}.{made.session().partition('.')[2]}"
    for value in (cookie, f"{cookie}.{token}", longer):
        assert made.enter(From.OURS, {made.cookie: value}, None, "a") is Entry.UNKNOWN
    assert (made.try_token(token, "a") is Entry.OPEN) is (token == TOKEN)


def test_tokens_are_long_and_never_the_same() -> None:
    tokens = {make_token() for _ in range(100)}
    assert len(tokens) == 100
    assert {len(token) for token in tokens} == {32}
