"""A real Home Assistant: started headless, onboarded by its HTTP API, asked over its WebSocket, its database read."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from pathlib import Path

from tests.mosquitto import HOST, Mosquitto, free_port

START = 300.0
"""Seconds that a first start may take: it installs what its integrations need."""
CLIENT = "http://127.0.0.1/"
NOISE = ("aiohttp_fast_zlib", "homeassistant.components.camera", "homeassistant.components.stream")
"""Loggers whose start-up notes are about parts of this machine."""
CONFIGURATION = """\
homeassistant: {{name: Test, latitude: 52, longitude: 13, elevation: 40, time_zone: UTC, currency: USD, country: DE}}
http: {{server_host: 127.0.0.1, server_port: {port}}}
config:
onboarding:
history:
persistent_notification:
recorder: {{commit_interval: 1}}
logger: {{default: warning}}
automation: !include automations.yaml
"""


class HomeAssistant:
    """One instance in `folder`; `program` is its command `hass`, `automations` the text of automations.yaml."""

    def __init__(self, program: Path, folder: Path, automations: str = "[]") -> None:
        self._program, self.folder = program, folder
        self._port = free_port()
        self._url = f"http://{HOST}:{self._port}"
        self._token = ""
        self._asked = 0
        folder.mkdir(parents=True)
        (folder / "configuration.yaml").write_text(CONFIGURATION.format(port=self._port))
        (folder / "automations.yaml").write_text(automations)

    async def start(self) -> Self:
        """Start, onboard at the first time, and open the WebSocket."""
        with (self.folder / "output.log").open("ab") as output:
            command = [str(self._program), "--config", str(self.folder)]
            self._process = subprocess.Popen(command, stdout=output, stderr=output)  # noqa: ASYNC220 - forks at once
        self._session = aiohttp.ClientSession()
        async with asyncio.timeout(START):
            while not await self._answers():
                assert self._process.poll() is None, (self.folder / "output.log").read_text()
                await asyncio.sleep(0.5)
        self._token = self._token or await self._onboard()
        self._socket = await self._session.ws_connect(f"{self._url}/api/websocket", max_msg_size=0)
        await self._socket.receive_json()
        await self._socket.send_json({"type": "auth", "access_token": self._token})
        assert (await self._socket.receive_json())["type"] == "auth_ok"
        return self

    async def stop(self) -> None:
        """End it as systemd would."""
        await self._socket.close()
        await self._session.close()
        self._process.terminate()
        await asyncio.to_thread(self._process.wait, 60)

    async def add_mqtt(self, broker: Mosquitto, username: str, password: str) -> None:
        """What a user does at Settings → Devices & services → Add → MQTT."""
        flow = await self._post("/api/config/config_entries/flow", {"handler": "mqtt"})
        while flow["type"] == "menu":
            flow = await self._post(f"/api/config/config_entries/flow/{flow['flow_id']}", {"next_step_id": "broker"})
        given = {"broker": HOST, "port": broker.port, "username": username, "password": password}
        done = await self._post(f"/api/config/config_entries/flow/{flow['flow_id']}", given)
        assert done["type"] == "create_entry", done

    async def ask(self, kind: str, **args: Any) -> Any:
        """One WebSocket command; its result."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "type": kind, **args})
        async with asyncio.timeout(30):
            while (answer := await self._socket.receive_json())["id"] != self._asked:
                pass
        assert answer["success"], answer
        return answer["result"]

    async def call(self, service: str, entity: str) -> None:
        """Press, switch or set something."""
        domain, _, name = service.partition(".")
        await self.ask("call_service", domain=domain, service=name, target={"entity_id": entity})

    async def states(self) -> dict[str, dict[str, Any]]:
        """Entity ID → state, attributes."""
        return {each["entity_id"]: each for each in await self.ask("get_states")}

    async def render(self, template: str) -> str:
        """A template as a card would show it."""
        async with self._session.post(
            f"{self._url}/api/template", json={"template": template}, headers=self._headers
        ) as answer:
            text = await answer.text()
            assert answer.status == 200, text
            return text

    def rows(self) -> dict[str, int]:
        """Entity ID → rows that the recorder wrote."""
        query = (
            "SELECT m.entity_id, count(*) FROM states s JOIN states_meta m ON s.metadata_id = m.metadata_id GROUP BY 1"
        )
        with closing(sqlite3.connect(self.folder / "home-assistant_v2.db")) as database:
            return dict(database.execute(query))

    def first_and_last(self, entity: str) -> tuple[float, float]:
        """The first and the last number that the recorder wrote of an entity."""
        query = (
            "SELECT s.state FROM states s JOIN states_meta m ON s.metadata_id = m.metadata_id"
            " WHERE m.entity_id = ? AND s.state NOT IN ('unknown', 'unavailable') ORDER BY s.last_updated_ts"
        )
        with closing(sqlite3.connect(self.folder / "home-assistant_v2.db")) as database:
            values = [float(state) for (state,) in database.execute(query, (entity,))]
        return values[0], values[-1]

    def complaints(self) -> list[str]:
        """Warnings and errors of its log, but those of its own start."""
        lines = re.findall(
            r"(?m)^\S+ \S+ (?:WARNING|ERROR|CRITICAL) .*", (self.folder / "home-assistant.log").read_text()
        )
        return [line for line in lines if not any(f"[{noise}" in line for noise in NOISE)]

    # ---- onboarding ----

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    async def _answers(self) -> bool:
        try:
            async with self._session.get(f"{self._url}/api/onboarding") as answer:
                return answer.status in {200, 404}
        except aiohttp.ClientError:
            return False

    async def _onboard(self) -> str:
        user = {"client_id": CLIENT, "name": "Test", "username": "test", "password": "secret", "language": "en"}
        code = (await self._post("/api/onboarding/users", user))["auth_code"]
        grant = {"client_id": CLIENT, "grant_type": "authorization_code", "code": code}
        async with self._session.post(f"{self._url}/auth/token", data=grant) as answer:
            token: str = (await answer.json())["access_token"]
            return token

    async def _post(self, path: str, body: dict[str, Any]) -> Any:
        async with self._session.post(self._url + path, json=body, headers=self._headers) as answer:
            text = await answer.text()
            assert answer.status == 200, (path, answer.status, text)
            return await answer.json()
