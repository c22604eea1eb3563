"""Rows of real routers beside rows of the demo's: the same names, and values of the same form.

What differs is listed with its reason, so that a new difference fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from labtui.demo.routeros.menu import Context
from labtui.demo.routeros.menus import MENUS, OLD_MENUS
from labtui.demo.routeros.rows import row_of
from labtui.demo.routeros.values import parse_version
from tests.demo.branch_lab import branch_lab
from tests.demo.router_client import on_router
from tests.demo.still_clock import Stage

DATA = Path(__file__).parents[1] / "data" / "routeros"
SEVEN = {menu.path: menu for menu in MENUS}
SIX = {menu.path: menu for menu in OLD_MENUS}

# Names of recorded rows that the demo's rows do not have, with the reason.
UNSET = "a setting that nobody made here"
OTHER = "belongs to hardware or a service that the lab does not have"
ABSENT: dict[str, dict[str, str]] = {
    "/interface": {
        "l2mtu": OTHER,
        "max-l2mtu": OTHER,
        "fast-path": OTHER,
        "fp-rx-byte": OTHER,
        "fp-rx-packet": OTHER,
        "fp-tx-byte": OTHER,
        "fp-tx-packet": OTHER,
        "last-link-down-time": "no link of the lab's ports was ever down",
        "inactive": UNSET,
    },
    "/interface/wireguard/peers": dict.fromkeys(
        ("client-address", "client-dns", "client-keepalive", "client-listen-port"),
        "belongs to exported configurations of people",
    ),
    "/ip/neighbor": dict.fromkeys(
        (
            "unpack",
            "uptime",
            "software-id",
            "interface-name",
            "system-description",
            "system-caps",
            "system-caps-enabled",
            "address6",
            "ipv6",
        ),
        "the switch and the nodes say less of themselves",
    ),
    "/ip/dhcp-server/lease": {
        "age": UNSET,
        "class-id": UNSET,
        "comment": UNSET,
        "1.37.0": "the second word of a class id, cut off when the text was taken apart",
    },
    "/ip/firewall/nat": {"out-interface": UNSET, "src-address-list": UNSET},
    "/ip/service": {},
    "/tool/netwatch": dict.fromkeys(
        ("down-script", "up-script", "test-script", "http-codes"), UNSET
    ),
    "/ip/ipsec/active-peers": {
        "id": "the other side has no name of its own with a shared secret",
        "dynamic-address": "no mode-config in the lab",
        "spii": "secrets of phase 1",
        "spir": "secrets of phase 1",
    },
    "/ip/ipsec/installed-sa": {"auth-key": "a live key", "enc-key": "a live key"},
    "/ip/ipsec/policy": {},
    "/ip/ipsec/peer": {"responder": UNSET},
    "/ip/ipsec/identity": {},
    "/interface/l2tp-client": dict.fromkeys(
        (
            "allow-fast-path",
            "dial-on-demand",
            "l2tp-proto-version",
            "l2tpv3-digest-hash",
            "mrru",
            "use-peer-dns",
        ),
        UNSET,
    ),
    "/ppp/secret": dict.fromkeys(
        (
            "caller-id",
            "ipv6-routes",
            "last-caller-id",
            "last-disconnect-reason",
            "last-logged-out",
            "limit-bytes-in",
            "limit-bytes-out",
            "routes",
        ),
        UNSET,
    ),
    "/routing/ospf/neighbor": {
        "dr": "ptp has no designated router",
        "bdr": "ptp has no designated router",
        "priority": "ptp has no designated router",
    },
}
OLDER = {
    "/interface": {"fast-path": OTHER},
    "/routing/bgp/peer": {
        "update-source": UNSET,
        "comment": UNSET,
    },
    "/routing/ospf/neighbor": {"area": "of 7", "dr": "of 7", "bdr": "of 7", "timeout": "of 7"},
}

_FORMS = (
    ("number", re.compile(r"\d+")),
    ("flag", re.compile(r"true|false|yes|no|")),
    ("duration", re.compile(r"(?:\d+(?:ms|us|[wdhms]))+")),
    ("pair", re.compile(r"(?:\d+[wdhms])+/(?:\d+[wdhms])+")),
    ("address", re.compile(r"[0-9a-f:.]+(?:/\d+)?(?:%\S+)?")),
)
# Names whose values are words of any kind, or lists that may be a single word.
_ANY = frozenset({"name", "comment", "type", "area", "instance", "id", "vrf", "address-lists"})


def _form(value: str) -> str:
    return next((name for name, form in _FORMS if form.fullmatch(value)), "text")


def _samples(name: str) -> Iterator[tuple[str, str, list[dict[str, str]]]]:
    """Path, form and rows of every sample of a file."""
    document = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    for sample in document["samples"]:
        where: str = sample.get("_path", document.get("_path", ""))
        path = where.partition(" ")[0].removesuffix("/print")
        rows = sample.get("rows", sample.get("rows_expanded", []))
        old = "6." in sample.get("_version", "") or "RouterOS 6" in document.get("_path", "")
        yield path, "6" if old else "7", [_plain(row) for row in rows]


def _plain(row: dict[str, Any]) -> dict[str, str]:
    """A cast row as the wire has it."""
    words = {True: "true", False: "false"}
    return {
        name: words[value] if isinstance(value, bool) else str(value)
        for name, value in row.items()
        if not name.startswith("_")
    }


def _rows(stage: Stage, path: str, *, old: bool) -> list[dict[str, str]]:
    """All rows of all routers of the lab of that generation, with everything visible."""
    found = []
    for router in stage.world.routers.values():
        version = parse_version(router.version)
        menu = (SIX.get(path) if old else None) or SEVEN.get(path) or SIX.get(path)
        if menu is None or (version < (7,)) is not old or not menu.exists(version):
            continue
        context = Context(stage.world, router, version, frozenset({"read", "sensitive"}))
        found += [row_of(context, menu, item) for item in menu.items(context)]
    return found


RECORDED = [
    (name, path, generation, rows)
    for name in (
        "interface",
        "interface-wireguard",
        "interface-wireguard-peers",
        "ip-dhcp-server-lease",
        "ip-firewall-nat",
        "ip-ipsec",
        "ip-neighbor",
        "ip-service",
        "l2tp-ppp",
        "routing-ospf-neighbor",
        "tool-netwatch",
        "v6-routing-bgp-peer",
    )
    for path, generation, rows in _samples(name)
    if rows and (path in SEVEN or path in SIX)
]


@pytest.mark.parametrize(
    ("path", "generation", "recorded"),
    [entry[1:] for entry in RECORDED],
    ids=[f"{entry[0]}-{entry[1]}-{index}" for index, entry in enumerate(RECORDED)],
)
def test_rows_are_those_of_real_routers(
    path: str, generation: str, recorded: list[dict[str, str]]
) -> None:
    old = generation == "6"
    stage = Stage(lab=branch_lab())
    stage.wait(10)
    mine = _rows(stage, path, old=old)
    if not mine:
        pytest.skip("nobody in the lab has a row there")
    names = set().union(*mine)
    excused = set(OLDER.get(path, {})) if old else set(ABSENT.get(path, {}))
    for row in recorded:
        missing = set(row) - names - excused - {".id"}
        assert not missing
    for name in names & set().union(*recorded) - _ANY:
        forms = {_form(row[name]) for row in recorded if name in row}
        own = {_form(row[name]) for row in mine if name in row}
        loose = forms | {"flag"} if "number" in forms or "text" in forms else forms
        assert own & loose or "text" in forms | own, (name, own, forms)


def test_enough_was_compared() -> None:
    assert len(RECORDED) >= 15
    assert {path for _, path, _, _ in RECORDED} >= {
        "/ip/ipsec/active-peers",
        "/routing/ospf/neighbor",
        "/interface/l2tp-client",
        "/routing/bgp/peer",
    }


async def test_a_ping_has_the_recorded_words() -> None:
    document = json.loads((DATA / "ping.json").read_text("utf-8"))
    recorded = set(document["samples"][0]["rows"][0])
    async with on_router(Stage(speed=1000.0)) as client:
        rows = await client.rows("/tool/ping", "=address=10.255.0.1", "=count=2")
    assert all(set(row) == recorded for row in rows)
