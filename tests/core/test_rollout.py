"""Whose turn it is: HMACs made with `openssl dgst -sha256 -mac HMAC -macopt hexkey:SEED`, ids of storagenode.md §8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core import rollout
from storj_monitor.core.readings_host import VersionsReading
from storj_monitor.core.satellites import SATELLITES

HEX = {
    "us1": "a28b4f04e10bae85d67f4c6cb82bf8d4c0f0f47a8ea72627524deb6ec0000000",
    "eu1": "af2c42003efc826ab4361f73f9d890942146fe0ebe806786f8e7190800000000",
    "ap1": "84a74c2cd43c5ba76535e1f42f5df7c287ed68d33522782f4afabfdb40000000",
    "saltlake": "7b2de9d72c2e935f1918c058caaf8ed00f0581639008707317ff1bd000000000",
    "europe-north-1": "f474535a19db00db4f8071a1be6c2551f4ded6a6e38f0818c68c68d000000000",
    "us2": "04489f5245ded48d2a8ac8fb5f5cd1c6a638f7c6e75efd800ef2d72000000000",
    "stefan-benten": "004ae89e970e703df42ba4ab1416a3b30b7e1d8e14aa0e558f7ee26800000000",
}
IDS = {satellite.name: satellite.id for satellite in SATELLITES}
SEED = "8f4f0123456789abcdef0123456789abcdef0123456789abcdef00112233aabb"
MARKS = {  # by openssl
    "us1": "90a2a2e4daae30a4c9ac24fa8c62c05d111fbaa8497735aa135ed5a54fbddc68",
    "eu1": "25c83bbfd0fe2c7e027c4f676d56927a57a43f8d1273f9d14fa6d39c4d403855",
    "ap1": "3512710fcf72d504fb5a909291074d0d2e1d48a73fd63bc341144afb5c350efe",
}


def offer(cursor: str = "", minimum: str = "1.124.3", suggested: str = "1.162.3") -> VersionsReading:
    return VersionsReading(at=1, minimum=minimum, suggested=suggested, seed=SEED, cursor=cursor)


@pytest.mark.parametrize("name", HEX)
def test_ids_are_bytes_and_back(name: str) -> None:
    data = rollout.id_bytes(IDS[name])
    assert data is not None
    assert data.hex() == HEX[name]
    assert rollout.id_text(data) == IDS[name]


@given(st.binary(min_size=32, max_size=32))
def test_any_id_survives(data: bytes) -> None:
    assert rollout.id_bytes(rollout.id_text(data)) == data


@given(st.text(max_size=80) | st.just(IDS["us1"][:-1]) | st.just(IDS["us1"][:-1] + "T") | st.just("z" * 5000))
def test_what_is_no_id_has_no_turn(text: str) -> None:
    assert rollout.id_bytes(text) is None
    assert rollout.turn(text, SEED) is None
    assert rollout.due(text, "1.160.0", offer("f" * 64)) is None


@pytest.mark.parametrize("name", MARKS)
def test_a_node_has_its_turn_when_the_cursor_reaches_its_mark(name: str) -> None:
    mark = int(MARKS[name], 16)
    assert rollout.due(IDS[name], "1.160.2", offer(f"{mark:064x}")) == "1.162.3"
    assert rollout.due(IDS[name], "1.160.2", offer(f"{mark - 1:064x}")) is None
    assert rollout.turn(IDS[name], SEED) == pytest.approx(100 * mark / 2**256)


def test_the_turn_in_percent() -> None:
    # 0x90a2 = 37026; 37026 / 65536 = 56.497 %; 0x25c8 = 9672: 14.758 %
    assert rollout.turn(IDS["us1"], SEED) == pytest.approx(56.497, abs=0.002)
    assert rollout.turn(IDS["eu1"], SEED) == pytest.approx(14.759, abs=0.002)
    assert rollout.percent("") == 0
    assert rollout.percent("f" * 64) == 100
    assert rollout.percent("3fff" + "f" * 60) == pytest.approx(25)
    assert rollout.percent("no hex") is rollout.percent("ff") is None


@pytest.mark.parametrize(
    ("running", "cursor", "due"),
    [
        ("1.162.3", "f" * 64, None),
        ("1.163.0", "f" * 64, None),
        ("v1.161.9", "f" * 64, "1.162.3"),
        ("1.161.9", "", None),
        ("1.161.9", "0" * 64, None),
        ("1.124.3", "", None),
        ("1.124.2", "", "1.124.3"),  # below the minimum: at once, and to the minimum
        ("1.99.9", "f" * 64, "1.124.3"),
        ("none", "f" * 64, None),
        ("1.161.9", "nonsense", None),
    ],
)
def test_what_is_due(running: str, cursor: str, due: str | None) -> None:
    assert rollout.due(IDS["us1"], running, offer(cursor)) == due
    assert rollout.due(IDS["us1"], running, offer(cursor, minimum="v1.124.3", suggested="v1.162.3")) == due


def test_an_empty_seed_is_zeros() -> None:
    assert rollout.turn(IDS["us1"], "") == rollout.turn(IDS["us1"], "0" * 64)
    assert rollout.turn(IDS["us1"], "xyz") is None
