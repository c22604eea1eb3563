"""The endpoints of a cluster: which one is asked, when another one is, and what is never repeated.

Any node of a cluster answers for all of it, so a read goes to the next endpoint when one cannot be
reached; a call about a node goes to that node itself when its endpoint is known, which spares the
30 seconds of a forward. When no endpoint answers, reads go through `pvesh` over SSH, if the
configuration names hosts for it. A write goes elsewhere only when it certainly was not sent.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from labtui.config.schema import Address, ProxmoxConfig
from labtui.locale import _
from labtui.model.cluster import Member
from labtui.model.errors import (
    HostKeyFailed,
    LabError,
    OutcomeUnknown,
    Refused,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from labtui.sources.proxmox.asking import Answer, Decode, Shell, first_answer, node_of
from labtui.sources.proxmox.client import Client, Gate, Params
from labtui.sources.proxmox.endpoint import NO_WAY, Endpoint
from labtui.sources.proxmox.errors import NodeUnreachable, Question, outcome_unknown
from labtui.sources.proxmox.learn import to_learn
from labtui.sources.proxmox.login import Login

_T = TypeVar("_T")
# The thread gets a little more than its library, so that the library's own time-out comes first.
_GRACE = 0.2
_SHARE = 0.5
# The shell would not have us; what the endpoints said comes first.
_NO_SHELL = (HostKeyFailed, Refused)


class Endpoints:
    """All endpoints of one cluster, with one login."""

    def __init__(
        self,
        config: ProxmoxConfig,
        ask_totp: Callable[[], str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        shell: Shell | None = None,
    ) -> None:
        self.login = Login(config, ask_totp, clock)
        self.shell = shell
        self._config = config
        self._clock = clock
        self._last_good: Endpoint | None = None
        self._shell_works = True
        self.all = tuple(self._endpoint(address) for address in config.endpoints)

    async def read(
        self,
        path: str,
        what: str,
        decode: Decode[_T],
        deadline: float,
        params: Params | None = None,
        sweep: bool = False,
    ) -> Answer[_T]:
        """GET, decoded in the thread; the next endpoint is asked when one can't be reached.

        `sweep` takes the thread for calls that may hang with their node. Raises `LabError`.
        """
        ends = self._clock() + deadline
        node = node_of(path)

        async def ask(endpoint: Endpoint, limit: float) -> Answer[_T]:
            answer = await self.read_from(endpoint, path, what, decode, limit, params, sweep)
            if not node or self._last_good is None:
                self._last_good = endpoint
            return answer

        async def share(endpoint: Endpoint, left: float) -> Answer[_T]:
            # Of the time, the node's own endpoint leaves some to the others.
            direct = endpoint.node == node
            return await ask(endpoint, left * _SHARE if direct or self.shell is not None else left)

        if node:
            found = await first_answer(self.in_order(node), share, deadline, node)
        else:
            limit = deadline if self.shell is None else deadline * _SHARE
            found = await first_answer(self.in_order(), ask, limit)
        if isinstance(found, Answer):
            return found
        failure = found or self._resting(what)
        if self.shell is None or self._distrusted():
            raise failure
        left = max(ends - self._clock(), deadline * _SHARE / 2)
        return await self._by_shell(failure, path, what, decode, left, params or {})

    async def read_from(
        self,
        endpoint: Endpoint,
        path: str,
        what: str,
        decode: Decode[_T],
        limit: float,
        params: Params | None = None,
        sweep: bool = False,
    ) -> Answer[_T]:
        """GET from that endpoint alone, noting how it fares. Raises `LabError`."""
        question = Question(what, endpoint.where, path)

        def work(client: Client) -> _T:
            return decode(client.get(question, params or {}, limit), question)

        endpoint.breaker.begin()
        try:
            node = node_of(path) if sweep else None
            value = await endpoint.run(work, limit + _GRACE, what, node)
        except TimedOut as error:
            # A forwarded call hangs with the node that it is about, not with the one that is asked.
            if node_of(path) in ("", endpoint.node):
                endpoint.failed(error)
            raise
        except LabError as error:
            endpoint.settle(error)
            raise
        endpoint.answered()
        return Answer(value, endpoint.where)

    async def write(
        self,
        method: str,
        path: str,
        what: str,
        decode: Decode[_T],
        deadline: float,
        params: Params,
    ) -> Answer[_T]:
        """POST, PUT or DELETE, sent once. `OutcomeUnknown` when sent and the answer was lost.

        Another endpoint is asked only while nothing has been sent, and never a shell. Raises
        `LabError`.
        """
        ends = self._clock() + deadline
        failures: list[LabError] = []
        for endpoint in self.in_order(node_of(path), resting=True):
            left = ends - self._clock()
            if failures and left <= 0:
                break
            question = Question(what, endpoint.where, path, writes=True)
            endpoint.breaker.begin()
            try:
                value = await _write_to(endpoint, question, method, decode, left, params)
            except (NodeUnreachable, OutcomeUnknown):
                raise
            except NO_WAY as error:
                failures.append(error)
                endpoint.failed(error)
                continue
            except LabError:
                endpoint.answered()
                raise
            endpoint.answered()
            return Answer(value, endpoint.where)
        raise _first(failures, what)

    def in_order(self, node: str = "", *, resting: bool = False) -> list[Endpoint]:
        """Whom to ask, in order; `node` is the one that the call is about.

        That node's own endpoint first, then the last good one, then as configured and learnt.
        Those that rest come last, and not at all where a shell is the better way, which it is not
        when it failed as well, nor for what never goes there (`resting`).
        """
        ready = [endpoint for endpoint in self.all if endpoint.ready]

        def rank(endpoint: Endpoint) -> tuple[bool, bool, bool]:
            direct = bool(node) and endpoint.node == node
            return not direct, endpoint is not self._last_good, endpoint.breaker.open

        ready.sort(key=rank)
        if self.shell is not None and self._shell_works and not resting:
            return ready
        others = [each for each in self.all if not each.barred and not each.ready]
        return ready + sorted(others, key=lambda each: each.breaker.until)

    def learn(self, members: Iterable[Member]) -> None:
        """Take up the nodes' own addresses, and let go of those of nodes that are no more."""
        configured = [endpoint for endpoint in self.all if not endpoint.learnt]
        known = {endpoint.node for endpoint in configured if endpoint.node}
        wanted = to_learn(self._config, members, known)
        kept = {e.node: e for e in self.all if e.learnt and wanted.get(e.node) == e.address}
        for endpoint in self.all:
            if endpoint.learnt and endpoint not in kept.values():
                endpoint.close()
        learnt = [
            kept.get(node) or self._endpoint(address, node) for node, address in wanted.items()
        ]
        self.all = (*configured, *learnt)

    async def close(self) -> None:
        """Let idle threads end, and the shell's connections; waits for nothing that hangs."""
        for endpoint in self.all:
            endpoint.close()
        if self.shell is not None:
            await self.shell.close()

    def _endpoint(self, address: Address, node: str = "") -> Endpoint:
        make = partial(Client, address, self._config.tls, self.login)
        return Endpoint(address, make, self._clock, node, learnt=bool(node))

    async def _by_shell(
        self,
        failure: LabError,
        path: str,
        what: str,
        decode: Decode[_T],
        limit: float,
        params: Params,
    ) -> Answer[_T]:
        """The same read over SSH; `failure` is why no endpoint would do."""
        if self.shell is None:
            raise failure
        try:
            body, via = await self.shell.get(path, params, what, limit)
            self._shell_works = True
        except NO_WAY + _NO_SHELL as error:
            self._shell_works = False
            why = _("{why}; over SSH ({where}): {other}").format(
                why=failure.why, where=error.where, other=error.why
            )
            raise type(failure)(what, where=failure.where, why=why, remedy=failure.remedy) from None
        return Answer(decode(body, Question(what, via, path)), via)

    def _distrusted(self) -> bool:
        """True when every endpoint failed by its certificate: no other way round that."""
        return all(isinstance(endpoint.problem, TlsFailed) for endpoint in self.all)

    def _resting(self, what: str) -> LabError:
        """Why nobody was asked."""
        known = next((endpoint.problem for endpoint in self.all if endpoint.problem), None)
        if known is None:
            return _first([], what)
        return type(known)(what, where=known.where, why=known.why, remedy=known.remedy)


async def _write_to(
    endpoint: Endpoint,
    question: Question,
    method: str,
    decode: Decode[_T],
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


def _first(failures: list[LabError], what: str) -> LabError:
    return failures[0] if failures else Unreachable(what, why=_("no endpoint is configured"))
