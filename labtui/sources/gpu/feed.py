"""The reading of what cards do: a few places at a time, one after the other on each node."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple

import msgspec

from labtui.locale import _
from labtui.model.errors import LabError, Problem, Rejected, Unexpected
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean
from labtui.model.use import (
    CardUse,
    CardUses,
    Idle,
    UseProcess,
    UseReport,
    card_id,
    place_of,
    rested,
)
from labtui.sources.gpu.targets import Target, targets
from labtui.sources.gpu.tools import TOOLS, Command, Tool, owners_command, parse_owners
from labtui.sources.gpu.ways import MISSING, Asker, Run, Said
from labtui.sources.proxmox.hostpci import Unreadable
from labtui.sources.proxmox.lanes import PATIENCE, Lanes
from labtui.sources.source import Reading

PER_NODE = 3
"""Places that are asked on a node per reading, those first that waited longest."""
AGAIN = 30.0
"""Seconds after which a place may be asked again."""
_FORGOTTEN = 180 * 86400.0
"""Seconds after which a card that was never seen again is forgotten."""


class _Answer(NamedTuple):
    """What the tools of one place said."""

    cards: tuple[CardUse, ...]
    tool: str
    driver: str


class UseFeed:
    """What the cards of one cluster do.

    `held` says why this console may run nothing now (read-only, frozen), or an empty text; it is
    asked before each reading and again before each command. None: it may at all times.
    """

    def __init__(
        self,
        cluster: str,
        asker: Asker,
        clock: Callable[[], float],
        held: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        self._cluster = cluster
        self._asker = asker
        self._clock = clock
        self._held = held
        self._lanes: Lanes[UseReport] = Lanes()
        self._tried: dict[str, float] = {}

    async def read(self, snapshot: Snapshot) -> Reading:
        """All that is known of guests and nodes that have cards, with what came in now."""
        before = snapshot.one(CardUses, self._cluster) or CardUses()
        if (held := await self._against()) is not None:
            # What was seen stays, and says how old it is.
            return Reading(CardUses(before.reports, before.rest, held.problem), heard=False)
        wanted = targets(snapshot, self._cluster, nodes=self._asker.way == "ssh")
        reports = {place: each for place, each in before.reports.items() if place in wanted}
        self._tried = {place: at for place, at in self._tried.items() if place in wanted}
        due = self._choose(wanted, snapshot, reports)
        for node, places in due.items():
            self._lanes.start(node, self._ask(places, snapshot, reports))
        rest, heard = self._kept(before.rest), False
        # What is still on its way from last time may hang: nobody waits for it until the deadline.
        for _node, found in await self._lanes.collect(first=None if due else PATIENCE):
            if isinstance(found, LabError):
                continue
            place = place_of(found.vmid, found.node)
            if place in wanted:
                reports[place] = found
            if found.problem is None:
                heard = True
                rest.update(_rests(place, found, rest))
        part = CardUses(dict(sorted(reports.items())), rest)
        busy = bool(self._lanes.busy)
        same = part == before
        return Reading(before if same else part, self._asker.way, unfinished=busy, heard=heard)

    async def _against(self) -> Rejected | None:
        """Why nobody may be asked now."""
        why = await self._held() if self._held is not None else ""
        text = _("{why}: allow_in_read_only in [gpu] lets it ask all the same")
        return Rejected(_("asking for the use of GPUs"), why=text.format(why=why)) if why else None

    async def close(self) -> None:
        """Stop asking."""
        await self._lanes.close()
        self._asker.close()

    def _choose(
        self, wanted: dict[str, Target], snapshot: Snapshot, reports: dict[str, UseReport]
    ) -> dict[str, list[Target]]:
        """By node, whose turn it is; who can't be asked gets a report that says why."""
        busy, now = self._lanes.busy, self._clock()
        due: dict[str, list[Target]] = {}
        order = sorted(wanted.items(), key=lambda item: (self._tried.get(item[0], 0.0), item[0]))
        for place, target in order:
            why = self._asker.against(target, snapshot)
            if why:
                known = reports.get(place)
                reports[place] = self._failed(target, known, now, _problem(target, why))
                continue
            mine = due.setdefault(target.node, [])
            waited = now - self._tried.get(place, -AGAIN) >= AGAIN
            if waited and target.node not in busy and len(mine) < PER_NODE:
                mine.append(target)
                self._tried[place] = now
        return {node: places for node, places in due.items() if places}

    async def _ask(
        self, places: Sequence[Target], snapshot: Snapshot, reports: dict[str, UseReport]
    ) -> AsyncIterator[UseReport]:
        for target in places:
            now, known = self._clock(), reports.get(target.place)
            try:
                async with self._asker.opened(target, snapshot) as run:
                    answer = await _answer(target, self._guarded(run))
            except LabError as error:
                yield self._failed(target, known, now, error.bare().problem)
            else:
                yield UseReport(
                    target.node,
                    target.vmid,
                    self._asker.way,
                    now,
                    now,
                    answer.cards,
                    answer.tool,
                    answer.driver,
                )

    def _guarded(self, run: Run) -> Run:
        """The way, shut at once when the console is frozen between two commands."""

        async def ask(command: Command) -> Said:
            if (held := await self._against()) is not None:
                raise held
            return await run(command)

        return ask

    def _failed(
        self, target: Target, known: UseReport | None, now: float, problem: Problem
    ) -> UseReport:
        """What was known before, and why there is nothing newer."""
        base = known or UseReport(target.node, target.vmid, self._asker.way, now)
        return msgspec.structs.replace(base, asked=now, problem=problem)

    def _kept(self, rest: dict[str, Idle]) -> dict[str, Idle]:
        limit = self._clock() - _FORGOTTEN
        return {key: idle for key, idle in rest.items() if idle.seen >= limit}


