"""The filter of a table: words, `field:value`, `!not`, `~regex`, "two words". Pure; never raises.

A row passes when every term does. Case does not matter. A word is looked for in the values of all
columns, `field:value` in those of one, by its id or its title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from labtui.locale import _
from labtui.views.view import Value, View

_TERM = re.compile(r"(?P<not>!?)(?:(?P<field>[\w-]+):(?=\S))?(?P<value>\"[^\"]*\"?|\S+)")
_LONGEST = 500
_MOST_KEPT = 20_000


class Term(msgspec.Struct, frozen=True):
    """One condition. `whole` is the text with its field, for when no column is named so."""

    value: str
    field: str = ""
    negated: bool = False
    pattern: re.Pattern[str] | None = None
    whole: str = ""

    def accepts(self, texts: Mapping[str, str]) -> bool:
        """True when the condition holds for a row of these texts."""
        return self._found(texts) != self.negated

    def _found(self, texts: Mapping[str, str]) -> bool:
        if self.field:
            if self.field in texts:
                return self._in(texts[self.field])
            return any(self.whole in text for text in texts.values())
        return any(self._in(text) for text in texts.values())

    def _in(self, text: str) -> bool:
        if self.pattern is not None:
            return self.pattern.search(text) is not None
        return self.value in text


class Filter(msgspec.Struct, frozen=True):
    """All conditions, and a message about what could not be understood."""

    text: str = ""
    terms: tuple[Term, ...] = ()
    message: str = ""

    def accepts(self, texts: Mapping[str, str]) -> bool:
        """True when a row of these texts passes."""
        return all(term.accepts(texts) for term in self.terms)


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
        terms.append(Term(value.casefold(), field, bool(match["not"]), pattern, whole))
    return Filter(text.strip(), tuple(terms), message)


def matches(view: View[Any], row: object, wanted: Filter) -> bool:
    """True when that row of the view passes."""
    return wanted.accepts(RowTexts(view).of(row))


class RowTexts:
    """The texts that rows are looked through for, made once per row."""

    def __init__(self, view: View[Any]) -> None:
        self._columns: tuple[tuple[tuple[str, ...], Callable[[Any], Value]], ...] = tuple(
            (_names(column.id, column.title), column.value) for column in view.columns
        )
        # The row is kept with its texts, so that its id can't become another's.
        self._made: dict[int, tuple[object, dict[str, str]]] = {}

    def of(self, row: object) -> Mapping[str, str]:
        """Field name -> text in lower case."""
        known = self._made.get(id(row))
        if known is not None:
            return known[1]
        if len(self._made) > _MOST_KEPT:
            self._made.clear()
        texts: dict[str, str] = {}
        for names, value in self._columns:
            text = _text(value(row))
            for name in names:
                texts.setdefault(name, text)
        self._made[id(row)] = (row, texts)
        return texts


def _names(column_id: str, title: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((column_id, title.casefold(), _(title).casefold())))


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).casefold()
