"""Where settings come from, and where in it each one stands.

A layer is a nested dict of values and the place of each: `/etc/…/storj-monitor.toml, line 12`, `the environment
variable STORJ_MONITOR_MQTT__URL`, `the credential mqtt-password`, `the command line`.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from storj_monitor.core.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENV_PREFIX = "STORJ_MONITOR_"
CONFIG_VARIABLE = "STORJ_MONITOR_CONFIG"
"""Names the settings file, as `--config` does; the one variable with the prefix that is no option."""

KeyPath = tuple[str, ...]


class Layer(NamedTuple):
    """`values` nested as the tables are, `place(path)` in words, `spell(path)` as this source writes a key."""

    values: dict[str, Any]
    place: Callable[[KeyPath], str]
    spell: Callable[[KeyPath], str] = ".".join

    def holds(self, path: KeyPath) -> bool:
        """Whether this layer sets the key or a part of the table."""
        return _depth(self.values, path) == len(path)


def from_file(path: Path) -> Layer:
    """The settings file. Raises SettingsError when it cannot be read or is no TOML."""
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"The settings file {path} is not UTF-8 text (byte {error.start}).") from None
    except tomllib.TOMLDecodeError as error:
        # The reason may quote what stands there, but only a character of it, never a value.
        raise SettingsError(f"The settings file {path} is not valid TOML: {error}.") from None
    return Layer(values, lambda key: f"{path}, line {line_of(text, key)}")


def from_environment(env: Mapping[str, str]) -> Layer:
    """`STORJ_MONITOR_<TABLE>__<KEY>`; an empty variable counts as unset, as in compose files."""
    values: dict[str, Any] = {}
    names: dict[KeyPath, str] = {}
    for name in sorted(env):
        if name.startswith(ENV_PREFIX) and name != CONFIG_VARIABLE and env[name]:
            path = tuple(name.removeprefix(ENV_PREFIX).lower().split("__"))
            names[path] = name
            if not _put(values, path, env[name]):
                raise SettingsError(f"The environment variable {name} contradicts another one: a table is no value.")

    def place(path: KeyPath) -> str:
        found = next((name for key, name in names.items() if key[: len(path)] == path or path[: len(key)] == key), None)
        return f"The environment variable {found}"

    return Layer(values, place, spell=lambda path: ENV_PREFIX + "__".join(path).upper())


def from_credentials(directory: str | None, path_of: Callable[[str], KeyPath]) -> Layer:
    """`$CREDENTIALS_DIRECTORY` of systemd, one file per secret; `path_of` refuses an unknown name."""
    values: dict[str, Any] = {}
    names: dict[KeyPath, str] = {}
    for file in sorted(Path(directory).iterdir()) if directory and Path(directory).is_dir() else []:
        path = path_of(file.name)
        names[path] = file.name
        try:
            _put(values, path, file.read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            raise SettingsError(f"The credential {file.name} cannot be read as UTF-8 text.") from None
    return Layer(values, lambda path: f"The credential {names.get(path, '-'.join(path))}")


def from_command_line(overrides: Mapping[str, Any]) -> Layer:
    """What the command line sets, nested as the tables are; None counts as not given."""
    return Layer(_without_none(overrides), lambda _: "The command line")


def did_you_mean(word: str, known: Mapping[str, str]) -> str:
    """The end of a sentence about an unknown word: the nearest of `known` as its value spells it, or all of them."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"; did you mean {known[close[0]]}?" if close else f"; known are {', '.join(sorted(known.values()))}."


def line_of(text: str, path: KeyPath) -> int:
    """The line, from 1, at which a key of a TOML document begins; for a missing key that of the table it is missing in.

    tomllib keeps no positions, but a document cut before a key does not have it: the first line that brings the key is
    found by bisection. A cut within a value of several lines is moved up to where the value begins.
    """
    lines = text.split("\n")
    path = path[: _depth(tomllib.loads(text), path)]
    end = bisect_left(range(len(lines) + 1), True, key=lambda n: _depth(_parsable(lines, n)[0], path) == len(path))
    return _parsable(lines, end - 1)[1] + 1 if end else 1


def _parsable(lines: list[str], count: int) -> tuple[dict[str, Any], int]:
    """The longest valid document of at most `count` lines, and its number of lines."""
    for n in range(count, 0, -1):
        try:
            return tomllib.loads("\n".join(lines[:n])), n
        except tomllib.TOMLDecodeError:
            continue
    return {}, 0


def _depth(values: Any, path: KeyPath) -> int:
    """How many parts of the path exist."""
    for depth, key in enumerate(path):
        if not isinstance(values, dict) or key not in values:
            return depth
        values = values[key]
    return len(path)


def _put(values: dict[str, Any], path: KeyPath, value: Any) -> bool:
    """Set a nested value; False where a value stands in the way of a table or the other way round."""
    for key in path[:-1]:
        values = values.setdefault(key, {})
        if not isinstance(values, dict):
            return False
    if isinstance(values.get(path[-1]), dict):
        return False
    values[path[-1]] = value
    return True


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
