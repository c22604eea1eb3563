"""From the bytes of an answer to rows, tolerantly and without holding up the event loop.

A body is split into raw rows first; each row is decoded by a short call of its own, so that the
thread lets go of the interpreter between rows however many there are. A row that does not fit the
strict type is tried again with numbers allowed to be texts; one that still does not fit is left out
and named. Nothing readable at all is `Unexpected`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from labtui.locale import _
from labtui.model.text import clean
from labtui.sources.proxmox.errors import Question, unexpected

_W = TypeVar("_W")
_M = TypeVar("_M")
_K = TypeVar("_K")

# Perl sends numbers as texts and texts as numbers, as it used them last.
Text = str | int | float
Flag = bool | int | str | None
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)
MOST_COMPLAINTS = 20


class Unfit(ValueError):
    """A row whose parts do not make a whole; the text says why."""


class _List(msgspec.Struct):
    data: list[msgspec.Raw]


class _One(msgspec.Struct):
    data: msgspec.Raw


_LIST = msgspec.json.Decoder(_List)
_ONE = msgspec.json.Decoder(_One)


class Cleaner(dict[Text | None, str]):
    """Texts made harmless, each distinct one once per reading; empty for nothing."""

    def __missing__(self, value: Text | None) -> str:
        self[value] = harmless = "" if value is None else clean(str(value))
        return harmless


class Rows(Generic[_W]):
    """A decoder for the rows of a list, of one wire struct."""

    def __init__(self, wire: type[_W]) -> None:
        self._strict = msgspec.json.Decoder(wire)
        self._lax = msgspec.json.Decoder(wire, strict=False)

    def one(self, raw: msgspec.Raw) -> _W:
        """The row; raises one of msgspec's or Unicode's errors."""
        try:
            return self._strict.decode(raw)
        except UnicodeDecodeError:
            return self._lax.decode(_mended(raw))
        except msgspec.ValidationError:
            return self._lax.decode(raw)

    def read(
        self, body: bytes, question: Question, build: Callable[[_W], _M | None]
    ) -> tuple[list[_M], tuple[str, ...]]:
        """What `build` makes of the rows (None: not wanted), and the rows left out.

        Raises `Unexpected` when the answer is no list, or none of its rows can be read.
        """
        rows = raw_rows(body, question)
        good: list[_M] = []
        complaints: list[str] = []
        for number, raw in enumerate(rows):
            try:
                made = build(self.one(raw))
            except _UNREADABLE as error:
                complaints.append(_complaint(number, raw, error))
                continue
            if made is not None:
                good.append(made)
        if rows and len(complaints) == len(rows):
            raise unexpected(question, complaints[0])
        return good, tuple(complaints)


def raw_rows(body: bytes, question: Question) -> list[msgspec.Raw]:
    """The rows of a list, undecoded; Proxmox VE 8.4 sends a list of one as the object itself."""
    try:
        return _LIST.decode(body).data
    except _UNREADABLE:
        data = plain(body, question)
    rows = [data] if isinstance(data, dict) else data
    if not isinstance(rows, list):
        raise unexpected(question, _("the answer is no list"))
    # What is no character becomes a question mark: a strange name shall not hide a guest.
    return [
        msgspec.Raw(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")) for row in rows
    ]


def plain(body: bytes, question: Question) -> Any:
    """The `data` of an answer as plain Python values; texts are as they came."""
    try:
        return msgspec.json.decode(_ONE.decode(body).data)
    except _UNREADABLE:
        whole = None
    try:
        # Not all that Perl calls text is UTF-8, and not all escapes are characters.
        whole = json.loads(body.decode("utf-8", "replace"))
    except _UNREADABLE:
        page = body.lstrip()[:1] == b"<"
        why = _("the answer is a web page") if page else _("the answer cannot be read")
        raise unexpected(question, why) from None
    if not isinstance(whole, dict) or "data" not in whole:
        raise unexpected(question, _("the answer lacks parts, or has others"))
    return whole["data"]


def as_struct(body: bytes, question: Question, wire: type[_W]) -> _W:
    """The `data` of an answer as that wire struct; `Unexpected` when it does not fit."""
    try:
        return msgspec.convert(plain(body, question), wire, strict=False)
    except _UNREADABLE:
        raise unexpected(question, _("the answer lacks parts, or has others")) from None


def keep_same(new: Iterable[_M], old: Iterable[_M], key: Callable[[_M], _K]) -> tuple[_M, ...]:
    """The new rows, each replaced by the old one where they are equal: same row, same object."""
    before = {key(row): row for row in old}
    return tuple(
        same if (same := before.get(key(row))) is not None and same == row else row for row in new
    )


def once(
    rows: Iterable[_M], key: Callable[[_M], _K], complaints: tuple[str, ...]
) -> tuple[list[_M], tuple[str, ...]]:
    """The rows without those whose key came before, and the complaints with these."""
    found: dict[_K, _M] = {}
    double = [
        _("{row} is there twice").format(row=clean(str(key(row)), 80))
        for row in rows
        if found.setdefault(key(row), row) is not row
    ]
    return list(found.values()), (*complaints, *double)


def flag(value: Flag) -> bool:
    """A boolean: 0 and 1, sometimes as text, sometimes empty."""
    return value in (1, True, "1", "true", "on", "yes")


def shortened(complaints: Iterable[str]) -> tuple[str, ...]:
    """The complaints, the many replaced by their number."""
    listed = tuple(complaints)
    if len(listed) <= MOST_COMPLAINTS:
        return listed
    more = _("and {count} more").format(count=len(listed) - MOST_COMPLAINTS)
    return (*listed[:MOST_COMPLAINTS], more)


def _mended(raw: msgspec.Raw) -> bytes:
    return bytes(raw).decode("utf-8", "replace").encode()


def _complaint(number: int, raw: msgspec.Raw, error: Exception) -> str:
    try:
        named = json.loads(bytes(raw).decode("utf-8", "replace"))
        name = next(
            (str(named[key]) for key in ("id", "upid", "name") if named.get(key)), str(number + 1)
        )
    except (*_UNREADABLE, AttributeError, TypeError):
        name = str(number + 1)
    return _("row {name} left out: {why}").format(name=clean(name, 80), why=clean(str(error), 160))
