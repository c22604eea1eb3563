"""Clusters, nodes and routers beside their records, and the addresses of routers."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.drift.difference import Difference, Ground, Mend, What
from labtui.model.inventory import AddressRecord, DeviceRecord
from labtui.model.overlay import RouterAddress, RouterFacts
from labtui.model.presence import presences
from labtui.model.records import refs
from labtui.model.records.devices import DeviceJoins, Match, device_joins
from labtui.model.records.guests import guest_joins
from labtui.model.records.index import RecordIndex, host_of, record_index
from labtui.model.records.refs import Ref
from labtui.model.records.subnets import is_public
from labtui.model.snapshot import Snapshot

_GONE = frozenset(("offline", "decommissioning", "failed", "planned", "staged", "inventory"))
# Several may have such an address, and nobody is wrong.
SHARED = frozenset(("anycast", "vip", "vrrp", "hsrp", "glbp", "carp"))
_NETBOX: Ground = ("inventory", "netbox")


def device_ref(device: DeviceRecord) -> Ref:
    """The device as an object of NetBox."""
    return Ref(refs.DEVICES, device.id, device.name)


def address_ref(address: AddressRecord) -> Ref:
    """The address as an object of NetBox."""
    return Ref(refs.ADDRESSES, address.id, address.address)


def equipment_drift(snapshot: Snapshot) -> Iterator[Difference]:
    """The differences of clusters, nodes and routers."""
    index = record_index(snapshot)
    joins = device_joins(snapshot)
    yield from _clusters(snapshot, index)
    if not index.inventory.sees(refs.DEVICES):
        return
    yield from _nodes(snapshot, index, joins)
    # What another router has is told there: it is recorded elsewhere, not too much.
    used = {
        host_of(address.address)
        for _name, facts in snapshot.of(RouterFacts)
        for address in facts.addresses
    }
    for router, facts in snapshot.of(RouterFacts):
        match = joins.routers.get(router)
        if match is not None:
            yield from _router(router, facts, match, index, used)


def _clusters(snapshot: Snapshot, index: RecordIndex) -> Iterator[Difference]:
    inventory = index.inventory
    if not inventory.keeps(refs.CLUSTERS):
        return
    called = guest_joins(snapshot).clusters
    known = {cluster.name.casefold() for cluster in inventory.clusters}
    for name, part in snapshot.of(Membership):
        if part.quorate is None or called.get(name, name).casefold() in known:
            continue
        ref = Ref(refs.CLUSTERS, 0, name)
        yield Difference(
            "missing",
            "cluster",
            name,
            actual=name,
            mends=(Mend("record", "create", ref, values=(("name", name),)),),
            rests=(("membership", name), _NETBOX),
        )


def _nodes(snapshot: Snapshot, index: RecordIndex, joins: DeviceJoins) -> Iterator[Difference]:
    called = guest_joins(snapshot).clusters
    there = presences(snapshot)
    clusters = {cluster.name: cluster.id for cluster in index.inventory.clusters}
    held: set[int] = set()
    for key, match in joins.nodes.items():
        cluster, _slash, name = key.partition("/")
        rests: tuple[Ground, ...] = (("membership", cluster), _NETBOX)
        if match.record is None:
            yield _unjoined("node", name, key, match, rests, index)
            continue
        device = match.record
        held.add(device.id)
        expected = called.get(cluster)
        about = Difference(
            "different", "node", name, view="nodes", lab=key, record=device_ref(device),
            rests=rests, sure=match.sure,
        )  # fmt: skip
        if expected in clusters and device.cluster != expected:
            values = (("cluster", clusters[expected]),)
            yield msgspec.structs.replace(
                about, field="cluster", actual=expected, recorded=device.cluster or "-",
                mends=(Mend("record", "set", device_ref(device), values=values),),
            )  # fmt: skip
        presence = there.get((cluster, name))
        if presence is not None and presence.online is True and device.status in _GONE:
            values_ = (("status", "active"),)
            yield msgspec.structs.replace(
                about, field="status", actual="online", recorded=device.status,
                mends=(Mend("record", "set", device_ref(device), values=values_),),
            )  # fmt: skip
    yield from _surplus_nodes(snapshot, index, held)


def _surplus_nodes(snapshot: Snapshot, index: RecordIndex, held: set[int]) -> Iterator[Difference]:
    called = guest_joins(snapshot).clusters
    ours = {called.get(name, name): name for name, _part in snapshot.of(Resources)}
    for device in index.inventory.devices:
        if device.cluster in ours and device.id not in held and device.status == "active":
            ref = device_ref(device)
            yield Difference(
                "surplus", "node", device.name, record=ref, recorded=device.cluster,
                mends=(Mend("record", "set", ref, values=(("status", "decommissioning"),)),),
                rests=(("resources", ours[device.cluster]), _NETBOX),
            )  # fmt: skip


def _unjoined(
    what: What,
    name: str,
    key: str,
    match: Match,
    rests: tuple[Ground, ...],
    index: RecordIndex,
) -> Difference:
    if match.candidates:
        return Difference(
            "ambiguous", what, name, lab=key, rests=rests, sure="ambiguous", actual=name,
            candidates=tuple(device_ref(each) for each in match.candidates),
            recorded=", ".join(f"{each.name} #{each.id}" for each in match.candidates),
        )  # fmt: skip
    create = Mend("record", "create", Ref(refs.DEVICES, 0, name), values=(("name", name),))
    return Difference(
        "missing", what, name, lab=key, actual=name, mends=(create,), rests=rests,
        view="nodes" if what == "node" else "", severity="warning",
        hidden=refs.DEVICES in index.inventory.partly,
    )  # fmt: skip


def _router(
    router: str, facts: RouterFacts, match: Match, index: RecordIndex, used: set[str]
) -> Iterator[Difference]:
    rests: tuple[Ground, ...] = (("facts", router), _NETBOX)
    if match.record is None:
        yield _unjoined("router", router, router, match, rests, index)
        return
    device = match.record
    if not index.inventory.keeps(refs.ADDRESSES, refs.DEVICE_INTERFACES):
        return
    for address in facts.addresses:
        if not address.disabled:
            yield from _in_use(router, facts, address, device, index, rests)
    for interface in index.interfaces_of.get(("device", device.id), []):
        for record in index.addresses_on.get(("device", interface.id), []):
            host = host_of(record.address)
            if host and host not in used and record.role not in SHARED:
                ref = address_ref(record)
                yield Difference(
                    "surplus", "address", record.address, lab=router, record=ref,
                    recorded=f"{device.name} {interface.name}", rests=rests, site=facts.site,
                    mends=(Mend("record", "delete", ref),),
                )  # fmt: skip


def _in_use(
    router: str,
    facts: RouterFacts,
    address: RouterAddress,
    device: DeviceRecord,
    index: RecordIndex,
    rests: tuple[Ground, ...],
) -> Iterator[Difference]:
    """An address of a router: recorded, and on the router's device. What providers hand out
    changes when they like, so that lacking it is none of our business."""
    host = host_of(address.address)
    # The address of a call is there as long as the call is.
    call = address.interface.startswith("<") or (address.network and address.network != host)
    if not host or is_public(host) or (call and address.address.endswith("/32")):
        return
    known = index.addresses.get(host, [])
    on_device = {
        each.id
        for each in known
        if each.holder == "device"
        and (held := index.interfaces.get(("device", each.interface))) is not None
        and held.owner_id == device.id
    }
    if on_device:
        return
    about = Difference(
        "missing", "address", address.address, lab=router, rests=rests, site=facts.site,
        actual=f"{router} {address.interface}", severity="warning",
        hidden=refs.ADDRESSES in index.inventory.partly,
    )  # fmt: skip
    faces = index.interfaces_of.get(("device", device.id), [])
    face = next((each for each in faces if each.name == address.interface), None)
    assign = (
        (("assigned_object_type", "dcim.interface"), ("assigned_object_id", face.id))
        if face is not None
        else ()
    )
    if not known:
        values = (("address", address.address), *assign)
        create = Mend("record", "create", Ref(refs.ADDRESSES, 0, address.address), values=values)
        yield msgspec.structs.replace(about, mends=(create,))
        return
    free = next((each for each in known if each.holder is None), known[0])
    mends = (Mend("record", "assign", address_ref(free), values=assign),) if assign else ()
    yield msgspec.structs.replace(
        about, kind="different", field="holder", record=address_ref(free), mends=mends,
        recorded=" ".join(index.holder(free)).strip() or "-",
        severity="notice" if free.holder is None else "warning",
    )  # fmt: skip
