"""The writing half of a router: a second connection with the account that may write.

Safe mode belongs to the connection that took it. While it is held, no sentence goes over another
one: what was lost with its connection is undone by the router, and whoever writes has to know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from labtui.locale import _
from labtui.model.errors import Forbidden, Unreachable
from labtui.sources import limits
from labtui.sources.routeros.connect import Line
from labtui.sources.routeros.wire import Reply, Wire

CALL_LIMIT = limits.COMMAND.whole
"""Seconds for one command of an action."""
# The account that may write is logged in while actions run, and not much longer.
_IDLE = 120.0
_SAFE_MODE = "/safe-mode/"


class Writer:
    """Sends what changes a router. `line` is None where the configuration has no such account."""

    def __init__(self, router: str, line: Line | None) -> None:
        self._router = router
        self.line = line
        self._idle: asyncio.TimerHandle | None = None
        self._held: Wire | None = None

    async def send(self, command: str, words: Mapping[str, str], limit: float) -> Reply:
        """The answer to one sentence, sent once, within `limit` seconds. Raises `LabError`.

        `Forbidden` without an account, `OutcomeUnknown` when it was sent and its answer never came,
        `Unreachable` once after the connection that held safe mode is gone.
        """
        if self.line is None:
            raise none_configured(self._router)
        if self._held is not None and self._held.closed:
            self._held = None
            raise Unreachable(
                _("safe mode went with its connection"),
                where=self._router,
                why=_("the router undoes what was changed under it"),
            )
        wire = self._held or await self.line.wire()
        self._in_use()
        try:
            reply = await wire.ask(command, words, limit, changes=True)
        finally:
            self._in_use()
        if command.startswith(_SAFE_MODE):
            self._held = wire if command == f"{_SAFE_MODE}take" else None
        return reply

    def hang_up(self) -> None:
        """End the connection at once; safe mode that it holds is undone by the router."""
        if self.line is not None:
            self.line.hang_up()

    async def close(self) -> None:
        """End it for good."""
        if self._idle is not None:
            self._idle.cancel()
        if self.line is not None:
            await self.line.close()

    def _in_use(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(_IDLE, self.hang_up)


def none_configured(router: str) -> Forbidden:
    """Why nothing can be changed on a router without an account for it."""
    return Forbidden(
        _("nothing can be changed on this router"),
        where=router,
        why=_("it has no account for writing"),
        remedy=_("set write_username and write_password of this [[router]]"),
    )
