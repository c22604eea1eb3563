"""Getting about: digits, go-to, palette, details, help; and back to where one was."""

from __future__ import annotations

import pytest
from textual import events

from labtui.model.cluster import Resources
from labtui.ui.keys import shown
from tests.ui.driver import SMALL, console
from tests.ui.labs import guests, nodes
from tests.ui.links import FakeLink


async def test_digits_go_to_panes_and_again_to_full_size() -> None:
    async with console() as c:
        await c.press("4")
        assert c.main.current == "wireguard"
        c.expect("1 nodes", "4 wireguard")
        await c.press("4")
        c.expect("4 wireguard", "interface")
        c.expect_not("1 nodes")
        await c.press("2")
        c.expect("2 guests")
        c.expect_not("4 wireguard")
        await c.press("0")
        c.expect("1 nodes", "4 wireguard", "5 bgp")


async def test_a_view_without_a_pane_opens_at_full_size_and_escape_leads_back() -> None:
    async with console() as c:
        await c.press("3", "9")
        c.expect("Nothing was started from here yet")
        await c.press("escape")
        c.expect("1 nodes", "3 gpus")


async def test_tab_goes_round_the_panes() -> None:
    async with console() as c:
        seen = []
        for _press in range(7):
            seen.append(c.main.current)
            await c.press("tab")
        assert seen == ["nodes", "guests", "gpus", "wireguard", "bgp", "findings", "nodes"]
        await c.press("shift+tab")
        assert c.main.current == "nodes"


async def test_in_a_small_terminal_one_pane_is_open_and_the_others_are_lines() -> None:
    async with console(size=SMALL) as c:
        heights = {name: pane.size.height for name, pane in c.main.desk.panes.items()}
        folded = dict.fromkeys(("guests", "gpus", "wireguard", "bgp", "findings"), 1)
        assert heights == {"nodes": 17, **folded}
        await c.press("tab")
        assert c.pane("guests").size.height == 17
        c.expect("╶─ 1 nodes 3/4 up", "6/10 established")


async def test_going_to_an_object_by_its_number() -> None:
    async with console() as c:
        await c.press(":")
        await c.type("146")
        assert "146 gpu-eve" in c.dialog
        await c.press("enter")
        assert c.selected == "lsalab/146"
        assert c.main.current == "guests"
        c.expect("1 nodes", "▸146")


@pytest.mark.parametrize(
    ("text", "view", "key"),
    [("pve1", "nodes", "lsalab/pve1"), ("gpu-hsu", "guests", "lsalab/126"), ("storage", "", "")],
)
async def test_going_by_name(text: str, view: str, key: str) -> None:
    async with console() as c:
        await c.press(":")
        await c.type(text)
        await c.press("enter")
        if view:
            assert (c.main.current, c.selected) == (view, key)
        else:
            c.expect("local-lvm")


async def test_going_to_an_object_that_a_filter_hides_takes_the_filter_away() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("mail")
        await c.press("enter", ":")
        await c.type("104")
        await c.press("enter")
        assert c.selected == "lsalab/104"
        assert c.pane("guests").table.filter.text == ""


async def test_a_name_that_nobody_has() -> None:
    async with console() as c:
        await c.press(":")
        await c.type("zzzz")
        assert "Nothing is called so." in c.dialog
        await c.press("enter", "escape")
        assert c.main.overlay is None


async def test_filter_sifts_with_every_letter_and_holds() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("gpu")
        c.expect("/gpu  6 of 58")
        await c.type(" node:pve3")
        c.expect("/gpu node:pve3  3 of 58")
        await c.press("down", "enter")
        assert c.main.pane.selection.index == 1
        fewer = tuple(guest for guest in guests() if guest.vmid != 106)
        c.link.read("lsalab", Resources(nodes(), fewer, ()))
        await c.settle()
        c.expect("2 of 57")
        await c.press("escape")
        assert len(c.main.pane.table.rows) == 57


async def test_keys_typed_ahead_are_not_lost() -> None:
    async with console() as c:
        await c.type_ahead("2", "/", "g", "p", "u", "enter")
        c.expect("/gpu  6 of 58")
        await c.type_ahead("escape", ":", "1", "0", "4", "enter")
        assert c.selected == "lsalab/104"
        assert c.main.overlay is None


async def test_pasted_text_filters_and_finds() -> None:
    async with console() as c:
        await c.press("2", "/")
        c.main.post_message(events.Paste("gpu\n"))
        await c.settle()
        c.expect("/gpu  6 of 58")
        await c.press("escape", ":")
        c.main.post_message(events.Paste("pve3"))
        await c.press("enter")
        assert c.selected == "lsalab/pve3"


async def test_escape_and_a_key_that_come_as_one_are_two() -> None:
    async with console() as c:
        await c.press("2", "enter", "alt+4")
        assert c.main.desk.details is None
        assert c.main.current == "wireguard"
        await c.press("?", "alt+q")
        assert c.app._exit


async def test_a_bad_regex_is_said_while_it_is_typed() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("~(")
        assert "is no regular expression" in c.notice
        await c.type("a")
        await c.press("escape")
        assert c.notice == ""


