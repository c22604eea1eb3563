"""The filter of a table: words, `field:value`, `field:>5G`, `!not`, `~regex`, "two words". Pure.

A row passes when every term does. Case does not matter. A word is looked for in the values of all
columns, `field:value` in those of one, by its id or its title. Numbers are compared in the units
that the cells have: `memory:>16G`, `cpu:>80%` or `cpu:>80`, `uptime:<2d`, `rx:>1M`, `id:>=200`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from labtui.locale import _
from labtui.views.view import Column, Unit, Value, View

_TERM = re.compile(r"(?P<not>!?)(?:(?P<field>[\w-]+):(?=\S))?(?P<value>\"[^\"]*\"?|\S+)")
_COMPARED = re.compile(r"(?P<sign>[<>]=?)(?P<number>\d+(?:\.\d+)?)(?P<unit>[a-zA-Z%]?)")
# Capital letters are bytes, small ones seconds, as the cells have it.
_UNITS = {
    **{unit: 1024.0**power for power, unit in enumerate("KMGTPE", 1)},
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "d": 86400.0,
    "y": 31_536_000.0,
    "": 1.0,
    "%": 1.0,
    "B": 1.0,
    "k": 1024.0,
    "g": 1024.0**3,
    "t": 1024.0**4,
}
ALL = ""
"""The field that has the texts of all fields."""

_LONGEST = 500
_MOST_KEPT = 20_000
_A_NAME = re.compile(r"[^\W\d][\w-]*")


class Term(msgspec.Struct, frozen=True):
    """One condition. `whole` is the text with its field, for when no column is named so.

    `sign` is how a number is compared with `number`; empty when a text is looked for.
    """

    value: str
    field: str = ""
    negated: bool = False
    pattern: re.Pattern[str] | None = None
    whole: str = ""
    sign: str = ""
    number: float = 0.0

    def accepts(self, texts: Mapping[str, str]) -> bool:
        """True when the condition holds for a row of these texts."""
        return self._found(texts) != self.negated

    def _found(self, texts: Mapping[str, str]) -> bool:
        if self.field:
            if self.field in texts:
                return self._in(texts[self.field])
            return self.whole in texts[ALL]
        if self.pattern is None:
            return self.value in texts[ALL]
        return any(self._in(text) for field, text in texts.items() if field != ALL)

    def _in(self, text: str) -> bool:
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return (self.sign != "" and self._compared(text)) or self.value in text

    def _compared(self, text: str) -> bool:
        try:
            number = float(text)
        except ValueError:
            return False
        if number == self.number:
            return self.sign.endswith("=")
        return (number > self.number) == self.sign.startswith(">")


class Filter(msgspec.Struct, frozen=True):
    """All conditions, and a message about what could not be understood."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    message: str = ""

    def accepts(self, texts: Mapping[str, str]) -> bool:
        """True when a row of these texts passes."""
        return all(term.accepts(texts) for term in self.terms)

    def sifted(self, rows: Sequence[Any], texts: RowTexts) -> list[Any]:
        """The rows that pass. One term goes through all rows before the next, plain words fast."""
        left, of = list(rows), texts.of
        for term in self.terms:
            if term.field or term.pattern is not None:
                left = [row for row in left if term.accepts(of(row))]
            elif term.negated:
                left = [row for row in left if term.value not in of(row)[ALL]]
            else:
                left = [row for row in left if term.value in of(row)[ALL]]
        return left


EMPTY = Filter()


def parse(text: str) -> Filter:
    """The filter that a text asks for; a term that is no regular expression is left out."""
    terms: list[Term] = []
    message = ""
    for match in _TERM.finditer(text[:_LONGEST]):
        value = match["value"]
        regex = value.startswith("~") and len(value) > 1
        value = value[1:] if regex else value
        value = value.strip('"')
        if value in ("", "!", "~"):
            # Still being typed.
            continue
        field = (match["field"] or "").casefold()
        pattern = None
        if regex:
            try:
                pattern = re.compile(value, re.IGNORECASE)
            except (re.error, RecursionError, OverflowError) as error:
                message = _("{value} is no regular expression: {why}").format(
                    value=value, why=error
                )
                continue
        whole = f"{field}:{value}".casefold() if field else ""
        sign, number = _comparison(value) if field and not regex else ("", 0.0)
        terms.append(
            Term(value.casefold(), field, bool(match["not"]), pattern, whole, sign, number)
        )
    return Filter(text.strip(), tuple(terms), message)


