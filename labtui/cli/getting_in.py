"""`labtui ssh NAME` and `labtui console NAME`: the x and v keys without the screen."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from labtui.cli.exits import Exit, failed, say
from labtui.cli.reading import asker, failures, quiet_logs, settled
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.entry import Door, Place, Way, places_named
from labtui.model.errors import LabError

_TOPICS = frozenset(("resources", "membership", "rights", "inventory"))
_PATIENCE = 8.0


def get_in(
    config: Config, door: Door, name: str, *, read_only: bool, user: str = "", reason: str = ""
) -> int:
    """Open a shell or a console; its status is ours. Needs a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return say(_("a shell needs a terminal"), Exit.USAGE)
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(
            config,
            (),
            read_only=read_only,
            journal=None if config.demo else journal_folder(config.lab) / "journal.jsonl",
            codes=codes,
            topics=_TOPICS,
        )
        return asyncio.run(_get_in(lab, door, name, user, reason))


async def _get_in(lab: LiveLab, door: Door, name: str, user: str, reason: str) -> int:
    try:
        await settled(lab, _PATIENCE)
        if reason and lab.gate.longest:
            lab.gate.elevate(lab.gate.longest, reason)
        place = _place(lab, name)
        if isinstance(place, Exit):
            return place
        if door == "console":
            return await _console(lab, place)
        return await _ssh(lab, place, user)
    except LabError as error:
        return failed(error, Exit.BLOCKED if error.kind == "rejected" else Exit.FAILED)
    finally:
        await lab.close()


def _place(lab: LiveLab, name: str) -> Place | Exit:
    snapshot = lab.store.snapshot
    found = places_named(name, snapshot, lab.entry.routers)
    if len(found) == 1:
        return found[0]
    if found:
        keys = ", ".join(f"{place.source}/{place.vmid or place.name}" for place in found)
        text = _("'{name}' is more than one: {keys}")
        return say(text.format(name=name, keys=keys), Exit.USAGE)
    unread = [line for line in failures(snapshot) if "/resources:" in line]
    text = _("no guest, node or router '{name}'").format(name=name)
    return say("; ".join([text, *unread]), Exit.FAILED if unread else Exit.USAGE)


async def _ssh(lab: LiveLab, place: Place, user: str) -> int:
    from labtui.ui.shell_child import Ended, run_ssh
    from labtui.ui.shell_tty import Terminal
    from labtui.ui.shell_words import FAILED, ended_how, heading

    found = await lab.entry.ways(place)
    way = _chosen(found.ways, found.chosen, user)
    order = lab.entry.order(way, place)
    sys.stderr.write(heading(place, way, found.missing) + "\n")
    job = await lab.entry.opened("ssh", place, str(way))
    ended, note = Ended(FAILED), ""
    try:
        ended = await run_ssh(lab.entry.ssh, order, Terminal())
        note, _well = ended_how(ended, place.label)
    except OSError as error:
        note = _("ssh can't be run: {why}").format(why=error.strerror or type(error).__name__)
        say(note, Exit.FAILED)
    finally:
        await lab.entry.closed(job, "failed" if ended.status == FAILED else "done", note)
    return ended.status if ended.status >= 0 else 128 - ended.status


def _chosen(ways: Sequence[Way], equal: int, user: str) -> Way:
    """The first of the best ones; of others with the same claim it is said that there are."""
    import msgspec

    if user:
        return msgspec.structs.replace(ways[0], user=user)
    if equal > 1:
        others = ", ".join(str(way) for way in ways[1:equal])
        say(_("there are also: {others}").format(others=others), Exit.DONE)
    return ways[0]


async def _console(lab: LiveLab, place: Place) -> int:
    from labtui.ui.shell_sitting import sit
    from labtui.ui.shell_tty import Terminal
    from labtui.ui.shell_words import console_head, sat_how

    line = await lab.entry.console(place)
    key, byte = lab.entry.escape
    job = await lab.entry.opened("console", place, line.where)
    role, text = "bad", ""
    try:
        sitting = await sit(line, Terminal(), byte, console_head(place, key))
        text, role = sat_how(sitting, place.label)
    finally:
        await lab.entry.closed(job, "failed" if role == "bad" else "done", text)
    return say(text, Exit.DONE if role == "good" else Exit.FAILED)
