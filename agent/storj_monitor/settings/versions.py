"""Where the agent learns what the roll-out offers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from storj_monitor.settings.section import Section

_WEB = re.compile(r"https?://[^\s?#@]+", re.ASCII | re.IGNORECASE)


def _address(text: str) -> str:
    if not _WEB.fullmatch(text):
        raise ValueError("an address that begins with http:// or https://")
    return text


class VersionsSettings(Section):
    """The version server; it and the broker are all that is asked outside of your network."""

    enabled: bool = Field(
        default=True,
        description="Ask every six hours which storagenode is rolled out, and hourly whether the clock is right: true "
        "or false. Nothing about your nodes is sent.",
    )
    url: Annotated[str, AfterValidator(_address)] = Field(
        default="https://version.storj.io", description="The version server's address."
    )
