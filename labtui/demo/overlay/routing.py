"""The routing tables: what each site announces, what every router hears of it, where packets go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network

from labtui.demo.overlay.adjacency import Adjacency, Speaker
from labtui.demo.overlay.devices import BgpConnection, Router
from labtui.demo.overlay.policy import RULES, permits
from labtui.demo.overlay.prefixes import Passes, spread

LISTS = "/ip/firewall/address-list"
STATIC = "/ip/route"
OLD_NETWORKS = "/routing/bgp/network"
# Prefixes that a neighbour outside the lab announces: this many /27 of a block of dn42.
EXTERNAL_PREFIXES = {"dn42": 611}
_DN42_BLOCK = IPv4Network("172.20.0.0/14")
_DN42_STEP = 7


@lru_cache(maxsize=8192)
def network(text: str) -> IPv4Network:
    """A network, host bits cut off. ValueError for no IPv4 network."""
    return IPv4Network(text, strict=False)


@lru_cache
def external_prefixes(origin: str) -> tuple[str, ...]:
    """The prefixes that a neighbour outside the lab announces."""
    subnets = list(_DN42_BLOCK.subnets(new_prefix=27))
    count = EXTERNAL_PREFIXES[origin]
    return tuple(str(subnets[(index * _DN42_STEP) % len(subnets)]) for index in range(count))


@dataclass(frozen=True)
class Group:
    """Prefixes that go the same way: one of a site, or all that an outside neighbour announces."""

    name: str
    sample: str
    count: int
    origins: tuple[str, ...]

    @property
    def prefixes(self) -> tuple[str, ...]:
        """Every prefix of the group."""
        return external_prefixes(self.name) if self.name in EXTERNAL_PREFIXES else (self.name,)

    def covers(self, address: IPv4Address) -> bool:
        """Whether the address lies in one of its prefixes."""
        if self.name not in EXTERNAL_PREFIXES:
            return address in network(self.name)
        place = int(address) - int(_DN42_BLOCK.network_address)
        # The step is odd and the number of subnets a power of two, so each comes once.
        subnets = 1 << (27 - _DN42_BLOCK.prefixlen)
        if not 0 <= place < _DN42_BLOCK.num_addresses:
            return False
        return (place >> 5) * pow(_DN42_STEP, -1, subnets) % subnets < self.count


@dataclass(frozen=True)
class Heard:
    """A path that a router hears of a prefix; the best one is active."""

    group: Group
    connection: BgpConnection
    path: tuple[str, ...]
    active: bool


@dataclass
class Routing:
    """The state of all tables; `refresh` brings it in line with the sessions."""

    groups: tuple[Group, ...] = ()
    paths: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    _seen: object = None

    def refresh(
        self, routers: Mapping[str, Router], adjacencies: Sequence[Adjacency], now: float
    ) -> None:
        """Compute the best paths anew, if sessions, networks or filters have changed."""
        sides = list(_directions(adjacencies, now))
        groups = tuple(_groups(routers.values()))
        seen = (
            tuple((one.site, other.site, *_chains(one, other)) for one, other in sides),
            groups,
            tuple(_rules(router) for router in routers.values()),
        )
        if seen == self._seen:
            return
        self._seen, self.groups = seen, groups
        neighbours: dict[str, list[str]] = {}
        between: dict[tuple[str, str], tuple[Speaker, Speaker]] = {}
        for sender, receiver in sides:
            neighbours.setdefault(sender.site, []).append(receiver.site)
            between.setdefault((sender.site, receiver.site), (sender, receiver))
        self.paths = {}
        for group in groups:
            found = spread(group.origins, neighbours, _passes(between, group.sample))
            for holder, path in found.items():
                self.paths[holder, group.name] = path

    def offers(self, sender: Speaker, receiver: Speaker) -> Iterator[Group]:
        """What one side announces to the other, before the other's filter."""
        for group in self.groups:
            path = self.paths.get((sender.site, group.name))
            if path is None or receiver.site in path or group.origins == (receiver.site,):
                continue
            if permits(sender.router, sender.connection.output_filter, group.sample):
                yield group

    def count(self, sender: Speaker, receiver: Speaker) -> tuple[int, int]:
        """Prefixes announced, and those that the receiver's filter takes."""
        offered = taken = 0
        for group in self.offers(sender, receiver):
            offered += group.count
            if permits(receiver.router, receiver.connection.input_filter, group.sample):
                taken += group.count
        return offered, taken

    def heard(self, router: Router, adjacencies: Sequence[Adjacency], now: float) -> list[Heard]:
        """Every path that a router has taken from its neighbours."""
        found = []
        for sender, receiver in _directions(adjacencies, now):
            if receiver.router is not router:
                continue
            for group in self.offers(sender, receiver):
                if not permits(router, receiver.connection.input_filter, group.sample):
                    continue
                path = (sender.site, *self.paths[sender.site, group.name])
                best = self.paths.get((router.site, group.name)) == path
                found.append(Heard(group, receiver.connection, path, best))
        return found

    def best(self, site: str, address: IPv4Address) -> tuple[Group, tuple[str, ...]] | None:
        """The longest prefix that a site has a path to for an address, and the path."""
        fits = [
            (group, self.paths[site, group.name])
            for group in self.groups
            if (site, group.name) in self.paths and group.covers(address)
        ]
        return max(fits, key=lambda fit: network(fit[0].sample).prefixlen, default=None)


