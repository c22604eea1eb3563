"""The plan dialog as lines: what will happen, what speaks against it, the keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from labtui.actions.action import Choice, Input, Plan
from labtui.actions.modes import mode_text
from labtui.locale import _
from labtui.model.errors import Problem
from labtui.ui.keys import Keymap
from labtui.ui.screens import plan_inputs
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import (
    Line,
    Span,
    closed,
    harmless,
    line_width,
    padded,
    width_of,
    wrapped,
)

_LABELS = (6, 18)
_MOST_CHOICES = 7
# Columns beside the text: the frame, two blanks at its left, one at its right.
_AROUND = 5
_HERE = Span("▸ ", "key")


class Sheet(msgspec.Struct, frozen=True):
    """All that the dialog shows. Without plan and problem it is still looking, for `waited` s.

    `needed` is what must be typed before it goes, `typed` what was (None: not asked yet). `said` is
    the answer to a key that did nothing. `field` is the input that is being filled in. `top` is the
    first line that is shown, where there are more than fit.
    """

    name: str
    plan: Plan | None = None
    problem: Problem | None = None
    waited: int = 0
    refusal: str = ""
    needed: str = ""
    typed: str | None = None
    said: str = ""
    field: str = ""
    top: int = 0


def sheet_lines(sheet: Sheet, keymap: Keymap, width: int, height: int) -> list[Line]:
    """The dialog in a frame; where it is too high, choices are left out, then it is scrolled."""
    body, foot = _fitting(sheet, keymap, width, height)
    room = max(1, height - 2 - len(foot))
    top = _top(sheet, body, room)
    thumb = frame.thumb_rows(top, room, len(body), room)
    title = sheet.plan.title if sheet.plan else sheet.name
    mode = f" {mode_text(sheet.plan.mode)} " if sheet.plan and sheet.plan.mode else ""
    lines = [frame.top(width, [Span(f" {title} ", "title")], [Span(mode, "key")], on=True)]
    for y, line in enumerate((*body[top : top + room], *foot)):
        inner = closed((Span("  "), *closed(line, width - _AROUND), Span(" ")), width - 2)
        lines.append(frame.side(inner, on=True, thumb=y in thumb))
    said = [Span(f" {sheet.said} ", "warn")] if sheet.said else []
    if not said and len(body) > room:
        key, word = keymap.key("plan.page.down"), _("further")
        if top + room >= len(body):
            key, word = keymap.key("plan.page.up"), _("back up")
        said = [Span(f" {key} {word} ", "key")]
    lines.append(frame.bottom(width, said, on=True))
    return lines


def scrolled(sheet: Sheet, keymap: Keymap, width: int, height: int, lines: int) -> int:
    """The first line that is shown after so many lines down (or up), in a dialog of that size."""
    body, foot = _fitting(sheet, keymap, width, height)
    room = max(1, height - 2 - len(foot))
    return max(0, min(_top(sheet, body, room) + lines, len(body) - room))


def _fitting(
    sheet: Sheet, keymap: Keymap, width: int, height: int
) -> tuple[list[Line], list[Line]]:
    """What is told and the keys below it, with as many choices as there is room for."""
    body: list[Line] = []
    foot: list[Line] = []
    for most in range(_MOST_CHOICES, -1, -1):
        body, foot = _body(sheet, keymap, width - _AROUND, most)
        if len(body) + len(foot) + 2 <= height:
            return body, foot
    # It has to be scrolled whatever is left out: so nothing is.
    return _body(sheet, keymap, width - _AROUND, _MOST_CHOICES)


def _top(sheet: Sheet, body: Sequence[Line], room: int) -> int:
    """The first line that is shown; the field that is being filled in is always in sight."""
    top = max(0, min(sheet.top, len(body) - room))
    if sheet.field:
        # The fields stand before the choices, whose sign is the same.
        here = next((y for y, line in enumerate(body) if len(line) > 1 and line[1] == _HERE), 0)
        top = max(0, min(max(top, here - room + 1), here))
    return top


def _body(sheet: Sheet, keymap: Keymap, width: int, most: int) -> tuple[list[Line], list[Line]]:
    leave = [(), _keys(keymap, (("plan.leave", ""),))]
    if sheet.problem is not None:
        return [(), *_problem(sheet.problem, width)], leave
    if sheet.plan is None:
        text = _("Looking: what would it take, what speaks against it?")
        waited = Span(f"  {sheet.waited}s" if sheet.waited else "", "dim")
        return [(), (Span(text, "dim"), waited)], leave
    against = _against(sheet, sheet.plan)
    if against:
        # What speaks against it stands first: in a small terminal the end is cut off.
        more = _filled(sheet.plan) if sheet.plan.stuck else _more(sheet.plan)
        keys = _keys(keymap, (*more, ("plan.leave", "")))
        if sheet.field:
            keys = _filling(sheet.plan, sheet.field)
        plan = _plan(sheet, sheet.plan, width, most)
        return [(), *_crossed(against, width), (), *plan], [(), keys]
    ending = _ending(sheet, sheet.plan, keymap, width)
    return [(), *_plan(sheet, sheet.plan, width, most)], [(), *ending]


def _problem(problem: Problem, width: int) -> list[Line]:
    lines: list[Line] = [(Span(part, "bad"),) for part in wrapped(problem.sentence, width)]
    if problem.remedy:
        lines.extend((Span(part),) for part in wrapped(problem.remedy, width))
    return lines


def _plan(sheet: Sheet, plan: Plan, width: int, most: int) -> list[Line]:
    labels = [fact.label for fact in plan.facts] + [item.label for item in plan.inputs]
    labels += [plan.choice_label or _("targets"), _("mind"), _("does")]
    longest = max(width_of(harmless(label)) for label in labels)
    label_width = min(max(longest, _LABELS[0]), _LABELS[1])
    lines: list[Line] = []
    for fact in plan.facts:
        lines.extend(_labelled(fact.label, (fact.text,), "", label_width, width))
    if plan.inputs:
        lines.append(())
        lines.extend(_input(item, sheet.field, label_width) for item in plan.inputs)
    if len(plan.choices) > 1 and most and not plan.stuck:
        lines.append(())
        lines.extend(_choices(plan, label_width, width, most))
    if plan.warnings:
        lines.append(())
        lines.extend(_labelled(_("mind"), plan.warnings, "warn", label_width, width))
    if plan.calls and not plan.stuck:
        lines.append(())
        calls = [str(call) for call in plan.calls]
        lines.extend(_labelled(_("does"), calls, "info", label_width, width))
    return lines


def _labelled(
    label: str, texts: Iterable[str], role: str, label_width: int, width: int
) -> list[Line]:
    lines: list[Line] = []
    head = padded(label, label_width) + "  "
    for text in texts:
        for part in wrapped(text, max(10, width - width_of(head))):
            lines.append((Span(head, "dim"), Span(part, role)))
            head = " " * width_of(head)
    return lines


def _input(item: Input, field: str, label_width: int) -> Line:
    """A field with its value; the one that is being filled in has a cursor."""
    here = item.id == field
    value = item.value
    if item.kind == "flag":
        value = _("yes") if item.value == "1" else _("no")
    turns = here and item.kind in ("flag", "choice")
    spans = [
        Span(padded(item.label, label_width) + "  ", "dim"),
        _HERE if here else Span("  ", "key"),
        Span(f"‹ {value} ›" if turns else value, "strong" if here else ""),
    ]
    if here and not turns:
        spans.append(Span("█", "dim"))
    if item.problem:
        spans.append(Span(f"  {item.problem}", "warn"))
    elif item.hint:
        spans.append(Span(f"  {item.hint}", "dim"))
    return tuple(spans)


def _choices(plan: Plan, label_width: int, width: int, most: int) -> list[Line]:
    """The targets, the chosen one marked, those that can't be with the reason."""
    shown = _around(plan.choices, plan.chosen, most)
    names = min(24, max(width_of(harmless(choice.label or choice.id)) for choice in shown))
    lines: list[Line] = []
    head = padded(plan.choice_label or _("targets"), label_width) + "  "
    for choice in shown:
        here = choice.id == plan.chosen
        if choice.blockers:
            sign, role, texts = "✗ ", "off", choice.blockers
        else:
            sign, role, texts = ("▸ " if here else "  "), "", choice.reasons + choice.warnings
        spans = (
            Span(head, "dim"),
            Span(sign, "bad" if choice.blockers else "key"),
            Span(padded(choice.label or choice.id, names) + "  ", "strong" if here else role),
            Span(", ".join(texts), "warn" if choice.warnings and not choice.blockers else role),
        )
        lines.append(spans)
        head = " " * width_of(head)
    if rest := len(plan.choices) - len(shown):
        lines.append((Span(head), Span(_("  and {n} more").format(n=rest), "dim")))
    return lines


