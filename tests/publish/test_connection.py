from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from tests.mosquitto import HOST, Mosquitto, free_port, make_tls, until

from storj_monitor.publish.connection import Broker, BrokerError, Connection, Message, probe
from storj_monitor.settings.model import MqttSettings

ME = "storj-monitor-test"


async def test_a_connection_lives_and_ends(broker: Mosquitto) -> None:
    got: list[Message] = []
    one, two = (Connection(Broker(HOST, broker.port), f"{ME}-{n}", got.append) for n in (1, 2))
    await one.open()
    await two.open()
    assert not (await one.subscribe("a/#")).refused
    assert (await two.publish("a/b", b"1", retain=True, correlation=b"x")).code == 0
    await until(lambda: got)
    assert got == [Message("a/b", b"1", retain=False, correlation=b"x")]
    assert not (await one.unsubscribe("a/#")).refused
    broker.kill()
    await asyncio.wait_for(one.gone, 5)
    assert one.reason
    assert one.publish("a/b", b"2", retain=False).cancelled()
    assert one.subscribe("a/b").cancelled()
    assert one.unsubscribe("a/b").cancelled()
    await one.close()
    await two.close()


async def test_waiting_for_an_answer_ends_with_the_connection(broker: Mosquitto) -> None:
    connection = Connection(Broker(HOST, broker.port), ME, lambda _: None)
    await connection.open()
    answer = connection.publish("a", b"1", retain=False)
    await connection.close()
    with pytest.raises(asyncio.CancelledError):
        await connection.publish("a", b"2", retain=False)
    assert answer.done()


async def test_a_silent_broker_does_not_hold_up_a_stop() -> None:
    with socket.create_server((HOST, 0)) as silent:
        connection = Connection(Broker(HOST, silent.getsockname()[1]), ME, lambda _: None)
        opening = asyncio.create_task(connection.open())
        await asyncio.sleep(0.2)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(opening, 10)


async def test_why_a_broker_cannot_be_reached(tmp_path: Path) -> None:
    assert "Connection refused" in (await probe(Broker(HOST, free_port()), ME) or "")
    assert "cannot be reached" in (await probe(Broker("broker.invalid", 1883), ME) or "")
    secured = Mosquitto(tmp_path / "m", users={"agent": "secret"}).start()
    try:
        said = await probe(Broker(HOST, secured.port, username="agent", password="wrong"), ME)
        assert said == f"The MQTT broker 127.0.0.1:{secured.port} cannot be reached: not authorized."
        assert await probe(Broker(HOST, secured.port, username="agent", password="secret"), ME) is None
    finally:
        secured.stop()


# paho leaves the socket of a refused certificate to the garbage collector.
@pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
async def test_tls_with_client_certificates(tmp_path: Path) -> None:
    keys = make_tls(tmp_path / "tls")
    broker = Mosquitto(tmp_path / "m", tls=keys, client_certificates=True).start()
    ours = MqttSettings(
        url=broker.url, ca_file=keys / "ca.pem", cert_file=keys / "client.pem", key_file=keys / "client.key"
    )
    try:
        assert await probe(Broker.of(ours), ME) is None
        assert "certificate verify failed" in (await probe(Broker.of(MqttSettings(url=broker.url)), ME) or "")
        without = await probe(Broker.of(MqttSettings(url=broker.url, ca_file=keys / "ca.pem")), ME)
        assert without is not None
        missing = Broker.of(MqttSettings(url=broker.url, ca_file=tmp_path / "none.pem"))
        assert "certificates for the MQTT broker cannot be used" in (await probe(missing, ME) or "")
    finally:
        broker.stop()


def test_the_settings_say_it_all() -> None:
    broker = Broker.of(MqttSettings(url="mqtts://u:p%40@[::1]"))
    assert broker == Broker("::1", 8883, tls=True, username="u", password="p@")
    assert broker.label == "::1:8883"
    with pytest.raises(ValueError, match="no broker"):
        Broker.of(MqttSettings())
    with pytest.raises(BrokerError, match="cannot be used"):
        Broker("h", 1, tls=True, ca_file=Path("/none")).context()
