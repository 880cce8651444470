from __future__ import annotations

import gzip
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import mmdb

from storj_monitor.core.errors import MonitorError
from storj_monitor.demo.places import PLACES, locate, prefix_v6
from storj_monitor.sources import geoip, geoipfile
from storj_monitor.sources.geoip import Places

NETWORKS: dict[str, Any] = {
    "81.2.69.0/24": mmdb.city("GB", 51.5142, -0.0931),
    "2a02:cf40::/29": mmdb.city("NO", 59.95, 10.75),
    "89.160.20.0/24": mmdb.city("SE", -0.04, 0.05),
    "175.16.199.0/24": {"country": {"iso_code": "CN"}},
    "202.196.224.0/24": {"registered_country": {"iso_code": "PH"}, "location": {"latitude": 13.0}},
    "67.43.156.0/24": {"country": {"iso_code": 7}, "location": "nowhere"},
    "67.43.157.0/24": ["no", "record"],
    "10.0.0.0/8": mmdb.city("XX", 1, 1),
    "172.16.0.0/12": mmdb.city("XX", 1, 1),
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mmdb.write(tmp_path_factory.mktemp("geoip") / "city.mmdb", NETWORKS)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("81.2.69.142:34816", (51.5, -0.1, "GB")),
        ("81.2.69.142", (51.5, -0.1, "GB")),
        ("[2a02:cf40::1]:51820", (60.0, 10.8, "NO")),
        ("[2a02:cf40::1%eth0]:51820", (60.0, 10.8, "NO")),
        ("2a02:cf40::1", (60.0, 10.8, "NO")),
        ("[::ffff:81.2.69.142]:1", (51.5, -0.1, "GB")),
        ("89.160.20.1:1", (0.0, 0.1, "SE")),
        ("175.16.199.37:1", (None, None, "CN")),
        ("202.196.224.1:1", (None, None, "PH")),
        ("67.43.156.1:1", None),
        ("67.43.157.1:1", None),
        ("8.8.8.8:53", None),
        ("10.1.2.3:4", None),
        ("172.17.0.1:44444", None),
        ("127.0.0.1:1", None),
        ("[fe80::1%eth0]:1234", None),
        ("[fd00::1]:1", None),
        ("", None),
        (":", None),
        ("[", None),
        ("localhost:1", None),
        ("81.2.69.142.1:1", None),
        ("256.1.1.1:1", None),
    ],
)
def test_addresses_as_the_node_logs_them(
    database: Path, address: str, place: tuple[float | None, float | None, str] | None
) -> None:
    assert Places(database)(address) == place


@given(st.text(max_size=60) | st.text(st.sampled_from("0123456789abcdef:.%[]"), max_size=50))
def test_no_address_is_fatal(database: Path, address: str) -> None:
    place = Places(database)(address)
    assert place is None or len(place[2]) == 2


def test_every_simulated_client_is_where_the_simulation_says(tmp_path: Path) -> None:
    places = Places(mmdb.write(tmp_path / "demo.mmdb", mmdb.demo_networks()))
    for index, each in enumerate(PLACES):
        for address in (f"{each.block}.7.9:1", f"[{prefix_v6(index)}::1]:2"):
            assert places(address) == locate(address) == (each.latitude, each.longitude, each.country)


