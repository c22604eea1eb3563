"""The findings on the screen: the worst in words everywhere, why and whom, and the way there."""

from __future__ import annotations

import msgspec
import pytest

from labtui.live import triage
from labtui.model.cluster import Membership, Resources, Tasks
from labtui.model.errors import Problem
from labtui.model.feed import Feed
from labtui.model.guests import Guest
from labtui.model.snapshot import Part
from labtui.ui.panes.findings import first_in_sight
from tests.snapshots import guest, membership, node
from tests.ui.driver import LARGE, SMALL, USUAL, Console, console
from tests.ui.labs import parts
from tests.ui.links import FakeLink, stale

FEED = Feed("proxmox", "lab", "resources")
AWAY = "pve2 is away: 1 guest"


def small(*more: Guest, up: bool = False) -> list[tuple[str, Part]]:
    """Two nodes, the second dead unless it is `up`, with a guest on it."""
    rows = Resources(
        (node("pve1"), node("pve2", "online" if up else "offline")), (guest(104, "pve2"), *more)
    )
    return [("lab", rows), ("lab", membership(pve1=True, pve2=up)), ("lab", Tasks())]


async def test_a_pane_says_what_whom_and_what_helps() -> None:
    async with console(FakeLink(small()), size=USUAL) as c:
        c.expect("6 findings 1 critical", "✗ CRIT pve2 is away", "pve2, 1 guest")
        c.expect("→ look at its console (IPMI) and its power")


async def test_a_small_terminal_says_the_worst_in_one_line() -> None:
    async with console(FakeLink(small()), size=SMALL) as c:
        line = next(line for line in c.screen.splitlines() if "6 findings" in line)
        assert line.startswith("╶─ 6 findings 1 critical pve2 is away")
        await c.press("6")
        c.expect("▸✗ CRIT pve2 is away", "→ look at its console")


@pytest.mark.parametrize("size", [SMALL, USUAL, LARGE])
async def test_alone_it_fills_the_desk(size: tuple[int, int]) -> None:
    async with console(size=size) as c:
        await c.press(":")
        await c.type("findings")
        await c.press("enter")
        assert c.main.desk.place == "findings"
        c.expect("✗ CRIT pve4 is away", "702 is cut off")
        widths = {len(strip.text) for strip in c.app.screen._compositor.render_strips()}
        assert widths == {size[0]}


async def test_the_worst_is_one_key_away_and_back_is_one() -> None:
    async with console(size=USUAL) as c:
        await c.press("4", "!")
        c.expect("findings › ✗ CRIT pve4 is away", "What to do", "Whom it hits")
        c.expect("What speaks for it", "corosync on", "since", "how sure  certain")
        await c.press("escape")
        assert (c.main.desk.place, c.main.current, c.main.desk.details) == (
            "overview",
            "wireguard",
            None,
        )


async def test_a_click_on_the_top_line_asks_for_the_worst() -> None:
    async with console(size=USUAL) as c:
        await c.click(40, 0)
        c.expect("findings › ✗ CRIT pve4 is away")
        await c.press("escape")
        await c.click(110, 0)
        assert c.main.desk.details is None


async def test_tab_goes_from_cause_to_cause() -> None:
    async with console(size=USUAL) as c:
        await c.press("!", "tab")
        c.expect("findings › ✗ CRIT 702 is cut off", "May be behind it", "What follows from it")
        c.expect("└ nothing passes over 702 = 836", "10.121.170.0/24")
        await c.press("shift+tab")
        c.expect("findings › ✗ CRIT pve4 is away")
        await c.press("escape")
        assert c.main.desk.place == "overview"


async def test_a_remedy_leads_to_its_place_and_back_leads_to_the_finding() -> None:
    async with console(size=USUAL) as c:
        await c.press("!", "enter")
        assert "look at its console (IPMI)" in c.dialog
        await c.press("enter")
        assert (c.main.desk.place, c.selected) == ("nodes", "lsalab/pve4")
        await c.press("escape")
        c.expect("findings › ✗ CRIT pve4 is away")
        await c.press("escape")
        assert c.main.desk.place == "overview"


async def test_what_turns_out_to_be_an_effect_leads_to_its_cause() -> None:
    given: list[tuple[str, Part]] = []
    for source, part in parts():
        if not isinstance(part, Membership | Resources):
            given.append((source, part))
    async with console(FakeLink(given), size=USUAL) as c:
        await c.press("6", "6")
        present = c.link.triage.present
        assert present is not None
        tree = present.causes[0].tree
        effect = next(iter(tree.effects)).finding
        await c.press("enter")
        details = c.main.desk.details
        assert details is not None
        details.key = effect.id
        await c.settle()
        followed = c.main.desk.details
        assert followed is not None
        assert followed.key == tree.finding.id
        assert "it follows from this" in c.notice


