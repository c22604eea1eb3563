"""Acting on a finding: the action that helps, on the right object; copying; putting aside."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from labtui.actions import ACTIONS
from labtui.findings.rule import Rule
from labtui.model.cluster import Resources, Tasks
from labtui.model.jobs import Job
from labtui.model.snapshot import Part
from tests.snapshots import NOW, guest, membership, node
from tests.ui.driver import console
from tests.ui.links import FakeLink
from tests.ui.moving import Moving

DOWN = "node-down:lab/pve2"
LOCKED = "guest-locked:lab/105"


def lab() -> FakeLink:
    """A dead node, and a locked guest whose remedy names an action."""
    rows = Resources(
        (node("pve1"), node("pve2", "offline")),
        (guest(104, "pve2"), msgspec.structs.replace(guest(105, "pve1"), lock="backup")),
    )
    parts: list[tuple[str, Part]] = [
        ("lab", rows),
        ("lab", membership(pve1=True, pve2=False)),
        ("lab", Tasks()),
    ]
    return FakeLink(parts)


def unlock(**more: Any) -> Any:
    values = {"id": "guest.unlock", "key": "U", "direct_key": "", "title": "unlock", **more}
    return Moving().action(**values)


async def test_the_key_of_a_remedy_opens_the_plan_on_its_object() -> None:
    link = lab()
    async with console(link, actions=[unlock()]) as c:
        await c.press("6", "6", "end")
        while c.selected != LOCKED:
            await c.press("up")
        c.expect("qm unlock 105", "U")
        assert "U unlock" in c.footer
        await c.press("U")
        assert "105 gpu-web" in c.dialog
        await c.press("enter")
        assert [plan.subject for plan in link.jobs] == ["lab/105"]


async def test_the_list_of_what_to_do_opens_it_as_well() -> None:
    link = lab()
    async with console(link, actions=[unlock()]) as c:
        await c.press("6", "6", "end")
        while c.selected != LOCKED:
            await c.press("up")
        await c.press("enter")
        c.expect("U does it with 105")
        await c.press("enter")
        assert "make sure that nothing runs" in c.dialog
        await c.press("enter")
        assert "105 gpu-web" in c.dialog
        await c.press("escape")
        c.expect("findings › ! WARN")


async def test_an_action_that_no_remedy_names_works_on_the_object_itself() -> None:
    link = lab()
    async with console(link, actions=[unlock(), Moving().action()]) as c:
        await c.press("6", "6", "end")
        while c.selected != LOCKED:
            await c.press("up")
        await c.press("m")
        assert "Migrate" in c.dialog
        await c.press("escape", "home")
        assert c.selected == DOWN
        await c.press("m")
        assert "migrate does not help against this" in c.notice


async def test_what_speaks_against_an_action_is_said() -> None:
    moving = Moving()
    moving.reason = "105 may not be unlocked: VM.Config is missing"
    action = moving.action(id="guest.unlock", key="U", direct_key="", title="unlock")
    async with console(lab(), actions=[action]) as c:
        await c.press("6", "6", "end")
        while c.selected != LOCKED:
            await c.press("up")
        await c.press("U")
        assert c.notice == moving.reason


async def test_a_command_to_type_elsewhere_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(lab(), actions=[]) as c:
        copied: list[str] = []
        monkeypatch.setattr(c.app, "copy_to_clipboard", copied.append)
        await c.press("6", "6", "end")
        while c.selected != LOCKED:
            await c.press("up")
        await c.press("enter", "enter", "enter")
        assert copied == ["qm unlock 105"]


async def test_a_finding_is_copied_as_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(lab()) as c:
        copied: list[str] = []
        monkeypatch.setattr(c.app, "copy_to_clipboard", copied.append)
        await c.press("6", "6", "y")
        lines = copied[0].splitlines()
        assert lines[0].startswith("CRITICAL: pve2 is away")
        assert lines[1].startswith("lsalab, since ")
        assert "hits pve2, 1 guest" in lines
        assert "do 1: look at its console (IPMI) and its power" in lines
        assert any(line.startswith("for: corosync") for line in lines)


async def test_seen_with_a_reason_and_an_end_stands_behind_the_others() -> None:
    async with console(lab()) as c:
        await c.press("6", "6")
        assert c.selected == DOWN
        await c.press("a")
        assert "it is over" in c.dialog
        await c.press("enter")
        assert "write why" in c.dialog
        await c.type("new fan")
        await c.press("down")
        assert "in 60m" in c.dialog
        await c.press("enter")
        assert "kept" in c.notice
        assert c.main.top.facts.counts.critical == 0
        c.expect("seen by ", ": new fan")
        rows = c.main.pane.selection.rows
        assert rows[-1].id == DOWN
        await c.later(3601)
        assert c.main.top.facts.counts.critical == 1


async def test_put_off_and_taken_up_again() -> None:
    async with console(lab()) as c:
        await c.press("6", "6", "A")
        await c.type("later")
        await c.press("enter")
        assert c.main.top.facts.counts.critical == 0
        await c.press("a")
        assert "Shall it count again?" in c.dialog
        await c.press("enter")
        assert c.main.top.facts.counts.critical == 1


async def test_leaving_the_question_marks_nothing() -> None:
    async with console(lab()) as c:
        await c.press("6", "6", "a")
        await c.type("x")
        await c.press("escape")
        assert c.main.top.facts.counts.critical == 1


async def test_elsewhere_the_keys_say_where_the_findings_are() -> None:
    async with console(lab()) as c:
        await c.press("1", "a")
        assert c.notice == "go to a finding first: 6 shows them"


async def test_what_follows_that_is_worse_than_what_was_seen_counts() -> None:
    async with console(lab()) as c:
        await c.press("6", "6")
        keeper = c.link.triage
        await keeper.put_aside(DOWN, "ack", "fan", None)
        mark = keeper._marks[0]
        keeper._marks = (msgspec.structs.replace(mark, severity="warning"),)
        keeper._news.set()
        await c.settle()
        assert c.main.top.facts.counts.critical == 1


async def test_what_was_tried_is_told() -> None:
    async with console(lab(), actions=[]) as c:
        job = Job("j1", "guest.unlock", "lab/105", "Unlock 105", "failed", NOW + 1, note="no")
        c.link.jobs_are(job)
        await c.press("6", "6", "end")
        while c.selected != LOCKED:
            await c.press("up")
        await c.press("enter")
        c.expect("Tried already", "Unlock 105: no (from here)")


async def test_the_help_and_the_palette_name_the_keys() -> None:
    async with console(lab(), size=(200, 50)) as c:
        await c.press("?")
        assert "put off" in c.dialog
        await c.press("escape", "ctrl+p")
        await c.type("worst")
        assert "The worst finding" in c.dialog


def _remedies(rule: Rule) -> list[str]:
    import inspect

    module = inspect.getmodule(rule.look)
    source = inspect.getsource(module) if module is not None else ""
    known = {action.id for action in ACTIONS}
    nouns = {action.noun for action in ACTIONS}
    return [
        text
        for text in source.split('"')
        if text.partition(".")[0] in nouns
        and text.count(".") == 1
        and text.replace(".", "").isalpha()
        and text not in known
    ]


def test_every_action_that_a_remedy_names_is_there() -> None:
    from labtui.findings import RULES

    assert [name for rule in RULES for name in _remedies(rule)] == []
