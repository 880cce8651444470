"""The dashboard and blueprints against what an agent announces; `make test-ha` runs them in a real Home Assistant."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "config" / "home-assistant"
REFERENCE = ROOT / "tests" / "fixtures" / "home-assistant-reference.json"
CARDS = {"markdown", "entities", "glance", "gauge", "history-graph", "statistics-graph", "horizontal-stack"}
"""Built into Home Assistant; others would have to be installed first."""
OFF = "switched off as long as nobody asks for it"


class Loader(yaml.SafeLoader):
    """YAML with Home Assistant's `!input`."""


Loader.add_constructor("!input", lambda _, node: ("input", node.value))


def load(name: str) -> Any:
    return yaml.load((FOLDER / name).read_text(), Loader)


def components() -> dict[str, dict[str, Any]]:
    """Entity ID → component, of the payloads that real Home Assistants took."""
    payloads = json.loads(REFERENCE.read_text())
    found = (each for payload in payloads.values() if "cmps" in payload for each in payload["cmps"].values())
    return {each["def_ent_id"]: each for each in found}


def cards(view: dict[str, Any]) -> list[dict[str, Any]]:
    return [inner for card in view["cards"] for inner in (card, *card.get("cards", ()))]


def test_the_dashboard_shows_only_what_is_there_by_default_on_built_in_cards() -> None:
    known, dashboard = components(), load("dashboard.yaml")
    for card in (card for view in dashboard["views"] for card in cards(view)):
        assert card["type"] in CARDS
        for entity in [*card.get("entities", ()), *([card] if "entity" in card else ())]:
            component = known[entity["entity"]]
            assert component.get("en", True), (entity, OFF)
            assert card["type"] != "statistics-graph" or "stat_cla" in component, "without it there are no statistics"
    kinds = {match for view in dashboard["views"] for match in re.findall(r"~ '(_\w+)'", json.dumps(view))}
    suffixes = {entity.partition("storj_node1")[2] for entity in known}
    assert kinds >= {"_status", "_problem", "_disk_free"}
    assert kinds <= suffixes, "what the table of all nodes asks for"


@pytest.mark.parametrize("name", ["storj_alert.yaml", "storj_node_down.yaml"])
def test_a_blueprint_uses_each_of_its_inputs(name: str) -> None:
    blueprint = load(f"blueprints/{name}")
    declared = set(blueprint["blueprint"]["input"])
    used = set(re.findall(r"!input (\w+)", (FOLDER / "blueprints" / name).read_text()))
    assert used == declared
    assert all(each["selector"] for each in blueprint["blueprint"]["input"].values())


def test_the_alert_blueprint_knows_the_events_of_the_contract() -> None:
    text = (FOLDER / "blueprints" / "storj_alert.yaml").read_text()
    types = {kind for each in components().values() if each["p"] == "event" for kind in each["evt_typ"]}
    assert set(re.findall(r"'(alert_\w+)'", text)) <= types
