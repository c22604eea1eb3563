"""`labtui backups`: every guest with its last backup, those that have none first."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import msgspec

from labtui.actions.backups.list import read_backups
from labtui.cli.exits import Exit
from labtui.cli.looking import look
from labtui.cli.output import aligned
from labtui.cli.reading import failures
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.backups import Backups, Saved
from labtui.model.snapshot import Snapshot
from labtui.views.figures import size, span

_TOPICS = frozenset(("resources", "membership"))


def backups(config: Config, *, output: str, none_only: bool) -> int:
    """Read once and print; 1 when something could not be read."""
    found, told, now = look(config, _TOPICS, _read)
    if none_only:
        found = {name: _without(each) for name, each in found.items()}
    if output == "json":
        rows = [_record(saved, now) for each in found.values() for saved in each.guests]
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
    else:
        sys.stdout.write(table(found, now))
    for name, each in found.items():
        told += [f"{name}/{place}: {why}" for place, why in each.missing.items()]
    for line in told:
        sys.stderr.write(f"labtui: {line}\n")
    return Exit.FAILED if told else Exit.DONE


async def _read(lab: LiveLab, snapshot: Snapshot) -> tuple[dict[str, Backups], list[str], float]:
    found = {name: await read_backups(name, lab.wire) for name in snapshot.sources("proxmox")}
    return found, failures(snapshot), lab.now()


def _without(found: Backups) -> Backups:
    return Backups(tuple(saved for saved in found.guests if not saved.archives), found.missing)


def table(found: dict[str, Backups], now: float) -> str:
    """A line for each guest."""
    head = (_("id"), _("name"), _("last"), _("n"), _("size"), _("job"), _("where"))
    rows = (_cells(saved, now) for each in found.values() for saved in each.guests)
    return aligned((head, *rows))


def _cells(saved: Saved, now: float) -> tuple[str, ...]:
    last = saved.archives[0] if saved.archives else None
    job = {True: _("yes"), False: _("no"), None: "?"}[saved.in_job]
    return (
        str(saved.guest.vmid),
        saved.guest.name,
        span(now - last.made) if last else _("none"),
        str(len(saved.archives)),
        size(last.size) if last else "",
        job,
        last.volume if last else "",
    )


def _record(saved: Saved, now: float) -> dict[str, object]:
    last = saved.archives[0] if saved.archives else None
    made = datetime.fromtimestamp(last.made, UTC).isoformat() if last else None
    return {
        "cluster": saved.guest.cluster,
        "id": saved.guest.vmid,
        "name": saved.guest.name,
        "last": made,
        "age": now - last.made if last else None,
        "count": len(saved.archives),
        "size": last.size if last else None,
        "in_job": saved.in_job,
        "volume": last.volume if last else None,
    }
