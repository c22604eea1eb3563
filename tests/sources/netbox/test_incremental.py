"""Bringing the inventory up to date with as few requests as will do."""

from __future__ import annotations

import pytest

from labtui.demo.netbox.permissions import Permission
from labtui.demo.netbox.tokens import Token
from labtui.model.records import refs
from labtui.sources.netbox.source import SWEEP
from labtui.sources.netbox.tables import LISTS
from tests.demo.netbox_server import WRITER, Server, serving
from tests.sources.netbox.reading import Clock, inventory, read, source_of

LIMITED = "nbt_limitedtoken." + "l" * 40
VIEW = Permission(("*",))


def paths(server: Server) -> list[str]:
    """The lists that were asked for since the last look, without the log; and forget them."""
    asked = [line.split("/api/")[1].partition("/?")[0] for line in server.asked]
    server.asked.clear()
    return [path for path in asked if path != "core/object-changes"]


async def test_only_the_lists_that_changed_are_asked_and_only_for_what_is_new() -> None:
    async with serving() as server, source_of(server.base) as source:
        first = inventory(await read(source))
        paths(server)
        await server.ask("PATCH", "ipam/ip-addresses/20/", {"description": "changed"})
        server.asked.clear()
        second = inventory(await read(source))
        assert "last_updated__gte=" in "".join(server.asked)
        assert paths(server) == [refs.ADDRESSES]
        assert {each.id: each.description for each in second.addresses}[20] == "changed"
        assert second.machines == first.machines
        assert all(a is b for a, b in zip(first.machines, second.machines, strict=True))


async def test_what_was_deleted_goes_and_little_is_read() -> None:
    async with serving() as server, source_of(server.base) as source:
        first = inventory(await read(source))
        gone = first.machines[3]
        await server.ask("DELETE", f"virtualization/virtual-machines/{gone.id}/")
        paths(server)
        second = inventory(await read(source))
        assert gone.id not in {each.id for each in second.machines}
        assert gone.id not in {
            each.owner_id for each in second.interfaces if each.owner == "machine"
        }
        assert gone.id not in {each.machine for each in second.disks}
        # Its MAC address went too, and may have been on any interface.
        assert set(paths(server)) == {refs.MACHINE_INTERFACES, refs.DEVICE_INTERFACES}


async def test_what_a_row_refers_to_is_as_new_as_its_own_list() -> None:
    """Renaming a tenant bumps no machine, moving its primary address neither."""
    async with serving() as server, source_of(server.base) as source:
        first = inventory(await read(source))
        machine = next(each for each in first.machines if each.tenant and each.address)
        tenant = next(each for each in first.tenants if each.name == machine.tenant)
        held = next(a for a in first.addresses if a.host == machine.address)
        await server.ask("PATCH", f"tenancy/tenants/{tenant.id}/", {"name": "renamed"})
        await server.ask("PATCH", f"ipam/ip-addresses/{held.id}/", {"address": "10.121.250.240/24"})
        second = inventory(await read(source))
        now = next(each for each in second.machines if each.id == machine.id)
        assert (now.tenant, now.address) == ("renamed", "10.121.250.240")


async def test_a_mac_address_that_changes_is_seen_at_its_interface() -> None:
    async with serving() as server, source_of(server.base) as source:
        first = inventory(await read(source))
        face = next(each for each in first.interfaces if each.macs)
        answer = await server.ask(
            "PATCH", f"dcim/mac-addresses/{face.macs[0].id}/", {"mac_address": "02:00:00:00:00:01"}
        )
        assert answer.status == 200
        server.asked.clear()
        second = inventory(await read(source))
        now = next(each for each in second.interfaces if each == face or each.id == face.id)
        assert [mac.mac for mac in now.macs] == ["02:00:00:00:00:01"]
        assert set(paths(server)) == {refs.MACHINE_INTERFACES, refs.DEVICE_INTERFACES}


