"""`labtui jobs`: jobs of several steps in the journal: pause, go on, stop, retry, take up again."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from labtui.actions import ACTIONS
from labtui.actions.action import Plan
from labtui.actions.evacuation.book import Order, Record
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.survey import pending
from labtui.cli.evacuate import TOPICS, Wanted, go, open_lab
from labtui.cli.exits import Exit
from labtui.cli.link import TOPICS as ROUTER_TOPICS
from labtui.cli.migrate import say
from labtui.cli.output import padded
from labtui.cli.reading import quiet_logs, settled
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.audit import Audit
from labtui.live.audit_file import FILE
from labtui.live.lab import LiveLab
from labtui.live.steps import Books
from labtui.locale import _
from labtui.model.errors import LabError
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
    output: str = "table",
    sure: bool = False,
    read_only: bool = False,
    reason: str = "",
) -> int:
    """List them, say what is wanted of one that runs, or take one up again."""
    if verb == "resume":
        with quiet_logs():
            lab = open_lab(config, read_only=read_only, topics=TOPICS | ROUTER_TOPICS)
            wanted = Wanted("", sure=sure, output=output, reason=reason)
            return asyncio.run(_resume(lab, book, wanted))
    try:
        return asyncio.run(_told(config, verb, book, output))
    except LabError as error:
        return say(f"{error}. {error.remedy}".rstrip(". ") + ".", Exit.FAILED)


def books_folder(config: Config) -> Path | None:
    """Where the journals of evacuations are; nowhere for a demo lab. Raises `LabError`."""
    return None if config.demo else journal_folder(config.lab) / "evacuations"


async def _told(config: Config, verb: str, book: str, output: str) -> int:
    books = Books(books_folder(config))
    try:
        if verb == "list":
            records = await books.records()
            sys.stdout.write(as_json(records) if output == "json" else as_text(records))
            return Exit.DONE
        if not book:
            return say(_("which one? `labtui jobs` has their names"), Exit.USAGE)
        await _audited(config, books, book, verb)
        await books.give(book, _ORDERS[verb])
        sys.stdout.write(_("told; it heeds that within a few seconds") + "\n")
        return Exit.DONE
    finally:
        books.close()


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


async def _resume(lab: LiveLab, book: str, wanted: Wanted) -> int:
    try:
        await settled(lab)
        records = await lab.books.records()
        found = [r for r in records if r.id == book or (not book and r.interrupted)]
        if not found:
            text = _("no evacuation '{id}'").format(id=book) if book else _("none was interrupted")
            return say(text, Exit.USAGE)
        if found[0].held:
            # It is paused, or runs anyway: to go on is all that can be meant.
            await lab.books.give(found[0].id, "")
            sys.stdout.write(_("another console works on it: told to go on") + "\n")
            return Exit.DONE
        if not found[0].left and found[0].over is not None:
            sys.stdout.write(_("nothing is left of it") + "\n")
            return Exit.DONE
        return await go(lab, wanted, await _plan_of(found[0], lab))
    except LabError as error:
        remedy = f" {error.remedy}." if error.remedy else ""
        return say(f"{error}.{remedy}", Exit.FAILED)
    finally:
        await lab.close()


async def _plan_of(record: Record, lab: LiveLab) -> Plan:
    """The plan that goes on with a journal. Raises `LabError`."""
    action = next((each for each in ACTIONS if each.id == record.header.action), None)
    if action is not None and action.resumed is not None:
        return action.draft(await action.resumed(record.id, lab.wire), "", "")
    return draft(await pending(record, lab.wire), "", "")


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
    head = (_("ID"), _("BEGUN"), _("STATE"), _("MOVED"), _("WHAT"))
    rows = [
        (
            record.id,
            datetime.fromtimestamp(record.header.at, UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
            state_text(record),
            f"{len(record.moved)}/{sum(bool(s.target) for s in record.header.steps)}",
            record.header.title + (f": {record.over.note}" if record.over else ""),
        )
        for record in records
    ]
    from rich.cells import cell_len

    widths = [max(cell_len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    lines = [
        "  ".join(padded(text, width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in (head, *rows)
    ]
    return "\n".join(lines) + "\n"


def as_json(records: tuple[Record, ...]) -> str:
    """The same for scripts, with every step."""
    told = []
    for record in records:
        standings = record.standings()
        told.append(
            {
                "id": record.id,
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
                        "state": _step_word(bool(step.target), standing.state, standing.begun),
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


def _step_word(goes: bool, state: str, begun: bool) -> str:
    if not goes:
        return "stays"
    if state != "running":
        return state
    return "under way" if begun else "waiting"
