"""How fast a log becomes history: `make bench`. Figures, never assertions on time; the counts must be right, though."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from tests import mmdb

from storj_monitor.core.logreader import LogReader
from storj_monitor.core.transfers import Transfer
from storj_monitor.count import blocks
from storj_monitor.demo.bulk import Written, write_log
from storj_monitor.sources.geoip import DEFAULT_NAME, Places

TRANSFERS = 1_000_000
"""At 10 a second, 28 hours: four satellites, all actions, each piece and client different, 1 % other lines."""


CHILD = """
import sys
from pathlib import Path
from storj_monitor.cli import main
main(sys.argv[1:])
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""
# The peak by getrusage would be that of the process it was forked from.


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Written]:
    path = tmp_path_factory.mktemp("bench") / "node.log"
    return path, write_log(path, seed=1, transfers=TRANSFERS)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """With a place file all derived series are on."""
    return Places(mmdb.write(tmp_path_factory.mktemp("places") / DEFAULT_NAME, mmdb.demo_networks()))


def say(what: str, seconds: float, lines: int) -> None:
    print(f"{what:<46} {lines / seconds:>12,.0f} lines/s {seconds / lines * 1e6:>7.2f} µs/line")


def test_reading(log: tuple[Path, Written], places: Places) -> None:
    path, written = log
    reader, counted, spent = LogReader("n", places), 0, 0.0
    for block in blocks(str(path)):
        begun = time.process_time()
        reader.feed(block, 0)
        counted += sum(tally.count for tally in reader.take().tallies)
        spent += time.process_time() - begun
    assert counted == written.transfers
    say("\nreading, CPU", spent, written.lines)


def test_the_limit(log: tuple[Path, Written]) -> None:
    path, written = log
    decode = msgspec.json.Decoder(Transfer).decode
    payloads = [line.rsplit(b"\t", 1)[1] for line in path.read_bytes().split(b"\n") if b"\tpiecestore\t" in line]
    begun = time.process_time()
    for payload in payloads:
        decode(payload)
    say("\nthe limit: only decoding the same payloads, CPU", time.process_time() - begun, len(payloads))
    assert len(payloads) >= written.transfers


def test_importing(log: tuple[Path, Written], places: Places, tmp_path: Path) -> None:
    path, written = log
    (tmp_path / places.file.name).symlink_to(places.file)
    arguments = ["import", "--data", str(tmp_path), "--node", "attic", str(path)]
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], check=True, capture_output=True, text=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    say("\nimport, the whole process, wall", wall, written.lines)
    say("import, the whole process, CPU", spent, written.lines)
    size = sum(each.stat().st_size for each in tmp_path.glob("*.db"))
    peak = int(done.stdout.split()[-2]) / 1024
    print(f"peak memory {peak:.0f} MiB, database {size / 1e6:.2f} MB per million transfers")
