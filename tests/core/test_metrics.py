from __future__ import annotations

import re
from pathlib import Path

import pytest

from storj_monitor.core import metrics
from storj_monitor.core.metrics import AGENT, NODE, SATELLITE, Metric

CONTRACT = (Path(__file__).parents[2] / "agent/docs/contract.md").read_text()
SCORES = ("audit_score", "suspension_score", "online_score")
ALL = [*NODE, *SATELLITE, *AGENT]


def contract_keys() -> tuple[list[str], list[str], list[str]]:
    """The keys of node state, satellite state and `about`, in the order they stand in the contract."""
    groups = "identity|life|log|storage|traffic|quality|reputation|money|alerts"
    lines = re.findall(rf"^\| (?:{groups}).*", CONTRACT, re.MULTILINE)
    node = [key for line in lines for key in re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", line.split("|")[2]))]
    line = re.search(r"^`…/<node>/satellite/<satellite>/state`: (.*?)^$", CONTRACT, re.MULTILINE | re.DOTALL)
    about = re.search(r"`…/about`: `\{([^}]*)\}`", CONTRACT)
    assert line is not None
    assert about is not None
    satellite = re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", line[1]))
    return node, satellite, re.findall(r"\w+", about[1])


def test_every_key_of_the_contract_has_its_row_in_order() -> None:
    node, satellite, about = contract_keys()
    assert (len(node), len(satellite), len(about)) == (52, 21, 10)
    assert [row.key for row in NODE if row.key in node] == node
    assert [row.key for row in SATELLITE if row.key in satellite] == satellite
    assert [row.key for row in AGENT] == about


@pytest.mark.parametrize("row", ALL, ids=lambda row: f"{row.scope}-{row.key}")
def test_rows_are_whole(row: Metric) -> None:
    assert row.label
    assert re.fullmatch(r"[A-Z].*[.…]", row.help), row.help
    assert (row.unit is None) == (row.kind in {"text", "time", "flag"})
    assert (row.precision is None) == (row.unit is None)
    assert row.tier is None or row.kind not in {"text", "time"}
    if row.ha is not None:
        assert row.ha.name == ""
    if row.prometheus is not None:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", row.prometheus)
        suffix = {"bytes": "_bytes", "%": "_percent", "USD": "_usd", "bytes/s": "_bytes_per_second"}.get(row.unit or "")
        assert suffix is None or row.prometheus.endswith(suffix)


def test_scopes_share_keys_but_no_names() -> None:
    names = [row.prometheus for row in ALL if row.prometheus]
    assert len(names) == len(set(names))
    assert {row.scope for row in NODE} == {"node"}
    assert {row.scope for row in SATELLITE} == {"satellite"}
    for key in metrics.NODE_BY_KEY.keys() & metrics.SATELLITE_BY_KEY.keys():
        node, satellite = metrics.NODE_BY_KEY[key], metrics.SATELLITE_BY_KEY[key]
        assert (node.unit, node.kind, node.tier) == (satellite.unit, satellite.kind, satellite.tier)


def test_limits_stand_in_the_help() -> None:
    for key, limit in zip(SCORES, ("96 %", "60 %", "60 %"), strict=True):
        assert limit in metrics.NODE_BY_KEY[key].help
        assert limit in metrics.SATELLITE_BY_KEY[key].help
