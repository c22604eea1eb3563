"""Several nodes asked of their cluster over real sockets: partitions, hung and dead ones."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from labtui.config.schema import Address
from labtui.model.cluster import Membership
from labtui.model.errors import Forbidden, LabError, NotFound, TimedOut, Unreachable
from labtui.model.snapshot import Snapshot
from labtui.sources.proxmox import ProxmoxSource, connect, witnesses
from tests.sources.proxmox.asking import closed_port
from tests.sources.proxmox.server import (
    Certificate,
    Reply,
    Request,
    Server,
    serving,
    with_token,
)

pytestmark = pytest.mark.usefixtures("warm")


@dataclass
class Node:
    """One node: whom it sees, and a fault instead of an answer."""

    name: str
    names: list[str]
    online: set[str]
    quorate: int = 1
    fault: Reply | None = None
    pause: float = 0.0
    forwards: bool = False
    server: Server | None = None
    seen: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        self.seen.append(request.path)
        time.sleep(self.pause)
        if self.fault is not None:
            return self.fault
        if request.path == "/cluster/status":
            return Reply(self.status())
        if request.path.startswith(f"/nodes/{self.name}/"):
            return Reply(self.name)
        if request.path.startswith("/nodes/") and self.forwards:
            return Reply(request.path.split("/")[2])
        if request.path.startswith("/nodes/"):
            return Reply(status=595, reason="No route to host", body=b"")
        return Reply(self.name)

    def status(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {"type": "cluster", "name": "lab", "quorate": self.quorate, "nodes": len(self.names)}
        ]
        for number, name in enumerate(self.names, 1):
            rows.append(
                {
                    "type": "node",
                    "name": name,
                    "online": int(name in self.online),
                    "local": int(name == self.name),
                    "ip": f"10.9.9.{number}",
                }
            )
        return rows


@contextmanager
def cluster(certificate: Certificate, count: int) -> Iterator[list[Node]]:
    names = [f"pve{number}" for number in range(1, count + 1)]
    nodes = [Node(name, names, set(names)) for name in names]
    with ExitStack() as stack:
        for node in nodes:
            node.server = stack.enter_context(serving(node, certificate))
        yield nodes


def addresses(nodes: list[Node]) -> tuple[Address, ...]:
    return tuple(node.server.address for node in nodes if node.server)


@asynccontextmanager
async def reading(
    certificate: Certificate, *ways: Address
) -> AsyncIterator[tuple[ProxmoxSource, witnesses.Witnesses]]:
    source = ProxmoxSource(with_token(certificate.pin, *ways))
    try:
        yield source, source._witnesses
    finally:
        await source.close()


async def membership(asked: witnesses.Witnesses) -> Membership:
    part = (await asked.read(Snapshot())).part
    assert isinstance(part, Membership)
    return part


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
