"""Requests: who wants which cards, and when; from the notes of the datacenter."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.leases import Request, Requests, line_of, request_key
from labtui.model.snapshot import Snapshot
from labtui.views import aging
from labtui.views.calendar import WANTED, bar, day_text, left
from labtui.views.view import Cell, Column, Section, Summary, View


class Wanted(msgspec.Struct, frozen=True):
    """A request and the cluster whose notes have it."""

    cluster: str
    request: Request

    @property
    def key(self) -> str:
        return request_key(self.cluster, self.request)


def _rows(snapshot: Snapshot, now: float) -> Sequence[Wanted]:
    return [
        Wanted(cluster, each) for cluster, part in snapshot.of(Requests) for each in part.entries
    ]


def _past(row: Wanted, now: float) -> bool:
    rest = left(row.request.until, now)
    return rest is not None and rest <= 0


def _when(row: Wanted, now: float) -> Cell:
    since, until = (day_text(day, now) for day in (row.request.since, row.request.until))
    return Cell(f"{since} - {until}" if since or until else "", "dim" if _past(row, now) else "")


def _details(row: Wanted, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    request = row.request
    lines = (
        (_("who"), Cell(request.owner)),
        (_("what"), Cell(request.want)),
        (_("when"), _when(row, now)),
        (_("project"), Cell(request.project)),
        (_("what for"), Cell(request.purpose)),
        (_("line"), Cell(line_of(request), "dim")),
    )
    about = Section(_("Request"), tuple(line for line in lines if line[1].text))
    # Looked for when somebody asks: the first frame waits for none of it.
    from labtui.model.card_places import find, parse_wish
    from labtui.views.places import place_lines

    wish = parse_wish(request.want)
    if wish is None:
        return (about,)
    places = Section(_("Where it can be had"), place_lines(find(snapshot, wish, now)))
    return aging.sections((about, places), _aged(row, snapshot, now))


def _aged(row: Wanted, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of(snapshot, now, (Requests, row.cluster))


def _summary(rows: Sequence[Wanted], now: float) -> Summary:
    return Summary(_("{n} requests").format(n=sum(not _past(row, now) for row in rows)))


REQUESTS: View[Wanted] = View(
    id="requests",
    key="",
    title=N_("requests"),
    noun="request",
    needs=(Requests,),
    columns=(
        Column(
            "owner", N_("who"), 12, lambda r, n: Cell(r.request.owner), lambda r: r.request.owner
        ),
        Column("want", N_("what"), 14, lambda r, n: Cell(r.request.want), lambda r: r.request.want),
        Column("when", N_("when"), 18, _when, lambda r: r.request.since, timed=True),
        Column(
            "weeks",
            N_("4 weeks, from today"),
            32,
            lambda r, n: Cell(bar(r.request.since, r.request.until, n, sign=WANTED), "info"),
            lambda r: None,
            priority=1,
            timed=True,
        ),
        Column(
            "project",
            N_("project"),
            10,
            lambda r, n: Cell(r.request.project),
            lambda r: r.request.project,
            priority=2,
        ),
        Column(
            "purpose",
            N_("what for"),
            12,
            lambda r, n: Cell(r.request.purpose, "dim"),
            lambda r: r.request.purpose,
            priority=3,
            grow=True,
        ),
    ),
    rows=_rows,
    row_key=lambda row: row.key,
    trouble=lambda row, now: 0,
    summary=_summary,
    details=_details,
    empty=N_("Nobody has asked for cards, or the notes of the datacenter may not be read."),
    sort="when",
    aged=_aged,
)
