"""A plan that is blocked: what blocks it comes first, and nothing is offered in vain."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.action import Choice
from tests.ui.driver import SMALL, Console, console
from tests.ui.moving import Moving

TIED = "passed-through or local devices (hostpci0) tie it to pve1"


async def opened(c: Console) -> None:
    await c.press("2", "home", "m")


async def test_a_guest_that_is_tied_to_its_node_has_no_targets() -> None:
    async with console(actions=[Moving(blockers=(TIED,)).action()]) as c:
        await opened(c)
        assert TIED in c.dialog
        for word in ("targets", "pve2", "other target", "POST", "enter go"):
            assert word not in c.dialog, word
        await c.press("t")
        assert "there is no other target" in c.dialog


async def test_a_target_that_is_forbidden_leaves_the_others_to_choose_from() -> None:
    choices = (Choice("pve3", (), ("no bridge vmbr12",)), Choice("pve2", ("9% cpu",)))
    moving = Moving(blockers=("pve3: no bridge vmbr12",), choices=choices)
    async with console(actions=[moving.action()]) as c:
        await opened(c)
        assert "t other target" in c.dialog
        assert "pve2  9% cpu" in c.dialog


@pytest.mark.parametrize("size", [(40, 10), SMALL])
async def test_what_blocks_it_is_seen_however_small_the_terminal_is(size: tuple[int, int]) -> None:
    async with console(size=size, actions=[Moving(blockers=(TIED,)).action()]) as c:
        await opened(c)
        lines = c.dialog.splitlines()
        assert "✗ passed-through" in lines[2]
        assert "esc leave" in lines[-2]


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"modes": ("offline",), "mode": "offline"}, "o", "there is no other way: offline"),
        ({"choices": (Choice("pve3"),)}, "t", "there is no other target"),
        ({}, "x", "x does nothing here"),
        ({}, "y", "copied"),
    ],
)
async def test_a_key_without_effect_is_answered(
    changes: dict[str, Any], key: str, words: str
) -> None:
    async with console(actions=[Moving(**changes).action()]) as c:
        await opened(c)
        await c.press(key)
        assert words in c.dialog
        assert c.link.jobs == []
