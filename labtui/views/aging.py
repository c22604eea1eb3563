"""What is old looks old: how old the data of a row is, and what that makes of its cells. Pure.

Each view says from which feeds a row came (`View.aged`). While one of those is stale, nothing in
the row is drawn as good, and its state says how old it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from labtui.locale import _
from labtui.model.devices import Hardware
from labtui.model.feed import Feed
from labtui.model.snapshot import TOPICS, Part, Snapshot
from labtui.views.figures import span
from labtui.views.view import Cell, Role, Section, Summary, View

R = TypeVar("R")
_TOPIC_OF: dict[type[Part], str] = {part: topic for topic, part in TOPICS.items()}
# Trouble that was seen stays trouble; what was well is not known to be well.
_OLD: dict[Role, Role] = {"good": "stale", "info": "stale", "": "stale"}


def old_role(role: Role) -> Role:
    """The role of what is old: never good."""
    return _OLD.get(role, role)


def age_of(snapshot: Snapshot, now: float, *wanted: tuple[type[Part], str]) -> float | None:
    """Seconds since the oldest of these (part, source) was read, if it is stale; else None."""
    return oldest(*(_stale_for(snapshot, now, kind, source) for kind, source in wanted))


def age_of_any(snapshot: Snapshot, now: float, kind: type[Part]) -> float | None:
    """The same for that part of every source."""
    topic = _TOPIC_OF[kind]
    sources = {feed.source for feed in snapshot.freshness if feed.topic == topic}
    return age_of(snapshot, now, *((kind, source) for source in sources))


def hardware_age(snapshot: Snapshot, now: float, cluster: str, node: str) -> float | None:
    """The same for the devices of one node, which may be old among fresh ones."""
    fresh, part = snapshot.fresh(Hardware, cluster), snapshot.one(Hardware, cluster)
    at = part.read_at.get(node) if part is not None else None
    if fresh is not None and part is not None and at is not None and node in part.missing:
        age = max(0.0, now - at)
        return age if age > fresh.pace + 10.0 or fresh.remembered else None
    return age_of(snapshot, now, (Hardware, cluster))


def oldest(*ages: float | None) -> float | None:
    """The greatest age of those that are old."""
    return max((age for age in ages if age is not None), default=None)


def _stale_for(snapshot: Snapshot, now: float, kind: type[Part], source: str) -> float | None:
    fresh = snapshot.fresh(kind, source)
    # What was never read shows nothing, so nothing of it can be old.
    if fresh is None or fresh.read_at is None or not fresh.stale(now):
        return None
    return fresh.age(now)


def old_columns(view: View[R], snapshot: Snapshot, now: float) -> frozenset[str]:
    """Columns whose own part is old, in every row."""
    parts = {column.part for column in view.columns if column.part is not None}
    old = {part for part in parts if age_of_any(snapshot, now, part) is not None}
    return frozenset(column.id for column in view.columns if column.part in old)


def row_cells(
    view: View[R],
    row: R,
    snapshot: Snapshot,
    now: float,
    *,
    told: bool = True,
    old: frozenset[str] | None = None,
) -> dict[str, Cell]:
    """The cells of a row by column, as old as they are. `told`: the state says the age.

    `old` are the `old_columns`, for who asks for many rows.
    """
    age = view.aged(row, snapshot, now)
    old = old_columns(view, snapshot, now) if old is None else old
    cells = {}
    for column in view.columns:
        cell = column.cell(row, now)
        if age is not None or column.id in old:
            cell = Cell(cell.text, old_role(cell.role))
        cells[column.id] = cell
    if age is not None and told:
        name = "state" if "state" in cells else view.columns[0].id
        cells[name] = _dated(cells[name], age)
    return cells


def _dated(cell: Cell, age: float) -> Cell:
    if not cell.text:
        return Cell(_("{span} old").format(span=span(age)), cell.role)
    return Cell(_("{state}, {span} old").format(state=cell.text, span=span(age)), cell.role)


def summary(view: View[R], rows: Sequence[R], snapshot: Snapshot, now: float) -> Summary:
    """What a pane says of its rows: not that all is well while some of them are old."""
    made = view.summary(rows, now)
    if made.role != "good" or not any_stale(view, snapshot, now):
        return made
    old = any(view.aged(row, snapshot, now) is not None for row in rows)
    return Summary(made.text, "stale") if old else made


def all_old(view: View[R], rows: Sequence[R], snapshot: Snapshot, now: float) -> float | None:
    """When the youngest row was read (epoch seconds), if all of them are old; else None."""
    if not rows or not any_stale(view, snapshot, now):
        return None
    youngest: float | None = None
    for row in rows:
        age = view.aged(row, snapshot, now)
        if age is None:
            return None
        youngest = age if youngest is None else min(youngest, age)
    return None if youngest is None else now - youngest


def any_stale(view: View[Any], snapshot: Snapshot, now: float) -> bool:
    """Whether any row can be old: while nothing is, it is not worth while to look at each."""
    if stale_feeds(view, snapshot, now):
        return True
    return Hardware in view.needs and any(part.missing for _name, part in snapshot.of(Hardware))


def stale_feeds(view: View[Any], snapshot: Snapshot, now: float) -> tuple[Feed, ...]:
    """The old ones of the feeds that the view is made from."""
    topics = {_TOPIC_OF[part] for part in view.needs}
    return tuple(
        feed
        for feed, fresh in snapshot.freshness.items()
        if feed.topic in topics and fresh.stale(now)
    )


def section(title: str, lines: tuple[tuple[str, Cell], ...], age: float | None) -> Section:
    """A part of the details with the age of what it shows, when that is old (seconds)."""
    if age is None:
        return Section(title, lines)
    old = tuple((label, Cell(cell.text, old_role(cell.role))) for label, cell in lines)
    return Section(title, old, age)


def sections(given: tuple[Section, ...], age: float | None) -> tuple[Section, ...]:
    """All of these as old as that; one that is older by itself stays so."""
    if age is None:
        return given
    return tuple(section(one.title, one.lines, oldest(age, one.age)) for one in given)


def record_age(age: float | None) -> str:
    """The age in a heading, empty while it is fresh."""
    return "" if age is None else _("{span} old").format(span=span(age))
