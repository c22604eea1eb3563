"""`labtui lookup WHAT`: what it is, whose, and where it really is now.

Exit status: 0 found, 1 not found, 3 not found while a part of the lab could not be read.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from labtui.cli.exits import Exit
from labtui.cli.looking import look
from labtui.cli.output import STYLES, padded
from labtui.cli.reading import failures, topics_of, with_records
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.drift.needs import NEEDS
from labtui.model.lookup import Found, Query, Sightings, parse
from labtui.model.lookup_names import lookup as search
from labtui.model.lookup_names import with_sighted
from labtui.model.records.index import first_inventory
from labtui.model.snapshot import Snapshot
from labtui.views.lookup import sections


def lookup(config: Config, what: str, *, output: str) -> int:
    """Print what is known of it."""
    if not what.strip():
        sys.stderr.write(_("labtui: look up what?\n"))
        return Exit.USAGE
    query = parse(what)
    snapshot, sightings = look(config, topics_of(NEEDS), lambda lab, _read: _seen(lab, query))
    now = time.time()
    found = with_sighted(search(snapshot, query), sightings, snapshot)
    told = failures(snapshot)
    if output == "json":
        sys.stdout.write(_json(found, sightings, snapshot) + "\n")
    else:
        _print(found, sightings, snapshot, now)
    for line in told:
        sys.stderr.write(f"labtui: {line}\n")
    if found.answers or sightings.seen:
        return Exit.DONE
    return Exit.BLOCKED if told or sightings.silent else Exit.FAILED


async def _seen(lab: LiveLab, query: Query) -> tuple[Snapshot, Sightings]:
    snapshot = await with_records(lab)
    return snapshot, await lab.seek(query)


def _json(found: Found, sightings: Sightings, snapshot: Snapshot) -> str:
    inventory = first_inventory(snapshot)
    url = inventory.url if inventory is not None else ""
    record: dict[str, Any] = {
        "query": {"kind": found.query.kind, "text": found.query.text},
        "answers": [
            {
                "what": each.what,
                "name": each.name,
                "told": each.told,
                "page": each.record.page(url) if each.record is not None else None,
                "key": each.key or None,
                **{label: value for label, value in each.lines if label not in ("what", "name")},
            }
            for each in found.answers
        ],
        "now": [
            {"router": each.router, "how": each.how, "address": each.address, "mac": each.mac,
             "interface": each.interface, "host_name": each.host_name, "status": each.status}
            for each in sightings.seen
        ],
        "silent": sightings.silent,
    }  # fmt: skip
    return json.dumps(record, ensure_ascii=False, indent=2)


def _print(found: Found, sightings: Sightings, snapshot: Snapshot, now: float) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for section in sections(found, sightings, snapshot, now):
        age = _(" ({seconds:.0f} s old)").format(seconds=section.age) if section.age else ""
        console.print(Text(section.title + age, style="bold"))
        for label, cell in section.lines:
            console.print(Text(f"  {padded(label, 12)} "), Text(cell.text, STYLES[cell.role]))
