"""The plan that takes a link away: what belongs to it on both routers and in NetBox.

First everything is switched off on both sides, which can be taken back; only when that stands is it
removed. From the first removal on there is only forward: the private key of an interface is with
its router alone, so nobody could make the same one again.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, ip_address

import msgspec

from labtui.actions import interlock_routers
from labtui.actions.action import NETBOX, Call, Fact, Plan, Wire
from labtui.actions.evacuation.book import Record
from labtui.actions.link.facts import routers_in, scope
from labtui.actions.overlay.course import new_id
from labtui.actions.overlay.desk import Row, on, rows, rows_or_none, sentence
from labtui.actions.overlay.impact import Impact, impact, lines
from labtui.actions.overlay.resume import cut_off
from labtui.actions.overlay.resume import draft as taken_up
from labtui.actions.overlay.target import target_of
from labtui.locale import _
from labtui.model.errors import NotFound, Rejected
from labtui.model.inventory import Inventory
from labtui.model.tunnels import Tunnel, tunnels

GUARDS, PEERS = "/interface/wireguard", "/interface/wireguard/peers"
CONNECTION = "/routing/bgp/connection"
MARK = "labtui "


class Half(msgspec.Struct, frozen=True):
    """What belongs to the link on one router: (menu, row), in the order in which it is removed."""

    router: str
    face: str
    rows: tuple[tuple[str, Row], ...]
    marked: bool = False
    """It was made by `labtui link`: the mark is on the interface."""
    more_peers: int = 0


class RemovalFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `records` are (path, id, name) in NetBox, in the order of deletion."""

    subject: str
    name: str
    halves: tuple[Half, ...]
    records: tuple[tuple[str, int, str], ...]
    impact: Impact
    read_at: float
    id: str
    blockers: tuple[str, ...] = ()
    cut: Record | None = None


async def survey(subject: str, wire: Wire) -> RemovalFacts:
    """Read both routers and NetBox. Raises `LabError`; `NotFound` without such a link."""
    snapshot, now = wire.snapshot, wire.now()
    if "," in subject and (cut := await _cut(subject, wire)) is not None:
        # Half of it may be gone already: its journal knows all of it.
        against = await interlock_routers.blockers(scope(cut.header.subject, snapshot), wire)
        return RemovalFacts(cut.header.subject, "", (), (), Impact(), now, cut.id, against, cut)
    tunnel = _tunnel(subject, wire)
    if tunnel.far is None:
        raise Rejected(_("only one end of it is ours"), where=tunnel.near.router)
    pair = (tunnel.near.router, tunnel.far.router)
    halves = [
        await _half(end.router, end.interface.name, wire) for end in (tunnel.near, tunnel.far)
    ]
    joined = ",".join(pair)
    return RemovalFacts(
        joined,
        f"{halves[0].face} = {halves[1].face}",
        tuple(halves),
        _records(halves, wire),
        impact(target_of(tunnel.key, snapshot, now), snapshot, now),
        now,
        new_id(),
        await interlock_routers.blockers(scope(joined, snapshot), wire),
    )


async def _cut(subject: str, wire: Wire) -> Record | None:
    """A removal of a link between these two that was cut off."""
    pair = set(subject.split(","))

    def fits(record: Record) -> bool:
        header = record.header
        return header.action == "link.remove" and set(header.subject.split(",")) == pair

    return await cut_off(wire, fits)


def _tunnel(subject: str, wire: Wire) -> Tunnel:
    """The tunnel of a row, or the one that labtui made between two routers, else the only one."""
    snapshot, now = wire.snapshot, wire.now()
    every = tunnels(snapshot, now)
    named = [each for each in every if f"wireguard/{each.key}" == subject]
    pair = set(routers_in(subject, snapshot, now)) if "," in subject else set()
    between = [each for each in every if {end.router for end in each.ends} == pair]
    made = [each for each in between if each.near.interface.comment.startswith(MARK)]
    for found in (named, made, between):
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(each.near.interface.name for each in found)
            why = _("there are several: {names}; choose one in the links pane").format(names=names)
            raise Rejected(_("which link?"), where=subject, why=why)
    raise NotFound(_("there is no such WireGuard link"), where=subject)


async def _half(router: str, face: str, wire: Wire) -> Half:
    guards = await rows(wire, router, GUARDS, **{"?name": face})
    if not guards:
        raise NotFound(_("the interface is not there any more"), where=f"{router} {face}")
    addresses = await rows(wire, router, "/ip/address", **{"?interface": face})
    peers = await rows(wire, router, PEERS, **{"?interface": face})
    port = guards[0].get("listen-port", "")
    mark = guards[0].get("comment", "")
    ours = mark.startswith(MARK)
    found: list[tuple[str, Row]] = []
    connections = await rows_or_none(wire, router, CONNECTION)
    inside = [row for row in connections if _inside(row.get("remote.address", ""), addresses)]
    found += [(CONNECTION, row) for row in inside]
    if ours:
        for menu in ("/routing/filter/rule", "/routing/bgp/instance"):
            made = await rows_or_none(wire, router, menu, **{"?comment": mark})
            others = [row for row in connections if row not in inside]
            found += [(menu, row) for row in made if not _used(row, others)]
    found += [(PEERS, row) for row in peers]
    rules = await rows(wire, router, "/ip/firewall/filter", **{"?chain": "input"})
    found += [
        ("/ip/firewall/filter", row)
        for row in rules
        if row.get("in-interface") == face
        or (ours and row.get("comment") == mark and row.get("dst-port") == port)
    ]
    found += [("/ip/address", row) for row in addresses]
    found.append((GUARDS, guards[0]))
    return Half(router, face, tuple(found), ours, len(peers) - 1)


