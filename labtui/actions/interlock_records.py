"""The interlock of NetBox: nothing is written there by what was not read since the start.

How old the rest may be is not asked: each record that is changed is read anew for its plan, and
once more before it is written.
"""

from __future__ import annotations

from labtui.locale import _
from labtui.model.inventory import Inventory
from labtui.model.snapshot import Snapshot


def blockers(snapshot: Snapshot, now: float, max_age: float) -> tuple[str, ...]:
    """What forbids to write to NetBox now. Ages are in seconds."""
    del max_age
    for source in snapshot.sources("netbox"):
        fresh = snapshot.fresh(Inventory, source)
        if fresh is None or fresh.age(now) is None:
            break
        if fresh.remembered:
            return (
                _("what is shown of NetBox is of an earlier start: wait until it is read anew"),
            )
        if fresh.stale(now):
            text = _("NetBox was read {age:.0f} s ago and is away since: press r and try again")
            return (text.format(age=fresh.age(now) or 0.0),)
        return ()
    return (_("NetBox has not been read yet: wait for its first answer"),)
