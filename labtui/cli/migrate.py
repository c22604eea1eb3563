"""`labtui migrate GUEST`: the same plan and the same run as the key `m`, without the screen."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import TextIO

from labtui.actions import ACTIONS
from labtui.actions.action import Action, Plan
from labtui.actions.migration.action import MIGRATE
from labtui.actions.modes import mode_text
from labtui.cli.exits import Exit
from labtui.cli.output import padded
from labtui.cli.reading import asker, failures, quiet_logs, settled
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.jobs import Job
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot
from labtui.views.figures import bar, percent, rate, span

_TOPICS = frozenset(("resources", "membership", "tasks", "ha", "rights"))
_ENDS = {
    "done": Exit.DONE,
    "failed": Exit.FAILED,
    "cancelled": Exit.FAILED,
    "unknown": Exit.UNKNOWN,
    "running": Exit.UNKNOWN,
}


def migrate(
    config: Config,
    guest: str,
    *,
    target: str,
    dry_run: bool,
    sure: bool,
    read_only: bool,
    reason: str = "",
) -> int:
    """Plan, ask, carry out, follow to the end. `reason`: elevate for it, where that is wanted."""
    codes = asker(config)
    with quiet_logs():
        lab = LiveLab(
            config,
            ACTIONS,
            read_only=read_only,
            journal=None if config.demo else journal_folder(config.lab) / "journal.jsonl",
            codes=codes,
            topics=_TOPICS,
        )
        return asyncio.run(_migrate(lab, guest, target, dry_run=dry_run, sure=sure, reason=reason))


async def _migrate(
    lab: LiveLab, guest: str, target: str, *, dry_run: bool, sure: bool, reason: str
) -> int:
    try:
        snapshot = await settled(lab)
        subject = find_guest(snapshot, guest)
        if isinstance(subject, Exit):
            return subject
        if against := MIGRATE.applies(subject, snapshot):
            return say(against, Exit.BLOCKED)
        facts = await MIGRATE.survey(subject, lab.wire)
        plan = MIGRATE.draft(facts, target, "")
        if target and plan.chosen != target:
            return say(_("no node '{name}' to move it to").format(name=target), Exit.USAGE)
        sys.stdout.write(plan_text(plan))
        if not plan.ready:
            return Exit.BLOCKED
        if dry_run:
            return Exit.DONE
        if against := await held_back(lab, reason):
            return say(against, Exit.BLOCKED)
        if not sure and not await agreed():
            return Exit.USAGE
        left = _("left; the cluster goes on with it by itself")
        return await carried_out(lab, MIGRATE, plan, left)
    except LabError as error:
        remedy = f" {error.remedy}." if error.remedy else ""
        return say(f"{error}.{remedy}", Exit.FAILED)
    finally:
        await lab.close()


async def held_back(lab: LiveLab, reason: str) -> str:
    """Why nothing may be sent, or an empty text; elevated first, where there is a reason."""
    if reason and lab.gate.longest:
        lab.gate.elevate(lab.gate.longest, reason)
    await lab.gate.look()
    against = lab.gate.sentence()
    if against and lab.gate.longest and not reason:
        against += _("; here: --reason TEXT")
    return against


def plan_text(plan: Plan) -> str:
    """The plan as the dialog shows it, in plain text."""
    lines = [plan.title + (f"  [{mode_text(plan.mode)}]" if plan.mode else "")]
    told = [(fact.label, fact.text) for fact in plan.facts]
    told += [
        (item.id, f"{item.value}  ({item.problem})" if item.problem else item.value)
        for item in plan.inputs
    ]
    told += [(_("blocked"), text) for text in plan.blockers]
    for choice in plan.choices:
        # When the guest itself can't be moved, no other target helps.
        if choice.id != plan.chosen and not plan.stuck:
            words = "; ".join(choice.blockers or (*choice.reasons, *choice.warnings))
            told.append((_("other"), f"{'-' if choice.blockers else '+'} {choice.id}  {words}"))
    told += [(_("warning"), text) for text in plan.warnings]
    told += [(_("does"), str(call)) for call in plan.calls if not plan.stuck]
    lines += [f"  {padded(label, 10)} {text}" for label, text in told]
    return "\n".join(lines) + "\n"


def find_guest(snapshot: Snapshot, wanted: str) -> str | Exit:
    """The key of the guest of that number, name or key; how to end after saying why not."""
    seen = seen_guests(snapshot)
    if wanted in seen:
        return wanted
    found = [
        key
        for key, guest in seen.items()
        if str(guest.guest.vmid) == wanted or guest.guest.name == wanted
    ]
    if len(found) == 1:
        return found[0]
    if found:
        text = _("'{name}' is more than one guest: {keys}").format(
            name=wanted, keys=" ".join(sorted(found))
        )
    else:
        text = _("no guest '{name}'").format(name=wanted)
        listing = tuple(f"{feed}:" for feed in snapshot.freshness if feed.topic == "resources")
        unread = [line for line in failures(snapshot) if line.startswith(listing)]
        if unread:
            # It may be there, where nobody could look.
            return say("; ".join([text, *unread]), Exit.FAILED)
    return say(text, Exit.USAGE)


def say(text: str, status: Exit) -> Exit:
    """Why it ends so, on standard error."""
    sys.stderr.write(f"labtui: {text}\n")
    return status


async def agreed(wanted: str = "") -> bool:
    """Whether the person at the terminal says yes, or types what is wanted."""
    if not sys.stdin.isatty():
        say(_("not a terminal: give --yes to go on without being asked"), Exit.USAGE)
        return False
    asked = _("type {text} to go:").format(text=wanted) + " " if wanted else _("Go? [y/N] ")
    sys.stdout.write(asked)
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    typed = asyncio.Event()
    # A thread that reads could not be interrupted: control-C would wait for the enter key.
    loop.add_reader(sys.stdin.fileno(), typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    text = sys.stdin.readline().strip()
    return text == wanted if wanted else text.lower() in ("y", "yes", "是")


async def carried_out(
    lab: LiveLab, action: Action, plan: Plan, left: str, *, told: bool = True
) -> int:
    """Run it as a job and follow that; `left` is said when control-C ends the command first.

    Not `told`: only the exit status says how it went, since the output is for a script.
    """
    printer = _Printer(sys.stdout if told else None)
    job_id = lab.start_job(action, plan)
    unsubscribe = lab.store.subscribe(lambda snapshot: printer.show(_job(snapshot, job_id)))
    try:
        job = await lab.jobs.wait(job_id)
    except asyncio.CancelledError:
        say(left, Exit.INTERRUPTED)
        return Exit.INTERRUPTED
    finally:
        unsubscribe()
    printer.end(job)
    return _ENDS[job.state]


def _job(snapshot: Snapshot, job_id: str) -> Job | None:
    return next((job for job in snapshot.jobs if job.id == job_id), None)


class _Printer:
    """One line that is rewritten on a terminal; a line per change of note otherwise."""

    def __init__(self, out: TextIO | None) -> None:
        self._out = out
        self._live = out is not None and out.isatty()
        self._last = ""

    def show(self, job: Job | None) -> None:
        if job is None or not job.running or self._out is None:
            return
        line = job.note
        if self._live and job.progress is not None:
            speed = f"{rate(job.rate)}/s" if job.rate else ""
            left = _("{span} left").format(span=span(job.left)) if job.left is not None else ""
            line = (
                f"{bar(job.progress, 20)} {percent(job.progress):>4}  {speed}  {left}  {job.note}"
            )
        if line == self._last:
            return
        self._last = line
        self._out.write(f"\r\x1b[K{_fitted(line)}" if self._live else f"{line}\n")
        self._out.flush()

    def end(self, job: Job) -> None:
        if self._out is None:
            return
        lead = "\r\x1b[K" if self._live else ""
        state = {
            "done": _("done"),
            "failed": _("failed"),
            "cancelled": _("cancelled"),
            "unknown": _("unknown"),
            "running": _("running"),
        }[job.state]
        self._out.write(f"{lead}{state}: {job.note}\n")


def _fitted(line: str) -> str:
    """Cut to the terminal: what is longer could not be rewritten in place."""
    from rich.cells import cell_len, set_cell_size

    width = shutil.get_terminal_size().columns - 1
    return line if cell_len(line) <= width else set_cell_size(line, width)
