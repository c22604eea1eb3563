"""The endpoints of a cluster: which one is asked, when another one is, and what is never repeated.

Any node of a cluster answers for all of it, so a read goes to the next endpoint when one cannot be
reached. A write goes to another endpoint only when it certainly was not sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

import msgspec

from labtui.config.schema import Address, ProxmoxConfig
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown, TimedOut, TlsFailed, Unreachable
from labtui.sources.proxmox.client import Client, Gate, Params
from labtui.sources.proxmox.errors import NodeUnreachable, Question, outcome_unknown
from labtui.sources.proxmox.login import Login
from labtui.sources.threads import Threads

_T = TypeVar("_T")
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 120.0
# The thread gets a little more than its library, so that the library's own time-out comes first.
_GRACE = 0.2
_SHARE = 0.5


class Answer(msgspec.Struct, Generic[_T], frozen=True):
    """What came back, and the endpoint that said it."""

    value: _T
    via: str


class Endpoint:
    """One endpoint: its threads and its breaker. Times on the monotonic clock.

    Two threads serve cluster-wide reads and actions, one the sweeps over nodes and guests, whose
    calls are forwarded and may hang with a dead node: at most three requests in flight.
    """

    def __init__(
        self, address: Address, connect: Callable[[], Client], clock: Callable[[], float]
    ) -> None:
        self.address = address
        self.where = str(address)
        self.passed_over_until = 0.0
        self._pause = _FIRST_PAUSE
        self._clock = clock
        self._main: Threads[Client] = Threads(self.where, connect, size=2)
        self._sweep: Threads[Client] = Threads(self.where, connect, size=1)

    async def run(
        self, work: Callable[[Client], _T], deadline: float, what: str, sweep: bool = False
    ) -> _T:
        """Do `work` in a thread of this endpoint; see `Threads.run`."""
        return await (self._sweep if sweep else self._main).run(work, deadline, what)

    @property
    def passed_over(self) -> bool:
        """True while it is left out because it could not be reached."""
        return self._clock() < self.passed_over_until

    def failed(self) -> None:
        """It could not be reached: pass it over for a while, longer each time."""
        if self.passed_over:
            return
        self.passed_over_until = self._clock() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def answered(self) -> None:
        """It is there, whatever it said."""
        self.passed_over_until = 0.0
        self._pause = _FIRST_PAUSE

    def close(self) -> None:
        """Let idle threads end."""
        self._main.close()
        self._sweep.close()


class Endpoints:
    """All endpoints of one cluster, with one login."""

    def __init__(
        self,
        config: ProxmoxConfig,
        ask_totp: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.login = Login(config, ask_totp, clock)
        self._clock = clock
        self._last_good: Endpoint | None = None
        self.all = tuple(
            Endpoint(address, partial(Client, address, config.tls, self.login), clock)
            for address in config.endpoints
        )

    async def read(
        self,
        path: str,
        what: str,
        decode: Callable[[bytes, Question], _T],
        deadline: float,
        params: Params | None = None,
        sweep: bool = False,
    ) -> Answer[_T]:
        """GET, decoded in the thread; the next endpoint is asked when one can't be reached.

        `sweep` takes the thread for calls that may hang with their node. Raises `LabError`.
        """
        ends = self._clock() + deadline
        forwarded = path.strip("/").startswith("nodes/")
        failure: LabError | None = None
        order = self._order()
        for number, endpoint in enumerate(order):
            left = ends - self._clock()
            if failure and left <= 0:
                break
            # A forwarded call may take long with good reason; any other is cut short for the next.
            last = forwarded or number == len(order) - 1
            limit = left if last else left * _SHARE
            try:
                return await self._read_from(endpoint, path, what, decode, limit, params, sweep)
            except NodeUnreachable:
                endpoint.answered()
                raise
            except (Unreachable, TimedOut, TlsFailed) as error:
                failure = failure or error
                if not (forwarded and isinstance(error, TimedOut)):
                    endpoint.failed()
        raise failure or _no_endpoint(what)

    async def write(
        self,
        method: str,
        path: str,
        what: str,
        decode: Callable[[bytes, Question], _T],
        deadline: float,
        params: Params,
    ) -> Answer[_T]:
        """POST, PUT or DELETE, sent once. `OutcomeUnknown` when sent and the answer was lost.

        Another endpoint is asked only while nothing has been sent. Raises `LabError`.
        """
        ends = self._clock() + deadline
        failure: LabError | None = None
        for endpoint in self._order():
            left = ends - self._clock()
            if failure and left <= 0:
                break
            question = Question(what, endpoint.where, path, writes=True)
            try:
                value = await _write_to(endpoint, question, method, decode, left, params)
            except (NodeUnreachable, OutcomeUnknown):
                raise
            except (Unreachable, TimedOut, TlsFailed) as error:
                failure = failure or error
                endpoint.failed()
                continue
            except LabError:
                self._good(endpoint)
                raise
            self._good(endpoint)
            return Answer(value, endpoint.where)
        raise failure or _no_endpoint(what)

    def close(self) -> None:
        """Let idle threads end; never waits."""
        for endpoint in self.all:
            endpoint.close()

    async def _read_from(
        self,
        endpoint: Endpoint,
        path: str,
        what: str,
        decode: Callable[[bytes, Question], _T],
        limit: float,
        params: Params | None,
        sweep: bool,
    ) -> Answer[_T]:
        question = Question(what, endpoint.where, path)

        def work(client: Client) -> _T:
            return decode(client.get(question, params or {}, limit), question)

        try:
            value = await endpoint.run(work, limit + _GRACE, what, sweep)
        except (Unreachable, TimedOut, TlsFailed):
            raise
        except LabError:
            self._good(endpoint)
            raise
        self._good(endpoint)
        return Answer(value, endpoint.where)

    def _good(self, endpoint: Endpoint) -> None:
        endpoint.answered()
        self._last_good = endpoint

    def _order(self) -> list[Endpoint]:
        """The last good one first, those passed over last, else as configured."""

        def rank(endpoint: Endpoint) -> tuple[float, bool]:
            late = endpoint.passed_over_until if endpoint.passed_over else 0.0
            return late, endpoint is not self._last_good

        return sorted(self.all, key=rank)


async def _write_to(
    endpoint: Endpoint,
    question: Question,
    method: str,
    decode: Callable[[bytes, Question], _T],
    limit: float,
    params: Params,
) -> _T:
    gate = Gate()

    def work(client: Client) -> _T:
        return decode(client.write(question, method, params, limit, gate), question)

    try:
        return await endpoint.run(work, limit + _GRACE, question.what)
    except TimedOut as error:
        # The thread may be anywhere; from here on it cannot send what it has not sent yet.
        if gate.shut():
            raise
        raise outcome_unknown(question, error.why) from None
    except asyncio.CancelledError:
        gate.shut()
        raise


def _no_endpoint(what: str) -> LabError:
    return Unreachable(what, why=_("no endpoint is configured"))
