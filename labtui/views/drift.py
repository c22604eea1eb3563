"""Drift: what NetBox and the lab say differently, with both values and what would mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labtui.locale import N_, _
from labtui.model.drift.needs import NEEDS
from labtui.model.snapshot import TOPICS, Snapshot
from labtui.views import aging
from labtui.views.drift_texts import (
    directions,
    field_text,
    kind_text,
    mend_text,
    sure_text,
    unseen_text,
    what_text,
)
from labtui.views.view import Cell, Column, Role, Section, Summary, View

if TYPE_CHECKING:
    from labtui.model.drift.difference import Difference

_ROLES: dict[str, Role] = {"warning": "bad", "notice": "warn", "": ""}


def _rows(snapshot: Snapshot, now: float) -> Sequence[Difference]:
    # Comparing is loaded with the first rows: the first frame is drawn without it.
    from labtui.model.drift.whole import drift

    found = drift(snapshot)
    return (*found.differences, *found.ignored)


def drift_age(row: Difference, snapshot: Snapshot, now: float) -> float | None:
    """How old the oldest of what it rests on is, in seconds, if that is old; else None."""
    grounds = ((TOPICS[topic], source) for topic, source in row.rests if topic in TOPICS)
    return aging.age_of(snapshot, now, *grounds)


def _state(row: Difference, now: float) -> Cell:
    text = kind_text(row)
    if row.sure == "likely":
        text += " ?"
    return Cell(text, "dim" if row.ignored else _ROLES[row.severity])


def _trouble(row: Difference, now: float) -> int:
    if row.ignored:
        return 0
    return 2 if row.severity == "warning" and not row.hidden else 1


def _summary(rows: Sequence[Difference], now: float) -> Summary:
    standing = [row for row in rows if not row.ignored]
    meant = len(rows) - len(standing)
    text = _("{n} differences").format(n=len(standing)) if standing else _("as recorded")
    if meant:
        text += _(", {n} meant so").format(n=meant)
    bad = any(_trouble(row, now) > 1 for row in standing)
    role: Role = "bad" if bad else "warn" if standing else "" if not rows else "good"
    return Summary(text, role)


def _details(row: Difference, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    from labtui.model.records.index import first_inventory

    inventory = first_inventory(snapshot)
    url = inventory.url if inventory is not None else ""
    about = [
        (_("what"), Cell(what_text(row.what))),
        (_("name"), Cell(row.name)),
        (_("difference"), _state(row, now)),
        (_("field"), Cell(field_text(row.field))),
        (_("is"), Cell(row.actual)),
        (_("recorded as"), Cell(row.recorded)),
        (_("site"), Cell(row.site)),
        (_("same object"), Cell(sure_text(row.sure), "" if row.sure == "certain" else "warn")),
        (_("meant so"), Cell(row.ignored)),
    ]
    if row.hidden:
        about.append(("", Cell(_("the token sees only a part; it may be recorded"), "warn")))
    if row.record is not None:
        place = row.record.page(url) if row.record.id else row.record.path
        about.append((_("in NetBox"), Cell(place)))
    sections = [Section(_("Difference"), tuple(line for line in about if line[1].text))]
    if row.candidates:
        lines = tuple((each.name, Cell(each.page(url))) for each in row.candidates)
        sections.append(Section(_("Would do"), lines))
    if row.mends:
        lines = tuple(("", Cell(mend_text(mend))) for mend in row.mends)
        sections.append(Section(_("What would mend it"), lines))
    from labtui.model.drift.whole import drift

    if gaps := drift(snapshot).unseen:
        lines = tuple(("", Cell(unseen_text(*gap), "dim")) for gap in gaps)
        sections.append(Section(_("Not compared"), lines))
    return aging.sections(tuple(sections), drift_age(row, snapshot, now))


DRIFT: View[Difference] = View(
    id="drift",
    key="",
    title=N_("drift"),
    noun="difference",
    needs=NEEDS,
    columns=(
        Column("what", N_("what"), 10, lambda d, n: Cell(what_text(d.what)), lambda d: d.what),
        Column("name", N_("name"), 20, lambda d, n: Cell(d.name), lambda d: d.name, grow=True),
        Column("state", N_("difference"), 15, _state, lambda d: d.field or d.kind),
        Column("actual", N_("is"), 16, lambda d, n: Cell(d.actual), lambda d: d.actual),
        Column(
            "recorded", N_("recorded as"), 16, lambda d, n: Cell(d.recorded), lambda d: d.recorded
        ),
        Column(
            "mend",
            N_("mend"),
            8,
            lambda d, n: Cell(directions(d), "dim"),
            lambda d: " ".join(sorted({mend.direction for mend in d.mends})),
            priority=2,
        ),
        Column(
            "sure",
            N_("sure"),
            8,
            lambda d, n: Cell(sure_text(d.sure), "good" if d.sure == "certain" else "warn"),
            lambda d: d.sure,
            priority=3,
        ),
    ),
    rows=_rows,
    heavy=True,
    row_key=lambda row: row.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("NetBox and the lab say the same, as far as both were read."),
    sort="what",
    aged=drift_age,
)
