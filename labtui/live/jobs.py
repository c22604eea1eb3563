"""Jobs: plans being carried out. Each runs as a task on the event loop; the store shows them all.

Migrations that run already, from an earlier start of this console or by somebody else, are found
in the task list and followed like our own.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from labtui.actions.action import Action, CanStop, Outcome, Plan, Progress, Wire, subjects
from labtui.actions.book_words import far_text, onward_text
from labtui.actions.evacuation.book import KeepsBooks, Order, Record
from labtui.live.audit import Audit
from labtui.live.journal import Journal
from labtui.live.looking import Looking, against
from labtui.live.store import Store
from labtui.locale import _
from labtui.model.cluster import Task, Tasks
from labtui.model.errors import LabError, NotFound, Rejected
from labtui.model.jobs import Job
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

_log = logging.getLogger(__name__)
_KEPT_JOBS = 20
_KEPT_LINES = 200


class Jobs:
    """Starts, follows and cancels jobs.

    `lend` gives each new job its wire, and raises `Rejected` while none may start. `ended` is
    called with each job that has come to its end; `audit` writes down those that write.
    """

    def __init__(
        self,
        store: Store,
        wire: Wire,
        actions: Sequence[Action],
        journal: Journal,
        lend: Callable[[], Wire] | None = None,
        ended: Callable[[Job], None] | None = None,
        audit: Audit | None = None,
    ) -> None:
        self._store = store
        self._lend = lend or (lambda: wire)
        self._wire = wire
        self._actions = actions
        self._journal = journal
        self._numbers = itertools.count(1)
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._known_upids: set[str] = set()
        self._wires: dict[str, Wire] = {}
        self._ended = ended
        self._audit = audit or Audit(None)

    def start(self, action: Action, plan: Plan) -> str:
        """Carry the plan out; returns the job's id.

        `Rejected` while another works on it, or while nothing may be written.
        """
        wire = self._lend()
        if self._works_on(plan.subject):
            why, remedy = _("a job of this console works on it already"), _("wait until that ends")
            raise Rejected(_("not started"), where=plan.title, why=why, remedy=remedy)
        job = self._new(action, plan.subject, plan.title)
        self._wires[job.id] = wire
        self._note(job, "started", calls=[str(call) for call in plan.calls])
        self._launch(job, self._carried_out(job.id, action, plan, wire))
        return job.id

    async def _carried_out(self, job_id: str, action: Action, plan: Plan, wire: Wire) -> Outcome:
        """Past the interlock once more, whatever the action looks at itself."""
        self._report(job_id, Progress(note=_("looking once more whether it may go")))
        try:
            why_not = await against(action, plan, Looking(wire, job_id))
        except LabError as error:
            why_not = (str(error),)
        if why_not:
            return Outcome("failed", _("not sent: {why}").format(why="; ".join(why_not)))
        job, snapshot = self._jobs[job_id], self._wire.snapshot
        self._remark(job_id, await self._audit.begun(job, plan, snapshot, self._wire.now()))
        return await action.run(plan, wire, lambda news: self._report(job_id, news))

    async def cancel(self, job_id: str) -> None:
        """Ask the server to stop what the job started. Raises `LabError` when it won't.

        One of several steps begins nothing more; what is under way ends as it does.
        """
        job = self._jobs.get(job_id)
        action = next((a for a in self._actions if job and a.id == job.action), None)
        wire: object = self._wires.get(job_id)
        if job is not None and job.book:
            await self.order(job_id, "stop")
        elif job is not None and job.driven and isinstance(wire, CanStop):
            await self._told(job, "stop")
            wire.stop()
        elif job is None or action is None or action.cancel is None or not job.upid:
            raise NotFound(_("nothing to cancel"), where=job.title if job else job_id)
        else:
            await self._told(job, "stop")
            await action.cancel(job.subject, job.upid, self._wire)

    async def order(self, job_id: str, order: Order) -> None:
        """Say what is wanted of a job of several steps. Raises `LabError`."""
        job = self._jobs.get(job_id)
        if job is None or not job.book or not isinstance(self._wire, KeepsBooks):
            raise NotFound(
                _("it can't be paused or tried again"),
                where=job.title if job else job_id,
                why=_("it is one step, or has no journal"),
            )
        await self._told(job, order or "go")
        await self._wire.give(job.book, order)

    async def _told(self, job: Job, what: str) -> None:
        self._note(job, what)
        self._remark(job.id, await self._audit.told(job, what, self._wire.now()))

    def offer(self, records: Sequence[Record]) -> None:
        """Show what an earlier console was cut off from, to be taken up again."""
        for record in records:
            action = next((a for a in self._actions if a.id == record.header.action), None)
            if action is None or any(job.book == record.id for job in self._jobs.values()):
                continue
            job = self._new(action, record.header.subject, record.header.title, record.header.at)
            note = _("interrupted: {far}; {can}")
            told = note.format(far=far_text(record), can=onward_text(record))
            self._change(
                job.id, state="cancelled", note=told, book=record.id, ended=record.header.at
            )

    def adopt(self, snapshot: Snapshot) -> None:
        """Follow running tasks that an action knows and no job has yet."""
        for cluster, part in snapshot.of(Tasks):
            fresh = snapshot.fresh(Tasks, cluster)
            if fresh is not None and fresh.remembered:
                # It ran when this console was left; whether it does is yet to be read.
                continue
            for task in part.tasks:
                if task.running and task.upid not in self._known_upids:
                    self._adopt_task(cluster, task, snapshot)

    def close(self) -> None:
        """Stop following. What the servers do goes on without us."""
        for task in self._running.values():
            task.cancel()

    async def wait(self, job_id: str) -> Job:
        """Wait for the end of a job."""
        running = self._running.get(job_id)
        if running is not None:
            await asyncio.wait([running])
        return self._jobs[job_id]

    def _adopt_task(self, cluster: str, task: Task, snapshot: Snapshot) -> None:
        action = next((a for a in self._actions if task.kind in a.kinds and a.follow), None)
        seen = seen_guests(snapshot).get(f"{cluster}/{task.subject}")
        if action is None or action.follow is None or seen is None:
            return
        # Our own job may have sent its call and not have heard the task's name yet.
        if self._works_on(seen.guest.key):
            return
        self._known_upids.add(task.upid)
        title = _("Migrate {guest} from {node}, begun by {user}").format(
            guest=seen.guest.label, node=task.node, user=task.user
        )
        job = self._new(action, seen.guest.key, title, started=task.started)
        # The row may show the guest on its target already; the task ran on its source.
        guest = msgspec.structs.replace(seen.guest, node=task.node)
        self._launch(
            job,
            action.follow(
                guest,
                task.upid,
                "",
                self._wire,
                lambda news: self._report(job.id, news),
                task.started,
            ),
        )

    def _works_on(self, subject: str) -> bool:
        """Whether a job of this console works on one of these objects now."""
        wanted = set(subjects(subject))
        running = (job for job in self._jobs.values() if job.running)
        return any(wanted & set(subjects(job.subject)) for job in running)

    def _new(self, action: Action, subject: str, title: str, started: float | None = None) -> Job:
        job = Job(
            id=str(next(self._numbers)),
            action=action.id,
            subject=subject,
            title=title,
            state="running",
            started=self._wire.now() if started is None else started,
            cluster=subject.split("/", maxsplit=1)[0],
        )
        self._jobs[job.id] = job
        self._drop_old()
        self._show()
        return job

    def _launch(self, job: Job, work: Awaitable[Outcome]) -> None:
        self._running[job.id] = asyncio.create_task(self._run(job.id, work), name=f"job {job.id}")

    async def _run(self, job_id: str, work: Awaitable[Outcome]) -> None:
        try:
            outcome = await work
        except LabError as error:
            outcome = Outcome("unknown", str(error))
        except Exception as error:  # noqa: BLE001 - one job's fault must not end the console
            _log.error("job %s: %s", job_id, type(error).__name__)
            outcome = Outcome(
                "unknown", _("fault in labtui: {kind}").format(kind=type(error).__name__)
            )
        finally:
            self._running.pop(job_id, None)
            self._wires.pop(job_id, None)
        self._change(
            job_id,
            state=outcome.state,
            note=outcome.note,
            ended=self._wire.now(),
            left=None,
            paused=False,
            progress=1.0 if outcome.state == "done" else self._jobs[job_id].progress,
        )
        self._note(self._jobs[job_id], outcome.state, note=outcome.note)
        job = self._jobs[job_id]
        if self._ended is not None:
            self._ended(job)
        # It has ended for whoever looks; only who waits for it waits for this as well.
        self._remark(job_id, await self._audit.ended(job, self._wire.now()))

    def _remark(self, job_id: str, words: str) -> None:
        """A line in the log of a job, which may have been dropped meanwhile."""
        if words and job_id in self._jobs:
            self._report(job_id, Progress(line=words))

    def _report(self, job_id: str, news: Progress) -> None:
        job = self._jobs[job_id]
        changes: dict[str, object] = {}
        if news.note is not None:
            changes["note"] = news.note
        if news.fraction is not None:
            changes["progress"] = news.fraction
            changes["left"] = news.left
        if news.rate is not None:
            changes["rate"] = news.rate
        if news.upid is not None:
            changes["upid"] = news.upid
            self._known_upids.add(news.upid)
        if news.paused is not None:
            changes["paused"] = news.paused
        if news.book is not None:
            self._take_over(news.book, job_id)
            changes["book"] = news.book
        if news.line is not None:
            changes["log"] = (*job.log, news.line)[-_KEPT_LINES:]
        self._change(job_id, **changes)

    def _change(self, job_id: str, **changes: object) -> None:
        before = self._jobs[job_id]
        after = msgspec.structs.replace(before, **changes)
        if after != before:
            self._jobs[job_id] = after
            self._show()

    def _take_over(self, book: str, job_id: str) -> None:
        """A journal that goes on has one line: that of the job that has it now."""
        for other in [job.id for job in self._jobs.values() if job.book == book]:
            if other != job_id and not self._jobs[other].running:
                del self._jobs[other]

    def _drop_old(self) -> None:
        """Forget the oldest that have ended, when there are too many."""
        ended = [job_id for job_id, job in self._jobs.items() if not job.running]
        for job_id in ended[: max(0, len(self._jobs) - _KEPT_JOBS)]:
            del self._jobs[job_id]

    def _show(self) -> None:
        self._store.show_jobs(tuple(reversed(self._jobs.values())))

    def _note(self, job: Job, event: str, **more: object) -> None:
        told = {"job": job.title, "action": job.action, "subject": job.subject, "upid": job.upid}
        if why := self._journal.note(self._wire.now(), event, **told, **more):
            _log.warning("journal not written: %s", why)
