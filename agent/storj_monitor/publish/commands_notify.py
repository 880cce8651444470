"""The command `notify_test` (agent/docs/contract.md, "Commands")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta

from storj_monitor.publish.commands import Row

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class NotifyTest(msgspec.Struct, forbid_unknown_fields=True):
    """`{route?}`; without it all routes."""

    route: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


def notify_rows(test: Callable[[str | None], Awaitable[dict[str, Any]]]) -> tuple[Row, ...]:
    """`notify_test` → `{routes: {name: {ok, text, url}}}`, `text` a sentence, `url` scheme and host."""

    async def answer(args: NotifyTest) -> dict[str, Any]:
        return await test(args.route)

    return (Row("notify_test", NotifyTest, answer),)
