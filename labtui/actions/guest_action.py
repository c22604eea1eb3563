"""What the actions on one guest share: when they apply, what they lay hands on, how they stop."""

from __future__ import annotations

from labtui.actions.action import Scope, Wire
from labtui.locale import _
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot


def applies(subject: str, snapshot: Snapshot, template: str = "") -> str:
    """Why not, from what is known without asking; `template` is said of a template."""
    seen = seen_guests(snapshot).get(subject)
    if seen is None:
        return _("{subject} is not there any more").format(subject=subject)
    guest = seen.guest
    if seen.node_online is False:
        return _("{node} is away: nothing can be done to {label} until it is back").format(
            node=guest.node, label=guest.label
        )
    return template.format(guest=guest.label) if guest.template and template else ""


def scope(privilege: str, subject: str, snapshot: Snapshot) -> Scope:
    """That guest, its node, and the right that is needed on it."""
    from labtui.actions.guest_facts import scope_of

    return scope_of(subject, snapshot, privilege)


async def cancel(subject: str, upid: str, wire: Wire) -> None:
    """Stop the task of a job on a guest."""
    from labtui.actions.task_run import cancel as stop

    await stop(subject, upid, wire)
