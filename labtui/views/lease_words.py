"""What is said of a lease in other panes."""

from __future__ import annotations

from labtui.locale import _
from labtui.model.leases_held import Assignment
from labtui.views.calendar import DAY, day_text, left
from labtui.views.view import Cell, Role

SOON = 3 * DAY
"""From this long before its end on a lease is told."""


def until(row: Assignment | None, now: float) -> Cell:
    """`until Dec 1` for a card's row; empty without an end."""
    if row is None or row.lease is None or not row.lease.until:
        return Cell("")
    rest = left(row.lease.until, now) or 0.0
    role: Role = "bad" if rest <= 0 else "warn" if rest <= SOON else ""
    return Cell(_("until {day}").format(day=day_text(row.lease.until, now)), role)
