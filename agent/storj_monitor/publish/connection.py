"""One connection to the broker, from CONNACK to its loss: paho's thread on one side, the event loop on the other.

Each connection has a paho client of its own, so that nothing half sent of the last one goes out before what is true.
The session is resumed (no clean start) and lives on for a minute, else a broker would send the will at once; the will
says `offline` after half a minute, so that a short loss is not told to anybody.

MonitorError
└── BrokerError     the broker cannot be reached, or did not let us in: one sentence
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from storj_monitor.core.errors import MonitorError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from paho.mqtt.reasoncodes import ReasonCode

    from storj_monitor.settings.model import MqttSettings

KEEPALIVE = 30
WILL_DELAY = 30
SESSION_EXPIRY = 60
PACKET_MAX = 128 * 1024
"""The largest message the broker may send us; commands and questions are far smaller."""
OPEN_TIMEOUT = 40.0
CLOSE_TIMEOUT = 3.0
FAILURE = 0x80
"""Reason codes from here on are refusals."""


class BrokerError(MonitorError):
    """Why the broker cannot be used, in one sentence."""


class Message(NamedTuple):
    """What the broker sent; `response_topic` and `correlation` belong to MQTT 5 requests."""

    topic: str
    payload: bytes
    retain: bool
    response_topic: str | None = None
    correlation: bytes | None = None


class Broker(NamedTuple):
    """Where the broker is and how to get in."""

    host: str
    port: int
    tls: bool = False
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None

    @classmethod
    def of(cls, settings: MqttSettings) -> Self:
        """The broker of the settings; ValueError without a url."""
        host, port, tls = settings.address
        password = settings.password.get_secret_value() if settings.password is not None else None
        return cls(
            host, port, tls, settings.username, password, settings.ca_file, settings.cert_file, settings.key_file
        )

    @property
    def label(self) -> str:
        """How people are told of it; never with the password."""
        return f"{self.host}:{self.port}"

    def context(self) -> ssl.SSLContext:
        """TLS as set; BrokerError when a certificate cannot be used."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
            if self.ca_file is not None:
                # A CA of one's own is mostly made without the extension that Python asks for since 3.13.
                context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            if self.cert_file is not None:
                context.load_cert_chain(self.cert_file, self.key_file)
        except OSError as error:  # ssl.SSLError is one
            raise BrokerError(f"The certificates for the MQTT broker cannot be used: {error}.") from None
        return context


class Reason(NamedTuple):
    """The broker's answer to one message or subscription."""

    code: int
    text: str

    @property
    def refused(self) -> bool:
        """Whether the broker did not do it."""
        return self.code >= FAILURE


