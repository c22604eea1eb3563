"""How far a job of several steps is, and what taking it up means, in the words of its kind. Pure.

Guests are moved, calls are made on routers, a hand-over has steps, and NetBox gives one thing.
"""

from __future__ import annotations

from typing import Literal

from labtui.actions.evacuation.book import Record
from labtui.locale import _

Kind = Literal["moves", "calls", "steps", "gift"]

_KINDS: dict[str, Kind] = {
    "guest": "moves",
    "node": "moves",
    "link": "calls",
    "tunnel": "calls",
    "session": "calls",
    "prefix": "gift",
}


def kind_of(action: str) -> Kind:
    """What the steps of that action are, by its id."""
    return _KINDS.get(action.partition(".")[0], "steps")


def far(record: Record) -> tuple[int, int]:
    """How many of its steps are done, and of how many; those that stay by plan aside."""
    wanted = [n for n, step in enumerate(record.header.steps) if step.target]
    if kind_of(record.header.action) != "calls":
        return len(record.moved), len(wanted)
    if record.over is not None and record.over.state == "done":
        # Of a removal not every call is needed: what is gone already is not sent for.
        return len(wanted), len(wanted)
    standings = record.standings()
    return sum(bool(standings[n].done) for n in wanted), len(wanted)


def far_text(record: Record) -> str:
    """How far it is: `2 of 6 moved`."""
    kind = kind_of(record.header.action)
    done, all_ = far(record)
    if kind == "gift":
        given = next((e.note for e in reversed(record.entries) if e.event == "sent"), "")
        text = _("{value} was given") if given else _("asked for, the answer is not known")
        return text.format(value=given)
    texts = {
        "moves": _("{done} of {all} moved"),
        "calls": _("{done} of {all} calls made"),
        "steps": _("{done} of {all} steps done"),
    }
    return texts[kind].format(done=done, all=all_)


def onward_text(record: Record) -> str:
    """What can be done about one that was cut off."""
    action = record.header.action
    if action == "link.remove":
        # Forward from the first removal on, before that back.
        return _("it can be taken up again")
    return {
        "moves": _("it can be taken up again"),
        "calls": _("it can be taken back"),
        "steps": _("it can be taken up again or taken back"),
        "gift": _("it can be given back"),
    }[kind_of(action)]


def nothing_left(record: Record) -> bool:
    """Whether there is nothing to take up.

    What was done on routers or handed out, and has ended, stands or was taken back as a whole.
    """
    whole = kind_of(record.header.action) in ("calls", "gift")
    return record.over is not None and (whole or not record.left)
