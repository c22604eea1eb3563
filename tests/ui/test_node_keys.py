"""The same keys for guests and for nodes: what is selected decides what they mean."""

from __future__ import annotations

from tests.ui.driver import console
from tests.ui.moving import Moving


async def test_a_key_is_about_what_is_selected() -> None:
    guests = Moving(title="of a guest").action(id="guest.reboot", key="b", direct_key="")
    nodes = Moving(title="of a node").action(id="node.reboot", noun="node", key="b", direct_key="")
    async with console(actions=(guests, nodes)) as c:
        await c.press("1", "home", "b")
        assert "of a node" in c.dialog
        await c.press("escape", "2", "home", "b")
        assert "of a guest" in c.dialog
