"""Text in terminal cells: measured, cut and padded, wide glyphs included. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from labtui.model.text import clean

ELLIPSIS = "…"


class Span(NamedTuple):
    """A piece of one line: its text, its role (what it means) and the ground it stands on."""

    text: str
    role: str = ""
    ground: str = ""


Line = tuple[Span, ...]


def harmless(text: str) -> str:
    """The text as it may reach a terminal: the last gate, for what no source has cleaned."""
    return text if text.isprintable() else clean(text)


def width_of(text: str) -> int:
    """Cells that the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def line_width(line: Iterable[Span]) -> int:
    """Cells that the spans take together."""
    return sum(width_of(span.text) for span in line)


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells; one that is cut ends in an ellipsis."""
    text = harmless(text)
    if width_of(text) <= width:
        return text
    if width <= 1:
        return ELLIPSIS[:width]
    # A wide glyph cut in two leaves a blank in front of the ellipsis.
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


def padded(text: str, width: int, right: bool = False) -> str:
    """The text in exactly `width` cells."""
    text = cut(text, width)
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks


def clip(line: Iterable[Span], width: int) -> Line:
    """The spans in at most `width` cells, the one that is cut ending in an ellipsis."""
    kept: list[Span] = []
    left = width
    for span in line:
        taken = width_of(span.text)
        if taken > left:
            if left > 0:
                kept.append(span._replace(text=cut(span.text, left)))
            break
        kept.append(span)
        left -= taken
    return tuple(kept)


def closed(line: Iterable[Span], width: int) -> Line:
    """The spans made harmless and exactly `width` cells wide."""
    spans = tuple(
        span if span.text.isprintable() else span._replace(text=clean(span.text)) for span in line
    )
    taken = line_width(spans)
    if taken > width:
        spans = clip(spans, width)
        taken = line_width(spans)
    return (*spans, Span(" " * (width - taken))) if taken < width else spans


def wrapped(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most `width` cells, broken at blanks, else where it must be."""
    text = harmless(text)
    if width_of(text) <= width:
        yield text
        return
    line = ""
    for word in text.split(" "):
        while word:
            joined = f"{line} {word}" if line else word
            if width_of(joined) <= width:
                line, word = joined, ""
            elif line:
                yield line
                line = ""
            else:
                head = set_cell_size(word, max(2, width)).rstrip()
                yield head
                word = word[len(head) :]
    yield line


def changed(old: Line, new: Line) -> tuple[int, int] | None:
    """From which cell to which (exclusive) two lines of equal width differ; None when nowhere."""
    if old == new:
        return None
    start = _same(old, new)
    end = line_width(new) - _same(old[::-1], new[::-1])
    return (start, end) if start < end else (0, line_width(new))


def _same(old: Sequence[Span], new: Sequence[Span]) -> int:
    """Cells of the spans that both begin with."""
    cells = 0
    for was, now in zip(old, new, strict=False):
        if was != now:
            break
        cells += width_of(now.text)
    return cells