async def test_a_disk_that_grows_makes_its_machine_larger() -> None:
    """The machine's row is not bumped by it (measured)."""
    async with serving() as server, source_of(server.base) as source:
        disk = inventory(await read(source)).disks[0]
        server.store.change("virtualization.virtualdisk", disk.id, {"size": disk.size + 1}, "x")
        await server.ask("PATCH", f"virtualization/virtual-disks/{disk.id}/",
                         {"size": disk.size + 1024})  # fmt: skip
        second = inventory(await read(source))
        machine = next(each for each in second.machines if each.id == disk.machine)
        assert machine.disk == disk.size + 1024


async def test_a_role_or_a_group_that_is_renamed_is_read_with_everything() -> None:
    async with serving() as server, source_of(server.base) as source:
        await read(source)
        await server.ask("PATCH", "ipam/vrfs/1/", {"name": "other"})
        paths(server)
        second = inventory(await read(source))
        assert len(paths(server)) == len(LISTS)
        assert "other" in {each.vrf for each in second.prefixes}


async def test_without_the_log_each_list_is_asked_for_what_is_new() -> None:
    kinds = (
        *("dcim.site", "tenancy.tenant", "virtualization.cluster", "ipam.prefix", "dcim.device"),
        *("virtualization.virtualmachine", "virtualization.vminterface", "ipam.ipaddress"),
    )
    token = Token(permissions=(Permission(kinds),))
    clock = Clock()
    async with (
        serving(tokens={LIMITED: token}) as server,
        source_of(server.base, token=LIMITED, clock=clock) as source,
    ):
        reading = await read(source)
        first = inventory(reading)
        assert refs.TUNNELS in first.hidden
        assert any(refs.TUNNELS in line for line in reading.complaints)
        assert not first.sees(refs.TUNNELS)
        paths(server)
        await server.ask("PATCH", "virtualization/virtual-machines/1/", {"memory": 4096})
        await server.ask("DELETE", "virtualization/virtual-machines/2/")
        server.asked.clear()
        second = inventory(await read(source))
        assert all("last_updated__gte=" in line for line in server.asked[1:])
        assert next(each.memory for each in second.machines if each.id == 1) == 4096 << 20
        # Nobody tells of what was deleted; a whole reading finds it.
        assert 2 in {each.id for each in second.machines}
        clock.now += SWEEP
        assert 2 not in {each.id for each in inventory(await read(source)).machines}


async def test_a_token_that_sees_a_part_is_found_out() -> None:
    some = Permission(("virtualization.virtualmachine",), constraint={"id__lte": 5})
    others = Permission(("dcim.site", "tenancy.tenant", "virtualization.cluster", "ipam.prefix",
                         "dcim.device"))  # fmt: skip
    token = Token(permissions=(some, others))
    async with (
        serving(tokens={LIMITED: token}) as server,
        source_of(server.base, token=LIMITED) as source,
    ):
        found = inventory(await read(source))
        assert 0 < len(found.machines) < 50
        assert found.partly == (refs.MACHINES,)
    async with serving() as server, source_of(server.base) as source:
        assert inventory(await read(source)).partly == ()


@pytest.mark.parametrize("release", ["4.1", "4.6", "4.7"])
async def test_every_release_tells_the_same(release: str) -> None:
    token = "0123456789abcdef0123456789abcdef01234567" if release == "4.1" else WRITER
    async with (
        serving(release=release, bgp_plugin=True) as server,
        source_of(server.base, token=token) as source,
    ):
        reading = await read(source)
        found = inventory(reading)
        assert reading.complaints == ()
        assert (found.hidden, found.absent, found.unread) == ((), (), ())
        macs = {mac.mac for each in found.interfaces for mac in each.macs}
        assert len(macs) > 50
        # Before 4.2 a MAC address is a text of its interface, and no object.
        ids = {mac.id for each in found.interfaces for mac in each.macs}
        assert (ids == {0}) == (release == "4.1")
        assert all(each.vmid for each in found.machines)
        assert {each.site for each in found.prefixes} >= {"836", "835"}
        assert len(found.sessions) > 4
        assert all(each.remote_as for each in found.sessions)
        assert found.url == server.base


async def test_a_plugin_that_is_not_there_is_no_fault() -> None:
    async with serving() as server, source_of(server.base) as source:
        reading = await read(source)
        assert inventory(reading).absent == (refs.SESSIONS,)
        assert reading.complaints == ()