def _passes(between: Mapping[tuple[str, str], tuple[Speaker, Speaker]], prefix: str) -> Passes:
    return lambda via, holder: lets_through(*between[via, holder], prefix)


def lets_through(sender: Speaker, receiver: Speaker, prefix: str) -> bool:
    """Whether the filters of both sides let a prefix through."""
    return permits(sender.router, sender.connection.output_filter, prefix) and permits(
        receiver.router, receiver.connection.input_filter, prefix
    )


def originated(router: Router) -> list[str]:
    """The prefixes a router announces as its own: those listed that it has a route to."""
    if router.major < 7:
        rows = [row.get("network") for row in router.table(OLD_NETWORKS) if not row.disabled]
        return [row for row in rows if row]
    lists = {connection.output_network for connection in router.connections}
    lists.add("bgp-networks")
    known = {str(network(row.address)) for row in router.addresses if not row.disabled}
    known |= {row.get("dst-address") for row in router.table(STATIC) if not row.disabled}
    found = []
    for row in router.tables.get(LISTS, ()):
        if row.disabled or row.get("list") not in lists:
            continue
        try:
            prefix = str(network(row.get("address")))
        except ValueError:
            continue
        if prefix in known and prefix not in found:
            found.append(prefix)
    return found


def _groups(routers: Iterable[Router]) -> Iterator[Group]:
    origins: dict[str, list[str]] = {}
    for router in routers:
        for prefix in originated(router):
            origins.setdefault(prefix, []).append(router.site)
    for prefix, sites in origins.items():
        yield Group(prefix, prefix, 1, tuple(sites))
    for name, count in EXTERNAL_PREFIXES.items():
        yield Group(name, external_prefixes(name)[0], count, (name,))


def _directions(adjacencies: Sequence[Adjacency], now: float) -> Iterator[tuple[Speaker, Speaker]]:
    """Sender and receiver of every session over which routes came."""
    for adjacency in adjacencies:
        if adjacency.established:
            for side, other in adjacency.sides:
                if adjacency.has_heard(side, other, now):
                    yield other, side


def _chains(sender: Speaker, receiver: Speaker) -> tuple[str, str]:
    return sender.connection.output_filter, receiver.connection.input_filter


def _rules(router: Router) -> tuple[tuple[str, str, bool], ...]:
    return tuple(
        (row.get("chain"), row.get("rule"), row.disabled) for row in router.tables.get(RULES, ())
    )
