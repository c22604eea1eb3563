"""What has to be known of a router before a link is made on it: read from it, now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Address, ip_address, ip_network

import msgspec

from labtui.actions.action import Wire
from labtui.actions.overlay.desk import (
    SAFE_MODE_SINCE,
    Row,
    Version,
    on,
    rows,
    rows_or_none,
    version_of,
)
from labtui.model.overlay import RouterFacts
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import tunnels

WIREGUARD_SINCE: Version = (7, 1)
INSTANCES_SINCE: Version = (7, 20)
AFI_SINCE: Version = (7, 19)
PEER_NAMES_SINCE: Version = (7, 15)
_DROPS = ("drop", "reject", "tarpit")
# Nobody outside reaches these (RFC 1918, 6598, 3927, loopback).
_INSIDE = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
        *("100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"),
    )
)


class End(msgspec.Struct, frozen=True):
    """One router. `drop` is the id of the first rule of the input chain that could drop the link's
    packets, empty when none does; `jumps`: rules before it that send packets elsewhere.

    `chains` are the filter chains there are, `used` what its other sessions use: filter, network
    list. `instance` is the BGP instance to be used from 7.20 on.
    """

    name: str
    site: str
    version: Version
    version_text: str
    names: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()
    addresses: tuple[str, ...] = ()
    public: str = ""
    drop: str = ""
    jumps: bool = False
    chains: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    connections: frozenset[str] = frozenset()
    used_filter: str = ""
    used_list: str = ""
    asn: int | None = None
    router_id: str = ""
    instance: str = ""

    @property
    def safe_mode(self) -> bool:
        """Whether its API has safe mode."""
        return self.version >= SAFE_MODE_SINCE

    @property
    def tunnels(self) -> bool:
        """Whether it has WireGuard at all."""
        return self.version >= WIREGUARD_SINCE


async def read_end(router: str, wire: Wire) -> End:
    """Ask that router. Raises `LabError`."""
    resource = await rows(wire, router, "/system/resource", **{".proplist": "version"})
    text = resource[0].get("version", "") if resource else ""
    version = version_of(text)
    facts = wire.snapshot.one(RouterFacts, router)
    end = End(router, (facts.site if facts else "") or router, version, text.partition(" ")[0])
    if not end.tunnels:
        return end
    faces = await rows(wire, router, "/interface", **{".proplist": "name"})
    guards = await rows(wire, router, "/interface/wireguard", **{".proplist": "name,listen-port"})
    own = await rows(wire, router, "/ip/address", **{".proplist": "address,interface,disabled"})
    addresses = tuple(row.get("address", "") for row in own if not on(row, "disabled"))
    rules = await rows(
        wire,
        router,
        "/ip/firewall/filter",
        **{".proplist": ".id,chain,action,connection-state,disabled", "?chain": "input"},
    )
    end = msgspec.structs.replace(
        end,
        names=frozenset(row.get("name", "") for row in faces),
        ports=frozenset(int(p) for row in guards if (p := row.get("listen-port", "")).isdigit()),
        addresses=addresses,
        public=public_address(router, addresses, wire.snapshot, wire.now()),
        **_filter(rules),
    )
    return await _with_bgp(end, wire)


def _filter(rules: Iterable[Row]) -> dict[str, object]:
    """The first rule that could drop what belongs to a link; one for invalid packets does not."""
    jumps = False
    for row in rules:
        if on(row, "disabled"):
            continue
        jumps = jumps or row.get("action") == "jump"
        states = set(filter(None, row.get("connection-state", "").split(",")))
        if row.get("action") in _DROPS and (not states or "new" in states):
            return {"drop": row.get(".id", ""), "jumps": jumps}
    return {"drop": "", "jumps": False}


async def _with_bgp(end: End, wire: Wire) -> End:
    """Its AS, id, instance and filters, as its other sessions have them."""
    fields = "name,disabled,as,router-id,instance,output.filter-chain,output.network"
    router = end.name
    found = await rows(wire, router, "/routing/bgp/connection", **{".proplist": fields})
    shared_fields = {".proplist": "name,as,router-id,disabled"}
    kind = "instance" if end.version >= INSTANCES_SINCE else "template"
    shared = await rows_or_none(wire, router, f"/routing/bgp/{kind}", **shared_fields)
    rules = await rows_or_none(
        wire, router, "/routing/filter/rule", **{".proplist": "chain,disabled"}
    )
    lists = await rows_or_none(
        wire, router, "/ip/firewall/address-list", **{".proplist": "list", "?dynamic": "false"}
    )
    live = [row for row in shared if not on(row, "disabled")]
    busy = [row for row in found if not on(row, "disabled")]
    named = [row for row in live if row.get("name") == _most(busy, "instance")] or live
    asn = _most([*named, *busy], "as")
    return msgspec.structs.replace(
        end,
        connections=frozenset(row.get("name", "") for row in found),
        chains=frozenset(row.get("chain", "") for row in rules if not on(row, "disabled")),
        lists=frozenset(row.get("list", "") for row in lists),
        used_filter=_most(busy, "output.filter-chain"),
        used_list=_most(busy, "output.network"),
        asn=int(asn) if asn.isdigit() else None,
        router_id=_most([*named, *busy], "router-id"),
        instance=named[0].get("name", "") if named and kind == "instance" else "",
    )


def _most(found: Iterable[Row], field: str) -> str:
    """The value that most of the rows have, empty when none has one."""
    counted = Counter(row[field] for row in found if row.get(field))
    return counted.most_common(1)[0][0] if counted else ""


def public_address(router: str, own: Iterable[str], snapshot: Snapshot, now: float) -> str:
    """Where others reach it: as their tunnels say, else the first address of its own that is no
    inside one, else nothing."""
    said: Counter[str] = Counter()
    for tunnel in tunnels(snapshot, now):
        if tunnel.far is None:
            continue
        for end, other in ((tunnel.near, tunnel.far), (tunnel.far, tunnel.near)):
            host = end.peer.endpoint.rpartition(":")[0].strip("[]")
            if other.router == router and is_public(host):
                said[host] += 1
    if said:
        return said.most_common(1)[0][0]
    hosts = (text.partition("/")[0] for text in own)
    return next((host for host in hosts if is_public(host)), "")


def is_public(host: str) -> bool:
    """Whether somebody outside could reach that IPv4 address."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return isinstance(address, IPv4Address) and not any(address in net for net in _INSIDE)
