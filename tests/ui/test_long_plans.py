"""Plans that are longer than the screen, and the page of what is selected."""

from __future__ import annotations

import pytest

from labtui.actions.action import Fact
from labtui.live.entry.pages import Page
from tests.ui.driver import SMALL, console
from tests.ui.moving import Moving

WAVES = tuple(Fact(f"wave {n}", f"{1000 + n} guest-{n} > pve2  live, 8 s") for n in range(60))


async def test_a_long_plan_is_scrolled_and_its_keys_stay() -> None:
    async with console(actions=[Moving(facts=WAVES).action()], size=SMALL) as c:
        await c.press("2", "home", "m")
        c.expect("guest-0 ", "enter go", "esc leave", "pgdn further")
        assert "guest-59" not in c.dialog
        await c.press("pagedown")
        assert "guest-0 " not in c.dialog
        c.expect("enter go", "esc leave")
        for _page in range(8):
            await c.press("pagedown")
        assert "POST /nodes/pve1/qemu/104/migrate" in c.dialog
        for _page in range(9):
            await c.press("pageup")
        assert "guest-0 " in c.dialog


async def test_another_target_is_seen_where_it_has_to_be_scrolled() -> None:
    async with console(actions=[Moving(facts=WAVES).action()], size=SMALL) as c:
        await c.press("2", "home", "m")
        for _page in range(9):
            await c.press("pagedown")
        c.expect("▸ pve3", "✗ pve4")
        await c.press("t")
        c.expect("▸ pve2")


async def test_the_page_of_a_row_is_copied_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Page("Proxmox VE", "104 gpu-web", "https://10.0.0.1:8006/#v1:0:=qemu%2F104:4:::::::")
    other = Page("NetBox", "gpu-web", "https://netbox.lab/virtualization/virtual-machines/7/")
    found: tuple[Page, ...] = (one,)
    async with console() as c:
        copied: list[str] = []
        monkeypatch.setattr(c.app, "copy_to_clipboard", copied.append)
        monkeypatch.setattr(c.link.entry, "pages", lambda _noun, _key: found)
        await c.press("2", "home", "o")
        assert copied == [one.url]
        assert one.url in c.notice
        found = (one, other)
        await c.press("o")
        c.expect("NetBox")
        await c.press("down", "enter")
        assert copied == [one.url, other.url]
        found = ()
        await c.press("o")
        assert c.notice == "it has no page in Proxmox VE, and none in NetBox is known"


async def test_what_is_wrapped_loses_nothing_at_the_edge() -> None:
    facts = [Fact("note", "x" * n + " and so on to the end of it all" * 2) for n in range(1, 40)]
    async with console(actions=[Moving(facts=tuple(facts)).action()], size=(120, 200)) as c:
        await c.press("2", "home", "m")
        lines = [line for line in c.dialog.splitlines() if "and so" in line or "x" * 9 in line]
        assert len(lines) > 30
        assert not any("…" in line for line in lines)


async def test_the_end_of_a_long_plan_leads_back_up() -> None:
    async with console(actions=[Moving(facts=WAVES).action()], size=SMALL) as c:
        await c.press("2", "home", "m")
        c.expect("pgdn further")
        for _page in range(9):
            await c.press("pagedown")
        c.expect("pgup back up")
