"""Drafting: rows of a new snapshot that take their time are made beside the loop.

In a large lab those are all of them, in any lab those of prefixes, links and differences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from labtui.model.cluster import Resources
from labtui.model.overlay import RouterFacts
from labtui.model.snapshot import Snapshot
from labtui.ui.desk import Desk
from labtui.ui.panes.table import LARGE, Table
from labtui.ui.workroom import Work, Workroom

# What each of them has learnt of all others grows with the square of their number.
_MANY_ROUTERS = 20


def is_large(snapshot: Snapshot) -> bool:
    """Whether a join over all guests, or all routes, takes longer than a key may wait."""
    guests = sum(len(part.guests) for _name, part in snapshot.of(Resources))
    return guests > LARGE or len(list(snapshot.of(RouterFacts))) > _MANY_ROUTERS


class Drafting:
    """Owns the workroom of the main screen; `done` is called when newer rows can be shown."""

    def __init__(self, desk: Desk, done: Callable[[], None]) -> None:
        self._desk = desk
        self.room = Workroom(done)

    def going_on(self, snapshot: Snapshot, now: float) -> bool:
        """True while such rows are being made; they are begun here when due."""
        if self.room.busy:
            return True
        if not is_large(snapshot) and not self._desk.slow:
            return False
        drafts = self._desk.drafts(snapshot, now)
        return bool(drafts) and self.room.take(partial(_all_drafted, drafts))

    def warm(self, table: Table) -> None:
        """Make the texts that a filter looks through, before its first letter is typed."""
        rows, text_of = table.everything, table.texts.of

        def work() -> Callable[[], None]:
            for row in rows:
                text_of(row)
            return _nothing

        if len(rows) > LARGE:
            self.room.take(work)

    def close(self) -> None:
        """Let the thread end; nobody waits for it."""
        self.room.close()


def _all_drafted(drafts: Sequence[Work]) -> Callable[[], None]:
    """Make them one after the other; all are put on the screen at once."""
    made = [draft() for draft in drafts]

    def put() -> None:
        for each in made:
            each()

    return put


def _nothing() -> None:
    """Nothing is to be put anywhere."""
