"""What a node's config.yaml and command line set (agent/docs/storagenode.md §4.7).

The file is flat, `key: value` a line, keys that are left at their default commented out, so no YAML is needed. Only
the keys of `KEYS` are ever taken: wallet, e-mail address and secrets are passed over.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from storj_monitor.core.facts import Notice
from storj_monitor.core.readings_host import ConfigReading
from storj_monitor.sources.guard import Guard
from storj_monitor.sources.poller import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SIZE_MAX = 1 << 20
TEXT_MAX = 400
KEYS = {
    "log.level": "log_level",
    "log.custom-level": "log_custom_level",
    "log.output": "log_output",
    "storage.allocated-disk-space": "allocated",
    "storage.path": "storage",
    "storage2.database-dir": "databases",
    "storage2.orders.path": "orders",
    "debug.addr": "debug",
    "console.address": "console",
    "server.address": "server",
    "contact.external-address": "external",
}
"""Key of the node → field of `ConfigReading`."""
PATHS = ("storage", "databases", "orders")
CONTAINER = "/app/config"
"""Where the official image has the folder of config.yaml."""
_LINE = re.compile(r"([a-z0-9.-]+):[ \t]*(.*)")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGTPE]?)(i?)B?", re.IGNORECASE)
_FACTORS = "KMGTPE"


class NodeConfig:
    """One node's settings: its file, and what its command line sets over it."""

    def __init__(
        self,
        file: Callable[[], str | None],
        flags: Callable[[], Mapping[str, str]],
        *,
        now: Callable[[], float],
        guard: Guard | None = None,
    ) -> None:
        self._file = file
        self._flags = flags
        self._now = now
        self._guard = guard or Guard("The node's config.yaml")

    async def poll(self) -> ConfigReading | None:
        """The settings; None without a file. Raises `SourceError` or `HangsError`."""
        path = self._file()
        if path is None:
            return None
        try:
            return await self._guard.call(read, path, self._flags(), int(self._now()))
        except FileNotFoundError:
            raise SourceError(f"{path} does not exist; name the node's config.yaml.") from None
        except OSError as problem:
            raise SourceError(f"{path} cannot be read: {problem.strerror}.") from None


def read(path: str, flags: Mapping[str, str], at: int) -> ConfigReading:
    """A config.yaml; `flags` (key → value) of the command line beat it. Raises OSError."""
    with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a path that is kept as text
        found = settings_of(file.read(SIZE_MAX).splitlines()) | {k: v for k, v in flags.items() if k in KEYS}
    folder = os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120
    fields: dict[str, Any] = {field: found.get(key, "")[:TEXT_MAX] for key, field in KEYS.items()}
    fields["allocated"] = size_of(fields["allocated"])
    places = {name: place(fields[name], folder) for name in PATHS}
    places["storage"] = places["storage"] or _there(f"{folder}/storage")
    places["orders"] = places["orders"] or _there(f"{folder}/orders")
    places["databases"] = places["databases"] or places["storage"]
    return ConfigReading(at=at, **{**fields, **places})


def settings_of(lines: Iterable[str]) -> dict[str, str]:
    """`{key: value}` of the keys that are wanted; quotes and comments are taken off."""
    found: dict[str, str] = {}
    for line in lines:
        match = _LINE.match(line)
        if match is not None and match[1] in KEYS:
            found[match[1]] = _value(match[2])
    return found


def flags_of(arguments: Sequence[str]) -> dict[str, str]:
    """`--key=value` and `--key value` of a command line, of the keys that are wanted and `config-dir`."""
    found: dict[str, str] = {}
    for word, after in pairwise([*arguments, ""]):
        key, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("--") and (key in KEYS or key == "config-dir"):
            found[key] = value if equals else after
    return found


def size_of(text: str) -> int | None:
    """`2.00 TB`, `1.5TiB`, `500000000000` in bytes; None for anything else."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        return None
    power = _FACTORS.index(match[2].upper()) + 1 if match[2] else 0
    return round(float(match[1]) * float((1024 if match[3] else 1000) ** power))


def place(text: str, folder: str) -> str:
    """A path of the node as this host sees it: as it is, or in the folder that a container calls /app/config.

    "" when it is neither, as of a container whose folders lie elsewhere.
    """
    if not text:
        return ""
    if not text.startswith("/"):
        return _there(os.path.join(folder, text))  # noqa: PTH118
    inner = text.removeprefix(CONTAINER)
    mapped = _there(folder + inner) if inner != text and inner[:1] in {"", "/"} else ""
    return mapped or _there(text)


def _there(path: str) -> str:
    return path if os.path.isdir(path) else ""  # noqa: PTH112


def _value(text: str) -> str:
    text = text.strip()
    if text[:1] in {'"', "'"}:
        return text[1:].partition(text[0])[0]
    return text.partition(" #")[0].strip()


def news(old: Any, new: Any) -> list[Notice]:
    """Settings that somebody has changed; paths are left out, for they change with what is mounted."""
    said = []
    for key, field in KEYS.items():
        before, after = getattr(old, field), getattr(new, field)
        if field not in PATHS and before != after:
            said.append(f"{key} from {before or 'its default'} to {after or 'its default'}")
    text = f"config.yaml was changed: {', '.join(said)}; it counts from the node's next start."
    return [Notice(new.at, "info", text, kind="config")] if said else []


def say(body: Any) -> str:
    """One sentence for `check`."""
    parts = {
        "log.level": body.log_level,
        "log.custom-level": body.log_custom_level,
        "storage": body.storage,
        "debug.addr": body.debug,
    }
    told = ", ".join(f"{key} {value}" for key, value in parts.items() if value)
    return f"can be read{f': {told}' if told else '; all that matters here is at its default'}."
