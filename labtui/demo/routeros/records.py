"""Menus of records: rows that are configuration and nothing more, with all names of the version."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from labtui.demo.overlay.devices import Record, Router
from labtui.demo.routeros.arguments import Name, words
from labtui.demo.routeros.menu import FIRST, Command, Context, Field, Menu, Trap, invalid
from labtui.demo.routeros.values import Version, boolean, parse_boolean, parse_duration

Living = Mapping[str, Callable[[Context, Record], str | None]]
SEVEN: Version = (7,)
# Names whose values only those see who may see secrets.
SECRETS = frozenset({"secret", "password", "ipsec-secret", "private-key", "auth-key", "enc-key"})
_ORDERED = ("/ip/firewall/filter", "/ip/firewall/nat", "/routing/filter/rule")
# Words of `print` that some menus have besides the common ones; they change nothing here.
_PRINTS: Mapping[str, tuple[str, ...]] = {
    "/ip/firewall/filter": ("stats", "stats-detail", "all", "static"),
    "/ip/firewall/nat": ("stats", "stats-detail", "all", "static"),
    "/ip/ipsec/active-peers": ("stats",),
    "/ip/dhcp-server/lease": ("active",),
}
_DURATIONS = frozenset({"interval", "timeout", "hold-time", "keepalive-time"})


def record_menu(
    path: str,
    *,
    rows: Callable[[Context], Sequence[Record]] | None = None,
    living: Living | None = None,
    defaults: Mapping[str, str] | None = None,
    since: Version | None = None,
    key: str = "name",
    commands: tuple[Command[Record], ...] = (),
    unique: bool = False,
) -> Menu[Record]:
    """A menu of rows. `living` fields are computed; `rows` is where a menu is not a table."""
    known = words(path)
    computed = living or {}
    fields = tuple(_field(name, path, computed) for name in known.fields)
    stored = rows is None

    def add(context: Context, attributes: Mapping[str, str]) -> Record:
        return _add(context, path, attributes, defaults or {}, key if unique else "")

    def remove(context: Context, record: Record) -> None:
        context.router.table(path).remove(record)

    return Menu(
        path,
        rows or (lambda context: context.router.table(path)),
        fields,
        lambda context, record: context.router.ident(record.number),
        commands,
        since=max(known.since, SEVEN if since is None else since),
        until=known.until,
        key=key,
        print_also=_PRINTS.get(path, ()),
        add=add if stored and known.addable else None,
        add_also=tuple(sorted(known.addable)),
        required=known.required,
        remove=remove if stored and "remove" in known.verbs else None,
        order=(lambda context: context.router.table(path)) if path in _ORDERED else None,
        frozen=lambda _context, record: record.get("dynamic") == "true",
    )


def single_menu(
    path: str, *, living: Living | None = None, since: Version | None = None
) -> Menu[Record]:
    """A menu of one row without an id."""
    known = words(path)
    return Menu(
        path,
        lambda context: [context.router.single.get(path) or Record(0, {})],
        tuple(_field(name, path, living or {}) for name in known.fields),
        None,
        since=max(known.since, SEVEN if since is None else since),
        until=known.until,
    )


def _field(name: Name, path: str, living: Living) -> Field[Record]:
    known = words(path)
    computed = living.get(name.name)
    return Field(
        name.name,
        computed or (lambda _context, record: record.values.get(name.name)),
        _writer(name) if name.name in known.settable and computed is None else None,
        since=name.since,
        until=name.until,
        steady=computed is None,
        policy="sensitive" if name.name in SECRETS else "read",
    )


def _writer(name: Name) -> Callable[[Context, Record, str], None]:
    def write(_context: Context, record: Record, value: str) -> None:
        record.values[name.name] = checked(name, value)

    return write


def checked(name: Name, value: str) -> str:
    """A value in the form it is printed in. Raises Trap for one that cannot be."""
    if name.flag:
        try:
            return boolean(parse_boolean(value))
        except ValueError:
            raise invalid(name.name) from None
    if name.number and value and not value.isdigit() and not value[:1].isalpha():
        raise invalid(name.name)
    if name.name in _DURATIONS and value:
        try:
            parse_duration(value)
        except ValueError:
            raise invalid(name.name) from None
    return value


def _add(
    context: Context,
    path: str,
    attributes: Mapping[str, str],
    defaults: Mapping[str, str],
    unique: str,
) -> Record:
    table = context.router.table(path)
    wanted = attributes.get(unique) if unique else None
    if wanted is not None and any(row.get(unique) == wanted for row in table):
        raise Trap("failure: item with such name already exists")
    kinds = {name.name: name for name in words(path).fields}
    values = {"disabled": "false"} | dict(defaults) if "disabled" in kinds else dict(defaults)
    for name, value in attributes.items():
        if name in kinds:
            values[name] = checked(kinds[name], value)
    record = Record(context.router.fresh_number(), values)
    place = attributes.get("place-before")
    table.insert(_place(context.router, table, place) if place else len(table), record)
    return record


def _place(router: Router, table: list[Record], word: str) -> int:
    for index, row in enumerate(table):
        if router.ident(row.number) == word:
            return index
    if word.isdigit() and int(word) < len(table):
        return int(word)
    raise Trap("no such item (4)", 0)


def everywhere() -> Version:
    """For `since`: a menu that RouterOS 6 has as well."""
    return FIRST
