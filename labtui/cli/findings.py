"""`labtui get findings`: the causes as a table, JSON or CSV, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from labtui.cli.causes import causes, marks_of, remembered
from labtui.config.schema import Config
from labtui.findings import Cause
from labtui.findings.telling import hit_by, mark_text, severity_word, since_of, sure_word
from labtui.locale import N_, _
from labtui.model.snapshot import Snapshot
from labtui.model.spans import span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

FINDINGS = "findings"
_ROLES: dict[str, Role] = {"critical": "bad", "warning": "warn", "notice": "dim"}
_TROUBLE = {"critical": 3, "warning": 2, "notice": 1}


class Row(NamedTuple):
    """A cause, its place among the causes, and the time of the look."""

    cause: Cause
    rank: int
    now: float


def _severity(row: Row, _now: float) -> Cell:
    cause = row.cause
    return Cell(severity_word(cause.severity), "dim" if cause.quiet else _ROLES[cause.severity])


def _since(row: Row, now: float) -> Cell:
    at = since_of(row.cause)
    return Cell(span(now - at) if at is not None else "")


def _aside(row: Row) -> str:
    mark = row.cause.standing.mark
    if mark is not None:
        return mark_text(mark, row.now)
    return _("planned") if row.cause.finding.planned else ""


def _remedy(row: Row) -> str:
    remedies = row.cause.finding.remedies
    return remedies[0].text.say() if remedies else ""


def _text(row: Row) -> str:
    return row.cause.finding.words.say()


def _people(row: Row) -> str:
    hit = row.cause.affected
    return ", ".join(hit.contacts or hit.people)


_COLUMNS: tuple[Column[Row], ...] = (
    Column("rank", "#", 3, lambda row, _now: Cell(str(row.rank)), lambda row: row.rank,
           right=True),
    Column("severity", N_("level"), 8, _severity, lambda row: row.cause.severity),
    Column("finding", N_("finding"), 30, lambda row, _now: Cell(_text(row)), _text, 0, grow=True),
    Column("rule", N_("rule"), 16, lambda row, _now: Cell(row.cause.finding.rule, "dim"),
           lambda row: row.cause.finding.rule, 4),
    Column("since", N_("since"), 5, _since, lambda row: since_of(row.cause), 1, right=True,
           unit="time"),
    Column("sure", N_("how sure"), 8,
           lambda row, _now: Cell(sure_word(row.cause.finding.sure) or _("certain")),
           lambda row: row.cause.finding.sure, 4),
    Column("hits", N_("hits"), 20, lambda row, _now: Cell(hit_by(row.cause.affected)),
           lambda row: hit_by(row.cause.affected), 1, grow=True),
    Column("people", N_("ask or tell"), 16, lambda row, _now: Cell(_people(row)), _people, 4),
    Column("effects", N_("effects"), 3, lambda row, _now: Cell(str(row.cause.size - 1)),
           lambda row: row.cause.size - 1, 2, right=True),
    Column("do", N_("do first"), 20, lambda row, _now: Cell(_remedy(row)), _remedy, 4),
    Column("aside", N_("put aside"), 9, lambda row, _now: Cell(_aside(row), "dim"), _aside, 4),
)  # fmt: skip


def _summary(rows: Sequence[Row], _now: float) -> Summary:
    return Summary(str(len(rows)))


def _details(_row: Row, _snapshot: Snapshot, _now: float) -> tuple[Section, ...]:
    return ()


def findings_view(config: Config) -> View[Row]:
    """The causes of a snapshot, with what consoles and the recorder remember and have put aside.

    Its rows raise nothing: a file of marks that can't be read puts nothing aside.
    """

    def rows(snapshot: Snapshot, now: float) -> Sequence[Row]:
        marks, _word = marks_of(config)
        found = causes(snapshot, now, marks, remembered(config, snapshot, now))
        return [Row(cause, rank, now) for rank, cause in enumerate(found, 1)]

    return View(
        id=FINDINGS,
        key="",
        title=N_("findings"),
        noun="finding",
        needs=(),
        columns=_COLUMNS,
        rows=rows,
        row_key=lambda row: row.cause.finding.id,
        # The causes are in order already: of those put aside the worst is no trouble.
        trouble=lambda row, _now: 0 if row.cause.quiet else _TROUBLE[row.cause.severity],
        summary=_summary,
        details=_details,
        empty=N_("Nothing is wrong that labtui can see."),
        sort="rank",
    )