async def test_loading_and_no_source() -> None:
    link = FakeLink([])
    async with console(link) as c:
        await c.press("6", "6")
        c.expect("No source is configured, so nothing can be judged.")
        link.store.expect(FEED, 5.0)
        await c.settle()
        c.expect("Loading: waiting for the first answer of lab.")


async def test_nothing_wrong_and_filtered_away() -> None:
    async with console(FakeLink(small(up=True))) as c:
        await c.press("6", "6")
        c.expect("Nothing is wrong that labtui can see. 1 source is read.")
    async with console(FakeLink(small())) as c:
        await c.press("6", "6", "/")
        await c.type("nobody")
        await c.press("enter")
        c.expect("Nothing matches nobody. esc shows all")
        await c.press("escape")
        c.expect(AWAY[:12])


@pytest.mark.parametrize(
    ("kind", "says"), [("forbidden", "Not permitted on lab:"), ("unreachable", "can't be read:")]
)
async def test_not_permitted_and_unreachable(
    kind: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = FakeLink([])
    link.store.expect(FEED, 5.0)
    # Without the finding that says the same, so that there is no row at all.
    silent = triage._looked

    def looked(*given: object) -> object:
        watch, present = silent(*given)  # type: ignore[arg-type]  # passed on as they came
        return watch, msgspec.structs.replace(present, causes=())

    monkeypatch.setattr(triage, "_looked", looked)
    async with console(link) as c:
        problem = msgspec.structs.replace(
            Problem("forbidden", "could not read", "pve1:8006", "no", "ask for it"), kind=kind
        )
        link.fail(FEED, problem)
        await c.press("6", "6")
        c.expect(says, "ask for it", "since", "next try in")


async def test_a_fault_of_ours_is_said_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_given: object) -> object:
        raise ValueError("x")

    monkeypatch.setattr(triage, "_looked", broken)
    async with console(FakeLink(small())) as c:
        c.expect("fault in labtui: ValueError", "no findings")
        await c.press("!")
        assert "pve2" in c.dialog


async def test_what_rests_on_old_data_says_of_when_it_is() -> None:
    async with console(FakeLink(small()), size=USUAL) as c:
        stale(c.link, "membership", 600)
        stale(c.link, "resources", 600)
        await c.settle()
        await c.press("6", "6")
        c.expect("as of ")
        await c.press("enter")
        c.expect("nothing newer was read")


async def test_the_first_minute_is_marked() -> None:
    async with console(FakeLink(small()), size=USUAL) as c:
        assert c.screen.count("first minute") == 2
        await c.later(61)
        c.expect_not("first minute")


async def test_findings_in_sight_have_everything_read_that_they_are_made_of() -> None:
    async with console(size=USUAL) as c:
        await c.press("6", "6")
        assert {"resources", "membership", "wireguard", "bgp"} <= c.link.wishes[-1]


async def test_names_from_outside_are_text_and_nothing_else() -> None:
    hostile = msgspec.structs.replace(
        guest(105, "pve1"), name="[/b][@click=app.bell]x[/]", lock="backup"
    )
    async with console(FakeLink(small(hostile)), size=USUAL) as c:
        await c.press("6", "6", "end")
        c.expect("[/b][@click=app.bell]x[/]")
        await c.press("enter")
        c.expect("[/b][@click=app.bell]x[/]")


async def test_a_click_chooses_and_a_second_opens() -> None:
    async with console(size=USUAL) as c:
        await c.press("6", "6")
        rows = c.screen.splitlines()
        y = next(y for y, line in enumerate(rows) if "702 is cut off" in line)
        await c.click(20, y)
        assert c.selected == "site-cut:702"
        await c.click(20, y, times=2)
        c.expect("findings › ✗ CRIT 702 is cut off")


async def in_sight(c: Console) -> None:
    line = next(line for line in c.screen.splitlines() if "▸" in line)
    said = next(r.cause for r in c.main.pane.selection.rows if r.id == c.selected)
    assert said.finding.words.say()[:20] in line


async def test_the_cursor_is_always_in_sight() -> None:
    many = [guest(200 + n, "pve1") for n in range(9)]
    locked = [msgspec.structs.replace(each, lock="backup") for each in many]
    async with console(FakeLink(small(*locked)), size=SMALL) as c:
        await c.press("6", "6")
        for _row in range(10):
            await c.press("down")
            await in_sight(c)
        await c.press("home")
        await in_sight(c)
        assert c.main.pane.selection.top == 0


def test_no_room_is_wasted_below_the_last_block() -> None:
    def first(heights: list[int], top: int, index: int, room: int) -> int:
        return first_in_sight(heights.__getitem__, len(heights), top, index, room)

    assert first([3, 3, 3, 3], 0, 3, 6) == 2
    assert first([3, 3, 3, 3], 3, 3, 12) == 0
    assert first([3, 3, 3, 3], 2, 1, 4) == 1
    assert first([3, 3, 3, 3], 0, 0, 4) == 0
    assert first([9, 9], 0, 1, 4) == 1
