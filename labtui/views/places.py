"""Where cards can be had, as lines: the node, what is free, who would have to make room."""

from __future__ import annotations

from labtui.locale import _
from labtui.model.card_places import GIB, Place, Search
from labtui.views.view import Cell, Role


def place_lines(search: Search) -> tuple[tuple[str, Cell], ...]:
    """A line for each node, the easiest first; then those that will not do, with the reason."""
    lines = [(place.room.node, Cell(place_text(place), _role(place))) for place in search.places]
    for node, count in search.short:
        lines.append((node, Cell(_("has {n} only").format(n=count), "dim")))
    lines += [(node, Cell(_("is away or was not read"), "stale")) for node in search.unknown]
    return tuple(lines) or (("", Cell(_("no node has such a card"), "warn")),)


def _role(place: Place) -> Role:
    if place.tight:
        return "bad"
    return "good" if place.room.free and not place.movers else "warn" if place.room.running else ""


def place_text(place: Place) -> str:
    """`01:00 02:00; free`, or whose they are and what would have to happen."""
    slots = " ".join(card.device.slot.removeprefix("0000:") for card in place.room.cards)
    parts = [slots, _("free") if place.room.free else ""]
    for claims, text in (
        (place.room.off, _("off, names it: {guests}")),
        (place.room.running, _("would have to give it up: {guests}")),
    ):
        if claims:
            names = ", ".join(
                claim.guest.label + (_(" (lease over)") if claim.guest.key in place.over else "")
                for claim in claims
            )
            parts.append(text.format(guests=names))
    if place.tight:
        parts.append(_("not enough memory there"))
    if place.movers:
        names = ", ".join(guest.label for guest in place.movers)
        parts.append(_("for its memory would have to move: {guests}").format(guests=names))
    if place.memory is not None:
        parts.append(_("{n} GiB of memory free").format(n=max(0, place.memory) // GIB))
    return "; ".join(part for part in parts if part)
