from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.bridge import frames

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["id", "cmd", "args", "t"]) | st.text(), inner)
    ),
)


@pytest.mark.parametrize(
    ("text", "request_id", "code"),
    [
        ("", None, "bad_message"),
        ("not json", None, "bad_message"),
        ("{", None, "bad_message"),
        ("[" * 60_000, None, "bad_message"),
        ("{}", None, "bad_message"),
        ("[]", None, "bad_message"),
        ("7", None, "bad_message"),
        ('"text"', None, "bad_message"),
        ('{"id":null,"cmd":"x"}', None, "bad_message"),
        ('{"id":true,"cmd":"x"}', None, "bad_message"),
        ('{"id":1.5,"cmd":"x"}', None, "bad_message"),
        ('{"id":{},"cmd":"x"}', None, "bad_message"),
        ('{"id":9007199254740993,"cmd":"x"}', None, "bad_message"),
        ('{"id":"a\\nb","cmd":"x"}', None, "bad_message"),
        ('{"id":7}', 7, "bad_message"),
        ('{"id":7,"cmd":7}', 7, "bad_message"),
        ('{"id":7,"cmd":"x","args":[]}', 7, "bad_argument"),
        ('{"id":7,"cmd":"x","args":null}', 7, "bad_argument"),
        ('{"id":7,"cmd":"history","args":{"from":NaN}}', 7, "bad_message"),
        ('{"id":7,"cmd":"history","args":{"from":-Infinity}}', 7, "bad_message"),
        ('{"id":7,"cmd":"history","args":{"from":1e999}}', 7, "bad_message"),
        ('{"id":7,"cmd":"\\ud800"}', 7, "bad_message"),
        (" " * (64 * 1024 + 1), None, "too_large"),
    ],
)
def test_what_is_no_request_is_named(text: str, request_id: int | None, code: str) -> None:
    with pytest.raises(frames.BadRequestError) as refused:
        frames.request(text)
    assert (refused.value.id, refused.value.code) == (request_id, code)


def test_a_request_is_read() -> None:
    assert frames.request('{"id":"a","cmd":"history"}') == frames.Request("a", "history", {})
    assert frames.request('{"t":"auth","token":"late"}') is None


@given(st.text() | JSON.map(json.dumps))
def test_any_text_is_a_request_or_refused_with_an_answer_that_can_be_sent(text: str) -> None:
    frames.auth_token(text)
    try:
        request = frames.request(text)
    except frames.BadRequestError as refused:
        answer, request_id = frames.error(refused.id, refused.code, refused.text), refused.id
    else:
        request = request or frames.Request(0, "", {})
        answer, request_id = frames.result(request.id, request.args), request.id
    assert json.loads(answer)["id"] == request_id


@given(st.text() | JSON.map(json.dumps))
def test_only_an_auth_frame_has_a_token(text: str) -> None:
    assert frames.auth_token(text) is None or '"auth"' in text
    assert frames.auth_token('{"t":"auth","token":"secret"}') == "secret"
    assert frames.auth_token('{"t":"auth","token":7}') is None
