"""Tell systemd how we are (sd_notify): one datagram a message to `$NOTIFY_SOCKET`, nothing outside of systemd.

`ready`, `status`, `watchdog`, `extend` and `stopping` of this module speak for this process.
"""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_log = logging.getLogger(__name__)


class Notifier:
    """`ready()` once the work has begun, `watchdog()` from the engine's tick, `stopping()` before the end.

    Each returns whether the message was sent. A manager that does not listen must never stop the agent: it is said
    once, and the agent goes on.
    """

    def __init__(self, env: Mapping[str, str] | None = None) -> None:
        self._env = os.environ if env is None else env
        self._failed = False

    @property
    def watchdog_seconds(self) -> float | None:
        """Silence of `watchdog()` at which systemd loses patience; None when it does not watch this process."""
        usec, pid = self._env.get("WATCHDOG_USEC", ""), self._env.get("WATCHDOG_PID", "")
        if not usec.isdecimal() or int(usec) == 0 or (pid and pid != str(os.getpid())):
            return None
        return int(usec) / 1e6

    def ready(self, status: str = "") -> bool:
        """The work has begun; `status` is the sentence `systemctl status` shows."""
        return self._send("READY=1", *([_status(status)] if status else []))

    def status(self, text: str) -> bool:
        """What is going on, one line for `systemctl status`."""
        return self._send(_status(text))

    def watchdog(self) -> bool:
        """Still alive: only from where the work is done, never from a timer of its own."""
        return self._send("WATCHDOG=1")

    def extend(self, seconds: float) -> bool:
        """Start-up (or the end) needs up to `seconds` more, counted from now; call again before they are over."""
        return self._send(f"EXTEND_TIMEOUT_USEC={int(seconds * 1e6)}")

    def stopping(self) -> bool:
        """The end has begun."""
        return self._send("STOPPING=1")

    def _send(self, *lines: str) -> bool:
        address = self._env.get("NOTIFY_SOCKET", "")
        if not address:
            return False
        # A leading @ stands for the zero byte of an abstract socket.
        address = "\0" + address[1:] if address.startswith("@") else address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
                connection.setblocking(False)
                connection.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            if not self._failed:
                _log.warning("systemd does not take our messages (%s): %s", lines[0], error.strerror or error)
            self._failed = True
            return False
        return True


def _status(text: str) -> str:
    """A status is one line: a line break would begin another message."""
    return "STATUS=" + " ".join(text.split())


_process = Notifier()
ready, status, watchdog = _process.ready, _process.status, _process.watchdog
extend, stopping = _process.extend, _process.stopping
