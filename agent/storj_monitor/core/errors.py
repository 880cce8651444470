"""Errors that reach people.

MonitorError              anything we raise on purpose; its text is one sentence that says what to do
├── BusyError             another process has the data folder
├── CommandError          a command was refused (`code` for programs, text for people)
└── SettingsError         the settings cannot be used
"""

from __future__ import annotations

UNREADABLE = (ValueError, RecursionError)
"""What decoding JSON of others raises: `msgspec.DecodeError` and `UnicodeDecodeError` are ValueErrors."""


class MonitorError(Exception):
    """What went wrong and what to do, in one sentence."""


class BusyError(MonitorError):
    """Another process writes to the data folder."""


class CommandError(MonitorError):
    """A command was refused. Codes: unknown_command bad_argument unknown_node not_allowed unavailable."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class SettingsError(MonitorError):
    """The settings cannot be used; the text names the key, the line and a suggestion."""
