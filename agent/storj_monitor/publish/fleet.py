"""The other agents of the broker, on this agent's board: any agent's viewer shows the whole fleet.

A connection of its own, which writes no state. It learns who is there from `status` and `about`, then asks for the
topics of a few agents after the other: a broker that has to send ten thousand retained messages at once drops most of
them (Mosquitto keeps 1 000 for a client). History and actions go to the agent that owns them by MQTT 5 `ask`, bounded
and timed out with a sentence (agent/docs/contract.md, "Commands"). Agents that are offline stay, greyed by the page,
until they are forgotten: their devices first, then, when Home Assistant has let go of them, their topics.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from storj_monitor.core.errors import UNREADABLE, CommandError
from storj_monitor.publish import topics
from storj_monitor.publish.claim import instance_of
from storj_monitor.publish.connection import Broker, BrokerError, Connection
from storj_monitor.publish.forgetting import Announced, clear, configs
from storj_monitor.store.connect import finish

if TYPE_CHECKING:
    from collections.abc import Callable

    from storj_monitor.board import Board
    from storj_monitor.publish.connection import Message, Reason
    from storj_monitor.settings.model import MqttSettings

_log = logging.getLogger(__name__)

FIRST = ("status", "about", "alerts")
REST = ("+/state", "+/alerts", "+/thresholds", "+/satellite/+/state")
PACKET_MAX = 512 * 1024
"""Answers to `ask` are at most 256 KiB."""
TOPICS_MAX, BYTES_MAX = 50_000, 128 << 20
"""A fleet of 5 000 nodes, each topic 3 kB; whoever writes more than that to a broker does not mean us."""
BACKOFF = (1.0, 60.0)
PER_NODE, AT_ONCE = 9, 500
"""Retained messages of a node with its satellites, and how many are asked for at once: half of what brokers keep."""
QUIET = 0.03
SETTLE = 2.0
"""Seconds: when nothing came for so long an agent's retained topics are all here; how long that may take at most."""
ANSWER = 10.0
ASKED_MAX = 64
"""Questions under way."""
CACHED = 15.0
CACHE_MAX = 64
KEPT_ANSWERS = frozenset({"history", "transfers", "payouts", "forecast", "report", "compactions", "online_windows"})
"""Asked again and again by every page that is open; an answer is good for `CACHED` seconds."""

_encode = msgspec.json.Encoder().encode


