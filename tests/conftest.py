"""For all tests: the broker's fixtures, and an end that comes even when a test failed with something open."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest_plugins = ["tests.mosquitto"]

# How long an example takes says something of the machine and what else runs on it, and nothing of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_unconfigure() -> Iterator[None]:
    """A test that fails before it closes its store leaves a thread for which Python would wait for ever."""
    yield
    left = [each.name for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
    if left:
        sys.stderr.write(f"Threads that nobody stopped: {', '.join(left)}\n")
        sys.stdout.flush()
        os._exit(1)
