"""`labtui jobs`: jobs of several steps in the journal: pause, go on, stop, retry, take up again."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from labtui.actions import ACTIONS
from labtui.actions.action import Step
from labtui.actions.book_words import far, kind_of, nothing_left
from labtui.actions.evacuation.book import Order, Record, Standing
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.survey import pending
from labtui.cli import evacuate
from labtui.cli.exits import Exit, say
from labtui.cli.link import TOPICS as ROUTER_TOPICS
from labtui.cli.output import aligned
from labtui.cli.plans import Terms, held_back, over_lab, show_and_go
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.audit import Audit
from labtui.live.audit_file import FILE
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.live.lab import LiveLab
from labtui.live.steps import Books
from labtui.locale import _
from labtui.model.jobs import Job

_ORDERS: dict[str, Order] = {
    "pause": "pause",
    "go": "",
    "stop": "stop",
    "cancel": "stop",
    "retry": "retry",
}


def jobs(
    config: Config,
    verb: str,
    book: str,
    *,
    terms: Terms,
    read_only: bool = False,
) -> int:
    """List them, say what is wanted of one that runs, or take one up again. Raises `LabError`."""
    if verb == "resume":
        return over_lab(
            config,
            evacuate.TOPICS | ROUTER_TOPICS,
            lambda lab, _snapshot: _resume(lab, book, terms),
            read_only=read_only,
        )
    if verb == "list":
        return asyncio.run(_listed(config, terms))
    if not book:
        return say(_("which one? `labtui jobs` has their names"), Exit.USAGE)
    return asyncio.run(_told(config, verb, book, terms, read_only=read_only))


def books_folder(config: Config) -> Path | None:
    """Where the journals of jobs of several steps are, whatever they do; nowhere for a demo lab.

    Raises `LabError`.
    """
    return None if config.demo else journal_folder(config.lab) / "evacuations"


async def _listed(config: Config, terms: Terms) -> int:
    books = Books(books_folder(config))
    try:
        records = await books.records()
    finally:
        books.close()
    sys.stdout.write(as_json(records) if terms.for_script else as_text(records))
    return Exit.DONE


async def _told(config: Config, verb: str, book: str, terms: Terms, *, read_only: bool) -> int:
    """Say what is wanted of one that runs: what holds writes back holds this back too."""
    journal = Journal(None if config.demo else journal_folder(config.lab) / "journal.jsonl")
    gate = Holdback.of(config, read_only=read_only, journal=journal, clock=time.time)
    books = Books(books_folder(config))
    try:
        if against := await held_back(gate, terms.reason):
            return say(against, Exit.BLOCKED)
        await _audited(config, books, book, verb)
        await books.give(book, _ORDERS[verb])
        sys.stdout.write(_("told; it heeds that within a few seconds") + "\n")
        return Exit.DONE
    finally:
        books.close()
        gate.close()


def _complain(words: str) -> None:
    sys.stderr.write(f"labtui: {words}\n")


async def _audited(config: Config, books: Books, book: str, verb: str) -> None:
    """Write down what is wanted of one that runs, before it is said. Raises `LabError`."""
    record = next((r for r in await books.records() if r.id == book and r.held), None)
    if record is None or config.demo:
        return
    head = record.header
    job = Job(book, head.action, head.subject, head.title, "running", head.at, book=book)
    path = journal_folder(config.lab) / FILE
    audit = Audit(path, syslog=config.audit.syslog, tell=_complain)
    try:
        await audit.told(job, _ORDERS[verb] or "go", datetime.now(UTC).timestamp())
    finally:
        audit.close()


async def _resume(lab: LiveLab, book: str, terms: Terms) -> int:
    records = await lab.books.records()
    found = [r for r in records if r.id == book or (not book and r.interrupted)]
    if not found:
        text = _("no job '{id}'").format(id=book) if book else _("none was interrupted")
        return say(text, Exit.USAGE)
    if found[0].held:
        # It is paused, or runs anyway: to go on is all that can be meant.
        if against := await held_back(lab.gate, terms.reason):
            return say(against, Exit.BLOCKED)
        await lab.books.give(found[0].id, "")
        sys.stdout.write(_("another console works on it: told to go on") + "\n")
        return Exit.DONE
    if nothing_left(found[0]):
        sys.stdout.write(_("nothing is left of it") + "\n")
        return Exit.DONE
    return await _go_on(lab, found[0], terms)


async def _go_on(lab: LiveLab, record: Record, terms: Terms) -> int:
    """Show the plan that goes on with a journal, and carry it out. Raises `LabError`."""
    action = next((each for each in ACTIONS if each.id == record.header.action), None)
    if action is None or action.resumed is None:
        plan = draft(await pending(record, lab.wire), "", "")
        return await evacuate.show_and_go(lab, plan, terms)
    plan = action.draft(await action.resumed(record.id, lab.wire), "", "")
    left = _("left; `labtui jobs resume` takes it up again")
    return await show_and_go(lab, action, plan, terms, left)


def state_text(record: Record) -> str:
    """How it is doing, in a word."""
    if record.held:
        return _("running")
    if record.over is None:
        return _("interrupted")
    return {
        "done": _("done"),
        "failed": _("failed"),
        "cancelled": _("stopped"),
        "unknown": _("unknown"),
        "running": _("running"),
    }[record.over.state]


def as_text(records: tuple[Record, ...]) -> str:
    """A line for each."""
    if not records:
        return _("No job of several steps was begun from here yet.") + "\n"
    head = (_("ID"), _("BEGUN"), _("STATE"), _("DONE"), _("WHAT"))
    rows = [
        (
            record.id,
            datetime.fromtimestamp(record.header.at, UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
            state_text(record),
            "/".join(map(str, far(record))),
            record.header.title + (f": {record.over.note}" if record.over else ""),
        )
        for record in records
    ]
    return aligned((head, *rows))


def as_json(records: tuple[Record, ...]) -> str:
    """The same for scripts, with every step."""
    told = []
    for record in records:
        standings = record.standings()
        calls = kind_of(record.header.action) == "calls"
        told.append(
            {
                "id": record.id,
                "action": record.header.action,
                "title": record.header.title,
                "node": record.header.subject,
                "begun": datetime.fromtimestamp(record.header.at, UTC).isoformat(),
                "by": record.header.user,
                "state": _word(record),
                "note": record.over.note if record.over else "",
                "steps": [
                    {
                        "guest": step.subject,
                        "name": step.label,
                        "how": step.way,
                        "from": step.source,
                        "to": standing.target,
                        "state": _step_word(step, standing, calls=calls),
                        "note": standing.note or step.note,
                    }
                    for step, standing in zip(record.header.steps, standings, strict=True)
                ],
            }
        )
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _word(record: Record) -> str:
    if record.held:
        return "running"
    return record.over.state if record.over else "interrupted"


def _step_word(step: Step, standing: Standing, *, calls: bool) -> str:
    """How a step is; a call on a router is done when it was answered."""
    if not step.target:
        return "stays"
    if standing.state != "running":
        return standing.state
    if calls and standing.done:
        return "done"
    return "under way" if standing.begun else "waiting"
