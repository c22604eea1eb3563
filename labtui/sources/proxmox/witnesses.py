"""The membership, asked of several nodes at once, and the side that is believed.

A node that is cut off answers like any other, so one word is never enough. In calm times the
endpoint in use and two others are asked, by turns; as soon as anything is amiss, all of them. One
that hangs holds nobody up: what it says late counts the next time.

What was said in this reading decides. A word of an earlier one stands for an endpoint that was not
asked now, and is dropped as soon as it says anything else than the side that is believed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

import msgspec

from labtui.locale import _
from labtui.model.cluster import Membership
from labtui.model.errors import LabError, Refused
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Party, Witness, parties
from labtui.sources import limits
from labtui.sources.proxmox.asking import Answer
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import shortened
from labtui.sources.proxmox.endpoint import Endpoint
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.status import read_membership
from labtui.sources.source import Reading

PATH = "/cluster/status"
_CALM = 3
_ONE_LIMIT = limits.WITNESS.whole
# How long the first answer waits for the others.
_PATIENCE = 0.3
# How long a side without quorum waits for a word of the other.
_DOUBT = 1.2
_LASTS = 30.0

_Told = tuple[Membership, tuple[str, ...]]


class _Word(msgspec.Struct, frozen=True):
    """What an endpoint said: when it was asked and when that came in (monotonic)."""

    membership: Membership
    complaints: tuple[str, ...]
    asked: float
    at: float


class Witnesses:
    """Asks the endpoints of one cluster; keeps their words for half a minute."""

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Callable[[], float]) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock
        self._words: dict[str, _Word] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._errors: dict[str, LabError] = {}
        self._turn = itertools.count()
        self._amiss = True

    async def read(self, _snapshot: Snapshot) -> Reading:
        """The membership as the side to believe sees it. Raises `LabError` when nobody answers."""
        began = self._clock()
        chosen = self._chosen()
        await self._ask(chosen, began)
        # Those who were asked may see a change: what the others said before is no word of now.
        others = [each for each in self._everybody() if each not in chosen]
        if others and self._of_now(began) and self._in_doubt():
            await self._ask(others, began)
        words = self._of_now(began)
        if not words:
            return await self._ask_anybody()
        side = parties(self._witnesses(words))[0]
        word, via = self._believed(side, words)
        self._keep_only(side, words)
        witnesses = self._witnesses(self._words)
        self._amiss = _amiss(parties(witnesses))
        self._endpoints.learn(word.membership.members)
        self._endpoints.login.note_quorum(word.membership.quorate)
        part = msgspec.structs.replace(word.membership, witnesses=witnesses)
        return Reading(part, via, shortened(word.complaints))

    async def close(self) -> None:
        """Stop asking."""
        for task in self._asking.values():
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _ask(self, endpoints: list[Endpoint], began: float) -> None:
        """Ask them, and wait for a word, shortly for the others, longer while quorum is missing."""
        waiting = {self._begin(each) for each in endpoints}
        while waiting and not self._of_now(began):
            _done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if waiting:
            _done, waiting = await asyncio.wait(waiting, timeout=_PATIENCE)
        # A side without quorum may be the smaller one, and the answer of the other on its way.
        ends = self._clock() + _DOUBT
        while waiting and not self._quorate(began) and (left := ends - self._clock()) > 0:
            _done, waiting = await asyncio.wait(
                waiting, timeout=left, return_when=asyncio.FIRST_COMPLETED
            )

    def _of_now(self, began: float) -> dict[str, _Word]:
        """The words of this reading: asked in it; failing those, come in during it."""
        words = self._fresh()
        asked = {where: word for where, word in words.items() if word.asked >= began}
        return asked or {where: word for where, word in words.items() if word.at >= began}

    def _quorate(self, began: float) -> bool:
        words = self._of_now(began).values()
        return any(word.membership.quorate is not False for word in words)

    def _in_doubt(self) -> bool:
        """True when not all who spoke, now or before, say that all are there."""
        return _amiss(parties(self._witnesses(self._fresh())))

    def _keep_only(self, side: Party, now: dict[str, _Word]) -> None:
        """Forget what was said before and is not so any more: it never outvotes a word of now."""
        self._words = {
            where: word for where, word in self._words.items() if where in now or _is_of(word, side)
        }

    def _begin(self, endpoint: Endpoint) -> asyncio.Task[None]:
        task = self._asking.get(endpoint.where)
        if task is None or task.done():
            task = asyncio.create_task(self._ask_one(endpoint), name=f"witness {endpoint.where}")
            self._asking[endpoint.where] = task
        return task

    async def _ask_one(self, endpoint: Endpoint) -> None:
        asked = self._clock()
        try:
            answer = await self._endpoints.read_from(
                endpoint, PATH, _("reading the cluster's membership"), self._decode, _ONE_LIMIT
            )
        except LabError as error:
            self._words.pop(endpoint.where, None)
            self._errors[endpoint.where] = error.bare()
            return
        self._errors.pop(endpoint.where, None)
        self._keep(endpoint.where, answer, asked)
        local = next((each.name for each in answer.value[0].members if each.local), "")
        if not endpoint.learnt:
            endpoint.node = local
        elif local != endpoint.node:
            # Another node, or another cluster, has that address now.
            endpoint.barred = True
            self._words.pop(endpoint.where, None)

    def _decode(self, body: bytes, question: Question) -> _Told:
        return read_membership(body, question, self._cluster)

    def _keep(self, where: str, answer: Answer[_Told], asked: float) -> None:
        self._words[where] = _Word(*answer.value, asked, self._clock())

    def _everybody(self) -> list[Endpoint]:
        ready = [endpoint for endpoint in self._endpoints.in_order() if endpoint.ready]
        return ready or self._endpoints.in_order()

    def _chosen(self) -> list[Endpoint]:
        ready = self._everybody()
        if self._amiss or len(ready) <= _CALM:
            return ready
        others = ready[1:]
        start = next(self._turn) * (_CALM - 1) % len(others)
        return [ready[0], *(others[start:] + others[:start])[: _CALM - 1]]

    async def _ask_anybody(self) -> Reading:
        """No endpoint answered: the ways that `Endpoints.read` still knows."""
        self._amiss = True
        asked = self._clock()
        if self._endpoints.shell is None:
            for endpoint in self._endpoints.in_order():
                if endpoint.where in self._errors:
                    raise self._errors[endpoint.where]
        answer = await self._endpoints.read(
            PATH, _("reading the cluster's membership"), self._decode, limits.STATUS.whole / 2
        )
        self._keep(answer.via, answer, asked)
        part, complaints = answer.value
        self._endpoints.login.note_quorum(part.quorate)
        own = Witness(answer.via, *_said(part))
        silent = self._witnesses({})
        part = msgspec.structs.replace(part, witnesses=(own, *silent))
        return Reading(part, answer.via, shortened(complaints))

    def _fresh(self) -> dict[str, _Word]:
        now = self._clock()
        there = {endpoint.where for endpoint in self._endpoints.all}
        for where in (self._asking.keys() | self._errors.keys()) - there:
            self._errors.pop(where, None)
            if (task := self._asking.pop(where, None)) is not None:
                task.cancel()
        self._words = {
            where: word
            for where, word in self._words.items()
            if where in there and now - word.at <= _LASTS
        }
        return self._words

    def _witnesses(self, words: dict[str, _Word]) -> tuple[Witness, ...]:
        found = []
        for endpoint in self._endpoints.all:
            word = words.get(endpoint.where)
            error = self._errors.get(endpoint.where) if word is None else None
            problem = (error.why or str(error)) if error else ""
            said = _said(word.membership) if word else (endpoint.node, None, (), ())
            found.append(
                Witness(
                    endpoint.where,
                    *said,
                    problem=problem,
                    learnt=endpoint.learnt,
                    refused=isinstance(error, Refused),
                )
            )
        return tuple(found)

    def _believed(self, side: Party, words: dict[str, _Word]) -> tuple[_Word, str]:
        """The word of that side's first endpoint: the same one each time, so that little moves."""
        for endpoint in self._endpoints.in_order():
            word = words.get(endpoint.where)
            if word is not None and _is_of(word, side):
                return word, endpoint.where
        where, word = next(iter(words.items()))
        return word, where


def _said(membership: Membership) -> tuple[str, bool | None, tuple[str, ...], tuple[str, ...]]:
    local = next((member.name for member in membership.members if member.local), "")
    members = tuple(member.name for member in membership.members)
    return local, membership.quorate, members, tuple(sorted(membership.online))


def _is_of(word: _Word, side: Party) -> bool:
    membership = word.membership
    return membership.quorate == side.quorate and membership.online == frozenset(side.online)


def _amiss(sides: tuple[Party, ...]) -> bool:
    """True when not everybody says that all are there."""
    if len(sides) != 1:
        return True
    return sides[0].quorate is False or len(sides[0].online) < len(sides[0].members)
