"""`:leases`, `:calendar`, `:cards`, `:usage`: drawn at the smallest size and a larger one."""

from __future__ import annotations

import msgspec
import pytest

from labtui.model.cluster import Resources
from labtui.model.devices import Hardware, MappingEntry, PciMapping
from labtui.model.guests import GuestConfigs, HostPci
from labtui.model.leases import Lease, Request, Requests, day_of, line_of
from labtui.model.snapshot import Part, Snapshot
from labtui.ui.screens.card_pages import calendar_lines, usage_lines
from labtui.views.calendar import bar, head, labelled
from labtui.views.leases import LEASES
from tests.cli.test_usage import ROWS
from tests.snapshots import NOW, config, configs, gpu, guest, membership, node, snapshot
from tests.ui.driver import SMALL, console
from tests.ui.labs import parts
from tests.ui.links import FakeLink

DAY = 86400.0


def _leased() -> list[tuple[str, Part]]:
    """The lab of the screen, in which the first guest with a card has a lease for a week."""
    given: list[tuple[str, Part]] = []
    for source, part in parts():
        if isinstance(part, GuestConfigs):
            vmid = next(vmid for vmid, each in part.configs.items() if each.hostpci)
            line = line_of(Lease("amy", day_of(NOW + 2 * DAY)))
            leased = msgspec.structs.replace(part.configs[vmid], description=line)
            part = GuestConfigs({**part.configs, vmid: leased})
        given.append((source, part))
    asked = Request("ben", "2 RTX 4090", day_of(NOW + 7 * DAY))
    return [*given, ("lsalab", Requests((asked,)))]


@pytest.mark.parametrize("size", [SMALL, (120, 36)])
async def test_leases_the_calendar_and_places_are_typed_and_shown(size: tuple[int, int]) -> None:
    async with console(FakeLink(_leased()), size=size) as c:
        await c.press(":")
        await c.type("leases")
        await c.press("enter")
        await c.settle()
        assert "amy" in c.screen
        assert "2d left" in c.screen
        await c.press(":")
        await c.type("calendar")
        await c.press("enter")
        await c.settle()
        assert "2 RTX 4090 ben" in c.dialog
        await c.press("escape", ":")
        await c.type("cards 1 RTX 4090")
        await c.press("enter")
        await c.settle()
        assert "pve" in c.dialog
        await c.press("escape", ":")
        await c.type("usage")
        await c.press("enter")
        await c.settle()
        assert "no history is kept here" in c.notice


def test_a_bar_has_a_sign_a_day_and_a_stroke_before_each_monday() -> None:
    until = day_of(NOW + 3 * DAY)
    signs = bar("", until, NOW, 14)
    assert signs.count("█") == 4
    assert len(signs.replace("│", "")) == 14
    assert [n for n, sign in enumerate(head(NOW, 14)) if sign == "│"] == [
        n for n, sign in enumerate(signs) if sign == "│"
    ]
    assert "amy" in labelled(bar("", "", NOW, 14), "amy")
    assert labelled("·····", "amy") == "·····"


def _card(*leases: Lease) -> Snapshot:
    known = config(100, HostPci(0, ("0000:01:00",)))
    notes = "\n".join(line_of(lease) for lease in leases)
    return snapshot(
        ("lab", Resources((node("pve1"),), (guest(100),), ())),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": (gpu("pve1", "0000:01:00"),)})),
        ("lab", configs(msgspec.structs.replace(known, description=notes))),
    )


@pytest.mark.parametrize(
    ("days", "text", "trouble"), [(20, "20d left", 0), (1, "left", 2), (-3, "over", 3)]
)
def test_a_lease_says_how_long_it_lasts(days: float, text: str, trouble: int) -> None:
    shot = _card(Lease("amy", day_of(NOW + days * DAY)))
    (row,) = LEASES.rows(shot, NOW)
    assert text in LEASES.column("state").cell(row, NOW).text
    assert LEASES.trouble(row, NOW) == trouble
    assert LEASES.details(row, shot, NOW)


def test_a_card_without_a_lease_has_a_row_too() -> None:
    (row,) = LEASES.rows(_card(), NOW)
    assert LEASES.column("state").cell(row, NOW).text == "no lease"


def test_a_lease_that_is_over_says_since_when_in_the_calendar() -> None:
    shot = _card(Lease("amy", day_of(NOW - 3 * DAY)))
    text = "\n".join("".join(span.text for span in line) for line in calendar_lines(shot, NOW, 76))
    assert "amy: over since" in text
    assert max(len(line) for line in text.split("\n")) <= 76


def test_card_hours_are_drawn_as_bars() -> None:
    text = "\n".join("".join(span.text for span in line) for line in usage_lines(ROWS, 86400.0))
    assert "█" in text
    assert "amy" in text


def test_one_of_several_cards_is_said_and_an_end_that_nobody_said_looks_otherwise() -> None:
    mapping = PciMapping(
        "rtx",
        (
            MappingEntry("pve1", ("0000:01:00.0",)),
            MappingEntry("pve1", ("0000:02:00.0",)),
        ),
    )
    devices = (gpu("pve1", "0000:01:00", 1), gpu("pve1", "0000:02:00", 2))
    shot = snapshot(
        ("lab", Resources((node("pve1"),), (guest(100, name="ml"),))),
        ("lab", membership(pve1=True)),
        ("lab", Hardware({"pve1": devices}, (mapping,))),
        ("lab", configs(config(100, HostPci(0, (), "rtx")))),
    )
    told = ["".join(span.text for span in line) for line in calendar_lines(shot, NOW, 80)]
    of_cards = [line for line in told if "0" in line[:12] and "ml" in line]
    assert len(of_cards) == 2
    assert all("100 ml (1 of 2)" in line for line in of_cards)
    assert all("▒" in line and "█" not in line for line in of_cards)
