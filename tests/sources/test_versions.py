"""The version server, and the clock by its headers."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.small import NOW, Clock, nobody, sends, serving

from storj_monitor.core.readings_host import VersionsReading
from storj_monitor.sources import clock
from storj_monitor.sources.poller import SourceError
from storj_monitor.sources.versions import parse, versions

AT = int(NOW)
LINK = "https://github.com/storj/storj/releases/download/v1.162.3/storagenode_{os}_{arch}{ext}.zip"
OFFER = {
    "processes": {
        "satellite": {"minimum": {"version": ""}, "suggested": {"version": ""}, "rollout": None},
        "storagenode": {
            "minimum": {"version": "v1.124.3", "url": LINK},
            "suggested": {"version": "v1.162.3", "url": LINK},
            "rollout": {"seed": "8f4f" * 16, "cursor": "3fff" * 16},
        },
        "object-mount-gui": "of some other shape",
    }
}


async def test_what_a_storagenode_is_offered() -> None:
    async with serving(sends(json.dumps(OFFER).encode())) as url:
        assert await versions(url, AT) == VersionsReading(
            at=AT, minimum="1.124.3", suggested="1.162.3", seed="8f4f" * 16, cursor="3fff" * 16
        )


def test_a_roll_out_that_is_over_or_has_not_begun_has_no_cursor() -> None:
    process = {"minimum": {"version": "v1"}, "suggested": {"version": "v2"}}
    for rollout in ({}, {"rollout": None}, {"rollout": {"seed": "", "cursor": ""}}):
        found = parse(json.dumps({"processes": {"storagenode": process | rollout}}).encode(), AT)
        assert (found.seed, found.cursor) == ("", "")


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "names no versions of storagenode"),
        (200, b'{"processes": {}}', "names no versions of storagenode"),
        (200, b'{"processes": {"storagenode": 7}}', "names no versions of storagenode"),
        (503, b"", "answers with status 503"),
    ],
)
async def test_other_answers(status: int, body: bytes, said: str) -> None:
    async with serving(sends(body, status)) as url:
        with pytest.raises(SourceError, match=said):
            await versions(url, AT)


async def test_a_host_without_a_way_out() -> None:
    with pytest.raises(SourceError, match="No connection to the version server"):
        await versions(await nobody(), AT)


@given(st.binary(max_size=300))
def test_garbage_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(SourceError):
        parse(body, AT)


# ---- the clock ----

DATE = "Mon, 23 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "sent", "received", "offset", "margin"),
    [
        ({"Date": DATE}, NOW + 0.4, NOW + 0.6, 0.0, 0.6),  # half a second into the second that it names
        ({"Date": DATE}, NOW + 30, NOW + 31, 30.0, 1.0),  # 30.5 − 0.5
        ({"Date": DATE}, NOW - 90, NOW - 90, -90.5, 0.5),
        ({"Date": DATE, "Age": "120"}, NOW + 120.5, NOW + 120.5, 0.0, 0.5),  # from a cache
    ],
)
def test_the_offset(headers: dict[str, str], sent: float, received: float, offset: float, margin: float) -> None:
    found = clock.compare(headers, sent, received, "version.storj.io")
    assert found.offset == pytest.approx(offset, abs=1e-3)
    assert found.margin == pytest.approx(margin, abs=1e-3)


async def test_only_headers_are_asked_for_and_any_answer_tells_the_time() -> None:
    methods: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        methods.append(request.method)
        return web.Response(status=405, headers={"Date": DATE})

    async with serving(answer) as url:
        found = await clock.clock(url, Clock(NOW + 7200))
    assert methods == ["HEAD"]
    assert (found.offset, found.margin, found.reference) == (7199.5, 0.5, "127.0.0.1")
    assert clock.say(found) == "is 7199.5 s ahead of 127.0.0.1."


@pytest.mark.parametrize("headers", [{}, {"Date": "soon"}, {"Date": DATE, "Age": "old"}])
def test_who_does_not_tell_the_time(headers: dict[str, str]) -> None:
    with pytest.raises(SourceError, match="does not tell the time"):
        clock.compare(headers, NOW, NOW, "here")
