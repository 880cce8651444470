"""The healthcheck of recorded nodes, and whatever else may answer on that port."""

from __future__ import annotations

import json

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.small import API, NOW, breaks_off, nobody, sends, serving

from storj_monitor.core import utc
from storj_monitor.core.readings_host import HealthReading
from storj_monitor.sources.health import health, parse
from storj_monitor.sources.poller import SourceError

AT = int(NOW)


@pytest.mark.parametrize("folder", sorted(path.name for path in API.iterdir()))
async def test_every_recorded_node(folder: str) -> None:
    body = (API / folder / "healthcheck.json").read_bytes()
    raw = json.loads(body)
    async with serving(sends(body, 200 if raw["AllHealthy"] else 503)) as url:
        found = await health(url, AT)
    fine = [(each.online or 0) >= 90 and not each.suspended and not each.disqualified for each in found.satellites]
    assert found.healthy is raw["AllHealthy"] is all(fine)
    assert [each.satellite for each in found.satellites] == [row["SatelliteID"] for row in raw["Statuses"]]
    # the dates are those of the console API at the same moment (§10 fact 11)
    listed = {each["id"]: each for each in json.loads((API / folder / "sno.json").read_bytes())["satellites"]}
    for each in found.satellites:
        assert each.suspended == utc.epoch(listed[each.satellite]["suspended"])
        assert each.disqualified == utc.epoch(listed[each.satellite]["disqualified"])


async def test_only_the_bare_path_is_asked() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(f"{request.method} {request.path_qs}")
        return web.json_response({"Statuses": None, "Help": "", "AllHealthy": True})

    async with serving(answer) as url:
        assert await health(f"{url}/", AT) == await health(url, AT) == HealthReading(at=AT, healthy=True)
    assert asked == ["GET /", "GET /"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (sends(b"database is locked", 500), "status 500: the node's databases may be damaged"),
        (sends(b"<html>", 200), "is no storage node"),
        (sends(b"{}", 200), "is no storage node"),
        (sends(b'{"AllHealthy": "yes"}', 200), "is no storage node"),
        (sends(b"x" * (1 << 20) + b"y", 200), "more than 1 MiB"),
        (breaks_off, "broke off"),
    ],
)
async def test_what_is_no_healthcheck(answer: object, said: str) -> None:
    async with serving(answer) as url:  # type: ignore[arg-type]
        with pytest.raises(SourceError, match=said):
            await health(url, AT)


async def test_a_dead_port() -> None:
    with pytest.raises(SourceError, match=r"No connection to the healthcheck on the public port .*: it is refused"):
        await health(await nobody(), AT)


@given(st.binary(max_size=400))
def test_garbage_is_refused_in_words(body: bytes) -> None:
    with pytest.raises(SourceError, match="no storage node"):
        parse(body, AT)
