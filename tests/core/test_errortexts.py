"""Classes and shapes of error texts, against the specification, real logs and hostile input."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from storj_monitor.core import errortexts, logline
from storj_monitor.core.errortexts import CLASSES, RULES, error_class, grave, template

LOGS = Path(__file__).parents[1] / "fixtures/real/logs"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("pieces error: filestore error: file does not exist", "lost_piece"),
        ("hashstore: file does not exist", "lost_piece"),
        ("file does not exist", "lost_piece"),
        ("open /app/config/storage/blobs/a/b/c.sj1: no such file or directory", "lost_piece"),
        ("open D:\\blobs\\x.sj1: The system cannot find the file specified.", "lost_piece"),
        ("open D:\\blobs\\x.sj1: Das System kann die angegebene Datei nicht finden.", "lost_piece"),
        ("requested more data than available, requesting=13056 available=3584", "damaged_piece"),
        ("pieces error: read /x: is a directory", "disk"),
        ("filestore error: something new", "disk"),
        ("unable to open the file", "disk"),
        ("read /x: input/output error", "disk"),
        ("hashes don't match", "hash_mismatch"),
        ("piece id changed", "hash_mismatch"),
        ("invalid piece hash signature", "hash_mismatch"),
        ("not enough available disk space, have: 12, need: 34", "full"),
        ("out of space", "full"),
        ("order created too long ago: OrderCreation 2026-01-01 < SystemClock 2026-01-02", "clock"),
        ("order created too far in the future: x", "clock"),
        ("order expired: x", "clock"),
        ("piece expired: x", "clock"),
        ("untrusted satellite 12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S", "untrusted"),
        ("trust: satellite 12Eay is untrusted", "untrusted"),
        ("used serial already exists in store", "order"),
        ("client too slow", "timeout"),
        ("context deadline exceeded", "timeout"),
        ("stream read timeout", "timeout"),
        ("read tcp 1.2.3.4:28967->5.6.7.8:9: i/o timeout", "timeout"),
        ("context canceled", "client_gone"),
        ("stream closed", "client_gone"),
        ("manager closed: closed: read tcp 1.2.3.4:1->5.6.7.8:9: read: connection reset by peer", "client_gone"),
        ("write tcp 1.2.3.4:1->5.6.7.8:9: write: broken pipe", "client_gone"),
        ("write tcp 1.2.3.4:1->5.6.7.8:9: use of closed network connection", "client_gone"),
        ("wsasend: An existing connection was forcibly closed by the remote host.", "client_gone"),
        ("wsarecv: Eine vorhandene Verbindung wurde vom Remotehost geschlossen.", "client_gone"),
        ("unexpected EOF", "client_gone"),
        ("EOF", "client_gone"),
        ("stream closed by peer", "client_gone"),
        ("downloaded size (0 bytes) does not match received message size (256 bytes)", "client_gone"),
        ("unknown reason bug in code, please report", "client_gone"),
        ("piecestore protocol: expected message", "protocol"),
        ("tls: bad record MAC", "protocol"),
        ("drpc: protocol error", "protocol"),
        ("file rename x: access denied", "access_denied"),
        ("Der Prozess kann nicht auf die Datei zugreifen, da sie verwendet wird", "access_denied"),
        ("bandwidthdb: database is locked", "database_locked"),
        ("migrate: v57: database disk image is malformed", "database_damaged"),
        ("attempt to write a readonly database", "read_only"),
        ("write /x: no space left on device", "disk_full"),
        ("hashstore: not enough free space on logs disk to compact", "disk_full"),
        ("ping satellite: check-in ratelimit: node rate limited by id", "rate_limited"),
        ("failed to resolve IP from address: x", "network"),
        ("your node indicated error code: 4", "network"),
        ("peer ID did not match requested ID", "identity"),
        ("not signed by any CA in the whitelist", "identity"),
        ("listen tcp :28967: bind: address already in use", "port_in_use"),
        ("piecestore monitor: disk space requirement not met", "too_small"),
        ("system clock is out of sync: system clock is out of sync with all trusted satellites", "clock"),
        ("hashstore: store closed", "stopping"),
        ("fork/exec /app/bin/storagenode: no such file or directory", "missing_file"),
        ("", "other"),
        ("a text nobody has seen", "other"),
    ],
)
def test_a_text_has_its_class(text: str, name: str) -> None:
    assert error_class(text) == name
    assert error_class(f"  {text.upper()} ") == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            "error verifying location and/or readability of storage directory: open /x: no such file or directory",
            "storage_gone",
        ),
        ("piecestore monitor: error verifying writability of storage directory: read-only file system", "read_only"),
        ("piecestore monitor: timed out after 1m0s while verifying writability of storage", "storage_stalled"),
        (
            "database is locked; nodestats: rpc: dial tcp 127.0.0.1:10010: connect: connection refused",
            "database_locked",
        ),
        ("ping satellite: rpc: tcp connector failed: rpc: context canceled", "client_gone"),
        ("rpc: tcp connector failed: rpc: dial tcp 1.2.3.4:7777: i/o timeout", "network"),
        ("contact: failed to dial storage node (ID: 1X) using QUIC: rpc: quic: timeout: no recent activity", "network"),
        ("hashstore: put:{key:6b72 log:1} != exist:{key:6b72 log:2}: hashstore: collision detected", "duplicate_piece"),
        ("pieces error: context canceled", "client_gone"),
        ("hashstore: file does not exist; write tcp 1.2.3.4:1->5.6.7.8:9: write: broken pipe", "lost_piece"),
        ("pieces error: read /mnt/trash/blobs: input/output error", "disk"),
        ("database: migrate: v57: file is not a database; orders: context canceled", "database_damaged"),
    ],
)
def test_a_text_that_names_several_parts_has_the_class_of_the_cause(text: str, name: str) -> None:
    assert error_class(text) == name


def test_the_table_is_sound() -> None:
    names = {rule.name for rule in RULES}
    assert names | {"other"} == set(CLASSES)
    for rule in RULES:
        assert rule.needles
        for needle in rule.needles:
            assert needle == needle.lower()
            assert not set("123456789") & set(needle)
    every = Counter(needle for rule in RULES for needle in rule.needles)
    assert every.most_common(1)[0][1] == 1


def test_grave_texts_are_told_from_those_that_only_name_the_place() -> None:
    assert grave("pieces error: input/output error")
    assert not grave("pieces error: read /x: is a directory")
    assert not grave("context canceled")


def test_the_cause_is_found_at_either_end_of_an_endless_text() -> None:
    assert error_class("x" * 100_000 + ": file does not exist") == "lost_piece"
    assert error_class("context canceled" + "x" * 100_000) == "client_gone"
    assert len(template("x/" * 1_000_000)) <= 200


def failures() -> list[tuple[str, str]]:
    """Name of the log and error text of each failed transfer in the real logs."""
    found = []
    for path in sorted(LOGS.glob("*.log.gz")):
        with gzip.open(path) as lines:
            entries = [logline.parse(line) for line in lines if b"failed" in line]
        found += [
            (path.name.removesuffix(".log.gz"), str(entry.fields()["error"]))
            for entry in entries
            if entry and entry.message in {"upload failed", "download failed"}
        ]
    return found


def test_every_failed_transfer_of_the_real_logs_has_a_class() -> None:
    found = failures()
    assert len(found) > 300
    assert [text for _, text in found if error_class(text) in {"other", "protocol"}] == []
    damaged = Counter(error_class(text) for name, text in found if name == "1.115.6-busy-info-console")
    assert damaged["damaged_piece"] == 82
    assert damaged["disk"] == 7
    lost = Counter(error_class(text) for name, text in found if name == "1.162.3-trouble-info-console")
    assert lost == Counter(lost_piece=77)


def test_every_folded_reason_of_the_truth_has_a_class() -> None:
    truths = [json.loads(path.read_text()) for path in LOGS.glob("*.truth.json")]
    reasons = {reason for truth in truths for reason in truth["failed_reasons"]}
    assert len(reasons) > 8
    assert {reason: error_class(reason) for reason in reasons if error_class(reason) == "other"} == {}


def test_failures_of_the_real_logs_fold_into_a_few_shapes() -> None:
    shapes = {template(text) for _, text in failures()}
    assert shapes == {
        "context canceled",
        "unexpected EOF",
        "hashstore: file does not exist",
        "pieces error: read <path>: is a directory",
        "requested more data than available, requesting=<n> available=<n>",
        "write tcp <addr>-><addr>: write: broken pipe",
        "write tcp <addr>-><addr>: write: connection reset by peer",
        "manager closed: closed: read tcp <addr>-><addr>: read: connection reset by peer",
        (
            "hashstore: put:{key:<id> offset:<n> log:<n> length:<n> created:<n> (<time>) expires:<n> (<time>) "
            "trash:false} != exist:{<...>(<time>) expires:<n> (<time>) trash:false}: hashstore: collision detected"
        ),
    }


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("read tcp 1.2.3.4:5678->[2a01::1%eth0]:51: x", "read tcp <addr>-><addr>: x"),
        ("listen [::]:28967 or fe80::1:2 or us1.storj.io:7777", "listen <addr> or <addr> or <addr>"),
        ("lookup x on 192.0.2.53:53: no such host", "lookup x on <addr>: no such host"),
        ("node 12EayRS2V1kEsWESU9QMRseFhdxYxKicsiFmxrsLZHeLUtdps3S gone", "node <id> gone"),
        ("piece RCLTTTD5JMZCMNXJJTIOIST6RY5X63B5ZFRETJAHJUOTDNFPW234 gone", "piece <id> gone"),
        ("key 6b72be7fc936e97bf8e8e7d2026e0aa9096c072de4665dff7a7c5cb3612b6835", "key <id>"),
        (
            "id 123e4567-e89b-12d3-a456-426614174000, f00ba400, 0x0123456789012345678901234567890123456789",
            "id <id>, <id>, <id>",
        ),
        ("open /app/config/storage/blobs/ab/c.sj1: is a directory", "open <path>: is a directory"),
        ("open D:\\Storj\\blobs\\x.sj1: Access is denied.", "open <path>: Access is denied."),
        ("location and/or readability", "location and/or readability"),
        (
            "after 1m0s, 12.3µs at 2026-11-23T07:48:10Z and 2026-11-23 07:48:10.123",
            "after <time>, <time> at <time> and <time>",
        ),
        ("size (1310720 bytes) 24.7 GiB 612 B 1.00 TB", "size (<size>) <size> <size> <size>"),
        ('unknown flag "--x y" and v1.162.3, attempt 3 of 1.5e+07', "unknown flag <name> and v<n>, attempt <n> of <n>"),
        ("Get https://version.storj.io/a?b=1: EOF", "Get <url> EOF"),
        ("mail me@example.com now", "mail <mail> now"),
        ("first\n\tsecond  third ", "first second third"),
        ("", ""),
    ],
)
def test_a_text_has_its_shape(text: str, shape: str) -> None:
    assert template(text) == shape


alphabet = st.sampled_from(
    [*list('0123456789abcdefXYZµ.:-/\\[]{}()%@"<>+,; \n\t'), "1.2.3.4:5", "/a/b", " GiB", "s", "é", "\ud800"]
)
pieces = st.lists(alphabet, max_size=400).map("".join)


@settings(max_examples=300, deadline=None)
@given(pieces | st.text(max_size=1500) | st.binary(max_size=600).map(lambda raw: raw.decode("utf-8", "replace")))
@example("a" * 39 + "/b" * 200)
@example('"' * 3 + "x" * 300)
def test_the_shape_of_a_shape_is_itself(text: str) -> None:
    shape = template(text)
    assert template(shape) == shape
    assert len(shape) <= 200
    assert not set("0123456789") & set(shape)
    shape.encode()
    assert error_class(text) in CLASSES


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(1, 65535), st.integers(0, 10**12))
def test_numbers_never_make_a_new_shape(part: int, port: int, size: int) -> None:
    text = f"write tcp {part}.2.3.{part}:{port}->[2a01::{part:x}]:{port}: {size} bytes of {size}"
    assert template(text) == "write tcp <addr>-><addr>: <size> of <n>"


def test_no_text_takes_long() -> None:
    """Linear in the length: patterns that could run away would never end here."""
    for unit in ("a", "a.", "a:", "/", "1:", "1.", "-", '"', "[:", "a-", "1h", "é", "@a", "."):
        assert len(template(unit * 2_000_000)) <= 200


def test_caches_are_bounded() -> None:
    for name in ("_rule", "_shape"):
        assert getattr(errortexts, name).cache_info().maxsize == 1024
