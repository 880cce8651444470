"""Whatever is given where a route, an hour or a document is expected: it is taken or refused, and never repeated."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core.errors import SettingsError
from storj_monitor.settings import NotifySettings
from storj_monitor.settings.alerts import AlertsSettings
from storj_monitor.settings.chosen import COMMON, REMOVE, applied, common, merged, route
from storj_monitor.settings.portable import read, toml, write

SECRET = "correct-horse-battery-staple"
FILE = NotifySettings.model_validate({"timezone": "UTC", "routes": {"filed": {"url": f"tgram://{SECRET}/1"}}})
FIELDS = ("url", "severities", "nodes", "quiet", "notices", "digest", "remove")


def refusal(work: Callable[[], Any]) -> tuple[Any, str]:
    """What comes of it, and what is said when it is refused."""
    try:
        return work(), ""
    except SettingsError as error:
        return None, str(error)


texts = st.sampled_from(
    [
        SECRET, f"tgram://{SECRET}/1", f"json://user:{SECRET}@host/{SECRET}", f" {SECRET}\n",
        f"webhook+https://h/{SECRET}", f"tgram://{SECRET}\x00", f"tgram://{SECRET}\ud800", f"{SECRET}=1\n[",
        "critical", "warning", "22:00-07:00", "daily",
    ]
) | st.text(max_size=20)  # fmt: skip
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | texts, inner, max_size=4),
    max_leaves=8,
)


@given(
    st.sampled_from(["filed", "new", "No Name", SECRET[:20]]), values, st.sampled_from([{}, REMOVE, {"quiet": False}])
)
def test_a_route_is_taken_whole_or_refused_without_its_words(name: str, value: Any, kept: dict[str, Any]) -> None:
    row, said = refusal(lambda: route(name, value, kept, FILE))
    assert SECRET not in said
    if said:
        return
    assert json.loads(json.dumps(row)) == row, "it can be kept"
    settings, faults = merged(FILE, {} if row is None else {f"route.{name}": row})
    assert not faults
    if row is not None and row != REMOVE:
        made = applied(name, row, FILE)
        assert settings.routes[name] == made
        assert SECRET not in repr(made)
        assert "url" in row or made.url == FILE.routes[name].url, "an address that is not given stays"
        made.url.get_secret_value().encode()


@given(st.sampled_from([*COMMON, "ping_url", "routes", SECRET]), values)
def test_hours_and_digest_are_taken_or_refused_without_their_words(key: str, value: Any) -> None:
    kept, said = refusal(lambda: common(key, value))
    assert SECRET not in said
    assert said or merged(FILE, {f"notify.{key}": kept})[1] == []


@given(values | texts, st.sampled_from(["", "[notify]\n", "[notify.routes.x]\n", "[alerts.thresholds]\n", "[agent]\n"]))
def test_a_document_is_read_or_refused_without_its_words(value: Any, before: str) -> None:
    text = before + (value if isinstance(value, str) else f"url = {json.dumps(value)}")
    assert SECRET not in refusal(lambda: read(text))[1]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_can_be_written_as_toml(text: str) -> None:
    assert tomllib.loads(f"x = {toml(text)}") == {"x": text}


@given(
    st.dictionaries(st.sampled_from(["audit_score.warning", "disk_forecast.warning"]), st.floats(97, 99)),
    st.booleans(),
    st.sampled_from(["", "22:00-07:00"]),
)
def test_what_is_written_is_read_again(numbers: dict[str, float], secrets: bool, quiet: str) -> None:
    notify = FILE.model_copy(update={"quiet_hours": quiet})
    text = write(notify, {"": numbers, "attic": numbers}, secrets=secrets)
    assert (SECRET in text) is secrets
    found = read(text)
    assert found.alerts == AlertsSettings(thresholds=numbers)
    assert {name: node.thresholds for name, node in found.nodes.items()} == ({"attic": numbers} if numbers else {})
    assert found.notify.quiet_hours == quiet
    assert (found.notify.routes["filed"].url == FILE.routes["filed"].url) is secrets
