"""The blocks against the script's own arithmetic, on real logs, line by line as its greps see them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from storj_monitor.core import successrate
from storj_monitor.successrate import of_files

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"
ACTIONS = {"download": '"GET"', "upload": '"PUT"', "repair_download": "GET_REPAIR", "repair_upload": "PUT_REPAIR"}


def lines(name: str) -> list[str]:
    return gzip.decompress((LOGS / f"{name}.log.gz").read_bytes()).decode(errors="replace").splitlines()


def having(found: list[str], *words: str) -> list[str]:
    return [line for line in found if all(word in line for word in words)]


def ended(found: list[str], *words: str) -> int:
    """As `grep … | grep -c`, but a cancelled download whose reason says "downloaded size" is no download that ended."""
    return len([line for line in having(found, *words) if "downloaded size" not in line or "canceled" in words[-1]])


@pytest.mark.parametrize(
    "name",
    [
        "1.162.3-trouble-info-console", "1.162.3-busy-info-console", "1.162.3-busy-debug-console",
        "1.162.3-busy-info-json", "1.162.3-rejected-info-console", "1.146.10-busy-info-console",
        "1.146.10-busy-info-gcloudlogging", "1.145.3-repair-info-console", "1.137.5-trouble-info-console",
        "1.115.6-busy-info-console", "1.121.8-busy-debug-console",
    ],
)  # fmt: skip
def test_the_counts_are_those_that_grep_finds(name: str) -> None:
    found = successrate.document(of_files([str(LOGS / f"{name}.log.gz")], lambda _: None))
    log = lines(name)
    audits = having(log, "GET_AUDIT")
    failed = having(audits, "failed")
    assert found["audit"]["successful"] == ended(audits, "downloaded")
    assert found["audit"]["critically_failed"] == len(having(failed, "exist"))
    assert found["audit"]["recoverable_failed"] == len(failed) - len(having(failed, "exist"))
    for block, word in ACTIONS.items():
        verb = "download" if "download" in block else "upload"
        for key, said in (("successful", f"{verb}ed"), ("canceled", f"{verb} canceled"), ("failed", f"{verb} failed")):
            assert found[block][key] == ended(log, word, said), (block, key)
    assert found["upload"]["rejected"] == len(having(log, "upload rejected"))


def test_the_text_is_that_of_the_script() -> None:
    cells = {("GET_AUDIT", "ok"): 996, ("GET_AUDIT", "failed"): 4, ("GET", "ok"): 2, ("GET", "canceled"): 1,
             ("PUT", "ok"): 90, ("PUT", "failed"): 10, ("PUT", "rejected"): 25,
             ("PUT_REPAIR", "canceled"): 1, ("GET_REPAIR", "ok"): 7}  # fmt: skip
    found = successrate.blocks(cells, lost=1, deleted=3, delete_failed=1)
    assert (
        successrate.text(found)
        == """\
========== AUDIT ==============
Critically failed:     1
Critical Fail Rate:    0.100%
Recoverable failed:    3
Recoverable Fail Rate: 0.300%
Successful:            996
Success Rate:          99.600%
========== DOWNLOAD ===========
Failed:                0
Fail Rate:             0.000%
Canceled:              1
Cancel Rate:           33.333%
Successful:            2
Success Rate:          66.667%
========== UPLOAD =============
Rejected:              25
Acceptance Rate:       80.000%
---------- accepted -----------
Failed:                10
Fail Rate:             10.000%
Canceled:              0
Cancel Rate:           0.000%
Successful:            90
Success Rate:          90.000%
========== REPAIR DOWNLOAD ====
Failed:                0
Fail Rate:             0.000%
Canceled:              0
Cancel Rate:           0.000%
Successful:            7
Success Rate:          100.000%
========== REPAIR UPLOAD ======
Failed:                0
Fail Rate:             0.000%
Canceled:              1
Cancel Rate:           100.000%
Successful:            0
Success Rate:          0.000%
========== DELETE =============
Failed:                1
Fail Rate:             25.000%
Successful:            3
Success Rate:          75.000%"""
    )


def test_nothing_is_a_rate_of_zero() -> None:
    rates = [value for block in successrate.document(successrate.blocks({})).values() for value in block.values()]
    assert set(rates) == {0}
