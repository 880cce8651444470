"""The log for measuring: exact, unique, repeatable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.demo.helpers import counted, text

from storj_monitor.demo.bulk import write_log
from storj_monitor.demo.identity import SATELLITES

if TYPE_CHECKING:
    from pathlib import Path

_PEER = re.compile(rb'"(?:piece_id|Piece ID)": "(\w{52})".*"(?:remote_address|Remote Address)": "([^"]+)"')


@pytest.mark.parametrize(("version", "rate"), [("1.162.3", 10.0), ("1.142.7", 33.3)])
def test_counts_are_exact_and_nobody_comes_twice(tmp_path: Path, version: str, rate: float) -> None:
    log = tmp_path / "node.log"
    written = write_log(log, transfers=60_001, rate=rate, version=version)
    lines = log.read_bytes().splitlines(keepends=True)
    assert (len(lines), sum(map(len, lines))) == (written.lines, written.size)
    assert counted(text(lines)) == written.truth
    assert sum(count for count, _ in written.truth.values()) == written.transfers == 60_001
    assert {(satellite, action) for satellite, action, _ in written.truth} == {
        (row.id, action) for row in SATELLITES for action in ("GET", "PUT", "GET_AUDIT", "GET_REPAIR", "PUT_REPAIR")
    }
    peers = [
        found.groups()
        for found in map(_PEER.search, lines)
        if found is not None and b"unable to delete" not in found.string
    ]
    assert len(peers) == 60_001
    assert len({piece for piece, _ in peers}) == len({peer.rpartition(b":")[0] for _, peer in peers}) == 60_001
    assert 0.008 < 1 - written.transfers / written.lines < 0.025


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_log(tmp_path / name, transfers=2000, seed=seed)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != (tmp_path / "c").read_bytes()
