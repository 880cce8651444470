"""The poller against a node that answers, fails, hangs, goes and comes back; time is a number that the test moves."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.patience import PATIENCE
from tests.sources.replay import API, FAULTS, Replay, hang, sends

from storj_monitor.core import derive
from storj_monitor.core.facts import Batch, Down, Reading
from storj_monitor.core.readings import Body, PayoutReading, Prices, SatelliteReading
from storj_monitor.sources.nodeapi import POLLS, NodeApi, Poll

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

START = 1795422300.0  # 2026-11-23 08:25 UTC
A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"
NODE, MONTH, PAYOUT = "/api/sno/", "/api/sno/satellites", "/api/sno/estimated-payout"
SATELLITE, HELD = f"/api/sno/satellite/{A}", "/api/heldamount/held-history"
SOURCES = {"node", "month", "payout", "paystubs", "held", f"satellite:{A}", f"satellite:{B}"}
QUICK = {source: poll._replace(timeout=1.5) for source, poll in POLLS.items()}
"""Long enough for a loaded machine; only an answer that never comes takes it all."""


class Rig:
    """A replayed node, the real poller, a clock, and everything it said."""

    def __init__(self, node: Replay, api: NodeApi, batches: list[Batch]) -> None:
        self.node = node
        self.api = api
        self.batches = batches
        self.time = START

    async def round(self) -> float:
        """Do everything that is due; seconds until more is."""
        while (pause := await self.api.step()) == 0:
            pass
        return pause

    async def run(self, seconds: float) -> None:
        """Let time pass, doing what falls due."""
        end = self.time + seconds
        while (pause := await self.round()) <= end - self.time:
            self.time += pause
        self.time = end

    def said(self, kind: type[Any], since: int = 0) -> list[Any]:
        return [what for batch in self.batches[since:] for what in batch.readings if isinstance(what, kind)]

    def readings(self) -> dict[str, Reading]:
        return {reading.source: reading for reading in self.said(Reading)}

    def down(self) -> dict[str, str]:
        """Sources that are down now, and what was said."""
        last: dict[str, Reading | Down] = {what.source: what for batch in self.batches for what in batch.readings}
        return {source: what.text for source, what in last.items() if isinstance(what, Down)}


@contextlib.asynccontextmanager
async def rig(
    folder: str = "1.162.3-healthy",
    polls: Mapping[str, Poll] = QUICK,
    remembered: Mapping[str, Reading] | None = None,
) -> AsyncIterator[Rig]:
    async with Replay(API / folder) as node:
        batches: list[Batch] = []
        made: Rig
        api = NodeApi(
            "attic",
            node.url,
            batches.append,
            now=lambda: made.time,
            clock=lambda: made.time,
            polls=polls,
            remembered=remembered,
        )
        made = Rig(node, api, batches)
        await api.start()
        try:
            yield made
        finally:
            await api.stop()


# ---- the ordinary day ----


async def test_the_first_round_brings_everything_at_once_and_each_first_value_promptly() -> None:
    async with rig() as it:
        pause = await it.round()
        assert set(it.readings()) == SOURCES
        assert all(batch.prompt and batch.node == "attic" for batch in it.batches)
        assert 60 <= pause <= 66
        assert len(it.node.hits) == 7


async def test_an_hour_is_gentle_and_regular() -> None:
    async with rig() as it:
        await it.round()
        known = len(it.batches)
        await it.run(3600)
        asked = {path: it.node.hits.count(path) - 1 for path in (NODE, MONTH, SATELLITE, PAYOUT, HELD)}
        # 60…66 s, 600…660 s, 900…990 s and 6 h
        assert 54 <= asked[NODE] <= 60
        assert asked[MONTH] in {5, 6}
        assert asked[SATELLITE] in {5, 6}
        assert asked[PAYOUT] in {3, 4}
        assert asked[HELD] == 0
        assert it.node.most_at_once == 1
        assert not any(batch.prompt for batch in it.batches[known:])


async def test_refresh_brings_the_cheap_poll_forward_once_a_minute() -> None:
    async with rig() as it:
        await it.round()
        it.time += 20
        assert it.api.refresh()
        assert not it.api.refresh()
        await it.round()
        assert it.node.hits[7:] == [NODE]
        assert it.batches[-1].prompt
        it.time += 59
        assert not it.api.refresh()
        it.time += 1
        assert it.api.refresh()


async def test_run_polls_by_itself_wakes_for_a_refresh_and_closes_what_it_opened() -> None:
    async with Replay(API / "1.162.3-healthy") as node:
        batches: asyncio.Queue[Batch] = asyncio.Queue()
        api = NodeApi("attic", f"{node.url}/", batches.put_nowait, now=lambda: START)
        assert not api.refresh(), "nothing to bring forward before it runs"
        task = asyncio.create_task(api.run())
        async with asyncio.timeout(PATIENCE):
            for _ in SOURCES:
                await batches.get()
            await asyncio.sleep(0)
            assert api.refresh()
            assert (await batches.get()).readings[0].source == "node"
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert node.hits[-1] == NODE


async def test_satellites_come_and_go_with_the_node_s_list() -> None:
    async with rig() as it:
        it.node.edit(NODE, lambda sno: sno["satellites"].pop(1) and None)
        await it.round()
        assert f"satellite:{B}" not in it.readings()
        it.node.edit(NODE, lambda sno: sno["satellites"].append({"id": B, "url": "127.0.0.1:10010"}))
        await it.run(70)
        assert f"satellite:{B}" in it.readings()
        it.node.edit(NODE, lambda sno: sno.update(satellites=None))
        await it.run(70)
        before = len(it.node.hits)
        await it.run(1300)
        assert not [path for path in it.node.hits[before:] if path.startswith("/api/sno/satellite/")]


async def test_ids_that_are_no_ids_are_never_asked_for() -> None:
    async with rig() as it:
        it.node.edit(NODE, lambda sno: sno["satellites"].append({"id": "../../admin?x=", "url": "evil"}))
        await it.round()
        assert set(it.readings()) == SOURCES
        assert len(it.node.hits) == 7


async def test_a_redirect_is_followed() -> None:
    async with rig() as it:
        it.node.answers["/moved"] = it.node.answers[NODE]

        async def moved(_: Any) -> Any:
            from aiohttp import web  # noqa: PLC0415 - raised as an exception by aiohttp's rules

            raise web.HTTPMovedPermanently("/moved")

        it.node.fault[NODE] = moved
        await it.round()
        assert "node" in it.readings()


# ---- what comes instead of answers ----

NULLS = {"null": b"null", "{}": b"{}", "[]": b"[]"}
HARMLESS = {(MONTH, "null"), (MONTH, "{}"), (HELD, "null"), (HELD, "[]")}
ENDPOINTS = {NODE: "node", MONTH: "month", SATELLITE: f"satellite:{A}", PAYOUT: "payout", HELD: "held"}


@pytest.mark.parametrize("fault", [*FAULTS, *NULLS])
@pytest.mark.parametrize("path", ENDPOINTS)
async def test_a_fault_is_said_once_and_harms_nothing(path: str, fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "storj_monitor.sources.nodeapi")
    source = ENDPOINTS[path]
    async with rig(polls={**QUICK, "held": QUICK["held"]._replace(every=600)}) as it:
        await it.round()
        before = derive.node_values(it.readings(), {}, it.time)
        it.node.fault[path] = FAULTS.get(fault) or sends(NULLS[fault])
        mark = len(it.batches)
        await it.run(1500)
        downs = it.said(Down, mark)
        if (path, fault) in HARMLESS:
            assert downs == []
            return
        assert [down.source for down in downs] == [source]
        assert downs[0].text.endswith(".")
        assert it.down().keys() == {source}
        others = [reading for reading in it.said(Reading, mark) if reading.source != source]
        assert others or fault == "hang", "the other sources go on"

        del it.node.fault[path]
        mark = len(it.batches)
        await it.run(3000)
        assert it.down() == {}
        back = next(batch for batch in it.batches[mark:] if batch.readings[0].source == source)
        assert back.prompt
        messages = [record.message for record in caplog.records]
        assert [message for message in messages if "answers again" in message] == messages[1:]
        assert len(messages) == 2
        after = derive.node_values(it.readings(), {}, it.time)
        moving = {"payout_estimate", "earned_per_tb_month", "earned_per_tb_disk"}
        assert {key for key in after if after[key] != before[key]} <= moving, "which go with the time"


async def test_the_sentence_names_what_is_wrong() -> None:
    async with rig() as it:
        it.node.fault |= {MONTH: FAULTS["html"], PAYOUT: FAULTS["500"], HELD: FAULTS["hang"], SATELLITE: FAULTS["huge"]}
        await it.round()
        assert it.down() == {
            "month": "The node answers /api/sno/satellites with a web page: its version does not know this path.",
            "payout": "The node answers /api/sno/estimated-payout with status 500: consoleapi: database is locked.",
            "held": "The node gives no answer to /api/heldamount/held-history within 1.5 s.",
            f"satellite:{A}": f"The node's answer to /api/sno/satellite/{A} is larger than 8 MiB.",
        }


async def test_another_satellite_s_answer_is_not_taken() -> None:
    async with rig() as it:
        it.node.answers[SATELLITE] = it.node.answers[f"/api/sno/satellite/{B}"]
        await it.round()
        assert it.down().keys() == {f"satellite:{A}"}


async def test_while_the_cheapest_hangs_nothing_else_is_asked() -> None:
    async with rig() as it:
        await it.round()
        it.node.fault[NODE] = hang
        mark = len(it.node.hits)
        await it.run(1800)
        assert set(it.node.hits[mark:]) == {NODE}
        # after 1, 1, 2, 4, 4 … minutes: about 10 requests in half an hour instead of 30
        assert 8 <= len(it.node.hits) - mark <= 11


async def test_slow_answers_never_delay_the_question_whether_it_is_online() -> None:
    async with rig(polls={**QUICK, "month": Poll(MONTH, 600, 0.3)}) as it:

        async def slow(_: Any) -> Any:
            it.time += 90  # as long as a heavy one may take
            return await hang(_)

        it.node.fault |= {MONTH: slow, PAYOUT: slow, HELD: slow, SATELLITE: slow}
        await it.round()
        order = it.node.hits
        heavy = [index for index, path in enumerate(order) if path != NODE]
        assert all(order[index + 1] == NODE for index in heavy[:-1] if order[index] in it.node.fault)
        ages = [reading.at for reading in it.said(Reading) if reading.source == "node"]
        assert max(b - a for a, b in pairwise(ages)) < derive.ANSWERED


# ---- going away and coming back ----


async def test_a_node_that_stops_and_starts_is_one_down_and_caught_up_on_at_once() -> None:
    async with rig() as it:
        await it.round()
        mark = len(it.batches)
        await it.node.down()
        await it.run(1800)
        downs = it.said(Down, mark)
        assert [down.source for down in downs] == ["node"]
        assert downs[0].text == "No connection to the node's API: it is refused."
        assert derive.node_values(it.readings(), {"node": downs[0]}, it.time)["online"] is False
        await it.node.up()
        mark = len(it.batches)
        await it.run(67)  # a refused connection costs nothing, so it is tried every minute
        assert {reading.source for reading in it.said(Reading, mark)} >= {"node", "month", "payout"}


async def test_what_failed_is_asked_again_as_soon_as_the_node_is_back() -> None:
    async with rig() as it:
        it.node.fault |= {HELD: FAULTS["500"], NODE: FAULTS["500"]}
        await it.round()
        assert it.down().keys() == {"node", "held"}
        it.node.fault.clear()
        await it.run(67)
        assert it.down() == {}


async def test_an_unknown_host_is_named() -> None:
    batches: list[Batch] = []
    api = NodeApi("attic", "http://no-such-host.invalid:14002", batches.append, now=lambda: START)
    await api.start()
    await api.step()
    await api.stop()
    (down,) = batches[0].readings
    assert isinstance(down, Down)
    assert down.text == "No connection to the node's API: its host name is not known."


# ---- answers that are true only with what was known before ----


def body(it: Rig, source: str) -> Body:
    found = it.readings()[source].body
    assert isinstance(found, Body)
    return found


def zeros(payout: dict[str, Any]) -> None:
    for month in ("currentMonth", "previousMonth"):
        payout[month] = dict.fromkeys(payout[month], 0)
    payout["currentMonthExpectations"] = 0


async def test_an_estimate_that_turns_all_zero_is_not_known() -> None:
    async with rig() as it:
        it.node.edit(PAYOUT, lambda payout: payout.update(currentMonthExpectations=772))
        await it.round()
        assert derive.node_values(it.readings(), {}, it.time)["payout_estimate_node"] == 7.72
        it.node.edit(PAYOUT, zeros)
        await it.run(3000)
        assert body(it, "payout") == PayoutReading(at=body(it, "payout").at)
        assert derive.node_values(it.readings(), {}, it.time)["payout_estimate_node"] is None
        # the next month begins with zeros that are true
        it.time = START + 8 * 86400
        await it.round()
        assert derive.node_values(it.readings(), {}, it.time)["payout_estimate_node"] == 0


async def test_an_estimate_of_zero_that_was_never_more_is_zero() -> None:
    async with rig() as it:
        it.node.edit(PAYOUT, zeros)
        await it.run(3000)
        assert derive.node_values(it.readings(), {}, it.time)["payout_estimate_node"] == 0


async def test_zeros_are_true_when_every_satellite_is_lost() -> None:
    async with rig("1.162.3-disqualified") as it:
        it.node.edit(PAYOUT, lambda payout: payout["currentMonth"].update(payout=50, egressBandwidth=9))
        await it.round()
        it.node.edit(PAYOUT, zeros)
        await it.run(1000)
        assert derive.node_values(it.readings(), {}, it.time)["payout_estimate_node"] == 0


async def test_stored_data_is_carried_over_a_restart_into_a_month_without_a_tally() -> None:
    async with rig() as it:
        await it.round()
        known = it.readings()
    async with rig(remembered=known) as it:
        it.time = START + 8 * 86400  # 1 December
        it.node.edit(SATELLITE, lambda satellite: satellite.update(storageDaily=None))
        await it.round()
        satellite = body(it, f"satellite:{A}")
        assert isinstance(satellite, SatelliteReading)
        assert satellite.rate_before == 236239.7031802823
        it.time += 700
        await it.round()
        again = body(it, f"satellite:{A}")
        assert isinstance(again, SatelliteReading)
        assert again.rate_before == satellite.rate_before


async def test_prices_come_from_their_own_path_where_the_answer_has_none() -> None:
    async with rig() as it:
        it.node.edit(SATELLITE, lambda satellite: satellite.pop("priceModel") and None)
        it.node.edit(f"/api/sno/satellite/{B}", lambda satellite: satellite.pop("priceModel") and None)
        await it.round()
        with_prices, without = body(it, f"satellite:{A}"), body(it, f"satellite:{B}")
        assert isinstance(with_prices, SatelliteReading)
        assert isinstance(without, SatelliteReading)
        assert with_prices.prices == Prices(149, 2000, 1000, 1000)
        assert without.prices is None, "an old version answers with a web page"
        assert it.down() == {}
        assert derive.satellite_values(it.readings(), B, it.time)["payout_estimate"] is None


# ---- receipts ----


async def test_receipts_are_asked_month_by_month_and_never_again_once_known() -> None:
    """2026-09 has the receipt of one satellite of two; the other months' paths are unknown to this recording."""
    async with rig("1.98.3-payouts") as it:
        await it.round()
        assert "receipts" not in it.readings(), "nobody waits for them at the start"
        await it.run(7200)
        paths = [path for path in it.node.hits if "payout-history" in path]
        assert paths == sorted(set(paths), reverse=True), "the newest first, each once"
        found = it.readings()["receipts"].body
        assert [(each.satellite, each.period, each.kind) for each in found.receipts] == [(B, "2026-09", "eth")]
        assert it.down() == {}, "a month that cannot be told is no trouble of the node's"
        await it.run(20 * 3600)
        assert [path for path in it.node.hits if "payout-history" in path] == paths
        await it.run(8 * 3600)
        again = [path for path in it.node.hits if "payout-history" in path][len(paths) :]
        assert again == ["/api/heldamount/payout-history/2026-09"], "another day, if it may still get one"


async def test_a_node_that_was_never_paid_is_not_asked_for_receipts() -> None:
    async with rig("1.98.3-payouts") as it:
        for stub in it.node.stubs:
            stub["distributed"] = 0
        await it.run(7200)
        assert not [path for path in it.node.hits if "payout-history" in path]
