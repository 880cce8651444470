"""What comes in over MQTT: commands and questions (agent/docs/contract.md, "MQTT commands" and "Commands").

Everything is bounded and nothing is ignored: a question is answered, a command that is refused becomes a notice, for
Home Assistant leaves no address to answer to. A retained message is refused and cleared: it would be obeyed at every
start.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from storj_monitor.core.errors import UNREADABLE, CommandError
from storj_monitor.publish.topics import REPLIES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from storj_monitor.publish.connection import Message
    from storj_monitor.publish.topics import Place

_log = logging.getLogger(__name__)

NODE_COMMANDS = ("acknowledge", "silence", "refresh", "maintenance", "threshold")
AGENT_COMMANDS = ("acknowledge", "notify_test")
COMMAND_MAX = 4 * 1024
ASK_MAX = 64 * 1024
REPLY_MAX = 256 * 1024
REPLY_TOPIC_MAX = 256
AT_ONCE = 4
WAITING_MAX = 32
NOTICES = 10
"""Notices a minute and node (contract); what is more is counted in the next."""
KEYS_MAX = 256
"""Names that notices are counted by: anybody may send commands to nodes that do not exist."""

_Kind = TypeVar("_Kind")
_encode = msgspec.json.Encoder().encode


class _Ask(msgspec.Struct, forbid_unknown_fields=True):
    cmd: str
    args: dict[str, Any] = {}
    id: int | str | None = None


class Outlet(Protocol):
    """Where the inbox answers."""

    def notice(self, node: str | None, text: str) -> None:
        """Tell people that something was refused."""

    def reply(self, topic: str, payload: bytes, correlation: bytes | None) -> None:
        """Answer a question."""

    def clear(self, topic: str) -> None:
        """Take a retained message away."""


class Folding:
    """At most `NOTICES` a minute for each key; the others are counted. What is beyond `KEYS_MAX` keys shares one."""

    def __init__(self) -> None:
        self._minutes: dict[str, tuple[int, int]] = {}
        self._folded: dict[str, int] = {}

    def fold(self, key: str, now: float) -> int | None:
        """How many were left out before this one, which may be told now (epoch seconds); None: leave it out."""
        key = self._known(key, int(now // 60))
        minute, told = self._minutes.get(key, (0, 0))
        if minute != int(now // 60):
            minute, told = int(now // 60), 0
        if told >= NOTICES:
            self._folded[key] = self._folded.get(key, 0) + 1
            return None
        self._minutes[key] = minute, told + 1
        return self._folded.pop(key, 0)

    def _known(self, key: str, minute: int) -> str:
        """The key, or the one that stands for too many."""
        if key in self._minutes or len(self._minutes) < KEYS_MAX:
            return key
        self._minutes = {each: told for each, told in self._minutes.items() if told[0] == minute}
        self._folded = {each: n for each, n in self._folded.items() if each in self._minutes}
        return key if len(self._minutes) < KEYS_MAX else ""


class Inbox:
    """Hands messages to `call(cmd, args, "mqtt")`."""

    def __init__(
        self, call: Callable[[str, dict[str, Any], str], Awaitable[Any]], outlet: Outlet, *, now: Callable[[], float]
    ) -> None:
        self._call = call
        self._outlet = outlet
        self._now = now
        self._folding = Folding()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gate = asyncio.Semaphore(AT_ONCE)

    def take(self, message: Message, place: Place) -> None:
        """Deal with one message on a command or ask topic."""
        if not message.payload:
            return  # somebody cleared a retained one
        if message.retain:
            self._outlet.clear(message.topic)
            self._refuse(place, "a retained command is never obeyed; publish it without the retain flag")
        elif len(self._tasks) >= WAITING_MAX:
            self._refuse(place, "too many commands at once")
        else:
            work = self._answer(message, place) if place.kind == "ask" else self._obey(message, place)
            task = asyncio.get_running_loop().create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Drop what is still being worked on."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _obey(self, message: Message, place: Place) -> None:
        try:
            args = _arguments(message, place)
            await self._ask_for(place.command, args)
        except CommandError as error:
            self._refuse(place, error.text)

    async def _answer(self, message: Message, place: Place) -> None:
        target = message.response_topic
        if target is None or not _may_answer(target):
            self._refuse(place, f"a question needs an MQTT 5 response topic that begins with {REPLIES}")
            return
        self._outlet.reply(target, await self._reply(message), message.correlation)

    async def _reply(self, message: Message) -> bytes:
        question: dict[str, int | str] = {}
        try:
            asked = _decode(message.payload, ASK_MAX, _Ask)
            question = {"id": asked.id} if asked.id is not None else {}
            result = await self._ask_for(asked.cmd, asked.args)
            return _bounded(_encode({**question, "ok": True, "result": result}))
        except CommandError as error:
            return _encode({**question, "ok": False, "error": {"code": error.code, "text": error.text}})

    async def _ask_for(self, cmd: str, args: dict[str, Any]) -> Any:
        async with self._gate:
            try:
                return await self._call(cmd, args, "mqtt")
            except CommandError:
                raise
            except Exception:  # noqa: BLE001 - one command's fault must not end the link; it is logged and answered
                _log.exception("The command %s, asked for over MQTT, failed.", cmd)
                raise CommandError("unavailable", f"{cmd} failed; the agent's log says why.") from None

    def _refuse(self, place: Place, why: str) -> None:
        what = place.command or place.kind
        folded = self._folding.fold(place.node, self._now())
        if folded is not None:
            more = f" ({folded} more were refused.)" if folded else ""
            self._outlet.notice(place.node or None, f"Refused {what[:40]!a}: {why}"[: 300 - len(more)] + more)


def _arguments(message: Message, place: Place) -> dict[str, Any]:
    known = NODE_COMMANDS if place.node else AGENT_COMMANDS
    if place.command not in known:
        raise CommandError("unknown_command", f"known commands are {', '.join(known)}")
    args = _decode(message.payload, COMMAND_MAX, dict[str, Any])
    return args | {"node": place.node} if place.node else args


def _bounded(answer: bytes) -> bytes:
    if len(answer) > REPLY_MAX:
        raise CommandError("bad_argument", "The answer is larger than 256 KiB: ask for less.")
    return answer


def _decode(payload: bytes, limit: int, kind: type[_Kind]) -> _Kind:
    if len(payload) > limit:
        raise CommandError("bad_argument", f"the message is larger than {limit // 1024} KiB")
    try:
        return msgspec.json.decode(payload, type=kind)
    except msgspec.ValidationError as error:
        raise CommandError("bad_argument", str(error)) from None
    except UNREADABLE:
        raise CommandError("bad_argument", "the message is no JSON object") from None


def _may_answer(topic: str) -> bool:
    """Elsewhere than under `storj-monitor/reply/` any client could borrow this agent's right to write."""
    rest = topic.removeprefix(REPLIES)
    return (
        rest not in {"", topic} and len(topic) <= REPLY_TOPIC_MAX and rest.isprintable() and not set(rest) & set("+#")
    )
