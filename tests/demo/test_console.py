"""The console API of the simulated node: real shapes, and the numbers of its own log."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import aiohttp
import msgspec
import pytest
from tests.demo.helpers import REAL, START, booked, text

from storj_monitor.demo import money
from storj_monitor.demo.answers import Answers
from storj_monitor.demo.console import ConsoleServer, Fault, encode
from storj_monitor.demo.identity import SATELLITES, base58check
from storj_monitor.demo.lognode import SimulatedNode
from storj_monitor.demo.trouble import TROUBLES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HOUR, DAY = 3600, 86_400
US1 = SATELLITES[0].id
STRANGER = base58check(b"\x07" * 31 + b"\x00")


class Site:
    """A running console and a client for it."""

    def __init__(self, simulated: SimulatedNode, now: float) -> None:
        self.node, self.now = simulated, now
        self.server = ConsoleServer(simulated, lambda: self.now)

    async def __aenter__(self) -> Self:
        await self.server.start(extra=True)
        self.http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()
        await self.server.stop()

    async def get(self, path: str, **options: Any) -> tuple[int, str, bytes]:
        async with self.http.get(self.server.url + path, **options) as answer:
            return answer.status, answer.content_type, await answer.read()

    async def json(self, path: str, status: int = 200) -> Any:
        got, kind, body = await self.get(path)
        assert (got, kind) == (status, "application/json"), body
        return json.loads(body)


def grown(version: str = "1.162.3", hours: float = 26.5, **options: Any) -> SimulatedNode:
    simulated = SimulatedNode(1, start=START, version=version, **{"rate": 2.0, **options})
    for _ in simulated.seconds(START, START + hours * HOUR):
        pass
    return simulated


@pytest.fixture(scope="module")
def old_hand() -> SimulatedNode:
    return grown()


@pytest.fixture
async def site(old_hand: SimulatedNode) -> AsyncIterator[Site]:
    async with Site(old_hand, START + 26.5 * HOUR) as running:
        yield running


def kinds(value: Any) -> Any:
    """The shape of an answer: keys and types, lists by their first element; int and float are one in Go's JSON."""
    if isinstance(value, dict):
        return {key: kinds(item) for key, item in value.items()}
    if isinstance(value, list):
        return [kinds(value[0])] if value else []
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


FOLDERS = {
    "1.162.3": "1.162.3-hashstore-payouts",
    "1.146.10": "1.146.10-healthy",
    "1.145.3": "1.145.3-repair-payouts",
    "1.142.7": "1.142.7-suspended",
    "1.121.8": "1.121.8-offline",
}
PATHS = {
    "sno": "/api/sno/",
    "satellites": "/api/sno/satellites",
    "satellite-0": f"/api/sno/satellite/{US1}",
    "estimated-payout": "/api/sno/estimated-payout",
    "estimated-payout-0": f"/api/sno/estimated-payout?id={US1}",
    "pricing-0": f"/api/sno/satellites/{US1}/pricing",
    "notifications": "/api/notifications/list?limit=50&page=1",
    "paystubs-2026-09": "/api/heldamount/paystubs/2026-09",
    "paystubs-range": "/api/heldamount/paystubs/2026-01/2026-11",
    "paystubs-2026-09-0": f"/api/heldamount/paystubs/2026-09?id={US1}",
    "held-history": "/api/heldamount/held-history",
    "periods": "/api/heldamount/periods",
    "payout-history-2026-09": "/api/heldamount/payout-history/2026-09",
}


@pytest.mark.parametrize("version", FOLDERS)
async def test_answers_have_the_shape_of_recorded_ones(version: str) -> None:
    folder = REAL / "api" / FOLDERS[version]
    async with Site(grown(version, hours=1.5), START + 15 * HOUR) as site:
        for name, path in PATHS.items():
            real, ours = json.loads((folder / f"{name}.json").read_bytes()), await site.json(path)
            if real is None or ours is None:
                continue
            assert _known(kinds(ours), kinds(real)) == _known(kinds(real), kinds(ours)), name


def _known(mine: Any, other: Any) -> Any:
    """Null where either has null: a date that may be missing says nothing of the shape."""
    if "NoneType" in (mine, other):
        return "null"
    if isinstance(mine, dict) and isinstance(other, dict):
        return {key: _known(value, other.get(key, "absent")) for key, value in mine.items()}
    if isinstance(mine, list) and isinstance(other, list) and mine and other:
        return [_known(mine[0], other[0])]
    return mine


