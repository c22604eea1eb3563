"""The keys of a job: stop it, pause it and go on, try again; and what leaving does to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labtui.actions.action import Action, Wire, subjects
from labtui.locale import N_, _
from labtui.model.errors import LabError, NotFound
from labtui.model.jobs import Job
from labtui.ui.screens.ask import Ask
from labtui.ui.widgets.footer import Hint

if TYPE_CHECKING:
    from labtui.actions.evacuation.book import Order
    from labtui.ui.screens.main import MainScreen


class JobKeys:
    """What can be said to the job under the cursor."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    def job(self) -> Job | None:
        """The job under the cursor."""
        row = self._screen.pane.selection.row
        return row if isinstance(row, Job) else None

    def hints(self) -> list[Hint]:
        """What can be done to it now."""
        job, key = self.job(), self._screen.keymap.key
        if job is None:
            return []
        able = not self._screen.link.gate.sentence()
        if not job.running:
            again = able and self._action(job) is not None and job.state != "done"
            return [Hint(key("job.retry"), N_("try again"), again)]
        hints = [Hint(key("job.cancel"), N_("cancel job"), able)]
        if job.book:
            hints.append(Hint(key("job.pause"), N_("go on") if job.paused else N_("pause"), able))
            hints.append(Hint(key("job.retry"), N_("try again"), able, weight=1))
        return hints

    def cancel(self) -> None:
        """Stop it, after a question."""
        if (job := self._one(running=True)) is None:
            return
        question = _("Stop this job? {title}").format(title=job.title)
        if job.driven:
            question += ". " + _("What is under way ends as it does; nothing more begins.")
        self._screen.open(
            Ask(_("cancel job"), question, _("stop it")),
            lambda yes: self._work(self._cancelling(job.id)) if yes else None,
        )

    def pause(self) -> None:
        """Have it begin nothing more for now, or go on."""
        if (job := self._one(running=True)) is not None:
            self._order(job, "" if job.paused else "pause")

    def retry(self) -> None:
        """One that runs tries again what failed; one that has ended is planned again, or gone on
        with where it has a journal."""
        if (job := self._one(running=None)) is None:
            return
        action = self._action(job)
        if job.running:
            self._order(job, "retry")
        elif action is None:
            self._screen.notice.say(_("it can't be tried again from here"), "warn")
        elif job.state == "done":
            self._screen.notice.say(_("that job is done already"), "warn")
        elif job.book:
            self._work(self._going_on(job, action))
        else:
            name = _("{n} marked").format(n=len(subjects(job.subject)))
            several = "," in job.subject
            self._screen.errands.plan(action, job.subject, name if several else job.subject)

    def quit(self) -> bool:
        """Whether it may be left at once; it is asked first while steps are driven from here."""
        driven = [job for job in self._screen.link.store.snapshot.jobs if job.driven]
        if not driven or isinstance(self._screen.overlay, LeaveAsk):
            return True
        self._screen.shut()
        self._screen.open(
            LeaveAsk(_("quit"), _question(driven), _("quit"), _("stay")),
            lambda yes: self._screen.app.exit() if yes else None,
        )
        return False

    def _action(self, job: Job) -> Action | None:
        return next((a for a in self._screen.actions if a.id == job.action), None)

    def _one(self, *, running: bool | None) -> Job | None:
        """The job under the cursor, if it may be worked on; else it is said why not."""
        screen, job = self._screen, self.job()
        if job is None:
            key = screen.keymap.key("place.jobs")
            screen.notice.say(_("choose the job first: {key} shows them").format(key=key), "warn")
        elif running and not job.running:
            screen.notice.say(_("that job has ended already"), "warn")
        elif against := screen.link.gate.sentence():
            screen.notice.say(against, "warn")
        else:
            return job
        return None

    def _order(self, job: Job, order: Order) -> None:
        if not job.book:
            text = _("it is one step: it can be stopped, not paused or tried again")
            self._screen.notice.say(text, "warn")
            return
        self._work(self._ordering(job.id, order))

    def _work(self, work: object) -> None:
        self._screen.run_worker(work, group="jobs")  # type: ignore[arg-type]  # a coroutine

    async def _cancelling(self, job_id: str) -> None:
        screen = self._screen
        try:
            await screen.link.cancel_job(job_id)
        except LabError as error:
            screen.notice.tell(error.problem)
            return
        screen.notice.say(_("asked to stop; the job says when it has"), "good")

    async def _ordering(self, job_id: str, order: Order) -> None:
        screen = self._screen
        try:
            await screen.link.order_job(job_id, order)
        except LabError as error:
            screen.notice.tell(error.problem)
            return
        words = {
            "pause": _("it begins nothing more until it goes on"),
            "retry": _("what failed is tried again"),
        }
        screen.notice.say(words.get(order, _("it goes on")), "good")

    async def _going_on(self, job: Job, action: Action) -> None:
        """The plan that goes on with its journal; one made anew where nothing is left of it."""
        screen = self._screen
        try:
            facts = await _left_of(job, action, screen.link.wire)
        except NotFound:
            facts = None
        except LabError as error:
            screen.notice.tell(error.problem)
            return
        screen.errands.plan(action, job.subject, job.title, facts)


async def _left_of(job: Job, action: Action, wire: Wire) -> Any:
    """The facts for going on with its journal, None where there is nothing to take up.

    Raises `LabError`.
    """
    from labtui.actions.book_words import nothing_left
    from labtui.actions.evacuation.book import KeepsBooks
    from labtui.actions.evacuation.survey import pending_of

    records = await wire.records() if isinstance(wire, KeepsBooks) else ()
    record = next((each for each in records if each.id == job.book), None)
    if record is None or nothing_left(record):
        return None
    return await (action.resumed or pending_of)(job.book, wire)


class LeaveAsk(Ask):
    """The question before leaving; the key that leaves says yes to it."""

    def press(self, key: str, character: str | None) -> bool:
        if key in ("q", "ctrl+q"):
            self.end(result=True)
            return True
        return super().press(key, character)


def _question(driven: Sequence[Job]) -> str:
    titles = "; ".join(job.title for job in driven)
    text = _(
        "Steps are still driven from here: {titles}. What is under way ends by itself; the rest "
        "waits until it is taken up again."
    )
    return text.format(titles=titles)
