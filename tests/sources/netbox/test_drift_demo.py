"""Drift between the demo's lab and its NetBox: none at first, then exactly what was struck."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from labtui.demo.lab import Lab
from labtui.demo.netbox import untruths
from labtui.demo.netbox.drift import Drift as Strike
from labtui.demo.standard_lab import default_lab
from labtui.model.cluster import Member, Membership, Node, Resources
from labtui.model.drift.difference import Difference
from labtui.model.drift.whole import drift
from labtui.model.guests import Guest, GuestConfig, GuestConfigs, NetDevice
from labtui.model.inventory import Inventory
from labtui.model.snapshot import Snapshot
from tests.demo.netbox_server import serving
from tests.snapshots import NOW, snapshot
from tests.sources.netbox.reading import inventory, read, source_of

GUEST = 112


def truth(lab: Lab, found: Inventory) -> Snapshot:
    """The cluster of the lab as it runs, beside that inventory."""
    guests = tuple(
        Guest(lab.name, each.vmid, "lxc" if each.kind == "lxc" else "qemu", each.name, each.node,
              "running" if each.running else "stopped", cpus=each.cores,
              memory_max=each.memory, disk_max=each.disk, template=each.template)
        for each in lab.guests
    )  # fmt: skip
    configs = {
        each.vmid: GuestConfig(lab.name, each.vmid, "d", NOW, each.node,
                               nets=(NetDevice(0, each.mac.upper(), each.bridge),))
        for each in lab.guests
    }  # fmt: skip
    nodes = tuple(Node(lab.name, each.name, "online") for each in lab.nodes)
    members = tuple(Member(each.name, online=True, address=each.address) for each in lab.nodes)
    return snapshot(
        (lab.name, Resources(nodes, guests)),
        (lab.name, Membership(lab.name, True, members)),
        (lab.name, GuestConfigs(configs)),
        ("netbox", found),
    )


async def struck(*strikes: tuple[Callable[..., None], *tuple[str, ...]]) -> tuple[Difference, ...]:
    """The differences after these strikes, each a function of the pen and its words."""
    lab = default_lab()
    async with serving(lab) as server, source_of(server.base) as source:
        for number, (strike, *words) in enumerate(strikes):
            strike(Strike(server.handle, f"strike {number}"), *words)
        return drift(truth(lab, inventory(await read(source)))).differences


async def test_none_at_first() -> None:
    assert await struck() == ()


@pytest.mark.parametrize(
    "field", [name for name in untruths.WRONG if name not in ("tenant", "address")]
)
async def test_each_field_that_is_wrong(field: str) -> None:
    (only,) = await struck((untruths.guest_wrong, str(GUEST), field))
    what = "interface" if field == "mac" else "guest"
    assert (only.kind, only.what, only.field) == ("different", what, field)
    assert only.lab.endswith(f"/{GUEST}")
    assert only.actual != only.recorded
    assert only.record is not None
    (write, *_others) = [mend for mend in only.mends if mend.direction == "record"]
    assert write.deed == "set"
    assert write.ref is not None
    assert write.ref.id
    assert write.values


async def test_what_is_missing_surplus_and_twice() -> None:
    found = await struck(
        (untruths.guest_missing, "110"),
        (untruths.surplus_guest, "ghost"),
        (untruths.address_twice, "117"),
    )
    assert {(each.kind, each.what, each.severity) for each in found} == {
        ("missing", "guest", "warning"),
        ("surplus", "guest", "notice"),
        ("twice", "address", "warning"),
    }
    missing = next(each for each in found if each.kind == "missing")
    (create,) = missing.mends
    assert create.deed == "create"
    assert dict(create.values)["vmid"] == 110
    assert dict(create.values)["cluster"] == 1


async def test_two_thousand_guests_are_all_compared() -> None:
    lab = default_lab(2000)
    async with serving(lab) as server, source_of(server.base) as source:
        found = drift(truth(lab, inventory(await read(source))))
        assert found.compared["guest"] == 2000
        assert found.differences == ()
