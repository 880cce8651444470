"""A real Mosquitto for tests, and a client that sees what capmqtt hides: retain flag, QoS, properties and the time.

Fixtures (this module is a plugin of tests/conftest.py): `broker` is a fresh one for the test alone; `mosquitto` is one
for the whole run, which pytest-mqtt's `capmqtt` uses, for its own broker would need Docker.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pytest
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions
from pytest_mqtt.model import MqttSettings
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

HOST = "127.0.0.1"


@dataclass
class Mosquitto:
    """One broker on a loopback port that stays the same over restarts; it keeps nothing on disk.

    `users` = name → password (none: anybody may come), `acl` the text of an ACL file, `tls` the folder of `make_tls`,
    `extra` more lines for the configuration.
    """

    folder: Path
    users: dict[str, str] = field(default_factory=dict)
    acl: str | None = None
    tls: Path | None = None
    client_certificates: bool = False
    extra: str = ""
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address as an agent's setting takes it."""
        return f"mqtt{'s' if self.tls else ''}://{HOST}:{self.port}"

    def start(self) -> Self:
        """Start and wait until it answers; again after `stop` or `kill` for a restart."""
        binary = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
        if binary is None:
            pytest.fail("These tests need Mosquitto: apt-get install mosquitto mosquitto-clients.", pytrace=False)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = self.port or free_port()
        configuration = self.folder / "mosquitto.conf"
        configuration.write_text("\n".join(self._lines()) + "\n")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([binary, "-c", str(configuration)], stdout=log, stderr=log)
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        """End it as an administrator would."""
        self._end(kill=False)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(kill=True)

    @property
    def log(self) -> str:
        """What it wrote so far."""
        return (self.folder / "mosquitto.log").read_text()

    def _lines(self) -> Iterator[str]:
        # As root it would become the user mosquitto, who may not read the test's folder.
        yield from (f"listener {self.port} {HOST}", "persistence false", "user root", "log_type all")
        if self.users:
            passwords = self.folder / "passwords"
            passwords.unlink(missing_ok=True)
            for name, password in self.users.items():
                create = ["-c"] if not passwords.exists() else []
                subprocess.run(["mosquitto_passwd", "-b", *create, str(passwords), name, password], check=True)
            yield f"password_file {passwords}"
        yield f"allow_anonymous {'false' if self.users else 'true'}"
        if self.acl is not None:
            (self.folder / "acl").write_text(self.acl)
            yield f"acl_file {self.folder / 'acl'}"
        if self.tls is not None:
            yield from (f"cafile {self.tls / 'ca.pem'}", f"certfile {self.tls / 'server.pem'}")
            yield f"keyfile {self.tls / 'server.key'}"
            yield f"require_certificate {'true' if self.client_certificates else 'false'}"
        yield self.extra

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self._process is not None and self._process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.01)
        pytest.fail(f"Mosquitto does not start:\n{self.log}")

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        process.wait(PATIENCE)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def make_tls(folder: Path) -> Path:
    """A CA (ca.pem), a server for 127.0.0.1 (server.pem, .key) and a client (client.pem, .key), made by openssl."""
    folder.mkdir(parents=True, exist_ok=True)
    _openssl(folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
             "-days", "2", "-subj", "/CN=Test CA")  # fmt: skip
    for name, subject in (("server", "/CN=broker"), ("client", "/CN=agent")):
        (folder / f"{name}.ext").write_text(f"subjectAltName=IP:{HOST}\n")
        _openssl(folder, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
                 "-subj", subject)  # fmt: skip
        _openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                 "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")  # fmt: skip
    return folder


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


class Seen(NamedTuple):
    """One message as it arrived; `at` is monotonic."""

    at: float
    topic: str
    payload: bytes
    retain: bool
    qos: int
    correlation: bytes | None