def _comparison(value: str) -> tuple[str, float]:
    """Sign and number of `>80%`; no sign when it is a text."""
    match = _COMPARED.fullmatch(value)
    if match is None or match["unit"] not in _UNITS:
        return "", 0.0
    return match["sign"], float(match["number"]) * _UNITS[match["unit"]]


def doubts(
    view: View[Any], wanted: Filter, rows: Sequence[object], texts: RowTexts | None = None
) -> str:
    """What a filter asks of this view that it can't answer; empty when all is well.

    A colon can be part of what is looked for (an address), so a field is told to be unknown only
    when it is a word and no row has the whole text. `texts` saves making those of the rows anew.
    """
    known = {name: column for column in view.columns for name in _names(column)}
    for term in wanted.terms:
        if not term.field or term.value in ("<", ">", "<=", ">="):
            # No field is named, or the number is still being typed.
            continue
        if (column := known.get(term.field)) is not None:
            if why := _incomparable(column, term, rows):
                return why
            continue
        texts = texts or RowTexts(view)
        if _A_NAME.fullmatch(term.field) and not _anywhere(term.whole, rows, texts):
            return _("there is no field '{name}' here; the fields are {names}").format(
                name=term.field, names=" ".join(column.id for column in view.columns)
            )
    return wanted.message


def _anywhere(whole: str, rows: Sequence[object], texts: RowTexts) -> bool:
    return any(whole in texts.of(row)[ALL] for row in rows)


def _incomparable(column: Column[Any], term: Term, rows: Sequence[object]) -> str:
    """Why a comparison with that column makes no sense; empty when it does, or is none."""
    if term.value[0] not in "<>":
        return ""
    if not term.sign:
        return _("'{value}' is no number to compare with: 5, 1.5G, 80% or 2h").format(
            value=term.value.lstrip("<>=")
        )
    if column.unit in ("time", "age"):
        return _("'{name}' is a time, which a filter can't compare: sort by it").format(
            name=term.field
        )
    values = [value for row in rows if (value := column.value(row)) is not None]
    if values and all(isinstance(value, str) for value in values):
        return _("'{name}' has words, no numbers to compare").format(name=term.field)
    return ""


def matches(view: View[Any], row: object, wanted: Filter) -> bool:
    """True when that row of the view passes."""
    return wanted.accepts(RowTexts(view).of(row))


class RowTexts:
    """The texts that rows are looked through for, made once per row; any thread may make them."""

    def __init__(self, view: View[Any]) -> None:
        self._columns: tuple[tuple[tuple[str, ...], Callable[[Any], Value], Unit], ...] = tuple(
            (_names(column), column.value, column.unit) for column in view.columns
        )
        # The row is kept with its texts, so that its id can't become another's.
        self._made: dict[int, tuple[object, dict[str, str]]] = {}

    def of(self, row: object) -> Mapping[str, str]:
        """Field name -> text in lower case; all of them, a line each, under `ALL`."""
        known = self._made.get(id(row))
        if known is not None:
            return known[1]
        if len(self._made) > _MOST_KEPT:
            self._made.clear()
        texts: dict[str, str] = {}
        for names, value, unit in self._columns:
            text = _text(value(row), unit)
            for name in names:
                texts.setdefault(name, text)
        texts[ALL] = "\n".join(dict.fromkeys(texts.values()))
        self._made[id(row)] = (row, texts)
        return texts


def _names(column: Column[Any]) -> tuple[str, ...]:
    names = (column.id, column.title.casefold(), _(column.title).casefold())
    return tuple(dict.fromkeys(names))


def _text(value: Value, unit: Unit) -> str:
    if value is None or unit == "age":
        return ""
    if unit == "time" and isinstance(value, int | float):
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(value))
    if unit == "share" and isinstance(value, int | float):
        return f"{value * 100:g}"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).casefold()