def _rests(place: str, report: UseReport, rest: dict[str, Idle]) -> dict[str, Idle]:
    now = report.at or report.asked
    return {
        key: rested(rest.get(key), card, now)
        for card in report.cards
        for key in (card_id(place, card),)
    }


def _problem(target: Target, why: str) -> Problem:
    return Rejected(_("asking for the use of GPUs"), where=target.name, why=why).problem


async def _answer(target: Target, run: Run) -> _Answer:
    """Every maker's tool that is there; raises `LabError` when none of them told anything."""
    cards: list[CardUse] = []
    names, drivers, wrong = [], [], ""
    for maker in target.makers:
        for tool in TOOLS.get(maker, ()):
            found, trouble = await _told(tool, run, target)
            if found is not None:
                cards += found.cards
                names.append(tool.name)
                drivers.append(found.driver)
                break
            wrong = wrong or trouble
    if not names:
        why = wrong or _("no tool is known for the makers of its GPUs")
        raise Unexpected(_("asking for the use of GPUs"), where=target.name, why=why)
    seen = await _owned(cards, run)
    return _Answer(tuple(seen), ", ".join(names), ", ".join(filter(None, drivers)))


async def _told(tool: Tool, run: Run, target: Target) -> tuple[_Answer | None, str]:
    """What a tool says, or why it says nothing."""
    texts = []
    for command in tool.commands:
        said = await run(command)
        if said.status == MISSING:
            return None, _("{tool} is not installed there").format(tool=tool.name)
        if said.status != 0:
            first = (said.err or said.out).strip().partition("\n")[0]
            text = _("{tool} ended with {status}: {said}")
            return None, text.format(tool=tool.name, status=said.status, said=clean(first, 160))
        texts.append(said.out)
    try:
        told = tool.parse(texts)
    except Unreadable as error:
        text = _("what {tool} says is not understood: {said}")
        return None, text.format(tool=tool.name, said=error)
    return _Answer(told.cards, tool.name, told.driver), ""


async def _owned(cards: list[CardUse], run: Run) -> list[CardUse]:
    """The cards with the owners of their programs, as far as the system tells."""
    pids = [process.pid for card in cards for process in card.processes]
    if not pids:
        return cards
    try:
        said = await run(owners_command(pids))
    except LabError:
        # Not knowing whose a program is takes nothing from what the card does.
        return cards
    owners = parse_owners(said.out)

    def named(process: UseProcess) -> UseProcess:
        user = owners.get(process.pid, "")
        return msgspec.structs.replace(process, user=user) if user else process

    return [
        msgspec.structs.replace(card, processes=tuple(map(named, card.processes))) for card in cards
    ]
