"""From facts and answers to the link that is to be, and the order of its calls. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Interface, IPv4Network
from typing import Literal

import msgspec

from labtui.actions.action import Call
from labtui.actions.link import allocation, sentences
from labtui.actions.link.end import End
from labtui.actions.link.facts import LinkFacts
from labtui.actions.link.sentences import Design, Side
from labtui.actions.overlay.course import tag_of

Stage = Literal["allocate", "ground", "peers", "sessions", "begin", "record"]


class Deed(msgspec.Struct, frozen=True):
    """One call, when it is due, and what stands for the id that it gives."""

    stage: Stage
    call: Call
    gives: str = ""


def pair_of(facts: LinkFacts) -> tuple[str, str]:
    """The two routers, as chosen."""
    return facts.answers.get("a", facts.pair[0]), facts.answers.get("b", facts.pair[1])


def subnet_of(facts: LinkFacts) -> str:
    """The subnet: as it was said, else the one that NetBox will give."""
    return facts.answers.get("subnet", "") or facts.place.subnet


def pooled(facts: LinkFacts) -> bool:
    """Whether NetBox chooses the subnet."""
    return bool(facts.place.pool) and subnet_of(facts) == facts.place.subnet


def port_of(facts: LinkFacts, ends: Iterable[End]) -> int:
    """The port: as it was said, else the first that is free on both; 0 for none."""
    said = facts.answers.get("port", "")
    if said:
        return int(said) if said.isdigit() and 0 < int(said) < 1 << 16 else 0
    used = {port for end in ends for port in end.ports}
    low, high = facts.rules.ports
    return next((port for port in range(low, high + 1) if port not in used), 0)


def asn_of(facts: LinkFacts, end: End) -> int:
    """Its AS number: its own, else the one that NetBox will give; 0 for none."""
    return end.asn or facts.place.asn


def free_name(base: str, taken: frozenset[str]) -> str:
    """The name, or the name with the first number that nothing else has."""
    names = (base, *(f"{base}-{number}" for number in range(2, 100)))
    return next(name for name in names if name not in taken)


def chain_of(facts: LinkFacts, end: End) -> str:
    """The filter that what it announces goes through; empty for none."""
    said = facts.answers.get(f"filter.{end.name}")
    return said if said is not None else end.used_filter or facts.rules.filter


def public_of(facts: LinkFacts, end: End) -> str:
    """Where the other end reaches it; empty when it has to begin itself."""
    return facts.answers.get(f"endpoint.{end.name}", end.public)


def design_of(facts: LinkFacts) -> Design | None:
    """The link; None while something that it needs is not known."""
    names = pair_of(facts)
    ends = [facts.ends[name] for name in names if name in facts.ends]
    subnet = subnet_of(facts)
    if len(ends) < 2 or names[0] == names[1] or not _usable(subnet):
        return None
    taken = facts.place.names | ends[0].names | ends[1].names
    name = free_name(f"wg-{ends[0].site}-{ends[1].site}", taken)
    addresses = sentences.hosts(subnet)
    sides = [
        _side(facts, ends[n], ends[1 - n], addresses[n], bgp=facts.answers.get("bgp") != "0")
        for n in (0, 1)
    ]
    bgp = facts.answers.get("bgp", "1") != "0"
    port = port_of(facts, ends)
    return Design(name, tag_of(name, facts.id), subnet, port, (sides[0], sides[1]), bgp)


def _usable(subnet: str) -> bool:
    try:
        return 24 <= IPv4Network(subnet).prefixlen <= 31
    except ValueError:
        return False


def _side(facts: LinkFacts, end: End, other: End, address: str, *, bgp: bool) -> Side:
    chain = chain_of(facts, end)
    lists = end.lists
    usual = "bgp-networks" if "bgp-networks" in lists else ""
    missing = bgp and chain and chain not in end.chains and chain == facts.rules.filter
    return Side(
        end,
        free_name(f"wg-{other.site}", end.names),
        free_name(f"to-{other.site}", end.connections),
        address,
        public_of(facts, end),
        asn_of(facts, end),
        chain,
        facts.rules.filter_rule if missing else "",
        end.used_list or usual,
    )


def overlapping(subnet: str, end: End) -> str:
    """An address of a router that the subnet overlaps, empty for none."""
    wanted = IPv4Network(subnet)
    for text in end.addresses:
        try:
            if IPv4Interface(text).network.overlaps(wanted):
                return text
        except ValueError:
            continue
    return ""


def deeds(facts: LinkFacts, design: Design) -> Iterator[Deed]:
    """Every call but safe mode, in order: allocated, laid, joined, spoken, written down."""
    place, sides = facts.place, design.sides
    if place.there:
        take = allocation.take_subnet(place, design.subnet, design.tag, pooled=pooled(facts))
        yield Deed("allocate", take, "{subnet}")
        if design.bgp and any(side.end.asn is None for side in sides) and place.asn_range:
            yield Deed("allocate", allocation.take_asn(place, design.tag), "{asn}")
    for side in sides:
        for call in sentences.ground(design, side):
            yield Deed("ground", call)
    for side in sides:
        yield Deed("peers", sentences.peer(design, side))
    if design.bgp:
        for side in sides:
            for call in sentences.session(design, side):
                made = call.path == f"{sentences.CONNECTION}/add"
                yield Deed("sessions", call, sentences.begun(side) if made else "")
        for side in sides:
            yield Deed("begin", sentences.begin(side))
    if place.there:
        told = [(side.end.name, side.face, side.address) for side in sides]
        for call, gives in allocation.kept(place, design.name, told, design.tag):
            yield Deed("record", call, gives)
