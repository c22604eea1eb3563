"""What the keeper's thread does: look for changes, write them, read what is asked.

Everything blocks, and is for that thread. Raises `Unkept` and `OSError`.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from labtui.findings import Triage, Watch
from labtui.live.glance import Glance
from labtui.live.history.card_hours import CardHours
from labtui.live.history.compare import SCOPE, Change, Key, Known, changes
from labtui.live.history.database import Database, NoticeRow
from labtui.live.history.election import Election
from labtui.live.history.file import Unkept, set_aside
from labtui.live.history.observe import observe, own_jobs
from labtui.live.history.prefix_counts import PrefixCounts
from labtui.live.history.priming import from_kept, kept_form, resumed
from labtui.live.history.told import Notice, told
from labtui.model.events import Event, Query, Said
from labtui.model.snapshot import Snapshot

if TYPE_CHECKING:
    from labtui.live.history.keeper import Keeper

_ELECTED_FOR = 2.0
_GLANCED = 10.0
_REST = 15.0
_HEARTBEAT = 20.0
_GAP = 60.0
_PRUNED = 60.0
_SLICE = 2000
_WATCH = "watch"


class Hook(Protocol):
    """What the recorder tells causes by."""

    name: str

    def wants(self, notice: Notice) -> bool:
        """Whether it tells that."""
        ...

    def record(self, notice: Notice) -> bytes:
        """What it shall tell, as JSON."""
        ...


def watch_in(path: Path, now: float, age: float = float("inf")) -> Watch | None:
    """What was remembered of findings in the file, if it was kept `age` seconds ago at most."""
    database = Database.reading(path)
    if database is None:
        return None
    try:
        kept = database.kept(_WATCH)
    finally:
        database.close()
    if kept is None or now - kept[0] > age:
        return None
    watch = from_kept(kept[1])
    return resumed(watch, now) if watch is not None else None


class Writing:
    """The file and what is known of it. `keeper` has the clock, the span to keep, the hooks."""

    def __init__(self, path: Path, keeper: Keeper, election: Election | None = None) -> None:
        self._path, self._keeper = path, keeper
        self._election = election or Election(path.parent)
        self._database: Database | None = None
        self._known: dict[Key, Known] = {}
        self._words: dict[str, Said] = {}
        self._seen: frozenset[str] = frozenset()
        self._unseen: float | None = None
        self._looked_at: set[tuple[str, str]] = set()
        self._elected = self._beat = self._pruned = 0.0
        self._glance = Glance(_GLANCED)
        self._rest_until = 0.0
        self._triage: Triage | None = None
        self._shown: tuple[int, int] | None = None
        self._commits = 0
        self._hours, self._counts = CardHours(), PrefixCounts()
        place = f"job/{keeper.console}"
        # All of them were begun while this process looked.
        self._jobs: dict[Key, Known] = {(SCOPE, place): Known("", place, "seen", 0.0, 0.0)}

    def close(self) -> None:
        """Let go of the file and of the turn."""
        if self._database is not None:
            self._database.close()
        self._database = None
        self._election.leave()

    def remembered(self) -> Watch | None:
        """What an earlier start kept of findings, to begin with; None when there is nothing."""
        return watch_in(self._path, self._keeper.clock())

    def look(
        self,
        snapshot: Snapshot,
        judged: tuple[Triage, Watch | None] | None,
        *,
        last: bool = False,
    ) -> None:
        """Write what is new in this snapshot and this triage, if it is for this process to do.

        `last`: it is the last time, so that all that is remembered is written too.
        """
        now = self._keeper.clock()
        if now - self._elected >= _ELECTED_FOR or now < self._elected:
            self._elected = now
            self._elect()
        self._write_jobs(snapshot, now)
        if not self._election.writes:
            return
        self._write_states(snapshot, now)
        self._hours.look(snapshot, now, self._keeper.keep, self._writable, last=last)
        self._counts.look(snapshot, now, self._keeper.keep, self._writable, last=last)
        if judged is not None and judged[0] is not self._triage:
            self._write_causes(judged[0], now)
            self._triage = judged[0]
        if last or now - self._beat >= _HEARTBEAT:
            self._beat = now
            watch = judged[1] if judged is not None else None
            self._writable.keep("seen", b"", now)
            if watch is not None:
                self._writable.keep(_WATCH, kept_form(watch), now)
        if now - self._pruned >= _PRUNED:
            more = self._writable.prune(now - self._keeper.keep, _SLICE)
            self._pruned = 0.0 if more else now

    def newest(self) -> tuple[Event, ...] | None:
        """The newest events, None when they are those that were given last."""
        database = self._readable()
        if database is None:
            return None
        version = (database.version(), self._commits)
        if version == self._shown:
            return None
        found = database.events(Query())
        self._shown = version
        return found

    def events(self, query: Query) -> tuple[Event, ...]:
        """The events asked for."""
        database = self._readable()
        return database.events(query) if database is not None else ()

    def recover(self, error: Exception) -> str:
        """After a failure: begin with the file anew. Gives the name of one that was set aside."""
        if self._database is not None:
            self._database.close()
        self._database = None
        aside = ""
        if self._election.writes and isinstance(error, Unkept) and error.damaged:
            aside = set_aside(self._path).name
        # What the file knows is read again before anything is compared with it.
        self._election.yield_turn()
        self._elected, self._triage, self._glance = 0.0, None, Glance(_GLANCED)
        return aside

    @property
    def _writable(self) -> Database:
        if self._database is None:
            raise Unkept("not open")
        return self._database

    def _readable(self) -> Database | None:
        if self._database is None:
            self._database = Database.reading(self._path)
            self._shown = None
        return self._database

    def _elect(self) -> None:
        before = self._election.writes
        writes = self._election.stand()
        if writes == before and (self._database is not None or not writes):
            return
        if self._database is not None:
            self._database.close()
            self._database = None
        if writes:
            self._take_over()

    def _take_over(self) -> None:
        """Write from now on: what the file knows is where comparing begins."""
        database = self._database = Database(self._path, write=True)
        self._known, self._words = database.known(), database.words()
        self._hours.begin(database)
        self._counts.begin(database)
        seen = database.kept("seen")
        now = self._keeper.clock()
        self._unseen = seen[0] if seen is not None and now - seen[0] > _GAP else None
        self._looked_at, self._triage, self._shown = set(), None, None
        self._glance = Glance(_GLANCED)
        self._seen = frozenset()

    def _write_states(self, snapshot: Snapshot, now: float) -> None:
        began = time.monotonic()
        if began < self._rest_until or not self._glance.worth(snapshot, (), now):
            return
        observed = observe(snapshot, now)
        found = changes(self._known, observed, self._unseen)
        found = tuple(self._seen_now(change) for change in found)
        if found:
            self._record(found)
        self._looked_at |= {(scope.kind, scope.source) for scope in observed.scopes}
        self._looked_at |= {(state.kind, state.source) for state in observed.states}
        # However large the lab: the screen's thread shares the interpreter with this one.
        self._rest_until = time.monotonic() + _REST * (time.monotonic() - began)

    def _seen_now(self, change: Change) -> Change:
        """After the first look at a place, what changes there changes before our eyes."""
        event = change.event
        if event is None or (event.kind, event.source) not in self._looked_at:
            return change
        return change._replace(event=msgspec.structs.replace(event, unseen=None))

    def _write_causes(self, triage: Triage, now: float) -> None:
        self._seen |= {finding.id for finding in triage.findings}
        news = told(self._known, self._words, triage, now, self._seen)
        if not news.changes:
            return
        words = {notice.key: notice.said for notice in news.notices}
        rows = list(self._rows(news.notices))
        self._record(news.changes, words, rows)
        self._words.update(words)
        if rows:
            self._keeper.on_notices()

    def _rows(self, notices: Iterable[Notice]) -> Iterable[NoticeRow]:
        for notice in notices:
            for hook in self._keeper.hooks:
                if hook.wants(notice):
                    told_at = (notice.news, notice.severity, notice.at)
                    yield (hook.name, notice.key, *told_at, hook.record(notice))

    def _record(
        self,
        found: Iterable[Change],
        words: dict[str, Said] | None = None,
        rows: Iterable[NoticeRow] = (),
    ) -> None:
        # Only what is on the disk is known: what could not be written is found once more.
        changed = tuple(found)
        self._writable.record(changed, words, rows)
        self._commits += 1
        for change in changed:
            self._known[change.key] = change.known

    def _write_jobs(self, snapshot: Snapshot, now: float) -> None:
        """Jobs of this console, which nobody else knows of: written by it whoever has the turn."""
        if not snapshot.jobs:
            return
        observed = own_jobs(snapshot, now, self._keeper.console)
        found = changes(self._jobs, observed)
        if not found:
            return
        if self._election.writes:
            self._writable.record(found)
        else:
            database = Database(self._path, write=True)
            try:
                database.record(found)
            finally:
                database.close()
        self._commits += 1
        self._jobs.update({change.key: change.known for change in found})
