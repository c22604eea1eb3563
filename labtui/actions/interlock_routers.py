"""The interlock of routers: what no change of one may pass. Asked as `actions.interlock` is.

Nothing is changed without an account for writing, on what was not read just now, or while somebody
else holds safe mode: that one's end would undo ours.
"""

from __future__ import annotations

from labtui.actions.action import Scope, Wire
from labtui.actions.overlay.desk import against_writing, safe_mode_holder, why_of
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.overlay import Bgp, WireGuard
from labtui.model.snapshot import Part, Snapshot

_READ: tuple[type[Part], ...] = (WireGuard, Bgp)


async def blockers(scope: Scope, wire: Wire) -> tuple[str, ...]:
    """What forbids to change these routers now. Raises nothing."""
    found: list[str] = []
    for router in scope.routers:
        if against := against_writing(wire, router):
            found.append(_("{router}: {why}").format(router=router, why=against))
            continue
        if old := _age(router, wire.snapshot, wire.now(), wire.max_age):
            found.append(old)
        try:
            holder = await safe_mode_holder(wire, router)
        except LabError as error:
            text = _("{router} can't be asked ({why}): try again")
            found.append(text.format(router=router, why=why_of(error)))
            continue
        if holder:
            text = _("{user} holds safe mode on {router}: wait until that is released")
            found.append(text.format(user=holder, router=router))
    return tuple(found)


def _age(router: str, snapshot: Snapshot, now: float, max_age: float) -> str:
    """Why what is known is too old; one of its readings is proof enough that it is there."""
    fresh = [one for kind in _READ if (one := snapshot.fresh(kind, router)) is not None]
    ages = [age for one in fresh if not one.remembered and (age := one.age(now)) is not None]
    if not ages:
        return _("{router} has not been read yet: wait for its first answer").format(router=router)
    if min(ages) > max_age:
        text = _("what is known of {router} is too old to act on ({age:.0f} s): press r")
        return text.format(router=router, age=min(ages))
    return ""
