"""The catalogue knows what the specification names and what real nodes wrote, and says something useful about it."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storj_monitor.core import logline, messages
from storj_monitor.core.messages import KINDS, ROWS, Message, Verdict, find, judge, known

ROOT = Path(__file__).parents[2]
SPEC = (ROOT / "agent/docs/storagenode.md").read_text(encoding="utf-8")
LOGS = ROOT / "tests/fixtures/real/logs"

NOT_MESSAGES = {"fmt.Sprintf(s"}
"""Entries of Appendix A that are source code: whatever the badger library says, no fixed text."""


def chapter(start: str, end: str) -> str:
    return SPEC[SPEC.index(start) : SPEC.index(end)]


def appendix() -> list[tuple[str, str, str]]:
    """Logger, level and message of each row of Appendix A."""
    rows = [line.strip("|").split(" | ") for line in chapter("# Appendix A.", "# Appendix B.").splitlines()]
    cells = [[cell.strip(" ") for cell in row[:3]] for row in rows if len(row) >= 5]
    return [(logger, level, text.strip("`")) for logger, level, text in cells if text.startswith("`")]


def others() -> list[dict[str, Any]]:
    truths = [json.loads(path.read_text()) for path in sorted(LOGS.glob("*.truth.json"))]
    return [message for truth in truths for message in truth["other_messages"]]


def real(name: str) -> list[bytes]:
    with gzip.open(LOGS / f"{name}.log.gz") as lines:
        return lines.read().splitlines()


def row(message: str, **hints: str) -> Message:
    found = find(message, **hints)
    assert found is not None, message
    return found


def concrete(message: str) -> str:
    """A literal of the source as a node would write it."""
    return message.replace("%q", '"info"').replace("%s", "piecesTotal").replace("%v", "operation not supported")


def test_every_message_of_appendix_a_has_a_row_of_its_level() -> None:
    rows = appendix()
    assert len(rows) == 395
    missing = []
    for logger, level, message in rows:
        if message in NOT_MESSAGES:
            continue
        found = find(concrete(message), logger, level)
        if found is None or level not in found.levels:
            missing.append((logger, level, message))
    assert missing == []


def test_every_sample_of_appendix_b_is_known() -> None:
    samples = [line for line in chapter("# Appendix B.", "# Appendix C.").splitlines() if "→" in line and "{" in line]
    entries = [
        logline.parse(re.sub(r"^\[R[^]]*\] …?|^…", "2026-02-11T08:15:02Z", line).replace("→", "\t").encode())
        for line in samples
    ]
    texts = [entry.message if entry else None for entry in entries]
    assert len(texts) > 20
    assert [text for text in texts if text is None or not known(text)] == []


def test_no_real_line_is_unknown() -> None:
    seen = others()
    assert len(seen) > 400
    unknown = {
        (m["level"], m["logger"], m["message"]) for m in seen if not known(m["message"], m["logger"], m["level"])
    }
    assert unknown == set()


def test_levels_and_loggers_of_real_lines_are_those_of_their_rows() -> None:
    wrong = []
    for message in others():
        found = row(message["message"], logger=message["logger"], level=message["level"])
        below = any(name and message["logger"].startswith(f"{name}.") for name in found.loggers)
        if message["level"] not in found.levels or not (below or message["logger"] in found.loggers):
            wrong.append(message)
    assert wrong == []


@pytest.mark.parametrize(
    "name", ["1.162.3-updater-info-console", "1.104.5-busy-debug-console", "1.115.6-trouble-info-console"]
)
def test_whole_logs_are_known_transfers_included(name: str) -> None:
    unknown: Counter[str] = Counter()
    for line in real(name):
        entry = logline.parse(line)
        if entry is None:
            unknown[line.decode()] += messages.known_line(line) is None
        else:
            unknown[entry.message] += not known(entry.message, entry.logger, entry.level)
    assert +unknown == Counter()


def test_a_message_from_a_renamed_logger_is_still_found() -> None:
    for each in ROWS:
        if each.match != messages.ANY:
            assert row(concrete(each.match), logger="storagenode:renamed", level="NOTICE").match == each.match


def test_the_logger_chooses_between_equal_messages() -> None:
    assert row("failed to delete piece", logger="retain").kind == "gc_failed"
    assert row("failed to delete piece", logger="gracefulexit:service").kind == "leaving_failed"
    assert row("failed to delete piece", level="WARN").kind == "gc_failed"


def test_rows_are_unique_and_complete() -> None:
    claims = Counter((each.match, logger) for each in ROWS for logger in each.loggers)
    assert [claim for claim, n in claims.items() if n > 1] == []
    for each in ROWS:
        assert each.match == each.match.strip()
        assert each.kind in KINDS
        assert each.severity in {"info", "warning", "critical"}
        assert set(each.levels) <= logline.LEVELS
        assert each.levels
        assert each.loggers
        assert 0 < len(each.meaning) <= 300
        assert each.meaning.endswith(".")
        assert len(each.next_step or "") <= 300
        assert (each.severity == "info") == (each.next_step is None), each.match
        assert not (each.benign and each.severity == "critical"), each.match
    assert {each.kind for each in ROWS} == KINDS


def test_next_steps_begin_with_a_verb() -> None:
    verbs = {each.next_step.split()[0] for each in ROWS if each.next_step}
    assert verbs <= {
        "Check", "Correct", "Forward", "Give", "Install", "Look", "Lower", "Make", "Raise", "Read", "Remove", "Report",
        "Set", "Stop", "Update", "Watch",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Node 1Xf5b3xHn1ajoNRpJJJd3RebWUgZ58BVqNxKPAH2g1snSAEyNt started", "started"),
        ("Public server started on [::]:28967", "server"),
        ("Public server started on ", "server"),
        ('Got a signal from the OS: "terminated"', "stop"),
        ('database "info": schema contains unexpected indices [a b]', "database"),
        ("failed to set tcp fast open for this socket: operation not supported", "server"),
        ("satPiecesContentSize < 0", "cache"),
        ("ping satellite failed ", "contact_failed"),
        ("error during collecting pieces: ", "expiry_failed"),
        ("Configuration loaded", "start"),
        ("finished", "orders_sent"),
        ("finished compaction", "compaction_done"),
        ("Moved pieces to trash during retain", "gc_done"),
    ],
)
def test_messages_with_changing_parts_and_blanks(message: str, kind: str) -> None:
    assert row(message).kind == kind


def test_a_step_of_the_database_migration_is_known_by_its_logger_alone() -> None:
    assert row("Add vetted_at to reputation", logger="db.migration").kind == "database"
    assert find("Add vetted_at to reputation") is None


def test_what_is_unknown_stays_unknown() -> None:
    assert find("something nobody ever logged", "piecestore", "ERROR") is None
    assert not known("uploaded2")
    assert not known("")


@pytest.mark.parametrize(
    "message",
    [
        "upload internal error",
        "unable to get Satellite URL",
        "failed PingMe request to satellite",
        "subprocess exited with status",
        "existing kernel support for server-side tcp fast open detected",
        "kernel support for server-side tcp fast open remains disabled.",
        "retries timed out for this cycle",
        "file does not exist",
        "satPiecesTotal < 0",
        "satPiecesContentSize < 0",
        "piecesContentSize < 0",
        "Invalid configuration file key",
        "Check interval below minimum. Overriding it minimum.",
    ],
)
def test_noise_is_not_to_be_alerted(message: str) -> None:
    """§2.1 NOISE and §10 facts 21 and 23."""
    found = row(message)
    assert judge(found, found.levels[0]).severity == "info"
    assert found.benign or "INFO" in found.levels


def test_a_node_without_quic_is_told_how_to_get_it_but_not_every_hour() -> None:
    """§2.1 calls the line a warning, §10 fact 22 noise: it comes from each satellite at each check-in."""
    found = row("Your node is still considered to be online but encountered an error.")
    error = "contact: failed to ping storage node using QUIC, your node indicated error code: 0, rpc: quic: timeout"
    assert judge(found, "WARN", {"error": error}) == Verdict("warning", benign=True)
    assert found.next_step


CRITICAL_TEXTS = [
    "read /x: input/output error",
    "disk I/O error",
    "structure needs cleaning",
    "open /x: read-only file system",
    "transport endpoint is not connected",
    "stale NFS file handle",
    "read C:\\x: Data error (cyclic redundancy check).",
    "database disk image is malformed",
    "file is not a database",
    "expected schema does not match actual",
    "attempt to write a readonly database",
    "write /x: no space left on device",
    "database or disk is full",
    "node ID in file (1a) does not match running node's ID (1b)",
    "hashstore: potential misconfiguration: missing log files when hashtbl exists",
]


@pytest.mark.parametrize("error", CRITICAL_TEXTS)
def test_texts_that_are_critical_wherever_they_appear(error: str) -> None:
    for message in (
        "Could not persist bandwidth cache to db",
        "upload failed",
        "couldn't migrate",
        "finished compaction",
    ):
        assert judge(row(message), "ERROR", {"error": error}).severity == "critical", message
    assert judge(None, "ERROR", {"error": error}).severity == "critical"


NOISE = Verdict("info", benign=True)
WARNING = Verdict("warning", benign=False)
CRITICAL = Verdict("critical", benign=False)


@pytest.mark.parametrize(
    ("message", "fields", "verdict"),
    [
        ("download failed", {"error": "write tcp 1.2.3.4:5->6.7.8.9:1: write: broken pipe", "action": "GET"}, NOISE),
        ("download failed", {"error": "context canceled", "action": "GET_AUDIT"}, WARNING),
        ("download failed", {"error": "hashes don't match", "action": "GET_AUDIT"}, CRITICAL),
        ("download failed", {"error": "hashstore: file does not exist", "action": "GET"}, CRITICAL),
        ("download failed", {"error": "requested more data than available, requesting=2 available=1"}, CRITICAL),
        ("download failed", {"error": "untrusted satellite 12Eay", "action": "GET"}, WARNING),
        ("upload failed", {"error": "manager closed: closed: read tcp: connection reset by peer"}, NOISE),
        ("upload failed", {"error": "hashstore: put:{key:1} != exist:{key:1}: hashstore: collision detected"}, NOISE),
        ("upload failed", {"error": "out of space"}, WARNING),
        ("upload failed", {}, WARNING),
        ("ping satellite failed", {"error": "ping satellite: check-in ratelimit: node rate limited by id"}, NOISE),
        ("ping satellite failed", {"error": "ping satellite: rpc: tcp connector failed: rpc: context canceled"}, NOISE),
        ("ping satellite failed", {"error": "rpc: dial tcp 1.2.3.4:7777: i/o timeout"}, WARNING),
        ("unable to delete piece", {"error": "pieces error: filestore error: file does not exist"}, NOISE),
        ("unable to delete piece", {"error": "database is locked"}, WARNING),
        ("couldn't migrate", {"error": "file does not exist"}, NOISE),
        ("couldn't migrate", {"error": "pieces error: unexpected size"}, WARNING),
        ("compaction failed", {"error": "hashstore: compaction hash table is full"}, CRITICAL),
        ("compaction failed", {"error": "context canceled"}, NOISE),
        ("finished compaction", {"error": "hashstore: store closed"}, NOISE),
        ("finished compaction", {"duration": "7.79ms"}, Verdict("info", benign=False)),
        ("reconciled log with invalid records", {"invalid_count": 3}, CRITICAL),
        ("reconciled log with invalid records", {"invalid_count": 0}, NOISE),
        ("error reading from piecereader", {"error": "pieces error: read /x: is a directory"}, CRITICAL),
        ("error reading from piecereader", {"error": "context canceled"}, NOISE),
        ("used-space-filewalker failed", {"error": "filewalker: filestore error: file is a directory"}, WARNING),
        ("failure during run", {"error": "context canceled"}, CRITICAL),
        ("unexpected shutdown of a runner", {"name": "trust", "error": "trust: x"}, CRITICAL),
        ("node scores worsened", {"audit_score_delta": -0.001}, WARNING),
        ("node scores worsened", {"audit_score_delta": 0, "online_score_delta": -0.00001}, NOISE),
        ("node scores worsened", {"suspension_score_delta": -1e-9, "audit_score_delta": "NaN"}, WARNING),
        ("node scores worsened", {}, WARNING),
        ("node scores updated", {"audit_score_delta": 1}, Verdict("info", benign=False)),
    ],
)
def test_one_line_is_judged_by_its_fields(message: str, fields: dict[str, Any], verdict: Verdict) -> None:
    found = row(message)
    assert judge(found, found.levels[0], fields) == verdict


def test_debug_lines_never_weigh_but_for_the_end_of_the_node() -> None:
    for each in ROWS:
        verdict = judge(each, "DEBUG", {"error": "input/output error"})
        assert (verdict == NOISE) or each.severity == "critical"
    assert judge(None, "DEBUG", {"error": "input/output error"}).severity == "info"
    assert judge(None, "FATAL").severity == "critical"
    assert judge(None, "ERROR") == WARNING
    assert judge(None, "INFO").severity == "info"


def test_a_sound_node_gives_no_critical_line_and_a_dying_one_does() -> None:
    def worst(name: str) -> Counter[str]:
        entries = [entry for line in real(name) if (entry := logline.parse(line))]
        rows = [(find(entry.message, entry.logger, entry.level), entry) for entry in entries]
        return Counter(judge(found, entry.level, entry.fields()).severity for found, entry in rows)

    assert worst("1.146.10-busy-info-gcloudlogging")["critical"] == 0
    assert worst("1.137.5-trouble-info-console")["critical"] == 0
    lost = worst("1.162.3-trouble-info-console")
    assert lost["critical"] == 77
    dying = worst("1.115.6-trouble-info-console")
    assert dying["critical"] == 6 + 2  # audits of truncated pieces; the runner and the run that end


texts = st.text(max_size=300) | st.sampled_from([each.match for each in ROWS])
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | texts, lambda deeper: st.lists(deeper, max_size=3)
)
keys = st.sampled_from(
    ["error", "action", "invalid_count", "audit_score_delta", "suspension_score_delta", "online_score_delta"]
)


@settings(deadline=None)
@given(message=texts, logger=texts, level=texts, fields=st.dictionaries(keys, values))
def test_nothing_raises(message: str, logger: str, level: str, fields: dict[str, Any]) -> None:
    found = find(message, logger, level)
    assert known(message, logger, level) == (found is not None)
    assert judge(found, level, fields).severity in {"info", "warning", "critical"}
