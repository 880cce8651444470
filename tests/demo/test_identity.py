"""Node ids of the simulation are as valid as real ones."""

from __future__ import annotations

from storj_monitor.demo.identity import SATELLITES, base58check, node_id, well_formed

_HEX = {
    "us1": "a28b4f04e10bae85d67f4c6cb82bf8d4c0f0f47a8ea72627524deb6ec0000000",
    "eu1": "af2c42003efc826ab4361f73f9d890942146fe0ebe806786f8e7190800000000",
    "ap1": "84a74c2cd43c5ba76535e1f42f5df7c287ed68d33522782f4afabfdb40000000",
    "saltlake": "7b2de9d72c2e935f1918c058caaf8ed00f0581639008707317ff1bd000000000",
}


def test_satellites_are_the_real_ones() -> None:
    assert {each.name: each.id for each in SATELLITES} == {k: base58check(bytes.fromhex(v)) for k, v in _HEX.items()}
    assert sum(each.share for each in SATELLITES) == 1


def test_ids_come_from_the_seed_and_have_a_checksum() -> None:
    ids = {node_id(seed, name) for seed in range(20) for name in ("attic", "cellar")}
    assert len(ids) == 40
    assert all(map(well_formed, ids))
    assert node_id(3, "attic") in ids
    assert well_formed("1TVZPLS3jSWk4GdgGAkRTeyB5e7dymBZBBwRgR3owmemhqCabt")  # of a real node


def test_a_wrong_letter_is_found() -> None:
    real = SATELLITES[0].id
    for wrong in (real[:-1] + "4", real.replace("E", "F", 1), "xyz", "", "0" * 51, real + "1" * 20):
        assert not well_formed(wrong)
