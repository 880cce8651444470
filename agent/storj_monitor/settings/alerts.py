"""From which numbers on alerts fire: `[alerts]`, and `thresholds` of each node."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, BeforeValidator, Field, create_model

from storj_monitor.core.thresholds import CONTRACT, THRESHOLDS, Threshold
from storj_monitor.settings.section import Section


def _field(row: Threshold) -> Any:
    return (float | None, Field(default=None, ge=row.least, le=row.most, allow_inf_nan=False))


@cache
def _all_rules() -> type[Section]:
    """A table for each rule, with a key for each severity; made when somebody sets a number, which few do."""
    rules = dict.fromkeys(row.rule for row in THRESHOLDS.values())
    tables: dict[str, Any] = {}
    for rule in rules:
        levels: dict[str, Any] = {row.severity: _field(row) for row in THRESHOLDS.values() if row.rule == rule}
        tables[rule] = (create_model(rule, __base__=Section, **levels) | None, Field(default=None))
    return create_model("thresholds", __base__=Section, **tables)


def threshold_table(path: tuple[str, ...] = ()) -> type[Section]:
    """The table of all rules, or below it that of one."""
    fields = _all_rules().model_fields
    kinds = get_args(fields[path[0]].annotation) if path and path[0] in fields else ()
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), _all_rules())


def _nested(given: dict[Any, Any]) -> dict[Any, Any]:
    """The contract's names and `"rule.severity"` as tables, as which they are meant."""
    tables: dict[Any, Any] = {}
    for key, value in given.items():
        name = CONTRACT.get(key, key) if not isinstance(value, dict) else key
        rule, dot, severity = name.partition(".") if isinstance(name, str) else (name, "", "")
        table = {severity: value} if dot else value
        before = tables.get(rule)
        tables[rule] = {**before, **table} if isinstance(before, dict) and isinstance(table, dict) else table
    return tables


def _flat(given: Any) -> Any:
    """`{"online_score.warning": 90}` of the tables. A fault in one keeps its place, for pydantic takes it over."""
    if not isinstance(given, dict) or not given:
        return given
    found = _all_rules().model_validate(_nested(given)).model_dump(exclude_none=True)
    return {f"{rule}.{severity}": value for rule, levels in found.items() for severity, value in levels.items()}


def _of_nodes(given: dict[str, float]) -> dict[str, float]:
    if any(THRESHOLDS[key].of_agent for key in given):
        raise ValueError("rules about nodes; those about the agent itself belong to [alerts]")
    return given


Thresholds = Annotated[dict[str, float], BeforeValidator(_flat)]
"""By `<rule>.<severity>`."""
NodeThresholds = Annotated[Thresholds, AfterValidator(_of_nodes)]


class AlertsSettings(Section):
    """From which numbers on alerts fire. What is set on the page wins over this file until it is reset there."""

    thresholds: Thresholds = Field(
        default={},
        description="RULE.SEVERITY = NUMBER for all nodes; `storj-monitor settings` lists them all with their bounds.",
        examples=[{"disk_forecast.warning": 30, "audit_score.critical": 98}],
    )
