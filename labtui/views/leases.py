"""Leases: which guest has which cards, whose they are, until when, and the coming weeks as bars."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.cluster import Membership, Resources
from labtui.model.devices import Hardware, short_model
from labtui.model.guests import GuestConfigs
from labtui.model.leases import line_of
from labtui.model.leases_held import Assignment, assignments
from labtui.model.owners import registry
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.calendar import UNDATED, bar, day_text, left
from labtui.views.figures import span
from labtui.views.lease_words import SOON
from labtui.views.view import Cell, Column, Role, Section, Summary, View


def _rows(snapshot: Snapshot, now: float) -> Sequence[Assignment]:
    return assignments(snapshot).rows


def cards_text(row: Assignment) -> str:
    """`2 RTX 4090`; of one that may have any of several, how many it may have."""
    count: dict[str, int] = {}
    for card in row.cards:
        name = short_model(card.device.model)
        count[name] = count.get(name, 0) + 1
    # A pool shows every card that it may be: as many are had as there are lines.
    own = [c for card in row.cards for c in card.claims if c.guest.key == row.guest.key]
    if len(count) == 1 and any(claim.alternatives > 1 for claim in own):
        lines = len({claim.line for claim in own})
        count = {name: min(n, lines) for name, n in count.items()}
    return ", ".join(f"{n} {name}" for name, n in count.items())


def _state(row: Assignment, now: float) -> Cell:
    """How long it lasts: over, soon over, or the day."""
    if row.broken and row.lease is None:
        return Cell(_("not understood"), "warn")
    if row.lease is None:
        return Cell(_("no lease"), "dim")
    if not row.cards:
        return Cell(_("no card"), "warn")
    rest = left(row.lease.until, now)
    if rest is None:
        return Cell(_("no end"), "dim")
    if rest <= 0:
        return Cell(_("{span} over").format(span=span(-rest)), "bad")
    role: Role = "warn" if rest <= SOON else ""
    return Cell(_("{span} left").format(span=span(rest)), role)


def _until(row: Assignment, now: float) -> Cell:
    return Cell(day_text(row.lease.until, now)) if row.lease is not None else Cell("")


def _weeks(row: Assignment, now: float) -> Cell:
    lease = row.lease
    if lease is None:
        return Cell(bar("", "", now, sign=UNDATED), "dim") if row.cards else Cell("")
    rest = left(lease.until, now)
    role: Role = "bad" if rest is not None and rest <= 0 else "info"
    return Cell(bar(lease.since, lease.until, now), role)


def _trouble(row: Assignment, now: float) -> int:
    if row.lease is None:
        return 1 if row.broken else 0
    rest = left(row.lease.until, now)
    if rest is None or not row.cards:
        return 0 if row.cards else 1
    return 3 if rest <= 0 else 2 if rest <= SOON else 0


def _summary(rows: Sequence[Assignment], now: float) -> Summary:
    leased = sum(row.lease is not None for row in rows)
    over = sum(_trouble(row, now) == 3 for row in rows)
    soon = sum(_trouble(row, now) == 2 for row in rows)
    text = _("{n} leases").format(n=leased)
    if over:
        return Summary(text + _(", {n} over").format(n=over), "bad")
    if soon:
        return Summary(text + _(", {n} end soon").format(n=soon), "warn")
    return Summary(text)


def _details(row: Assignment, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    # Whom the records name is asked when somebody looks: the first frame waits for none of it.
    from labtui.model.records.people import people

    lines = [(_("guest"), Cell(row.guest.label)), (_("node"), Cell(row.guest.node))]
    owned = registry(snapshot).of_guest(row.guest)
    if owned is not None and owned.record.tenant:
        lines.append((_("tenant"), Cell(owned.record.tenant)))
    if row.lease is not None:
        lease = row.lease
        whom = people(snapshot).asked_about(owned.record.tenant) if owned is not None else ""
        lines += [
            (_("whose"), Cell(lease.owner)),
            (_("ask"), Cell(whom)),
            (_("from"), Cell(lease.since)),
            (_("until"), Cell(lease.until)),
            (_("lasts"), _state(row, now)),
            (_("project"), Cell(lease.project)),
            (_("what for"), Cell(lease.purpose)),
            (_("line"), Cell(line_of(lease), "dim")),
        ]
    about = Section(_("Lease"), tuple(line for line in lines if line[1].text))
    cards = tuple(
        (card.device.slot.removeprefix("0000:"), Cell(short_model(card.device.model)))
        for card in row.cards
    )
    broken = tuple((each.why, Cell(each.line, "warn")) for each in row.broken)
    found = (about, Section(_("Cards"), cards), Section(_("Not understood"), broken))
    return aging.sections(tuple(each for each in found if each.lines), _aged(row, snapshot, now))


def _aged(row: Assignment, snapshot: Snapshot, now: float) -> float | None:
    cluster = row.guest.cluster
    return aging.age_of(snapshot, now, (GuestConfigs, cluster), (Resources, cluster))


LEASES: View[Assignment] = View(
    id="leases",
    key="",
    title=N_("leases"),
    noun="lease",
    needs=(GuestConfigs, Hardware, Resources, Membership),
    columns=(
        Column("guest", N_("guest"), 15, lambda r, n: Cell(r.guest.label), lambda r: r.guest.label),
        Column("cards", N_("cards"), 10, lambda r, n: Cell(cards_text(r)), cards_text),
        Column(
            "owner",
            N_("whose"),
            8,
            lambda r, n: Cell(r.lease.owner if r.lease else ""),
            lambda r: r.lease.owner if r.lease else "",
        ),
        Column("state", N_("lasts"), 9, _state, lambda r: r.ends, unit="time", timed=True),
        Column(
            "weeks", N_("4 weeks, from today"), 32, _weeks, lambda r: None, priority=1, timed=True
        ),
        Column(
            "until", N_("until"), 10, _until, lambda r: r.ends, priority=2, unit="time", timed=True
        ),
        Column(
            "project",
            N_("project"),
            10,
            lambda r, n: Cell(r.lease.project if r.lease else ""),
            lambda r: r.lease.project if r.lease else "",
            priority=3,
        ),
        Column(
            "purpose",
            N_("what for"),
            12,
            lambda r, n: Cell(r.lease.purpose if r.lease else "", "dim"),
            lambda r: r.lease.purpose if r.lease else "",
            priority=4,
            grow=True,
        ),
        Column(
            "node",
            N_("node"),
            6,
            lambda r, n: Cell(r.guest.node, "dim"),
            lambda r: r.guest.node,
            priority=3,
        ),
    ),
    rows=_rows,
    row_key=lambda row: row.key,
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No guest has a card, as far as their configurations were read."),
    sort="state",
    ticks=True,
    aged=_aged,
)