async def test_month_traffic_is_what_the_log_says(site: Site) -> None:
    new = SimulatedNode(1, start=START, rate=3, joined=START)
    lines = text(line for second in new.seconds(START, START + 26.5 * HOUR) for line in second)
    written = [index for index, line in enumerate(lines) if "Persisting bandwidth usage cache" in line]
    ingress, egress = booked(lines[: written[-1]])
    async with Site(new, START + 26.5 * HOUR) as other:
        month = await other.json("/api/sno/satellites")
        assert (month["ingressSummary"], month["egressSummary"]) == (ingress, egress)
        assert (await other.json("/api/sno/"))["bandwidth"]["used"] == month["bandwidthSummary"] == ingress + egress
        each = [await other.json(f"/api/sno/satellite/{row.id}") for row in SATELLITES]
        assert sum(row["bandwidthSummary"] for row in each) == month["bandwidthSummary"]
        assert [day["intervalStart"] for day in month["bandwidthDaily"]] == [f"2026-11-{n}T00:00:00Z" for n in (23, 24)]
        today = month["bandwidthDaily"][0]
        assert today["egress"]["audit"] % 256 == 0 < today["egress"]["audit"]
        first_day = booked(line for line in lines if line < "2026-11-24")
        sums = (sum(today["ingress"].values()), sum(today["egress"].values()))
        assert sums == first_day
    # An older node has days of this month from before its log.
    older = await site.json("/api/sno/satellites")
    assert len(older["bandwidthDaily"]) == 24
    assert older["egressSummary"] > egress


async def test_before_the_first_write_there_is_nothing() -> None:
    new = SimulatedNode(1, start=START, rate=3, joined=START)
    next(new.seconds(START, START + 1))
    async with Site(new, START + 1) as site:
        assert (await site.json("/api/sno/satellites"))["bandwidthDaily"] is None
        sno = await site.json("/api/sno/")
        assert sno["satellites"] is None
        assert sno["bandwidth"]["used"] == 0
        assert await site.json("/api/heldamount/periods") is None
        assert await site.json("/api/heldamount/held-history") is None


async def test_disk_grows_with_uploads_in_both_eras() -> None:
    for version in ("1.162.3", "1.142.7"):
        simulated = SimulatedNode(1, start=START, version=version, rate=5)
        seconds = simulated.seconds(START, START + 2 * HOUR)
        next(seconds)
        before = Answers(simulated, START).disk_space()
        stored = -sum(disk.live[0] for disk in simulated.disks)
        list(seconds)
        after = Answers(simulated, START + 2 * HOUR).disk_space()
        stored += sum(disk.live[0] for disk in simulated.disks)
        assert after["used"] - before["used"] == pytest.approx(stored, rel=0.3)
        assert stored > 10**9
        if version == "1.162.3":
            assert after["allocated"] - after["used"] == after["available"]
            assert after["used"] > sum(disk.live[0] for disk in simulated.disks) + after["trash"] + after["reclaimable"]
        else:
            assert after["available"] == simulated.allocated
            assert set(after) == {"used", "available", "trash", "overused"}


async def test_storage_is_tallied_a_day_late(site: Site, old_hand: SimulatedNode) -> None:
    site.now = START + 26.5 * HOUR  # 02:30 of the 24th: the 23rd is not tallied yet
    rows = (await site.json("/api/sno/satellites"))["storageDaily"]
    assert [row["calculated"] for row in rows] == [False] * 22 + [True] * 2
    assert [row["atRestTotal"] for row in rows[-2:]] == [0, 0]
    assert rows[-1]["atRestTotalBytes"] == rows[21]["atRestTotalBytes"]
    assert rows[0]["atRestTotalBytes"] < rows[21]["atRestTotalBytes"]
    older = Answers(grown("1.145.3", hours=26.5), site.now).satellites()["storageDaily"]
    assert len(older) == 22
    assert all("calculated" not in row for row in older)
    assert old_hand.up