class Client:
    """An MQTT 5 client beside the agent: subscribed to everything, remembers everything, may publish anything."""

    def __init__(
        self, broker: Mosquitto, *topics: str, username: str | None = None, password: str | None = None
    ) -> None:
        self.seen: list[Seen] = []
        self._topics = topics or ("#",)
        self._paho = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        if username is not None:
            self._paho.username_pw_set(username, password)
        self._paho.reconnect_delay_set(1, 1)
        self._paho.on_connect = self._on_connect
        self._paho.on_message = self._on_message
        self._paho.on_subscribe = self._on_subscribe
        self._port = broker.port
        self._subscribed = False

    def __enter__(self) -> Self:
        self._paho.connect(HOST, self._port)
        self._paho.loop_start()
        until = time.monotonic() + PATIENCE
        while not self._subscribed:
            assert time.monotonic() < until, "the test's own client cannot subscribe"
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()

    def publish(
        self,
        topic: str,
        payload: bytes | str,
        *,
        retain: bool = False,
        response: str | None = None,
        correlation: bytes | None = None,
    ) -> None:
        """Publish with QoS 1 and wait until the broker has it."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if response is not None:
            properties.ResponseTopic = response
        if correlation is not None:
            properties.CorrelationData = correlation
        self._paho.publish(topic, payload, qos=1, retain=retain, properties=properties).wait_for_publish(PATIENCE)

    @property
    def retained(self) -> dict[str, bytes]:
        """What the broker retains now, as far as it was told."""
        found: dict[str, bytes] = {}
        for each in list(self.seen):
            if each.retain and each.payload:
                found[each.topic] = each.payload
            elif each.retain:
                found.pop(each.topic, None)
        return found

    def of(self, topic: str) -> list[Seen]:
        """Messages on a topic, in order."""
        return [each for each in list(self.seen) if each.topic == topic]

    def payloads(self, topic: str) -> list[bytes]:
        """Payloads on a topic, in order."""
        return [each.payload for each in self.of(topic)]

    def _on_connect(self, client: paho.Client, *_: Any) -> None:
        options = SubscribeOptions(qos=1, retainAsPublished=True)
        client.subscribe([(topic, options) for topic in self._topics])

    def _on_subscribe(self, *_: Any) -> None:
        self._subscribed = True

    def _on_message(self, _client: paho.Client, _user: Any, message: paho.MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        seen = Seen(time.monotonic(), message.topic, bytes(message.payload), message.retain, message.qos, correlation)
        self.seen.append(seen)


class Proxy:
    """A line to the broker that can be cut, as networks are: without a word to either side's application."""

    def __init__(self, broker: Mosquitto) -> None:
        self._broker = broker
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await self._server.wait_closed()

    def cut(self) -> None:
        """Break every connection now; new ones are welcome."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _serve(self, near_reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection(HOST, self._broker.port)
        self._writers |= {near, far}
        await asyncio.gather(self._pump(near_reader, far), self._pump(far_reader, near))

    @staticmethod
    async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


async def until(true: Callable[[], object], what: str = "it", seconds: float = PATIENCE) -> None:
    """Wait until something is true, at most so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what} in vain"
        await asyncio.sleep(0.01)


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    """A fresh broker for this test alone."""
    mosquitto = Mosquitto(tmp_path / "mosquitto").start()
    try:
        yield mosquitto
    finally:
        mosquitto.stop()


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    """One broker for the whole run, in the place of pytest-mqtt's."""
    running = Mosquitto(tmp_path_factory.mktemp("mosquitto")).start()
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def mqtt_settings(mosquitto: Mosquitto, pytestconfig: pytest.Config) -> MqttSettings:
    """Where `capmqtt` finds the broker: its `mqtt_host` and `mqtt_port` options are set to ours."""
    pytestconfig.option.mqtt_host, pytestconfig.option.mqtt_port = HOST, mosquitto.port
    return MqttSettings(HOST, mosquitto.port, "guest", "guest", subscribe_all=True)
