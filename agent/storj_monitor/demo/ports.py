"""The two small ports beside the console: healthcheck and debug metrics (agent/docs/storagenode.md §4.1, §4.3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from storj_monitor.demo.answers import go_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storj_monitor.demo.lognode import SimulatedNode

_HEALTHY_ONLINE = 0.9
_PIECESTORE = 'scope="storj_io_storj_storagenode_piecestore"'
_OFFER = {"minimum": "v1.124.3", "suggested": "v1.162.3"}
_NAMES = {"ok": "success", "canceled": "cancel", "failed": "failure"}


def health(node: SimulatedNode) -> tuple[int, str]:
    """Status and body of `GET /` on the public port, with details."""
    rows: list[dict[str, Any]] = []
    for account in node.accounts:
        standing = account.standing
        if standing.heard is not None:
            rows.append(
                {
                    "OnlineScore": standing.heard.online,
                    "SatelliteID": account.satellite.id,
                    "DisqualifiedAt": go_time(standing.disqualified) if standing.disqualified else None,
                    "SuspendedAt": go_time(standing.suspended) if standing.suspended else None,
                }
            )
    healthy = bool(rows) and all(
        row["OnlineScore"] >= _HEALTHY_ONLINE and not row["DisqualifiedAt"] and not row["SuspendedAt"] for row in rows
    )
    help_text = "To access Storagenode services, please use DRPC protocol!"
    body = {"Statuses": rows or None, "Help": help_text, "AllHealthy": healthy}
    return (200 if healthy else 503), json.dumps(body, indent=2) + "\n"


def metrics(node: SimulatedNode) -> str:
    """The part of `/metrics` that a monitor reads; counters count from the node's first line."""
    lines: list[str] = []
    for name, samples in _families(node):
        lines.append(f"# TYPE {name} gauge")
        lines += [f"{name}{{{labels}}} {value:g}" for labels, value in samples]
    return "\n".join(lines) + "\n"


def versions() -> dict[str, Any]:
    """What a version server offers: a roll-out of the latest version that has reached a third of the nodes."""
    link = "https://github.com/storj/storj/releases/download/{0}/storagenode_{{os}}_{{arch}}{{ext}}.zip"
    offer = {word: {"version": name, "url": link.format(name)} for word, name in _OFFER.items()}
    return {"processes": {"storagenode": {**offer, "rollout": {"seed": "8f4f" + "0" * 60, "cursor": "55" * 32}}}}


def _families(node: SimulatedNode) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    yield from _process(node)
    yield from _transfers(node)
    scope = 'scope="storj_io_storj_storagenode_reputation"'
    for name, field in (("reputation_audits_total", "total"), ("reputation_audits_success", "success")):
        yield name, [(f'{_label(node, i)},{scope},field="value"', getattr(each, field)) for i, each in _heard(node)]
    for name, field in (
        ("reputation_score", "audit"),
        ("reputation_unknown_score", "suspension"),
        ("reputation_online_score", "online"),
    ):
        yield name, [(f'{_label(node, i)},{scope},field="recent"', getattr(each, field)) for i, each in _heard(node)]
    if node.hashstore:
        yield "hashstore", [sample for index in range(len(node.accounts)) for sample in _hashstore(node, index)]


def _process(node: SimulatedNode) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """The counters are those of one life, so the process is as old as they are."""
    uptime = node.position - node.begun
    yield "process", [('scope="github_com_spacemonkeygo_monkit_v3_environment",field="uptime"', uptime)]
    way = f"{_PIECESTORE},field="
    for name, label, slow in (("upload", "", 1.6), ("download", 'action="GET",', 1.0)):
        middle = slow * node.piece_size * 40  # ns: 25 MB/s, and a little more for each piece
        fields = {"r50": middle, "r90": 5 * middle, "r99": 14 * middle}
        yield f"{name}_success_duration_ns", [(f'{label}{way}"{key}"', value) for key, value in fields.items()]
    scope = 'scope="storj_io_storj_storagenode_monitor",field="recent"'
    yield from (("readability_check", [(scope, 0.004)]), ("writability_check", [(scope, 0.011)]))


def _heard(node: SimulatedNode) -> list[tuple[int, Any]]:
    return [(i, each.standing.heard) for i, each in enumerate(node.accounts) if each.standing.heard is not None]


def _label(node: SimulatedNode, index: int) -> str:
    """Ids have a leading underscore in labels (§10 fact 28)."""
    return f'satellite="_{node.accounts[index].satellite.id}"'


def _transfers(node: SimulatedNode) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    sums: dict[str, dict[str, int]] = {}
    for (_, action, outcome), (count, _bytes) in node.truth.items():
        if outcome == "rejected":
            continue
        way, label = ("upload", "") if action.startswith("PUT") else ("download", f'action="{action}",')
        for end in (_NAMES[outcome], "started"):
            family = sums.setdefault(f"{way}_{end}_count", {})
            family[label] = family.get(label, 0) + count
    for name, family in sums.items():
        yield name, [(f'{label}{_PIECESTORE},field="value"', count) for label, count in family.items()]


def _hashstore(node: SimulatedNode, index: int) -> list[tuple[str, float]]:
    disk, label = node.disks[index], _label(node, index)
    live, trash = disk.live[0], disk.trashed
    fields = {
        "LenLogs": live + trash + disk.dead,
        "LenSet": live + trash,
        "LenTrash": trash,
        "NumSet": (live + trash) // node.piece_size,
        "DataReclaimable": disk.dead,
        "Compactions": disk.compactions,
        "TableSize": live // 400,
    }
    return [(f'{label},scope="storj_io_storj_storagenode",field="{name}"', value) for name, value in fields.items()]
