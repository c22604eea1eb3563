"""Routers, nodes and the tunnels between routers as records."""

from __future__ import annotations

from ipaddress import ip_network

from labtui.demo.lab import Link, Node, Site
from labtui.demo.netbox.filling import DOMAIN, Filler

# The prefix that the subnets of new links are taken from.
LINK_POOL = "10.255.1.0/24"


def write_equipment(filler: Filler) -> None:
    """Write down the routers and nodes, and the cluster that the nodes are."""
    _kinds(filler)
    kind = filler.put("virtualization.clustertype", name="Proxmox VE", slug="proxmox-ve")
    group = filler.put("virtualization.clustergroup", name="Laboratory", slug="laboratory")
    # No scope: the nodes stand in several sites.
    filler.put(
        "virtualization.cluster",
        "cluster",
        name=filler.lab.name,
        type=kind,
        group=group,
        tags=filler.tags("proxmox"),
    )
    for site in filler.lab.sites:
        _router(filler, site)
    for node in filler.lab.nodes:
        _node(filler, node)


def write_links(filler: Filler) -> None:
    """Write down each WireGuard link as a tunnel with its prefix and its ends."""
    group = filler.put("vpn.tunnelgroup", name="wg-overlay", slug="wg-overlay")
    for link in filler.lab.links:
        filler.put(
            "ipam.prefix",
            prefix=link.subnet,
            vrf=filler.ids["ipam.vrf", "overlay"],
            role=filler.ids["ipam.role", "tunnel-p2p"],
            description=f"wg {link.left}-{link.right}",
        )
        tunnel = filler.put(
            "vpn.tunnel",
            name=f"wg-{link.left}-{link.right}",
            group=group,
            encapsulation="wireguard",
            tunnel_id=link.number,
            description=link.subnet,
            tenant=filler.infra,
        )
        _end(filler, tunnel, link, link.left, link.right, 0)
        _end(filler, tunnel, link, link.right, link.left, 1)
    filler.put(
        "ipam.prefix",
        prefix=LINK_POOL,
        status="container",
        vrf=filler.ids["ipam.vrf", "overlay"],
        role=filler.ids["ipam.role", "tunnel-p2p"],
        description="subnets of new links",
    )


def _kinds(filler: Filler) -> None:
    """Makers, device types, platforms and roles."""
    kinds = (
        ("MikroTik", "mikrotik", "CCR2004-16G-2S+", "ccr2004-16g-2s-plus"),
        ("Proxmox", "proxmox", "Proxmox node", "proxmox-node"),
    )
    for maker, slug, model, model_slug in kinds:
        number = filler.put("dcim.manufacturer", slug, name=maker, slug=slug)
        filler.put("dcim.devicetype", slug, manufacturer=number, model=model, slug=model_slug)
    for name, slug, platform in (
        ("RouterOS 7", "routeros-7", "mikrotik"),
        ("Proxmox VE", "proxmox-ve", "proxmox"),
    ):
        maker_id = filler.ids["dcim.manufacturer", platform]
        filler.put("dcim.platform", platform, name=name, slug=slug, manufacturer=maker_id)
    for name, slug in (("Router", "router"), ("Proxmox node", "proxmox-node")):
        filler.put("dcim.devicerole", slug, name=name, slug=slug, vm_role=False)
    for name, slug in (("Virtual machine", "qemu"), ("Container", "lxc")):
        filler.put("dcim.devicerole", slug, name=name, slug=slug, vm_role=True)


def _router(filler: Filler, site: Site) -> None:
    number = filler.put(
        "dcim.device",
        site.router,
        name=site.router,
        device_type=filler.ids["dcim.devicetype", "mikrotik"],
        role=filler.ids["dcim.devicerole", "router"],
        platform=filler.ids["dcim.platform", "mikrotik"],
        site=filler.ids["dcim.site", site.name],
        tenant=filler.infra,
        tags=filler.tags("overlay"),
        custom_fields={"bgp_asn": filler.ids["ipam.asn", site.name]},
    )
    network = ip_network(site.subnet)
    address = f"{network[1]}/{network.prefixlen}"
    _address(filler, number, "bridge-lan", "bridge", address, site.router, primary=True)
    _address(filler, number, "ether1", "1000base-t", f"{site.public_address}/24", "")
    # The routers' own ids, numbered like the sites.
    loopback = f"10.255.255.{filler.lab.sites.index(site) + 1}/32"
    overlay = filler.ids["ipam.vrf", "overlay"]
    _address(filler, number, "lo", "virtual", loopback, "", vrf=overlay, role="loopback")


def _node(filler: Filler, node: Node) -> None:
    number = filler.put(
        "dcim.device",
        node.name,
        name=node.name,
        device_type=filler.ids["dcim.devicetype", "proxmox"],
        role=filler.ids["dcim.devicerole", "proxmox-node"],
        platform=filler.ids["dcim.platform", "proxmox"],
        site=filler.ids["dcim.site", node.site],
        tenant=filler.infra,
        cluster=filler.ids["virtualization.cluster", "cluster"],
        tags=filler.tags("proxmox"),
    )
    mask = ip_network(filler.lab.site(node.site).subnet).prefixlen
    _address(filler, number, "vmbr0", "bridge", f"{node.address}/{mask}", node.name, primary=True)


def _address(
    filler: Filler,
    device: int,
    interface: str,
    kind: str,
    address: str,
    host: str,
    *,
    primary: bool = False,
    vrf: int | None = None,
    role: str | None = None,
) -> int:
    """An interface of a device with its address; the interface's id."""
    number = filler.put("dcim.interface", device=device, name=interface, type=kind)
    found = filler.put(
        "ipam.ipaddress",
        address,
        address=address,
        vrf=vrf,
        role=role,
        dns_name=f"{host}.{DOMAIN}" if host else "",
        assigned_object_type="dcim.interface",
        assigned_object_id=number,
    )
    if primary:
        filler.amend("dcim.device", device, primary_ip4=found)
    return number


def _end(filler: Filler, tunnel: int, link: Link, here: str, there: str, place: int) -> None:
    """One end of a link, if we hold its router: interface, address and termination."""
    if here not in [site.name for site in filler.lab.sites]:
        return
    network = ip_network(link.subnet)
    host = network[place] if network.prefixlen == 31 else network[place + 1]
    device = filler.ids["dcim.device", filler.lab.site(here).router]
    interface = _address(
        filler,
        device,
        f"wg-{there}",
        "virtual",
        f"{host}/{network.prefixlen}",
        "",
        vrf=filler.ids["ipam.vrf", "overlay"],
    )
    filler.put(
        "vpn.tunneltermination",
        tunnel=tunnel,
        role="peer" if link.bgp else "hub",
        termination_type="dcim.interface",
        termination_id=interface,
        outside_ip=filler.ids["ipam.ipaddress", f"{filler.lab.site(here).public_address}/24"],
    )
