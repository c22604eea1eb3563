"""The BGP sessions of the overlay as records of netbox-bgp: two for each link, one per side."""

from __future__ import annotations

from ipaddress import ip_network

from labtui.demo.lab import Lab, Link, Site
from labtui.demo.netbox.filling import Filler


def write_sessions(filler: Filler) -> None:
    """Write down the sessions of the sites we hold, after links and addresses were written."""
    group = filler.put("netbox_bgp.bgppeergroup", name="overlay", description="over WireGuard")
    filler.put("netbox_bgp.community", value="65036:100", description="LAN of a site")
    sites = {site.name: site for site in filler.lab.sites}
    for link in filler.lab.links:
        if not link.bgp:
            continue
        for here, there, place in ((link.left, link.right, 0), (link.right, link.left, 1)):
            if here in sites and _asn(filler.lab, there):
                _session(filler, link, sites[here], there, place, group)


def _asn(lab: Lab, name: str) -> int | None:
    """The AS number of a site, or of a neighbour that is none of ours."""
    for site in lab.sites:
        if site.name == name:
            return site.asn
    return lab.external_asns.get(name)


def _session(filler: Filler, link: Link, here: Site, there: str, place: int, group: int) -> None:
    filler.put(
        "netbox_bgp.bgpsession",
        name=f"{here.router}-to-{there}",
        site=filler.ids["dcim.site", here.name],
        device=filler.ids["dcim.device", here.router],
        local_address=_address(filler, link, place),
        remote_address=_address(filler, link, 1 - place),
        local_as=filler.ids["ipam.asn", here.name],
        remote_as=filler.ids["ipam.asn", there],
        peer_group=group,
    )


def _address(filler: Filler, link: Link, place: int) -> int:
    """The address of one end; that of a neighbour outside is written down here."""
    network = ip_network(link.subnet)
    host = network[place] if network.prefixlen == 31 else network[place + 1]
    address = f"{host}/{network.prefixlen}"
    found = filler.ids.get(("ipam.ipaddress", address))
    if found is not None:
        return found
    overlay = filler.ids["ipam.vrf", "overlay"]
    return filler.put("ipam.ipaddress", address, address=address, vrf=overlay)
