"""The source over a real socket, against the demo's NetBox."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web

from labtui.demo.netbox import troubles
from labtui.demo.standard_lab import default_lab
from labtui.model.errors import Refused, Unexpected, Unreachable
from labtui.sources.netbox import connect
from labtui.sources.netbox.source import SWEEP
from labtui.sources.netbox.tables import LISTS
from tests.demo.netbox_server import OLD_READER, READER, serving
from tests.sources.netbox.reading import Clock, inventory, read, source_of


@pytest.mark.parametrize("token", [READER, OLD_READER])
async def test_the_whole_lab(token: str) -> None:
    lab = default_lab()
    async with serving(lab) as server, source_of(server.base, token=token) as source:
        reading = await read(source)
        found = inventory(reading)
        assert (reading.via, reading.complaints, found.version) == (server.base, (), "4.6")
        assert {site.name: site.asns for site in found.sites} == {
            site.name: (site.asn,) for site in lab.sites
        }
        owners = {person.slug: person.name for person in lab.people}
        machines = {machine.vmid: machine for machine in found.machines}
        assert set(machines) == {guest.vmid for guest in lab.guests}
        for guest in lab.guests:
            machine = machines[guest.vmid]
            assert (machine.name, machine.node, machine.memory, machine.vcpus) == (
                guest.name,
                guest.node,
                guest.memory,
                guest.cores,
            )
            assert (machine.cluster, machine.tenant) == (lab.name, owners[guest.owner])
            assert machine.address in ("", guest.address)
        assert {device.name for device in found.devices if device.role == "Router"} == {
            site.router for site in lab.sites
        }
        assert {p.prefix: p.site for p in found.prefixes if p.site} == {
            site.subnet: site.name for site in lab.sites
        }


async def test_few_requests_for_many_guests() -> None:
    async with serving(default_lab(2100)) as server, source_of(server.base) as source:
        interfaces = [row["id"] for row in server.store.rows("virtualization.vminterface")]
        for number in interfaces:
            values = {
                "address": f"10.{64 + (number >> 16)}.{number >> 8 & 255}.{number & 255}/10",
                "assigned_object_type": "virtualization.vminterface",
                "assigned_object_id": number,
            }
            server.store.put("ipam.ipaddress", values, "2026-01-01T00:00:00Z")
        found = inventory(await read(source))
        assert len({machine.id for machine in found.machines}) == 2100
        # The log, one page of each list, three of machines, interfaces, addresses, disks and
        # nothing fetched one by one.
        assert len(found.addresses) > 2000
        assert len(found.interfaces) > 2100
        assert len(server.asked) == 1 + len(LISTS) + 4 * 2
        assert all("fields=" in asked for asked in server.asked)


async def test_nothing_new_is_one_request() -> None:
    async with serving() as server, source_of(server.base) as source:
        first = inventory(await read(source))
        server.asked.clear()
        assert inventory(await read(source)) is first
        assert len(server.asked) == 1


async def test_a_change_is_seen_and_equal_rows_stay_the_same_objects() -> None:
    async with serving() as server, source_of(server.base) as source:
        first = inventory(await read(source))
        path = "virtualization/virtual-machines/"
        await server.ask("PATCH", f"{path}1/", {"memory": 4096})
        await server.ask("DELETE", f"{path}2/")
        second = inventory(await read(source))
        before = {machine.id: machine for machine in first.machines}
        after = {machine.id: machine for machine in second.machines}
        assert after[1].memory == 4096 << 20
        assert 2 not in after
        assert all(after[number] is before[number] for number in after if number != 1)


async def test_everything_is_read_again_now_and_then() -> None:
    clock = Clock()
    async with serving() as server, source_of(server.base, clock=clock) as source:
        await read(source)
        # Past the log, as a script on the server could.
        server.store.change("virtualization.virtualmachine", 1, {"name": "renamed"}, "2026-01-01")
        assert inventory(await read(source)).machines[0].name == "gw-836"
        clock.now += SWEEP
        assert inventory(await read(source)).machines[0].name == "renamed"


async def test_rows_that_come_and_go_while_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "PAGE", 10)
    async with serving() as server, source_of(server.base) as source:
        machines = "virtualization/virtual-machines"
        seen = connect.Client.page

        def page(client: connect.Client, question: object, filters: dict[str, object]) -> object:
            rows = seen(client, question, filters)  # type: ignore[arg-type]  # passed on
            number = filters.get("id__gte", 0)
            if machines in str(question) and number == 11:
                # Those read already go; by offset the next page would now jump over three.
                for gone in (1, 2, 3):
                    server.store.drop("virtualization.virtualmachine", gone)
            return rows

        monkeypatch.setattr(connect.Client, "page", page)
        found = {machine.id for machine in inventory(await read(source)).machines}
        assert found == set(range(1, 59))


async def test_a_token_that_is_not_known() -> None:
    async with serving() as server, source_of(server.base, token="f" * 40) as source:
        with pytest.raises(Refused, match="not known there"):
            await read(source)


async def test_no_netrc_and_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With them requests would replace the token, or send it elsewhere."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with serving() as server, source_of(server.base) as source:
        assert inventory(await read(source)).machines


async def test_the_report() -> None:
    async with serving() as server, source_of(server.base) as source:
        report = await source.probe()
        assert (report.reached, report.user, report.version) == (True, "admin", "4.6")
        assert (report.hidden, report.problem) == ((), None)
    async with source_of(server.base) as source:
        report = await source.probe()
        assert not report.reached
        assert report.problem is not None
        assert report.problem.kind == "unreachable"


async def test_threads_that_lost_their_database_stumble_once_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a restart of PostgreSQL each of NetBox's threads answers one 500 (measured)."""
    stumbles = 0
    async with serving() as server, source_of(server.base) as source:

        def broken() -> web.Response:
            nonlocal stumbles
            stumbles += 1
            server.handle.trouble = "database" if stumbles < 3 else ""
            return troubles.database()

        monkeypatch.setitem(troubles.FROM_SERVER, "database", broken)
        server.handle.trouble = "database"
        assert inventory(await read(source)).machines
        assert stumbles == 3


async def test_a_database_that_stays_away_is_not_asked_for_long() -> None:
    async with serving() as server, source_of(server.base) as source:
        server.handle.trouble = "database"
        with pytest.raises(Unexpected, match="OperationalError"):
            await read(source)
        assert len(server.asked) == 4


async def test_a_write_that_was_never_sent_is_no_lost_answer() -> None:
    async with serving() as server, source_of(server.base) as source:
        assert inventory(await read(source)).machines
    async with source_of(server.base) as source:
        with pytest.raises(Unreachable, match="refused"):
            await source.call("PATCH", "virtualization/virtual-machines/1", {"memory": 1})
