from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storj_monitor.bridge.static import load

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text("secret")
    web = tmp_path / "web"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<!doctype html>")
    script = web / "assets" / "index-Dx3_9aZ-.js"
    script.write_text("plain")
    script.with_name(script.name + ".gz").write_bytes(gzip.compress(b"plain"))
    script.with_name(script.name + ".br").write_bytes(b"brotli")
    (web / ".hidden").write_text("hidden")
    (web / "link.txt").symlink_to(tmp_path / "secret.txt")
    return web


@pytest.mark.parametrize(
    ("accept", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("BR ; q=0.1", "br"),
        ("gzip;q=0.000", None),
        ("identity", None),
        ("", None),
        ("brotli,x;;q=,,", None),
    ],
)
def test_the_smallest_form_the_browser_takes(folder: Path, accept: str, encoding: str | None) -> None:
    asset = load(folder, "assets/index-Dx3_9aZ-.js", accept)
    assert asset is not None
    assert asset.encoding == encoding
    assert asset.content_type == "text/javascript; charset=utf-8"
    assert "immutable" in asset.cache_control
    plain = load(folder, "assets/index-Dx3_9aZ-.js", "")
    assert plain is not None
    assert (plain.etag == asset.etag) is (encoding is None)


def test_the_page_is_asked_for_anew_and_its_etag_follows_its_content(folder: Path) -> None:
    before = load(folder, "", "br")
    (folder / "index.html").write_text("<!DOCTYPE html>")
    after = load(folder, "index.html", "br")
    assert before is not None
    assert after is not None
    assert (before.encoding, before.cache_control) == (None, "no-cache")
    assert before.etag != after.etag


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "assets/../../secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "assets\\..\\..\\secret.txt",
        ".hidden",
        "assets",
        "assets/",
        "index.html/",
        "index.html\0",
        "link.txt",
        "assets/index-Dx3_9aZ-.js.gz",
        "nothing.js",
        "x" * 5000,
    ],
)
def test_nothing_but_the_files_of_the_bundle(folder: Path, path: str) -> None:
    assert load(folder, path, "br") is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.lists(st.sampled_from(["..", ".", "", "secret.txt", "web", "assets", "%2e%2e", "\0", "a\nb"])).map("/".join)
)
def test_no_path_leaves_the_folder(folder: Path, path: str) -> None:
    asset = load(folder, path, "br")
    assert asset is None or asset.body == b"<!doctype html>"
