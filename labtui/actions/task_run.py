"""A task of the cluster from its call to its end: sent once, looked up when the answer is lost.

What a task says is not yet what is: whoever runs one asks afterwards for the state of the guest.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from labtui.actions.action import Call, Progress, Report, Wire
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, OutcomeUnknown
from labtui.model.text import clean

POLL = 1.0
LOOKUP_PATIENCE = 20.0
SILENCE = 90.0
_ERROR = re.compile(r"^(?:INFO: |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d )?(?:TASK )?ERROR: (.*)$")
Reader = Callable[[str], Progress | None]


class Sent(msgspec.Struct, frozen=True):
    """What became of a call: the task it started, or why there is none.

    `refused`: the server said no, and nothing was done. Neither: nobody knows.
    """

    upid: str = ""
    refused: str = ""


class Ended(msgspec.Struct, frozen=True):
    """How a task ended: `exit` as the server says it, None when it fell silent. `error`: why."""

    exit: str | None
    error: str = ""

    @property
    def well(self) -> bool:
        """True for success, with warnings or without."""
        return self.exit is not None and (self.exit == "OK" or self.exit.startswith("WARNINGS"))

    @property
    def stopped(self) -> bool:
        """True when somebody stopped it."""
        return self.exit == "unexpected status" or "interrupted by signal" in (self.exit or "")

    @property
    def why(self) -> str:
        """The reason of a failure in the server's words."""
        return self.error or clean(self.exit or "")


async def send(call: Call, vmid: int, kinds: tuple[str, ...], wire: Wire, report: Report) -> Sent:
    """Send it once. A lost answer is looked up in the task list; nothing is sent again."""
    before = frozenset(upid for upid, _at in await tasks_of(call.source, vmid, kinds, wire))
    try:
        upid = clean(str(await wire.call(call)))
    except OutcomeUnknown:
        upid = ""
    except LabError as error:
        return Sent(refused=reason(error))
    if upid.startswith("UPID:"):
        return Sent(upid)
    report(Progress(note=_("the answer was lost: looking whether it was taken")))
    return Sent(await find_task(call.source, vmid, kinds, wire, before, None, LOOKUP_PATIENCE))


def reason(error: LabError) -> str:
    """A failure in one sentence, with what helps."""
    return f"{error.problem.sentence}. {error.remedy}".rstrip(". ")


def not_known() -> str:
    """The note of a job whose call may or may not have been taken."""
    return _("no such task turned up: look before trying again")


def kind_of(upid: str) -> str:
    """The type of a task, from its name."""
    parts = upid.split(":")
    return parts[5] if len(parts) > 5 else ""


def started_at(upid: str) -> float | None:
    """When a task began by its node's clock: the fifth part of its name, in hexadecimal."""
    parts = upid.split(":")
    try:
        return float(int(parts[4], 16)) if len(parts) > 4 else None
    except ValueError:
        return None


async def find_task(
    cluster: str,
    vmid: int,
    kinds: tuple[str, ...],
    wire: Wire,
    before: frozenset[str],
    since: float | None,
    patience: float,
) -> str:
    """A new task of these kinds on that guest, or an empty text.

    New is what was not there `before`, or began at `since` (by the servers' clocks) or later.
    """
    deadline = wire.now() + patience
    while True:
        for upid, started in await tasks_of(cluster, vmid, kinds, wire):
            if upid not in before and (since is None or started >= since - 2):
                return upid
        if wire.now() >= deadline:
            return ""
        await wire.sleep(POLL)


async def tasks_of(
    cluster: str, vmid: int, kinds: tuple[str, ...], wire: Wire
) -> list[tuple[str, float]]:
    """(UPID, start) of the tasks of these kinds on that guest; none when nobody can say."""
    try:
        rows = await wire.read(cluster, "/cluster/tasks")
    except LabError:
        return []
    return [
        (clean(row["upid"]), float(row["starttime"]))
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
        and isinstance(row.get("starttime"), int | float)
        and isinstance(row.get("upid"), str)
        and row.get("type") in kinds
        and str(row.get("id")) == str(vmid)
    ]


async def watch(
    cluster: str, upid: str, wire: Wire, report: Report, read: Reader | None = None
) -> Ended:
    """Follow the log until the task ends. `read` makes progress of a line."""
    error, last, heard = "", 0, wire.now()
    while True:
        try:
            # The state first: a task that has ended prints no more, so no line is missed.
            state = await wire.task_state(cluster, upid)
            lines = await wire.task_log(cluster, upid, last)
        except LabError as failure:
            if wire.now() - heard > SILENCE:
                return Ended(None, error)
            report(Progress(note=_("no news: {why}").format(why=failure.why or failure.what)))
            await wire.sleep(POLL)
            continue
        heard = wire.now()
        for line in lines:
            last = max(last, line.number)
            report(Progress(line=line.text))
            if (news := read(line.text) if read else None) is not None:
                report(news)
            if not error and (match := _ERROR.match(line.text)):
                error = match[1].strip()
        if not state.running:
            return Ended(state.exit or "", error)
        await wire.sleep(POLL)


async def cancel(subject: str, upid: str, wire: Wire) -> None:
    """Stop a task. Takes a few seconds. Raises `LabError`."""
    cluster, parts = subject.split("/", maxsplit=1)[0], upid.split(":")
    if len(parts) < 2:
        raise NotFound(_("the task has no name yet: try again in a moment"), where=subject)
    await wire.call(Call(cluster, "DELETE", f"/nodes/{parts[1]}/tasks/{upid}"))
