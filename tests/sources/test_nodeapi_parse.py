"""Hostile answers: nothing but `GarbageError` ever comes out of a parser, and what comes through is clean."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sources.replay import API, FOLDERS

from storj_monitor.core.readings import Body, DiskSpace, body_type
from storj_monitor.sources import nodeapi_parse as parse

if TYPE_CHECKING:
    from collections.abc import Callable

AT = 1795422300
PARSERS: dict[str, tuple[str, Callable[[bytes, int], Body]]] = {
    "node": ("sno", parse.node),
    "month": ("satellites", parse.month),
    "satellite:x": ("satellite-0", parse.satellite),
    "payout": ("estimated-payout", parse.payout),
    "paystubs": ("paystubs-range", parse.paystubs),
    "held": ("held-history", parse.held),
}
SAMPLES = {
    source: [
        json.loads((API / folder / f"{name}.json").read_bytes()) for folder in ("1.98.3-payouts", "1.162.3-healthy")
    ]
    for source, (name, _) in PARSERS.items()
}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "0001-01-01T00:00:00Z", "0000-12-31T16:00:00-08:00", "9999-12-31T23:59:59-14:00", "1e5"])
    | st.text(max_size=8)
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def survives(source: str, data: bytes) -> None:
    try:
        body = PARSERS[source][1](data, AT)
    except parse.GarbageError:
        return
    kind = body_type(source)
    assert kind is not None
    encoded = msgspec.json.encode(body)
    assert msgspec.json.decode(encoded, type=kind) == body
    assert b"0x0123456789" not in encoded
    json.loads(encoded, parse_constant=pytest.fail)


@pytest.mark.parametrize("source", PARSERS)
@given(data=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_anything(source: str, data: bytes) -> None:
    survives(source, data)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [deep for key, inner in below for deep in paths(inner, (*path, key))]


@pytest.mark.parametrize("source", PARSERS)
@settings(max_examples=300)
@given(data=st.data())
def test_a_real_answer_with_anything_in_any_place(source: str, data: st.DataObject) -> None:
    value = json.loads(json.dumps(data.draw(st.sampled_from(SAMPLES[source]))))
    for _ in range(data.draw(st.integers(1, 3))):
        *parents, last = data.draw(st.sampled_from(paths(value) or [("",)]))
        place = value
        for key in parents:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(JSON)
        elif isinstance(place, dict):
            del place[last]
    survives(source, json.dumps(value).encode())


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("source", PARSERS)
def test_new_fields_change_nothing(folder: str, source: str) -> None:
    name, parser = PARSERS[source]
    value = json.loads((API / folder / f"{name}.json").read_bytes())

    def grown(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: grown(inner) for key, inner in part.items()} | {"brandNew": [{"x": None}]}
        return [grown(inner) for inner in part] if isinstance(part, list) else part

    assert parser(json.dumps(grown(value)).encode(), AT) == parser(json.dumps(value).encode(), AT)


def node(**changes: Any) -> Any:
    return parse.node(json.dumps({**SAMPLES["node"][1], **changes}).encode(), AT)


def test_numbers_as_go_writes_them() -> None:
    disk = {"used": 3.9e2, "available": 1.6e9, "trash": 0.0, "overused": 0, "allocated": 2e9, "reclaimable": 1e1}
    assert node(diskSpace=disk).disk == DiskSpace(2_000_000_000, 390, 0, 1_600_000_000, 0, 10)
    with pytest.raises(parse.GarbageError):
        node(diskSpace=disk | {"used": 1e300})


def test_times_with_any_offset_and_the_zero_time() -> None:
    times = {"startedAt": "2026-08-17T05:31:38.785164299+02:00", "lastPinged": "0000-12-31T16:07:02-07:52"}
    reading = node(**times)
    assert reading.started == 1786937498  # 03:31:38 UTC
    assert reading.last_contact is None
    assert node(lastPinged="yesterday").last_contact is None


def test_what_is_missing_is_not_known() -> None:
    value = {"nodeID": SAMPLES["node"][0]["nodeID"], "version": "v1.40.1"}
    reading = parse.node(json.dumps(value).encode(), AT)
    assert (reading.version, reading.version_minimum, reading.disk, reading.quic) == ("1.40.1", "", None, "")
    assert reading.satellites == ()
    with pytest.raises(parse.GarbageError):
        parse.node(b'{"version":"1.40.1"}', AT)


def test_bandwidth_that_is_not_booked_yet_is_not_zero() -> None:
    raw = {**SAMPLES["month"][0], "bandwidthDaily": None, "ingressSummary": 0, "egressSummary": 0}
    reading = parse.month(json.dumps(raw).encode(), AT)
    assert (reading.ingress, reading.egress, reading.traffic) == (None, None, None)
    assert parse.month(b"null", AT).average is None


def test_averages_of_old_nodes_are_made_from_the_days() -> None:
    raw = {**SAMPLES["month"][0], "storageDaily": [
        {"atRestTotal": 240, "intervalStart": "2026-11-01T00:00:00Z"},
        {"atRestTotal": 480, "intervalStart": "2026-11-02T00:00:00Z"},
    ]}  # fmt: skip
    del raw["averageUsageBytes"]
    assert parse.month(json.dumps(raw).encode(), AT).average == (10 + 20) / 2


def test_one_paystub_comes_as_an_object() -> None:
    one = (API / "1.98.3-payouts" / "paystubs-2026-09-0.json").read_bytes()
    several = parse.paystubs((API / "1.98.3-payouts" / "paystubs-2026-09.json").read_bytes(), AT)
    assert parse.paystubs(one, AT).stubs == several.stubs[:1]
    assert parse.paystubs(b" null\n", AT).stubs == ()


def test_previous_month_is_left_out_where_the_node_mislabels_it() -> None:
    raw = json.dumps(SAMPLES["payout"][0]).encode()
    on_28_march, on_29_march, on_31_may = 1774656000, 1774742400, 1780185600  # 2026: February has 28 days, April 30
    assert parse.payout(raw, on_28_march).previous is not None
    assert parse.payout(raw, on_29_march).previous is None
    assert parse.payout(raw, on_31_may).previous is None


def test_an_error_s_text_is_short_and_printable() -> None:
    assert parse.error(b'{"error":"a\\u0000b\\u001b[31m"}') == "ab[31m"
    assert len(parse.error(b'{"error":"' + b"x" * 9999 + b'"}')) == parse.TEXT_MAX
    assert parse.error(b"oops") == ""
