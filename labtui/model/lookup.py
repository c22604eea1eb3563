"""Lookup: what an address, MAC, name, VLAN, AS number or prefix is, whose, and where. Pure.

Everything that was read already answers at once; what only a router knows this moment (who has an
address now) is a `Sighting` and is asked for on demand.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_interface, ip_network
from typing import Literal

import msgspec

from labtui.model.records.refs import Ref
from labtui.model.routes import RouteAnswer

QueryKind = Literal["address", "prefix", "mac", "vlan", "asn", "name"]
Told = Literal["netbox", "proxmox", "routeros"]
_VLAN = re.compile(r"v(?:lan)?\s*[-:#]?\s*(\d{1,4})")
_ASN = re.compile(r"as\s*n?\s*[-:#]?\s*(\d{1,10})")
_MAC = re.compile(r"[0-9a-f]{12}")
_LOOKS_LIKE_MAC = re.compile(r"[0-9a-f]{2}([:-]?[0-9a-f]{2}){5}|([0-9a-f]{4}\.){2}[0-9a-f]{4}")


class Query(msgspec.Struct, frozen=True):
    """What is looked for, in its usual form. `number` of a VLAN or AS number."""

    kind: QueryKind
    text: str
    number: int | None = None


class Answer(msgspec.Struct, frozen=True):
    """One thing that it is, and who says so.

    `what` is a noun, `lines` are (label, value) whose labels `views` has words for. `record` is the
    object of NetBox, `view` and `key` the row of the lab.
    """

    what: str
    name: str
    told: Told
    lines: tuple[tuple[str, str], ...] = ()
    record: Ref | None = None
    view: str = ""
    key: str = ""


class Sighting(msgspec.Struct, frozen=True):
    """Who has an address now: by a router's ARP table, by a DHCP lease, or by the guest's own word.

    `router` is who says so: a router, or for `inside` the guest.
    """

    router: str
    how: Literal["arp", "lease", "inside"]
    address: str
    mac: str
    interface: str = ""
    host_name: str = ""
    status: str = ""


class Sightings(msgspec.Struct, frozen=True):
    """What routers and guests said when asked; `silent`: who did not answer, and why."""

    seen: tuple[Sighting, ...] = ()
    routes: tuple[RouteAnswer, ...] = ()
    silent: dict[str, str] = {}


class Found(msgspec.Struct, frozen=True):
    """All that is known about it without asking anybody."""

    query: Query
    answers: tuple[Answer, ...] = ()

    @property
    def first(self) -> Ref | None:
        """The object of NetBox whose page is the best to open."""
        return next((each.record for each in self.answers if each.record is not None), None)


def parse(text: str) -> Query:
    """What a person typed: `10.0.0.5`, `10.0.0.0/24`, a MAC, `vlan 170`, `AS65001`, a name.

    A mask with bits of a host beside it means the host.
    """
    word = " ".join(text.split()).casefold()
    if match := _VLAN.fullmatch(word):
        return Query("vlan", f"VLAN {int(match[1])}", int(match[1]))
    if match := _ASN.fullmatch(word):
        return Query("asn", f"AS{int(match[1])}", int(match[1]))
    if _LOOKS_LIKE_MAC.fullmatch(word):
        digits = re.sub("[^0-9a-f]", "", word)
        mac = ":".join(digits[place : place + 2] for place in range(0, 12, 2))
        return Query("mac", mac)
    try:
        if "/" in word:
            interface = ip_interface(word)
            whole = interface.network.max_prefixlen == interface.network.prefixlen
            if whole or interface.ip != interface.network.network_address:
                return Query("address", str(interface.ip))
            return Query("prefix", str(ip_network(word, strict=False)))
        return Query("address", str(ip_address(word)))
    except ValueError:
        return Query("name", word)
