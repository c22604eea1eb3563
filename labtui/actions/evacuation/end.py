"""How an evacuation ended: what has moved, who is left and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.actions.action import Outcome
from labtui.actions.evacuation.book import Header, Order, Standing
from labtui.actions.evacuation.facts import guests_on, marked
from labtui.locale import _
from labtui.model.snapshot import Snapshot

_MOST_NAMED = 6


def ended(
    header: Header, standings: Sequence[Standing], order: Order, snapshot: Snapshot
) -> Outcome:
    """How it ended. Done: everybody who was to go has gone, whoever stays by plan."""
    goers = [n for n, step in enumerate(header.steps) if step.target]
    done = sum(standings[n].state == "done" for n in goers)
    note = _("{done} of {all} moved").format(done=done, all=len(goers))
    if left := _left(header, standings, snapshot):
        note += "; " + _("left: {rest}").format(rest=left)
    if done == len(goers):
        return Outcome("done", note)
    states = {standings[n].state for n in goers}
    if "unknown" in states:
        return Outcome("unknown", note)
    return Outcome("cancelled" if order == "stop" and "failed" not in states else "failed", note)


def _left(header: Header, standings: Sequence[Standing], snapshot: Snapshot) -> str:
    """Who is left, and why: those of the plan, and who has come since."""
    steps = header.steps
    told = [
        f"{step.label} ({_why(standing)})"
        for step, standing in zip(steps, standings, strict=True)
        if step.target and standing.state != "done"
    ]
    told += [f"{step.label} ({step.note})" for step in steps if not step.target]
    if not header.back and not marked(header.subject):
        known = {step.subject for step in steps}
        told += [
            _("{guest} (has come since)").format(guest=seen.guest.label)
            for seen in guests_on(snapshot, header.subject)
            if seen.guest.key not in known and seen.running
        ]
    shown = told[:_MOST_NAMED]
    if len(told) > len(shown):
        shown.append(_("and {n} more").format(n=len(told) - len(shown)))
    return "; ".join(shown)


def _why(standing: Standing) -> str:
    if standing.note:
        return standing.note
    return _("under way") if standing.begun else _("not begun")
