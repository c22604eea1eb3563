"""What a plan for a link says: every sentence by version, and every reason against it in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from labtui.actions.action import Call
from labtui.actions.link import design, sentences
from labtui.actions.link.allocation import Place, first_of, take_asn
from labtui.actions.link.draft import draft
from labtui.actions.link.end import End
from labtui.actions.link.facts import LinkFacts, answer
from labtui.actions.overlay.desk import version_of
from labtui.model.link_rules import LinkRules
from tests.actions.link_stage import link_stage
from tests.demo.branch_lab import branch_lab

PLACE = Place(there=True, pool=3, pool_text="10.255.1.0/24", subnet="10.255.1.0/30")


def end(name: str, text: str, **changes: Any) -> End:
    made = End(
        name,
        name[3:],
        version_of(text),
        text,
        drop="*9",
        asn=65001,
        public="192.0.2.1",
        chains=frozenset(("out",)),
        used_filter="out",
        used_list="bgp-networks",
    )
    return msgspec.structs.replace(made, **changes)


def facts(one: End, other: End, place: Place = PLACE, **changes: Any) -> LinkFacts:
    ends = {one.name: one, other.name: other}
    made = LinkFacts((one.name, other.name), ends, place, LinkRules(), 0.0, "0a1b2c3d")
    return msgspec.structs.replace(made, **changes)


def connection(version: str, **changes: Any) -> dict[str, str | int]:
    """The words of the connection that a router of that version is given."""
    known = facts(end("rt-a", version, **changes), end("rt-b", "7.20.4"))
    made = design.design_of(known)
    assert made is not None
    (call,) = [
        c for c in sentences.session(made, made.sides[0]) if c.path == f"{sentences.CONNECTION}/add"
    ]
    return dict(call.params)


def test_a_connection_is_said_as_the_version_has_it() -> None:
    new = connection("7.20.4", instance="lab")
    assert new["instance"] == "lab"
    assert new["afi"] == "ip"
    assert not {"as", "router-id", "address-families"} & set(new)
    between = connection("7.19.6", router_id="10.0.0.1")
    assert (between["as"], between["router-id"], between["afi"]) == (65001, "10.0.0.1", "ip")
    assert "instance" not in between
    old = connection("7.12.2")
    assert old["address-families"] == "ip"
    assert old["output.filter-chain"] == "out"
    assert old["disabled"] == "yes"


def test_an_instance_is_made_where_there_is_none() -> None:
    made = design.design_of(facts(end("rt-a", "7.20.4"), end("rt-b", "7.20.4")))
    assert made is not None
    paths = [call.path for call in sentences.session(made, made.sides[0])]
    assert paths == ["/routing/bgp/instance/add", "/routing/bgp/connection/add"]


def test_names_of_peers_came_with_7_15() -> None:
    for version, named in (("7.12.2", False), ("7.15", True)):
        made = design.design_of(facts(end("rt-a", version), end("rt-b", "7.20.4")))
        assert made is not None
        assert ("name" in dict(sentences.peer(made, made.sides[0]).params)) is named


def test_a_private_key_is_neither_read_nor_sent() -> None:
    plan = draft(facts(end("rt-a", "7.20.4"), end("rt-b", "7.12.2")), "", "")
    assert plan.ready, plan.blockers
    assert not any("private" in str(call) for call in plan.calls)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"used_filter": ""}, "rt-a would announce everything"),
        ({"used_filter": "gone"}, "rt-a has no filter chain gone"),
        ({"version": (6, 49), "version_text": "6.49.17"}, "rt-a has RouterOS 6.49.17"),
        ({"addresses": ("10.255.1.1/24",)}, "rt-a has 10.255.1.1/24 already"),
        ({"asn": None}, "rt-a has no AS number"),
    ],
)
def test_what_speaks_against_it_is_said(changes: dict[str, Any], words: str) -> None:
    plan = draft(facts(end("rt-a", "7.20.4", **changes), end("rt-b", "7.20.4")), "", "")
    assert not plan.ready
    assert any(words in text for text in plan.blockers), plan.blockers


def test_the_same_router_twice_a_taken_port_and_no_subnet() -> None:
    known = facts(end("rt-a", "7.20.4", ports=frozenset((51820,))), end("rt-b", "7.20.4"))
    made = design.design_of(known)
    assert made is not None
    assert made.port == 51821
    taken = draft(answer(known, "port", "51820"), "", "")
    assert any("listens on 51820 already" in text for text in taken.blockers)
    twice = draft(answer(known, "b", "rt-a"), "", "")
    assert any("another router" in text for text in twice.blockers)
    none = draft(facts(known.ends["rt-a"], known.ends["rt-b"], Place()), "", "")
    assert any("no subnet" in text for text in none.blockers)
    said = draft(
        answer(facts(known.ends["rt-a"], known.ends["rt-b"], Place()), "subnet", "10.9.0.0/31"),
        "",
        "",
    )
    assert said.ready, said.blockers
    assert any("no NetBox" in text for text in said.warnings)


def test_the_next_free_subnet_is_the_first_that_is_long_enough() -> None:
    free = [{"prefix": "10.0.0.3/32"}, {"prefix": "10.0.0.8/29"}, {"prefix": "x"}, None]
    assert first_of(free, 30) == "10.0.0.8/30"
    assert first_of([], 30) == ""


def test_of_a_range_that_is_too_wide_the_number_itself_is_taken() -> None:
    row = {"id": 3, "start": 4250000000, "end": 4294967294, "rir": {"id": 2}}
    call = take_asn(Place(asn_range=3, asn=4250000007, wide=row), "labtui x")
    assert call.path == "ipam/asns"
    assert dict(call.params) == {"description": "labtui x", "asn": 4250000007, "rir": 2}
    assert take_asn(Place(asn_range=3, asn=64512), "x").path == "ipam/asn-ranges/3/available-asns"


async def test_a_router_of_6_49_is_refused_in_words(tmp_path: Path) -> None:
    async with link_stage(tmp_path, branch_lab(), ("rt-836", "rt-b1")) as wire:
        plan = await wire.plan("rt-836", "rt-b1")
        assert not plan.ready
        (why,) = [text for text in plan.blockers if "WireGuard came with 7.1" in text]
        assert "upgrade" in why
        assert "secret" in why
        before = wire.pictures()
        outcome, _news = await wire.run(plan)
        assert outcome.state == "failed"
        assert not wire.sent, "nothing at all is sent"
        assert wire.pictures() == before


async def test_an_as_number_is_taken_from_netbox_and_given_back(tmp_path: Path) -> None:
    async with link_stage(tmp_path) as wire:
        world = wire.stage.world
        router = world.routers["rt-836"]
        router.connections.clear()
        router.tables["/routing/bgp/instance"].clear()
        wire.stage.wait(1)
        await wire.look()
        before = wire.pictures()
        plan = await wire.plan("rt-836", "rt-835")
        assert any("available-asns" in call.path for call in plan.calls), plan.blockers
        wire.fault = (len(plan.calls) - 3, "refused")
        outcome, _news = await wire.run(plan)
        assert outcome.state == "failed"
        assert wire.pictures() == before
        wire.fault = None
        plan = await wire.plan("rt-836", "rt-835")
        outcome, _news = await wire.run(plan)
        assert outcome.state == "done", outcome
        assert [row.get("as") for row in router.table("/routing/bgp/instance")] == ["64512"]


async def test_somebody_who_is_quicker_takes_the_subnet(tmp_path: Path) -> None:
    async with link_stage(tmp_path) as wire:
        plan = await wire.plan("rt-836", "rt-835")
        wanted = {"prefix": "10.255.1.0/30", "vrf": 1, "status": "active"}
        assert (await wire.server.ask("POST", "ipam/prefixes/", wanted)).status == 201
        before = wire.pictures()
        outcome, _news = await wire.run(plan)
        assert outcome.state == "failed"
        assert wire.pictures() == before
        assert not wire.sent


def test_a_sentence_reads_as_it_is_sent() -> None:
    call = Call("routeros/rt-a", "API", "/ip/address/add", (("address", "10.0.0.1/30"),))
    assert str(call) == "rt-a /ip/address/add =address=10.0.0.1/30"