def _around(choices: Sequence[Choice], chosen: str, most: int) -> Sequence[Choice]:
    place = next((n for n, choice in enumerate(choices) if choice.id == chosen), 0)
    first = max(0, min(place - most + 1, len(choices) - most))
    return choices[first : first + most]


def _against(sheet: Sheet, plan: Plan) -> list[str]:
    """Why it can't go."""
    against = [sheet.refusal] if sheet.refusal else []
    against.extend(plan.blockers)
    if not plan.calls and not against and not plan.inputs:
        against.append(_("there is nothing to do"))
    return against


def _crossed(texts: Iterable[str], width: int) -> list[Line]:
    lines: list[Line] = []
    for text in texts:
        for number, part in enumerate(wrapped(text, width - 2)):
            lines.append((Span("✗ " if number == 0 else "  ", "bad"), Span(part, "bad")))
    return lines


def _ending(sheet: Sheet, plan: Plan, keymap: Keymap, width: int) -> list[Line]:
    """The keys, or what has to be typed first."""
    if sheet.field:
        return [_filling(plan, sheet.field)]
    if sheet.typed is None:
        go = (("plan.go", ""),) if plan.ready else ()
        more, leave = _more(plan), ("plan.leave", "")
        line = _keys(keymap, (*go, *more, ("plan.copy", ""), leave))
        # How one leaves stands there in any case.
        short = line_width(line) > width
        return [_keys(keymap, (*go, *more, leave)) if short else line]
    asked = _("type {text} to go:").format(text=sheet.needed)
    fits = sheet.typed == sheet.needed
    typed: Line = (
        Span(f"{asked} ", "warn"),
        Span(sheet.typed, "good" if fits else "strong"),
        Span("█", "dim"),
    )
    return [typed, (), _keys(keymap, ((("plan.go", ""),) if fits else ()) + (("plan.leave", ""),))]


