"""What all menus have in common: print, get, listen, set, enable, disable, and who may do it.

Not there: `print` with `follow`, and with `interval`, as nobody recorded how a round ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing
from typing import Any

from labtui.demo.routeros.menu import (
    AnyCommand,
    AnyMenu,
    Context,
    Replies,
    Request,
    Row,
    Trap,
    no_such_item,
)
from labtui.demo.routeros.query import matches

# Seconds between two looks for changes that no event announces, such as received keepalives.
_LISTEN_PACE = 1.0
# `!empty` came with 7.18.
_EMPTY_SINCE = (7, 18)
# Arguments of the console's print that change nothing here.
_PRINT_LOOKS = frozenset(
    {"detail", "terse", "without-paging", "show-ids", "as-value", "value-list"}
)
_SINGLETON_LOOKS = frozenset({"without-paging", "as-value"})


def handle(context: Context, menu: AnyMenu, request: Request) -> Replies:
    """The replies to a request on a menu, as sentences without tags. Raises Trap while iterated."""
    generic = _VERBS.get(request.verb)
    if generic is not None:
        return generic(context, menu, request)
    for command in menu.commands:
        if command.verb == request.verb and command.since <= context.version <= command.until:
            return perform(context, command, request, menu)
    raise Trap("no such command", 0)


async def perform(
    context: Context, command: AnyCommand, request: Request, menu: AnyMenu | None
) -> Replies:
    """Run a verb of a menu's own, or a command that belongs to no menu."""
    context.demand(command.policy)
    attributes = dict(request.attributes)
    asked = _proplist(attributes.pop(".proplist", None))
    targets = _take_targets(context, menu, attributes) if menu is not None else ()
    known = {
        parameter.name
        for parameter in command.parameters
        if parameter.since <= context.version <= parameter.until
    }
    _refuse_unknown(attributes, known)
    async with aclosing(command.run(context, targets, attributes)) as replies:
        async for words in replies:
            yield _only(words, asked)


def row_of(context: Context, menu: AnyMenu, item: Any, *, steady: bool = False) -> Row:
    """An item as a row; with `steady` only what `listen` watches."""
    row: Row = {} if menu.ident is None else {".id": menu.ident(context, item)}
    for entry in menu.fields:
        if not entry.exists(context) or not context.allows(entry.policy):
            continue
        if steady and not entry.steady:
            continue
        value = entry.read(context, item)
        if value is not None:
            row[entry.name] = value
    return row


async def _print(context: Context, menu: AnyMenu, request: Request) -> Replies:
    attributes = dict(request.attributes)
    if menu.ident is not None and "follow-only" in attributes:
        del attributes["follow-only"]
        follow = Request(request.path, "listen", attributes, request.queries)
        async with aclosing(_listen(context, menu, follow)) as changes:
            async for words in changes:
                yield words
        return
    context.demand("read")
    count_only = menu.ident is not None and "count-only" in attributes
    attributes.pop("count-only" if count_only else "", None)
    asked = _proplist(attributes.pop(".proplist", None))
    looks = _SINGLETON_LOOKS if menu.ident is None else _PRINT_LOOKS
    _refuse_unknown(attributes, looks | set(menu.print_also))
    rows = [row_of(context, menu, item) for item in menu.items(context)]
    rows = [row for row in rows if matches(row, request.queries)]
    if count_only:
        yield ["!done", f"=ret={len(rows)}"]
        return
    for row in rows:
        yield _sentence(row, asked)
    if not rows and context.version >= _EMPTY_SINCE:
        yield ["!empty"]
    yield ["!done"]


async def _listen(context: Context, menu: AnyMenu, request: Request) -> Replies:
    """A row for each change until the command is cancelled; no rows at the start."""
    context.demand("read")
    if menu.ident is None:
        raise Trap("unknown parameter follow-only")
    attributes = dict(request.attributes)
    asked = _proplist(attributes.pop(".proplist", None))
    _refuse_unknown(attributes, _PRINT_LOOKS)
    changed = asyncio.Event()
    leave = context.world.watch(changed.set)
    try:
        known = _steady_rows(context, menu, request.queries)
        while True:
            await _wait(changed)
            context.world.advance()
            changed.clear()
            current = _steady_rows(context, menu, request.queries)
            moved = [ident for ident, row in current.items() if known.get(ident) != row]
            whole = {row[".id"]: row for row in _rows(context, menu)} if moved else {}
            for ident in moved:
                yield _sentence(whole[ident], asked)
            for ident in known.keys() - current.keys():
                yield ["!re", f"=.id={ident}", "=.dead=true"]
            known = current
    finally:
        leave()


