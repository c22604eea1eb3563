"""From a mend that makes a record to its requests: with all that NetBox wants of a new one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from labtui.actions.records.changing import label_of, mac_requests
from labtui.actions.records.desk import Desk
from labtui.actions.records.known import (
    asn_id,
    cluster_type,
    like,
    near_address,
    node_site,
    rir_of,
    session_address,
)
from labtui.actions.records.request import MAC_OBJECTS, SCOPES, Piece, Request, Values
from labtui.locale import _
from labtui.model.drift.difference import Difference, Mend, Value
from labtui.model.overlay import Bgp, BgpConnection, RouterFacts, WireGuard
from labtui.model.records import refs
from labtui.model.records.devices import device_joins
from labtui.model.records.index import host_of
from labtui.model.records.links import link_joins
from labtui.model.records.refs import Ref
from labtui.model.snapshot import Snapshot

Fields = dict[str, Value]
Maker = Callable[[Difference, Fields, Desk, list[str]], Awaitable[list[Request]]]


async def created(about: Difference, mend: Mend, desk: Desk) -> Piece:
    """The piece for `create`. Raises `LabError`."""
    ref = mend.ref or Ref("", 0)
    wrong: list[str] = []
    fields: Fields = dict(mend.values)
    make = _MAKERS.get(ref.path)
    requests = (
        await make(about, fields, desk, wrong)
        if make is not None
        else [Request("POST", ref.path, _values(fields))]
    )
    held = fields.get("virtual_machine", fields.get("tunnel"))
    return Piece(
        (about.key,),
        label_of(about),
        ref,
        requests=() if wrong else tuple(requests),
        blockers=tuple(wrong),
        owner=int(str(held)) if isinstance(held, int) else 0,
    )


def _values(fields: Fields) -> Values:
    return tuple((name, value) for name, value in fields.items() if value is not None)


async def _machine(
    _about: Difference, fields: Fields, desk: Desk, wrong: list[str]
) -> list[Request]:
    vmid = fields.pop("vmid", None)
    clusters = {each.id: each.name for each in desk.inventory.clusters}
    if fields.get("cluster") is None:
        wrong.append(_("its cluster is not in NetBox: write that down first"))
    device = desk.index.devices.get(int(str(fields.get("device") or 0)))
    if device is not None and device.cluster != clusters.get(int(str(fields.get("cluster") or 0))):
        # NetBox refuses a machine whose device is in another cluster.
        del fields["device"]
    used = [each.vmid_field for each in desk.inventory.machines if each.vmid_field]
    if used and vmid is not None:
        name = max(set(used), key=used.count)
        fields[name] = str(vmid) if await _is_text(name, desk) else vmid
    twins = await desk.rows(refs.MACHINES, name=str(fields["name"]))
    if any(_id(row.get("cluster")) == fields.get("cluster") for row in twins):
        wrong.append(_("NetBox has a machine {name} there already").format(name=fields["name"]))
    return [Request("POST", refs.MACHINES, _values(fields))]


async def _is_text(name: str, desk: Desk) -> bool:
    """Whether that field holds numbers as text."""
    field = name.removeprefix("custom_fields.")
    if field == name:
        return True
    for row in await desk.rows("extras/custom-fields", name=field):
        kind = row.get("type")
        return isinstance(kind, dict) and kind.get("value") in ("text", "select")
    return False


def _id(value: object) -> object:
    return value.get("id") if isinstance(value, dict) else value


async def _cluster(
    _about: Difference, fields: Fields, desk: Desk, wrong: list[str]
) -> list[Request]:
    fields["type"] = await cluster_type(desk, wrong)
    return [Request("POST", refs.CLUSTERS, _values(fields))]


async def _device(about: Difference, fields: Fields, desk: Desk, wrong: list[str]) -> list[Request]:
    """A node is like the nodes of its cluster, a router like the other routers."""
    joins = device_joins(desk.wire.snapshot)
    cluster = about.lab.partition("/")[0]
    known = {
        key: match.record
        for key, match in (joins.nodes if about.what == "node" else joins.routers).items()
        if match.record is not None and (about.what == "router" or key.startswith(f"{cluster}/"))
    }
    siblings = [Ref(refs.DEVICES, each.id, each.name) for each in known.values()]
    said: list[str] = []
    found = await like(siblings, desk, said)
    if about.what == "router":
        facts = desk.wire.snapshot.one(RouterFacts, about.lab)
        site = next((s.id for s in desk.inventory.sites if facts and s.name == facts.site), None)
        if site is not None:
            found["site"] = site
    elif "site" not in found:
        # The nodes of a cluster may stand in several places: its own address tells where.
        site = node_site(about.lab, desk)
        found |= {"site": site} if site is not None else {}
    said = [] if {"role", "device_type", "site"} <= found.keys() else said
    wrong.extend(said)
    fields |= {**found, "status": "active"}
    if about.what == "node" and known:
        home = {each.cluster for each in known.values()}
        ids = [each.id for each in desk.inventory.clusters if {each.name} == home]
        fields |= {"cluster": ids[0]} if ids else {}
    return [Request("POST", refs.DEVICES, _values(fields))]


async def _asn(_about: Difference, fields: Fields, desk: Desk, wrong: list[str]) -> list[Request]:
    fields["rir"] = await rir_of(int(str(fields["asn"])), desk, wrong)
    return [Request("POST", refs.ASNS, _values(fields))]


async def _prefix(
    _about: Difference, fields: Fields, desk: Desk, wrong: list[str]
) -> list[Request]:
    # Two of the same at once would both be taken: nothing in NetBox forbids it.
    if await desk.rows(refs.PREFIXES, prefix=str(fields["prefix"])):
        text = _("NetBox has {address} already")
        wrong.append(text.format(address=fields["prefix"]))
    if desk.version < SCOPES and "scope_id" in fields:
        fields = {**fields, "site": fields["scope_id"], "scope_type": None, "scope_id": None}
    return [Request("POST", refs.PREFIXES, _values(fields))]


async def _address(
    _about: Difference, fields: Fields, desk: Desk, wrong: list[str]
) -> list[Request]:
    if await desk.rows(refs.ADDRESSES, address=host_of(str(fields["address"]))):
        text = _("NetBox has {address} already")
        wrong.append(text.format(address=fields["address"]))
    return [Request("POST", refs.ADDRESSES, _values({"status": "active", **fields}))]


async def _interface(
    _about: Difference, fields: Fields, desk: Desk, _wrong: list[str]
) -> list[Request]:
    mac = str(fields.get("mac_address") or "")
    if desk.version < MAC_OBJECTS or not mac:
        return [Request("POST", refs.MACHINE_INTERFACES, _values(fields))]
    bare = _values({**fields, "mac_address": None})
    made = Request("POST", refs.MACHINE_INTERFACES, bare)
    return [made, *mac_requests(mac, f"{refs.MACHINE_INTERFACES}/<1>", "<1>", first=2)]


async def _tunnel(about: Difference, fields: Fields, desk: Desk, wrong: list[str]) -> list[Request]:
    """The tunnel and an end for each router whose device NetBox has."""
    snapshot, joins = desk.wire.snapshot, device_joins(desk.wire.snapshot)
    if await desk.rows(refs.TUNNELS, name=str(fields["name"])):
        wrong.append(_("NetBox has a tunnel {name} already").format(name=fields["name"]))
    requests = [Request("POST", refs.TUNNELS, _values(fields))]
    link = next((each for each in link_joins(snapshot).links if each.key == about.lab), None)
    for end in link.ends if link is not None else ():
        match = joins.routers.get(end.router)
        if match is not None and match.record is not None:
            place = (match.record.id, end.interface.name)
            requests += _end_requests(desk, "<1>", place, len(requests))
    return requests


def _end_requests(desk: Desk, tunnel: Value, place: tuple[int, str], before: int) -> list[Request]:
    """An end on that interface of a device; the interface too, where NetBox lacks it.

    `before`: how many requests of the piece come before these.
    """
    device, name = place
    faces = desk.index.interfaces_of.get(("device", device), [])
    face: Value = next((each.id for each in faces if each.name == name), None)
    made: list[Request] = []
    if face is None:
        new: Values = (("device", device), ("name", name), ("type", "virtual"))
        made.append(Request("POST", refs.DEVICE_INTERFACES, new))
        face = f"<{before + 1}>"
    body: Values = (
        *(("tunnel", tunnel), ("role", "peer")),
        *(("termination_type", "dcim.interface"), ("termination_id", face)),
    )
    return [*made, Request("POST", refs.TUNNEL_ENDS, body)]


async def _end(about: Difference, fields: Fields, desk: Desk, wrong: list[str]) -> list[Request]:
    place = end_place(about, desk.wire.snapshot)
    if place is None:
        wrong.append(_("its router has no device in NetBox: write that down first"))
        return []
    faces = desk.index.interfaces_of.get(("device", place[0]), [])
    face = next((each.id for each in faces if each.name == place[1]), 0)
    for end in desk.inventory.tunnel_ends:
        if face and end.owner == "device" and end.interface == face:
            text = _("{interface} is an end of another tunnel, and can be that of one alone")
            wrong.append(text.format(interface=place[1]))
    return _end_requests(desk, fields["tunnel"], place, 0)


def end_place(about: Difference, snapshot: Snapshot) -> tuple[int, str] | None:
    """(device's id, name of the interface) of an end that is missing; None without a device."""
    router, _slash, rest = about.lab.partition("/")
    match = device_joins(snapshot).routers.get(router)
    found = snapshot.one(WireGuard, router)
    faces = [each.name for each in found.interfaces] if found is not None else []
    # A key may have slashes in it, names of interfaces too: the longest that fits is meant.
    fitting = [name for name in faces if rest.startswith(f"{name}/")]
    if match is None or match.record is None or not fitting:
        return None
    return match.record.id, max(fitting, key=len)


async def _session(
    about: Difference, fields: Fields, desk: Desk, wrong: list[str]
) -> list[Request]:
    """A session has both addresses and both numbers as records of their own."""
    found = _connection(about, desk.wire.snapshot)
    if found is None:
        wrong.append(_("{subject} is not there any more").format(subject=about.name))
        return []
    device = int(str(fields["device"]))
    near = host_of(found.local_address) or near_address(device, found.remote_address, desk)
    fields |= {
        "status": "active",
        "local_address": session_address(near, desk, wrong),
        "remote_address": session_address(found.remote_address, desk, wrong),
    }
    for name, number in (("local_as", found.local_as), ("remote_as", found.remote_as)):
        if number is None:
            wrong.append(_("the router does not say its {field}").format(field=name))
        else:
            fields[name] = await asn_id(number, desk, wrong)
    return [Request("POST", refs.SESSIONS, _values(fields))]


def _connection(about: Difference, snapshot: Snapshot) -> BgpConnection | None:
    bgp = snapshot.one(Bgp, about.lab.partition("/")[0])
    found = bgp.connections if bgp is not None else ()
    return next((each for each in found if each.key == about.lab), None)


_MAKERS: dict[str, Maker] = {
    refs.MACHINES: _machine,
    refs.CLUSTERS: _cluster,
    refs.DEVICES: _device,
    refs.ASNS: _asn,
    refs.PREFIXES: _prefix,
    refs.ADDRESSES: _address,
    refs.MACHINE_INTERFACES: _interface,
    refs.TUNNELS: _tunnel,
    refs.TUNNEL_ENDS: _end,
    refs.SESSIONS: _session,
}
