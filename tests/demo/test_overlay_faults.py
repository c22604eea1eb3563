"""Every fault of the network: it begins, shows in what a router answers, and mends completely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labtui.demo.faults.fault import Fault
from labtui.demo.faults.overlay import OVERLAY_FAULTS
from labtui.demo.overlay.memory import router_configuration
from tests.demo.router_client import on_router
from tests.demo.still_clock import Stage

FAULTS: dict[str, Fault] = {fault.name: fault for fault in OVERLAY_FAULTS}
Rows = list[dict[str, str]]

PEERS = "/interface/wireguard/peers/print"
SESSIONS = "/routing/bgp/session/print"
ROUTES = "/routing/route/print"


def _lab(stage: Stage) -> Any:
    """As much of a running lab as a fault of the network looks at."""
    return cast("Any", SimpleNamespace(lab=stage.world.lab, overlay=stage.world))


def _stale(rows: Rows) -> bool:
    """Minutes or more, or no handshake at all."""
    ages = [row.get("last-handshake") for row in rows]
    return all(age is None or ("m" in age and int(age.partition("m")[0]) >= 3) for age in ages)


def _no_session(rows: Rows) -> bool:
    return not any("established" in row for row in rows)


def _none(rows: Rows) -> bool:
    return rows == []


def _some(rows: Rows) -> bool:
    return len(rows) > 0


def _timeouts(rows: Rows) -> bool:
    return rows[-1]["received"] == "0"


def _losing(rows: Rows) -> bool:
    return 0 < int(rows[-1]["packet-loss"]) < 100


def _slow(rows: Rows) -> bool:
    return all(int(row["time"].partition("ms")[0]) >= 200 for row in rows)


def _notified(code: str) -> Callable[[Rows], bool]:
    return lambda rows: any(row.get("output.last-notification", "").endswith(code) for row in rows)


def _two_paths(rows: Rows) -> bool:
    return any(row["bgp.as-path"].split(",")[-1] == "65080" for row in rows)


@dataclass(frozen=True)
class Sight:
    """Where a fault shows: the router asked, its answer, and how long it takes to show."""

    target: str
    words: tuple[str, ...]
    broken: Callable[[Rows], bool]
    router: str = "rt-836"
    wait: float = 400.0
    options: dict[str, float] = field(default_factory=dict)


_PEER_MOU = (PEERS, "?interface=wg-mou")
_BGP_MOU = (SESSIONS, "?name=to-mou-1")
_PING_MOU = ("/tool/ping", "=address=10.255.0.5", "=count=20", "=interval=10ms")
_NET_702 = "10.121.170.0/24"

SIGHTS = {
    "uplink-down": Sight("mou", _PEER_MOU, _stale),
    "link-cut": Sight("3", _PEER_MOU, _stale),
    "link-loss": Sight("3", _PING_MOU, _losing, wait=10.0),
    "link-flap": Sight("3", _PING_MOU, _timeouts, wait=100.0),
    "link-slow": Sight("3", _PING_MOU, _slow, wait=10.0),
    "link-mtu": Sight("3", (*_PING_MOU, "=size=1400"), _timeouts, wait=10.0),
    "udp-filtered": Sight("3", _PEER_MOU, _stale),
    "wireguard-key-mismatch": Sight("3", _PEER_MOU, _stale),
    "wireguard-endpoint-wrong": Sight("3", _PEER_MOU, _stale),
    "wireguard-peer-disabled": Sight("3", (*_PEER_MOU, "?disabled=true"), _some),
    "l2tp-server-off": Sight(
        "rt-836", ("/interface/l2tp-client/print", "?running=true"), _none, "rt-835"
    ),
    "ipsec-secret-mismatch": Sight(
        "rt-835", ("/ip/ipsec/active-peers/print", "?state=established"), _none
    ),
    "bgp-disabled": Sight("3", _BGP_MOU, _no_session, "rt-836"),
    "bgp-asn-mismatch": Sight("3", _BGP_MOU, _notified("0202"), wait=100.0),
    "bgp-hold-flap": Sight("3", _BGP_MOU, _notified("0400"), wait=260.0),
    "prefix-missing": Sight(
        "702", (ROUTES, f"?dst-address={_NET_702}", "?bgp=true"), _none, wait=5.0
    ),
    "prefix-leaked": Sight(
        "702", (ROUTES, "?dst-address=172.31.2.0/24", "?bgp=true"), _some, wait=5.0
    ),
    "prefix-twice": Sight(
        "702", (ROUTES, f"?dst-address={_NET_702}", "?bgp=true"), _two_paths, wait=5.0
    ),
    "ospf-area-mismatch": Sight("rt-835", ("/routing/ospf/neighbor/print",), _none, wait=60.0),
    "router-power-off": Sight("rt-mou", _PEER_MOU, _stale),
    "router-reboot": Sight("rt-mou", _PING_MOU, _timeouts, wait=10.0),
    "router-clock-off": Sight("rt-702", (PEERS, "?interface=wg-702"), _stale),
    "router-busy": Sight(
        "rt-836", ("/system/resource/print", "?>cpu-load=95"), _some, options={"seconds": 0.01}
    ),
    "router-sessions-full": Sight("rt-836", (), _none),
}


def _health(stage: Stage) -> tuple[object, ...]:
    world = stage.world
    return (
        [item.established for item in world.adjacencies],
        [tunnel.passing(world.now) for tunnel in world.tunnels],
        [line.passing(world.now) for line in world.lines],
        [hood.full(world.now) for hood in world.neighbourhoods],
        dict(world.paths),
        [router_configuration(router) for router in world.routers.values()],
        [(router.up, router.clock_offset, router.strangers) for router in world.routers.values()],
    )


def test_all_faults_are_told_apart_and_have_a_sight() -> None:
    assert len(FAULTS) == len(OVERLAY_FAULTS)
    assert set(FAULTS) == set(SIGHTS)
    layers = {fault.layer for fault in OVERLAY_FAULTS}
    assert layers == {"underlay", "tunnel", "routing", "router"}
    assert all(fault.says.endswith(".") for fault in OVERLAY_FAULTS)


@pytest.mark.parametrize("name", [name for name, sight in SIGHTS.items() if sight.words])
async def test_a_fault_shows_and_is_mended(name: str) -> None:
    fault, sight, stage = FAULTS[name], SIGHTS[name], Stage(speed=1000.0)
    lab = _lab(stage)
    stage.wait(30)
    healthy = _health(stage)
    async with on_router(stage, sight.router) as client:
        assert not sight.broken(await client.rows(*sight.words))
        fault.begin(lab, sight.target, sight.options)
        fault.begin(lab, sight.target, sight.options)
        stage.wait(sight.wait)
        assert sight.broken(await client.rows(*sight.words))
        fault.end(lab, sight.target, sight.options)
        fault.end(lab, sight.target, sight.options)
        stage.wait(700)
        assert not sight.broken([row for row in await client.rows(*sight.words) if _fresh(row)])
    assert _health(stage) == healthy
    assert not stage.world.undo


def _fresh(row: dict[str, str]) -> bool:
    """A session that came back still tells why it once fell."""
    return "output.last-notification" not in row


@pytest.mark.parametrize("fault", OVERLAY_FAULTS, ids=lambda fault: fault.name)
def test_every_target_can_be_struck_and_mended(fault: Fault) -> None:
    stage = Stage()
    lab = _lab(stage)
    stage.wait(30)
    healthy = _health(stage)
    targets = fault.targets(lab)
    assert targets
    for target in targets:
        fault.begin(lab, target, {})
    stage.wait(700)
    for target in targets:
        fault.end(lab, target, {})
    stage.wait(1000)
    assert _health(stage) == healthy


@pytest.mark.parametrize("fault", OVERLAY_FAULTS, ids=lambda fault: fault.name)
def test_unknown_targets_and_wrong_options_are_refused(fault: Fault) -> None:
    lab = _lab(Stage())
    with pytest.raises(KeyError):
        fault.begin(lab, "nowhere", {})
    with pytest.raises(KeyError):
        fault.end(lab, "nowhere", {})
    for name in fault.options:
        with pytest.raises(ValueError, match=name):
            fault.begin(lab, fault.targets(lab)[0], {name: 1e12})
    assert not lab.overlay.undo


async def test_a_full_router_cuts_and_takes_nobody() -> None:
    stage = Stage()
    lab = _lab(stage)
    fault = FAULTS["router-sessions-full"]
    async with on_router(stage) as client:
        fault.begin(lab, "rt-836", {})
        assert await client.sentence() == []
    with pytest.raises(AssertionError):
        async with on_router(stage):
            pass
    fault.end(lab, "rt-836", {})
    async with on_router(stage) as client:
        assert await client.rows("/user/active/print", "=.proplist=name") == [{"name": "rw"}]
