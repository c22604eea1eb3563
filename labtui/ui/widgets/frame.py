"""The frame around a pane or a dialog: a title and news above, figures below, a scroll mark."""

from __future__ import annotations

from collections.abc import Iterable

from labtui.ui.widgets.cells import ELLIPSIS, Line, Span, clip, line_width


def top(width: int, left: Iterable[Span], right: Iterable[Span] = (), *, on: bool = False) -> Line:
    """The upper edge; `left` is cut before `right` is."""
    return _edge(width, "╭", "╮", left, right, on)


def folded(width: int, left: Iterable[Span], right: Iterable[Span] = ()) -> Line:
    """A pane that is folded to one line."""
    return _edge(width, "╶", "╴", left, right, on=False)


def bottom(
    width: int, left: Iterable[Span] = (), right: Iterable[Span] = (), *, on: bool = False
) -> Line:
    """The lower edge."""
    return _edge(width, "╰", "╯", left, right, on)


def _edge(
    width: int,
    begin: str,
    end: str,
    left: Iterable[Span],
    right: Iterable[Span],
    on: bool,
) -> Line:
    role = "frame-on" if on else "frame"
    room = max(0, width - 4)
    right = clip(right, room)
    taken = line_width(right)
    left = _whole_words(clip(left, max(0, room - taken - 1) if taken else room))
    fill = max(0, width - 4 - taken - line_width(left))
    return (
        Span(begin + "─", role),
        *left,
        Span("─" * fill, role),
        *right,
        Span("─" + end, role),
    )


def _whole_words(line: Line) -> Line:
    """A line that was cut, without the piece of a word at its end."""
    if not line or not line[-1].text.endswith(ELLIPSIS):
        return line
    kept, blank, _piece = line[-1].text.rpartition(" ")
    return (*line[:-1], line[-1]._replace(text=f"{kept}{ELLIPSIS} ")) if blank and kept else line


def side(line: Iterable[Span], *, on: bool = False, thumb: bool = False) -> Line:
    """A line between the edges; `thumb` is the scroll mark at its right."""
    role = "frame-on" if on else "frame"
    last = Span("┃", "frame-on") if thumb else Span("│", role)
    return (Span("│", role), *line, last)


def thumb_rows(start: int, shown: int, whole: int, height: int) -> range:
    """Which of `height` lines carry the scroll mark; none when everything is shown."""
    if whole <= shown or height <= 0:
        return range(0)
    length = max(1, round(height * shown / whole))
    first = round((height - length) * start / (whole - shown))
    return range(first, first + length)
