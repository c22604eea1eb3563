"""The way of packets: as networkx has it when every router tells, and honest where one does not."""

from __future__ import annotations

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.links import Link, LinkEnd
from labtui.model.links.link import Said
from labtui.model.links.where import Where
from labtui.model.overlay import RouterAddress, RouterFacts
from labtui.model.paths import Ground, Trail, begin, ground, home_address, step
from labtui.model.routes import Hop, RouteAnswer, Routes
from tests.findings.labs import lab
from tests.snapshots import NOW

COUNT = 7
EDGES = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.integers(1, 9)).filter(
        lambda edge: edge[0] != edge[1]
    ),
    max_size=14,
)


def address(number: int) -> str:
    return f"10.0.{number}.1"


def inner(near: int, far: int) -> str:
    return f"10.9.{near}.{far}"


class Net:
    """Routers r0.. with a network each; every one knows the shortest way to every network."""

    def __init__(self, edges: list[tuple[int, int, int]]) -> None:
        self.graph = networkx.Graph()
        self.graph.add_nodes_from(range(COUNT))
        for one, other, weight in edges:
            self.graph.add_edge(one, other, weight=weight)
        hosts = {address(number): f"r{number}" for number in range(COUNT)}
        links = []
        for one, other in self.graph.edges:
            hosts[inner(one, other)], hosts[inner(other, one)] = f"r{one}", f"r{other}"
            ends = tuple(
                LinkEnd(f"r{near}", f"s{near}", f"wg{far}", inner(near, far))
                for near, far in ((one, other), (other, one))
            )
            links.append(Link("wireguard", f"{one}-{other}", ends, Said("up", "")))
        sites = {f"r{number}": f"s{number}" for number in range(COUNT)}
        self.on: Ground = ground(Where(hosts, sites), tuple(links))

    def answer(self, router: int, target: int) -> RouteAnswer:
        paths = networkx.single_source_dijkstra_path(self.graph, router)
        routes: tuple[Hop, ...] = ()
        if target in paths:
            via = paths[target][1]
            routes = (Hop(f"10.0.{target}.0/24", inner(via, router), f"wg{via}", "bgp"),)
        return RouteAnswer(f"r{router}", address(target), routes)

    def walk(self, start: int, target: int, silent: int | None = None) -> Trail:
        trail = begin(f"r{start}", address(target))
        while not trail.ending:
            here = int(trail.next[1:])
            told = (
                "no answer"
                if here == silent
                else self.answer(here, target)
                if here != target
                else ""
            )
            trail = step(trail, told, self.on)
        return trail


@given(EDGES, st.integers(0, COUNT - 1), st.integers(0, COUNT - 1))
def test_the_way_is_as_short_as_networkx_says(
    edges: list[tuple[int, int, int]], start: int, target: int
) -> None:
    net = Net(edges)
    trail = net.walk(start, target)
    if not networkx.has_path(net.graph, start, target):
        assert trail.ending == "no-route"
        assert trail.hops[-1].router == f"r{start}"
        return
    assert trail.arrived
    walked = [int(hop.router[1:]) for hop in trail.hops]
    weight = networkx.path_weight(net.graph, walked, "weight")
    assert weight == networkx.shortest_path_length(net.graph, start, target, "weight")
    assert len(trail.links) == len(walked) - 1
    assert trail.sites == tuple(f"s{number}" for number in walked)


@given(EDGES, st.integers(0, COUNT - 1), st.integers(0, COUNT - 1), st.integers(0, COUNT - 1))
def test_from_a_silent_router_on_the_way_is_unknown(
    edges: list[tuple[int, int, int]], start: int, target: int, silent: int
) -> None:
    net = Net(edges)
    whole = [hop.router for hop in net.walk(start, target).hops]
    trail = net.walk(start, target, silent)
    if f"r{silent}" in whole and silent != target:
        assert trail.ending == "silent"
        assert trail.hops[-1].router == f"r{silent}"
        assert trail.hops[-1].why == "no answer"
        assert [hop.router for hop in trail.hops] == whole[: whole.index(f"r{silent}") + 1]
    else:
        assert [hop.router for hop in trail.hops] == whole


@pytest.mark.parametrize(
    ("route", "ending"),
    [
        (Hop("10.0.2.0/24", "10.9.0.1", "wg0", "bgp"), "loop"),
        (Hop("10.0.2.0/24", "", "", blackhole=True), "blackhole"),
        (Hop("0.0.0.0/0", "192.0.2.1", "ether1", "static"), "leaves"),
        (Hop("10.0.2.0/24", "bridge", "bridge", "connect"), "arrived"),
        (Hop("10.0.2.0/24", "10.9.0.1", "wg0", active=False), "no-route"),
    ],
)
def test_how_a_way_can_end(route: Hop, ending: str) -> None:
    net = Net([(0, 1, 1), (1, 2, 1)])
    trail = step(begin("r0", address(2)), net.answer(0, 2), net.on)
    assert trail.next == "r1"
    trail = step(trail, RouteAnswer("r1", address(2), (route,)), net.on)
    if not trail.ending:
        trail = step(trail, net.answer(0, 2), net.on)
    assert trail.ending == ending


def test_the_home_of_a_site_is_in_what_it_announces() -> None:
    facts = RouterFacts("rt-a", "a", "a", "7", addresses=(
        RouterAddress("ether1", "192.0.2.9/24"), RouterAddress("bridge", "10.5.0.1/24"),
        RouterAddress("guests", "10.6.0.1/24"), RouterAddress("wg1", "10.255.0.0/31"),
        RouterAddress("odd", "rubbish"), RouterAddress("off", "10.7.0.1/24", disabled=True),
    ))  # fmt: skip
    plain = lab(NOW, [("rt-a", facts)])
    assert home_address(plain, "a") == ("rt-a", "10.5.0.1")
    assert home_address(plain, "b") == ("", "")
    told = lab(NOW, [("rt-a", facts), ("rt-a", Routes(own=("10.6.0.0/24",)))])
    assert home_address(told, "a") == ("rt-a", "10.6.0.1")
