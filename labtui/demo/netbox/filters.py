"""Makers of filters: for texts, numbers, times, choices, flags and references.

Repeated values mean "one of"; a value that cannot be is a 400.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from labtui.demo.netbox.failures import invalid
from labtui.demo.netbox.schema import Field, Row
from labtui.demo.netbox.store import MODELS, Store

Test = Callable[[Row], bool]
Filter = Callable[[Store, str, list[str]], Test]
"""Makes a test from the store, the parameter's name and its values; raises `Invalid`."""
Getter = Callable[[Row], Any]
Finder = Callable[[Store, str, str, str], int | None]

_TEXT: dict[str, Callable[[str, str], bool]] = {
    "": lambda have, want: have == want,
    "ie": lambda have, want: have.casefold() == want.casefold(),
    "ic": lambda have, want: want.casefold() in have.casefold(),
    "isw": lambda have, want: have.casefold().startswith(want.casefold()),
    "iew": lambda have, want: have.casefold().endswith(want.casefold()),
    "regex": lambda have, want: re.search(want, have) is not None,
    "iregex": lambda have, want: re.search(want, have, re.IGNORECASE) is not None,
}
_NEGATED = {"n": "", "nie": "ie", "nic": "ic", "nisw": "isw", "niew": "iew"}
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda have, want: have == want,
    "gt": lambda have, want: have > want,
    "gte": lambda have, want: have >= want,
    "lt": lambda have, want: have < want,
    "lte": lambda have, want: have <= want,
}


def texts(name: str) -> dict[str, Filter]:
    """Filters of a text field with all its comparisons."""

    def make(compare: Callable[[str, str], bool], *, wanted: bool) -> Filter:
        def build(_store: Store, _name: str, values: list[str]) -> Test:
            return lambda row: (
                any(compare(str(row[name] or ""), value) for value in values) == wanted
            )

        return build

    found = {join(name, suffix): make(compare, wanted=True) for suffix, compare in _TEXT.items()}
    for suffix, positive in _NEGATED.items():
        found[join(name, suffix)] = make(_TEXT[positive], wanted=False)
    found[join(name, "empty")] = flagged(lambda row: not row[name])
    return found


def numbers(name: str, *, plain: bool = False) -> dict[str, Filter]:
    """Filters of a number; `plain`: equality only."""

    def parse(parameter: str, value: str) -> float:
        try:
            return float(value) if "." in value else int(value)
        except ValueError:
            raise invalid(parameter, "Enter a whole number.") from None

    return _ordered(name, parse, plain=plain)


def times(name: str) -> dict[str, Filter]:
    """Filters of a time; a text without a zone is taken as UTC."""

    def parse(parameter: str, value: str) -> str:
        return moment(parameter, value)

    return _ordered(name, parse)


def moment(parameter: str, value: str) -> str:
    """A time in the form in which it is stored. Raises `Invalid`."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise invalid(parameter, "Enter a valid date/time.") from None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _ordered(
    name: str, parse: Callable[[str, str], Any], *, plain: bool = False
) -> dict[str, Filter]:
    def make(compare: Callable[[Any, Any], bool], *, wanted: bool) -> Filter:
        def build(_store: Store, parameter: str, values: list[str]) -> Test:
            limits = [parse(parameter, value) for value in values]

            def test(row: Row) -> bool:
                have = row[name]
                return have is not None and (
                    any(compare(have, limit) for limit in limits) == wanted
                )

            return test

        return build

    found = {name: make(_COMPARE[""], wanted=True)}
    if not plain:
        for suffix, compare in _COMPARE.items():
            found[join(name, suffix)] = make(compare, wanted=True)
        found[join(name, "n")] = make(_COMPARE[""], wanted=False)
        found[join(name, "empty")] = flagged(lambda row: row[name] is None)
    return found


def picked(field: Field) -> dict[str, Filter]:
    known = [value for value, _label in field.choices]

    def make(*, wanted: bool) -> Filter:
        def build(_store: Store, parameter: str, values: list[str]) -> Test:
            for value in values:
                if value not in known:
                    raise no_choice(parameter, value)
            return lambda row: (row[field.name] in values) == wanted

        return build

    return {field.name: make(wanted=True), f"{field.name}__n": make(wanted=False)}


def related(name: str, target: str, getter: Getter, *, by_key: bool = True) -> dict[str, Filter]:
    """Filters by another record: `<name>_id`, and `<name>` by its slug or name if `by_key`."""

    def make(find: Finder, *, wanted: bool) -> Filter:
        def build(store: Store, parameter: str, values: list[str]) -> Test:
            found = {find(store, target, parameter, value) for value in values}
            return lambda row: (getter(row) in found) == wanted

        return build

    filters = {
        f"{name}_id": make(find_by_id, wanted=True),
        f"{name}_id__n": make(find_by_id, wanted=False),
    }
    if by_key:
        filters[name] = make(find_by_key, wanted=True)
        filters[f"{name}__n"] = make(find_by_key, wanted=False)
    return filters


def pointing(field: Field) -> dict[str, Filter]:
    """Filters by one of several references (`asn` and `asn_id` of sites)."""

    def make(find: Finder) -> Filter:
        def build(store: Store, parameter: str, values: list[str]) -> Test:
            found = {find(store, field.target, parameter, value) for value in values}
            return lambda row: any(number in found for number in row[field.name])

        return build

    singular = field.name.removesuffix("s")
    return {singular: make(find_by_key), f"{singular}_id": make(find_by_id)}


def find_by_id(store: Store, target: str, parameter: str, value: str) -> int | None:
    """The id in a parameter; `null` is None. Raises `Invalid` if there is no such record."""
    if value == "null":
        return None
    if value.isascii() and value.isdigit() and store.get(target, int(value)):
        return int(value)
    raise no_choice(parameter, value)


def find_by_key(store: Store, target: str, parameter: str, value: str) -> int | None:
    """The id of the record with that slug or name. Raises `Invalid` if there is none."""
    key = MODELS[target].key
    for row in store.rows(target):
        if str(row[key]) == value:
            return int(row["id"])
    raise no_choice(parameter, value)


def flagged(getter: Callable[[Row], bool]) -> Filter:
    """A yes-or-no filter; other values are ignored."""

    def build(_store: Store, _name: str, values: list[str]) -> Test:
        word = values[-1].casefold()
        if word not in ("true", "1", "yes", "false", "0", "no"):
            return lambda _row: True
        wanted = word in ("true", "1", "yes")
        return lambda row: getter(row) == wanted

    return build


def one_of(getter: Getter) -> Filter:
    """Equal to one of the values, as text."""

    def build(_store: Store, _name: str, values: list[str]) -> Test:
        return lambda row: str(getter(row)) in values

    return build


def no_choice(name: str, value: str) -> Exception:
    """The refusal of a value that does not exist."""
    sentence = f"Select a valid choice. {value} is not one of the available choices."
    return invalid(name, sentence)


def join(name: str, suffix: str) -> str:
    return f"{name}__{suffix}" if suffix else name
