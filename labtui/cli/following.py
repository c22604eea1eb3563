"""Following a job to its end on the command line."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import TextIO

from labtui.actions.action import Action, Plan
from labtui.cli.exits import Exit
from labtui.live.lab import LiveLab
from labtui.locale import _
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from labtui.views.figures import bar, percent, rate, span

_ENDS = {
    "done": Exit.DONE,
    "failed": Exit.FAILED,
    "cancelled": Exit.FAILED,
    "unknown": Exit.UNKNOWN,
    "running": Exit.UNKNOWN,
}


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
        printer.leave()
        sys.stderr.write(f"labtui: {left}\n")
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

    def leave(self) -> None:
        """End the line that is rewritten, so that what is said next has its own."""
        if self._live and self._out is not None:
            self._out.write("\n")
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
