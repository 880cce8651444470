"""Why an address of the web did not take what was sent, and what to do: words for people, no part of the address."""

from __future__ import annotations

import errno
import socket

import aiohttp

_STATUS = {
    400: "it does not understand the message: is this address meant for programs?",
    401: "it wants to know who sends: put USER:PASSWORD@ before the host, or the token where it expects it",
    403: "it does not let us: see the password or token in the address, and what it allows",
    404: "nothing takes messages at this path: compare the address with the one it shows you",
    405: "nothing takes messages at this path: compare the address with the one it shows you",
    407: "a proxy in between wants a login: let it pass this address through",
    410: "this address is no longer in use: ask it for a new one",
    413: "it takes no message of this size: raise its limit to some kilobytes",
    429: "it gets too many messages: it is tried again later",
    502: "what stands before it does not reach it: see whether it runs",
    503: "it is busy or being serviced: it is tried again later",
    504: "what stands before it waits in vain: see whether it runs",
}
_KINDS = {
    3: "it lies elsewhere, and a message is not sent on: set the address that it redirects to",
    4: "it refuses the message: its own log says why",
    5: "it has a fault of its own: its log says which",
}
_ERRNO = {
    errno.ECONNREFUSED: "nothing listens there: see whether it runs, and whether host and port are right",
    errno.ECONNRESET: "it broke off: see whether it runs, and whether it is http or https",
    errno.ENETUNREACH: "there is no way to its network: see the connection of this host",
    errno.EHOSTUNREACH: "there is no way to its host: see whether it is up",
}
_KNOWN: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientSSLError, "it does not speak TLS as we do: see whether it is http instead of https, and the port"),
    (socket.gaierror, "its name is not known: see how it is spelled, and the name server of this host"),
    (aiohttp.InvalidURL, "host or port of the address cannot be one: see how they are spelled"),
    (UnicodeError, "host or port of the address cannot be one: see how they are spelled"),
    (aiohttp.ServerDisconnectedError, "it broke off without an answer: see the port, and whether it is http or https"),
    (aiohttp.ClientResponseError, "it does not answer as a web server does: see the port, and whether it is https"),
)
"""The first that fits holds."""
TIMEOUT = "see whether its host is up, and whether a firewall drops what comes"


def of_status(status: int, reason: str | None) -> str:
    """What an answer says that is no success."""
    hint = _STATUS.get(status) or _KINDS.get(status // 100)
    said = f"HTTP {status} {reason or ''}".strip()
    return f"{said}; {hint}" if hint else said


def of_error(error: Exception) -> str:
    """What kept the answer away."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        why = getattr(error.certificate_error, "verify_message", "it is not trusted")
        return f"its certificate is refused ({why}): renew it, use the name it is made for, or let this host trust it"
    if isinstance(error, TimeoutError):
        return f"no answer in time: {TIMEOUT}"
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    for kind, text in _KNOWN:
        if isinstance(error, kind) or isinstance(cause, kind):
            return text
    return _of_system(cause)


def _of_system(error: Exception) -> str:
    number, said = (error.errno, error.strerror) if isinstance(error, OSError) else (None, None)
    unknown = f"it cannot be reached ({said or type(error).__name__}): see host, port and network"
    return unknown if number is None else _ERRNO.get(number, unknown)
