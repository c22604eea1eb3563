"""The ways to change a router: set, add, remove, move, comment, enable, disable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from labtui.demo.overlay.past import HISTORY_LENGTH, Action
from labtui.demo.routeros.menu import AnyMenu, Context, Replies, Request, Trap, missing
from labtui.demo.routeros.rows import refuse_unknown, row_of, take_targets

Writer = Callable[[Context, Any, str], None]
Verb = Callable[[Context, AnyMenu, Request], Replies]


def _writers(context: Context, menu: AnyMenu) -> dict[str, Writer]:
    return {
        entry.name: entry.write
        for entry in menu.fields
        if entry.write is not None and entry.exists(context)
    }


async def _set(context: Context, menu: AnyMenu, request: Request) -> Replies:
    writers = _writers(context, menu)
    if not writers:
        raise Trap("no such command", 0)
    context.demand("write")
    attributes = dict(request.attributes)
    targets = list(menu.items(context))[:1]
    if menu.ident is not None:
        targets = list(take_targets(context, menu, attributes))
        _refuse_frozen(context, menu, targets)
    refuse_unknown(attributes, writers.keys())
    with changing(context, f"{menu.path} changed"):
        for item in targets:
            for name, value in attributes.items():
                writers[name](context, item, value)
    yield ["!done"]


async def _add(context: Context, menu: AnyMenu, request: Request) -> Replies:
    if menu.add is None or menu.ident is None:
        raise Trap("no such command", 0)
    context.demand("write")
    attributes = dict(request.attributes)
    writers = _writers(context, menu)
    unborn = {entry.name for entry in menu.fields if not entry.exists(context)}
    refuse_unknown(attributes, (writers.keys() | set(menu.add_also)) - unborn)
    model = attributes.pop("copy-from", None)
    if model is not None:
        source = take_targets(context, menu, {"numbers": model})[0]
        row = row_of(context, menu, source)
        attributes = {name: row[name] for name in writers if name in row} | attributes
    for name in menu.required:
        if name not in attributes and name not in unborn:
            raise missing(name)
    with changing(context, f"{menu.path} added"):
        item = menu.add(context, attributes)
        ident = menu.ident(context, item)
    yield ["!done", f"=ret={ident}"]


async def _remove(context: Context, menu: AnyMenu, request: Request) -> Replies:
    if menu.remove is None:
        raise Trap("no such command", 0)
    context.demand("write")
    attributes = dict(request.attributes)
    targets = take_targets(context, menu, attributes)
    refuse_unknown(attributes, ())
    _refuse_frozen(context, menu, targets)
    with changing(context, f"{menu.path} removed"):
        for item in targets:
            menu.remove(context, item)
    yield ["!done"]


async def _move(context: Context, menu: AnyMenu, request: Request) -> Replies:
    """To the place before `destination`, or to the end without one."""
    if menu.order is None:
        raise Trap("no such command", 0)
    context.demand("write")
    attributes = dict(request.attributes)
    place = attributes.pop("destination", None)
    targets = take_targets(context, menu, attributes)
    refuse_unknown(attributes, ())
    before = take_targets(context, menu, {"numbers": place})[0] if place else None
    with changing(context, f"{menu.path} moved"):
        order = menu.order(context)
        left = [item for item in order if item not in targets or item is before]
        index = left.index(before) if before is not None else len(left)
        left = [item for item in left if item not in targets]
        order[:] = [*left[:index], *targets, *left[index:]]
    yield ["!done"]


@contextmanager
def changing(context: Context, action: str) -> Iterator[None]:
    """A change by a user: it takes effect at the end, and the router remembers that it was made."""
    router = context.router
    with context.world.changing():
        yield
    router.actions += 1
    now = router.clock(context.world.now)
    router.history.append(Action(router.actions, now, action, context.user))
    if router.safe is not None:
        router.safe.changes += 1
        if router.safe.changes > HISTORY_LENGTH:
            # The history is full: safe mode ends without a word and nothing is undone.
            router.safe = None


def _refuse_frozen(context: Context, menu: AnyMenu, targets: Iterable[Any]) -> None:
    """What the router made itself cannot be changed; the text is not a recorded one."""
    if menu.frozen is not None and any(menu.frozen(context, item) for item in targets):
        raise Trap("failure: can not change dynamic item")


def _switcher(value: str) -> Callable[[Context, AnyMenu, Request], Replies]:
    def run(context: Context, menu: AnyMenu, request: Request) -> Replies:
        if "disabled" not in _writers(context, menu):
            raise Trap("no such command", 0)
        attributes = dict(request.attributes)
        refuse_unknown(attributes, {".id", "numbers"})
        attributes["disabled"] = value
        return _set(context, menu, Request(request.path, "set", attributes))

    return run


def _comment(context: Context, menu: AnyMenu, request: Request) -> Replies:
    if "comment" not in _writers(context, menu):
        raise Trap("no such command", 0)
    refuse_unknown(request.attributes, {".id", "numbers", "comment"})
    return _set(context, menu, Request(request.path, "set", request.attributes))


WRITING: Mapping[str, Verb] = {
    "set": _set,
    "add": _add,
    "remove": _remove,
    "move": _move,
    "comment": _comment,
    "enable": _switcher("no"),
    "disable": _switcher("yes"),
}
