"""Several nodes asked of their cluster over real sockets: partitions, hung and dead ones."""

from __future__ import annotations

import asyncio

import pytest

from labtui.model.errors import Forbidden, TimedOut, Unreachable
from labtui.model.snapshot import Snapshot
from labtui.sources.proxmox import witnesses
from tests.sources.proxmox.asking import closed_port
from tests.sources.proxmox.server import (
    Certificate,
    Reply,
)
from tests.sources.proxmox.several_nodes import addresses, cluster, membership, reading

pytestmark = pytest.mark.usefixtures("warm")


async def test_every_endpoint_says_which_node_it_is(certificate: Certificate) -> None:
    with cluster(certificate, 3) as nodes:
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            part = await membership(asked)
    assert part.online == {"pve1", "pve2", "pve3"}
    assert part.quorate is True
    assert {witness.node for witness in part.witnesses} >= {"pve1", "pve2"}


async def test_in_calm_times_few_are_asked_and_all_by_turns(certificate: Certificate) -> None:
    with cluster(certificate, 6) as nodes:
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            await membership(asked)
            for node in nodes:
                node.seen.clear()
            await membership(asked)
            assert sum(len(node.seen) for node in nodes) == 3
            for _number in range(4):
                await membership(asked)
    assert all(node.seen for node in nodes)


async def test_a_node_cut_off_is_not_believed(certificate: Certificate) -> None:
    with cluster(certificate, 4) as nodes:
        # The one that is asked first is the one that is cut off.
        nodes[0].online, nodes[0].quorate = {"pve1"}, 0
        for node in nodes[1:]:
            node.online = {"pve2", "pve3", "pve4"}
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            part = await membership(asked)
            for _number in range(3):
                part = await membership(asked)
                if all(witness.speaks for witness in part.witnesses):
                    break
    assert part.quorate is True
    assert part.online == {"pve2", "pve3", "pve4"}
    said = {witness.node: witness.online for witness in part.witnesses}
    assert said["pve1"] == ("pve1",)
    assert said["pve3"] == ("pve2", "pve3", "pve4")


async def test_a_change_is_seen_by_the_first_reading_after_it(certificate: Certificate) -> None:
    """What those said before who are not asked this time does not outvote those who are."""
    with cluster(certificate, 6) as nodes:
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            for _number in range(3):
                await membership(asked)
            nodes[0].fault = Reply(hang=True)
            left = {"pve2", "pve3", "pve4", "pve5", "pve6"}
            for node in nodes[1:]:
                node.online = left
            part = await membership(asked)
    assert part.online == left
    # Those whose turn it was not are asked as well, once one says that something changed.
    said = {one.node: one.online for one in part.witnesses if one.speaks}
    assert said == dict.fromkeys(sorted(left), tuple(sorted(left)))


async def test_who_comes_back_is_seen_at_once(certificate: Certificate) -> None:
    with cluster(certificate, 5) as nodes:
        for node in nodes:
            node.online = {"pve1", "pve2", "pve3", "pve4"}
        nodes[4].online, nodes[4].quorate = {"pve5"}, 0
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            for _number in range(2):
                assert len((await membership(asked)).online) == 4
            for node in nodes:
                node.online, node.quorate = set(node.names), 1
            part = await membership(asked)
    assert len(part.online) == 5
    assert {one.online for one in part.witnesses} == {tuple(nodes[0].names)}


async def test_the_larger_side_is_waited_for(certificate: Certificate) -> None:
    """The node that is cut off answers at once, the others take longer than the usual patience."""
    with cluster(certificate, 3) as nodes:
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            await membership(asked)
            nodes[0].online, nodes[0].quorate = {"pve1"}, 0
            for node in nodes[1:]:
                node.online, node.pause = {"pve2", "pve3"}, witnesses._PATIENCE * 1.5
            part = await membership(asked)
    assert part.quorate is True
    assert part.online == {"pve2", "pve3"}


async def test_asking_several_moves_no_other_read(certificate: Certificate) -> None:
    with cluster(certificate, 4) as nodes:
        async with reading(certificate, *addresses(nodes)) as (source, asked):
            ways = set()
            for _number in range(6):
                ways.add((await asked.read(Snapshot())).via)
                assert await source.get("/version") == "pve1"
    assert ways == {str(addresses(nodes)[0])}


async def test_a_hung_node_holds_nobody_up(certificate: Certificate) -> None:
    with cluster(certificate, 4) as nodes:
        nodes[0].fault = Reply(hang=True)
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            async with asyncio.timeout(2):
                part = await membership(asked)
            assert part.online == {"pve1", "pve2", "pve3", "pve4"}
            silent = next(w for w in part.witnesses if w.endpoint == str(addresses(nodes)[0]))
            assert not silent.speaks


async def test_a_dead_node_is_named_with_its_reason(certificate: Certificate) -> None:
    with cluster(certificate, 2) as nodes:
        gone = closed_port()
        async with reading(certificate, gone, *addresses(nodes)) as (_source, asked):
            part = await membership(asked)
    silent = next(w for w in part.witnesses if w.endpoint == str(gone))
    assert "refused" in silent.problem
    assert not silent.speaks


async def test_nobody_answers(certificate: Certificate) -> None:
    async with reading(certificate, closed_port(), closed_port()) as (_source, asked):
        for _number in range(3):
            with pytest.raises(Unreachable, match="refused"):
                await membership(asked)


async def test_all_of_them_hang(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witnesses, "_ONE_LIMIT", 0.2)
    with cluster(certificate, 2) as nodes:
        for node in nodes:
            node.fault = Reply(hang=True)
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            with pytest.raises(TimedOut):
                await membership(asked)


async def test_a_right_that_is_missing_is_said(certificate: Certificate) -> None:
    with cluster(certificate, 1) as nodes:
        nodes[0].fault = Reply(status=403, reason="Permission check failed (/, Sys.Audit)")
        async with reading(certificate, *addresses(nodes)) as (_source, asked):
            with pytest.raises(Forbidden) as caught:
                await membership(asked)
    assert caught.value.privilege == "Sys.Audit"
