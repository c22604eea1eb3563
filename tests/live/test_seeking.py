"""Asking all routers who has an address: one that is silent holds up nobody."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from labtui.live import seeking
from labtui.live.seeking import seek
from labtui.model.cluster import Resources
from labtui.model.errors import LabError, Unreachable
from labtui.model.guests import GuestConfig, GuestConfigs, NetDevice
from labtui.model.lookup import Sighting, parse
from labtui.model.routes import RouteAnswer
from labtui.model.snapshot import Snapshot
from labtui.sources.routeros.neighbours import neighbours
from tests.snapshots import NOW, guest, node, snapshot


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


class Cluster:
    """Answers what agents and containers say, or fails."""

    def __init__(self, answer: object) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def get(self, path: str) -> object:
        self.asked.append(path)
        if isinstance(self._answer, LabError):
            raise self._answer
        return self._answer


MAC = "bc:24:11:00:00:01"
ROWS = [
    {"name": "lo", "ip-addresses": [{"ip-address": "127.0.0.1", "prefix": 8}]},
    {
        "name": "eth0",
        "hardware-address": MAC.upper(),
        "ip-addresses": [
            {"ip-address": "10.0.0.5", "prefix": 24},
            {"ip-address": "fe80::1", "prefix": 64},
            {"ip-address": "rubbish"},
        ],
    },
    {"name": "docker0", "hardware-address": "02:42:00:00:00:01", "inet": "172.17.0.1/16"},
]


def lab(kind: str = "qemu", **change: object) -> Snapshot:
    net = NetDevice(0, MAC.upper(), "vmbr0")
    config = GuestConfig("lab", 110, "d", NOW, "pve1", nets=(net,), agent=True)
    there = msgspec.structs.replace(guest(110), kind=kind, name="web-01", **change)
    return snapshot(
        ("lab", Resources((node("pve1"),), (there,))),
        ("lab", GuestConfigs({110: config})),
    )


@pytest.mark.parametrize(
    ("kind", "answer", "tail"),
    [("qemu", {"result": ROWS}, "agent/network-get-interfaces"), ("lxc", ROWS, "interfaces")],
)
async def test_a_guest_says_itself_where_it_is(kind: str, answer: object, tail: str) -> None:
    cluster = Cluster(answer)
    found = await seek([Router("a")], parse("web-01"), lab(kind), {"lab": cluster})
    assert [(each.how, each.router, each.address) for each in found.seen] == [
        ("arp", "a", "10.0.0.5"), ("inside", "110 web-01", "10.0.0.5/24"),
    ]  # fmt: skip
    assert cluster.asked == [f"/nodes/pve1/{kind}/110/{tail}"]
    # The same by an address whose MAC a router knows.
    found = await seek([Router("a")], parse("10.0.0.5"), lab(kind), {"lab": cluster})
    assert [each.how for each in found.seen] == ["arp", "inside"]


async def test_who_is_off_is_not_asked_and_who_is_silent_is_named() -> None:
    cluster = Cluster({"result": ROWS})
    assert not (await seek([], parse("110"), lab(status="stopped"), {"lab": cluster})).seen
    assert cluster.asked == []
    silent = Cluster(Unreachable("asking", where="pve1", why="its agent does not answer"))
    found = await seek([], parse("110"), lab(), {"lab": silent})
    assert found.silent == {"110 web-01": "its agent does not answer"}
    assert (await seek([], parse("vlan 3"), lab(), {"lab": cluster})).seen == ()
