from __future__ import annotations

import pytest
from tests.core.recorded import API, LAST, answers

from storj_monitor.core import receipts
from storj_monitor.core.readings import Receipt, ReceiptsReading
from storj_monitor.sources import nodeapi_parse

A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"
DAY = 86400


@pytest.mark.parametrize(
    ("receipt", "page"),
    [
        ("eth:0xAb1", "https://etherscan.io/tx/0xAb1"),
        ("zksync:0xab", "https://zkscan.io/explorer/transactions/0xab"),
        ("zkwithdraw:0xab", "https://zkscan.io/explorer/transactions/0xab"),
        ("zksync-era:0xab", "https://explorer.zksync.io/tx/0xab"),
        ("polygon:0xab", "https://polygonscan.com/tx/0xab"),
        ("", None),
        ("eth:", None),
        ("bitcoin:0xab", None),
        ("eth:0xab/../../evil", None),
        ("javascript:alert(1)", None),
        ("eth:0x" + "a" * 65, None),
    ],
)
def test_the_page_of_a_transaction(receipt: str, page: str | None) -> None:
    assert receipts.link(Receipt(A, "2026-09", *receipts.split(receipt))) == page


@pytest.mark.parametrize(
    ("folder", "kind", "transaction"),
    [("1.98.3-payouts", "eth", f"0x{0x1570C:064x}"), ("1.162.3-hashstore-payouts", "zksync", f"0x{0x12FD9:064x}")],
)
def test_receipts_of_real_answers(folder: str, kind: str, transaction: str) -> None:
    data = (API / folder / "payout-history-2026-09.json").read_bytes()
    assert nodeapi_parse.payments(data, "2026-09") == (Receipt(B, "2026-09", kind, transaction),)
    assert nodeapi_parse.payments(b"null", "2026-09") == ()
    with pytest.raises(nodeapi_parse.GarbageError):
        nodeapi_parse.payments(b"<html>", "2026-09")


def test_which_month_to_ask_for() -> None:
    stubs = answers("1.98.3-payouts")["paystubs"].body
    sent = sorted({stub.period for stub in stubs.stubs if stub.distributed > 0})
    assert receipts.wanted(None, None, LAST) is None
    assert receipts.wanted(stubs, None, LAST) == sent[-1]
    both = [Receipt(each, sent[-1], "eth", "0xab") for each in (A, B)]
    known = receipts.merged(None, sent[-1], both, LAST)
    assert receipts.wanted(stubs, known, LAST + 10 * DAY) == sent[-2], "one that is known is not asked again"
    half = receipts.merged(None, sent[-1], both[:1], LAST)
    assert receipts.wanted(stubs, half, LAST + DAY - 1) == sent[-2]
    assert receipts.wanted(stubs, half, LAST + DAY) == sent[-1], "one satellite's is missing: another day"
    asked = ReceiptsReading(at=0, asked=dict.fromkeys(sent, LAST + 400 * DAY))
    assert receipts.wanted(stubs, asked, LAST + 900 * DAY) is None, "what was still missing after a year stays so"
