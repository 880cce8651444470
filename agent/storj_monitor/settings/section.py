"""What every table of the settings file is made from."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the file: unknown keys are refused, and nothing changes once it is loaded.

    Its validator is built when it is first used: most tables are only ever read as parts of the whole.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, defer_build=True)
