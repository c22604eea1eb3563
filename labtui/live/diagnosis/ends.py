"""The two ends of a link that is diagnosed: who asks, addresses, and whether they are set alike."""

from __future__ import annotations

from ipaddress import ip_address, ip_interface, ip_network

from labtui.live.diagnosis.bench import Bench
from labtui.model.diagnosis import Checked
from labtui.model.links import Link, LinkEnd
from labtui.model.overlay import RouterFacts, WireGuard

CLOCK_OFF = 300.0
"""Seconds by which a router's clock may be off before it is what is broken."""
_HOME = tuple(ip_network(net) for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))


def host_of(endpoint: str) -> str:
    """`192.0.2.1` of `192.0.2.1:51820`; an address without a port is left as it is."""
    host, colon, port = endpoint.rpartition(":")
    if colon and port.isdigit() and host:
        return host.strip("[]")
    return endpoint.strip("[]")


def inner(end: LinkEnd | None) -> str:
    """The address of an end within the link."""
    return end.address.partition("/")[0] if end is not None else ""


def far_inner(link: Link, near: LinkEnd) -> str:
    """The address of the other end within the link; of a /31 or /30 it can be told from ours."""
    for end in link.ends:
        if end is not near and end.address:
            return inner(end)
    try:
        face = ip_interface(near.address)
    except ValueError:
        return ""
    if face.network.num_addresses > 4:
        return ""
    hosts = [str(host) for host in face.network.hosts() if host != face.ip]
    return hosts[0] if len(hosts) == 1 else ""


def other_end(link: Link, near: LinkEnd) -> LinkEnd | None:
    """The end that is not this one."""
    return next((end for end in link.ends if end is not near), None)


def clock_off(bench: Bench, router: str) -> float | None:
    """By how many seconds its clock is wrong, where that is enough to matter."""
    facts = bench.snapshot.one(RouterFacts, router)
    ahead = facts.clock_ahead if facts is not None else None
    return ahead if ahead is not None and abs(ahead) > CLOCK_OFF else None


def settings(bench: Bench, link: Link) -> Checked:
    """Whether both ends are switched on and set to meet; asks nobody.

    Endpoint and keys only matter while nothing passes: one end that is right is enough for a
    tunnel.
    """
    for end in link.ends:
        if end.off:
            return bench.said("settings", "bad", "disabled", end.router, ("tunnel",),
                              interface=end.interface)  # fmt: skip
    if link.state in ("up", "degraded", "idle") or link.kind not in ("wireguard", "vxlan"):
        mtus = link.mtus
        if len(mtus) > 1:
            sizes = " / ".join(str(size) for size in mtus)
            return bench.said("settings", "warn", "mtus-differ", link.key, sizes=sizes)
        return bench.said("settings", "good", "alike", link.key)
    if link.kind == "wireguard":
        wrong = _keys(bench, link) or _endpoint(bench, link)
        if wrong is not None:
            return wrong
    if link.half:
        return bench.said("settings", "unknown", "one-end", link.key)
    return bench.said("settings", "good", "alike", link.key)


def _keys(bench: Bench, link: Link) -> Checked | None:
    """The end on the other router in the same network, when their keys do not meet."""
    if not link.half:
        return None
    try:
        mine = ip_interface(link.near.address).network
    except ValueError:
        return None
    for other in bench.links:
        if other.kind != "wireguard" or not other.half or other.key == link.key:
            continue
        if other.near.router == link.near.router or not other.near.address:
            continue
        if ip_interface(other.near.address).network == mine and mine.num_addresses <= 8:
            return bench.said("settings", "bad", "keys", link.key, ("tunnel",),
                              one=link.near.router, other=other.near.router)  # fmt: skip
    return None


def _endpoint(bench: Bench, link: Link) -> Checked | None:
    """An end that looks for the other where that one has never been."""
    for end in link.ends:
        other = other_end(link, end)
        endpoint = _configured(bench, end)
        host = host_of(endpoint)
        if other is None or not _is_address(host):
            continue
        known = met_at(bench, other.router)
        if known and host not in known:
            return bench.said("settings", "bad", "endpoint", end.router, ("tunnel",),
                              endpoint=endpoint, wanted=sorted(known)[0])  # fmt: skip
    return None


def _configured(bench: Bench, end: LinkEnd) -> str:
    """Where that end is set to look for the other; what it knows may be older and right."""
    key = dict(end.told).get("key", "")
    part = bench.snapshot.one(WireGuard, end.router)
    for peer in part.peers if part is not None else ():
        if (peer.interface, peer.public_key) == (end.interface, key):
            return peer.endpoint
    return end.endpoint


def met_at(bench: Bench, router: str) -> set[str]:
    """Public addresses of a router: its own, and where links that work reach it."""
    found = set()
    facts = bench.snapshot.one(RouterFacts, router)
    for row in facts.addresses if facts is not None else ():
        address = ip_address(row.host)
        inside = any(address.version == net.version and address in net for net in _HOME)
        if not (inside or row.disabled) and ip_interface(row.address).network.num_addresses > 2:
            found.add(row.host)
    for link in bench.links:
        if link.kind == "wireguard" and link.state == "up" and link.far is not None:
            for end in link.ends:
                if end.router != router and router in link.routers and end.endpoint:
                    found.add(host_of(end.endpoint))
    return found


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
