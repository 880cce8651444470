"""Takes out of texts what a stranger must not learn: addresses, names of hosts, wallets, e-mail, tokens, long ids.

When in doubt a word is taken out. What stays readable: numbers, versions, file names, public names below storj.io.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = "log|yaml|toml|gz|xz|bz2|db|service|go|json|md|html|sj1|mmdb|py"
"""What looks like a domain and is a file."""
PUBLIC = ("storj.io", "storjshare.io")

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[^\s@<>\"'=:,;/]+@[^\s@<>\"',;]+"), "<e-mail>"),
    (re.compile(r"\b([a-z][a-z0-9+.-]*)://[^\s\"'<>]+", re.IGNORECASE), r"\1://<address>"),
    (re.compile(r"\b0x[0-9a-fA-F]{6,}"), "<wallet>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"), "<address>"),
    (
        re.compile(
            r"\[?(?<!\w)(?=[0-9a-f]*:(?:[0-9a-f]*:){3}|[0-9a-f:]*::)(?=:*[0-9a-f])"
            r"[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,8}[0-9a-f]*(?:%\w+)?\]?(?::\d+)?",
            re.IGNORECASE,
        ),
        "<address>",
    ),
    (re.compile(r"/(home|Users|root/home)/[^/\s\"']+"), r"/\1/<user>"),
    (re.compile(r"\b([1-9A-HJ-NP-Za-km-z]{5})[1-9A-HJ-NP-Za-km-z]{35,}\b"), r"\1…"),
    (re.compile(r"(?<![\w…-])(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{20,}"), "<removed>"),
)
_HOST = re.compile(r"\b(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?::\d+)?", re.IGNORECASE)
_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d")


class Redactor:
    """`words` are replaced as they are, whatever they look like: secrets of the settings, names of hosts."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = sorted(((word, by) for word, by in words.items() if word), key=lambda each: -len(each[0]))

    def text(self, text: str) -> str:
        """The text without what it must not tell."""
        for word, by in self._words:
            text = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", by, text)
        for pattern, by in _RULES:
            text = pattern.sub(by, text)
        return _HOST.sub(_host, text)

    def document(self, value: Any) -> Any:
        """The same for every text in a JSON document, keys included."""
        if isinstance(value, str):
            return value if _TIME.match(value) and len(value) <= 30 else self.text(value)
        if isinstance(value, dict):
            return {self.text(str(key)): self.document(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.document(each) for each in value]
        return value


def _host(match: re.Match[str]) -> str:
    name = match[0].partition(":")[0].lower()
    if re.fullmatch(rf".*\.(?:{FILES})", name) or any(name == each or name.endswith(f".{each}") for each in PUBLIC):
        return match[0]
    return "<host>"