async def _wait(changed: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(_LISTEN_PACE):
            await changed.wait()
    except TimeoutError:
        return


async def _get(context: Context, menu: AnyMenu, request: Request) -> Replies:
    context.demand("read")
    attributes = dict(request.attributes)
    if "number" in attributes:
        attributes["numbers"] = attributes.pop("number")
    targets = list(menu.items(context))[:1]
    if menu.ident is not None:
        targets = list(_take_targets(context, menu, attributes))
    wanted = attributes.pop("value-name", None)
    _refuse_unknown(attributes, {"as-string"})
    row = row_of(context, menu, targets[0]) if targets else {}
    if wanted is None:
        yield ["!done", "=ret=" + ";".join(f"{name}={value}" for name, value in row.items())]
        return
    if wanted not in row and wanted not in menu.names:
        raise Trap("input does not match any value of value-name", 1)
    yield ["!done", f"=ret={row.get(wanted, '')}"]


async def _set(context: Context, menu: AnyMenu, request: Request) -> Replies:
    writers = {
        entry.name: entry.write
        for entry in menu.fields
        if entry.write is not None and entry.exists(context)
    }
    if not writers:
        raise Trap("no such command", 0)
    context.demand("write")
    attributes = dict(request.attributes)
    targets = list(menu.items(context))[:1]
    if menu.ident is not None:
        targets = list(_take_targets(context, menu, attributes))
    _refuse_unknown(attributes, writers.keys())
    with context.world.changing():
        for item in targets:
            for name, value in attributes.items():
                writers[name](context, item, value)
    yield ["!done"]


def _switcher(value: str) -> Callable[[Context, AnyMenu, Request], Replies]:
    def run(context: Context, menu: AnyMenu, request: Request) -> Replies:
        if "disabled" not in menu.names:
            raise Trap("no such command", 0)
        attributes = dict(request.attributes)
        _refuse_unknown(attributes, {".id", "numbers"})
        attributes["disabled"] = value
        return _set(context, menu, Request(request.path, "set", attributes))

    return run


_VERBS: dict[str, Callable[[Context, AnyMenu, Request], Replies]] = {
    "print": _print,
    "getall": _print,
    "listen": _listen,
    "get": _get,
    "set": _set,
    "enable": _switcher("no"),
    "disable": _switcher("yes"),
}


def _rows(context: Context, menu: AnyMenu) -> list[Row]:
    return [row_of(context, menu, item) for item in menu.items(context)]


def _steady_rows(context: Context, menu: AnyMenu, queries: Sequence[str]) -> dict[str, Row]:
    rows = [row_of(context, menu, item, steady=True) for item in menu.items(context)]
    return {row[".id"]: row for row in rows if matches(row, queries)}


def _sentence(row: Row, asked: tuple[str, ...] | None) -> list[str]:
    names = row if asked is None else [name for name in asked if name in row]
    return ["!re", *(f"={name}={row[name]}" for name in names)]


def _only(words: list[str], asked: tuple[str, ...] | None) -> list[str]:
    """A sentence of a command cut down to the properties asked for."""
    if asked is None or words[0] != "!re":
        return words
    return ["!re", *(word for word in words[1:] if word[1:].partition("=")[0] in asked)]


def _proplist(value: str | None) -> tuple[str, ...] | None:
    return tuple(value.split(",")) if value else None


def _refuse_unknown(attributes: Iterable[str], known: Iterable[str]) -> None:
    accepted = set(known)
    for name in attributes:
        if name not in accepted:
            raise Trap(f"unknown parameter {name}")


def _take_targets(context: Context, menu: AnyMenu, attributes: dict[str, str]) -> Sequence[Any]:
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
