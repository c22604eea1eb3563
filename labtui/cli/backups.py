"""`labtui backups`: every guest with its last backup, those that have none first."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

import msgspec

from labtui.actions import ACTIONS
from labtui.actions.backups.list import read_backups
from labtui.cli.exits import Exit
from labtui.cli.output import padded
from labtui.cli.reading import asker, failures, quiet_logs, settled
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.backups import Backups, Saved
from labtui.views.figures import size, span

_TOPICS = frozenset(("resources", "membership"))


def backups(config: Config, *, output: str, none_only: bool) -> int:
    """Read once and print; 1 when something could not be read."""
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(config, ACTIONS, read_only=True, codes=codes, topics=_TOPICS)
        return asyncio.run(_backups(lab, output, none_only=none_only))


async def _backups(lab: LiveLab, output: str, *, none_only: bool) -> int:
    try:
        snapshot = await settled(lab)
        told = failures(snapshot)
        found = {name: await read_backups(name, lab.wire) for name in snapshot.sources("proxmox")}
    finally:
        await lab.close()
    now = lab.now()
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


def _without(found: Backups) -> Backups:
    return Backups(tuple(saved for saved in found.guests if not saved.archives), found.missing)


def table(found: dict[str, Backups], now: float) -> str:
    """A line for each guest."""
    head = (_("id"), _("name"), _("last"), _("n"), _("size"), _("job"), _("where"))
    widths = (6, 20, 8, 4, 7, 5, 0)
    lines = ["  ".join(padded(text, width) for text, width in zip(head, widths, strict=True))]
    for each in found.values():
        for saved in each.guests:
            cells = _cells(saved, now)
            pairs = zip(cells, widths, strict=True)
            lines.append("  ".join(padded(text, width) for text, width in pairs))
    return "\n".join(line.rstrip() for line in lines) + "\n"


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