def _filling(plan: Plan, field: str) -> Line:
    """The keys while a field is being filled in."""
    item = next((item for item in plan.inputs if item.id == field), None)
    hints = [("enter", _("next")), ("esc", _("done"))]
    if item is not None and item.kind in ("flag", "choice"):
        hints.insert(0, ("← →", _("change")))
    return tuple(span for key, text in hints for span in (Span(key, "key"), Span(f" {text}   ")))


def _more(plan: Plan) -> tuple[tuple[str, str], ...]:
    keys: list[tuple[str, str]] = []
    if any(not choice.blockers and choice.id != plan.chosen for choice in plan.choices):
        # Without a label the choices are targets, and so does the key's own title say.
        keys.append(("plan.target", plan.choice_label))
    if len(plan.modes) > 1:
        keys.append(("plan.mode", mode_text(plan_inputs.next_mode(plan))))
    return (*keys, *_filled(plan))


def _filled(plan: Plan) -> tuple[tuple[str, str], ...]:
    """The key of the fields: what is set there may remove what is in the way."""
    return (("plan.field", ""),) if plan.inputs else ()


def _keys(keymap: Keymap, wanted: Iterable[tuple[str, str]]) -> Line:
    titles = {command.id: command.title for command in keymap.commands}
    spans: list[Span] = []
    for name, title in wanted:
        if key := keymap.key(name):
            spans.extend((Span(key, "key"), Span(f" {title or _(titles[name])}   ")))
    return tuple(spans)
