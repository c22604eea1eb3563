"""Every field, flag and argument the servers use exists in that version's official schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labtui.demo.routeros.menu import Context
from labtui.demo.routeros.menus import COMMANDS, MENUS
from labtui.demo.routeros.rows import row_of
from labtui.demo.routeros.values import parse_version
from tests.demo.router_client import on_router
from tests.demo.still_clock import Stage

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "data" / "routeros" / "demo-schema.json").read_text("utf-8")
)["paths"]
ROUTERS = ["rt-836", "rt-835", "rt-702", "rt-mou"]
MENUS_BY_PATH = {menu.path: menu for menu in MENUS}
# Its spans say since when a row can be added by hand; rows that can only be read are older.
SETTABLE_LATER = {"/routing/ospf/interface"}
# Menus that every router of the lab has rows in.
FILLED = {
    "/system/identity",
    "/system/resource",
    "/system/clock",
    "/interface",
    "/interface/wireguard",
    "/interface/wireguard/peers",
    "/ip/address",
    "/ip/route",
    "/ip/service",
    "/ip/firewall/filter",
    "/ip/firewall/nat",
    "/ip/firewall/address-list",
    "/ip/neighbor",
    "/log",
    "/routing/bgp/connection",
    "/routing/bgp/session",
    "/routing/bgp/template",
    "/routing/route",
    "/routing/ospf/area",
    "/routing/ospf/instance",
    "/routing/ospf/interface",
    "/routing/ospf/interface-template",
    "/routing/ospf/neighbor",
    "/certificate",
    "/system/package",
    "/tool/netwatch",
    "/user",
    "/user/group",
}


def _within(span: dict[str, Any], version: tuple[int, ...]) -> bool:
    since = parse_version(span.get("since", "7.9"))
    until = parse_version(span.get("until", "7.24.99"))
    return since <= version <= until


def _names(path: str, version: tuple[int, ...]) -> set[str]:
    """All names a row of that version may hold."""
    entry = SCHEMA[path]
    props = entry.get("props", {})
    known = {name for name, span in props.items() if _within(span, version)}
    if path in SETTABLE_LATER:
        return set(entry["readable"]) | set(entry["flags"]) | {".id"}
    # What the newer `get` offers counts unless the tree says that it is newer or older.
    readable = {name for name in entry.get("readable", []) if name not in props}
    return known | readable | set(entry.get("flags", [])) | {".id"}


def _context(stage: Stage, router: str) -> Context:
    entry = stage.world.routers[router]
    policies = frozenset({"read", "sensitive"})
    return Context(stage.world, entry, parse_version(entry.version), policies)


def test_the_lab_covers_four_generations() -> None:
    stage = Stage()
    versions = {router.version.split()[0] for router in stage.world.routers.values()}
    assert versions == {"7.20.4", "7.19.6", "7.16.2", "7.12.2"}


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("path", sorted(MENUS_BY_PATH))
def test_rows_hold_only_what_the_version_knows(router: str, path: str) -> None:
    stage = Stage()
    stage.world.stop_session(stage.session("rt-836", "835") or pytest.fail("no session"))
    stage.world.set_link(3, False)
    stage.wait(200)
    context, menu = _context(stage, router), MENUS_BY_PATH[path]
    if menu.since > context.version:
        assert not _within(SCHEMA[path]["span"], context.version)
        return
    rows = [row_of(context, menu, item) for item in menu.items(context)]
    assert rows or path not in FILLED
    for row in rows:
        assert set(row) <= _names(path, context.version)
    if menu.ident is not None:
        assert len({row[".id"] for row in rows}) == len(rows)


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("path", sorted(MENUS_BY_PATH))
def test_what_can_be_set_is_what_the_version_lets_set(router: str, path: str) -> None:
    context, menu = _context(Stage(), router), MENUS_BY_PATH[path]
    writable = {entry.name for entry in menu.fields if entry.write and entry.exists(context)}
    verbs = SCHEMA[path]["cmds"]
    assert writable <= set(verbs.get("set", {}))
    assert writable <= _names(path, context.version)
    for command in menu.commands:
        known = verbs[command.verb]
        for parameter in command.parameters:
            exists = parameter.since <= context.version <= parameter.until
            assert exists == _within(known[parameter.name], context.version), parameter


VERSIONS = [(7, minor, patch) for minor in range(9, 25) for patch in (0, 2, 4, 6, 8)]


@pytest.mark.parametrize("path", sorted(MENUS_BY_PATH))
def test_no_field_shows_outside_its_versions(path: str) -> None:
    menu, stage = MENUS_BY_PATH[path], Stage()
    for version in VERSIONS:
        context = Context(stage.world, stage.world.routers["rt-836"], version, frozenset())
        shown = {entry.name for entry in menu.fields if entry.exists(context)}
        if version >= menu.since:
            assert shown <= _names(path, version), version


def test_ping_takes_and_returns_what_the_reference_lists() -> None:
    ping = COMMANDS["/tool/ping"]
    assert {parameter.name for parameter in ping.parameters} <= set(SCHEMA["/tool/ping"]["args"])


async def test_ping_rows_hold_what_the_reference_lists() -> None:
    listed = set(SCHEMA["/tool/ping"]["returns"]) | {"size", "ttl"}
    async with on_router(Stage()) as client:
        for address in ("10.255.0.1", "198.18.0.1"):
            rows = await client.rows("/tool/ping", f"=address={address}", "=count=1")
            assert set(rows[0]) <= listed


@pytest.mark.parametrize(
    ("router", "present", "absent"),
    [
        ("rt-836", {"instance", "afi"}, {"router-id", "address-families"}),
        ("rt-835", {"router-id", "afi"}, {"instance", "address-families"}),
        ("rt-702", {"router-id", "address-families"}, {"instance", "afi"}),
        ("rt-mou", {"router-id", "address-families"}, {"instance", "afi"}),
    ],
)
def test_connections_by_version(router: str, present: set[str], absent: set[str]) -> None:
    context, menu = _context(Stage(), router), MENUS_BY_PATH["/routing/bgp/connection"]
    row = row_of(context, menu, menu.items(context)[0])
    assert present <= set(row)
    assert not absent & set(row)
