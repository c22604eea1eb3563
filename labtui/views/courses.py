"""Courses of figures as charts: what a node, guest or session did in the last hour to year."""

from __future__ import annotations

import time
from collections.abc import Callable

from labtui.locale import N_, _
from labtui.model.courses import Course, Timeframe
from labtui.views import emptiness
from labtui.views.figures import percent, rate, size
from labtui.views.view import Cell, Chart, Section

_TITLES: dict[Timeframe, str] = {
    "hour": N_("Last hour"),
    "day": N_("Last day"),
    "week": N_("Last week"),
    "month": N_("Last month"),
    "year": N_("Last year"),
}
_Say = Callable[[float | None], str]


def title(timeframe: Timeframe) -> str:
    """The heading of the charts of that time."""
    return _(_TITLES[timeframe])


def of_node(course: Course) -> Section:
    """A node's processor, load, memory, root file system and network."""
    memory = course.most("memtotal") or course.most("memused") or 1.0
    root = course.most("roottotal") or course.most("rootused") or 1.0
    return _section(
        course,
        (
            _chart(course, "cpu", _("cpu"), 1.0, percent),
            _chart(course, "iowait", _("waits for disks"), 1.0, percent),
            _chart(course, "loadavg", _("load"), course.most("maxcpu"), _load),
            _chart(course, "memused", _("memory"), memory, size),
            _chart(course, "swapused", _("swap"), course.most("swaptotal"), size),
            _chart(course, "rootused", _("root disk"), root, size),
            _chart(course, "netin", _("received"), None, _rate),
            _chart(course, "netout", _("sent"), None, _rate),
        ),
    )


def of_guest(course: Course) -> Section:
    """A guest's processor, memory, network and disks."""
    memory = course.most("maxmem") or course.most("mem") or 1.0
    return _section(
        course,
        (
            _chart(course, "cpu", _("cpu"), 1.0, percent),
            _chart(course, "mem", _("memory"), memory, size),
            _chart(course, "netin", _("received"), None, _rate),
            _chart(course, "netout", _("sent"), None, _rate),
            _chart(course, "diskread", _("read"), None, _rate),
            _chart(course, "diskwrite", _("written"), None, _rate),
        ),
    )


def of_sessions(course: Course) -> Section:
    """How many prefixes each BGP connection brought; one that brought none all the time says so."""
    charts: list[Chart] = []
    still: list[tuple[str, Cell]] = []
    for name, values in sorted(course.figures.items()):
        known = [value for value in values if value is not None]
        if not known or not max(known):
            still.append((name, Cell(_("none in that time"), "warn")))
            continue
        last = values[-1] if values[-1] is not None else values[-2]
        now = _("now {n}").format(n=f"{last:.0f}") if last is not None else _("not known now")
        least, most = f"{min(known):.0f}", f"{max(known):.0f}"
        span = _("{least} to {most}").format(least=least, most=most)
        span = _("all the time") if least == most else span
        charts.append(Chart(name, values, max(known), (now, span)))
    first, last_at = _moment(course, course.times[0]), _moment(course, course.times[-1])
    words = _("{start} to {end}").format(start=first, end=last_at)
    lines = (*still, (_("from"), Cell(words, "dim")))
    heading = _("Prefixes, {time}").format(time=title(course.timeframe).lower())
    return Section(heading, lines, charts=tuple(charts))


def _section(course: Course, charts: tuple[Chart | None, ...]) -> Section:
    drawn = tuple(chart for chart in charts if chart is not None)
    if not drawn:
        return Section(title(course.timeframe), emptiness.nothing(_("nothing was published")))
    first, last = _moment(course, course.times[0]), _moment(course, course.times[-1])
    lines = ((_("from"), Cell(_("{start} to {end}").format(start=first, end=last), "dim")),)
    return Section(title(course.timeframe), lines, charts=drawn)


def _moment(course: Course, at: float) -> str:
    form = "%H:%M" if course.timeframe == "hour" else "%m-%d %H:%M"
    return time.strftime("%Y-%m-%d" if course.timeframe == "year" else form, time.localtime(at))


def _chart(course: Course, name: str, label: str, top: float | None, say: _Say) -> Chart | None:
    """None for what has no value, and for what was nothing all the time."""
    values, most = course.of(name), course.most(name)
    if not values or not most:
        return None
    last = next(reversed(values))
    now = say(last) if last is not None else _("gone")
    words = (now, _("most {value}").format(value=say(most)))
    return Chart(label, values, top or most, words)


def _load(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _rate(value: float | None) -> str:
    return f"{rate(value)}/s"
