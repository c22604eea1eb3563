"""The audit: one line when a write action begins, one when it ends, for whoever asks later.

Who (the login user, and who was behind `sudo`), from where (`$SSH_CONNECTION`), what (subject and
literal calls, secrets taken out), result. Appended to a file of mode 0600 in the state folder;
where the configuration wants it, also a line to the local syslog and, at the end, a journal entry
on the guest's or node's record in NetBox. Nothing of it fails a job or holds it up for long:
what can't be written is told once.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from labtui.actions.action import Call, Plan, subjects
from labtui.config.redact import redacted
from labtui.config.schema import Config
from labtui.live.audit_file import FILE, SYSLOG_SOCKET, Entry, Event, append, line, send
from labtui.live.holdback import Holdback
from labtui.live.who import Who, who_is
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.jobs import Job
from labtui.model.owners import registry
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot
from labtui.model.text import clean
from labtui.sources.threads import Threads

_log = logging.getLogger(__name__)
Record = tuple[str, int]
"""Kind and id of a record in NetBox."""
_LIMIT = 2.0
_NETBOX_LIMIT = 10.0
_MOST_RECORDS = 20
_LONGEST = 4000
_KINDS = {"done": "success", "failed": "danger", "cancelled": "warning", "unknown": "warning"}


@runtime_checkable
class Records(Protocol):
    """What the audit wants of NetBox."""

    async def journal(self, kind: str, record: str, number: int, text: str) -> None:
        """An entry on that record (`virtualization.virtualmachine`, id). Raises `LabError`."""
        ...


class Audit:
    """Writes the lines of one console. With no path it forgets, as a demo lab does.

    `tell` says once what can't be written; `may_write` whether NetBox may be written to now.
    """

    def __init__(
        self,
        path: Path | None,
        *,
        syslog: bool = False,
        tell: Callable[[str], None] = lambda _words: None,
        may_write: Callable[[], bool] = lambda: True,
        socket_path: str = SYSLOG_SOCKET,
    ) -> None:
        self._path = path
        self._syslog = socket_path if syslog else ""
        self._tell = tell
        self._may_write = may_write
        self._told: set[str] = set()
        self._begun: dict[str, list[Record]] = {}
        self._who: Who | None = None
        self._threads: Threads[None] = Threads(str(path or ""), lambda: None, size=1)
        self._wanted = False
        self.records: Records | None = None
        """NetBox, where the configuration wants its journal kept."""

    @classmethod
    def of(cls, config: Config, journal: Path | None, gate: Holdback) -> Audit:
        """That of a configuration, beside the journal of jobs. A demo lab keeps none."""
        audit = cls(
            journal.parent / FILE if journal is not None else None,
            syslog=config.audit.syslog and not config.demo,
            tell=lambda words: _log.warning("%s", words),
            may_write=lambda: gate.why_not(begun=True) is None,
        )
        audit._wanted = config.audit.netbox_journal
        return audit

    def take(self, sources: Iterable[object]) -> None:
        """Find NetBox among the sources, where its journal is wanted."""
        if self._wanted:
            self.records = next((each for each in sources if isinstance(each, Records)), None)

    async def begun(self, job: Job, plan: Plan, snapshot: Snapshot, at: float) -> str:
        """Before anything of it is sent. Returns what could not be written, for the job's log."""
        # By now: at its end a guest may be gone, and its record would not be found.
        self._begun[job.id] = records_of(job.subject, snapshot) if self.records else []
        calls = tuple(secretless(call) for call in plan.calls)
        return await self._write(self._entry("begun", job, at, calls=calls))

    async def told(self, job: Job, what: str, at: float) -> str:
        """What somebody wants of a job on its way: its stop, a pause. Returns as `begun`."""
        return await self._write(self._entry("told", job, at, note=what, upid=job.upid))

    async def ended(self, job: Job, at: float) -> str:
        """After it has ended; one that never began to write is no concern. Returns as `begun`."""
        found = self._begun.pop(job.id, None)
        if found is None:
            return ""
        note = clean(redacted(job.note), _LONGEST)
        entry = self._entry("ended", job, at, state=job.state, note=note, upid=job.upid)
        words = [await self._write(entry), await self._recorded(entry, job, found)]
        return "; ".join(word for word in words if word)

    def close(self) -> None:
        """Let the thread go."""
        self._threads.close()

    def _entry(self, event: Event, job: Job, at: float, **more: Any) -> Entry:
        who = self._who = self._who or who_is()
        return Entry(
            at=at,
            event=event,
            id=f"{os.getpid()}.{job.id}",
            user=who.user,
            sudo=who.sudo,
            origin=who.origin,
            action=job.action,
            subject=job.subject,
            title=job.title,
            **more,
        )

    async def _write(self, entry: Entry) -> str:
        """The line into the file and to syslog, in the thread."""
        if self._path is None and not self._syslog:
            return ""
        path, syslog = self._path, self._syslog
        found: list[str] = []

        def work(_client: None) -> None:
            if path is not None:
                found.append(append(path, entry))
            if syslog:
                found.append(send(syslog, line(entry)))

        try:
            await self._threads.run(work, _LIMIT, _("writing the audit"))
        except LabError as error:
            found.append(_("the audit is not written: {why}").format(why=error.why or error.what))
        return self._once(found)

    async def _recorded(self, entry: Entry, job: Job, records: Sequence[Record]) -> str:
        """The entries in NetBox's journal."""
        if self.records is None or not records:
            return ""
        if not self._may_write():
            return self._once([_("no entry in NetBox's journal: nothing may be written now")])
        text = comment(entry, job)
        found = []
        for kind, number in records[:_MOST_RECORDS]:
            try:
                async with asyncio.timeout(_NETBOX_LIMIT):
                    await self.records.journal(_KINDS.get(job.state, "info"), kind, number, text)
            except TimeoutError:
                found.append(_("no entry in NetBox's journal: no answer in time"))
                break
            except LabError as error:
                why = error.why or error.what
                found.append(_("no entry in NetBox's journal: {why}").format(why=why))
                break
        return self._once(found)

    def _once(self, words: Sequence[str]) -> str:
        """What of it is new, told as well."""
        fresh = [word for word in words if word and word not in self._told]
        self._told.update(fresh)
        for word in fresh:
            self._tell(word)
        return "; ".join(fresh)


def secretless(call: Call) -> str:
    """The literal call without the values of what may be a secret."""
    return clean(redacted(str(call)), _LONGEST)


def comment(entry: Entry, job: Job) -> str:
    """The text of an entry in NetBox's journal."""
    who = f"{entry.user} (sudo {entry.sudo})" if entry.sudo else entry.user
    origin = _(" from {address}").format(address=entry.origin) if entry.origin else ""
    text = _("{title}: {state}. {note} (labtui, {who}{origin}, {seconds:.0f} s)")
    return text.format(
        title=job.title,
        state=job.state,
        note=entry.note,
        who=who,
        origin=origin,
        seconds=max(0.0, (job.ended or entry.at) - job.started),
    )


def records_of(subject: str, snapshot: Snapshot) -> list[Record]:
    """(kind, id) of NetBox's records of the guests or the node of a subject."""
    known, seen = registry(snapshot), seen_guests(snapshot)
    found: list[Record] = []
    for key in subjects(subject):
        name = key.partition("/")[2]
        device = known.devices.get(name.casefold())
        if key in seen:
            owned = known.of_guest(seen[key].guest)
            if owned is not None:
                found.append(("virtualization.virtualmachine", owned.record.id))
        elif device is not None:
            found.append(("dcim.device", device.id))
    return found
