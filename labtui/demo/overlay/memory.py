"""A router's configuration as a whole: to be remembered, put back, and compared as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from labtui.demo.overlay.devices import BgpConnection, Peer, Record, Router, WireguardInterface

# Menus whose rows come and go by themselves.
_LIVING = frozenset({"/ip/dhcp-server/lease"})


@dataclass(frozen=True)
class Memory:
    """What was configured at a moment."""

    lists: tuple[tuple[list[Any], tuple[Any, ...]], ...]
    values: tuple[tuple[Any, dict[str, Any]], ...]
    tables: tuple[str, ...]
    identity: str


def capture(router: Router) -> Memory:
    """Remember the configuration of a router."""
    lists = tuple((rows, tuple(rows)) for _, rows in _lists(router))
    items = [item for _, rows in lists for item in rows] + list(router.single.values())
    values = tuple((item, _config(item)) for item in items)
    return Memory(lists, values, tuple(router.tables), router.identity)


def restore(router: Router, memory: Memory) -> None:
    """Put the configuration back as it was; what lives on goes on living."""
    for path, rows in router.tables.items():
        if path not in memory.tables:
            rows.clear()
    for rows, before in memory.lists:
        rows[:] = before
    for item, values in memory.values:
        for name, value in values.items():
            setattr(item, name, dict(value) if isinstance(value, dict) else value)
    router.identity = memory.identity


def router_configuration(router: Router) -> str:
    """The configuration as text, the same text for the same configuration, without any id."""
    lines = [f"/system/identity name={router.identity}"]
    for name, rows in _lists(router):
        if name not in _LIVING:
            lines += [f"{name} {_line(item)}" for item in rows]
    lines += [f"{path} {_line(item)}" for path, item in sorted(router.single.items())]
    return "\n".join(lines) + "\n"


def _lists(router: Router) -> Iterator[tuple[str, list[Any]]]:
    yield "/interface", router.ports
    yield "/interface/wireguard", router.wireguard
    for face in router.wireguard:
        yield f"/interface/wireguard/peers {face.name}", face.peers
    yield "/ip/address", router.addresses
    yield "/routing/bgp/connection", router.connections
    yield from sorted(router.tables.items())


def _config(item: Any) -> dict[str, Any]:
    return {
        name: dict(value) if isinstance(value := getattr(item, name), dict) else value
        for name in item.CONFIG
    }


def _line(item: Record | Peer | BgpConnection | WireguardInterface) -> str:
    values = _config(item)
    flat = values.pop("values", {}) | values.pop("extra", {}) | values
    return " ".join(f"{name}={value}" for name, value in sorted(flat.items()))
