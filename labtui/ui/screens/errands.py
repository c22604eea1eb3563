"""Errands: from a key to a job. Says why when an action can't be, else shows its plan or goes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from labtui.actions.action import Action
from labtui.locale import N_, _
from labtui.model.entry import Door
from labtui.model.errors import LabError
from labtui.ui.candidates import Candidate, Target
from labtui.ui.commands import direct
from labtui.ui.panes.names import name_of
from labtui.ui.panes.pane import Pane
from labtui.ui.widgets.footer import Hint

if TYPE_CHECKING:
    from labtui.ui.screens.job_keys import JobKeys
    from labtui.ui.screens.main import MainScreen
    from labtui.ui.shell import Shell

_NOUNS = {
    "guest": N_("guest"),
    "node": N_("node"),
    "gpu": N_("gpu"),
    "lease": N_("lease"),
    "request": N_("request"),
    "tunnel": N_("tunnel"),
    "session": N_("session"),
    "link": N_("link"),
    "job": N_("job"),
    "task": N_("task"),
    "event": N_("event"),
    "storage": N_("storage"),
    "feed": N_("source"),
    "difference": N_("difference"),
    "prefix": N_("prefix"),
    "finding": N_("finding"),
    "place": N_("place on the map"),
}


class Errands:
    """Carries the wish of a key to the lab."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    @cached_property
    def shell(self) -> Shell:
        """Gets into what is selected."""
        from labtui.ui.shell import Shell

        return Shell(self._screen)

    def get_ready(self) -> None:
        """Load what the footer needs to say whether one can get in."""
        self.shell.against("ssh")
        self._screen.hint()

    def name(self, pane: Pane, row: Any) -> str:
        """What a person calls that row."""
        return name_of(pane.view, row, self._screen.link.now())

    @cached_property
    def jobs(self) -> JobKeys:
        """What can be said to jobs."""
        from labtui.ui.screens.job_keys import JobKeys

        return JobKeys(self._screen)

    def _subject(self, pane: Pane) -> tuple[str, str]:
        """Key and name of what an action would work on; empty when there is nothing."""
        key = self._marked(pane) or pane.selection.key
        # Only what can be seen: a key must not act on what a filter hides.
        for row in pane.selection.rows:
            if pane.view.row_key(row) == key:
                return key, self.name(pane, row)
        return "", ""

    def _marked(self, pane: Pane) -> str:
        """The one marked row, if it can be seen: what is hidden is not what a key is meant for."""
        marks, shown = pane.selection.marks, pane.selection.rows
        if len(marks) != 1 or self._screen.desk.details is not None:
            return ""
        key = next(iter(marks))
        return key if any(pane.view.row_key(row) == key for row in shown) else ""

    def _several(self, action: Action, pane: Pane) -> tuple[str, ...]:
        """The marked rows that can be seen, for an action that takes several at once."""
        marks = pane.selection.marks
        if not action.bulk or len(marks) < 2 or self._screen.desk.details is not None:
            return ()
        keys = (pane.view.row_key(row) for row in pane.selection.rows)
        return tuple(key for key in keys if key in marks)

    def against(self, action: Action, pane: Pane) -> str:
        """Why the action can't be started on what is selected, or an empty text."""
        if action.noun != pane.view.noun:
            return _("{action} is for a {noun}; what is selected here is a {other}").format(
                action=_(action.title),
                noun=_(_NOUNS.get(action.noun, action.noun)),
                other=_(_NOUNS.get(pane.view.noun, pane.view.noun)),
            )
        marks = len(pane.selection.marks)
        if several := self._several(action, pane):
            reasons = (action.applies(key, self._screen.link.store.snapshot) for key in several)
            # One that it can be done to is enough: the plan leaves the others out and says why.
            return min(reasons, key=bool)
        if marks > 1 and not action.bulk:
            text = _("{action} takes one {noun} at a time, and {n} are marked: {key} unmarks them")
            return text.format(
                action=_(action.title),
                noun=_(_NOUNS.get(action.noun, action.noun)),
                n=marks,
                key=self._screen.keymap.key("back"),
            )
        key, _name = self._subject(pane)
        if not key:
            return _("nothing is selected")
        return action.applies(key, self._screen.link.store.snapshot)

    def act(self, action: Action, *, at_once: bool = False) -> None:
        """Show the plan of an action on what is selected, or carry it out at once."""
        screen, pane = self._screen, self._screen.pane
        if screen.findings.here:
            screen.findings.act(action)
            return
        if reason := self.against(action, pane):
            screen.notice.say(reason, "warn")
            return
        key, name = self._subject(pane)
        if several := self._several(action, pane):
            key, name = ",".join(several), _("{n} marked").format(n=len(several))
        elsewhere = key != pane.selection.key
        if at_once and not elsewhere and not screen.link.gate.sentence():
            screen.notice.say(_("looking at {name}").format(name=name))
            screen.run_worker(self._at_once(action, key, name), group="at-once", exclusive=True)
        else:
            self.plan(action, key, name)

    def plan(self, action: Action, key: str, name: str, facts: Any = None) -> None:
        """Show the plan of that action on that object."""
        from labtui.ui.screens.plan import PlanDialog

        screen = self._screen
        dialog = PlanDialog(action, key, name, screen.link, screen.keymap, facts)
        screen.open(dialog, self._started)

    async def _at_once(self, action: Action, key: str, name: str) -> None:
        from labtui.ui.screens.plan import fault, needed_text

        screen = self._screen
        try:
            facts = await action.survey(key, screen.link.wire)
            plan = action.draft(facts, "", "")
            if plan.ready and not plan.warnings and not needed_text(action, plan):
                job = screen.link.start_job(action, plan)
                screen.notice.say(_("started: {title}").format(title=plan.title), "good")
                self._started(job)
                return
        except LabError as error:
            screen.notice.tell(error.problem)
            return
        except Exception as error:  # noqa: BLE001 - an odd answer must not end the console
            screen.notice.tell(fault(error))
            return
        screen.notice.say("")
        self.plan(action, key, name, facts)

    def _started(self, job: str | None) -> None:
        if job:
            self._screen.paint()

    def hints(self) -> list[Hint]:
        """The footer: what can be done to the selection, then what always can."""
        screen, pane = self._screen, self._screen.pane
        key = screen.keymap.key
        hints = [
            Hint(key(action.id), action.title, not self.against(action, pane), action.weight)
            for action in screen.actions
            if action.noun == pane.view.noun
        ]
        if screen.findings.here:
            hints = screen.findings.hints()
        if pane.view.noun in ("guest", "node", "router"):
            doors: tuple[tuple[str, str, Door], ...] = (
                ("shell.ssh", N_("shell"), "ssh"),
                ("shell.console", N_("console"), "console"),
            )
            # Loaded a moment after the first frame, or with the first key that is pressed.
            known = "shell" in vars(self)
            for command, title, door in doors:
                able = not (known and self.shell.against(door))
                hints.append(Hint(key(command), title, able, weight=2))
        noun = pane.view.noun
        hints += [
            Hint(key(f"diagnose.{noun}"), N_("diagnose"), weight=2),
            Hint(key(f"route.{noun}"), N_("route check"), weight=4),
        ]
        if pane.view.noun == "job":
            hints.extend(self.jobs.hints())
        if screen.desk.details is not None:
            hints.append(Hint(key("back"), N_("back")))
        else:
            hints.append(Hint(key("details"), N_("details"), pane.selection.row is not None))
            hints.append(Hint(key("filter"), N_("filter"), weight=1))
            if screen.desk.place != "overview":
                hints.append(Hint(key("place.overview"), N_("overview"), weight=2))
        hints.append(Hint(key("goto"), N_("go to"), weight=1))
        counts = screen.top.facts.counts
        if counts.critical or counts.warning:
            hints.append(Hint(key("trouble"), N_("worst"), weight=0 if counts.critical else 2))
        hints.append(Hint(key("copy"), N_("copy"), weight=4))
        hints.append(Hint(key("page"), N_("its page"), weight=5))
        hints.append(Hint(key("read"), N_("read now"), weight=4))
        if screen.desk.details is None:
            hints.append(Hint(key("mark"), N_("mark"), weight=5))
            hints.append(Hint(key("pane.full"), N_("full size"), weight=3))
        hints.append(Hint(key("palette"), N_("commands"), weight=3))
        hints.append(Hint(key("help"), N_("help")))
        hints.append(Hint(key("quit"), N_("quit"), weight=2))
        return hints

    def candidates(self) -> Iterator[Candidate]:
        """The actions for the palette, on what is selected, with the reason where they can't be."""
        screen, pane = self._screen, self._screen.pane
        _key, name = self._subject(pane)
        for action in screen.actions:
            reason = self.against(action, pane)
            title = f"{_(action.title)} {name}" if action.noun == pane.view.noun else action.title
            for command in (action.id, direct(action) if action.direct_key else ""):
                if command:
                    hint = _("at once, if all is well") if command != action.id else _(action.hint)
                    target = Target("command", command)
                    key = screen.keymap.key(command)
                    yield Candidate(_(title), reason or hint, target, key, not reason)
