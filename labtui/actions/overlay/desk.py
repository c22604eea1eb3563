"""How actions speak to a router: sentences as calls, rows as they come, what it can.

Values are as the API has them. Ids are looked up right before they are used and never kept: they
change with a restart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from labtui.actions.action import ROUTER, Call, Wire
from labtui.locale import _
from labtui.model.errors import Forbidden, LabError, NotFound
from labtui.model.link_rules import LinkRules

Row = dict[str, str]
Version = tuple[int, ...]
SAFE_MODE_SINCE: Version = (7, 18)
SAFE = "/safe-mode"


@runtime_checkable
class KnowsRouters(Protocol):
    """A wire that knows which routers may be written to, and how links are to be made."""

    @property
    def link_rules(self) -> LinkRules: ...

    def against_writing(self, router: str) -> str:
        """Why nothing can be changed there, known in advance; empty when it can."""
        ...


def against_writing(wire: Wire, router: str) -> str:
    """The same of any wire."""
    if isinstance(wire, KnowsRouters):
        return wire.against_writing(router)
    return _("there is no way to write to routers from here")


def rules_of(wire: Wire) -> LinkRules:
    """How links are to be made."""
    return wire.link_rules if isinstance(wire, KnowsRouters) else LinkRules()


def source_of(router: str) -> str:
    """What a router is called in a `Call`."""
    return f"routeros/{router}"


def sentence(router: str, path: str, words: Mapping[str, str | int] | None = None) -> Call:
    """One sentence as it will be sent."""
    return Call(source_of(router), ROUTER, path, tuple((words or {}).items()))


def router_of(call: Call) -> str:
    """Whose sentence it is; empty for a call that is none."""
    return call.source.partition("/")[2] if call.method == ROUTER else ""


async def rows(wire: Wire, router: str, menu: str, **words: str | int) -> list[Row]:
    """The rows of a menu. Raises `LabError`."""
    found: Any = await wire.read(source_of(router), f"{menu}/print", **words)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


async def rows_or_none(wire: Wire, router: str, menu: str, **words: str | int) -> list[Row]:
    """The rows, or none where this version has no such menu."""
    try:
        return await rows(wire, router, menu, **words)
    except NotFound:
        return []


def version_of(text: str) -> Version:
    """`7.16.2 (stable)` as numbers; (0,) when there are none."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else (0,)


async def safe_mode_holder(wire: Wire, router: str) -> str:
    """Who holds safe mode there, empty for nobody or where there is none. Raises `LabError`."""
    try:
        found = await rows(wire, router, SAFE)
    except (NotFound, Forbidden):
        return ""
    held = found and found[0].get("enabled") in ("true", "yes")
    return (found[0].get("user") or "?") if held else ""


def on(row: Row, field: str) -> bool:
    """A boolean of a row; absent is no."""
    return row.get(field) in ("true", "yes")


def why_of(error: LabError) -> str:
    """What went wrong in a few words."""
    return f"{error.what}: {error.why}" if error.why else error.what
