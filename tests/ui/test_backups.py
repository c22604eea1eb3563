"""The list of backups: opened from the palette, read then, and what it says."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.model.backups import archives, gathered
from labtui.model.errors import Forbidden
from labtui.ui.screens.backups import Sheet, sheet_lines
from tests.snapshots import NOW, guest
from tests.ui.driver import SMALL, console
from tests.ui.links import FakeLink
from tests.ui.moving import Moving


def text(sheet: Sheet) -> list[str]:
    return ["".join(span.text for span in line) for line in sheet_lines(sheet)]


def test_those_without_stand_first_and_old_ones_are_told() -> None:
    rows = [
        {"volid": "nas:backup/a", "vmid": 104, "ctime": NOW - 20 * 86400, "size": 1 << 30},
        {"volid": "nas:backup/b", "vmid": 105, "ctime": NOW - 7200, "size": 1 << 30},
    ]
    found = gathered(
        tuple(guest(n) for n in (104, 105, 106)), archives(rows, "lab", "nas"), {"x": "away"}, None
    )
    lines = text(Sheet({"lab": found}, NOW))
    assert lines[0] == "lab/x: away"
    assert lines[1] == "1 of 3 guests have no backup where we can see"
    assert [line.split()[:3] for line in lines[4:]] == [
        ["106", "vm-106", "none"],
        ["104", "vm-104", "20d"],
        ["105", "vm-105", "2h"],
    ]
    roles = [
        [span.role for span in line][2] for line in sheet_lines(Sheet({"lab": found}, NOW))[4:]
    ]
    assert roles == ["bad", "warn", ""]


@pytest.mark.parametrize("size", [SMALL, (120, 36)])
async def test_it_is_read_when_it_is_opened(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = FakeLink()

    async def read(source: str, path: str, **params: str | int) -> Any:
        raise Forbidden("content", why="no right")

    monkeypatch.setattr(link.wire, "read", read)
    async with console(link, size=size) as c:
        await c.press("ctrl+p")
        await c.type("backups")
        await c.press("enter")
        await c.settle()
        assert "58 of 58 guests have no backup where we can see" in c.dialog
        before = c.dialog
        await c.press("pagedown")
        assert c.dialog != before
        await c.press("escape")
        assert c.main.overlay is None


def test_while_it_is_read() -> None:
    assert text(Sheet()) == ["Reading what lies on the storages."]


@pytest.mark.parametrize("prompt", ["ctrl+p", ":"])
async def test_a_guest_is_restored_from_the_list(
    monkeypatch: pytest.MonkeyPatch, prompt: str
) -> None:
    link = FakeLink()
    rows = [{"volid": "nas:backup/a", "vmid": 104, "ctime": NOW - 60, "size": 1 << 30}]
    found = gathered(
        tuple(guest(n, cluster="lsalab") for n in (104, 105)),
        archives(rows, "lsalab", "nas"),
        {},
        None,
    )

    async def read(cluster: str, wire: Any) -> Any:
        return found

    monkeypatch.setattr("labtui.ui.screens.backups.read_backups", read)
    restore = Moving().action(id="guest.restore", key="", direct_key="")
    async with console(link, actions=[restore]) as c:
        await c.press(prompt)
        await c.type("backups")
        await c.press("enter")
        await c.settle()
        assert "▸105" in c.dialog
        await c.press("enter")
        assert "it has no backup" in c.dialog
        await c.press("down", "enter")
        assert "Migrate 104 gpu-web" in c.dialog
        await c.press("escape")
        assert c.main.overlay is None


def test_backups_of_guests_that_are_gone_are_listed_last() -> None:
    rows = [{"volid": "nas:backup/z", "vmid": 999, "ctime": NOW - 60, "size": 1 << 30}]
    found = gathered((guest(104),), archives(rows, "lab", "nas"), {}, None)
    sheet = Sheet({"lab": found}, NOW)
    assert text(sheet)[-1].split()[:2] == ["999", "(gone)"]
    assert sheet.keys == ("lab/104", "lab/999")
    assert sheet.kept == {"lab/999"}
