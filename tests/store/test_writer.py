"""Adding up: the tiers do not depend on how facts were split over commits, nor on their order."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core.facts import Batch, Down, Notice, Reading, Sample, Tally
from storj_monitor.core.position import Position
from storj_monitor.store import Store

NOW = 1_795_392_000
SATELLITES = ("", "12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "other")
TABLES = {"minute": 60, "hour": 3_600, "day": 86_400}

# Two days around a UTC midnight; numbers are whole, so that sums are exact in any order.
times = st.integers(NOW - 90_000, NOW + 90_000)
values = st.one_of(st.none(), st.integers(-1_000, 1_000).map(float))
tallies = st.builds(
    Tally,
    times.map(lambda at: at - at % 60),
    st.sampled_from(SATELLITES),
    st.sampled_from(("GET", "PUT")),
    st.sampled_from(("ok", "failed")),
    st.integers(1, 9),
    st.integers(0, 1 << 40),
)
samples = st.builds(
    Sample,
    st.sampled_from(("disk_used", "audit_score", "log_lines")),
    times,
    st.integers(1, 5),
    st.integers(-9_999, 9_999).map(float),
    values,
    values,
    values,
    st.sampled_from(SATELLITES),
)
facts = st.lists(st.tuples(st.sampled_from(("attic", "cellar")), st.one_of(tallies, samples)), min_size=1, max_size=40)


def batch_of(node: str, fact: Tally | Sample) -> Batch:
    return Batch(node, tallies=[fact]) if isinstance(fact, Tally) else Batch(node, samples=[fact])


def dump(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(file) as db:
        rows = {
            tier: db.execute(
                f"SELECT node.name, metric, satellite_id, t, n, sum, min, max, last, last_at FROM sample_{tier} "
                "JOIN series ON series.id = series JOIN node ON node.id = node "
                "JOIN satellite ON satellite.id = series.satellite ORDER BY 1, 2, 3, 4",
            ).fetchall()
            for tier in TABLES
        }
    db.close()
    return rows


async def stored(commits: list[list[Batch]]) -> dict[str, list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder:
        for part in (commits[::2], commits[1::2]):  # a restart in the middle
            store = Store(Path(folder), now=lambda: NOW)
            await store.open()
            for batches in part:
                await store.commit(batches)
            await store.close()
        return dump(store.file)


def expected(pairs: list[tuple[str, Tally | Sample]], size: int) -> list[tuple[Any, ...]]:
    """The definition, written down once more the slow way."""
    found: dict[tuple[Any, ...], list[Sample]] = {}
    for node, fact in pairs:
        if isinstance(fact, Tally):
            metric = f"transfer:{fact.action}:{fact.outcome}"
            sample = Sample(metric, fact.minute, fact.count, float(fact.bytes), satellite=fact.satellite)
        else:
            sample = fact
        found.setdefault((node, sample.metric, sample.satellite, sample.at // size * size), []).append(sample)
    rows = []
    for key, each in sorted(found.items()):
        lasts = [(one.at, one.last) for one in each if one.last is not None]
        last_at, last = max(lasts) if lasts else (None, None)
        least = min((one.min for one in each if one.min is not None), default=None)
        most = max((one.max for one in each if one.max is not None), default=None)
        rows.append((*key, sum(one.n for one in each), sum(one.sum for one in each), least, most, last, last_at))
    return rows


@settings(max_examples=25, deadline=None)
@given(facts, st.randoms(use_true_random=False))
def test_any_split_and_order_gives_the_same_tiers(pairs: list[tuple[str, Tally | Sample]], random: Any) -> None:
    shuffled = list(pairs)
    random.shuffle(shuffled)
    commits: list[list[Batch]] = [[]]
    for node, fact in shuffled:
        commits[-1].append(batch_of(node, fact))
        if random.random() < 0.3:
            commits.append([])

    split = asyncio.run(stored(commits))

    for tier, size in TABLES.items():
        assert split[tier] == expected(pairs, size)


async def test_finer_tiers_than_asked_for_are_skipped(tmp_path: Path) -> None:
    store = Store(tmp_path, now=lambda: NOW, finest={"disk_used": "hour", "held_total": "day"})
    await store.open()
    await store.commit([Batch("attic", samples=[Sample(m, NOW, 1, 5) for m in ("disk_used", "held_total", "errors")])])
    await store.close()

    metrics = {tier: {row[1] for row in rows} for tier, rows in dump(store.file).items()}
    assert metrics == {
        "minute": {"errors"},
        "hour": {"errors", "disk_used"},
        "day": {"errors", "disk_used", "held_total"},
    }


async def test_no_text_or_number_of_a_log_line_can_stop_the_commit(tmp_path: Path) -> None:
    store = Store(tmp_path, now=lambda: NOW)
    await store.open()
    await store.commit(
        [
            Batch(
                "attic",
                tallies=[Tally(NOW, "sat\udcff\0", "GET\udc80:x", "ok", 1, 10**400), Tally(NOW, "", "PUT", "ok", 1, 7)],
                samples=[
                    Sample("odd", NOW, 1, float("nan")),
                    Sample("odd", NOW, 1, float("inf")),
                    Sample("odd", NOW, 1, 3.0, float("nan"), float("-inf"), float("nan")),
                ],
                readings=[Down("node", NOW, "said \ud800"), Reading("month", NOW, {"a": "ü\0"})],
                notices=[Notice(NOW, "critical", "disk \udc00 gone", satellite="\udcff")],
                templates={("ERROR", "a\udcff", "b\ud800"): 1},
                positions=[Position(1, "/log/\udcff.log")],
            ),
        ],
    )
    rows = await store.reader.transfers("attic", None, None, by=("action",))
    assert rows == [{"action": "GET?:x", "count": 1, "bytes": 1 << 62}, {"action": "PUT", "count": 1, "bytes": 7}]
    odd = [row for row in dump(store.file)["minute"] if row[1] == "odd"]
    assert [row[4:] for row in odd] == [(1, 3.0, None, None, None, None)]
    assert (await store.log_state("attic")).positions == [Position(1, "/log/\udcff.log")]
    assert (await store.readings("attic"))["month"].body == '{"a":"ü\\u0000"}'.encode()
    await store.close()
