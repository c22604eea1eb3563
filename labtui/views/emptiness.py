"""Why a section of the details has no lines: five reasons, each with its sentence. Pure.

Loading, nothing there, not permitted (and which right), can't be read (and why), and old (which is
the section's `age`).
"""

from __future__ import annotations

from labtui.locale import _
from labtui.model.errors import Problem
from labtui.views.view import Cell, Section

Lines = tuple[tuple[str, Cell], ...]
_DENIED = ("forbidden", "refused")


def loading() -> Lines:
    """The first answer is on its way."""
    return (("", Cell(_("loading"), "dim")),)


def nothing(text: str = "") -> Lines:
    """It was read, and there is nothing; `text` says so in better words."""
    return (("", Cell(text or _("none"), "dim")),)


def failed(problem: Problem) -> Lines:
    """It could not be read."""
    why = problem.why or problem.what
    if problem.kind in _DENIED:
        return (("", Cell(_("not permitted: {why}").format(why=why), "warn")),)
    return (("", Cell(_("can't be read: {why}").format(why=why), "bad")),)


def section(title: str, lines: Lines, age: float | None = None, none: str = "") -> Section:
    """The lines, or that there are none."""
    return Section(title, lines or nothing(none), age)
