from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.bridge.live import BINS_KEPT, Feed, Live
from storj_monitor.core.errors import CommandError

AT = 1_795_400_000_000


class Watched:
    def __init__(self) -> None:
        self.nodes = ["attic", "cellar"]
        self.told: list[set[str]] = []
        self.live = Live(lambda: self.nodes, lambda watched: self.told.append(set(watched)))


def taken(feed: Feed) -> list[dict[str, Any]]:
    return [json.loads(message) for message in feed.take()]


def message(at: int = AT, **fields: Any) -> dict[str, Any]:
    return {"at": at, "bins": [], "points": [], "lines": [], **fields}


def test_a_message_reaches_the_watchers_of_its_node_and_nobody_else() -> None:
    world = Watched()
    one, all_, none = world.live.join(), world.live.join(), world.live.join()
    assert world.live.watch(one, {"nodes": ["attic", "attic"]}) == {"nodes": ["attic"]}
    assert world.live.watch(all_, {"nodes": "all"}) == {"nodes": "all"}
    world.live.push("attic", message())
    world.live.push("cellar", message())
    assert [m["node"] for m in taken(one)] == ["attic"]
    assert [m["node"] for m in taken(all_)] == ["attic", "cellar"]
    assert taken(none) == []


def test_the_watched_set_is_told_when_it_changes_and_only_then() -> None:
    world = Watched()
    one, two = world.live.join(), world.live.join()
    world.live.watch(one, {"nodes": ["attic"]})
    world.live.watch(two, {"nodes": ["attic"]})
    world.live.watch(two, {"nodes": "all"})
    world.live.leave(two)
    world.live.watch(one, {"nodes": []})
    world.live.leave(one)
    assert world.told == [{"attic"}, {"attic", "cellar"}, {"attic"}, set()]


def test_all_means_nodes_that_come_later_too() -> None:
    world = Watched()
    feed = world.live.join()
    world.live.watch(feed, {"nodes": "all"})
    world.nodes.append("shed")
    world.live.push("shed", message())
    assert world.live.watched() == {"attic", "cellar", "shed"}
    assert len(taken(feed)) == 1


@pytest.mark.parametrize(
    ("nodes", "code"),
    [
        (["attic", "nowhere"], "unknown_node"),
        (["<script>\n"], "unknown_node"),
        ("attic", "bad_argument"),
        (None, "bad_argument"),
        ([7], "bad_argument"),
        ([["attic"]], "bad_argument"),
        ({"attic": 1}, "bad_argument"),
        (["attic"] * 1025, "bad_argument"),
    ],
)
def test_a_wrong_watch_changes_nothing(nodes: Any, code: str) -> None:
    world = Watched()
    feed = world.live.join()
    world.live.watch(feed, {"nodes": ["cellar"]})
    with pytest.raises(CommandError) as refused:
        world.live.watch(feed, {"nodes": nodes})
    assert refused.value.code == code
    assert "\n" not in refused.value.text
    assert world.live.watched() == {"cellar"}


def test_what_is_no_longer_watched_is_not_sent() -> None:
    world = Watched()
    feed = world.live.join()
    world.live.watch(feed, {"nodes": "all"})
    world.live.push("attic", message())
    world.live.watch(feed, {"nodes": ["cellar"]})
    assert taken(feed) == []


def test_a_message_is_encoded_once_for_all_who_are_up_to_date() -> None:
    world = Watched()
    feeds = [world.live.join() for _ in range(3)]
    for feed in feeds:
        world.live.watch(feed, {"nodes": "all"})
    world.live.push("attic", message(points=[[0, "GET", "ok", 1, None, None, None]]))
    first, second, third = (feed.take()[0] for feed in feeds)
    assert first is second is third


async def test_waiting_ends_with_the_next_message() -> None:
    world = Watched()
    feed = world.live.join()
    world.live.watch(feed, {"nodes": "all"})
    waiting = asyncio.create_task(feed.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    world.live.push("attic", message())
    await asyncio.wait_for(waiting, 1)


BIN = st.tuples(
    st.integers(0, 5),
    st.sampled_from(["GET", "PUT"]),
    st.sampled_from(["ok", "failed"]),
    st.integers(1, 9),
    st.integers(0, 99),
)
MESSAGES = st.lists(
    st.tuples(st.lists(BIN, max_size=5), st.integers(0, 200), st.integers(0, 40)), min_size=1, max_size=8
)


@given(MESSAGES)
def test_one_who_is_behind_loses_no_count_and_keeps_the_newest_in_order(pushed: list[Any]) -> None:
    world = Watched()
    feed = world.live.join()
    world.live.watch(feed, {"nodes": "all"})
    counts: Counter[Any] = Counter()
    points: list[int] = []
    lines: list[str] = []
    for number, (bins, n_points, n_lines) in enumerate(pushed):
        at = AT + number * 50
        new: list[Any] = [[ms // 4, "GET", "ok", at + ms // 4, None, None, None] for ms in range(n_points)]
        new_lines = [f"{number}/{line}" for line in range(n_lines)]
        world.live.push("attic", message(at, bins=bins, points=new, lines=new_lines))
        for second, action, outcome, count, size in bins:
            counts[second, action, outcome] += count
            counts[second, action, outcome, "bytes"] += size
        points += [point[3] for point in new]
        lines += new_lines
    (merged,) = taken(feed)
    got: Counter[Any] = Counter()
    for second, action, outcome, count, size in merged["bins"]:
        got[second, action, outcome] += count
        got[second, action, outcome, "bytes"] += size
    assert got == counts
    # The size of each point is when it was read: its offset must still say so.
    assert [merged["at"] + point[0] for point in merged["points"]] == [point[3] for point in merged["points"]]
    assert [point[3] for point in merged["points"]] == points[-500:]
    assert merged.get("dropped", 0) == max(0, len(points) - 500)
    assert all(point[0] >= 0 for point in merged["points"])
    assert merged["lines"] == (lines if len(pushed) == 1 else lines[-100:])


def test_hours_of_seconds_stay_bounded_and_their_sums_right() -> None:
    world = Watched()
    feed = world.live.join()
    world.live.watch(feed, {"nodes": "all"})
    for second in range(20_000):
        world.live.push("attic", message(bins=[[second, "GET", "ok", 1, 10]], dropped=1, lag=second))
    (merged,) = taken(feed)
    assert len(merged["bins"]) <= BINS_KEPT
    assert sum(one[3] for one in merged["bins"]) == 20_000
    assert sum(one[4] for one in merged["bins"]) == 200_000
    assert (merged["dropped"], merged["lag"]) == (20_000, 19_999)
