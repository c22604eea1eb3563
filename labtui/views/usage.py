"""Card-hours as lines with bars: who was given how much, and how much of it was used."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import N_, _
from labtui.model.card_hours import By, HourRow, Total, totals
from labtui.views.view import Cell, Role, Section

WIDTH = 24
_TITLES: dict[By, str] = {
    "person": N_("by person"),
    "project": N_("by project"),
    "model": N_("by model"),
    "guest": N_("by guest"),
    "card": N_("by card"),
}
_IDLE, _MOST = 0.1, 12


def title_of(by: By) -> str:
    """What it is summed up by, in words."""
    return _(_TITLES[by])


def name_of(total: Total, by: By) -> str:
    """A name; what has none says so."""
    return total.name or (_("nobody named") if by == "person" else _("none"))


def hours(seconds: float) -> str:
    """Seconds as hours: `0.4 h`, `31 h`."""
    value = seconds / 3600
    return f"{value:.1f} h" if value < 10 else f"{value:.0f} h"


def share_text(total: Total) -> str:
    """What worked of the time that was told of; `?` when nobody told."""
    return "?" if total.share is None else f"{total.share:.0%}"


def bar_of(total: Total, most: float, width: int = WIDTH) -> str:
    """Given as a bar, of which what worked is full and what was not known is thin."""
    length = round(width * total.given / most) if most > 0 else 0
    length = max(1, length) if total.given > 0 else 0
    known = total.told / total.given if total.given else 0.0
    full = min(length, round(length * known * (total.share or 0.0)))
    rest = min(length - full, round(length * max(0.0, 1.0 - known)))
    return "█" * full + "▒" * (length - full - rest) + "·" * rest


def sections(rows: Sequence[HourRow], days: float) -> tuple[Section, ...]:
    """A section for each way of summing up; a legend at the end."""
    found = []
    dimensions: tuple[By, ...] = ("person", "project", "model", "guest")
    for by in dimensions:
        sums = totals(rows, by)
        if by == "project" and all(not total.name for total in sums):
            continue
        most = max((total.given for total in sums), default=0.0)
        lines = [(name_of(total, by), _line(total, most)) for total in sums[:_MOST]]
        if len(sums) > _MOST:
            lines.append(("", Cell(_("and {n} more").format(n=len(sums) - _MOST), "dim")))
        found.append(Section(title_of(by), tuple(lines)))
    legend = _("█ worked  ▒ idle  · not known; of the last {days:.0f} days")
    found.append(Section(_("Key"), (("", Cell(legend.format(days=days), "dim")),)))
    return tuple(found)


def _line(total: Total, most: float) -> Cell:
    role: Role = "warn" if total.share is not None and total.share < _IDLE else ""
    text = _("{bar} {given} given, {used} used ({share})")
    bar = f"{bar_of(total, most):<{WIDTH}}"
    used = hours(total.used)
    given = f"{hours(total.given):>7}"
    return Cell(text.format(bar=bar, given=given, used=used, share=share_text(total)), role)
