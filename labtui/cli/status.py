"""`labtui status`: the lab in a few lines, for a shell, a chat or a mail."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from labtui.cli.causes import STYLES as CAUSE_STYLES
from labtui.cli.causes import causes, lines_of, marks_of, record_of, remembered
from labtui.cli.exits import Exit
from labtui.cli.looking import look, snapshot_alone
from labtui.cli.markdown import as_markdown
from labtui.cli.output import STYLES, padded
from labtui.cli.plugin import read_parts, verdict
from labtui.cli.reading import failures, topics_of
from labtui.config.schema import Config
from labtui.findings import Cause
from labtui.locale import _
from labtui.model.cluster import Membership
from labtui.model.snapshot import Snapshot
from labtui.views import VIEWS, aging
from labtui.views.view import Summary, View

_SHOWN = ("nodes", "guests", "gpus", "wireguard", "bgp", "storage")


def status(config: Config, *, output: str = "text", plugin: bool = False) -> int:
    """Print the summaries and what is in trouble; 1 when something could not be read.

    `output` is text, json or md. `plugin`: the exit status is by severity, and the first line (not
    of JSON) is that of a monitoring plugin.
    """
    snapshot = look(config, None, snapshot_alone)
    now = time.time()
    views = [view for view in VIEWS if view.id in _SHOWN]
    told = failures(snapshot)
    marks, word = marks_of(config)
    found = causes(snapshot, now, marks, remembered(config, snapshot, now))
    judged = verdict(config.lab, found, told, read_parts(snapshot))
    if plugin and output != "json":
        sys.stdout.write(judged.line + "\n")
    if output == "md":
        summaries = [(_(view.title), _summary(view, snapshot, now).text) for view in views]
        sys.stdout.write(as_markdown(config.lab, found, summaries, told, now))
    elif output == "json":
        sys.stdout.write(_json(views, snapshot, now, told, found) + "\n")
    else:
        _print(views, snapshot, now, told, found)
    if word:
        sys.stderr.write(f"labtui: {word}\n")
    if plugin:
        return judged.status
    return Exit.FAILED if told else Exit.DONE


def _troubled(view: View[Any], snapshot: Snapshot, now: float) -> list[Any]:
    rows = view.rows(snapshot, now)
    return [row for row in view.arranged(rows, now) if view.trouble(row, now) > 1]


def _summary(view: View[Any], snapshot: Snapshot, now: float) -> Summary:
    """The view's summary, and how many of its sources it knows nothing of."""
    summary = aging.summary(view, view.rows(snapshot, now), snapshot, now)
    wanted = topics_of(view.needs[:1])
    feeds = [fresh for feed, fresh in snapshot.freshness.items() if feed.topic in wanted]
    unread = sum(fresh.read_at is None for fresh in feeds)
    if not unread:
        return summary
    if unread == len(feeds):
        return Summary(_("not read"), "bad")
    lacking = _(", {n} of {all} sources not read").format(n=unread, all=len(feeds))
    return Summary(summary.text + lacking, "bad")


def _line(view: View[Any], row: Any, now: float) -> str:
    """The first cells of a row that say something."""
    cells = [column.cell(row, now).text for column in view.columns if column.priority == 0]
    return "  ".join(text for text in cells if text)


def _json(
    views: list[View[Any]],
    snapshot: Snapshot,
    now: float,
    told: list[str],
    found: tuple[Cause, ...],
) -> str:
    record: dict[str, Any] = {
        "lab": snapshot.lab,
        "at": now,
        "clusters": [
            {"name": name, "quorate": part.quorate, "online": sorted(part.online)}
            for name, part in snapshot.of(Membership)
        ],
        "views": {
            view.id: {
                "summary": _summary(view, snapshot, now).text,
                "trouble": [view.row_key(row) for row in _troubled(view, snapshot, now)],
            }
            for view in views
        },
        "causes": [record_of(cause) for cause in found],
        "failures": told,
    }
    return json.dumps(record, ensure_ascii=False, indent=2)


def _print(
    views: list[View[Any]],
    snapshot: Snapshot,
    now: float,
    told: list[str],
    found: tuple[Cause, ...],
) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for name, part in snapshot.of(Membership):
        word = {True: _("quorate"), False: _("NO QUORUM"), None: _("stand-alone")}[part.quorate]
        style = "bold red" if part.quorate is False else "bold"
        count = f"{len(part.online)}/{len(part.members)}"
        console.print(Text(f"{name}  {word}  {count}", style=style))
    for cause in found:
        style = "dim" if cause.quiet else CAUSE_STYLES[cause.severity]
        for line in lines_of(cause, now) if cause.severity != "notice" else ():
            console.print(Text(f"  {line}", style=style))
    for view in views:
        summary = _summary(view, snapshot, now)
        console.print(
            Text(f"  {padded(_(view.title), 10)} "), Text(summary.text, STYLES[summary.role])
        )
        for row in _troubled(view, snapshot, now):
            console.print(Text(f"    ! {_line(view, row, now)}", style="red"))
    for line in told:
        console.print(Text(f"  ? {line}", style="yellow"))
