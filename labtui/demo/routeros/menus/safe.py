"""/safe-mode (7.18 and later) and /system/reboot.

The text of the refusal while somebody else holds safe mode was never recorded; it is ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from labtui.demo.overlay.devices import Record
from labtui.demo.overlay.memory import capture, restore
from labtui.demo.overlay.past import SafeHold
from labtui.demo.routeros.menu import Command, Context, Field, Menu, Parameter, Replies, Trap
from labtui.demo.routeros.values import Version, boolean

_SINCE: Version = (7, 18)
_HELD = "failure: safe mode is held by another session"
_REBOOT_AFTER = 1.0


async def _take(
    context: Context, _targets: Sequence[Record], attributes: Mapping[str, str]
) -> Replies:
    """`on-error` says what to do with the hold of somebody else: leave it, release it, undo it."""
    choice = attributes.get("on-error", "abort")
    if choice not in ("abort", "ask", "release", "unroll"):
        raise Trap("input does not match any value of on-error", 1)
    hold = context.router.safe
    if hold is not None and hold.connection != context.connection:
        if choice in ("abort", "ask"):
            raise Trap(_HELD)
        if choice == "unroll":
            _undo(context)
    router = context.router
    router.safe = SafeHold(context.user, context.connection, capture(router))
    yield ["!done"]


async def _release(
    context: Context, _targets: Sequence[Record], _attributes: Mapping[str, str]
) -> Replies:
    """What was changed stays; another session may release as well."""
    context.router.safe = None
    yield ["!done"]


async def _unroll(
    context: Context, _targets: Sequence[Record], _attributes: Mapping[str, str]
) -> Replies:
    _undo(context)
    yield ["!done"]


def _undo(context: Context) -> None:
    hold = context.router.safe
    if hold is not None:
        with context.world.changing():
            restore(context.router, hold.memory)
        context.router.safe = None


def _state(context: Context) -> list[Record]:
    hold = context.router.safe
    values = {"enabled": boolean(hold is not None)}
    if hold is not None:
        values |= {"user": hold.user, "current": boolean(hold.connection == context.connection)}
    return [Record(0, values)]


def _value(name: str) -> Field[Record]:
    return Field(name, lambda _context, record: record.values.get(name))


SAFE_MODE: Menu[Record] = Menu(
    "/safe-mode",
    _state,
    (_value("enabled"), _value("user"), _value("current")),
    None,
    (
        Command("take", "write", _take, (Parameter("on-error"),)),
        Command("release", "write", _release),
        Command("unroll", "write", _unroll),
    ),
    since=_SINCE,
)


async def _reboot(
    context: Context, _targets: Sequence[object], _attributes: Mapping[str, str]
) -> Replies:
    """The answer comes before the connection goes."""
    yield ["!done"]
    await asyncio.sleep(_REBOOT_AFTER / max(context.world.clock.speed, 1.0))
    context.world.restart(context.router.name)


REBOOT: Command[object] = Command("reboot", "reboot", _reboot)
