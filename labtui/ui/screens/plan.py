"""The plan dialog: looks, shows the plan, lets another target or way be chosen, goes.

Opens at once, still looking; what it shows is exactly the plan that will be carried out.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from textual import events

from labtui.actions.action import Action, Plan
from labtui.actions.modes import mode_text
from labtui.locale import _
from labtui.model.errors import LabError, Problem
from labtui.ui.keys import Keymap, shown
from labtui.ui.link import LabLink
from labtui.ui.screens import plan_inputs, plan_lines
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets.cells import Line


def needed_text(action: Action, plan: Plan) -> str:
    """What must be typed before that plan goes; a dangerous action never goes by one key."""
    return plan.confirm or (plan.subject.rsplit("/", 1)[-1] if action.danger else "")


class PlanDialog(Dialog[str]):
    """Ends with the id of the job that was started, or empty."""

    WIDEST: ClassVar[int] = 104

    def __init__(
        self,
        action: Action,
        subject: str,
        name: str,
        link: LabLink,
        keymap: Keymap,
        facts: Any = None,
    ) -> None:
        super().__init__()
        self._action = action
        self._subject = subject
        self._link = link
        self._keymap = keymap
        self._facts = facts
        title = _capitalised(f"{_(action.title)} {name}")
        self._sheet = plan_lines.Sheet(title, refusal=link.gate.sentence())

    def begin(self) -> None:
        super().begin()
        self.set_interval(1.0, self._wait)
        if self._facts is not None:
            self._draft("", "")
        else:
            self.run_worker(self._survey(), exclusive=True)

    def _wait(self) -> None:
        refusal = self._link.gate.sentence()
        if refusal != self._sheet.refusal:
            # Frozen by somebody else, or thawed, while the plan is being read.
            self._change(refusal=refusal)
        if self._sheet.plan is None and self._sheet.problem is None:
            self._change(waited=self._sheet.waited + 1)

    async def _survey(self) -> None:
        try:
            self._facts = await self._action.survey(self._subject, self._link.wire)
            self._draft("", "")
        except LabError as error:
            self._change(problem=error.problem)
        except Exception as error:  # noqa: BLE001 - an odd answer must not end the console
            self._change(problem=fault(error))

    def _draft(self, choice: str, mode: str) -> None:
        first = self._sheet.plan is None
        plan = self._action.draft(self._facts, choice, mode)
        field = plan_inputs.begun(plan) if first else self._sheet.field
        self._change(
            plan=plan, needed=needed_text(self._action, plan), typed=None, said="", field=field
        )

    def _scroll(self, lines: int) -> None:
        across, down = self.room()
        width = min(self.WIDEST, max(20, across - 4))
        top = plan_lines.scrolled(self._sheet, self._keymap, width, down - 2, lines)
        self._change(top=top, said="")

    def _change(self, **changes: object) -> None:
        self._sheet = msgspec.structs.replace(self._sheet, **changes)
        self.show()

    def lines(self, width: int, height: int) -> list[Line]:
        return plan_lines.sheet_lines(self._sheet, self._keymap, width, height)

    def press(self, key: str, character: str | None) -> bool:
        if self._sheet.typed is not None and self._type(key, character):
            return True
        plan = self._sheet.plan
        if self._sheet.field and plan is not None and self._fill(plan, key, character):
            return True
        command = self._keymap.command("plan", key)
        if plan is None and self._sheet.problem is None:
            # What is typed ahead is meant for a plan that nobody has seen: a letter of a name must
            # not leave it, and those after it would act on the panes.
            if key in ("escape", "ctrl+c"):
                self.end("")
            else:
                self._change(said=_("still looking; {key} is not taken").format(key=shown(key)))
        elif command == "plan.leave" or key == "ctrl+c":
            self.end("")
        elif command:
            if plan is not None:
                self._do(command, plan)
        else:
            text = _("{key} does nothing here").format(key=shown(key))
            self._change(said=text)
        return True

    def _do(self, command: str, plan: Plan) -> None:
        if command == "plan.go":
            self._go(plan)
        elif command in ("plan.target", "plan.target.back"):
            step = 1 if command == "plan.target" else -1
            self._target(plan, plan_inputs.next_target(plan, step))
        elif command == "plan.mode":
            self._mode(plan, plan_inputs.next_mode(plan))
        elif command == "plan.field":
            said = "" if plan.inputs else _("there is nothing to fill in")
            self._change(field=plan_inputs.after(plan, ""), said=said)
        elif command in ("plan.page.down", "plan.page.up"):
            page = max(1, self.size.height - 6)
            self._scroll(page if command == "plan.page.down" else -page)
        elif command == "plan.copy":
            self.app.copy_to_clipboard("\n".join(str(call) for call in plan.calls))
            self._change(said=_("copied"))

    def _target(self, plan: Plan, target: str) -> None:
        if target == plan.chosen or plan.stuck:
            self._change(said=_("there is no other target"))
        else:
            self._draft(target, plan.mode)

    def _mode(self, plan: Plan, mode: str) -> None:
        if mode == plan.mode:
            text = _("there is no other way: {mode}").format(mode=mode_text(mode))
            self._change(said=text)
        else:
            self._draft(plan.chosen, mode)

    def _fill(self, plan: Plan, key: str, character: str | None) -> bool:
        """True when the key went into the field that is being filled in."""
        field = self._sheet.field
        moved = plan_inputs.moved(plan, field, key)
        if moved is not None:
            self._change(field=moved, said="")
            return True
        value = plan_inputs.pressed(plan, field, key, character)
        if value is None or self._action.answer is None:
            return value is not None
        self._facts = self._action.answer(self._facts, field, value)
        self._draft(plan.chosen, plan.mode)
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-3)

    def paste(self, text: str) -> None:
        for character in text.splitlines()[0] if text else "":
            self.press(character, character)

    def _type(self, key: str, character: str | None) -> bool:
        """True when the key went into the text that has to be typed."""
        typed = self._sheet.typed or ""
        if key == "escape":
            self._change(typed=None)
        elif key == "backspace":
            self._change(typed=typed[:-1])
        elif character and character.isprintable():
            self._change(typed=typed + character)
        else:
            return False
        return True

    def _go(self, plan: Plan) -> None:
        sheet = self._sheet
        if not sheet.refusal and (field := plan_inputs.begun(plan)):
            self._change(field=field)
        if sheet.refusal or not plan.ready:
            return
        if sheet.needed and sheet.typed != sheet.needed:
            self._change(typed=sheet.typed or "")
            return
        try:
            job = self._link.start_job(self._action, plan)
        except LabError as error:
            self._change(problem=error.problem)
            return
        self.end(job)


def _capitalised(text: str) -> str:
    """The first letter large, the rest as it is: names are not ours to change."""
    return text[:1].upper() + text[1:]


def fault(error: Exception) -> Problem:
    """A fault of our own in making a plan. Only its kind: its text could hold what was read."""
    return Problem(
        "unexpected",
        _("the plan could not be made"),
        "labtui",
        _("fault in labtui: {kind}").format(kind=type(error).__name__),
        _("press esc and try again; nothing was sent"),
    )
