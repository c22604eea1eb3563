"""Fields of a plan that are filled in in the dialog, and plans for several marked guests."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.actions.action import Action, Input, Plan
from labtui.ui.screens import plan_inputs
from tests.ui.driver import SMALL, USUAL, console
from tests.ui.moving import Moving


class Naming(Moving):
    """A fake action that asks for a name, a flag and a word."""

    def __init__(self, name: str = "", **changes: Any) -> None:
        super().__init__(choices=(), chosen="", modes=(), mode="", **changes)
        self.values = {"name": name, "memory": "0", "kind": "full"}

    def action(self, **more: Any) -> Action:
        return super().action(direct_key="", answer=self._answer, **more)

    def _answer(self, facts: str, name: str, value: str) -> str:
        self.values[name] = value
        return facts

    def _draft(self, facts: str, choice: str, mode: str) -> Plan:
        plan = super()._draft(facts, choice, mode)
        problem = "" if self.values["name"] else "a name, please"
        inputs = (
            Input("name", "name", self.values["name"], problem=problem),
            Input("memory", "memory", self.values["memory"], "flag"),
            Input("kind", "kind", self.values["kind"], "choice", ("full", "linked")),
        )
        return msgspec.structs.replace(plan, inputs=inputs)


async def test_it_begins_where_something_is_wanting_and_goes_when_all_is_there() -> None:
    naming = Naming()
    async with console(actions=[naming.action()]) as c:
        await c.press("2", "home", "m")
        assert "▸ █" in c.dialog
        assert "a name, please" in c.dialog
        assert "enter next" in c.dialog
        await c.type("qtox")
        await c.press("backspace")
        assert "qto" in c.dialog
        await c.press("enter", "right", "enter", "space", "enter")
        assert "enter go" in c.dialog
        await c.press("enter")
        (plan,) = c.link.jobs
        assert naming.values == {"name": "qto", "memory": "1", "kind": "linked"}
        assert plan.inputs[0].value == "qto"


async def test_it_does_not_go_while_something_is_wanting() -> None:
    async with console(actions=[Naming().action()]) as c:
        await c.press("2", "home", "m")
        await c.press("escape")
        assert "enter go" not in c.dialog
        await c.press("enter")
        assert c.link.jobs == []
        assert "▸ █" in c.dialog
        await c.press("escape", "escape")
        assert c.main.overlay is None


@pytest.mark.parametrize("size", [SMALL, USUAL])
async def test_a_plan_that_can_go_is_read_first(size: tuple[int, int]) -> None:
    async with console(actions=[Naming("x1").action()], size=size) as c:
        await c.press("2", "home", "m")
        assert "enter go" in c.dialog
        assert "e fill in" in c.dialog
        await c.press("e")
        assert "x1█" in c.dialog
        await c.press("ctrl+u")
        await c.type("é y")
        assert "é y█" in c.dialog


async def test_what_is_pasted_is_one_line() -> None:
    naming = Naming()
    async with console(actions=[naming.action()]) as c:
        await c.press("2", "home", "m")
        assert c.main.overlay is not None
        c.main.overlay.paste("before\nafter")
        await c.settle()
        assert naming.values["name"] == "before"


async def test_a_plan_without_fields_says_so() -> None:
    async with console() as c:
        await c.press("2", "home", "m")
        await c.press("e")
        assert "there is nothing to fill in" in c.dialog


async def test_several_marked_make_one_plan() -> None:
    async with console(actions=[Moving().action(bulk=True, direct_key="")]) as c:
        await c.press("2", "home", "space", "down", "space", "m")
        await c.press("enter")
        (plan,) = c.link.jobs
        assert plan.subject.count(",") == 1
        assert plan.subject.startswith("lsalab/107,")


async def test_marks_that_are_hidden_are_left_out() -> None:
    async with console(actions=[Moving().action(bulk=True, direct_key="")]) as c:
        await c.press("2", "home", "space", "down", "space", "down", "space", "/")
        await c.type("id:>107")
        await c.press("enter", "m")
        await c.press("enter")
        (plan,) = c.link.jobs
        assert "lsalab/107" not in plan.subject.split(",")


async def test_one_that_can_is_enough() -> None:
    moving = Moving()
    action = moving.action(
        bulk=True, direct_key="", applies=lambda key, _s: "" if key == "lsalab/107" else "no"
    )
    async with console(actions=[action]) as c:
        await c.press("2", "home", "space", "down", "space", "m")
        assert c.main.overlay is not None
        await c.press("escape", "home", "space", "down", "down", "space", "m")
        assert c.notice == "no"


def test_moving_among_the_fields() -> None:
    plan = Naming()._draft("lsalab/1", "", "")
    assert plan_inputs.moved(plan, "name", "tab") == "memory"
    assert plan_inputs.moved(plan, "memory", "up") == "name"
    assert plan_inputs.moved(plan, "kind", "enter") == ""
    assert plan_inputs.moved(plan, "name", "a") is None
    assert plan_inputs.pressed(plan, "kind", "left", None) == "linked"
    assert plan_inputs.pressed(plan, "kind", "x", "x") is None
    assert plan_inputs.pressed(plan, "nothing", "x", "x") is None
