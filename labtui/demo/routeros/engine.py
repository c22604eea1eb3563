"""What all menus have in common: print, get, listen, and who may do it.

Not there: `print` with `interval`, as nobody recorded how a round ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from labtui.demo.routeros.menu import (
    AnyCommand,
    AnyMenu,
    Context,
    Replies,
    Request,
    Row,
    Trap,
)
from labtui.demo.routeros.query import asked_about, matches
from labtui.demo.routeros.rows import make_row, refuse_unknown, row_of, shown, take_targets
from labtui.demo.routeros.writing import WRITING, Verb

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
    for command in menu.commands:
        if command.verb == request.verb and command.since <= context.version <= command.until:
            return perform(context, command, request, menu)
    generic = _VERBS.get(request.verb)
    if generic is not None:
        return generic(context, menu, request)
    raise Trap("no such command", 0)


async def perform(
    context: Context, command: AnyCommand, request: Request, menu: AnyMenu | None
) -> Replies:
    """Run a verb of a menu's own, or a command that belongs to no menu."""
    context.demand(command.policy)
    attributes = dict(request.attributes)
    asked = _proplist(attributes.pop(".proplist", None))
    by_id = menu is not None and menu.ident is not None and not command.unaddressed
    targets = take_targets(context, menu, attributes) if menu is not None and by_id else ()
    known = {
        parameter.name
        for parameter in command.parameters
        if parameter.since <= context.version <= parameter.until
    }
    refuse_unknown(attributes, known)
    async with aclosing(command.run(context, targets, attributes)) as replies:
        async for words in replies:
            yield _only(words, asked)


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
    goes_on = menu.ident is not None and "follow" in attributes
    attributes.pop("follow" if goes_on else "", None)
    count_only = menu.ident is not None and "count-only" in attributes
    attributes.pop("count-only" if count_only else "", None)
    asked = _proplist(attributes.pop(".proplist", None))
    looks = _SINGLETON_LOOKS if menu.ident is None else _PRINT_LOOKS
    refuse_unknown(attributes, looks | set(menu.print_also))
    rows = _matching(context, menu, request.queries, () if count_only else asked)
    if count_only:
        yield ["!done", f"=ret={len(rows)}"]
        return
    for row in rows:
        yield _sentence(row, asked)
    if goes_on:
        named = {".proplist": ",".join(asked)} if asked is not None else {}
        later = Request(request.path, "listen", named, request.queries)
        async with aclosing(_listen(context, menu, later)) as changes:
            async for change in changes:
                yield change
        return
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
    refuse_unknown(attributes, _PRINT_LOOKS)
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
        targets = list(take_targets(context, menu, attributes))
    wanted = attributes.pop("value-name", None)
    refuse_unknown(attributes, {"as-string"})
    row = row_of(context, menu, targets[0]) if targets else {}
    if wanted is None:
        yield ["!done", "=ret=" + ";".join(f"{name}={value}" for name, value in row.items())]
        return
    if wanted not in row and wanted not in menu.names:
        raise Trap("input does not match any value of value-name", 1)
    yield ["!done", f"=ret={row.get(wanted, '')}"]


_VERBS: dict[str, Verb] = {
    "print": _print,
    "getall": _print,
    "listen": _listen,
    "get": _get,
    **WRITING,
}


def _matching(
    context: Context, menu: AnyMenu, queries: tuple[str, ...], asked: tuple[str, ...] | None
) -> list[Row]:
    """The rows that satisfy the queries; only what is asked about is worked out."""
    asking = (context.router.name, context.version, context.policies, menu.path, queries, asked)
    known: list[Row] | None = context.world.settled.get(asking)
    if known is not None:
        return known
    names = None if asked is None else frozenset(asked) | asked_about(queries)
    fields = shown(context, menu, names=names)
    named = names is None or ".id" in names
    rows = [make_row(context, menu, item, fields, named=named) for item in menu.items(context)]
    found = [row for row in rows if matches(row, queries)] if queries else rows
    if menu.settled:
        context.world.settled[asking] = found
    return found


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
