"""One account's connection to one router, over whichever way to it works.

Ways are tried in the order of preference, those that just failed last. While another one than the
preferred is in use, the better ones are tried now and then, and taken as soon as one works again.
A refused password is not tried again for a while: nobody's log needs a loop of it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from labtui.config.schema import Hop, SshConfig, Tls
from labtui.config.secret import Secret
from labtui.locale import _
from labtui.model.errors import LabError, Refused, TlsFailed, Unreachable
from labtui.sources import limits
from labtui.sources.breaker import Breaker
from labtui.sources.routeros.login import Account, Dial, log_in, look_up
from labtui.sources.routeros.ways import Way
from labtui.sources.routeros.wire import Wire
from labtui.sources.ssh.connect import CONNECT_LIMIT as SSH_LIMIT
from labtui.sources.ssh.connect import connect
from labtui.sources.threads import Threads

if TYPE_CHECKING:
    import asyncssh

CONNECT_LIMIT = limits.ROUTER.connect
"""Seconds for the connection, TLS and the login at one address."""
RETURN_PACE = 30.0
"""Seconds between two looks at better ways than the one in use."""
# Commands of the old connection have ended by then, whatever became of them.
_RETIRES = 20.0
SECRET_LIMIT = 30.0
"""Seconds for a password to be had: a command may ask a person."""
_REFUSED_FOR = 60.0


class Line:
    """Keeps one connection, made when it is needed. For one event loop.

    `returns`: it goes back to the preferred way by itself; of no use for one that is used rarely.
    """

    def __init__(
        self,
        router: str,
        ways: Sequence[Way],
        tls: Tls,
        username: str,
        password: Secret,
        ssh: SshConfig | None = None,
        returns: bool = True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._router = router
        self._ways = tuple(ways)
        self._breakers = {way: Breaker(time.monotonic, threshold=1) for way in self._ways}
        self._tls = tls
        self._returns = returns
        self._jitter = jitter
        self._looking: asyncio.Task[None] | None = None
        self._retired: dict[Wire, asyncio.TimerHandle] = {}
        self._username = username
        self._secret = password
        self._password: str | None = None
        self._threads: Threads[None] = Threads(router, _no_client)
        self._dial = dialling(ssh or SshConfig(), self._threads)
        self._wire: Wire | None = None
        self._via: Way | None = None
        self._opening: asyncio.Task[Wire] | None = None
        self._refusal: tuple[float, Refused] | None = None
        self._closed = False

    @property
    def via(self) -> str:
        """The way in use, or the last one that worked; empty before the first."""
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
        self._retire_all()
        if self._wire is not None:
            self._wire.drop()
            self._wire = None

    async def close(self) -> None:
        """End everything for good, without waiting for anything hung."""
        self._closed = True
        self._password = None
        self._retire_all()
        ending = {task for task in (self._opening, self._looking) if task is not None}
        for task in ending:
            task.cancel()
        if ending:
            await asyncio.wait(ending, timeout=1.0)
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
        for way in self._in_order():
            try:
                wire = await self._take(way, account)
            except Refused:
                # The account is the same on every way, and so would be the answer.
                raise
            except LabError as failure:
                failures.append(failure)
            else:
                self._use(wire, way)
                return wire
        raise _one_of(failures)

    async def _take(self, way: Way, account: Account) -> Wire:
        """A connection over that way. Raises `LabError`."""
        limit = CONNECT_LIMIT + (SSH_LIMIT if way.jump else 0.0)
        breaker = self._breakers[way]
        breaker.begin()
        try:
            endpoint = await look_up(way, self._tls, self._threads, limit)
            wire = await log_in(endpoint, account, limit, self._dial)
        except Refused:
            breaker.answered()
            raise
        except LabError:
            breaker.failed()
            raise
        breaker.answered()
        return wire

    def _use(self, wire: Wire, way: Way) -> None:
        self._via, self._wire = way, wire
        if self._returns and way != self._ways[0] and self._looking is None:
            self._looking = asyncio.create_task(self._look_back(), name=f"back {self._router}")
            self._looking.add_done_callback(self._looked)

    async def _look_back(self) -> None:
        """Try the better ways until the best one is in use again, or none is any more."""
        while self._via is not None and self._via != self._ways[0]:
            await asyncio.sleep(RETURN_PACE * (0.8 + 0.4 * self._jitter()))
            old = self._wire
            if old is None or old.closed:
                return  # the next caller begins anew, and with the preferred way
            for way in self._ways[: self._ways.index(self._via)]:
                if not self._breakers[way].ready:
                    continue
                try:
                    wire = await self._take(way, await self.account())
                except Refused:
                    return  # not here, and not again and again
                except LabError:
                    continue
                # Another connection may have been made in the meantime.
                if self._wire is not None:
                    self._retire(self._wire)
                self._via, self._wire = way, wire
                break

    def _looked(self, looking: asyncio.Task[None]) -> None:
        self._looking = None
        if not looking.cancelled():
            looking.exception()

    def _retire(self, wire: Wire) -> None:
        """Let the commands of that connection end, then end it."""
        loop = asyncio.get_running_loop()

        def end() -> None:
            self._retired.pop(wire, None)
            wire.drop()

        self._retired[wire] = loop.call_later(_RETIRES, end)

    def _retire_all(self) -> None:
        for wire, timer in self._retired.items():
            timer.cancel()
            wire.drop()
        self._retired.clear()

    def _opened(self, opening: asyncio.Task[Wire]) -> None:
        self._opening = None
        if not opening.cancelled():
            opening.exception()  # seen, though every caller may have gone

    def _in_order(self) -> list[Way]:
        """As preferred, but those that failed just now last."""
        return sorted(self._ways, key=lambda way: not self._breakers[way].ready)

    def _hold_back(self) -> None:
        if self._refusal is None:
            return
        until, refused = self._refusal
        if time.monotonic() < until:
            raise Refused(refused.what, where=refused.where, why=refused.why, remedy=refused.remedy)
        self._refusal = None

    def _over(self) -> LabError:
        return Unreachable(_("the connection was closed"), where=self._router)


def dialling(ssh: SshConfig, threads: Threads[None]) -> Dial:
    """How jump hosts are reached, as `[ssh]` says."""

    def dial(hops: Sequence[Hop], limit: float) -> Awaitable[asyncssh.SSHClientConnection]:
        return connect(hops, ssh, threads, limit)

    return dial


def _no_client() -> None:
    """The threads only fetch passwords and look names up: they need no client."""


def _one_of(failures: list[LabError]) -> LabError:
    """One error for all addresses that failed; a failure of trust is the one to be seen."""
    decisive = next((one for one in failures if isinstance(one, TlsFailed)), failures[0])
    if len(failures) == 1:
        return decisive
    whys = "; ".join(f"{one.where}: {one.why or one.what}" for one in failures)
    return type(decisive)(decisive.what, why=whys, remedy=decisive.remedy)
