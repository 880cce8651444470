"""Reports, success rates and status from the command line, of a real data folder and of a running agent."""

from __future__ import annotations

import asyncio
import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tests.core.recorded import LAST
from tests.integration import rig
from tests.integration.test_end_to_end_monitoring import A, B, asked
from tests.sources.replay import API, Replay

from storj_monitor import cli
from storj_monitor.settings import NodeSettings

LOGS = Path(__file__).parent / "fixtures/real/logs"
LOG = "1.162.3-busy-info-console"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an agent has stored of a recorded node with its log and of a second one known by its log only."""
    where = tmp_path_factory.mktemp("folder")
    for name in ("attic", "cellar"):
        (where / f"{name}.log").write_bytes(gzip.decompress((LOGS / f"{LOG}.log.gz").read_bytes()))

    async def fill() -> None:
        clock = rig.Clock(LAST)
        async with Replay(API / "1.162.3-hashstore-payouts") as node:
            nodes = {
                "attic": NodeSettings(log=str(where / "attic.log"), api=node.url),
                "cellar": NodeSettings(log=str(where / "cellar.log")),
            }
            async with rig.running(where / "data", nodes, clock) as app:
                await asked(app)
                clock.at += 600
                await rig.settle(app)

    asyncio.run(fill())
    return where


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert cli.main([str(each) for each in arguments]) == 0
    return capsys.readouterr().out


def truth() -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for row in json.loads((LOGS / f"{LOG}.truth.json").read_text())["transfers"]:
        key = row["action"], row["outcome"]
        found[key] = found.get(key, 0) + row["count"]
    return found


# ---- report ----


def test_a_report_as_a_document(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "report", "--data", folder / "data", "--month", "2026-11", "--json"))
    assert (found["period"], found["from"], found["to"]) == ("month", 1_793_491_200, 1_796_083_200)
    attic, cellar = found["nodes"]
    # the node's books: ingressSummary 210825216 + 331619840, egress 153217280 + 1016064 + 157986048 + 343552
    assert (attic["traffic"]["ingress"], attic["traffic"]["egress"]) == (542445056, 312562944)
    assert {row["satellite"]: row["ingress"] for row in attic["traffic"]["satellites"]} == {A: 210825216, B: 331619840}
    counts = truth()
    want = {end: counts.get(("GET", end), 0) for end in ("ok", "canceled", "failed")}
    assert {end: attic["success"]["download"][end] for end in want} == want
    assert attic["success"]["download"]["percent"] == pytest.approx(100 * want["ok"] / sum(want.values()), abs=0.001)
    assert (attic["storage"]["disk_used"], attic["storage"]["disk_reclaimable"]) == (922046976, 400195904)
    assert attic["storage"]["reported"] == round(762547.5041278478 + 539827.8959167596)
    assert attic["money"]["paid"] is None, "November is not paid yet"
    assert attic["money"]["estimate"] == pytest.approx(sum(row["estimate"] for row in attic["money"]["satellites"]))
    assert {row["audit_score_lowest"] for row in attic["reputation"]} == {100}
    assert cellar["success"]["upload"]["ok"] == counts["PUT", "ok"]
    assert (cellar["traffic"]["ingress"], cellar["money"]["estimate"], cellar["storage"]["disk_used"]) == (None,) * 3
    assert found["totals"]["ingress"] == 542445056, "of what is known"


def test_a_paid_month_and_a_year(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = json.loads(run(capsys, "report", "--data", folder / "data", "--month", "2026-09", "--json"))
    money = month["nodes"][0]["money"]
    assert money["paid"] == pytest.approx((5381896 + 1883664) / 1e6)
    assert money["held"] == pytest.approx((1793965 + 627887) / 1e6)
    assert money["estimate"] is None, "nobody watched then"
    assert {row["satellite"]: row["paid"] for row in money["satellites"]} == {A: 5.381896, B: 1.883664}
    year = json.loads(run(capsys, "report", "--data", folder / "data", "--year", "2026", "--json"))
    stubs = json.loads((API / "1.162.3-hashstore-payouts/paystubs-range.json").read_text())
    assert year["nodes"][0]["money"]["paid"] == pytest.approx(sum(stub["paid"] for stub in stubs) / 1e6)
    assert (year["from"], year["to"]) == (1_767_225_600, 1_798_761_600)


def test_a_report_as_a_table_for_people_and_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = run(capsys, "report", "--data", folder / "data", "--month", "2026-11")
    assert shown.startswith("2026-11-01 to 2026-11-30")
    assert "542 MB" in shown
    assert "127_0_0_1_10000" in shown
    rows = list(
        csv.DictReader(io.StringIO(run(capsys, "report", "--data", folder / "data", "--month", "2026-11", "--csv")))
    )
    assert [(row["node"], row["satellite"]) for row in rows] == [
        ("attic", ""), ("attic", "127_0_0_1_10000"), ("attic", "127_0_0_1_10010"), ("cellar", ""),
    ]  # fmt: skip
    assert rows[0]["ingress_bytes"] == "542445056"
    assert rows[3]["ingress_bytes"] == "", "not known is empty, not 0"


def test_what_was_paid_for_the_tax_office(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "report", "--data", folder / "data", "--year", "2026", "--tax")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 20
    stubs = json.loads((API / "1.162.3-hashstore-payouts/paystubs-range.json").read_text())
    assert sum(int(row["paid_usd"].replace(".", "")) for row in rows) == sum(stub["paid"] for stub in stubs)
    month = run(capsys, "report", "--data", folder / "data", "--month", "2026-09", "--tax", "--json")
    assert [(row["node"], row["satellite"], row["paid_usd"]) for row in json.loads(month)] == [
        ("attic", "127_0_0_1_10000", "5.381896"), ("attic", "127_0_0_1_10010", "1.883664"),
    ]  # fmt: skip


async def test_a_running_agent_gives_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = folder / "data"
    stored = json.loads(await asyncio.to_thread(run, capsys, "report", "--data", data, "--month", "2026-09", "--json"))
    taxes = await asyncio.to_thread(run, capsys, "report", "--data", data, "--year", "2026", "--tax")
    nodes = {"attic": NodeSettings(api="http://127.0.0.1:9"), "cellar": NodeSettings(log=str(folder / "cellar.log"))}
    async with rig.running(data, nodes, rig.Clock(LAST + 700)) as app:
        there = ("--url", app.url.rstrip("/"))
        asked_ = await asyncio.to_thread(run, capsys, "report", *there, "--month", "2026-09", "--json")
        assert json.loads(asked_)["nodes"] == stored["nodes"]
        assert await asyncio.to_thread(run, capsys, "report", *there, "--year", "2026", "--tax") == taxes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--month", "2026-13"], "no month such as"),
        (["--month", "november"], "no month such as"),
        (["--year", "26"], "no year such as"),
        (["--year", "2026", "--month", "2026-01"], "not allowed with"),
    ],
)
def test_a_wrong_span_is_said(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["report", "--data", "/nowhere", *arguments])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


# ---- success rates ----


def test_success_rates_of_files_and_of_a_database(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = run(capsys, "successrate", LOGS / f"{LOG}.log.gz")
    assert one.startswith("========== AUDIT ==============\nCritically failed:     0\n")
    assert run(capsys, "successrate", "--data", folder / "data", "--node", "attic") == one
    both: dict[str, Any] = json.loads(run(capsys, "successrate", "--data", folder / "data", "--json"))
    assert both["download"]["successful"] == 2 * truth()["GET", "ok"]
    assert both["upload"]["acceptance_rate"] == 100


def test_lost_pieces_are_critical_from_a_database_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = LOGS / "1.162.3-trouble-info-console.log.gz"
    run(capsys, "import", "--data", tmp_path, "--node", "attic", log, "--json")
    assert run(capsys, "successrate", "--data", tmp_path) == run(capsys, "successrate", log)
    found = json.loads(run(capsys, "successrate", "--data", tmp_path, "--json"))
    assert found["audit"]["critically_failed"] == 77


@pytest.mark.parametrize("arguments", [[], ["x.log", "--data", "/x"], ["x.log", "--node", "attic"]])
def test_success_rates_need_one_source(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["successrate", *arguments]) == 2
    assert "give log files, or --data" in capsys.readouterr().err


def test_a_node_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["successrate", "--data", str(folder / "data"), "--node", "shed"]) == 1
    assert "there are: attic, cellar" in capsys.readouterr().err


# ---- status ----


def test_status_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "status", "--data", folder / "data").splitlines()
    assert lines[0].startswith("attic: ")
    assert "storagenode 1.162.3" in lines[1]
    assert any(line.startswith("cellar: ") for line in lines)
