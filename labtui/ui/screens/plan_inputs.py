"""What a key does to a plan: to the field that is being filled in, to target and way. Pure."""

from __future__ import annotations

from labtui.actions.action import Input, Plan

_LONGEST = 8192


def wanting(plan: Plan) -> str:
    """The first field whose value will not do, empty when all will."""
    return next((item.id for item in plan.inputs if item.problem), "")


def begun(plan: Plan) -> str:
    """The field to begin with, empty when the plan can be read first."""
    nothing_yet = not plan.calls and not plan.blockers
    return wanting(plan) or (after(plan, "") if nothing_yet else "")


def after(plan: Plan, field: str, step: int = 1) -> str:
    """The field after (or before) that one, the first after none; empty beyond the ends."""
    ids = [item.id for item in plan.inputs]
    place = ids.index(field) + step if field in ids else 0
    return ids[place] if 0 <= place < len(ids) else ""


def moved(plan: Plan, field: str, key: str) -> str | None:
    """Where the key moves to (empty: out of the fields), None when it does not move."""
    if key == "escape":
        return ""
    if key in ("enter", "tab", "down"):
        return after(plan, field)
    if key in ("shift+tab", "up"):
        return after(plan, field, -1)
    return None


def pressed(plan: Plan, field: str, key: str, character: str | None) -> str | None:
    """The value of the field after that key, None when the key means nothing in a field."""
    item = next((item for item in plan.inputs if item.id == field), None)
    if item is None:
        return None
    if item.kind in ("flag", "choice"):
        return _turned(item, key)
    if key == "backspace":
        return item.value[:-1]
    if key == "ctrl+u":
        return ""
    if character and character.isprintable():
        return item.value + character if len(item.value) < _LONGEST else item.value
    return None


def _turned(item: Input, key: str) -> str | None:
    options = ("0", "1") if item.kind == "flag" else item.options
    step = {"left": -1, "right": 1, "space": 1}.get(key)
    if step is None or not options:
        return None
    place = options.index(item.value) if item.value in options else -1
    return options[(place + step) % len(options)]


def next_mode(plan: Plan) -> str:
    """The mode after the present one."""
    if plan.mode not in plan.modes:
        return plan.modes[0] if plan.modes else ""
    return plan.modes[(plan.modes.index(plan.mode) + 1) % len(plan.modes)]


def next_target(plan: Plan, step: int) -> str:
    """The possible target after (or before) the present one."""
    possible = [choice.id for choice in plan.choices if not choice.blockers]
    if not possible:
        return plan.chosen
    if plan.chosen not in possible:
        return possible[0]
    return possible[(possible.index(plan.chosen) + step) % len(possible)]
