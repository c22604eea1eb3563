"""HA maintenance offered as a step of emptying a node and of the way back: first of all, by choice.

Then HA itself takes its guests away, and no rule of it brings one back; whoever HA has moved is
found where he is and not moved again.
"""

from __future__ import annotations

import msgspec

from labtui.actions.action import SSH, Call, Input, Outcome, Plan, Report, Wire
from labtui.actions.maintenance.plan import maintained, step
from labtui.actions.maintenance.run import turned
from labtui.locale import _

FIELD = "maintenance"


class Offer(msgspec.Struct, frozen=True):
    """The step, and whether it is wanted. `on`: into maintenance, else out of it."""

    call: Call
    on: bool
    wanted: bool = False


def offer(wire: Wire, cluster: str, node: str, *, on: bool) -> Offer | None:
    """What can be offered: nothing where it is so already, or where there is no way to do it.

    The way out is wanted by itself: HA would send away again whoever comes back.
    """
    if maintained(wire.snapshot, cluster, node) is on:
        return None
    call = step(wire, cluster, node, on=on)
    return None if isinstance(call, str) else Offer(call, on, wanted=not on)


def inputs(found: Offer | None) -> tuple[Input, ...]:
    """The field of the plan that it is chosen by."""
    if found is None:
        return ()
    label = _("HA maintenance on") if found.on else _("HA maintenance off")
    value = "1" if found.wanted else "0"
    return (
        Input(
            FIELD,
            label,
            value,
            "flag",
            hint=_("first of all, by SSH: {call}").format(call=found.call),
        ),
    )


def calls(found: Offer | None) -> tuple[Call, ...]:
    """The step, where it is wanted."""
    return (found.call,) if found is not None and found.wanted else ()


def answered(found: Offer | None, name: str, value: str) -> Offer | None:
    """The offer with that answer."""
    if found is None or name != FIELD:
        return found
    return msgspec.structs.replace(found, wanted=value == "1")


async def carried(plan: Plan, wire: Wire, report: Report) -> Outcome | None:
    """Run the step of a plan that begins with it; how that ended when it must not go on."""
    first = next(iter(plan.calls), None)
    if first is None or first.method != SSH:
        return None
    cluster, _slash, node = plan.subject.partition("/")
    on = not plan.action.endswith("return")
    outcome = await turned(first, cluster, node, wire, report, on=on)
    if outcome.state == "done":
        return None
    text = _("HA maintenance: {note}; nobody was moved")
    return Outcome(outcome.state, text.format(note=outcome.note))