async def test_letters_typed_into_the_filter_are_no_commands() -> None:
    async with console() as c:
        await c.press("2", "/")
        await c.type("qm9")
        assert c.main.overlay is None
        assert c.main.desk.place == "overview"
        assert c.app.is_running


async def test_details_are_live_and_lead_back_to_the_cursor() -> None:
    async with console() as c:
        await c.press("2", "home", "down", "down")
        key = c.selected
        await c.press("enter")
        c.expect("guests › 115 db-dana", "owner", "10.121.250.21", "esc back")
        gone = tuple(guest for guest in guests() if guest.key != key)
        c.link.read("lsalab", Resources(nodes(), gone, ()))
        await c.settle()
        c.expect("not there any more", "db-dana")
        c.link.read("lsalab", Resources(nodes(), guests(), ()))
        await c.settle()
        c.expect_not("not there any more")
        await c.press("escape")
        assert c.selected == key
        c.expect("1 nodes")


@pytest.mark.parametrize("view", ["1", "2", "3", "4", "5"])
async def test_every_view_has_details_at_every_size(view: str) -> None:
    async with console(size=SMALL) as c:
        await c.press(view, "enter")
        c.expect(" › ")
        await c.press("end", "pageup", "down", "home")
        await c.resize((200, 50))
        c.expect(" › ")
        await c.press("escape")
        assert c.main.desk.details is None
        c.expect(f"{view} {c.main.current}")


async def test_help_lists_every_key_in_force() -> None:
    async with console(size=(140, 60), keys={"guest.migrate": "z"}) as c:
        await c.press("?")
        text = c.dialog
        for command in c.app.keymap.commands:
            for key in c.app.keymap.keys(command.id):
                assert shown(key) in text
        lines = [line for line in text.splitlines() if "migrate" in line]
        assert any("z" in line.split() for line in lines)
        assert not any("m" in line.split() for line in lines)
        for group in ("places", "this pane", "actions", "plan", "console"):
            assert group in text
        await c.press("escape")
        assert c.main.overlay is None


async def test_help_scrolls_in_a_small_terminal() -> None:
    async with console(size=SMALL) as c:
        await c.press("?")
        assert "places" in c.dialog
        await c.press("end")
        assert "quit" in c.dialog
        assert "places" not in c.dialog


async def test_an_overridden_key_works_and_mistakes_are_told_at_the_start() -> None:
    async with console(keys={"pane.full": "z", "mark": "q", "nonsense": "x"}) as c:
        assert "nonsense: no such command" in c.notice
        assert "mark = q: that key is quit's already" in c.notice
        await c.press("z")
        c.expect_not("2 guests")


async def test_the_palette_names_what_it_would_act_on() -> None:
    async with console() as c:
        await c.press("2", "home", "ctrl+p")
        assert "migrate 107 build-ben" in c.dialog
        await c.type("sort by")
        await c.press("enter")
        assert "trouble first" in c.dialog
        await c.press("escape")
        await c.press("ctrl+p")
        await c.type("theme high")
        await c.press("enter")
        assert c.app.theme == "high-contrast"


async def test_copying_says_what_was_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as c:
        copied: list[str] = []
        monkeypatch.setattr(c.app, "copy_to_clipboard", copied.append)
        await c.press("2", "home", "y")
        assert copied == ["107 build-ben"]
        assert "copied: 107 build-ben" in c.notice


async def test_what_is_in_sight_is_what_is_wished_for() -> None:
    async with console() as c:
        assert c.link.wishes[-1] >= {"resources", "wireguard", "bgp", "membership"}
        await c.press("5", "5")
        assert c.link.wishes[-1] == {"bgp", "facts", "membership"}
        await c.press("r")
        assert c.link.reads == [frozenset({"bgp", "facts"})]


async def test_keys_that_mean_nothing_do_nothing() -> None:
    async with console(FakeLink([])) as c:
        before = c.screen
        await c.press("f9", "ctrl+t", "Z", "enter", "y", "space", "*", "c", "m")
        assert "nothing is selected" in c.notice or c.notice
        await c.press("escape")
        assert c.screen.splitlines()[0] == before.splitlines()[0]


async def test_quitting_is_at_once() -> None:
    async with console() as c:
        await c._pilot.press("q")
        assert c.app._exit


@pytest.mark.parametrize("opened", [":", "?", "m", "/", "ctrl+p"])
async def test_ctrl_q_quits_whatever_is_open(opened: str) -> None:
    async with console() as c:
        await c.press("2", opened)
        await c.press("ctrl+q")
        assert c.app._exit


@pytest.mark.parametrize("opened", [":", "?", "m", "/", "ctrl+p"])
async def test_ctrl_c_leaves_what_is_open_and_then_quits(opened: str) -> None:
    async with console() as c:
        await c.press("2", opened, "ctrl+c")
        assert c.main.overlay is None
        assert not c.main.filtering.active
        assert not c.app._exit
        await c.press("ctrl+c")
        assert c.app._exit
