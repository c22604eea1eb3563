"""Asking all routers who has an address: one that is silent holds up nobody."""

from __future__ import annotations

import asyncio

import pytest

from labtui.live import seeking
from labtui.live.seeking import seek
from labtui.model.errors import Unreachable
from labtui.model.lookup import Sighting, parse
from labtui.model.routes import RouteAnswer
from labtui.sources.routeros.neighbours import neighbours


class Router:
    """Answers, fails or hangs."""

    def __init__(self, name: str, way: str = "answers") -> None:
        self.name = name
        self._way = way

    async def neighbours(self, *, address: str = "", mac: str = "") -> tuple[Sighting, ...]:
        if self._way == "fails":
            raise Unreachable("asking", where=self.name, why="no route")
        if self._way == "hangs":
            await asyncio.sleep(60)
        return (Sighting(self.name, "arp", address or "10.0.0.5", mac or "bc:24:11:00:00:01"),)

    async def look_up(self, address: str) -> RouteAnswer:
        return RouteAnswer(self.name, address)


async def test_all_are_asked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeking, "_PATIENCE", 0.05)
    routers = [Router("a"), Router("b", "fails"), Router("c", "hangs"), object()]
    found = await seek(routers, parse("10.0.0.5"))
    assert [each.router for each in found.seen] == ["a"]
    assert [each.router for each in found.routes] == ["a"]
    assert found.silent.keys() == {"b", "c"}
    assert found.silent["b"] == "no route"


async def test_names_are_not_asked_for_and_macs_have_no_route() -> None:
    assert not (await seek([Router("a")], parse("web-01"))).seen
    found = await seek([Router("a")], parse("bc:24:11:00:00:01"))
    assert (len(found.seen), found.routes) == (1, ())


async def test_rows_of_routers_become_sightings() -> None:
    asked: list[tuple[str, tuple[str, ...]]] = []

    async def ask(menu: str, fields: object, queries: tuple[str, ...] = ()) -> list[dict[str, str]]:
        asked.append((menu, tuple(queries)))
        if menu == "/ip/arp":
            return [
                {"address": "10.0.0.5", "mac-address": "BC:24:11:00:00:01", "interface": "lan\x1b"},
                # Nobody has answered to this one.
                {"address": "10.0.0.5", "mac-address": "BC:24:11:00:00:02", "complete": "false"},
                {"address": "10.0.0.5"},
            ]
        return [{"address": "10.0.0.5", "active-mac-address": "BC:24:11:00:00:01",
                 "host-name": "web", "status": "bound"}]  # fmt: skip

    found = await neighbours(ask, "rt", address="10.0.0.5")  # type: ignore[arg-type]  # as one
    assert [(each.how, each.mac) for each in found] == [
        ("arp", "bc:24:11:00:00:01"), ("lease", "bc:24:11:00:00:01"),
    ]  # fmt: skip
    assert found[0].interface.isprintable()
    assert asked == [("/ip/arp", ("?address=10.0.0.5",)),
                     ("/ip/dhcp-server/lease", ("?active-address=10.0.0.5",))]  # fmt: skip
    await neighbours(ask, "rt", mac="bc:24:11:00:00:01")  # type: ignore[arg-type]  # as one
    assert asked[-1][1] == ("?active-mac-address=BC:24:11:00:00:01",)
