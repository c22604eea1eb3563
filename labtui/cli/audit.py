"""`labtui audit`: what was done from here, by whom, from where, and what came of it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from labtui.cli.exits import Exit, failed, say
from labtui.cli.output import aligned
from labtui.cli.point import point
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.audit_file import FILE, Entry, read
from labtui.locale import _
from labtui.model.errors import LabError


def audit(config: Config, since: str, *, output: str) -> int:
    """Print the entries from then on."""
    try:
        begin = point(since, time.time()) if since else 0.0
    except ValueError as error:
        return say(str(error), Exit.USAGE)
    if config.demo:
        return say(_("a demo lab keeps no audit"), Exit.USAGE)
    try:
        path = journal_folder(config.lab) / FILE
        entries = read(path, begin) if path.exists() else []
    except LabError as error:
        return failed(error)
    except OSError as error:
        return say(_("the audit can't be read: {why}").format(why=error.strerror), Exit.FAILED)
    sys.stdout.write(as_json(entries) if output == "json" else as_text(entries))
    return Exit.DONE


def as_text(entries: Sequence[Entry]) -> str:
    """A line for each action, oldest first: one that has no end yet says so."""
    if not entries:
        return _("Nothing was done from here in that time.") + "\n"
    rows = [_row(began, ended) for began, ended in _pairs(entries)]
    head = (_("WHEN"), _("WHO"), _("FROM"), _("RESULT"), _("WHAT"))
    return aligned((head, *rows))


def as_json(entries: Sequence[Entry]) -> str:
    """The lines as they are, times as ISO 8601 in UTC."""
    told = [
        msgspec.to_builtins(entry)
        | {"at": datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="seconds")}
        for entry in entries
    ]
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _pairs(entries: Sequence[Entry]) -> list[tuple[Entry, Entry | None]]:
    """Beginnings with their ends; an end whose beginning is before the time asked for, alone."""
    found: list[tuple[Entry, Entry | None]] = []
    open_ones: dict[str, int] = {}
    for entry in entries:
        if entry.event == "told":
            found.append((entry, None))
        elif entry.event == "begun":
            open_ones[entry.id] = len(found)
            found.append((entry, None))
        elif (place := open_ones.pop(entry.id, None)) is not None:
            found[place] = (found[place][0], entry)
        else:
            found.append((entry, entry))
    return found


def _row(began: Entry, ended: Entry | None) -> tuple[str, ...]:
    who = f"{began.user} (sudo {began.sudo})" if began.sudo else began.user
    moment = datetime.fromtimestamp(began.at, UTC).astimezone()
    result = (
        {
            "done": _("done"),
            "failed": _("failed"),
            "cancelled": _("cancelled"),
            "unknown": _("unknown"),
        }.get(ended.state, ended.state)
        if ended
        else _("no end")
    )
    if began.event == "told":
        wants = {"stop": _("stop"), "pause": _("pause"), "go": _("go on"), "retry": _("try again")}
        result = _("told: {what}").format(what=wants.get(began.note, began.note))
    what = "; ".join((began.title, *began.calls))
    if ended is not None and ended.note:
        what += f": {ended.note}"
    return (moment.strftime("%Y-%m-%d %H:%M:%S"), who, began.origin or "-", result, what)
