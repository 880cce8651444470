"""The commands of analysis, asked by a page of a whole agent (agent/docs/contract.md, "Commands")."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from tests.core.recorded import LAST
from tests.integration import rig
from tests.integration.test_end_to_end_monitoring import DAY, HOUR, A, asked, normal_hour, polled
from tests.sources.replay import API, Replay

from storj_monitor.core.facts import Batch, Notice, Sample, Tally
from storj_monitor.settings import NodeSettings

BEGUN = int(rig.NOON)


async def lived(app: Any, days: int, until: int) -> None:
    """Normal days up to `until`, then a day in which a tenth of what comes to eu1 is lost."""
    chance = random.Random(8)
    batches = [normal_hour(chance, t) for t in range(until - days * DAY, until + DAY, HOUR)]
    for batch in batches:
        if batch.tallies[0].minute >= until:
            batch.tallies.append(Tally(batch.tallies[0].minute, rig.EU1, "PUT", "canceled", 50, 0))
    await app._store.commit(batches)


async def test_a_note_is_kept_and_compared_with(tmp_path: Path) -> None:
    clock, log = rig.Clock(rig.NOON + DAY + HOUR), tmp_path / "node.log"
    log.touch()
    nodes = {"attic": NodeSettings(log=str(log))}
    async with rig.running(tmp_path / "data", nodes, clock) as app, rig.page(app) as page:
        await lived(app, 21, BEGUN)
        noted = await page.ask("note", node="attic", at=BEGUN, text="  moved to\n SSD ")
        assert noted["result"] == {"at": BEGUN, "text": "moved to SSD"}
        for wrong in (
            {"text": ""},
            {"text": " \n"},
            {"text": "x" * 301},
            {"text": "y", "at": clock.at + 7200},
            {"text": "\x07"},
        ):
            assert (await page.ask("note", node="attic", **wrong))["error"]["code"] == "bad_argument"
        notice = Notice(BEGUN + 90, "info", "A line of the log.", "log")
        await app._store.commit([Batch("attic", notices=[notice])])
        marks = (await page.ask("marks", node="attic"))["result"]
        assert [each for each in marks if each["kind"] != "agent"] == [
            {"at": BEGUN, "kind": "note", "text": "moved to SSD"}
        ]
        answer = (await page.ask("compare", node="attic", at=BEGUN))["result"]
        assert (answer["at"], answer["label"], answer["hours"]) == (BEGUN, "moved to SSD", 24)
        by = {each["metric"]: each for each in answer["measures"]}
        upload = by["upload_success"]
        # 12.5 of 420 are lost, at one of two satellites 50 more: 97 % before, 815/890 after
        assert upload["before"] == pytest.approx(97.0, abs=0.3)
        assert upload["after"] == pytest.approx(100 * 815 / 890, abs=0.3)
        assert upload["notable"]
        assert not by["egress_bytes"]["notable"]
        assert answer["text"] == f"moved to SSD: upload success −{-upload['difference']:.1f} points."
        assert by["download_p95"]["before"] == pytest.approx(2, rel=0.01)
        week = (await page.ask("compare", node="attic", at=BEGUN - 9 * DAY, hours=168))["result"]
        assert week["hours"] == 168
        moment: dict[str, int]
        for moment in ({"hours": 25}, {"hours": 0}, {"at": -1}):
            refused = await page.ask("compare", **({"node": "attic", "at": BEGUN} | moment))
            assert refused["error"]["code"] == "bad_argument"
        assert (await page.ask("compare", node="attic", at=clock.at))["error"]["code"] == "unavailable"


async def test_the_planner_names_satellites_and_a_quiet_hour(tmp_path: Path) -> None:
    """A recorded node that was away: below 60 % already."""
    clock = rig.Clock(LAST)
    async with Replay(API / "1.121.8-offline") as node, polled(tmp_path, node, clock) as (app, page):
        first = LAST // HOUR * HOUR
        chance, batches = random.Random(2), []
        for t in range(first - 21 * DAY, first, HOUR):
            batch = normal_hour(chance, t)
            quiet = t // HOUR % 168 == (BEGUN + 3 * DAY) // HOUR % 168  # Thursday noon
            kept = [] if quiet else batch.tallies
            batches.append(Batch("attic", tallies=kept, samples=batch.samples))
        await app._store.commit(batches)
        answer = (await page.ask("planner", node="attic", hours=1))["result"]
        row = next(each for each in answer["satellites"] if each["satellite"] == A)
        assert row["name"] == "127_0_0_1_10000"
        assert (row["hours_to_95"], row["hours_to_60"]) == (0, 0)
        assert row["score"] == pytest.approx(45.66, abs=0.1)
        assert row["recovers_at"] > LAST
        assert answer["quietest"] == {
            "weekday": 4, "hour": 12, "hours": 1, "share": 0, "start": BEGUN + 3 * DAY,
        }  # fmt: skip
        assert (await page.ask("planner", node="attic", hours=0))["error"]["code"] == "bad_argument"


async def test_reputation_tells_where_scores_go_and_why(tmp_path: Path) -> None:
    """Audits fail since two days: half a point a day, three and a half points above the limit are seven days."""
    clock = rig.Clock(LAST)
    async with Replay(API / "1.162.3-healthy") as node:
        node.edit(f"/api/sno/satellite/{A}", lambda answer: answer["audits"].update(auditScore=0.995))
        node.edit("/api/sno/satellites", lambda answer: answer["audits"][0].update(auditScore=0.995))
        async with polled(tmp_path, node, clock) as (app, page):
            samples = []
            for hour in range(1, 7 * 24):
                value = min(100.0, 99.5 + 0.5 * hour / 24) if hour < 48 else 100.0
                at = int(LAST) - hour * HOUR
                samples.append(Sample("audit_score", at, 1, value, value, value, value, A))
            failed = [Sample("failed:GET_AUDIT:lost_piece", int(LAST) - 9000, 2, 2, satellite=A)]
            await app._store.commit([Batch("attic", samples=[*samples, *failed])])
            answer = (await page.ask("reputation", node="attic"))["result"]["satellites"]
            assert len(answer) == 2
            row = next(each for each in answer if each["satellite"] == A)
            assert row["scores"] == {"audit": 99.5, "suspension": 100, "online": 100}
            assert row["distance"] == pytest.approx(12.5)
            assert row["failures_left"] == 36, "⌈ln(0.96/0.995)/ln 0.999⌉"
            assert row["slope_per_day"]["audit"] == pytest.approx(-0.5, abs=0.03)
            assert row["eta_days"]["audit"] == pytest.approx(7, abs=0.5)
            assert row["eta_days"]["online"] is None
            assert row["vetting"] is None, "vetted"
            assert row["cause"].startswith("2 audits failed in the last 7 days: the piece is gone.")
            other = next(each for each in answer if each["satellite"] != A)
            assert (other["cause"], other["failures_left"]) == ("", 41)


async def test_vetting_has_an_end(tmp_path: Path) -> None:
    """Joined 7 days ago, 30 audits, 10 a day: 70 to go are 7 days, the age alone needs 14."""
    clock = rig.Clock(LAST)
    async with Replay(API / "1.162.3-healthy") as node:
        joined = int(LAST) - 7 * DAY

        def vetting(answer: Any) -> None:
            answer["satellites"][0]["vettedAt"] = None

        node.edit("/api/sno/", vetting)
        node.edit(
            f"/api/sno/satellite/{A}", lambda answer: answer.update(nodeJoinedAt="2026-11-16T08:40:00Z", vettedAt=None)
        )
        async with polled(tmp_path, node, clock) as (app, page):
            counted = [
                Sample("total_audits", joined + n * DAY + 60, 1, 10 * n, last=10.0 * n, satellite=A) for n in range(4)
            ]
            await app._store.commit([Batch("attic", samples=counted)])
            await asked(app)
            answer = (await page.ask("reputation", node="attic"))["result"]["satellites"]
            row = next(each for each in answer if each["satellite"] == A)
            assert row["state"] == "vetting"
            assert row["vetting"] | {"eta": 0} == {
                "percent": 30, "audits": 30, "audits_needed": 100, "months": 0,
                "old_enough": joined + 21 * DAY, "eta": 0,
            }  # fmt: skip
            assert row["vetting"]["eta"] == joined + 21 * DAY, "the age is the slower half"
