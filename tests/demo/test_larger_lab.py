"""Larger labs: every name and address once, every site with two ways out, the small one as ever."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from labtui.demo.larger_lab import MOST_NODES, MOST_ROUTERS
from labtui.demo.standard_lab import LINKS, NODES, SITES, default_lab
from tests.demo.whole_stage import WholeStage


@pytest.mark.parametrize(
    ("guests", "nodes", "routers"),
    [(58, 4, 4), (300, 5, 4), (200, 4, 7), (1_000, 64, 60), (500, MOST_NODES, MOST_ROUTERS)],
)
def test_names_and_addresses_are_used_once(guests: int, nodes: int, routers: int) -> None:
    lab = default_lab(guests, nodes=nodes, routers=routers)
    assert (len(lab.guests), len(lab.nodes), len(lab.sites)) == (guests, nodes, routers)
    addresses = [node.address for node in lab.nodes]
    addresses += [guest.address for guest in lab.guests if guest.address]
    for many in (
        addresses,
        [site.subnet for site in lab.sites],
        [site.public_address for site in lab.sites],
        [site.asn for site in lab.sites],
        [site.router for site in lab.sites],
        [link.number for link in lab.links],
        [link.subnet for link in lab.links],
        [node.name for node in lab.nodes],
        [guest.vmid for guest in lab.guests],
    ):
        assert len(set(many)) == len(many)
    for node in lab.nodes:
        assert ip_address(node.address) in ip_network(lab.site(node.site).subnet)


def test_every_further_site_has_two_tunnels() -> None:
    lab = default_lab(routers=30)
    for site in lab.sites[len(SITES) :]:
        if site.router_version.startswith("6."):
            continue
        ends = [link for link in lab.links if site.name in (link.left, link.right)]
        assert len(ends) >= 2
        assert len({(link.left, link.right) for link in ends}) == len(ends)


def test_every_version_is_there_and_old_routers_have_no_tunnels() -> None:
    lab = default_lab(routers=30)
    assert {site.router_version.split(".")[0] for site in lab.sites} == {"6", "7"}
    old = {site.name for site in lab.sites if site.router_version.startswith("6.")}
    assert not [link for link in lab.links if old & {link.left, link.right}]


async def test_a_larger_lab_is_well_and_reaches_every_site() -> None:
    stage = WholeStage(default_lab(60, nodes=12, routers=16))
    assert stage.unwell() == []
    await stage.wait(300, 20)
    assert stage.unwell() == []
    assert all(stage.lab.reach.site(site.name) for site in stage.lab.lab.sites)


def test_the_lab_of_the_documentation_stays_as_it_is() -> None:
    larger = default_lab(nodes=10, routers=10)
    assert larger.nodes[: len(NODES)] == NODES
    assert larger.sites[: len(SITES)] == SITES
    assert larger.links[: len(LINKS)] == LINKS
    assert default_lab().nodes == NODES