def test_the_file_may_come_go_and_change(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    now, file = 0.0, tmp_path / "city.mmdb"
    places = Places(file, clock=lambda: now)
    assert places("81.2.69.142:1") is None
    assert not caplog.messages, "a file is not needed"

    mmdb.write(file, NETWORKS)
    assert places("81.2.69.142:1") is None, "it is looked for once a minute"
    now += 61
    assert places("81.2.69.142:1") == (51.5, -0.1, "GB")
    assert places.attribution == "IP geolocation by DB-IP (https://db-ip.com)"

    mmdb.write(file, {"81.2.69.0/24": mmdb.city("FR", 48.9, 2.4)}, "GeoLite2-City")
    now += 61
    assert "MaxMind" in str(places.attribution)
    assert places("81.2.69.142:1") == (48.9, 2.4, "FR"), "what was remembered of the old file is forgotten"

    other = tmp_path / "other"
    other.write_bytes(b"no database at all" * 100)
    other.rename(file)
    caplog.clear()
    for _ in range(3):
        now += 61
        assert places("81.2.69.142:1") is None
        assert not places.attribution
    assert len(caplog.messages) == 1, "said once"
    assert str(file) in caplog.messages[0]

    file.unlink()
    now += 61
    assert places("81.2.69.142:1") is None


def test_a_truncated_database_is_never_fatal(database: Path, tmp_path: Path) -> None:
    whole = database.read_bytes()
    for size in range(0, len(whole), max(1, len(whole) // 60)):
        cut = tmp_path / f"{size}.mmdb"
        cut.write_bytes(whole[:size])
        assert Places(cut)("81.2.69.142:1") in {None, (51.5, -0.1, "GB")}


def test_other_databases_name_themselves() -> None:
    assert geoip.notice("GeoIP2-Country") == "IP geolocation by GeoIP2-Country"
    assert "MaxMind" in geoip.notice("GeoLite2-Country")


# ---- storj-monitor geoip update ----


@contextmanager
def server(files: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}", asked
        finally:
            http.shutdown()
            thread.join()


def test_the_newest_month_there_is(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2027, 1, 1, 0, 5, tzinfo=UTC).timestamp()
    file, steps = tmp_path / "made" / "city.mmdb", list[tuple[int, int | None]]()
    packed = gzip.compress(database.read_bytes())
    with server({"/free/dbip-city-lite-2026-12.mmdb.gz": packed}) as (url, asked):
        scheme = geoipfile.URL.replace("https://download.db-ip.com", url)
        assert scheme != geoipfile.URL
        monkeypatch.setattr(geoipfile, "URL", scheme)
        done = geoipfile.update(file, now, progress=lambda *step: steps.append(step))
        assert asked == ["/free/dbip-city-lite-2027-01.mmdb.gz", "/free/dbip-city-lite-2026-12.mmdb.gz"]
    assert (done.kind, done.bytes) == ("DBIP-City-Lite", database.stat().st_size)
    assert steps[-1] == (len(packed), len(packed))
    assert file.read_bytes() == database.read_bytes()
    assert Places(file)("81.2.69.142:1") == (51.5, -0.1, "GB")


def test_what_is_no_place_file_replaces_nothing(database: Path, tmp_path: Path) -> None:
    whole, old = gzip.compress(database.read_bytes()), database.read_bytes()
    file = tmp_path / "city.mmdb"
    file.write_bytes(old)
    bad = {"/page": b"<html>", "/empty": b"", "/cut.gz": whole[:-100], "/torn.gz": whole[:200] + bytes(200)}
    with server(bad) as (url, _):
        for path in [*bad, "/absent"]:
            with pytest.raises(MonitorError):
                geoipfile.update(file, 0, url=url + path, progress=lambda *_: None)
    with pytest.raises(MonitorError, match="could not be fetched"):
        geoipfile.update(file, 0, url=url, progress=lambda *_: None)
    assert file.read_bytes() == old
    assert [each.name for each in tmp_path.iterdir()] == ["city.mmdb"], "no part of a file is left"


def test_the_command_puts_it_where_the_agent_looks(database: Path, tmp_path: Path) -> None:
    with server({"/city.mmdb": database.read_bytes()}) as (url, _):
        command = [sys.executable, "-m", "storj_monitor.cli", "geoip", "update", "--data", str(tmp_path)]
        done = subprocess.run([*command, "--url", f"{url}/city.mmdb", "--json"], capture_output=True, check=True)
        told = json.loads(done.stdout)
        assert told["file"] == str(tmp_path / "city.mmdb")
        assert told["bytes"] == database.stat().st_size
        said = subprocess.run([*command, "--url", f"{url}/city.mmdb"], capture_output=True, check=True, text=True)
        assert "IP geolocation by DB-IP" in said.stdout
        failed = subprocess.run([*command, "--url", f"{url}/gone"], capture_output=True, check=False, text=True)
        assert (failed.returncode, failed.stdout) == (1, "")
        assert "404" in failed.stderr