class Connection:
    """One connection. `open` it, then `publish` and `subscribe` until `gone` is done (`reason`: why); then `close` it.

    `received` gets every message; `will_topic` is where the broker says `offline` when we do not come back.
    """

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        received: Callable[[Message], None],
        *,
        will_topic: str | None = None,
        packet_max: int = PACKET_MAX,
    ) -> None:
        self.reason: str | None = None
        self._broker = broker
        self._client_id = client_id
        self._will_topic = will_topic
        self._packet_max = packet_max
        self._received = received
        self._waiting: dict[int, asyncio.Future[Reason]] = {}

    async def open(self) -> None:
        """Connect; BrokerError when that fails. Nothing is left running then."""
        self._loop = asyncio.get_running_loop()
        self.gone: asyncio.Future[None] = self._loop.create_future()
        self._up: asyncio.Future[None] = self._loop.create_future()
        self._client = self._make()
        self._client.loop_start()
        try:
            await asyncio.wait({self._up, self.gone}, timeout=OPEN_TIMEOUT, return_when="FIRST_COMPLETED")
        except asyncio.CancelledError:
            await self.close()
            raise
        if not self._up.done():
            reason = self.reason or "no answer"
            await self.close()
            raise BrokerError(f"The MQTT broker {self._broker.label} cannot be reached: {reason}.")

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        retain: bool,
        correlation: bytes | None = None,
        response_topic: str | None = None,
    ) -> asyncio.Future[Reason]:
        """Send with QoS 1; the future gets the broker's answer and is cancelled when the connection is lost."""
        properties = _properties(PacketTypes.PUBLISH, CorrelationData=correlation, ResponseTopic=response_topic)
        if self.gone.done():
            return self._cancelled()
        sent = self._client.publish(topic, payload, qos=1, retain=retain, properties=properties)
        return self._wait_for(sent.mid)

    def subscribe(self, topic: str, *, as_published: bool = False) -> asyncio.Future[Reason]:
        """Subscribe with QoS 1 to what others send.

        A message's `retain` says that it lay there before we came, or, `as_published`, that it will stay there.
        """
        options = SubscribeOptions(qos=1, noLocal=True, retainAsPublished=as_published)
        _, mid = self._client.subscribe(topic, options=options) if not self.gone.done() else (None, None)
        return self._wait_for(mid) if mid is not None else self._cancelled()

    def unsubscribe(self, topic: str) -> asyncio.Future[Reason]:
        """Take a subscription back."""
        _, mid = self._client.unsubscribe(topic) if not self.gone.done() else (None, None)
        return self._wait_for(mid) if mid is not None else self._cancelled()

    async def close(self) -> None:
        """Disconnect in good order, which discards the will and the session, and wait for paho's thread."""
        self._client.disconnect(properties=_properties(PacketTypes.DISCONNECT, SessionExpiryInterval=0))
        stopping = asyncio.ensure_future(asyncio.to_thread(self._client.loop_stop))
        done, _ = await asyncio.wait({stopping}, timeout=CLOSE_TIMEOUT)
        if not done:
            self._cut()
            await stopping
        self._gone("closed")

    # ---- paho's side: its thread ----

    def _make(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        if self._broker.username is not None:
            client.username_pw_set(self._broker.username, self._broker.password)
        if self._broker.tls:
            client.tls_set_context(self._broker.context())
        if self._will_topic is not None:
            delay = _properties(PacketTypes.WILLMESSAGE, WillDelayInterval=WILL_DELAY)
            client.will_set(self._will_topic, b"offline", qos=1, retain=True, properties=delay)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_answer
        client.on_subscribe = self._on_answers
        client.on_unsubscribe = self._on_answers
        session = _properties(
            PacketTypes.CONNECT, SessionExpiryInterval=SESSION_EXPIRY, MaximumPacketSize=self._packet_max
        )
        client.connect_async(
            self._broker.host, self._broker.port, keepalive=KEEPALIVE, clean_start=False, properties=session
        )
        return client

    def _hop(self, callback: Callable[..., None], *args: Any) -> None:
        self._loop.call_soon_threadsafe(callback, *args)

    def _on_connect(self, _c: paho.Client, _u: Any, _f: Any, reason: ReasonCode, _p: Any) -> None:
        if reason.is_failure:
            self._hop(self._gone, str(reason).lower())
        else:
            self._hop(self._arrived)

    def _on_connect_fail(self, _c: paho.Client, _u: Any) -> None:
        # paho calls this inside its `except OSError`, the only place where the cause is to be had.
        cause = sys.exc_info()[1]
        self._hop(self._gone, str(cause) if cause is not None else "no connection")

    def _on_disconnect(self, _c: paho.Client, _u: Any, _f: Any, reason: ReasonCode, _p: Any) -> None:
        self._hop(self._gone, str(reason).lower())

    def _on_message(self, _c: paho.Client, _u: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:  # an exception here would end paho's thread without a word
            return
        properties = message.properties
        response = getattr(properties, "ResponseTopic", None)
        correlation = getattr(properties, "CorrelationData", None)
        found = Message(topic, bytes(message.payload), message.retain, response, correlation)
        self._hop(self._received, found)

    def _on_answer(self, _c: paho.Client, _u: Any, mid: int, reason: ReasonCode, _p: Any) -> None:
        self._hop(self._answered, mid, Reason(reason.value, str(reason)))

    def _on_answers(self, _c: paho.Client, _u: Any, mid: int, reasons: list[ReasonCode], _p: Any) -> None:
        worst = max(reasons, key=lambda reason: reason.value, default=None)
        self._hop(self._answered, mid, Reason(worst.value, str(worst)) if worst is not None else Reason(0, "Success"))

    # ---- our side: the event loop ----

    def _arrived(self) -> None:
        if not self._up.done():
            self._up.set_result(None)

    def _gone(self, reason: str) -> None:
        if not self.gone.done():
            self.reason = reason
            self.gone.set_result(None)
        waiting, self._waiting = self._waiting, {}
        for future in waiting.values():
            future.cancel()

    def _answered(self, mid: int, reason: Reason) -> None:
        future = self._waiting.pop(mid, None)
        if future is not None and not future.done():
            future.set_result(reason)

    def _wait_for(self, mid: int) -> asyncio.Future[Reason]:
        future: asyncio.Future[Reason] = self._loop.create_future()
        self._waiting[mid] = future
        return future

    def _cancelled(self) -> asyncio.Future[Reason]:
        future: asyncio.Future[Reason] = self._loop.create_future()
        future.cancel()
        return future

    def _cut(self) -> None:
        """Let paho's thread off a dead line."""
        line = self._client.socket()
        if isinstance(line, socket.socket):
            with contextlib.suppress(OSError):  # it may be closed in between, which is what is wanted
                line.shutdown(socket.SHUT_RDWR)


def _properties(packet: int, **values: int | bytes | str | None) -> Properties:
    properties = Properties(packet)  # type: ignore[no-untyped-call]  # paho types its callers only
    for name, value in values.items():
        if value is not None:
            setattr(properties, name, value)
    return properties


async def probe(broker: Broker, client_id: str) -> str | None:
    """Try to connect once: None when the broker lets us in, else why not, in one sentence."""
    connection = Connection(broker, f"{client_id}-check", lambda _: None)
    try:
        await connection.open()
    except BrokerError as error:
        return str(error)
    await connection.close()
    return None
