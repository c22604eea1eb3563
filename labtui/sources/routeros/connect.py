"""One account's connection to one router, over whichever of its addresses works.

The address that worked last is tried first, then the others in the order of the configuration. A
refused password is not tried again for a while: nobody's address list or log needs a loop of it.
"""

from __future__ import annotations

import asyncio
import time

from labtui.config.schema import Address, Tls
from labtui.config.secret import Secret
from labtui.locale import _
from labtui.model.errors import LabError, Refused, TlsFailed, Unreachable
from labtui.sources.routeros.login import Account, log_in, look_up
from labtui.sources.routeros.wire import Wire
from labtui.sources.threads import Threads

CONNECT_LIMIT = 4.0
"""Seconds for the connection, TLS and the login at one address."""
SECRET_LIMIT = 30.0
"""Seconds for a password to be had: a command may ask a person."""
_REFUSED_FOR = 60.0


class Line:
    """Keeps one connection, made when it is needed. For one event loop."""

    def __init__(
        self,
        router: str,
        addresses: tuple[Address, ...],
        tls: Tls,
        username: str,
        password: Secret,
    ) -> None:
        self._router = router
        self._addresses = addresses
        self._tls = tls
        self._username = username
        self._secret = password
        self._password: str | None = None
        self._threads: Threads[None] = Threads(router, _no_client)
        self._wire: Wire | None = None
        self._via: Address | None = None
        self._opening: asyncio.Task[Wire] | None = None
        self._refusal: tuple[float, Refused] | None = None
        self._closed = False

    @property
    def via(self) -> str:
        """The address in use, or the last one that worked; empty before the first."""
        return str(self._via) if self._via else ""

    @property
    def username(self) -> str:
        """Who logs in."""
        return self._username

    async def wire(self) -> Wire:
        """A connection that is logged in, made anew when there is none. Raises `LabError`.

        All callers wait for the same attempt; it goes on when one of them gives up.
        """
        if self._wire is not None and not self._wire.closed:
            return self._wire
        if self._closed:
            raise self._over()
        self._hold_back()
        if self._opening is None:
            self._opening = asyncio.create_task(self._open(), name=f"connect {self._router}")
            self._opening.add_done_callback(self._opened)
        try:
            return await asyncio.shield(self._opening)
        except asyncio.CancelledError:
            if self._closed:
                raise self._over() from None
            raise

    async def account(self) -> Account:
        """The account with its password, fetched once. Raises `Refused`, `TimedOut`."""
        if self._password is None:
            self._password = await self._threads.run(
                lambda _client: self._secret.reveal(), SECRET_LIMIT, _("fetching the password")
            )
        return Account(self._username, self._password)

    def hang_up(self) -> None:
        """End the connection; the next caller makes a new one."""
        if self._wire is not None:
            self._wire.drop()
            self._wire = None

    async def close(self) -> None:
        """End everything for good, without waiting for anything hung."""
        self._closed = True
        self._password = None
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.wait({self._opening}, timeout=1.0)
        if self._wire is not None:
            await self._wire.close()
        self._threads.close()

    async def _open(self) -> Wire:
        try:
            return await self._try_all(await self.account())
        except Refused as refused:
            self._password = None
            self._refusal = (time.monotonic() + _REFUSED_FOR, refused)
            raise

    async def _try_all(self, account: Account) -> Wire:
        failures: list[LabError] = []
        for address in self._in_order():
            try:
                endpoint = await look_up(address, self._tls, self._threads, CONNECT_LIMIT)
                wire = await log_in(endpoint, account, CONNECT_LIMIT)
            except Refused:
                # The account is the same at every address, and so would be the answer.
                raise
            except LabError as failure:
                failures.append(failure)
            else:
                self._via, self._wire = address, wire
                return wire
        raise _one_of(failures)

    def _opened(self, opening: asyncio.Task[Wire]) -> None:
        self._opening = None
        if not opening.cancelled():
            opening.exception()  # seen, though every caller may have gone

    def _in_order(self) -> list[Address]:
        rest = [address for address in self._addresses if address != self._via]
        return [self._via, *rest] if self._via else rest

    def _hold_back(self) -> None:
        if self._refusal is None:
            return
        until, refused = self._refusal
        if time.monotonic() < until:
            raise Refused(refused.what, where=refused.where, why=refused.why, remedy=refused.remedy)
        self._refusal = None

    def _over(self) -> LabError:
        return Unreachable(_("the connection was closed"), where=self._router)


def _no_client() -> None:
    """The threads only fetch passwords and look names up: they need no client."""


def _one_of(failures: list[LabError]) -> LabError:
    """One error for all addresses that failed; a failure of trust is the one to be seen."""
    decisive = next((one for one in failures if isinstance(one, TlsFailed)), failures[0])
    if len(failures) == 1:
        return decisive
    whys = "; ".join(f"{one.where}: {one.why or one.what}" for one in failures)
    return type(decisive)(decisive.what, why=whys, remedy=decisive.remedy)
