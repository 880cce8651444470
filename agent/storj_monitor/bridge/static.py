"""The files of the viewer: the built bundle that travels in the package, as `.br`, `.gz` or plain."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}/){0,7}[A-Za-z0-9_][A-Za-z0-9._-]{0,127}", re.ASCII)
"""No segment begins with a dot: such a path cannot leave its folder."""

_HASHED = re.compile(r"assets/(?:.*/)?[^/]+[-.][A-Za-z0-9_-]{8}\.[a-z0-9]+", re.ASCII)
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}

NO_BUNDLE = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>The viewer is not built</title>
<h1>The viewer is not built</h1>
<p>The agent runs, but this installation has no page to show. In the source folder, run
<code>make viewer</code> and reload this page. A release installed with pip brings the page along.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: `encoding` is `br`, `gzip` or None; `etag` is of these very bytes."""

    body: bytes
    content_type: str
    encoding: str | None
    etag: str
    cache_control: str


def web_folder() -> Path:
    """Where the viewer's build puts its files; it may not exist."""
    return Path(str(files("storj_monitor") / "web"))


def load(folder: Path, path: str, accept_encoding: str) -> Asset | None:
    """The file for a URL path (`""` is the page itself), or None. Reads the disk: call it in a thread."""
    name = path or "index.html"
    plain = folder / name
    if not _PATH.fullmatch(name) or plain.suffix in {".br", ".gz"} or not plain.is_file():
        return None
    if not plain.resolve().is_relative_to(folder.resolve()):
        return None
    encoding, file = _variant(plain, accept_encoding)
    body = file.read_bytes()
    return Asset(
        body=body,
        content_type=_TYPES.get(plain.suffix, "application/octet-stream"),
        encoding=encoding,
        # By content: files of a wheel all have the same date.
        etag=hashlib.blake2b(body, digest_size=12).hexdigest(),
        cache_control="public, max-age=31536000, immutable" if _HASHED.fullmatch(name) else "no-cache",
    )


def _variant(plain: Path, accept_encoding: str) -> tuple[str | None, Path]:
    accepted = _accepted(accept_encoding)
    for encoding, suffix in _ENCODINGS:
        file = plain.with_name(plain.name + suffix)
        if encoding in accepted and file.is_file():
            return encoding, file
    return None, plain


def _accepted(header: str) -> set[str]:
    """`br;q=0, gzip` → `{"gzip"}`."""
    named = [part.replace(" ", "").lower().partition(";q=") for part in header.split(",")]
    return {coding for coding, _, quality in named if not re.fullmatch(r"0(\.0*)?", quality)}
