from __future__ import annotations

import random
from pathlib import Path

from tests.integration.rig import EU1, NOON, US1, Clock

from storj_monitor.core.facts import Batch, Sample, Tally
from storj_monitor.core.state import NodeState
from storj_monitor.insights import Insights
from storj_monitor.store import insights as stored
from storj_monitor.store.db import Store

DAY, HOUR = 86_400, 3600
BEGUN = int(NOON) - 14 * HOUR


class World:
    """A store, a node, and hours written into it; the clock follows."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock(BEGUN)
        self.store = Store(folder, now=self.clock)
        self.state = NodeState("attic", has_log=True, has_api=False)
        self.service = self.fresh()
        self.chance = random.Random(6)

    def fresh(self) -> Insights:
        return Insights(self.store, {"attic": self.state}, self.store.satellites, now=self.clock)

    def hour(self, t: int, lost: int, disk: int = 0) -> Batch:
        """300 uploads at each of two satellites; of those at eu1 `lost` are lost, `disk` fail."""
        tallies, noise = [], self.chance.randint(-2, 2)
        for satellite, n in ((US1, 9), (EU1, lost)):
            tallies.append(Tally(t, satellite, "PUT", "ok", 300 - n - noise, 10**9))
            tallies.append(Tally(t, satellite, "PUT", "canceled", n + noise, 10**7))
        samples = [Sample("log_lines", t, 700, 700)]
        if disk:
            tallies.append(Tally(t, EU1, "PUT", "failed", disk, 0))
            samples.append(Sample("failed:PUT:disk", t, disk, disk, satellite=EU1))
        return Batch("attic", tallies=tallies, samples=samples)

    async def live(self, hours: int, lost: int, disk: int = 0, *, watched: bool = True) -> None:
        for _ in range(hours):
            t = int(self.clock.at) // HOUR * HOUR
            await self.store.commit([self.hour(t, lost, disk)])
            self.clock.at = t + HOUR + 150
            if watched:
                await self.service.look()


async def test_what_lasts_for_two_weeks_is_usual_from_then_on(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.store.open()
    try:
        await world.live(15 * 24, 9, watched=False)
        await world.live(6, 45)
        (found,) = world.service.open("attic")
        assert (found.metric, found.satellite) == ("upload_success", EU1)
        world.service = world.fresh()
        await world.service.start()
        (again,) = world.service.open("attic")
        assert (again.since, again.text) == (found.since, found.text), "a restart remembers"
        await world.live(14 * 24, 45, watched=False)
        await world.live(2, 45)
        assert world.service.open("attic") == []
        (settled,) = await world.service.recent("attic")
        assert settled.settled
        assert settled.since == found.since
        await world.live(24, 45)
        assert world.service.open("attic") == [], "the new baseline begins where it began"
        await world.live(4, 110)
        assert [each.satellite for each in world.service.open("attic")] == [EU1], "and judges what comes after"
        kept = await stored.load(world.store.reader)
        assert [each.since for each in kept] == [each.since for each in world.service.open("attic")]
    finally:
        await world.store.close()


async def test_the_cause_is_told_and_unread_lines_are_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.store.open()
    try:
        await world.live(2 * 24, 9)
        assert set(world.service.learning("attic")) >= {"upload_success", "ingress_rate", "errors"}
        assert world.service.learning("attic")["upload_success"] == BEGUN + 3 * DAY
        await world.live(2 * 24, 9)
        assert "upload_success" not in world.service.learning("attic")
        await world.live(11 * 24, 9, watched=False)
        world.state.behind = 1
        await world.live(6, 9, disk=60)
        assert world.service.open("attic") == []
        world.state.behind = 0
        await world.live(3, 9, disk=60)
        (found,) = world.service.open("attic")
        assert (found.metric, found.satellite) == ("upload_success", EU1), "and not one more for the failures"
        assert "eu1" in found.text
        # six hours that were not looked at are in the week before: 360 in 168 hours are 4 in two
        assert found.cause == (
            "120 transfers failed because the disk or file system fails, or a file cannot be read, "
            "usually 4 in that time."
        )
    finally:
        await world.store.close()
