"""Random histories of a log on a real disk: every line that exists when the follower looks is read once, none twice."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storj_monitor.core.position import Position
from storj_monitor.sources.tail import CHUNK, LINE_MAX, Tail


class History:
    """A node that writes numbered lines, an operator who rotates, a follower that is killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.live = folder / "node.log"
        self.live.touch()
        self.written: Counter[bytes] = Counter()
        self.read: Counter[bytes] = Counter()
        self.number = 0
        self.half = b""
        self.writing = self.live.open("ab", buffering=0)
        self.saved: list[Position] = []
        self.counted: Counter[bytes] = Counter()
        self.sentences: list[str] = []
        self.followed = False
        self.tail = self.born()

    def born(self) -> Tail:
        tail = Tail(str(self.live), self.sentences.append)
        tail.start(
            [Position(**{f: getattr(p, f) for f in p.__struct_fields__}) for p in self.saved], followed=self.followed
        )
        self.followed = True
        return tail

    def line(self) -> bytes:
        self.number += 1
        second, minute = self.number % 60, self.number // 60
        return b"2026-11-23T%02d:%02d:%02dZ\tINFO\tline %d\t{}\n" % (minute // 60, minute % 60, second, self.number)

    def append(self, count: int) -> None:
        self.finish()
        for _ in range(count):
            line = self.line()
            self.written[line] += 1
            self.writing.write(line)

    def half_line(self) -> None:
        self.finish()
        line = self.line()
        self.written[line] += 1
        self.writing.write(line[:20])
        self.half = line[20:]

    def finish(self) -> None:
        self.writing.write(self.half)
        self.half = b""

    def drain(self) -> None:
        while block := self.tail.read():
            assert block.endswith(b"\n")
            self.read.update(line + b"\n" for line in block.split(b"\n")[:-1])
            for position in self.tail._known.values():
                position.last_at = max(position.last_at, position.first_at)

    def commit(self) -> None:
        self.saved = self.tail.positions()
        self.counted = self.read.copy()

    def drain_and_commit(self) -> None:
        self.drain()
        self.commit()

    def kill(self) -> None:
        self.tail.stop()
        self.read = self.counted.copy()
        self.tail = self.born()

    def shift(self) -> None:
        self.finish()  # a node never splits a line over two files
        for number in range(30, 0, -1):
            for suffix in ("", ".gz"):
                old = Path(f"{self.live}.{number}{suffix}")
                if old.exists():
                    old.rename(f"{self.live}.{number + 1}{suffix}")

    def rename(self, reopen: bool) -> None:
        self.shift()
        self.live.rename(f"{self.live}.1")
        self.live.touch()
        if reopen:
            self.writing.close()
            self.writing = self.live.open("ab", buffering=0)

    def copytruncate(self) -> None:
        self.shift()
        shutil.copy(self.live, f"{self.live}.1")
        os.truncate(self.live, 0)

    def compress(self) -> None:
        self.finish()
        newest = Path(f"{self.live}.1")
        if newest.exists() and os.fstat(self.writing.fileno()).st_ino != newest.stat().st_ino:
            with gzip.open(f"{newest}.gz", "wb") as packed:
                packed.write(newest.read_bytes())
            newest.unlink()

    def replace(self) -> None:
        """An editor saves the same content under a new inode; the node is restarted."""
        self.finish()
        content = self.live.read_bytes()
        self.writing.close()
        other = Path(f"{self.live}.new")
        other.write_bytes(content)
        other.rename(self.live)
        self.writing = self.live.open("ab", buffering=0)


MOVES: dict[str, Callable[[History, int], object]] = {
    "append": lambda h, n: h.append(n),
    "half": lambda h, _: h.half_line(),
    "rename": lambda h, _: h.rename(reopen=True),
    "rename without reopening": lambda h, _: h.rename(reopen=False),
    "copytruncate": lambda h, _: h.copytruncate(),
    "compress": lambda h, _: h.compress(),
    "replace": lambda h, _: h.replace() if os.fstat(h.writing.fileno()).st_ino == h.live.stat().st_ino else None,
    "read": lambda h, _: h.drain(),
    "read and commit": lambda h, _: h.drain_and_commit(),
    "kill": lambda h, _: h.kill(),
}


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(moves=st.lists(st.tuples(st.sampled_from(sorted(MOVES)), st.integers(1, 40)), max_size=40))
def test_every_line_that_exists_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[str, int]]
) -> None:
    history = History(tmp_path_factory.mktemp("log"))
    history.commit()
    for name, count in moves:
        MOVES[name](history, count)
    history.finish()
    for _ in range(3):
        history.drain()
    history.commit()
    history.kill()
    history.drain()
    history.tail.stop()
    history.writing.close()
    assert history.read == history.written


