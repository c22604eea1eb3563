"""Every sentence of a link, for each router as its version wants it. Pure.

`{key of NAME}` stands for the public key that a router makes itself: a private one is never read.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network

import msgspec

from labtui.actions.action import Call
from labtui.actions.link.end import AFI_SINCE, INSTANCES_SINCE, PEER_NAMES_SINCE, End
from labtui.actions.overlay.desk import sentence

KEEPALIVE = "25s"
MTU = 1420
GUARDS, PEERS = "/interface/wireguard", "/interface/wireguard/peers"
ADDRESS, FILTER = "/ip/address", "/ip/firewall/filter"
CONNECTION, INSTANCE = "/routing/bgp/connection", "/routing/bgp/instance"
CHAIN = "/routing/filter/rule"


class Side(msgspec.Struct, frozen=True):
    """One end of the link that is to be: names, addresses, and what its session goes through."""

    end: End
    face: str
    connection: str
    address: str
    public: str
    asn: int
    chain: str
    rule: str = ""
    """The rule of a chain that has to be made; empty where it is there."""
    network: str = ""


class Design(msgspec.Struct, frozen=True):
    """A link that is to be. `far` sides are found by `other`."""

    name: str
    tag: str
    subnet: str
    port: int
    sides: tuple[Side, Side]
    bgp: bool = True

    def other(self, side: Side) -> Side:
        return self.sides[1] if side is self.sides[0] else self.sides[0]


def hosts(subnet: str) -> tuple[str, str]:
    """The two addresses of a link's subnet, with its mask. Raises `ValueError`."""
    net = IPv4Network(subnet)
    first = 0 if net.prefixlen == 31 else 1
    return f"{net[first]}/{net.prefixlen}", f"{net[first + 1]}/{net.prefixlen}"


def key_of(side: Side) -> str:
    """What stands for the public key of that end until its router has made it."""
    return f"{{key of {side.end.name}}}"


def host(address: str) -> str:
    """An address without its mask."""
    return address.partition("/")[0]


def ground(design: Design, side: Side) -> Iterator[Call]:
    """Interface, address and filter rules of one end: nothing speaks yet."""
    router, other = side.end.name, design.other(side)
    yield sentence(
        router,
        f"{GUARDS}/add",
        {
            "name": side.face,
            "listen-port": design.port,
            "mtu": MTU,
            "comment": design.tag,
        },
    )
    yield sentence(
        router,
        f"{ADDRESS}/add",
        {"address": side.address, "interface": side.face, "comment": design.tag},
    )
    if not side.end.drop:
        return
    rule: dict[str, str | int] = {"chain": "input", "action": "accept"}
    place: dict[str, str | int] = {"place-before": side.end.drop, "comment": design.tag}
    udp: dict[str, str | int] = {
        "protocol": "udp",
        "dst-port": design.port,
        "src-address": other.public,
    }
    if not other.public:
        del udp["src-address"]
    yield sentence(router, f"{FILTER}/add", rule | udp | place)
    if design.bgp:
        tcp: dict[str, str | int] = {
            "protocol": "tcp",
            "dst-port": "179",
            "in-interface": side.face,
        }
        yield sentence(router, f"{FILTER}/add", rule | tcp | place)


def peer(design: Design, side: Side) -> Call:
    """The other end as a peer; without an address of it, it has to begin."""
    other = design.other(side)
    words: dict[str, str | int] = {"interface": side.face, "public-key": key_of(other)}
    if other.public:
        words |= {"endpoint-address": other.public, "endpoint-port": design.port}
    words |= {
        "allowed-address": "0.0.0.0/0,::/0",
        "persistent-keepalive": KEEPALIVE,
        "comment": design.tag,
    }
    if side.end.version >= PEER_NAMES_SINCE:
        words["name"] = design.name
    return sentence(side.end.name, f"{PEERS}/add", words)


def session(design: Design, side: Side) -> Iterator[Call]:
    """The BGP connection, off until both ends are in place, with what it needs."""
    end, other = side.end, design.other(side)
    if side.rule:
        chain = {"chain": side.chain, "rule": side.rule, "comment": design.tag}
        yield sentence(end.name, f"{CHAIN}/add", chain)
    words: dict[str, str | int] = {"name": side.connection}
    if end.version >= INSTANCES_SINCE:
        instance = end.instance or "lab"
        if not end.instance:
            made: dict[str, str | int] = {
                "name": instance,
                "as": side.asn,
                "router-id": _router_id(side),
            }
            yield sentence(end.name, f"{INSTANCE}/add", {**made, "comment": design.tag})
        words["instance"] = instance
    else:
        words |= {"as": side.asn, "router-id": _router_id(side)}
    words |= {
        "local.role": "ebgp" if side.asn != other.asn else "ibgp",
        "local.address": host(side.address),
        "remote.address": host(other.address),
        "remote.as": other.asn,
        "afi" if end.version >= AFI_SINCE else "address-families": "ip",
        "output.filter-chain": side.chain,
    }
    if side.network:
        words["output.network"] = side.network
    words |= {"disabled": "yes", "comment": design.tag}
    yield sentence(end.name, f"{CONNECTION}/add", words)


def _router_id(side: Side) -> str:
    return side.end.router_id or host(side.address)


def begin(side: Side) -> Call:
    """The connection on; its id is known once it was made."""
    return sentence(side.end.name, f"{CONNECTION}/enable", {".id": begun(side)})


def begun(side: Side) -> str:
    """What stands for the id of a side's connection until it was made."""
    return f"{{session of {side.end.name}}}"
