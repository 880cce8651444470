import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storj_monitor.core.satellites import BY_ID, SATELLITES, satellite_name

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def test_every_id_of_the_table_has_its_checksum() -> None:
    assert len(BY_ID) == len(SATELLITES) == 7
    for satellite in SATELLITES:
        number = 0
        for letter in satellite.id:
            number = number * 58 + ALPHABET.index(letter)
        raw = number.to_bytes(37, "big")
        assert hashlib.sha256(hashlib.sha256(raw[:33]).digest()).digest()[:4] == raw[33:], satellite.name


@pytest.mark.parametrize(
    ("satellite_id", "url", "name"),
    [
        ("12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "us-central-1.tardigrade.io:7777", "us1"),
        ("1wFTAgs9DP5RSnCqKV1eLf6N9wtk4EAtmN5DpSxcs8EjT69tGE", None, "saltlake"),
        ("1other", "127.0.0.1:10000", "127_0_0_1_10000"),
        ("1other", "[::1]:7777", "1_7777"),
        ("1other", "Sat.Example.ORG:7777", "sat_example_org_7777"),
        ("1other", "://", "1other"),
        ("1other", "", "1other"),
        ("1other", None, "1other"),
    ],
)
def test_names(satellite_id: str, url: str | None, name: str) -> None:
    assert satellite_name(satellite_id, url) == name


@given(st.text(alphabet=ALPHABET, min_size=1), st.text())
def test_a_name_is_always_one_topic_level(satellite_id: str, url: str) -> None:
    name = satellite_name(satellite_id, url)
    assert name
    assert not set(name) & set("/+# \0")
