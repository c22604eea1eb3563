"""`:lookup`: what was read at once, what routers say after that, and the page in NetBox."""

from __future__ import annotations

import pytest

from labtui.model import lookup
from tests.ui.driver import SMALL, console
from tests.ui.links import FakeLink


@pytest.mark.parametrize("size", [SMALL, (120, 36)])
async def test_it_is_typed_and_shown(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    link = FakeLink()
    asked: list[lookup.Query] = []

    async def seek(query: lookup.Query) -> lookup.Sightings:
        asked.append(query)
        return lookup.Sightings(
            (lookup.Sighting("rt-836", "arp", query.text, "02:00:00:00:00:09"),)
        )

    monkeypatch.setattr(link, "seek", seek)
    async with console(link, size=size) as c:
        await c.press(":")
        await c.type("lookup 192.0.2.77")
        await c.press("enter")
        await c.settle()
        assert [query.text for query in asked] == ["192.0.2.77"]
        assert "lookup 192.0.2.77" in c.dialog
        await c.press("end")
        assert "02:00:00:00:00:09" in c.dialog
        await c.press("escape")
        assert c.main.overlay is None


async def test_without_a_word_it_says_what_it_takes() -> None:
    async with console(FakeLink()) as c:
        await c.press(":")
        await c.type("lookup")
        await c.press("enter")
        await c.settle()
        assert "look up what?" in c.notice
