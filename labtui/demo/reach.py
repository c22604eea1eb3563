"""What the console reaches from where it stands, and who of the cluster reaches whom.

The console stands in the first site of the lab. What is elsewhere it reaches through the overlay,
and routers also at their public address. Corosync goes the same ways as everything else, so sites
that lose their last tunnel lose each other in the cluster as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.demo.listeners import Mode

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

INSIDE, OUTSIDE = "inside", "outside"
"""The ways to a server: through the overlay, or by its public address."""


class Reach:
    """Answers from the present state of the worlds."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab = lab
        self._router_of = {site.name: site.router for site in lab.lab.sites}
        self._site_of = {site.router: site.name for site in lab.lab.sites}
        self._site_of |= {node.name: node.site for node in lab.lab.nodes}
        self.home = lab.lab.sites[0].name
        self._vmids = {guest.name: guest.vmid for guest in lab.lab.guests}
        self._cut: dict[frozenset[str], int] = {}

    def site(self, name: str) -> bool:
        """Whether packets from the console come to a site through the overlay."""
        return self.between(self.home, name)

    def between(self, one: str, other: str) -> bool:
        """Whether a site reaches another one through the overlay.

        It follows the routes and asks no dice, so that looking changes nothing.
        """
        if one == other:
            return True
        overlay = self._lab.overlay
        if not all(overlay.routers[self._router_of[site]].up for site in (one, other)):
            return False
        path = overlay.paths.get((one, other))
        if path is None:
            return self._by_line(one, other)
        here = one
        for there in path:
            adjacency = overlay.between(here, there)
            if adjacency is None or not adjacency.tunnel.passing(overlay.now):
                return False
            here = there
        return here == other

    def _by_line(self, one: str, other: str) -> bool:
        """Whether two sites have a backup line between them that routes."""
        return any(
            hood.full(self._lab.overlay.now)
            for hood in self._lab.overlay.neighbourhoods
            if {router.site for router in hood.routers} == {one, other}
        )

    def without(self, server: str, way: str) -> Mode | None:
        """How connections to a server fail before they come to it; None when they arrive."""
        host = self._host(server)
        if not host:
            return Mode.DEAD
        routers, nodes = self._lab.overlay.routers, self._lab.cluster.state.nodes
        if host in nodes:
            node = nodes[host]
            if not node.powered:
                return Mode.DEAD
            if node.starting_up or (host == server and not node.api_up):
                return Mode.REFUSE
        elif host in routers and not routers[host].up:
            return Mode.DEAD
        site = self._site_of.get(host, self.home)
        if way == OUTSIDE:
            return None if self._round(site) else Mode.BLACKHOLE
        return None if self.site(site) else Mode.BLACKHOLE

    def _round(self, site: str) -> bool:
        """Whether a router answers at its public address."""
        if site == self.home:
            return True
        overlay = self._lab.overlay
        ends = [(each, overlay.routers[self._router_of[each]]) for each in (self.home, site)]
        return all(
            router.up and router.online and overlay.underlay.uplink(each).up
            for each, router in ends
        )

    def _host(self, server: str) -> str:
        """The machine behind a front: `ssh:NAME` is on NAME, a guest on its node.

        Empty for a guest that does not run; NetBox is one where the lab has a guest of that name.
        """
        name = server.rpartition(":")[2]
        vmid = self._vmids.get(name)
        if vmid is None or vmid not in self._lab.cluster.state.guests:
            return name
        guest = self._lab.cluster.state.guests[vmid]
        return guest.node if guest.running else ""

    def tell_cluster(self) -> None:
        """Part the nodes of the cluster as their sites are parted, and join them again."""
        sites = list(dict.fromkeys(node.site for node in self._lab.lab.nodes))
        groups: list[list[str]] = []
        for name in sites:
            group = next((each for each in groups if self.between(each[0], name)), None)
            if group is None:
                groups.append([name])
            else:
                group.append(name)
        # The first group keeps the uncut network; the others are cut off from it.
        wanted = {frozenset(group) for group in groups[1:]}
        state = self._lab.cluster.state
        for gone in self._cut.keys() - wanted:
            state.join_side(self._cut.pop(gone))
        for cut_off in wanted - self._cut.keys():
            nodes = [node.name for node in self._lab.lab.nodes if node.site in cut_off]
            self._cut[cut_off] = state.part(nodes)
