"""Finds the log that docker keeps of a container, by the container's name and without docker's socket.

Docker keeps `containers/<id>/` below its data folder: `config.v2.json` with the name and the path of the log,
`hostconfig.json` with the log driver. A container that is re-created has another id and another log; what is unread of
the old one is read first as long as that exists, and `docker rm` deletes it.

What is not guaranteed: lines of a container that was removed before they were read; lines of a log driver other than
json-file (`local` is no text, the others keep nothing here).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from storj_monitor.core.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

LOOK = 10.0
"""Seconds between two looks whether the container is still the one by that name; 1 s when its log is gone."""
LOOK_GONE = 1.0
PATIENCE = 30.0
"""Seconds in which a container that is away may be re-created before anything is said."""
DAEMON = Path("/etc/docker/daemon.json")


class DockerError(MonitorError):
    """The container's log cannot be followed; the text says why and what to do."""


class State(msgspec.Struct, rename="pascal"):
    """Of `config.v2.json`."""

    running: bool = False


class Config(msgspec.Struct, rename="pascal"):
    """`config.v2.json`; `Name` begins with a slash."""

    name: str = ""
    log_path: str = ""
    state: State = msgspec.field(default_factory=State)


class LogConfig(msgspec.Struct, rename="pascal"):
    """Of `hostconfig.json`."""

    type: str = ""


class HostConfig(msgspec.Struct, rename="pascal"):
    """`hostconfig.json`."""

    log_config: LogConfig = msgspec.field(default_factory=LogConfig)


class Daemon(msgspec.Struct):
    """`/etc/docker/daemon.json`."""

    root: str = msgspec.field(default="", name="data-root")


class Found(NamedTuple):
    """A container's folder, and its log."""

    folder: Path
    path: str


_decode_config = msgspec.json.Decoder(Config).decode
_decode_host = msgspec.json.Decoder(HostConfig).decode
_decode_daemon = msgspec.json.Decoder(Daemon).decode


def data_roots() -> list[Path]:
    """Where docker may keep its data on this host: as the daemon is told, Debian's way, rootless, the snap's way."""
    try:
        told = _decode_daemon(DAEMON.read_bytes()).root
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        told = ""
    usual = (
        Path("/var/lib/docker"),
        Path.home() / ".local/share/docker",
        Path("/var/snap/docker/common/var-lib-docker"),
    )
    return [*([Path(told)] if told else []), *usual]


def find(name: str, roots: Sequence[Path]) -> Found:
    """The container called `name`. Raises `DockerError`."""
    refused: list[Path] = []
    seen: set[str] = set()
    for root in roots:
        for folder in _folders(root / "containers", refused):
            config = _config(folder, refused)
            if config is None:
                continue
            seen.add(config.name.lstrip("/"))
            if config.name.lstrip("/") == name:
                return Found(folder, _log_path(name, folder, config))
    if refused:
        raise DockerError(
            f"docker:{name}: {refused[0]} may not be read by this user; under systemd take the drop-in "
            "read-root-logs.conf, or set log.output in the node's config.yaml to a file that it may read."
        )
    known = f"there are {', '.join(sorted(seen))}" if seen else f"there is none below {' or '.join(map(str, roots))}"
    raise DockerError(f"docker:{name}: no container is called so; {known}.")


def _folders(containers: Path, refused: list[Path]) -> list[Path]:
    try:
        return sorted(containers.iterdir())
    except PermissionError:
        refused.append(containers)
    except (FileNotFoundError, NotADirectoryError):
        pass  # docker keeps its data at another of the places
    return []


def _config(folder: Path, refused: list[Path] | None = None) -> Config | None:
    """None for a container that is just being made or removed, and for one that may not be read."""
    try:
        return _decode_config((folder / "config.v2.json").read_bytes())
    except PermissionError:
        if refused is not None:
            refused.append(folder)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        pass  # not a container, or half written: it is looked at again
    return None


def _log_path(name: str, folder: Path, config: Config) -> str:
    """The log beside the config, since docker's own path is of another file system when we run in a container."""
    try:
        driver = _decode_host((folder / "hostconfig.json").read_bytes()).log_config.type
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        driver = ""
    if driver not in {"", "json-file"}:
        raise DockerError(
            f"docker:{name}: its log driver is {driver}, which cannot be followed; re-create the container with "
            "--log-driver json-file, or set log.output in the node's config.yaml to a file."
        )
    beside = folder / (Path(config.log_path).name or f"{folder.name}-json.log")
    return str(beside) if _exists(str(beside)) or not config.log_path else config.log_path


def _exists(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises where a folder may not be searched


class DockerLog:
    """Where the log of the container `name` is now; `roots` are docker's data folders. For `Tail`."""

    def __init__(
        self,
        name: str,
        say: Callable[[str], None],
        now: Callable[[], float],
        roots: Callable[[], Sequence[Path]] = data_roots,
    ) -> None:
        self._name = name.lstrip("/")
        self._say = say
        self._now = now
        self._roots = roots
        self._found: Found | None = None
        self._looked: float | None = None
        self._away_since: float | None = None
        self._said = ""

    def live(self) -> str:
        """The log's path; looks for it only now and then."""
        gone = self._found is None or not _exists(self._found.path)
        # A clock that was set back must not stop the looking.
        if self._looked is None or abs(self._now() - self._looked) >= (LOOK_GONE if gone else LOOK):
            self._look()
        return self._found.path if self._found is not None else f"/nonexistent/docker/{self._name}"

    def elders(self, known: Iterable[str]) -> list[str]:
        """Logs of containers that had the name once and are kept, but do not run: what was written last is in them.

        One that runs is another node's, e.g. after the name in the settings was corrected.
        """
        folders = dict.fromkeys(Path(path).parent for path in known)
        configs = [(folder, _config(folder)) for folder in folders if folder.parent.name == "containers"]
        return [
            str(folder / (Path(config.log_path).name or f"{folder.name}-json.log"))
            for folder, config in configs
            if config is not None and not config.state.running
        ]

    def _look(self) -> None:
        self._looked = self._now()
        try:
            if not self._is_same():
                self._found = find(self._name, self._roots())
        except DockerError as error:
            self._miss(str(error))
        else:
            self._away_since, self._said = None, ""

    def _is_same(self) -> bool:
        """Whether the container that was found still has the name: one small file instead of all."""
        if self._found is None:
            return False
        config = _config(self._found.folder)
        return config is not None and config.name.lstrip("/") == self._name and _exists(self._found.path)

    def _miss(self, sentence: str) -> None:
        """Say what is wrong once, but let a container be re-created in peace."""
        if self._away_since is None:
            self._away_since = self._now()
        patient = self._found is not None and abs(self._now() - self._away_since) < PATIENCE
        if not patient and sentence != self._said:
            self._said = sentence
            self._say(sentence)
