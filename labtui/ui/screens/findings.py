"""Findings at the keyboard: the worst of them from anywhere, what helps, putting aside, copying."""

from __future__ import annotations

from collections.abc import Awaitable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Literal

from labtui.actions.action import Action
from labtui.locale import N_, _
from labtui.model.errors import LabError
from labtui.ui.candidates import Candidate, Target
from labtui.ui.panes.findings_steps import Step, steps
from labtui.ui.panes.findings_view import NOUN, VIEW
from labtui.ui.widgets.footer import Hint

if TYPE_CHECKING:
    from labtui.findings import Cause
    from labtui.ui.screens.main import MainScreen


class Findings:
    """What the screen does with the triage of its link."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen

    @property
    def here(self) -> bool:
        """True while keys work on findings."""
        pane = self._screen.desk.panes.get(self._screen.current)
        return pane is not None and pane.view.noun == NOUN

    @property
    def cause(self) -> Cause | None:
        """The cause under the cursor, or whose details are open; as it is at present."""
        screen = self._screen
        present = screen.link.triage.present
        if not self.here or present is None:
            return None
        details = screen.desk.details
        return present.cause(details.key if details is not None else screen.pane.selection.key)

    def worst(self) -> None:
        """The details of the worst cause; from there the list of all rows in trouble."""
        screen = self._screen
        present = screen.link.triage.present
        first = present.first if present is not None else None
        opened = screen.desk.details is not None and self.here
        if first is None or first.severity == "notice" or first.quiet or opened:
            screen.dispatch.searching.trouble()
            return
        screen.dispatch.travel.to_details(VIEW, first.finding.id)

    def follow(self) -> None:
        """What is shown turned out to follow from something else: show that."""
        screen, present = self._screen, self._screen.link.triage.present
        details = screen.desk.details
        if not self.here or details is None or present is None or present.cause(details.key):
            return
        for cause in present.causes:
            if any(each.id == details.key for each in cause.tree.all()):
                screen.dispatch.travel.next_details(cause.finding.id)
                said = cause.finding.words.say()
                screen.notice.say(_("it follows from this: {finding}").format(finding=said))
                return

    def step(self, rows: int) -> None:
        """From the details of one cause to those of the next."""
        pane, desk = self._screen.pane, self._screen.desk
        pane.selection.go(pane.selection.index + rows)
        if desk.details is not None and pane.selection.key != desk.details.key:
            self._screen.dispatch.travel.next_details(pane.selection.key)

    def offers(self) -> Iterator[tuple[Action, Step]]:
        """The actions that help against the cause under the cursor, in order, each once."""
        cause = self.cause
        by_id = {action.id: action for action in self._screen.actions}
        seen: set[str] = set()
        for step in steps(cause) if cause is not None else ():
            if step.action in by_id and step.key and step.action not in seen:
                seen.add(step.action)
                yield by_id[step.action], step

    def hints(self) -> list[Hint]:
        """What the footer says of the cause under the cursor."""
        screen, cause = self._screen, self.cause
        key = screen.keymap.key
        offers: dict[str, tuple[Action, Step]] = {}
        for action, step in self.offers():
            # Of several with one key, that key does the first.
            offers.setdefault(key(action.id), (action, step))
        found = [
            Hint(shortcut, action.title, not self._against(action, step.key))
            for shortcut, (action, step) in offers.items()
        ]
        some = cause is not None
        if screen.desk.details is not None:
            found.append(Hint(key("details"), N_("what to do"), some))
        marked = cause is not None and cause.standing.mark is not None
        found.append(Hint(key("finding.ack"), N_("take up") if marked else N_("seen"), some))
        found.append(Hint(key("finding.snooze"), N_("put off"), some and not marked, 1))
        return found

    def act(self, action: Action) -> None:
        """Open the plan of that action, on the object that a remedy names it for.

        One key may be that of several actions, each for another noun.
        """
        screen, cause = self._screen, self.cause
        if cause is None:
            screen.notice.say(_("nothing is selected"), "warn")
            return
        keys = set(screen.keymap.keys(action.id))
        alike = [a for a in screen.actions if keys & set(screen.keymap.keys(a.id))] or [action]
        for offered, step in self.offers():
            if offered in alike:
                self._plan(offered, step)
                return
        view, key = cause.finding.subject.at
        nouns = {view.id: view.noun for view in screen.views}
        for each in alike:
            if view and each.noun == nouns.get(view):
                self._plan(each, Step("", each.id, view, key, cause.finding.subject.name))
                return
        text = _("{action} does not help against this: {key} shows what does")
        told = text.format(action=_(action.title), key=screen.keymap.key("details"))
        screen.notice.say(told, "warn")

    def _against(self, action: Action, key: str) -> str:
        return action.applies(key, self._screen.link.store.snapshot)

    def _plan(self, action: Action, step: Step) -> None:
        if reason := self._against(action, step.key):
            self._screen.notice.say(reason, "warn")
        else:
            self._screen.errands.plan(action, step.key, step.name)

    def choose(self) -> None:
        """What to do, as a list to choose from."""
        from labtui.ui.screens.finder import Finder

        screen, cause = self._screen, self.cause
        found = steps(cause) if cause is not None else ()
        if not found:
            screen.notice.say(_("nobody has written down what helps against this"), "warn")
            return
        entries = [self._entry(number, step) for number, step in enumerate(found)]

        def chosen(candidate: Candidate | None) -> None:
            if candidate is not None:
                self._do(found[int(candidate.target.key)])

        screen.open(Finder(_("what to do"), "→", entries), chosen)

    def _entry(self, number: int, step: Step) -> Candidate:
        action = next((a for a in self._screen.actions if a.id == step.action), None)
        hint, shortcut = "", ""
        if action is not None and step.key:
            shortcut = self._screen.keymap.key(action.id)
            hint = _(action.title)
        elif step.command:
            hint = _("copies it")
        elif step.view:
            hint = step.view
        else:
            hint = _("by hand")
        return Candidate(step.text, hint, Target("object", step.view, str(number)), shortcut)

    def _do(self, step: Step) -> None:
        """The action of a step, else its command into the clipboard, else its place."""
        screen = self._screen
        action = next((a for a in screen.actions if a.id == step.action), None)
        if action is not None and step.key:
            self._plan(action, step)
        elif step.command:
            screen.app.copy_to_clipboard(step.command)
            screen.notice.say(_("copied: {text}").format(text=step.command), "good")
        elif step.view in screen.desk.views:
            screen.dispatch.travel.visit(step.view, step.key)
        else:
            screen.notice.say(_("that is to be done by hand: {text}").format(text=step.text))

    def copy(self) -> None:
        """The whole finding as plain text (OSC 52)."""
        from labtui.findings.telling import cause_text

        screen, cause = self._screen, self.cause
        if cause is None:
            screen.notice.say(_("nothing is selected"))
            return
        screen.app.copy_to_clipboard(cause_text(cause, screen.link.lab, screen.link.now()))
        text = _("copied: {text}").format(text=cause.finding.words.say())
        screen.notice.say(text, "good")

    def put_aside(self, kind: Literal["ack", "snooze"]) -> None:
        """Ask why and until when, then mark it for all consoles; or take its mark away."""
        from labtui.ui.screens.ask import Ask
        from labtui.ui.screens.marking import MarkDialog

        screen, cause = self._screen, self.cause
        if cause is None:
            screen.notice.say(_("go to a finding first: {key} shows them").format(
                key=screen.keymap.key(f"place.{VIEW}")), "warn")  # fmt: skip
            return
        finding = cause.finding
        if cause.standing.mark is not None:
            from labtui.findings.telling import mark_text

            question = _("{finding}: {mark}. Shall it count again?").format(
                finding=finding.words.say(),
                mark=mark_text(cause.standing.mark, screen.link.now()),
            )
            screen.open(
                Ask(_("take up"), question, _("it counts again")),
                lambda yes: self._keep(screen.link.triage.take_up(finding.id)) if yes else None,
            )
            return
        screen.open(MarkDialog(kind, cause, screen.link.now()), partial(self._marked, finding.id))

    def _marked(self, finding: str, answer: tuple[str, str, float | None] | None) -> None:
        if answer is not None:
            kind, why, until = answer
            put = self._screen.link.triage.put_aside
            self._keep(put(finding, "ack" if kind == "ack" else "snooze", why, until))

    def _keep(self, change: Awaitable[None]) -> None:
        async def kept() -> None:
            screen = self._screen
            try:
                await change
            except LabError as error:
                screen.notice.tell(error.problem)
                return
            screen.notice.say(_("kept, for all consoles of this user"), "good")

        self._screen.run_worker(kept(), group="marks")