async def test_paystubs_follow_the_rules_of_held_back_money(site: Site) -> None:
    stubs = await site.json("/api/heldamount/paystubs/2020-01/2026-11")
    joined = datetime.fromtimestamp(site.node.past.joined, UTC)
    months = sorted({stub["period"] for stub in stubs})
    assert months[0] == f"{joined:%Y-%m}"
    assert months[-1] == "2026-10"
    assert len(months) == 26
    rows = await site.json("/api/heldamount/held-history")
    for row in SATELLITES:
        mine = [stub for stub in stubs if stub["satelliteId"] == row.id]
        total_held = sum(stub["held"] for stub in mine)
        for age, stub in enumerate(mine):
            earned = sum(value for key, value in stub.items() if key.startswith("comp"))
            percent = [75] * 3 + [50] * 3 + [25] * 3 + [0] * 99
            assert stub["held"] == earned * percent[age] // 100
            assert stub["disposed"] == (total_held // 2 if age == 15 else 0)
            assert stub["owed"] == stub["paid"] == earned - stub["held"] + stub["disposed"]
            assert stub["compAtRest"] == pytest.approx(stub["usageAtRest"] * 1.5e-6, abs=2)
            assert stub["compGet"] == pytest.approx(stub["usageGet"] * 2e-6, abs=2)
        history = next(each for each in rows if each["satelliteID"] == row.id)
        thirds = [history[f"holdFor{name}Period"] for name in ("First", "Second", "Third")]
        assert sum(thirds) == history["totalHeld"] == total_held
        assert history["totalDisposed"] == total_held // 2
    single = await site.json(f"/api/heldamount/paystubs/2026-09?id={US1}")
    assert single in stubs
    paid = await site.json("/api/heldamount/payout-history/2026-09")
    assert {row["satelliteID"]: row["paid"] for row in paid} == {
        stub["satelliteId"]: stub["paid"] for stub in stubs if stub["period"] == "2026-09"
    }
    assert await site.json("/api/heldamount/periods") == months


def test_a_statement_comes_some_days_after_the_month() -> None:
    simulated = grown(hours=1)
    first = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    assert money.periods(simulated, first + 4 * DAY)[-1] == (2026, 10)
    assert money.periods(simulated, first + 7 * DAY)[-1] == (2026, 11)


async def test_estimate_follows_its_formula(site: Site) -> None:
    estimate = await site.json("/api/sno/estimated-payout")
    month = await site.json("/api/sno/satellites")
    current = estimate["currentMonth"]
    assert current["egressBandwidth"] == sum(day["egress"]["usage"] for day in month["bandwidthDaily"])
    hours = sum(row["atRestTotalBytes"] * 24 for row in month["storageDaily"])
    assert current["diskSpace"] == pytest.approx(hours / 720)
    assert current["diskSpacePayout"] == pytest.approx(current["diskSpace"] * 149 / 1e12, abs=0.03)
    each = [(await site.json(f"/api/sno/estimated-payout?id={row.id}"))["currentMonth"] for row in SATELLITES]
    assert sum(row["payout"] for row in each) == pytest.approx(current["payout"])
    assert estimate["currentMonthExpectations"] == pytest.approx(current["payout"] * 30 / 23.1, rel=0.01)
    young = Answers(grown(hours=1.5, joined=START - 100 * DAY), START + 2 * HOUR).estimated_payout(0)["currentMonth"]
    assert young["heldRate"] == 50
    assert young["held"] == pytest.approx(young["payout"], abs=0.01)


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-03-31", (2026, 3)), ("2026-03-15", (2026, 2)), ("2027-01-31", (2026, 12))]
)
def test_previous_month_is_gos(day: str, expected: tuple[int, int]) -> None:
    assert money.previous_month(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()) == expected


