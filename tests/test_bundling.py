"""Nothing that tells who or where somebody is leaves by a bundle: it is planted everywhere, and looked for."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.integration.rig import Clock, line, running, settle

from storj_monitor import bundling
from storj_monitor.redaction import Redactor
from storj_monitor.settings import NodeSettings, load

if TYPE_CHECKING:
    from pathlib import Path

WALLET = "0x52908400098527886E0F7030069857D2E4169EE7"
EMAIL = "hedwig.operator@example.org"
TOKEN = "tk-Zq8w7vX2mN4bK6jH9sD1"
PASSWORD = "correct horse battery"
NODE_ID = "12gK1VjxHdRiPXsRRwUb8dBMv3XNQkB9iXoGg1vWoFzDj2Fexmp"
PLANTED = (
    *(WALLET, EMAIL, "hedwig", TOKEN, PASSWORD, NODE_ID, "203.0.113.77", "2001:db8:12:34::77", "::77", "28967"),
    *("my-nas.dyndns.example", "broker.hedwig.lan", "hedwigs-keller", "secret-user"),
)
HOSTILE = (
    f"wallet {WALLET} mail <{EMAIL}> at 203.0.113.77:28967 and [2001:db8:12:34::77]:28967 "
    f"or my-nas.dyndns.example:28967 "
    f"token={TOKEN} node {NODE_ID} https://hedwig:{TOKEN}@my-nas.dyndns.example/x?t={TOKEN} /home/hedwig/storj ::77"
)


def plant(folder: Path) -> Path:
    """A log whose unknown lines and errors tell everything."""
    log = folder / "node.log"
    stamp = "2026-11-23T11:59:00Z"
    lines = [
        line(-60),
        f"{stamp}\tERROR\tsomething:new\t{HOSTILE}\n".encode(),
        f'{stamp}\tERROR\tpiecestore\tdownload failed\t{{"error": "{HOSTILE}", "Piece ID": "x"}}\n'.encode(),
        f"{HOSTILE}\n".encode(),
    ]
    log.write_bytes(b"".join(lines))
    return log


async def test_what_is_planted_everywhere_is_in_no_file_of_the_zip(tmp_path: Path) -> None:
    log, clock = plant(tmp_path), Clock()
    file = tmp_path / "settings.toml"
    file.write_text(
        f'[mqtt]\nurl = "mqtt://broker.hedwig.lan"\nusername = "secret-user"\npassword = "{PASSWORD}"\n'
        f'[bridge]\ntoken = "{TOKEN}"\n'
        f'[nodes.hedwigs-keller]\nlog = "{log}"\nwallet = "{WALLET}"\nnode_id = "{NODE_ID}"\n'
        f'[notify.routes.me]\nurl = "mailtos://hedwig:{TOKEN}@example.org?to={EMAIL}"\n'
    )
    given_settings = load(file, {}, {})
    nodes = {"hedwigs-keller": NodeSettings(log=str(log), node_id=NODE_ID)}
    async with running(tmp_path / "data", nodes, clock, agent={"name": "hedwig-pi"}) as app:
        await settle(app)
        clock.at += 60
        await app._engine.tick()
        board, lines = await bundling.of_agent(app.url, None)
    for node in lines.values():
        assert all(node.values()), "the unknown lines and errors are there"
    alert = {"severity": "critical", "rule": "node_down", "text": HOSTILE, HOSTILE: 1}
    board["storj-monitor/hedwig-pi/hedwigs-keller/alerts"] = [alert]
    checked = [HOSTILE, "FAIL broker: mqtt://broker.hedwig.lan refuses secret-user"]
    stopped = await bundling.of_folder(tmp_path / "data")
    for seen in ((board, lines), stopped):
        packed, report = bundling.pack(*seen, checked, bundling.redactor(board, given_settings))
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            texts = {name: archive.read(name).decode() for name in archive.namelist()}
        assert set(texts) == {"report.md", "board.json", "lines.json", "check.txt"}
        for name, text in texts.items():
            assert [each for each in PLANTED if each.lower() in text.lower()] == [], name
        assert "### node-1" in report
        assert "FAIL broker: mqtt://<address> refuses <username>" in report
        assert "unknown: " in report
    assert "critical" in bundling.pack(board, lines, None, bundling.redactor(board, None))[1]


@given(
    st.lists(
        st.one_of(
            st.ip_addresses(v=4).map(str),
            st.ip_addresses(v=6).filter(lambda each: len(str(each)) > 4).map(str),
            st.emails(),
            st.from_regex(r"0x[0-9a-f]{40}", fullmatch=True),
            st.from_regex(r"[a-z]{3,9}[0-9][A-Za-z0-9_-]{16,40}", fullmatch=True),
            st.from_regex(r"[a-z]{4,12}\.[a-z]{3,9}\.(de|com|lan|example)", fullmatch=True),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([" ", ", ", '": "', " (", "=", "\n"]),
)
def test_no_kind_of_secret_comes_through(secrets: list[str], between: str) -> None:
    seen = Redactor({}).text(
        f"dial{between}{between.join(secrets)} refused after 12 s by 1.162.3 in node.log of us1.storj.io"
    )
    assert all(each not in seen for each in secrets), seen
    assert "refused after 12 s by 1.162.3 in node.log of us1.storj.io" in seen
