"""`labtui drift`: what NetBox and the lab say differently, for a person, a script or a page.

Exit status: 0 nothing differs, 1 something does, 3 nobody can say, because NetBox or a part of the
lab could not be read.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from labtui.cli.exits import Exit
from labtui.cli.looking import look
from labtui.cli.output import iso, print_table
from labtui.cli.reading import failures, topics_of, with_records
from labtui.config.schema import Config
from labtui.locale import _
from labtui.model.drift.difference import Difference, Drift, Mend
from labtui.model.drift.whole import drift as drift_of
from labtui.model.inventory import Inventory
from labtui.model.records.index import first_inventory
from labtui.model.snapshot import Snapshot
from labtui.views.drift import DRIFT, drift_age
from labtui.views.drift_texts import directions, kind_text, unseen_text, what_text
from labtui.views.figures import span


def drift(config: Config, *, output: str) -> int:
    """Print the differences; the exit status says whether there are any."""
    if config.netbox is None:
        sys.stderr.write(_("labtui: the configuration has no [netbox] to compare with\n"))
        return Exit.USAGE
    snapshot = look(config, topics_of(DRIFT.needs), lambda lab, _read: with_records(lab))
    now = time.time()
    found = drift_of(snapshot)
    told = failures(snapshot)
    if output == "json":
        sys.stdout.write(json.dumps(as_record(found, snapshot, now), ensure_ascii=False, indent=2))
        sys.stdout.write("\n")
    elif output == "md":
        sys.stdout.write(as_markdown(found, snapshot, now))
    else:
        _table(found, snapshot, now)
    for line in told:
        sys.stderr.write(f"labtui: {line}\n")
    return status_of(found, snapshot, now, complete=not told)


def status_of(found: Drift, snapshot: Snapshot, now: float, *, complete: bool) -> Exit:
    """0, 1 or 3. What was seen to differ differs, whatever else could not be read.

    What the token may not see is not known to be missing.
    """
    if first_inventory(snapshot) is None or inventory_age(snapshot, now) is not None:
        return Exit.BLOCKED
    seen = [each for each in found.differences if not each.hidden]
    if any(drift_age(each, snapshot, now) is None for each in seen):
        return Exit.FAILED
    return Exit.DONE if complete and not found.differences else Exit.BLOCKED


def inventory_age(snapshot: Snapshot, now: float) -> float | None:
    """How old what NetBox said is, in seconds, when that is old."""
    ages = [
        fresh.age(now)
        for source in snapshot.sources("netbox")
        if (fresh := snapshot.fresh(Inventory, source)) is not None and fresh.stale(now)
    ]
    return max((age for age in ages if age is not None), default=None)


def _as_of(snapshot: Snapshot) -> float | None:
    fresh = [snapshot.fresh(Inventory, source) for source in snapshot.sources("netbox")]
    return min((each.read_at for each in fresh if each and each.read_at is not None), default=None)


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)


def as_record(found: Drift, snapshot: Snapshot, now: float) -> dict[str, Any]:
    """For scripts: words and values that do not depend on the language."""
    inventory = first_inventory(snapshot)
    url = inventory.url if inventory is not None else ""
    return {
        "lab": snapshot.lab,
        "at": _iso(now),
        "as_of": _iso(_as_of(snapshot)),
        "compared": found.compared,
        "not_compared": [{"list": path, "why": why} for path, why in found.unseen],
        "differences": [_difference(each, snapshot, now, url) for each in found.differences],
        "meant": [_difference(each, snapshot, now, url) for each in found.ignored],
    }


def _difference(each: Difference, snapshot: Snapshot, now: float, url: str) -> dict[str, Any]:
    age = drift_age(each, snapshot, now)
    record: dict[str, Any] = {
        "key": each.key,
        "kind": each.kind,
        "what": each.what,
        "name": each.name,
        "field": each.field or None,
        "is": each.actual or None,
        "recorded": each.recorded or None,
        "lab": each.lab or None,
        "record": each.record.page(url) if each.record is not None and each.record.id else None,
        "sure": each.sure,
        "hidden": each.hidden,
        "age": None if age is None else round(age, 1),
        "mend": [_mend(mend) for mend in each.mends],
    }
    if each.candidates:
        record["candidates"] = [ref.page(url) for ref in each.candidates]
    if each.ignored:
        record["reason"] = each.ignored
    return record


def _mend(mend: Mend) -> dict[str, Any]:
    ref = mend.ref
    return {
        "side": mend.direction,
        "deed": mend.deed,
        "object": mend.key or (f"{ref.path}/{ref.id}/" if ref and ref.id else ref and ref.path),
        "values": dict(mend.values),
    }


def as_markdown(found: Drift, snapshot: Snapshot, now: float) -> str:
    """A page of it: a line says as of when, a table has the differences."""
    at = _iso(_as_of(snapshot))
    head = _("Drift of {lab}").format(lab=snapshot.lab)
    lines = [f"# {_plain(head)}", "", _note(snapshot, now, at), ""]
    if found.differences:
        titles = (_("what"), _("name"), _("difference"), _("is"), _("recorded as"), _("mend"))
        lines += [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
        for each in found.differences:
            cells = (
                *(what_text(each.what), each.name, kind_text(each)),
                *(each.actual, each.recorded, directions(each)),
            )
            lines.append(f"| {' | '.join(_plain(cell) for cell in cells)} |")
    else:
        lines.append(_plain(_(DRIFT.empty)))
    for each in found.ignored:
        text = _("{name}: meant so ({reason})").format(name=each.name, reason=each.ignored)
        lines += ["", f"- {_plain(text)}"]
    lines += ["", *(f"- {_plain(unseen_text(*gap))}" for gap in found.unseen)]
    return "\n".join(lines).rstrip() + "\n"


def _note(snapshot: Snapshot, now: float, at: str | None) -> str:
    if at is None:
        return _("NetBox was not read.")
    age = inventory_age(snapshot, now)
    if age is None:
        return _("NetBox as of {time}.").format(time=at)
    return _("NetBox as of {time}, {span} ago: it is away.").format(time=at, span=span(age))


def _plain(text: str) -> str:
    """Text that Markdown takes for nothing else."""
    for sign in ("\\", "|", "`", "*", "_", "<", "["):
        text = text.replace(sign, f"\\{sign}")
    return text


def _table(found: Drift, snapshot: Snapshot, now: float) -> None:
    rows = DRIFT.arranged(DRIFT.rows(snapshot, now), now)
    if first_inventory(snapshot) is None:
        sys.stdout.write(_("NetBox was not read.") + "\n")
        return
    print_table(DRIFT, rows, snapshot, now)
    for gap in found.unseen:
        # A plugin that is not there is no news.
        if gap[1] not in ("absent", "empty"):
            sys.stderr.write(f"labtui: {unseen_text(*gap)}\n")
    if inventory_age(snapshot, now) is not None:
        sys.stderr.write(f"labtui: {_note(snapshot, now, _iso(_as_of(snapshot)))}\n")
