"""Where addresses are: which router has one, and over which interface it reaches another."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface, ip_network

import msgspec

from labtui.model.derived import Derived
from labtui.model.feed import Freshness
from labtui.model.overlay import RouterAddress, RouterFacts
from labtui.model.snapshot import Part, Snapshot

Network = IPv4Network | IPv6Network

# Far ends of sessions and tunnels, which are asked for at every look.
_MOST_ASKED = 10_000


class Where(msgspec.Struct, frozen=True):
    """`hosts`: address -> router; `sites`: router -> site; `faces`: (router, interface) -> its
    addresses. An address that two routers have stands for neither.
    """

    hosts: dict[str, str] = {}
    sites: dict[str, str] = {}
    faces: dict[tuple[str, str], tuple[RouterAddress, ...]] = {}
    nets: dict[str, tuple[tuple[str, Network], ...]] = {}
    asked: dict[tuple[str, str], str] = {}
    """What was asked of `interface_to` before."""

    def site(self, router: str) -> str:
        return self.sites.get(router) or router

    def has(self, router: str, address: str) -> bool:
        """Whether that router has that address."""
        return bool(address) and self.hosts.get(address) == router

    def address(self, router: str, interface: str) -> str:
        """The first address of an interface with its mask, IPv4 before IPv6."""
        rows = self.faces.get((router, interface), ())
        return next((row.address for row in sorted(rows, key=lambda row: ":" in row.address)), "")

    def far_address(self, router: str, interface: str) -> str:
        """The other end of a point-to-point address."""
        rows = self.faces.get((router, interface), ())
        return next((r.network for r in rows if r.network and r.network != r.host), "")

    def interface_to(self, router: str, remote: str) -> str:
        """The interface in whose network that address is, the narrowest; or an empty text."""
        known = self.asked.get((router, remote))
        if known is None:
            if len(self.asked) >= _MOST_ASKED:
                self.asked.clear()
            known = self.asked[router, remote] = self._interface_to(router, remote)
        return known

    def _interface_to(self, router: str, remote: str) -> str:
        try:
            wanted = ip_address(remote)
        except ValueError:
            return ""
        found = [
            (net.prefixlen, name)
            for name, net in self.nets.get(router, ())
            if wanted in net and not self.has(router, remote)
        ]
        return max(found, default=(0, ""))[1]


def _where(snapshot: Snapshot) -> Where:
    hosts: dict[str, str] = {}
    twice: set[str] = set()
    sites: dict[str, str] = {}
    faces: dict[tuple[str, str], tuple[RouterAddress, ...]] = {}
    nets: dict[str, tuple[tuple[str, Network], ...]] = {}
    for router, facts in snapshot.of(RouterFacts):
        sites[router] = facts.site or router
        mine: list[tuple[str, Network]] = []
        for row in facts.addresses:
            if row.disabled:
                continue
            if hosts.setdefault(row.host, router) != router:
                twice.add(row.host)
            faces[router, row.interface] = (*faces.get((router, row.interface), ()), row)
            mine += _nets(row)
        nets[router] = tuple(mine)
    for host in twice:
        del hosts[host]
    return Where(hosts, sites, faces, nets)


where = Derived((RouterFacts,), _where, figures=False)
"""All addresses of all routers that are enabled."""


def _nets(row: RouterAddress) -> list[tuple[str, Network]]:
    """The network of an address; of a point-to-point one that of the far end."""
    try:
        own = ip_interface(row.address)
        if own.network.num_addresses > 1:
            return [(row.interface, own.network)]
        far = ip_network(row.network) if row.network and row.network != row.host else None
    except ValueError:
        return []
    return [] if far is None else [(row.interface, far)]


def stale(snapshot: Snapshot, kind: type[Part], router: str, now: float) -> bool:
    """Whether what a router said of this is too old to pass for the present."""
    return (snapshot.fresh(kind, router) or Freshness(pace=15.0)).stale(now)
