"""`labtui events`: what happened in the lab, as the history on the disk has it."""

from __future__ import annotations

import sys
import time

from labtui.cli.exits import Exit
from labtui.cli.output import as_csv, as_json, print_table
from labtui.cli.point import point
from labtui.config.schema import Config
from labtui.live.history.database import Database
from labtui.live.history.file import Unkept
from labtui.live.history.opening import history_file
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.events import BEFORE, Event, Query
from labtui.model.snapshot import Snapshot
from labtui.views.events import EVENTS


def events(config: Config, *, since: str, before: str, about: str, most: int, output: str) -> int:
    """Print the events, the newest first. Reads no server.

    `since` is a span or a time; `before` a time, for the ten minutes up to it; 1 without a history.
    """
    now = time.time()
    try:
        query = _query(since, before, about, most, now)
    except ValueError as error:
        sys.stderr.write(f"labtui: {error}\n")
        return Exit.USAGE
    try:
        rows = _read(config, query)
    except (LabError, Unkept) as error:
        sys.stderr.write(_("labtui: the history can't be read: {why}\n").format(why=error))
        return Exit.FAILED
    if output == "json":
        sys.stdout.write(as_json(EVENTS, rows, now) + "\n")
    elif output == "csv":
        sys.stdout.write(as_csv(EVENTS, rows, now))
    else:
        print_table(EVENTS, rows, Snapshot(), now, _("No such events."))
    return Exit.DONE


def _read(config: Config, query: Query) -> tuple[Event, ...]:
    path = history_file(config)
    database = Database.reading(path)
    if database is None:
        why = _("there is none yet; a console or `labtui record` begins it")
        raise LabError(_("no history"), where=str(path), why=why)
    try:
        return database.events(query)
    finally:
        database.close()


def _query(since: str, before: str, about: str, most: int, now: float) -> Query:
    """Raises `ValueError` with a sentence."""
    if before:
        # Times are shown in whole seconds: that second is meant too.
        until = point(before, now) + 1.0
        return Query(object=about, since=until - BEFORE, until=until, most=most)
    return Query(object=about, since=point(since, now) if since else None, most=most)
