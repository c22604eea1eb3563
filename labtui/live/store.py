"""The one place where state lives: the present snapshot, and who wants to hear of a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from labtui.model.cluster import Membership, remember
from labtui.model.errors import Problem
from labtui.model.events import Event
from labtui.model.feed import Feed, Freshness
from labtui.model.jobs import Job
from labtui.model.snapshot import Part, Snapshot
from labtui.model.upkeep import Chore, Lapse

Listener = Callable[[Snapshot], None]


class Store:
    """Takes readings and failures, keeps the newest of each feed, and tells its listeners.

    Listeners are called on the event loop, once per turn of it however much came in.
    """

    def __init__(self, lab: str = "") -> None:
        self.snapshot = Snapshot(lab=lab)
        self._listeners: list[Listener] = []
        self._scheduled = False

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each new snapshot; returns what ends that."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def expect(self, feed: Feed, pace: float) -> None:
        """Say that a feed exists and how often it will be read."""
        known = self.snapshot.freshness.get(feed)
        fresh = msgspec.structs.replace(known, pace=pace) if known else Freshness(pace=pace)
        self._replace(freshness=self._with_freshness(feed, fresh))

    def apply(
        self,
        feed: Feed,
        part: Part,
        *,
        read_at: float,
        sequence: int,
        took: float = 0.0,
        via: str = "",
        complaints: tuple[str, ...] = (),
        heard: bool = True,
    ) -> bool:
        """Take a good reading; False when a later one is here already.

        One in which nobody answered (not `heard`) is as old as what was read before, as long as
        nothing of its source has been read since the start.
        """
        known = self.snapshot.freshness.get(feed, Freshness(pace=0.0))
        if sequence <= known.sequence:
            return False
        if heard or self._heard_from(feed):
            freshness = Freshness(
                pace=known.pace,
                read_at=read_at,
                took=took,
                sequence=sequence,
                via=via,
                complaints=complaints,
            )
        else:
            freshness = msgspec.structs.replace(
                known, sequence=sequence, problem=None, failing_since=None, next_try=None
            )
        parts = self.snapshot.parts
        if isinstance(part, Membership):
            before = parts.get(feed)
            part = remember(before if isinstance(before, Membership) else None, part, read_at)
        if parts.get(feed) is not part:
            parts = MappingProxyType({**parts, feed: part})
        self._replace(parts=parts, freshness=self._with_freshness(feed, freshness))
        return True

    def _heard_from(self, feed: Feed) -> bool:
        """Whether anything of its source was read since the start."""
        return any(
            (each.backend, each.source) == (feed.backend, feed.source)
            and fresh.read_at is not None
            and not fresh.remembered
            for each, fresh in self.snapshot.freshness.items()
        )

    def fail(
        self, feed: Feed, problem: Problem, *, at: float, sequence: int, next_try: float | None
    ) -> None:
        """Note a failed reading: the data stays and ages."""
        known = self.snapshot.freshness.get(feed, Freshness(pace=0.0))
        if sequence <= known.sequence:
            return
        failing_since = known.failing_since if known.problem else at
        freshness = msgspec.structs.replace(
            known,
            sequence=sequence,
            problem=problem,
            failing_since=failing_since,
            next_try=next_try,
        )
        self._replace(freshness=self._with_freshness(feed, freshness))

    def restore(self, parts: Mapping[Feed, Part], freshness: Mapping[Feed, Freshness]) -> None:
        """Take what an earlier start knew. What has been read since this one began stays.

        Of a membership that is there already only `since` is learnt.
        """
        kept, fresh = dict(self.snapshot.parts), dict(self.snapshot.freshness)
        for feed, part in parts.items():
            known = fresh.get(feed)
            if known is not None and known.read_at is not None:
                present = kept.get(feed)
                if isinstance(part, Membership) and isinstance(present, Membership):
                    kept[feed] = remember(part, present, known.read_at)
                continue
            before = freshness[feed]
            fresh[feed] = msgspec.structs.replace(
                known or Freshness(pace=before.pace),
                read_at=before.read_at,
                took=before.took,
                via=before.via,
                remembered=True,
            )
            kept[feed] = part
        self._replace(parts=MappingProxyType(kept), freshness=MappingProxyType(fresh))

    def show_events(self, events: tuple[Event, ...]) -> None:
        """Replace what happened lately."""
        self._replace(events=events)

    def show_lapse(self, chore: Chore, lapse: Lapse | None) -> None:
        """Say that labtui itself lacks something on its host, or (None) no longer."""
        others = tuple(each for each in self.snapshot.lapses if each.chore != chore)
        self._replace(lapses=others if lapse is None else (*others, lapse))

    def show_jobs(self, jobs: tuple[Job, ...]) -> None:
        """Replace the jobs."""
        self._replace(jobs=jobs)

    def _with_freshness(
        self, feed: Feed, freshness: Freshness
    ) -> MappingProxyType[Feed, Freshness]:
        return MappingProxyType({**self.snapshot.freshness, feed: freshness})

    def _replace(self, **changes: object) -> None:
        sequence = self.snapshot.sequence + 1
        self.snapshot = msgspec.structs.replace(self.snapshot, sequence=sequence, **changes)
        if self._listeners and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _tell(self) -> None:
        self._scheduled = False
        broken: list[Exception] = []
        for listener in tuple(self._listeners):
            try:
                listener(self.snapshot)
            except Exception as error:  # noqa: BLE001 - the others shall hear of it all the same
                broken.append(error)
        if broken:
            raise broken[0]