def test_a_long_history_with_big_files(tmp_path: Path) -> None:
    chance, history = random.Random(4), History(tmp_path)
    history.commit()
    for _ in range(300):
        name = chance.choice([*MOVES, "append", "append", "read and commit"])
        MOVES[name](history, chance.randint(1, 4000 if chance.random() < 0.1 else 50))
    history.finish()
    history.drain()
    history.commit()
    history.kill()
    history.drain()
    history.tail.stop()
    history.writing.close()
    assert history.read == history.written


def lines_of(tail: Tail) -> list[bytes]:
    found: list[bytes] = []
    while block := tail.read():
        found += block.split(b"\n")[:-1]
    return found


def test_shortened_with_the_same_head_goes_on_at_its_end(tmp_path: Path) -> None:
    log, said = tmp_path / "node.log", list[str]()
    log.write_bytes(b"".join(b"2026-11-23T10:00:%02dZ\tINFO\tline %d\t{}\n" % (n * 60 // 1000, n) for n in range(1000)))
    tail = Tail(str(log), said.append)
    tail.start([], followed=False)
    assert len(lines_of(tail)) == 1000
    tail.positions()
    for position in tail._known.values():
        position.last_at = 1795428000 + 59
    os.truncate(log, 20_000)
    with log.open("ab") as more:
        more.write(b"\n2026-11-23T10:20:00Z\tINFO\tafter the power cut\t{}\n")
    assert [line for line in lines_of(tail) if b"power cut" in line]
    assert len(said) == 1
    assert "shorter" in said[0]
    tail.stop()


def test_long_lines_nul_and_crlf(tmp_path: Path) -> None:
    log = tmp_path / "node.log"
    long = b"2026-11-23T10:00:00Z\tINFO\tslow shutdown\t" + b"x" * (10 << 20)
    log.write_bytes(b"one\r\n" + long + b"\ntwo\n" + b"\0" * CHUNK * 2 + b"\nthree\n")
    tail = Tail(str(log), list[str]().append)
    tail.start([], followed=False)
    found = lines_of(tail)
    assert [found[0], found[2], found[4]] == [b"one\r", b"two", b"three"]
    assert found[1] == long[:LINE_MAX]
    assert found[3] == b"\0" * CHUNK * 2
    tail.stop()


def test_what_is_no_log_is_said_once_and_stops_nothing(tmp_path: Path) -> None:
    said = list[str]()
    os.mkfifo(tmp_path / "node.log.1")
    (tmp_path / "node.log.2").mkdir()
    (tmp_path / "node.log.3.gz").write_bytes(b"no gzip at all")
    (tmp_path / "node.log").write_bytes(b"a line\n")
    tail = Tail(str(tmp_path / "node.log"), said.append)
    tail.start([], followed=True)
    assert lines_of(tail) == [b"a line"]
    (tmp_path / "node.log").rename(tmp_path / "node.log.4")
    (tmp_path / "node.log").write_bytes(b"another\n")
    assert lines_of(tail) == [b"another"]
    assert len(said) == 3 == len(set(said))
    tail.stop()


def test_siblings_of_before_the_first_start_are_the_past(tmp_path: Path) -> None:
    (tmp_path / "node.log.1").write_bytes(b"2026-11-22T10:00:00Z\tINFO\told\t{}\n" * 3)
    (tmp_path / "node.log").write_bytes(b"2026-11-23T10:00:00Z\tINFO\tnew\t{}\n")
    tail = Tail(str(tmp_path / "node.log"), list[str]().append)
    tail.start([], followed=False)
    assert len(lines_of(tail)) == 1
    saved = tail.positions()
    tail.stop()
    again = Tail(str(tmp_path / "node.log"), list[str]().append)
    again.start(saved, followed=True)
    assert lines_of(again) == []
    again.stop()
