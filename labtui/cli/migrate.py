"""`labtui migrate GUEST`: the same plan and the same run as the key `m`, without the screen."""

from __future__ import annotations

import asyncio
import sys

from labtui.actions import ACTIONS
from labtui.actions.action import Plan
from labtui.actions.migrate import MIGRATE
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
        subject = _find(snapshot, guest)
        if isinstance(subject, Exit):
            return subject
        if against := MIGRATE.applies(subject, snapshot):
            return _say(against, Exit.BLOCKED)
        facts = await MIGRATE.survey(subject, lab.wire)
        plan = MIGRATE.draft(facts, target, "")
        if target and plan.chosen != target:
            return _say(_("no node '{name}' to move it to").format(name=target), Exit.USAGE)
        sys.stdout.write(plan_text(plan))
        if not plan.ready:
            return Exit.BLOCKED
        if dry_run:
            return Exit.DONE
        if against := await _held_back(lab, reason):
            return _say(against, Exit.BLOCKED)
        if not sure and not await _agreed():
            return Exit.USAGE
        return await _follow(lab, plan)
    except LabError as error:
        remedy = f" {error.remedy}." if error.remedy else ""
        return _say(f"{error}.{remedy}", Exit.FAILED)
    finally:
        await lab.close()


async def _held_back(lab: LiveLab, reason: str) -> str:
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
    lines = [f"{plan.title}  [{_mode_text(plan.mode)}]"]
    told = [(fact.label, fact.text) for fact in plan.facts]
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


def _mode_text(mode: str) -> str:
    return {"live": _("live"), "offline": _("offline"), "restart": _("restart")}.get(mode, mode)


def _find(snapshot: Snapshot, wanted: str) -> str | Exit:
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
            return _say("; ".join([text, *unread]), Exit.FAILED)
    return _say(text, Exit.USAGE)


def _say(text: str, status: Exit) -> Exit:
    sys.stderr.write(f"labtui: {text}\n")
    return status


async def _agreed() -> bool:
    if not sys.stdin.isatty():
        _say(_("not a terminal: give --yes to go on without being asked"), Exit.USAGE)
        return False
    sys.stdout.write(_("Go? [y/N] "))
    sys.stdout.flush()
    loop = asyncio.get_running_loop()
    typed = asyncio.Event()
    # A thread that reads could not be interrupted: control-C would wait for the enter key.
    loop.add_reader(sys.stdin.fileno(), typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


async def _follow(lab: LiveLab, plan: Plan) -> int:
    printer = _Printer()
    job_id = lab.start_job(MIGRATE, plan)
    unsubscribe = lab.store.subscribe(lambda snapshot: printer.show(_job(snapshot, job_id)))
    try:
        job = await lab.jobs.wait(job_id)
    except asyncio.CancelledError:
        _say(_("left; the cluster goes on with it by itself"), Exit.INTERRUPTED)
        return Exit.INTERRUPTED
    finally:
        unsubscribe()
    printer.end(job)
    return _ENDS[job.state]


def _job(snapshot: Snapshot, job_id: str) -> Job | None:
    return next((job for job in snapshot.jobs if job.id == job_id), None)


class _Printer:
    """One line that is rewritten on a terminal; a line per change of note otherwise."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._last = ""

    def show(self, job: Job | None) -> None:
        if job is None or not job.running:
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
        sys.stdout.write(f"\r\x1b[K{line}" if self._live else f"{line}\n")
        sys.stdout.flush()

    def end(self, job: Job) -> None:
        lead = "\r\x1b[K" if self._live else ""
        state = {
            "done": _("done"),
            "failed": _("failed"),
            "cancelled": _("cancelled"),
            "unknown": _("unknown"),
            "running": _("running"),
        }[job.state]
        sys.stdout.write(f"{lead}{state}: {job.note}\n")
