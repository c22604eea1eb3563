"""Items as rows, and the items that a sentence means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from labtui.demo.routeros.menu import AnyField, AnyMenu, Context, Row, Trap, no_such_item


def row_of(context: Context, menu: AnyMenu, item: Any, *, steady: bool = False) -> Row:
    """An item as a row; with `steady` only what `listen` watches."""
    return make_row(context, menu, item, shown(context, menu, steady=steady))


def shown(
    context: Context, menu: AnyMenu, *, steady: bool = False, names: frozenset[str] | None = None
) -> list[AnyField]:
    """The fields that this version has and this user may see, or those of certain names."""
    return [
        entry
        for entry in menu.fields
        if entry.exists(context)
        and context.allows(entry.policy)
        and (entry.steady or not steady)
        and (names is None or entry.name in names)
    ]


def make_row(
    context: Context, menu: AnyMenu, item: Any, fields: Iterable[AnyField], *, named: bool = True
) -> Row:
    """An item as a row of certain fields, with its id if it is `named`."""
    row: Row = {} if menu.ident is None or not named else {".id": menu.ident(context, item)}
    for entry in fields:
        value = entry.read(context, item)
        if value is not None:
            row[entry.name] = value
    return row


def refuse_unknown(attributes: Iterable[str], known: Iterable[str]) -> None:
    """Raise the router's refusal of an argument that the version does not have."""
    accepted = set(known)
    for name in attributes:
        if name not in accepted:
            raise Trap(f"unknown parameter {name}")


def take_targets(context: Context, menu: AnyMenu, attributes: dict[str, str]) -> Sequence[Any]:
    """The items that `.id` or `numbers` name, by id or by name; the two words are used up."""
    asked = attributes.pop(".id", None)
    numbers = attributes.pop("numbers", None)
    words = (asked if asked is not None else numbers or "").split(",")
    rows = [(row_of(context, menu, item), item) for item in menu.items(context)]
    found = []
    for word in words:
        fits = [item for row, item in rows if word and word in (row.get(".id"), row.get(menu.key))]
        if not fits:
            raise no_such_item()
        found.append(fits[0])
    return found
