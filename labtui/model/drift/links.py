"""Links beside tunnels and their ends, and BGP connections beside sessions and AS numbers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.model.drift.difference import Difference, Ground, Mend, What
from labtui.model.inventory import InterfaceRecord, SessionRecord, TunnelRecord
from labtui.model.overlay import Bgp, BgpConnection, RouterFacts, WireGuard
from labtui.model.records import refs
from labtui.model.records.devices import device_joins
from labtui.model.records.index import RecordIndex, host_of, record_index
from labtui.model.records.links import LinkJoins, link_joins
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Tunnel

_NETBOX: Ground = ("inventory", "netbox")


def link_drift(snapshot: Snapshot) -> Iterator[Difference]:
    """The differences of tunnels and their ends."""
    index = record_index(snapshot)
    inventory = index.inventory
    if not inventory.keeps(refs.TUNNELS) or not inventory.sees(refs.TUNNEL_ENDS):
        return
    joins = link_joins(snapshot)
    told: set[tuple[str, str]] = set()
    for link in joins.links:
        # Many peers of one interface are one tunnel with spokes.
        place = link.near.router, link.near.interface.name
        if link.far is None and place in told:
            continue
        told.add(place)
        yield from _link(link, joins, index, snapshot)
    yield from _surplus(joins, index, snapshot)


def tunnel_ref(tunnel: TunnelRecord) -> Ref:
    """The tunnel as an object of NetBox."""
    return Ref(refs.TUNNELS, tunnel.id, tunnel.name)


def _rests(link: Tunnel) -> tuple[Ground, ...]:
    return (*(("wireguard", end.router) for end in link.ends), _NETBOX)


def _link(
    link: Tunnel, joins: LinkJoins, index: RecordIndex, snapshot: Snapshot
) -> Iterator[Difference]:
    match = joins.of[link.key]
    name = f"{link.near.site} = {link.far_name}"
    about = Difference(
        "different", "tunnel", name, view="wireguard", lab=link.key, rests=_rests(link),
        sure=match.sure, site=link.near.site,
    )  # fmt: skip
    if match.candidates:
        yield msgspec.structs.replace(
            about, kind="ambiguous", sure="ambiguous", actual=name,
            candidates=tuple(tunnel_ref(each) for each in match.candidates),
            recorded=", ".join(f"{each.name} #{each.id}" for each in match.candidates),
        )  # fmt: skip
        return
    if match.record is None:
        values = (
            ("name", f"wg-{link.near.site}-{link.far_name}"),
            ("encapsulation", "wireguard"),
            ("status", "active"),
        )
        create = Mend("record", "create", Ref(refs.TUNNELS, 0, name), values=values)
        yield msgspec.structs.replace(
            about, kind="missing", mends=(create,), severity="warning",
            actual=", ".join(f"{end.router} {end.interface.name}" for end in link.ends),
            hidden=refs.TUNNEL_ENDS in index.inventory.partly,
        )  # fmt: skip
        return
    tunnel = match.record
    yield from _tunnel_fields(link, tunnel, about)
    yield from _ends(link, tunnel, about, index, snapshot)


def _tunnel_fields(link: Tunnel, tunnel: TunnelRecord, about: Difference) -> Iterator[Difference]:
    ref = tunnel_ref(tunnel)
    off = any(end.off for end in link.ends)
    is_active = tunnel.status == "active"
    if off == is_active and tunnel.status in ("active", "planned", "disabled"):
        wanted = "disabled" if off else "active"
        yield msgspec.structs.replace(
            about, field="status", record=ref, actual="disabled" if off else "enabled",
            recorded=tunnel.status,
            mends=(
                Mend("record", "set", ref, values=(("status", wanted),)),
                Mend("lab", "set", key=link.key, values=(("disabled", not is_active),)),
            ),
        )  # fmt: skip
    if tunnel.encapsulation and tunnel.encapsulation != "wireguard":
        yield msgspec.structs.replace(
            about, field="encapsulation", record=ref, actual="wireguard",
            recorded=tunnel.encapsulation,
            mends=(Mend("record", "set", ref, values=(("encapsulation", "wireguard"),)),),
        )  # fmt: skip


def _ends(
    link: Tunnel, tunnel: TunnelRecord, about: Difference, index: RecordIndex, snapshot: Snapshot
) -> Iterator[Difference]:
    """Each end of the link has one of the tunnel on its interface, and there are no others."""
    devices = device_joins(snapshot)
    recorded: dict[tuple[int, str], int] = {}
    for end in index.ends_of.get(tunnel.id, []):
        face = index.interfaces.get((end.owner, end.interface)) if end.owner else None
        if face is not None and face.owner == "device":
            recorded[face.owner_id, face.name] = end.id
    wanted: set[tuple[int, str]] = set()
    for side in link.ends:
        match = devices.routers.get(side.router)
        device = match.record if match is not None else None
        if device is None:
            continue
        place = device.id, side.interface.name
        wanted.add(place)
        if place not in recorded:
            found = _face(index, device.id, side.interface.name)
            target = (("termination_id", found.id),) if found is not None else ()
            values = (("tunnel", tunnel.id), ("termination_type", "dcim.interface"), *target)
            ref = Ref(refs.TUNNEL_ENDS, 0, tunnel.name)
            yield msgspec.structs.replace(
                about, kind="missing", what="end", record=tunnel_ref(tunnel), lab=side.peer.key,
                name=f"{tunnel.name} {side.router}", actual=f"{side.router} {side.interface.name}",
                mends=(Mend("record", "create", ref, values=values),),
            )  # fmt: skip
    for (number, name), end_id in recorded.items():
        if number in devices.router_of and (number, name) not in wanted:
            # An end on a router that is not read now says nothing.
            if snapshot.one(WireGuard, devices.router_of[number]) is None:
                continue
            router = devices.router_of[number]
            ref = Ref(refs.TUNNEL_ENDS, end_id, f"{tunnel.name} {router}")
            yield msgspec.structs.replace(
                about, kind="surplus", what="end", record=ref, name=f"{tunnel.name} {router}",
                recorded=f"{router} {name}", mends=(Mend("record", "delete", ref),),
            )  # fmt: skip


def _face(index: RecordIndex, device: int, name: str) -> InterfaceRecord | None:
    faces = index.interfaces_of.get(("device", device), [])
    return next((each for each in faces if each.name == name), None)


def _surplus(joins: LinkJoins, index: RecordIndex, snapshot: Snapshot) -> Iterator[Difference]:
    """Tunnels of which an end is on a router that was read, and that has no such link."""
    devices = device_joins(snapshot)
    for tunnel in joins.rest:
        if tunnel.status != "active" or tunnel.encapsulation != "wireguard":
            continue
        routers = set()
        for end in index.ends_of.get(tunnel.id, []):
            face = index.interfaces.get((end.owner, end.interface)) if end.owner else None
            if face is not None and face.owner == "device":
                routers.add(devices.router_of.get(face.owner_id, ""))
        read = {name for name in routers if name and snapshot.one(WireGuard, name) is not None}
        if not read:
            continue
        ref = tunnel_ref(tunnel)
        yield Difference(
            "surplus", "tunnel", tunnel.name, record=ref, recorded=", ".join(sorted(read)),
            mends=(
                Mend("record", "set", ref, values=(("status", "disabled"),)),
                Mend("record", "delete", ref),
            ),
            rests=(*(("wireguard", name) for name in sorted(read)), _NETBOX),
        )  # fmt: skip


def routing_drift(snapshot: Snapshot) -> Iterator[Difference]:
    """The differences of AS numbers and BGP sessions."""
    index = record_index(snapshot)
    facts = dict(snapshot.of(RouterFacts))
    devices = device_joins(snapshot)
    for router, bgp in snapshot.of(Bgp):
        site = (facts[router].site if router in facts else "") or router
        yield from _systems(router, site, bgp, index)
        match = devices.routers.get(router)
        if match is not None and match.record is not None and index.inventory.keeps(refs.SESSIONS):
            yield from _sessions(router, match.record.id, bgp, index)


def _systems(router: str, site: str, bgp: Bgp, index: RecordIndex) -> Iterator[Difference]:
    held = sorted({connection.local_as for connection in bgp.connections} - {None}, key=str)
    rests: tuple[Ground, ...] = (("bgp", router), _NETBOX)
    known = {record.asn for record in index.inventory.asns}
    if index.inventory.keeps(refs.ASNS):
        for number in held:
            if number not in known:
                ref = Ref(refs.ASNS, 0, f"AS{number}")
                yield Difference(
                    "missing", "asn", f"AS{number}", lab=router, actual=router, rests=rests,
                    mends=(Mend("record", "create", ref, values=(("asn", number),)),), site=site,
                )  # fmt: skip
    record = next((each for each in index.inventory.sites if each.name == site), None)
    if record is None or not record.asns or not held or set(held) & set(record.asns):
        return
    yield Difference(
        "different", "asn", site, field="asn", lab=router, rests=rests, site=site,
        record=Ref(refs.SITES, record.id, record.name), severity="warning",
        actual=" ".join(map(str, held)), recorded=" ".join(map(str, record.asns)),
    )  # fmt: skip


def _sessions(router: str, device: int, bgp: Bgp, index: RecordIndex) -> Iterator[Difference]:
    recorded: dict[str, SessionRecord] = {
        host_of(each.remote_address): each
        for each in index.inventory.sessions
        if each.device == device
    }
    rests: tuple[Ground, ...] = (("bgp", router), _NETBOX)
    matched: set[int] = set()
    for connection in bgp.connections:
        host = host_of(connection.remote_address)
        # One that listens for a whole network has no neighbour of its own.
        if not host or "/" in connection.remote_address:
            continue
        record = recorded.get(host)
        name = f"{router} {connection.name}"
        about = Difference(
            "missing", "session", name, view="bgp", lab=connection.key, rests=rests,
            actual=f"{connection.remote_address} AS{connection.remote_as or '?'}",
        )  # fmt: skip
        if record is not None:
            matched.add(record.id)
            yield from _session_fields(connection, record, about)
        elif not connection.disabled:
            values = (("name", connection.name), ("device", device))
            create = Mend("record", "create", Ref(refs.SESSIONS, 0, name), values=values)
            yield msgspec.structs.replace(about, mends=(create,))
    for record in recorded.values():
        if record.id not in matched and record.status == "active":
            ref = Ref(refs.SESSIONS, record.id, record.name)
            yield Difference(
                "surplus", "session", f"{router} {record.name}", lab=router, record=ref,
                recorded=f"{record.remote_address} AS{record.remote_as or '?'}", rests=rests,
                mends=(Mend("record", "set", ref, values=(("status", "offline"),)),),
            )  # fmt: skip


def _session_fields(
    connection: BgpConnection, record: SessionRecord, about: Difference
) -> Iterator[Difference]:
    ref = Ref(refs.SESSIONS, record.id, record.name)
    both: list[tuple[str, str, str]] = []
    if connection.remote_as and record.remote_as and connection.remote_as != record.remote_as:
        both.append(("remote_as", str(connection.remote_as), str(record.remote_as)))
    if connection.local_as and record.local_as and connection.local_as != record.local_as:
        both.append(("local_as", str(connection.local_as), str(record.local_as)))
    local = host_of(connection.local_address)
    if local and record.local_address and local != host_of(record.local_address):
        both.append(("local_address", local, record.local_address))
    if connection.disabled and record.status == "active":
        both.append(("status", "disabled", record.status))
    if not connection.disabled and record.status in ("offline", "planned"):
        both.append(("status", "enabled", record.status))
    for field, actual, recorded in both:
        status = (("status", "offline" if connection.disabled else "active"),)
        values = status if field == "status" else ((field, actual),)
        mends = [Mend("record", "set", ref, values=values)]
        if field == "status" and record.status in ("active", "offline"):
            off = (("disabled", record.status == "offline"),)
            mends.append(Mend("lab", "set", key=connection.key, values=off))
        yield msgspec.structs.replace(
            about, kind="different", field=field, record=ref, actual=actual, recorded=recorded,
            mends=tuple(mends),
        )  # fmt: skip


WHATS: tuple[What, ...] = ("tunnel", "end", "asn", "session")
