from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.bridge.options import (
    BridgeOptions,
    Origin,
    check_options,
    opened_by,
    parse_origin,
    split_host,
    token_needed,
)
from storj_monitor.core.errors import SettingsError


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Attic.Example:8480", ("attic.example", 8480)),
        ("attic.example.", ("attic.example", None)),
        ("[0:0::1]:80", ("::1", 80)),
        ("", None),
        ("a b", None),
        ("a/b", None),
        ("user@attic", None),
        ("attic:99999", None),
        ("[::1", None),
        ("::1", None),
        ("[1.2.3]", None),
        ("attic\n", None),
    ],
)
def test_a_host_has_one_spelling(text: str, host: tuple[str, int | None] | None) -> None:
    assert split_host(text) == host


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://Attic.example", Origin("https", "attic.example", 443)),
        ("http://[::1]:8480", Origin("http", "::1", 8480)),
        ("https://attic.example/storj/", Origin("https", "attic.example", 443)),
        ("null", None),
        ("file://", None),
        ("https://user@attic.example", None),
        ("https://attic.example\\@evil", None),
        ("javascript:alert(1)", None),
    ],
)
def test_an_origin_is_scheme_host_and_port(text: str, origin: Origin | None) -> None:
    assert parse_origin(text) == origin


@given(st.text() | st.from_regex(r"https?://[^ ]{0,20}(:[0-9]{0,7})?"))
def test_no_text_breaks_the_reading_of_hosts(text: str) -> None:
    parse_origin(text)
    host = split_host(text)
    assert host is None or split_host(f"[{host[0]}]" if ":" in host[0] else host[0]) == (host[0], None)


@pytest.mark.parametrize(
    ("listen", "needed"),
    [
        ("127.0.0.1:1", False),
        ("127.9.9.9:1", False),
        ("localhost:1", False),
        ("[::1]:1", False),
        ("0.0.0.0:1", True),
        (":1", True),
        ("[::]:1", True),
        ("192.0.2.1:1", True),
        ("attic:1", True),
    ],
)
def test_only_this_machine_needs_no_token(listen: str, needed: bool) -> None:
    assert token_needed(BridgeOptions(listen)) is needed
    check_options(BridgeOptions(listen, token="t" * 32))
    if needed:
        with pytest.raises(SettingsError, match="token"):
            check_options(BridgeOptions(listen))


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"public_url": "https://home.example/storj/"}, "public_url"),
        ({"public_url": "http://localhost:8787/"}, None),
        ({"public_url": "http://[::1]:8787"}, None),
        ({"allowed_hosts": ("localhost", "127.0.0.1:80")}, None),
        ({"allowed_hosts": ("localhost", "pi.lan")}, "allowed_hosts"),
        ({"allowed_origins": ("http://localhost:3000",)}, "allowed_origins"),
    ],
)
def test_a_door_for_others_needs_a_token_on_loopback_too(options: dict[str, Any], key: str | None) -> None:
    found = BridgeOptions("127.0.0.1:0", **options)
    assert opened_by(found) == key
    if key is not None:
        with pytest.raises(SettingsError, match=f"A token is needed, since {key} lets others in"):
            check_options(found)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"listen": "8480"}, "listen"),
        ({"listen": "127.0.0.1:http"}, "listen"),
        ({"listen": "127.0.0.1:70000"}, "listen"),
        ({"listen": "::1:8480"}, "brackets"),
        ({"public_url": "attic.example"}, "public_url"),
        ({"public_url": "https://attic.example/?a=b"}, "public_url"),
        ({"allowed_hosts": ("a b",)}, "allowed_hosts"),
        ({"allowed_origins": ("attic.example",)}, "allowed_origins"),
        ({"frame_ancestors": ("https://ha.example; script-src *",)}, "frame_ancestors"),
        ({"frame_ancestors": ("https://ha.example\r\nX: y",)}, "frame_ancestors"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(options: dict[str, str | tuple[str, ...]], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        check_options(BridgeOptions(**{"listen": "127.0.0.1:0", "token": "t" * 32, **options}))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["'self'", "https:", "https://ha.example", "http://192.0.2.1:8123", "*.example", "https://[::1]:8123"]
)
def test_frame_ancestors_take_what_the_policy_knows(text: str) -> None:
    check_options(BridgeOptions("127.0.0.1:0", frame_ancestors=(text,)))


@pytest.mark.parametrize(
    ("public_url", "base"),
    [(None, ""), ("https://a", ""), ("https://a/", ""), ("https://a/storj/", "/storj"), ("https://a/x/y", "/x/y")],
)
def test_the_path_of_the_public_url(public_url: str | None, base: str) -> None:
    assert BridgeOptions("127.0.0.1:0", public_url=public_url).base == base
