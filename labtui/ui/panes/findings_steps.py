"""What helps against a cause, in order: each step with the action or the place that it names. Pure.

First the remedies of the cause itself, then the actions that remedies of its effects name, then the
object that it is about, to look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from labtui.locale import _

if TYPE_CHECKING:
    from labtui.findings import Cause, Finding, Remedy

_MOST_OF_EFFECTS = 4
_TYPED = re.compile(r"`([^`]+)`")


class Step(NamedTuple):
    """One thing to do. `view` and `key` are the object to do it with, `name` what it is called.

    `command` is what has to be typed by hand on some machine, empty where nothing is.
    """

    text: str
    action: str = ""
    view: str = ""
    key: str = ""
    name: str = ""
    command: str = ""


def steps(cause: Cause) -> tuple[Step, ...]:
    """What to do, the first thing first."""
    finding = cause.finding
    found = [_step(remedy, finding, cause) for remedy in finding.remedies]
    known = {(step.action, step.key) for step in found if step.action}
    more = [step for step in _of_effects(cause) if (step.action, step.key) not in known]
    found.extend(more[:_MOST_OF_EFFECTS])
    view, key = finding.subject.at
    if view and finding.count == 1 and not any(step.view == view for step in found):
        name = finding.subject.name
        found.append(Step(_("look at {name}").format(name=name), "", view, key, name))
    return tuple(found)


def _step(remedy: Remedy, finding: Finding, cause: Cause) -> Step:
    text = remedy.text.say()
    typed = _TYPED.search(text)
    name = _called(remedy, finding, cause)
    command = typed[1] if typed else ""
    return Step(text, remedy.action, remedy.view, remedy.key, name, command)


def _called(remedy: Remedy, finding: Finding, cause: Cause) -> str:
    """What people call the object of a remedy, as some finding about it does; empty if none."""
    if not remedy.key or remedy.key == finding.subject.at[1]:
        return finding.subject.name
    for each in cause.tree.all():
        if remedy.key in (each.subject.key, each.subject.row):
            return each.subject.name
    names = dict(zip(cause.affected.guests, cause.affected.labels, strict=False))
    last = remedy.key.rpartition("/")[2]
    # A tunnel's key is made of its ends' keys, which nobody calls it by.
    return names.get(remedy.key, last if remedy.view in ("nodes", "guests", "jobs") else "")


def _of_effects(cause: Cause) -> Iterator[Step]:
    for each in cause.tree.all():
        if each is not cause.finding:
            for remedy in each.remedies:
                if remedy.action:
                    yield _step(remedy, each, cause)
