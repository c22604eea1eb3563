"""One of five nodes, a router, NetBox, or all at once: the rest comes, whole and fresh."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from labtui.model.cluster import Membership, Resources
from labtui.model.feed import Feed
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot
from tests.chaos.outside import World, world
from tests.chaos.reading import (
    CLUSTER,
    ROUTERS,
    guests,
    members,
    reading,
    records,
    routers,
    until,
)

RESOURCES = Feed("proxmox", CLUSTER, "resources")
ALL_GUESTS = 58
# NetBox is a guest there: it comes back when the HA manager has started it elsewhere.
_HOST_OF_NETBOX = ("pve1", "node-power-off")


@pytest.fixture(scope="module")
def lab() -> Iterator[World]:
    with world(speed=20, nodes=5, delays=1.0) as made:
        yield made


@pytest.fixture
def broken(lab: World) -> Iterator[World]:
    yield lab
    lab.heal()


def _whole(snapshot: Snapshot, *dead: str) -> None:
    resources = snapshot.one(Resources, CLUSTER)
    assert resources is not None
    assert len(resources.guests) == ALL_GUESTS
    assert {node.name for node in resources.nodes} == {f"pve{n}" for n in range(1, 6)}
    fresh = snapshot.freshness[RESOURCES]
    assert fresh.problem is None and not fresh.stale(time.time())
    away = {seen.guest.node for seen in seen_guests(snapshot).values() if seen.node_online is False}
    assert away <= set(dead)


def _read(snapshot: Snapshot) -> bool:
    return guests(snapshot) and members(snapshot)


@pytest.mark.parametrize(
    ("node", "fault"),
    [
        ("pve1", "server-hang"),
        ("pve1", "node-power-off"),
        ("pve3", "server-hang"),
        ("pve3", "server-blackhole"),
        ("pve3", "node-workers-busy"),
    ],
)
async def test_a_dead_node_hides_nobody_else(broken: World, node: str, fault: str) -> None:
    broken.break_(fault, node)
    async with reading(broken) as console:
        snapshot = await until(console, _read)
        # The very first reading came about: none failed before it because of the dead node.
        assert snapshot.freshness[RESOURCES].sequence == 1
        _whole(snapshot, node)
        await until(console, routers(*ROUTERS))
        if (node, fault) != _HOST_OF_NETBOX:
            await until(console, records)


async def test_a_dead_node_is_told_and_its_guests_are_away(broken: World) -> None:
    broken.break_("node-power-off", "pve3")

    def away(snapshot: Snapshot) -> bool:
        membership = snapshot.one(Membership, CLUSTER)
        return guests(snapshot) and membership is not None and "pve3" not in membership.online

    async with reading(broken) as console:
        snapshot = await until(console, away)
        seen = seen_guests(snapshot).values()
        assert any(each.node_online is False for each in seen)
        assert all((each.node_online is False) is (each.guest.node == "pve3") for each in seen)


@pytest.mark.parametrize("router", ROUTERS)
async def test_a_silent_router_hides_no_other(broken: World, router: str) -> None:
    broken.break_("server-hang", router)
    others = tuple(name for name in ROUTERS if name != router)
    async with reading(broken) as console:
        _whole(await until(console, _read))
        snapshot = await until(console, routers(*others))
        assert not routers(router)(snapshot)
        await until(console, records)


async def test_a_silent_netbox_hides_nothing_else(broken: World) -> None:
    broken.break_("server-hang", "netbox")
    async with reading(broken) as console:
        _whole(await until(console, _read))
        assert not records(await until(console, routers(*ROUTERS)))


async def test_nobody_answers_and_then_all_do(broken: World) -> None:
    register = {fault["name"]: fault["targets"] for fault in broken.faults()}
    # Nor by way of SSH, which is what is left when no API answers.
    for fault in ("server-refuse", "ssh-refuses-key"):
        for target in register[fault]:
            broken.break_(fault, target)

    # These go by what others have read, and ask nobody while that is nothing.
    later = ("configs", "agents", "use")

    def all_failed(snapshot: Snapshot) -> bool:
        first = [f for feed, f in snapshot.freshness.items() if feed.topic not in later]
        return bool(first) and all(fresh.problem is not None for fresh in first)

    async with reading(broken) as console:
        snapshot = await until(console, all_failed)
        assert not guests(snapshot) and not records(snapshot)
        broken.mend()
        _whole(await until(console, _read))
        await until(console, routers(*ROUTERS))
