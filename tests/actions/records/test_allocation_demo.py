"""Handing out what is free, over the demo: two processes at once, lost answers, SIGKILL."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from labtui.actions.records.action import MEND
from labtui.actions.records.allocation import Given, allocate, give_back, keep, left_over
from labtui.actions.records.allot_action import ALLOCATE
from labtui.model.cluster import Resources
from labtui.model.errors import LabError, OutcomeUnknown, Rejected
from labtui.model.guests import GuestConfig, GuestConfigs, NetDevice
from labtui.model.inventory import Inventory
from labtui.model.records.refs import Ref
from labtui.sources.netbox.source import NetboxSource
from tests.actions.records.grabber import GrabbingWire
from tests.demo.netbox_server import WRITER, Server, serving
from tests.snapshots import NOW, guest, node, snapshot
from tests.sources.netbox.reading import inventory, read, source_of

BODY = {"prefix": "10.99.0.0/24", "status": "active"}


async def pool_of(server: Server) -> Ref:
    made = await server.ask("POST", "ipam/prefixes/", BODY)
    assert made.status == 201
    return Ref("ipam/prefixes", made.body["id"], "10.99.0.0/24")


async def inside(server: Server) -> list[str]:
    found = await server.get("ipam/ip-addresses/?parent=10.99.0.0/24&limit=100")
    return [row["address"] for row in found["results"]]


async def grabber(
    server: Server, folder: Path, pool: Ref, count: int
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.actions.records.grabber",
        server.base, str(folder), str(pool.id), str(count),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip


def wire_of(source: NetboxSource, folder: Path) -> GrabbingWire:
    return GrabbingWire(source, folder)


async def test_twenty_at_once_from_two_processes_are_twenty_different_ones(tmp_path: Path) -> None:
    async with serving() as server:
        pool = await pool_of(server)
        processes = [await grabber(server, tmp_path / name, pool, 10) for name in "ab"]
        outs = await asyncio.gather(*(each.communicate() for each in processes))
        given = [line for out, _err in outs for line in out.decode().split()]
        assert len(given) == len(set(given)) == 20
        assert set(given) == set(await inside(server))


async def test_killed_between_journal_and_answer_nothing_is_lost(tmp_path: Path) -> None:
    async with serving() as server:
        pool = await pool_of(server)
        folder = tmp_path / "a"
        server.handle.delay = 0.5
        killed = await grabber(server, folder, pool, 3)
        for _turn in range(400):
            if folder.exists() and len(list(folder.glob("*.jsonl"))) == 3:
                break
            await asyncio.sleep(0.02)
        # The requests are on their way; NetBox answers nobody.
        await asyncio.sleep(0.2)
        killed.send_signal(signal.SIGKILL)
        await killed.wait()
        server.handle.delay = 0.0
        await asyncio.sleep(0.8)
        async with source_of(server.base, token=WRITER) as source:
            wire = wire_of(source, folder)
            records = await wire.records()
            assert len(records) == 3
            assert all(record.interrupted for record in records)
            for record in records:
                assert ALLOCATE.resumed is not None
                plan = ALLOCATE.draft(await ALLOCATE.resumed(record.id, wire), "", "")
                assert plan.ready, plan.blockers
                assert (await ALLOCATE.run(plan, wire, lambda _news: None)).state == "done"
            assert not any(record.interrupted for record in await wire.records())
            wire.books.close()
        assert await inside(server) == []


async def given_one(server: Server, wire: GrabbingWire) -> Given:
    return await allocate(wire, await pool_of(server), "address", "web server")


async def test_given_back_unless_somebody_uses_it(tmp_path: Path) -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        wire = wire_of(source, tmp_path)
        given = await given_one(server, wire)
        assert await inside(server) == [given.value]
        await give_back(wire, given)
        assert await inside(server) == []
        other = await allocate(wire, Ref("ipam/prefixes", 1, "x"), "prefix", "lan", length=28)
        await server.ask("PATCH", f"ipam/prefixes/{other.ref.id}/", {"description": "mine now"})
        with pytest.raises(Rejected, match="in use"):
            await give_back(wire, other)
        await keep(wire, other)
        wire.books.close()


async def test_a_lost_answer_is_found_by_its_description(tmp_path: Path) -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        wire = wire_of(source, tmp_path)

        def lose(_call: object) -> None:
            raise OutcomeUnknown("the answer never came")

        wire.after = lose
        given = await given_one(server, wire)
        assert await inside(server) == [given.value]
        assert len(wire.calls) == 1
        wire.before = lose
        with pytest.raises(OutcomeUnknown) as caught:
            await allocate(wire, Ref("ipam/prefixes", 1, "x"), "address", "never sent")
        assert "jobs resume" in caught.value.remedy
        (record,) = [each for each in await wire.records() if "never" in each.header.title]
        assert await left_over(wire, record.header) is None
        wire.books.close()


async def test_nothing_free_and_no_right_are_said_as_such(tmp_path: Path) -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        wire = wire_of(source, tmp_path)
        made = await server.ask("POST", "ipam/prefixes/", {**BODY, "prefix": "10.98.0.0/31"})
        pool = Ref("ipam/prefixes", made.body["id"], "10.98.0.0/31")
        for _turn in range(2):
            await keep(wire, await allocate(wire, pool, "address", "x"))
        with pytest.raises(Rejected, match="Insufficient"):
            await allocate(wire, pool, "address", "x")
        plan = ALLOCATE.draft(await ALLOCATE.survey(f"ipam/prefixes/{pool.id}", wire), "", "")
        assert any("nothing is free" in text for text in plan.blockers)
        wire.books.close()
    async with serving() as server, source_of(server.base) as source:
        wire = wire_of(source, tmp_path)
        with pytest.raises(LabError):
            await allocate(wire, await pool_of(server), "address", "x")
        wire.books.close()


async def test_as_numbers_of_a_narrow_and_of_a_wide_range(tmp_path: Path) -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        wire = wire_of(source, tmp_path)
        rir = (await server.get("ipam/rirs/"))["results"][0]["id"]
        for name, start, end in (("n", 64900, 64999), ("w", 4250000000, 4294967294)):
            body = {"name": name, "slug": name, "rir": rir, "start": start, "end": end}
            made = await server.ask("POST", "ipam/asn-ranges/", body)
            pool = Ref("ipam/asn-ranges", made.body["id"], name)
            got = [await allocate(wire, pool, "asn", "x") for _turn in range(3)]
            assert len({each.value for each in got}) == 3
            assert all(start <= int(each.value) <= end for each in got)
        assert not any("available-asns" in each for each in server.asked[-3:])
        wire.books.close()


def test_both_actions_are_only_for_what_is_there() -> None:
    empty = snapshot(("netbox", Inventory("4.6")))
    assert MEND.applies("x", empty)
    assert ALLOCATE.applies("ipam/prefixes/1", empty)
    assert ALLOCATE.applies("ipam/vlans/1", empty)


async def test_what_somebody_has_or_a_dhcp_server_gives_out_is_said(tmp_path: Path) -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        wire = wire_of(source, tmp_path)
        pool = await pool_of(server)
        subject = f"ipam/prefixes/{pool.id}"
        body = {"start_address": "10.99.0.1/24", "end_address": "10.99.0.9/24"}
        await server.ask("POST", "ipam/ip-ranges/", {**body, "description": "DHCP"})
        net = NetDevice(0, "bc:24:11:00:00:01", "vmbr0", address="10.99.0.1/24")
        config = GuestConfig("lab", 110, "d", NOW, "pve1", nets=(net,))
        record = inventory(await read(source))
        wire.snapshot = snapshot(("netbox", record))
        plan = ALLOCATE.draft(await ALLOCATE.survey(subject, wire), "", "")
        assert plan.ready
        assert any("10.99.0.1 - 10.99.0.9 (DHCP)" in text for text in plan.warnings)
        wire.snapshot = snapshot(
            ("netbox", record),
            ("lab", Resources((node("pve1"),), (guest(110),))),
            ("lab", GuestConfigs({110: config})),
        )
        plan = ALLOCATE.draft(await ALLOCATE.survey(subject, wire), "", "")
        assert any(guest(110).label in text for text in plan.blockers)
        # A prefix is no address.
        assert ALLOCATE.draft(await ALLOCATE.survey(subject, wire), "", "prefix").ready
        wire.books.close()


async def test_the_plan_for_a_wide_range_says_what_is_really_sent(tmp_path: Path) -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        wire = wire_of(source, tmp_path)
        rir = (await server.get("ipam/rirs/"))["results"][0]["id"]
        body = {"name": "w", "slug": "w", "rir": rir, "start": 4250000000, "end": 4294967294}
        made = await server.ask("POST", "ipam/asn-ranges/", body)
        subject = f"ipam/asn-ranges/{made.body['id']}"
        plan = ALLOCATE.draft(await ALLOCATE.survey(subject, wire), "", "")
        (call,) = plan.calls
        assert (call.path, dict(call.params)["asn"]) == ("ipam/asns", 4250000000)
        assert not any("available-asns" in each for each in server.asked)
        assert (await ALLOCATE.run(plan, wire, lambda _news: None)).state == "done"
        wire.books.close()
