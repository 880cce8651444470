"""A node's config.yaml, as operators have it and as nobody should."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.small import Clock

from storj_monitor.core.readings_host import ConfigReading
from storj_monitor.sources.nodeconfig import NodeConfig, flags_of, news, place, read, say, settings_of, size_of
from storj_monitor.sources.poller import SourceError

TEXT = """\
# how frequently bandwidth usage rollups are calculated
# bandwidth.interval: 1h0m0s

console.address: :14002
contact.external-address: "node.example.org:28967"
debug.addr: 127.0.0.1:5999
healthcheck.details: true
# if true, log function filename and line number
# log.caller: false
log.custom-level: piecestore=FATAL,collector=ERROR   # quiet
log.level: error
log.output: 'winfile:///C:\\\\storagenode.log'
operator.email: "someone@example.org"
operator.wallet: "0x0123456789012345678901234567890123456789"
server.address: ":28967"
storage.allocated-disk-space: 1.80 TB
storage.path: /app/config/storage
storage2.database-dir: "dbs"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(TEXT)
    for name in ("storage", "dbs", "orders"):
        (tmp_path / name).mkdir()
    return tmp_path / "config.yaml"


def test_what_is_wanted_and_nothing_else(file: Path) -> None:
    found = read(str(file), {}, 7)
    assert found == ConfigReading(
        at=7,
        log_level="error",
        log_custom_level="piecestore=FATAL,collector=ERROR",
        log_output="winfile:///C:\\\\storagenode.log",
        allocated=1_800_000_000_000,
        storage=f"{file.parent}/storage",
        databases=f"{file.parent}/dbs",
        orders=f"{file.parent}/orders",
        debug="127.0.0.1:5999",
        console=":14002",
        server=":28967",
        external="node.example.org:28967",
    )
    for secret in ("someone", "0x0123"):
        assert secret not in repr(found)
        assert secret not in say(found)


def test_the_command_line_beats_the_file(file: Path) -> None:
    words = ["./storagenode", "run", "--config-dir", "/app/config", "--log.level=debug", "--debug.addr", "127.0.0.1:0"]
    flags = flags_of([*words, "--operator.wallet=0x1", "--operator.email", "me"])
    assert flags == {"config-dir": "/app/config", "log.level": "debug", "debug.addr": "127.0.0.1:0"}
    found = read(str(file), flags, 7)
    assert (found.log_level, found.debug, found.console) == ("debug", "127.0.0.1:0", ":14002")


def test_defaults_lie_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    assert read(str(tmp_path / "config.yaml"), {}, 7) == ConfigReading(at=7)
    (tmp_path / "storage").mkdir()
    found = read(str(tmp_path / "config.yaml"), {}, 7)
    assert found.storage == found.databases == f"{tmp_path}/storage"


def test_paths_of_a_container_are_taken_where_they_lie_here(tmp_path: Path) -> None:
    (tmp_path / "storage").mkdir()
    assert place("/app/config/storage", str(tmp_path)) == f"{tmp_path}/storage"
    assert place("/app/config", str(tmp_path)) == str(tmp_path)
    assert place("/app/configuration/storage", str(tmp_path)) == ""
    assert place("/somewhere/else", str(tmp_path)) == ""
    assert place("storage", str(tmp_path)) == f"{tmp_path}/storage"
    assert place(str(tmp_path), "/nowhere") == str(tmp_path)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2.00 TB", 2 * 10**12),
        ("1TiB", 2**40),
        ("500GB", 5 * 10**11),
        ("149 MiB", 149 * 2**20),
        ("1000000", 1_000_000),
        ("0 B", 0),
        ("much", None),
        ("", None),
        ("-1 TB", None),
    ],
)
def test_sizes(text: str, size: int | None) -> None:
    assert size_of(text) == size


def test_a_change_is_told_in_words(file: Path) -> None:
    old = read(str(file), {}, 7)
    file.write_text(TEXT.replace("log.level: error", "log.level: info").replace("debug.addr: ", "# debug.addr: "))
    (said,) = news(old, read(str(file), {}, 8))
    assert (said.at, said.kind, said.severity) == (8, "config", "info")
    assert said.text == (
        "config.yaml was changed: log.level from error to info, debug.addr from 127.0.0.1:5999 to its default; "
        "it counts from the node's next start."
    )
    assert news(old, old) == []


async def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    def source(path: str | None) -> NodeConfig:
        return NodeConfig(lambda: path, dict, now=Clock())

    assert await source(None).poll() is None
    with pytest.raises(SourceError, match=r"does not exist; name the node's config\.yaml"):
        await source(str(tmp_path / "config.yaml")).poll()
    with pytest.raises(SourceError, match="cannot be read: Is a directory"):
        await source(str(tmp_path)).poll()


@given(st.text(max_size=300), st.binary(max_size=50))
def test_no_file_breaks_it(text: str, more: bytes) -> None:
    settings_of(text.splitlines())
    settings_of([f"log.level: {text}", more.decode(errors="replace")])
    flags_of(text.split())