async def test_oddities_of_the_console(site: Site) -> None:
    for path, target in (("/api/sno", "/api/sno/"), ("/api/sno/satellites/", "/api/sno/satellites")):
        async with site.http.get(site.server.url + path, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (301, target)
    assert (await site.json("/api/sno"))["version"] == "1.162.3"
    for path in ("/api/nothing", "/", "/api/sno/satellite/", "/some/page"):
        status, kind, body = await site.get(path)
        assert (status, kind) == (200, "text/html")
        assert body.startswith(b"<!DOCTYPE html>")
    bad = await site.json("/api/sno/satellite/xyz", 400)
    assert bad == json.loads((REAL / "api" / "1.162.3-healthy" / "bad-satellite.json").read_bytes())
    assert "is untrusted" in (await site.json(f"/api/sno/satellite/{STRANGER}", 404))["error"]
    assert (await site.json(f"/api/sno/satellites/{STRANGER}/pricing"))["diskSpace"] == 0
    assert (await site.json(f"/api/sno/estimated-payout?id={STRANGER}"))["currentMonth"]["payout"] == 0
    assert await site.json("/api/heldamount/paystubs/2026-13") is None
    assert await site.json(f"/api/heldamount/paystubs/2019-01?id={US1}") is None
    for path in ("/api/heldamount/paystubs/2026/2026-11", "/api/heldamount/paystubs/2026-11/2026-01"):
        assert "wrong format" in (await site.json(path, 400))["error"]
    async with site.http.post(site.server.url + "/api/sno/") as answer:
        assert answer.status == 405


async def test_faults_are_injected_per_path(site: Site) -> None:
    faults, path = site.server.faults, "/api/sno/"
    faults[path] = Fault("status", status=503)
    assert "error" in await site.json(path, 503)
    faults[path] = Fault("garbage")
    with pytest.raises(ValueError, match=r".*"):
        json.loads((await site.get(path))[2])
    faults[path] = Fault("html")
    assert (await site.get(path))[1] == "text/html"
    faults[path] = Fault("empty")
    assert (await site.get(path))[2] == b""
    faults[path] = Fault("hang", seconds=30)
    with pytest.raises(TimeoutError):
        await site.get(path, timeout=aiohttp.ClientTimeout(0.05))
    faults[path] = Fault("drop")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await site.get(path)
    assert (await site.json("/api/sno/satellites"))["audits"]
    faults.clear()
    assert (await site.json(path))["upToDate"]
    assert site.server.requests[path] >= 7


async def test_a_disqualified_node_says_so_before_its_scores_do() -> None:
    trouble = msgspec.structs.replace(TROUBLES["audits_fail"], starts=600.0)
    simulated = grown(hours=20, rate=5.0, trouble=trouble)
    now = START + 20 * HOUR
    async with Site(simulated, now) as site:
        satellites = (await site.json("/api/sno/"))["satellites"]
        assert [row["disqualified"] is not None for row in satellites] == [True] * 4
        assert "disqualified" in (await site.json(f"/api/sno/estimated-payout?id={US1}", 500))["error"]
        assert (await site.json("/api/sno/estimated-payout"))["currentMonth"]["payout"] == 0
        assert all(row["auditScore"] <= 0.96 for row in (await site.json("/api/sno/satellites"))["audits"])
        async with site.http.get(site.server.health_url) as answer:
            assert answer.status == 503
            assert all(row["DisqualifiedAt"] for row in json.loads(await answer.read())["Statuses"])


async def test_a_dead_process_answers_nothing_and_a_full_one_has_no_room() -> None:
    dead = grown(hours=3, trouble=msgspec.structs.replace(TROUBLES["disk_dies"], starts=600.0))
    async with Site(dead, START + 3 * HOUR) as site:
        for url in (site.server.url + "/api/sno/", site.server.health_url, site.server.debug_url + "/metrics"):
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await site.http.get(url)
    full = Answers(grown(hours=1, trouble="full"), START + HOUR).disk_space()
    assert full["available"] < 0.001 * full["allocated"]
    away = Answers(grown(hours=4, trouble="offline"), START + 4 * HOUR).sno()
    assert away["lastPinged"] < "2026-11-23T02:00:02Z"
    assert away["quicStatus"] == "Misconfigured"


async def test_health_and_metrics(site: Site) -> None:
    async with site.http.get(site.server.health_url) as answer:
        assert (answer.status, answer.content_type) == (200, "text/plain")
        assert kinds(json.loads(await answer.read())) == kinds(
            json.loads((REAL / "api" / "1.162.3-healthy" / "healthcheck.json").read_bytes())
        )
    async with site.http.get(site.server.debug_url + "/metrics") as answer:
        samples = dict(line.rsplit(" ", 1) for line in (await answer.text()).splitlines() if line[0] != "#")
    audits = sum(tally[0] for key, tally in site.node.truth.items() if key[1:] == ("GET_AUDIT", "ok"))
    labels = 'action="GET_AUDIT",scope="storj_io_storj_storagenode_piecestore",field="value"'
    assert float(samples[f"download_success_count{{{labels}}}"]) == audits
    assert any(key.startswith("hashstore{") and US1 in key for key in samples)


def test_encoding_is_gos() -> None:
    assert encode({"a": 1.0, "b": [0.5, None], "c": "ä"}) == '{"a":1,"b":[0.5,null],"c":"ä"}\n'.encode()
    with pytest.raises(ValueError, match="Go encodes no such number"):
        encode(float("nan"))
