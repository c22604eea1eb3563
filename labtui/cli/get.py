"""`labtui get VIEW`: any view of the console as a table, JSON or CSV."""

from __future__ import annotations

import sys
import time
from difflib import get_close_matches
from typing import Any

from labtui.cli.events import events
from labtui.cli.exits import Exit
from labtui.cli.findings import FINDINGS, findings_view
from labtui.cli.looking import look, snapshot_alone
from labtui.cli.output import as_csv, as_json, print_table
from labtui.cli.reading import failures, topics_of
from labtui.config.schema import Config
from labtui.locale import _
from labtui.model.events import MOST_EVENTS
from labtui.views import VIEWS
from labtui.views.events import EVENTS
from labtui.views.filter import RowTexts, doubts, parse
from labtui.views.view import View


def get(config: Config, view_id: str, output: str, filter_text: str) -> int:
    """Print the view; 1 when some of what it needs could not be read."""
    view = _view(config, view_id)
    if view is None:
        known = [*(view.id for view in VIEWS), FINDINGS]
        near = get_close_matches(view_id, known, 1)
        hint = _("did you mean {name}?").format(name=near[0]) if near else " ".join(known)
        sys.stderr.write(_("labtui: no view '{name}': {hint}\n").format(name=view_id, hint=hint))
        return Exit.USAGE
    if view.id == EVENTS.id and not filter_text:
        # They are on the disk: no server has to be asked.
        return events(config, since="", before="", about="", most=MOST_EVENTS, output=output)
    snapshot = look(config, topics_of(view.needs) or None, snapshot_alone)
    now = time.time()
    rows = view.arranged(view.rows(snapshot, now), now)
    everything = len(rows)
    if filter_text:
        wanted, texts = parse(filter_text), RowTexts(view)
        if wrong := doubts(view, wanted, rows):
            sys.stderr.write(f"labtui: {wrong}\n")
            return Exit.USAGE
        rows = wanted.sifted(rows, texts)
    lines = failures(snapshot)
    if output == "json":
        sys.stdout.write(as_json(view, rows, now) + "\n")
    elif output == "csv":
        sys.stdout.write(as_csv(view, rows, now))
    else:
        hidden = _("nothing matches {filter} ({all} in all)").format(
            filter=filter_text, all=everything
        )
        empty = hidden if everything and filter_text else ""
        if lines and not everything:
            # Nobody knows whether there are none.
            empty = _("{view}: not read").format(view=_(view.title))
        print_table(view, rows, snapshot, now, empty)
    for line in lines:
        sys.stderr.write(f"labtui: {line}\n")
    return Exit.FAILED if lines else Exit.DONE


def _view(config: Config, view_id: str) -> View[Any] | None:
    """The view of that id; the findings are made of everything, and not of the snapshot alone."""
    if view_id == FINDINGS:
        return findings_view(config)
    return next((view for view in VIEWS if view.id == view_id), None)
