"""Pages about cards: `:calendar`, `:usage 30d`, `:cards 2 RTX 4090`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labtui.locale import _
from labtui.model.card_hours import HourRow
from labtui.model.card_places import Search, find, parse_wish
from labtui.model.claims import Card, card_table
from labtui.model.devices import short_model
from labtui.model.leases import Requests
from labtui.model.leases_held import Assignment, assignments
from labtui.model.snapshot import Snapshot
from labtui.model.spans import seconds_of
from labtui.ui.screens.lookup import section_lines
from labtui.ui.screens.page import PageDialog
from labtui.ui.widgets.cells import Line, Span, padded, wrapped
from labtui.views.calendar import FREE, FULL, UNDATED, WANTED, bar, day_text, head, labelled, left
from labtui.views.places import place_lines
from labtui.views.usage import sections

if TYPE_CHECKING:
    from labtui.live.history.keeper import Keeper
    from labtui.ui.screens.main import MainScreen

_MONTH = 30 * 86400
_NAMES, _PLACE, _LEAST_WEEKS, _MOST_WEEKS = 24, 8, 4, 12


def open_calendar(screen: MainScreen, rest: str) -> None:
    """The cards and the coming weeks, as many as there is room for."""
    del rest
    link = screen.link
    title = _("who has which card in the coming weeks")
    made = lambda width: calendar_lines(link.store.snapshot, link.now(), width)  # noqa: E731
    screen.open(PageDialog(title, made))


def calendar_lines(snapshot: Snapshot, now: float, width: int) -> list[Line]:
    """A line for each card and lease, under the dates of the Mondays; then the requests."""
    weeks = max(_LEAST_WEEKS, min(_MOST_WEEKS, (width - _NAMES - 1) // 8))
    days = 7 * weeks
    lines: list[Line] = [(Span(" " * (_NAMES + 1)), Span(head(now, days), "dim"))]
    table = assignments(snapshot)
    for card in card_table(snapshot).cards:
        rows = table.by_card.get(card.key, ())
        lines.extend(_of_card(card, rows, now, days))
    wanted = [each for _cluster, part in snapshot.of(Requests) for each in part.entries]
    standing = [each for each in wanted if (left(each.until, now) or 1.0) > 0]
    if standing:
        lines += [(), (Span(_("Requests"), "title"),)]
    for request in standing:
        name = padded(f"{request.want} {request.owner}", _NAMES)
        signs = bar(request.since, request.until, now, days, WANTED)
        lines.append((Span(name + " "), Span(signs, "info")))
    return lines


def _of_card(card: Card, rows: Sequence[Assignment], now: float, days: int) -> list[Line]:
    place = f"{card.device.node} {card.device.slot.removeprefix('0000:')}"
    name = padded(f"{place} {short_model(card.device.model)}", _NAMES)
    if not rows:
        return [(Span(name + " "), Span(bar("9", "", now, days), "dim"))]
    lines: list[Line] = []
    for row in rows:
        lease = row.lease
        since, until = (lease.since, lease.until) if lease is not None else ("", "")
        owner = lease.owner if lease is not None else row.guest.label
        rest = left(until, now)
        role = "bad" if rest is not None and rest <= 0 else "info" if lease is not None else "dim"
        # As in the leases: without a lease nobody said an end.
        sign = FULL if lease is not None else UNDATED
        whose = f" {owner}{_one_of(card, row)} "
        signs = labelled(bar(since, until, now, days, sign), whose)
        if set(signs) <= {FREE, "│"} and lease is not None and rest is not None and rest <= 0:
            signs = _("{owner}: over since {day}").format(owner=owner, day=day_text(until, now))
        lines.append((Span(name + " "), Span(signs, role)))
        name = " " * _NAMES
    return lines


def _one_of(card: Card, row: Assignment) -> str:
    """` (1 of 2)` where the guest has one of so many, and nobody tells which."""
    own = [claim for claim in card.claims if claim.guest.key == row.guest.key]
    several = min((claim.alternatives for claim in own), default=1)
    return _(" (1 of {n})").format(n=several) if several > 1 else ""


def open_places(screen: MainScreen, rest: str) -> None:
    """Where so many cards of a model can be had."""
    wish = parse_wish(rest) if rest.strip() else None
    if wish is None:
        screen.notice.say(_("find which cards? :cards 2 RTX 4090 with 96G"))
        return
    link = screen.link
    title = _("where {n} {model} can be had").format(n=wish.count, model=wish.model)

    def made(width: int) -> list[Line]:
        search = find(link.store.snapshot, wish, link.now())
        return places_lines(search, title, width)

    screen.open(PageDialog(_("cards"), made))


def places_lines(search: Search, title: str, width: int) -> list[Line]:
    """Each node with what would have to happen, over as many lines as that takes."""
    lines: list[Line] = [(Span(title, "title"),)]
    for node, cell in place_lines(search):
        name = node
        for part in wrapped(cell.text, max(20, width - _PLACE - 1)):
            lines.append((Span(padded(name, _PLACE) + " ", "strong"), Span(part, cell.role)))
            name = ""
    return lines


def open_usage(screen: MainScreen, rest: str) -> None:
    """Card-hours of a span, 30 days unless one is said."""
    span = seconds_of(rest) if rest.strip() else _MONTH
    keeper = screen.link.history
    if span is None:
        screen.notice.say(_("since when? :usage 30d"))
    elif keeper is None:
        screen.notice.say(_("no history is kept here"), "warn")
    else:
        title = _("card-hours")
        page = PageDialog(title, lambda _width: [(Span(_("reading the history"), "dim"),)])
        screen.open(page)
        screen.run_worker(_fill(page, keeper, screen.link.now(), float(span)), group="usage")


async def _fill(page: PageDialog, keeper: Keeper, now: float, span: float) -> None:
    from labtui.live.history.card_hours import hours_in
    from labtui.live.history.file import Unkept

    try:
        # Its own connection in a thread of its own: the file is read while it is written.
        rows = await asyncio.to_thread(hours_in, keeper.path, now - span, now)
    except (Unkept, OSError) as error:
        said = _("the history can't be read: {why}").format(why=error)
        page.become(lambda _width: [(Span(said, "warn"),)])
        return
    page.become(lambda _width: usage_lines(rows or (), span))


def usage_lines(rows: Sequence[HourRow], span: float) -> list[Line]:
    """Bars by person, project, model and guest."""
    if not rows:
        return [(Span(_("Nothing was counted in that time."), "dim"),)]
    return section_lines(sections(rows, span / 86400))


PAGES = {"calendar": open_calendar, "cards": open_places, "usage": open_usage}
