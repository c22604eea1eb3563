"""Who is asked for the use of cards: guests that run with one, and nodes that keep one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from labtui.config.address import SSH_PORT, hop_of
from labtui.config.entering import matching
from labtui.config.schema import Address, Hop, SshConfig
from labtui.model.claims import Card, card_table
from labtui.model.cluster import Membership
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.owners import registry
from labtui.model.snapshot import Snapshot
from labtui.model.use import place_of


class Target(NamedTuple):
    """A place to ask: a guest (`vmid`), or the node itself (0), and the makers of its cards."""

    node: str
    vmid: int
    name: str
    makers: tuple[str, ...]
    agent: bool = False

    @property
    def place(self) -> str:
        return place_of(self.vmid, self.node)


def targets(snapshot: Snapshot, cluster: str, *, nodes: bool) -> dict[str, Target]:
    """By place. `nodes`: also the nodes with a card that nobody has just now."""
    makers: dict[str, set[str]] = {}
    guests: dict[str, Guest] = {}
    for card in card_table(snapshot).cards:
        if card.device.cluster != cluster or not card.node_online or card.device.is_virtual:
            continue
        for guest in _holders(card):
            guests[place_of(guest.vmid, guest.node)] = guest
            makers.setdefault(place_of(guest.vmid, guest.node), set()).add(card.device.vendor_id)
        if nodes and not any(c.running and not c.path for c in card.rivals):
            place = place_of(0, card.device.node)
            makers.setdefault(place, set()).add(card.device.vendor_id)
    configs = (snapshot.one(GuestConfigs, cluster) or GuestConfigs({})).configs
    found = {}
    for place, ids in makers.items():
        known = guests.get(place)
        if known is None:
            node = place.partition("/")[2]
            found[place] = Target(node, 0, node, tuple(sorted(ids)))
        else:
            config = configs.get(known.vmid)
            agent = config is not None and config.agent
            found[place] = Target(known.node, known.vmid, known.name, tuple(sorted(ids)), agent)
    return found


def _holders(card: Card) -> Iterator[Guest]:
    for claim in card.claims:
        if claim.running and claim.guest.status == "running" and claim.guest.kind == "qemu":
            yield claim.guest


def hop_to(
    target: Target, snapshot: Snapshot, cluster: str, ssh: SshConfig, hosts: tuple[str, ...]
) -> Hop | None:
    """Where its SSH is: as `[ssh.hosts]` says, the cluster's `ssh` for a node, its own address.

    A guest's is the fixed one of its configuration, else that of its record in NetBox.
    """
    kind = "guest" if target.vmid else "node"
    user = next(iter(matching(ssh.users, kind, target.name)), ssh.user)
    for hop in matching(ssh.hosts, kind, target.name):
        port = hop.address.port or SSH_PORT
        return Hop(Address(hop.address.host, port), hop.user or user)
    if not target.vmid:
        return _node_hop(target, snapshot, cluster, hosts, user or "root")
    address = _guest_address(target, snapshot, cluster)
    return Hop(Address(address, SSH_PORT), user) if address else None


def _node_hop(
    target: Target, snapshot: Snapshot, cluster: str, hosts: tuple[str, ...], user: str
) -> Hop | None:
    membership = snapshot.one(Membership, cluster)
    member = membership.member(target.node) if membership is not None else None
    address = member.address if member is not None else ""
    for hop in map(hop_of, hosts):
        host = hop.address.host
        if host in (target.node, address) or host.partition(".")[0] == target.node:
            return Hop(hop.address, hop.user or user)
    return Hop(Address(address, SSH_PORT), user) if address else None


def _guest_address(target: Target, snapshot: Snapshot, cluster: str) -> str:
    configs = (snapshot.one(GuestConfigs, cluster) or GuestConfigs({})).configs
    config = configs.get(target.vmid)
    fixed = [net.address for net in config.nets if net.address] if config is not None else []
    match = registry(snapshot).joins.of.get(f"{cluster}/{target.vmid}")
    if match is not None and match.record is not None and match.record.address:
        fixed.append(match.record.address)
    return next((address.partition("/")[0] for address in fixed), "")
