"""What is read of an object only while somebody looks at it: which questions, in which order."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from functools import partial

from labtui.actions.action import Wire
from labtui.locale import _
from labtui.model.cluster import Tasks
from labtui.model.errors import LabError
from labtui.model.presence import SeenGuest, seen_guests
from labtui.model.snapshot import Snapshot
from labtui.ui.panes import (
    asked_guest,
    asked_history,
    asked_prefixes,
    asked_steps,
    asked_tasks,
)
from labtui.ui.panes.query import Look, Query, Told
from labtui.views import emptiness
from labtui.views.view import Cell, Section

_log = logging.getLogger(__name__)


def queries(noun: str, key: str, snapshot: Snapshot) -> tuple[Query, ...]:
    """The questions about that object; none of one that has no more to it than the snapshot."""
    if noun == "guest":
        seen = seen_guests(snapshot).get(key)
        return _of_guest(seen) if seen is not None else ()
    if noun == "node":
        cluster, slash, name = key.partition("/")
        return (asked_history.of_node(cluster, name),) if slash else ()
    if noun in ("session", "link", "prefix"):
        return asked_prefixes.of_row(noun, key, snapshot)
    if noun == "job":
        return tuple(asked_steps.of_job(job) for job in snapshot.jobs if job.id == key and job.book)
    if noun == "task":
        found = (task for _c, part in snapshot.of(Tasks) for task in part.tasks if task.upid == key)
        return tuple(asked_tasks.of_task(task) for task in found)
    return ()


def _of_guest(seen: SeenGuest) -> tuple[Query, ...]:
    """What there is to go back to comes before what has been: who looks has trouble.

    Of one on a node that is away, or that nobody sees, what other nodes know.
    """
    guest = seen.guest
    history = asked_history.of_guest(guest)
    backups, acl = asked_guest.anywhere(guest)
    if seen.node_online is not True:
        text = _("{node} is away") if seen.node_online is False else _("nobody sees {node}")
        away = Section(
            _("From its node"),
            (
                (
                    "",
                    Cell(_("can't be read: {why}").format(why=text.format(node=guest.node)), "bad"),
                ),
            ),
        )
        return (Query("away", away.title, partial(_fixed, away)), backups, history, acl)
    inside, snapshots, pending = asked_guest.on_its_node(guest)
    tasks = asked_tasks.of_guest(guest)
    return (inside, tasks, snapshots, backups, pending, history, acl)


async def _fixed(section: Section, _wire: Wire, _look: Look) -> AsyncIterator[Told]:
    yield Told((section,))


async def answers(query: Query, wire: Wire, look: Look) -> AsyncIterator[Told]:
    """What comes of a question: a failure is an answer too, and the last one."""
    try:
        async for told in query.read(wire, look):
            yield told
    except LabError as error:
        yield Told((Section(query.title, emptiness.failed(error.bare().problem)),))
    except Exception as error:  # noqa: BLE001 - an odd answer must not end the console
        _log.error("details, %s: %s", query.id, type(error).__name__)
        text = _("the answer was not understood")
        yield Told((Section(query.title, (("", Cell(text, "bad")),)),))


async def sections(noun: str, key: str, wire: Wire) -> tuple[Section, ...]:
    """The first answers to all questions, one after the other."""
    found: list[Section] = []
    for query in queries(noun, key, wire.snapshot):
        async for told in answers(query, wire, Look()):
            found.extend(told.sections)
            break
    return tuple(found)
