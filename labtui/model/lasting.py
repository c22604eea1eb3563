"""What lasts of a part while its figures move, and one object for as long as that is the same.

A cluster's rows are all other objects at each reading, although of most only loads and times have
moved. Tables that do not look at figures need not be made again for that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec

from labtui.model.cluster import Node, Resources, Storage
from labtui.model.guests import Guest, GuestConfig, GuestConfigs
from labtui.model.interfaces import ActivePeer, Association, Call, Interface, Interfaces
from labtui.model.overlay import Bgp, BgpSession, RouterFacts, WireGuard, WireGuardPeer
from labtui.model.safeguards import Agents, AgentWord
from labtui.model.snapshot import Part

_MOST = 512
_Essence = Callable[[Any], object]


def _but(kind: type[msgspec.Struct], *figures: str) -> Callable[[Any], tuple[Any, ...]]:
    """All fields but these; one that is added later counts until somebody says otherwise."""
    return attrgetter(*(name for name in kind.__struct_fields__ if name not in figures))


_GUEST = _but(Guest, "cpu", "memory", "uptime")
_NODE = _but(Node, "cpu", "memory", "disk", "uptime")
_STORAGE = _but(Storage, "used")
_FACTS = _but(RouterFacts, "uptime", "cpu_load", "memory_free", "clock_ahead", "sensors")
_PEER = _but(WireGuardPeer, "handshake_at", "rx", "tx", "rx_rate", "tx_rate")
_SESSION = _but(BgpSession, "established_at", "prefixes")
_CONFIG = _but(GuestConfig, "read_at")
_WORD = _but(AgentWord, "read_at", "heard_at")
_INTERFACE = _but(Interface, "rx", "tx", "rx_rate", "tx_rate", "span")
_CALL = _but(Call, "since")
_ACTIVE = _but(ActivePeer, "since")
_ASSOCIATION = _but(Association, "octets", "rate")
_INTERFACES = _but(Interfaces, "interfaces", "calls", "active", "associations")

_ESSENCES: dict[type, _Essence] = {
    Resources: lambda part: (
        [_GUEST(guest) for guest in part.guests],
        [_NODE(node) for node in part.nodes],
        [_STORAGE(storage) for storage in part.storages],
    ),
    RouterFacts: _FACTS,
    WireGuard: lambda part: (part.interfaces, [_PEER(peer) for peer in part.peers]),
    Interfaces: lambda part: (
        _INTERFACES(part),
        [_INTERFACE(interface) for interface in part.interfaces],
        [_CALL(call) for call in part.calls],
        [_ACTIVE(peer) for peer in part.active],
        [_ASSOCIATION(association) for association in part.associations],
    ),
    GuestConfigs: lambda part: [_CONFIG(config) for config in part.configs.values()],
    Agents: lambda part: (part.problem, {vmid: _WORD(word) for vmid, word in part.guests.items()}),
    Bgp: lambda part: (part.connections, [_SESSION(session) for session in part.sessions]),
}
"""Part -> what of it lasts, compared by value; of all others that is the whole part."""


class _Kept:
    """The object that stands for what lasts, and the newest one that was found to be the same."""

    def __init__(self, part: Part, essence: object) -> None:
        self.stands = self.newest = part
        self.essence = essence


_KEPT: dict[tuple[type, str], _Kept] = {}
_LOCK = threading.Lock()


def lasting(source: str, part: Part) -> Part:
    """An earlier part of that source while all but figures is the same in it, else this one."""
    essence_of = _ESSENCES.get(type(part))
    key = type(part), source
    with _LOCK:
        kept = _KEPT.get(key)
        if kept is not None and kept.newest is part:
            return kept.stands
        essence = part if essence_of is None else essence_of(part)
        if kept is not None and kept.essence == essence:
            kept.newest = part
            return kept.stands
        if len(_KEPT) >= _MOST:
            _KEPT.clear()
        _KEPT[key] = _Kept(part, essence)
        return part