class Fleet:
    """Fills `board` with the topics of other agents. `own` is this agent's name now; `run` never ends by itself.

    `watch` is told each `status` of another agent: name and whether it is online, None when it was forgotten.
    """

    def __init__(
        self,
        settings: MqttSettings,
        board: Board,
        own: Callable[[], str],
        instance: str,
        *,
        now: Callable[[], float],
        watch: Callable[[str, bool | None], None],
    ) -> None:
        self._settings = settings
        self._board = board
        self._own = own
        self._instance = instance
        self._now = now
        self._watch = watch
        self._replies = f"{topics.REPLIES}{instance}-{secrets.token_hex(4)}"
        self._connection: Connection | None = None
        self._waiting: dict[bytes, asyncio.Future[Any]] = {}
        self._answers: dict[bytes, tuple[float, Any]] = {}
        self._renewed = asyncio.Event()
        self._foreign: dict[str, int] = {}  # the bytes of each topic
        self._bytes = 0
        self._crowded = False
        self._in_sight = False
        self._forgetting = asyncio.Lock()
        self._announced: Announced | None = None

    # ---- for the owner ----

    @property
    def agents(self) -> list[str]:
        """Every other agent that the board has, by name."""
        return sorted({topic.split("/", 2)[1] for topic in self._foreign})

    def renew(self) -> None:
        """This agent's name has changed: look at everything again."""
        self._renewed.set()

    async def run(self) -> None:
        """Stay connected and follow."""
        delay, said = BACKOFF[0], False
        while True:
            try:
                await self._once()
                delay, said = BACKOFF[0], False
            except BrokerError as error:
                if not said:
                    _log.warning("The fleet is not in sight: %s", error)
                said = True
            await asyncio.sleep(delay)
            delay = min(2 * delay, BACKOFF[1])

    async def ask(self, agent: str, cmd: str, args: dict[str, Any]) -> Any:
        """What another agent answers. Raises CommandError: its own refusal, or that it did not answer."""
        question = _encode({"cmd": cmd, "args": args})
        key = agent.encode() + b"\n" + question
        if cmd in KEPT_ANSWERS and (kept := self._answers.get(key)) and 0 <= self._now() - kept[0] < CACHED:
            return kept[1]
        answer = await self._ask(agent, question)
        if cmd in KEPT_ANSWERS:
            while len(self._answers) >= CACHE_MAX:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = self._now(), answer
        return answer

    async def forget(self, agent: str) -> None:
        """Take an agent that is offline out of Home Assistant, off the broker and off the board.

        Raises CommandError: it is online, or comes while this is done, or the broker refuses.
        """
        if agent not in self.agents:
            raise CommandError("bad_argument", f"No agent is called {agent!a}.")
        connection = self._connection
        if connection is None or not self._in_sight:
            raise CommandError("unavailable", "The broker is not connected, or only just; try again in a moment.")
        if agent in self._here and agent not in self._read:
            raise CommandError("unavailable", f"What {agent} has said is still being read; try again in a moment.")
        await finish(self._forget(agent, connection))

    async def _forget(self, agent: str, connection: Connection) -> None:
        """Home Assistant's devices first; the topics that they read follow when it has let go of them."""
        async with self._forgetting:
            refused = await self._withdraw(agent, connection)
            refused |= await clear(connection, self._topics_of(agent))
        if connection.gone.done():
            raise CommandError("unavailable", f"The broker went away; forget {agent} once more.")
        for topic in self._topics_of(agent):
            if topic not in refused:
                self._drop(topic)
        if refused:
            topic, reason = next(iter(refused.items()))
            raise CommandError(
                "not_allowed",
                f"The broker does not let this agent empty {len(refused)} topics, {topic} for one "
                f"({reason.text.lower()}); let its user write there, or do it with mosquitto_pub -r -n -t TOPIC.",
            )
        self._watch(agent, None)

    async def _withdraw(self, agent: str, connection: Connection) -> dict[str, Reason]:
        """Take its devices away and wait, unless it is (or comes) online; what the broker refused."""
        self._refuse_if_online(agent)
        self._announced = announced = Announced(connection, agent)
        try:
            await announced.read(configs(self._board.snapshot(), agent, self._settings.discovery_prefix))
            self._refuse_if_online(agent)
            refused = await announced.empty()
            await asyncio.sleep(SETTLE)
            if self._is_online(agent):
                await announced.restore()
            self._refuse_if_online(agent)
        finally:
            await announced.close()
            self._announced = None
        return refused

    def _is_online(self, agent: str) -> bool:
        return bool(self._board.get(topics.status(agent)) == "online")

    def _refuse_if_online(self, agent: str) -> None:
        if self._is_online(agent):
            raise CommandError("not_allowed", f"{agent} is online; stop it first, or it says everything again.")

    def _topics_of(self, agent: str) -> list[str]:
        return [topic for topic in self._foreign if topic.startswith(f"{topics.agent(agent)}/")]

    async def _ask(self, agent: str, question: bytes) -> Any:
        connection = self._connection
        if connection is None or not self._is_online(agent):
            raise CommandError("unavailable", f"{agent} is offline; its history is only on that host.")
        if len(self._waiting) >= ASKED_MAX:
            raise CommandError("unavailable", "Too many questions to other agents are under way; ask again.")
        token = secrets.token_bytes(8)
        future = self._waiting[token] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER):
                await connection.publish(
                    topics.ask(agent), question, retain=False, correlation=token, response_topic=self._replies
                )
                return await future
        except (TimeoutError, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and not connection.gone.done():
                raise
            raise CommandError("unavailable", f"{agent} did not answer within {ANSWER:.0f} s.") from None
        finally:
            self._waiting.pop(token, None)

    # ---- one connection ----

    async def _once(self) -> None:
        client = f"storj-monitor-{self._instance}-fleet"
        connection = Connection(Broker.of(self._settings), client, self._received, packet_max=PACKET_MAX)
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._here: dict[str, set[str]] = {}
        self._read: set[str] = set()
        self._heard = asyncio.Event()
        self._renewed.clear()
        await connection.open()
        self._connection = connection
        following = asyncio.ensure_future(self._follow(connection))
        renewed = asyncio.ensure_future(self._until_renewed())
        try:
            await asyncio.wait({connection.gone, following, renewed}, return_when=asyncio.FIRST_COMPLETED)
            # A connection that is lost cancels what waits for it.
            if following.done() and not following.cancelled():
                following.result()
        finally:
            self._connection, self._in_sight = None, False
            for task in (following, renewed):
                task.cancel()
            await asyncio.gather(following, renewed, return_exceptions=True)
            await connection.close()
            self._all_out_of_sight()

    async def _until_renewed(self) -> None:
        await self._renewed.wait()

    async def _follow(self, connection: Connection) -> None:
        await self._subscribe(connection, self._replies)
        for kind in FIRST:
            await self._subscribe(connection, f"{topics.ROOT}/+/{kind}")
            await self._settled()
        self._in_sight = True
        while True:
            agents = await self._some_agents()
            for agent in agents:
                for part in REST:
                    await self._subscribe(connection, f"{topics.agent(agent)}/{part}")
            await self._settled()
            for agent in agents:
                self._sweep(agent)
                self._read.add(agent)

    async def _some_agents(self) -> list[str]:
        """The next agents: one at least, and not more than the broker can send at once."""
        agents = [await self._queue.get()]
        expected = self._expected(agents[0])
        while not self._queue.empty() and expected < AT_ONCE:
            agents.append(self._queue.get_nowait())
            expected += self._expected(agents[-1])
        return agents

    def _expected(self, agent: str) -> int:
        """About how many messages an agent retains."""
        nodes = (self._board.get(topics.about(agent)) or {}).get("nodes")
        return PER_NODE * nodes if isinstance(nodes, int) else PER_NODE

    async def _subscribe(self, connection: Connection, topic: str) -> None:
        reason = await connection.subscribe(topic)
        if reason.refused:
            raise BrokerError(f"The broker does not let this agent read {topic}: {reason.text}.")

    async def _settled(self) -> None:
        """Wait until the retained messages of the last subscription have come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE):
                while await self._heard_more():
                    pass

    async def _heard_more(self) -> bool:
        self._heard.clear()
        try:
            async with asyncio.timeout(QUIET):
                return await self._heard.wait()
        except TimeoutError:
            return False

    def _sweep(self, agent: str) -> None:
        """What an earlier connection had seen of an agent and this one has not is gone."""
        here = self._here.get(agent, set())
        for topic in [each for each in self._foreign if each.startswith(f"{topics.agent(agent)}/")]:
            if topic not in here:
                self._drop(topic)

    def _all_out_of_sight(self) -> None:
        for agent in self.agents:
            topic = topics.status(agent)
            if topic in self._foreign:
                self._board.set(topic, "offline")

    # ---- in ----

    def _received(self, message: Message) -> None:
        self._heard.set()
        if message.topic == self._replies:
            self._answered(message)
            return
        if self._announced is not None and self._announced.take(message):
            return
        agent = message.topic.split("/", 2)[1]
        place = topics.place(message.topic, agent)
        if place is None or agent == self._own():
            return
        if place.kind == "about" and instance_of(message.payload) == self._instance:
            return  # our own, under a name that we gave up
        if agent not in self._here:
            self._here[agent] = set()
            self._queue.put_nowait(agent)
        self._take(message, agent, place.kind)

    def _take(self, message: Message, agent: str, kind: str) -> None:
        if not message.payload:
            self._here[agent].discard(message.topic)
            self._drop(message.topic)
            return
        value = _value(message.payload, kind)
        if value is None or not self._has_room(message):
            return
        self._here[agent].add(message.topic)
        self._board.put(message.topic, value, message.payload)
        if kind == "status":
            self._watch(agent, value == "online")

    def _has_room(self, message: Message) -> bool:
        """Count a topic; what is beyond the limits is left out, which is said once."""
        before, now = self._foreign.get(message.topic), len(message.payload)
        total = self._bytes - (before or 0) + now
        if (before is None and len(self._foreign) >= TOPICS_MAX) or total > BYTES_MAX:
            if not self._crowded:
                _log.warning("Other agents say more than fits here; %s and more are left out.", message.topic)
            self._crowded = True
            return False
        self._foreign[message.topic], self._bytes = now, total
        return True

    def _drop(self, topic: str) -> None:
        self._bytes -= self._foreign.pop(topic, 0)
        self._board.remove(topic)

    def _answered(self, message: Message) -> None:
        future = self._waiting.get(message.correlation or b"")
        if future is None or future.done():
            return
        try:
            answer = msgspec.json.decode(message.payload, type=dict[str, Any])
        except UNREADABLE:
            answer = {}
        if answer.get("ok") is True:
            future.set_result(answer.get("result"))
            return
        error = answer.get("error")
        said = error if isinstance(error, dict) else {}
        code, text = str(said.get("code", "unavailable")), str(said.get("text", "The agent's answer was not readable."))
        future.set_exception(CommandError(code[:40], text[:500]))


def _value(payload: bytes, kind: str) -> Any:
    """A topic's value as the board holds it; None for what no agent writes."""
    if kind == "status":
        return payload.decode() if payload in {b"online", b"offline"} else None
    try:
        value: Any = msgspec.json.decode(payload)
    except UNREADABLE:
        return None
    wanted = list if kind == "alerts" else dict
    return value if isinstance(value, wanted) else None
