"""The README says what the code says."""

from __future__ import annotations

from pathlib import Path

from storj_monitor.alertdesk import described
from storj_monitor.alerts.rules import BY_ID
from storj_monitor.cli import commands
from storj_monitor.core import metrics

README = (Path(__file__).parents[1] / "README.md").read_text()


def table(rows: tuple[metrics.Metric, ...]) -> str:
    """The keys of one payload as README prints them."""
    lines = [f"| `{row.key}` | {row.unit or '–'} | {row.help} |" for row in rows]
    return "\n".join(["| key | unit | what it is |", "|---|---|---|", *lines])


def test_the_keys_are_those_of_the_metric_table() -> None:
    for rows in (metrics.NODE, metrics.SATELLITE, metrics.AGENT):
        assert table(rows) in README, f"README lacks:\n{table(rows)}"


def test_every_command_is_there() -> None:
    for name in commands():
        assert f"`storj-monitor {name}" in README, name


def rules() -> str:
    """The alert rules as README prints them."""
    lines = ["| rule | severity | what it says | next step |", "|---|---|---|---|"]
    for rule in BY_ID.values():
        row = described(rule)
        severities = ", ".join(dict.fromkeys(level["severity"] for level in row["levels"]))
        lines.append(f"| `{row['id']}` | {severities} | {row['text']} | {row['next_step']} |")
    return "\n".join(lines)


def test_the_rules_are_those_of_the_table() -> None:
    assert rules() in README, f"README lacks:\n{rules()}"
