"""Calls about a node go to that node; addresses that were learnt prove themselves."""

from __future__ import annotations

import asyncio

import pytest

from labtui.model.errors import LabError, NotFound, Unreachable
from labtui.sources.proxmox import connect
from tests.sources.proxmox.server import (
    Certificate,
    Reply,
    serving,
)
from tests.sources.proxmox.several_nodes import Node, addresses, cluster, membership, reading

pytestmark = pytest.mark.usefixtures("warm")


async def test_a_call_about_a_node_goes_to_that_node(certificate: Certificate) -> None:
    with cluster(certificate, 3) as nodes:
        async with reading(certificate, *addresses(nodes)) as (source, asked):
            await membership(asked)
            for name in ("pve3", "pve2", "pve1"):
                assert await source.get(f"/nodes/{name}/status") == name
            assert await source.get("/version") in ("pve1", "pve2", "pve3")
            # That a node answered for itself moves no other call to it.
            assert await source.call("POST", "/nodes/pve2/qemu/100/status/start", {}) == "pve2"
    assert nodes[0].seen.count("/nodes/pve3/status") == 0


async def test_a_node_whose_own_endpoint_is_dead_is_asked_through_another(
    certificate: Certificate,
) -> None:
    with cluster(certificate, 2) as nodes:
        async with reading(certificate, *addresses(nodes)) as (source, asked):
            await membership(asked)
            assert nodes[1].server is not None
            nodes[1].server.stop()
            with pytest.raises(Unreachable) as caught:
                await source.get("/nodes/pve2/status", 2)
    assert caught.value.where == "pve2"
    assert "/nodes/pve2/status" in nodes[0].seen


async def test_a_node_is_not_waited_for_that_never_answered(certificate: Certificate) -> None:
    """At the start nobody knows which endpoint is which node, and the first one hangs."""
    with cluster(certificate, 3) as nodes:
        nodes[0].fault = Reply(hang=True)
        nodes[1].forwards = True
        async with reading(certificate, *addresses(nodes)) as (source, _asked), asyncio.timeout(3):
            assert await source.get("/nodes/pve3/status") == "pve3"


async def test_a_learnt_address_of_another_node_is_not_used(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cluster(certificate, 2) as nodes:
        first, second = addresses(nodes)
        monkeypatch.setattr(connect, "to_learn", lambda *_given: {"pve9": second})
        async with reading(certificate, first) as (source, asked):
            await membership(asked)
            part = await membership(asked)
            learnt = source._endpoints.all[1]
            assert learnt.learnt
            assert learnt.barred
            assert part.online == {"pve1", "pve2"}


async def test_a_learnt_address_must_prove_itself(
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    other = Certificate(tmp_path_factory.mktemp("other"))
    node = Node("pve2", ["pve1", "pve2"], {"pve1", "pve2"})
    with cluster(certificate, 1) as nodes, serving(node, other) as stranger:
        monkeypatch.setattr(connect, "to_learn", lambda *_given: {"pve2": stranger.address})
        async with reading(certificate, *addresses(nodes)) as (source, asked):
            await membership(asked)
            part = await membership(asked)
            assert source._endpoints.all[1].barred
            with pytest.raises(LabError):
                await source.get("/nodes/pve2/status", 1)
    assert node.seen == []
    assert "pinned" in next(w.problem for w in part.witnesses if w.learnt)


async def test_an_answer_that_says_no_is_an_answer(certificate: Certificate) -> None:
    with cluster(certificate, 2) as nodes:
        async with reading(certificate, *addresses(nodes)) as (source, asked):
            await membership(asked)
            nodes[0].fault = Reply(status=404, reason="Not Found")
            with pytest.raises(NotFound):
                await source.get("/nodes/pve1/nothing")
            assert not source._endpoints.all[0].breaker.open
