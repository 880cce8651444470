"""What a logged template means, in the words of the catalogue."""

from __future__ import annotations

from storj_monitor.core.errortexts import CLASSES
from storj_monitor.core.meaning import UNKNOWN, explain


def test_an_error_is_told_by_its_message_and_its_class() -> None:
    gone = explain("ERROR", "piecestore", "download failed: write tcp <addr>-><addr>: write: broken pipe")
    assert gone["benign"]
    assert gone["cause"] == CLASSES["client_gone"]
    assert gone["next_step"] is None, "nothing is to be done about what is harmless"
    lost = explain("ERROR", "piecestore", "download failed: file does not exist")
    assert (lost["severity"], lost["benign"], lost["cause"]) == ("critical", False, CLASSES["lost_piece"])
    assert lost["meaning"] == gone["meaning"]
    assert lost["next_step"]


def test_a_message_that_holds_a_colon_is_found_whole() -> None:
    told = explain("ERROR", "piecestore:cache", "error persisting cache totals to the database: database is locked")
    assert told["meaning"]
    assert told["cause"] == CLASSES["database_locked"]
    assert explain("INFO", "", "Current binary version")["severity"] == "info"


def test_without_its_error_some_cannot_be_judged() -> None:
    bare = explain("WARN", "collector", "unable to delete piece")
    assert (bare["depends"], bare["benign"]) == (True, False)
    told = explain("WARN", "collector", "unable to delete piece: pieces error: file does not exist")
    assert (told["depends"], told["benign"]) == (False, True)
    assert not explain("ERROR", "orders", "failed to settle orders for satellite")["depends"]


def test_what_no_row_knows_is_said_to_be_unknown() -> None:
    assert explain("ERROR", "nowhere", "the flux capacitor: is empty: again") == UNKNOWN
    assert explain("", "", ": ") == UNKNOWN
