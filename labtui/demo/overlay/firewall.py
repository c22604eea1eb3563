"""What a router's filter lets in: the first rule that fits decides, and no rule means accept.

The matchers that the lab's rules use are honoured; a rule with any other one never fits. Packets of
established connections are let in by whoever asks, because it knows that they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from labtui.demo.overlay.devices import Record, Router

FILTER = "/ip/firewall/filter"
_DENIALS = frozenset({"drop", "reject", "tarpit"})
_SETTLING = frozenset({"accept"}) | _DENIALS
# Words of a rule that say nothing about which packets it is for.
_NO_MATCHERS = frozenset(
    {
        "action",
        "chain",
        "comment",
        "disabled",
        "dynamic",
        "invalid",
        "log",
        "log-prefix",
        "reject-with",
    }
)


@dataclass(frozen=True)
class Packet:
    """The first packet of something that comes in."""

    protocol: str
    port: int = 0
    source: str = ""
    interface: str = ""


def lets_in(router: Router, packet: Packet) -> bool:
    """Whether the input chain takes the packet."""
    for rule in router.tables.get(FILTER, ()):
        if rule.disabled or rule.get("chain") != "input" or not _fits(rule, packet):
            continue
        if rule.get("action", "accept") in _SETTLING:
            return rule.get("action", "accept") not in _DENIALS
    return True


def _fits(rule: Record, packet: Packet) -> bool:
    return all(
        _matches(name, value, packet)
        for name, value in rule.values.items()
        if name not in _NO_MATCHERS
    )


def _matches(name: str, value: str, packet: Packet) -> bool:
    if value.startswith("!"):
        return not _matches(name, value[1:], packet)
    if name == "protocol":
        return value == packet.protocol
    if name == "dst-port":
        return any(_in_range(part, packet.port) for part in value.split(","))
    if name == "src-address":
        return _in_network(value, packet.source)
    if name == "in-interface":
        return value == packet.interface
    if name == "in-interface-list":
        return value == "WAN" and packet.interface == "ether1"
    if name == "connection-state":
        return "new" in value.split(",")
    return False


def _in_range(part: str, port: int) -> bool:
    low, _, high = part.partition("-")
    try:
        return int(low) <= port <= int(high or low)
    except ValueError:
        return False


def _in_network(value: str, address: str) -> bool:
    try:
        return ip_address(address) in ip_network(value, strict=False)
    except ValueError:
        return False