def _inside(address: str, addresses: list[Row]) -> bool:
    try:
        host = ip_address(address.partition("/")[0])
        return any(host in IPv4Interface(row["address"]).network for row in addresses)
    except (ValueError, KeyError):
        return False


def _used(row: Row, connections: list[Row]) -> bool:
    """Whether another connection goes through a chain, or belongs to an instance."""
    names = {row.get("chain", ""), row.get("name", "")} - {""}
    return any(
        names & {one.get("output.filter-chain"), one.get("input.filter"), one.get("instance")}
        for one in connections
    )


def _records(halves: list[Half], wire: Wire) -> tuple[tuple[str, int, str], ...]:
    """NetBox's tunnel between these interfaces with all that only it needs.

    By the ends of tunnels on the interfaces of these names; the tunnel takes its ends with it.
    """
    found: list[tuple[str, int, str]] = []
    for _name, inventory in wire.snapshot.of(Inventory):
        devices = {device.name.casefold(): device.id for device in inventory.devices}
        owners = {devices.get(half.router.casefold(), 0): half.face for half in halves}
        faces = [
            face
            for face in inventory.interfaces
            if face.owner == "device" and owners.get(face.owner_id) == face.name
        ]
        ids = {face.id for face in faces}
        ends = [e for e in inventory.tunnel_ends if e.owner == "device" and e.interface in ids]
        shared = {e.tunnel for e in ends}
        found += [("vpn/tunnels", t.id, t.name) for t in inventory.tunnels if t.id in shared]
        kept = [
            one for one in inventory.addresses if one.holder == "device" and one.interface in ids
        ]
        found += [("ipam/ip-addresses", one.id, one.address) for one in kept]
        found += [("dcim/interfaces", face.id, face.name) for face in faces]
        nets = {str(IPv4Interface(one.address).network) for one in kept if ":" not in one.address}
        found += [
            ("ipam/prefixes", one.id, one.prefix)
            for one in inventory.prefixes
            if one.prefix in nets
        ]
    return tuple(found)


def offs(facts: RemovalFacts) -> tuple[Call, ...]:
    """What is switched off first: sessions, then peers, then interfaces."""
    menus = (CONNECTION, PEERS, GUARDS)
    return tuple(
        sentence(half.router, f"{menu}/disable", {".id": row[".id"]})
        for menu in menus
        for half in facts.halves
        for where, row in half.rows
        if where == menu and not on(row, "disabled")
    )


def removals(facts: RemovalFacts) -> Iterator[Call]:
    """What is removed then, the interfaces last."""
    for half in facts.halves:
        for menu, row in half.rows:
            yield sentence(half.router, f"{menu}/remove", {".id": row[".id"]})
    for path, number, _name in facts.records:
        yield Call(NETBOX, "DELETE", f"{path}/{number}")


def draft(facts: RemovalFacts, choice: str, mode: str) -> Plan:
    """The plan; there is nothing to choose."""
    del choice, mode
    if facts.cut is not None:
        going = forward(facts.cut, facts) if begun(facts.cut) else None
        return going or taken_up(facts.cut, facts.read_at, facts.blockers)
    told = [Fact(half.router, _belongings(half)) for half in facts.halves]
    told += [Fact(label, text) for label, text in lines(facts.impact)]
    if facts.records:
        names = ", ".join(name for _path, _number, name in facts.records)
        told.append(Fact("NetBox", names))
    told.append(Fact(_("order"), _("off on both first, which can be taken back; then away")))
    return Plan(
        action="link.remove",
        subject=facts.subject,
        title=_("Remove the link {name}").format(name=facts.name),
        made_at=facts.read_at,
        facts=tuple(told),
        calls=(*offs(facts), *removals(facts)),
        blockers=facts.blockers,
        warnings=tuple(_warnings(facts)),
        confirm=facts.halves[0].face,
        stands_on=(("job", facts.id),),
    )


def begun(record: Record) -> bool:
    """Whether anything was removed already: then the way is forward."""
    sent = {entry.step for entry in record.entries if entry.event == "sending"}
    steps = record.header.steps
    return any(removes(steps[n].calls[0]) for n in sent if 0 <= n < len(steps))


def removes(call: Call) -> bool:
    """Whether something is gone by it."""
    return call.method == "DELETE" or call.path.endswith("/remove")


def forward(record: Record, facts: RemovalFacts) -> Plan:
    """The plan that goes on where a removal was cut off."""
    left = tuple(call for step in record.header.steps for call in step.calls if removes(call))
    return Plan(
        action="link.remove",
        subject=facts.subject,
        title=_("Go on: {title}").format(title=record.header.title),
        made_at=facts.read_at,
        facts=(Fact(_("cut off"), _("a part is gone already; what is still there is removed")),),
        calls=left,
        blockers=facts.blockers,
        confirm=facts.subject,
        book=record.id,
    )


def _belongings(half: Half) -> str:
    names = [
        row.get("name") or row.get("address") or row.get("chain") or row.get("comment") or "?"
        for _menu, row in half.rows
    ]
    return ", ".join(dict.fromkeys((half.face, *names)))


def _warnings(facts: RemovalFacts) -> Iterator[str]:
    yield _("once an interface is removed nobody can make the same one again: its key is gone")
    if facts.impact.cut:
        yield facts.impact.cut
    for half in facts.halves:
        if not half.marked:
            text = _("{face} on {router} was not made by labtui: look at what goes with it")
            yield text.format(face=half.face, router=half.router)
        if half.more_peers:
            text = _("{face} on {router} has {n} more peers, which go as well")
            yield text.format(face=half.face, router=half.router, n=half.more_peers)
