"""The findings as a view: its rows are the causes that the keeper of the triage tells at present.

It stands here, not with the other views, since its rows come from the triage and not from the
snapshot alone. The rules are not imported for it: it draws whatever causes it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from labtui.locale import N_, _, ngettext
from labtui.model.snapshot import Snapshot
from labtui.views.figures import span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

if TYPE_CHECKING:
    from labtui.findings import Cause
    from labtui.live.triage import TriageKeeper

VIEW = "findings"
NOUN = "finding"
ROLES: dict[str, Role] = {"critical": "bad", "warning": "warn", "notice": "dim"}
_GLYPHS = {"critical": "✗", "warning": "!", "notice": "·"}
_TROUBLE = {"critical": 3, "warning": 2, "notice": 1}
KeyOf = Callable[[str], str]
"""The key in force of a command, as a person reads it."""


class Row(NamedTuple):
    """A cause and its place among the causes."""

    cause: Cause
    rank: int

    @property
    def id(self) -> str:
        return self.cause.finding.id


def level(cause: Cause) -> str:
    """`✗ CRIT`, `! WARN`, `· note`: a glyph and a word, so that colour is never the only sign."""
    word = {"critical": _("CRIT"), "warning": _("WARN"), "notice": _("note")}[cause.severity]
    return f"{_GLYPHS[cause.severity]} {word}"


def role(cause: Cause) -> Role:
    """What has been put aside does not shout."""
    return "dim" if cause.quiet else ROLES[cause.severity]


def since_of(cause: Cause) -> float | None:
    """Since when, as far as anybody here knows (epoch seconds)."""
    since = cause.finding.since
    return since if since is not None else cause.standing.first


def _said(row: Row, _now: float) -> Cell:
    return Cell(row.cause.finding.words.say(), "dim" if row.cause.quiet else "")


def _level(row: Row, _now: float) -> Cell:
    return Cell(level(row.cause), role(row.cause))


def _since(row: Row, now: float) -> Cell:
    at = since_of(row.cause)
    return Cell(span(now - at) if at is not None else "")


def _hits(row: Row, _now: float) -> Cell:
    from labtui.findings.telling import hit_by

    return Cell(hit_by(row.cause.affected))


def _aside(row: Row, now: float) -> Cell:
    from labtui.findings.telling import mark_text

    mark = row.cause.standing.mark
    if mark is not None:
        return Cell(mark_text(mark, now), "dim")
    return Cell(_("planned") if row.cause.finding.planned else "", "dim")


_COLUMNS: tuple[Column[Row], ...] = (
    Column("level", N_("level"), 6, _level, lambda row: row.rank),
    Column("finding", N_("finding"), 30, _said, lambda row: row.cause.finding.words.say(), 0,
           grow=True),
    Column("since", N_("since"), 5, _since, lambda row: since_of(row.cause), 1, right=True,
           descending=True, unit="age"),
    Column("hits", N_("hits"), 20, _hits, lambda row: row.cause.affected.breadth, 1, grow=True,
           descending=True),
    Column("effects", N_("effects"), 3, lambda row, _now: Cell(str(row.cause.size - 1)),
           lambda row: row.cause.size - 1, 2, right=True, descending=True),
    Column("aside", N_("put aside"), 9, _aside, lambda row: int(row.cause.quiet), 3),
)  # fmt: skip


def counted(rows: Sequence[Row]) -> Summary:
    """`2 critical 1 warning`, of what nobody has put aside."""
    told = [row.cause.severity for row in rows if not row.cause.quiet]
    critical, warning = told.count("critical"), told.count("warning")
    parts = [_("{n} critical").format(n=critical)] if critical else []
    if warning:
        parts.append(ngettext("{n} warning", "{n} warnings", warning).format(n=warning))
    if parts:
        return Summary(" ".join(parts), "bad" if critical else "warn")
    return Summary(_("nothing that needs you"), "good")


def placed(views: Sequence[View[Any]], findings: View[Row]) -> tuple[View[Any], ...]:
    """The views with the findings where their key belongs."""
    before = [place for place, view in enumerate(views) if "" < view.key < findings.key]
    place = before[-1] + 1 if before else len(views)
    return (*views[:place], findings, *views[place:])


def findings_view(keeper: TriageKeeper, key_of: KeyOf) -> View[Row]:
    """The view over what that keeper tells."""

    def rows(_snapshot: Snapshot, _now: float) -> Sequence[Row]:
        present = keeper.present
        causes = present.causes if present is not None else ()
        return [Row(cause, rank) for rank, cause in enumerate(causes)]

    def details(row: Row, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
        from labtui.ui.panes.findings_details import sections

        keeper.tried.look()
        return sections(row.cause, snapshot, now, key_of, keeper.tried.events)

    def aged(row: Row, _snapshot: Snapshot, now: float) -> float | None:
        as_of = row.cause.finding.as_of
        return now - as_of if as_of is not None else None

    return View(
        id=VIEW,
        key="6",
        title=N_("findings"),
        noun=NOUN,
        needs=(),
        columns=_COLUMNS,
        rows=rows,
        row_key=lambda row: row.id,
        trouble=lambda row, _now: 0 if row.cause.quiet else _TROUBLE[row.cause.severity],
        summary=lambda rows, _now: counted(rows),
        details=details,
        empty=N_("Nothing is wrong that labtui can see."),
        aged=aged,
    )
