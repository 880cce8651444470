"""Where a folder really lies: /proc/self/mountinfo read, nothing of the folder itself touched."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "fuse.rclone"})
"""File systems of another machine: SQLite's locks do not hold there."""
_ESCAPE = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One mounted file system; `number` is major:minor, `device` where it comes from (`/dev/sda1`, `server:/share`)."""

    point: str
    number: str
    kind: str
    device: str
    read_only: bool


def mounts(proc: Path = PROC) -> list[Mount]:
    """All of this process's name space, the later ones on top; empty where there is no /proc."""
    try:
        lines = (proc / "self/mountinfo").read_text(errors="replace").splitlines()
    except OSError:
        return []
    return [mount for line in lines if (mount := _mount(line)) is not None]


def holding(path: str, known: list[Mount]) -> Mount | None:
    """The mount that a path (absolute, without links) lies on; of several at one point the last, which covers them."""
    found: Mount | None = None
    for mount in known:
        inside = path == mount.point or path.startswith(mount.point.rstrip("/") + "/")
        if inside and (found is None or len(mount.point) >= len(found.point)):
            found = mount
    return found


def _mount(line: str) -> Mount | None:
    """`36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`."""
    left, dash, right = line.partition(" - ")
    fields, source = left.split(" "), right.split(" ")
    if not dash or len(fields) < 6 or len(source) < 3:
        return None
    read_only = "ro" in fields[5].split(",") or "ro" in source[2].split(",")
    return Mount(_plain(fields[4]), fields[2], source[0], _plain(source[1]), read_only)


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)), text)
