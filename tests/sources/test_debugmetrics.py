"""`/metrics` of recorded nodes of six versions, and of what is none."""

from __future__ import annotations

import gzip

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.small import API, NOW, nobody, sends, serving

from storj_monitor.core.readings_host import Counts, DebugReading, DebugSatellite, Times
from storj_monitor.sources.debugmetrics import address, debug, parse
from storj_monitor.sources.poller import SourceError

AT = int(NOW)
A, B = "162LhjMGUL6MbdjVNFjWFsKVKM151Mv3k1HM4ACKWtH3MKJDf1", "1fhsaP7pUjVzBoQk5t1zjJYtq3x1sbWdc1evw7RpHC83ifN7FX"
SCOPE = 'scope="storj_io_storj_storagenode_piecestore"'


def recorded(folder: str) -> bytes:
    return gzip.decompress((API / folder / "metrics.txt.gz").read_bytes())


async def test_a_node_of_1_162() -> None:
    async with serving(sends(recorded("1.162.3-healthy"))) as url:
        found = await debug(f"{url}/metrics", AT)
    assert found == DebugReading(
        at=AT,
        started=AT - 525,
        uploads=Counts(3618, 3558, 29, 31),
        downloads={"GET": Counts(3324, 3052, 269, 1), "GET_AUDIT": Counts(3029, 2937, 92, 0)},
        upload_times=Times(0.001153683, 0.018712294, 0.103388976),
        download_times=Times(0.002414189, 0.005996911, 0.016591156),
        readable=0.001009574,
        writable=0.000608502,
        satellites=(DebugSatellite(A, 1709, 1709), DebugSatellite(B, 448, 448)),
    )


def test_a_node_whose_pieces_are_in_the_hash_store() -> None:
    first, second = parse(recorded("1.162.3-hashstore-payouts"), AT).satellites
    assert (first.logs, first.table, first.live, first.trash) == (402_653_184, 2_105_344, 157_667_968, 0)
    assert first.reclaimable == 402_653_184 - 157_667_968  # what is in the logs and belongs to no piece
    assert second.reclaimable == 469_762_048 - 314_551_360


@pytest.mark.parametrize("folder", sorted(path.name for path in API.iterdir()))
def test_every_recorded_node_counts_what_it_started(folder: str) -> None:
    found = parse(recorded(folder), AT)
    assert found.started is not None
    assert found.downloads
    for counts in found.downloads.values():
        in_flight = counts.started - counts.ok - counts.canceled - counts.failed
        assert 0 <= in_flight < 20
    assert all(each.audits is not None for each in found.satellites)
    assert len(found.satellites) == 2


def test_before_the_first_transfer_nothing_is_known_and_then_what_is_missing_is_zero() -> None:
    body = b'process{scope="github_com_spacemonkeygo_monkit_v3_environment",field="uptime"} 12.5\n'
    found = parse(body, AT)
    assert (found.uploads, found.downloads, found.started) == (None, None, AT - 12)
    found = parse(body + f'download_started_count{{action="GET",{SCOPE},field="value"}} 1\n'.encode(), AT)
    assert (found.uploads, found.downloads) == (Counts(), {"GET": Counts(1)})


async def test_what_is_large_is_read_for_what_is_wanted() -> None:
    noise = b'function_times{kind="success",name="__Chore__Run",field="r50"} 0.5\n' * 75_000
    body = noise + recorded("1.162.3-healthy") + noise
    assert len(body) > 9 << 20
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.headers["Accept-Encoding"])
        return web.Response(body=body)

    async with serving(answer) as url:
        assert (await debug(url, AT)).uploads == Counts(3618, 3558, 29, 31)
    assert asked == ["identity"], "packing megabytes is work for the node"


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"<html>404</html>", 200, "has no metrics of a storage node"),
        (b"", 404, "answers with status 404"),
        (b'upload_success_count{field="value" 12', 200, "makes no sense"),
        (b"x" * (17 << 20), 200, "more than 16 MiB"),
    ],
)
async def test_what_is_no_debug_server(body: bytes, status: int, said: str) -> None:
    async with serving(sends(body, status)) as url:
        with pytest.raises(SourceError, match=said):
            await debug(url, AT)


async def test_nobody_listens() -> None:
    with pytest.raises(SourceError, match="No connection to the debug server"):
        await debug(await nobody(), AT)


@given(
    st.lists(st.sampled_from([b"NaN", b"+Inf", b"-5", b"1e300", b"7", b"\xff", b'"', b"{", b"}", b"\n"]), max_size=8)
)
def test_strange_numbers_never_become_values(parts: list[bytes]) -> None:
    body = b'upload_success_count{field="value"} ' + b"".join(parts)
    try:
        found = parse(body, AT)
    except SourceError:
        return
    assert found.uploads is None or 0 <= found.uploads.ok < 1 << 62


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:5999", "http://127.0.0.1:5999"),
        (":5999", "http://127.0.0.1:5999"),
        ("0.0.0.0:5999", "http://127.0.0.1:5999"),
        ("[::]:5999", "http://[::1]:5999"),
        ("http://pi.lan:5999/metrics", "http://pi.lan:5999"),
        ("http://pi.lan:5999/", "http://pi.lan:5999"),
    ],
)
def test_addresses_as_people_and_nodes_write_them(text: str, url: str) -> None:
    assert address(text) == url
