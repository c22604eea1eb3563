"""A snapshot without names: what a bug report may show of a lab.

Everything is a name until it is known not to be one: each text is replaced by a placeholder, the
same text always by the same, but for the fields listed here, which hold words of the servers or the
make of a device. Numbers stay, other than those that stand for somebody: guests and public AS.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Any

import msgspec

from labtui.model.snapshot import Snapshot

# Struct -> fields whose texts are the servers' own words, or say what something is made by.
_WORDS: dict[str, frozenset[str]] = {
    "Node": frozenset(("status", "ha_state")),
    "Guest": frozenset(("kind", "status", "lock", "ha_state")),
    "Storage": frozenset(("kind", "status", "content")),
    "Task": frozenset(("kind", "status")),
    "HaService": frozenset(("state", "request")),
    "Rights": frozenset(("version",)),
    "GuestConfig": frozenset(("machine",)),
    "HostPci": frozenset(("addresses", "mdev")),
    "PciDevice": frozenset(("address", "vendor_id", "device_id", "vendor", "model")),
    "MappingEntry": frozenset(("addresses", "device")),
    "RouterFacts": frozenset(("version", "board")),
    "BgpConnection": frozenset(("role",)),
    "BgpSession": frozenset(("last_stopped",)),
    "Interface": frozenset(("kind",)),
    "ActivePeer": frozenset(("state", "side")),
    "IpsecPolicy": frozenset(("state",)),
    "OspfInterface": frozenset(("kind", "state")),
    "OspfNeighbour": frozenset(("state",)),
    "Inventory": frozenset(("version",)),
    "MachineRecord": frozenset(("status",)),
    "DeviceRecord": frozenset(("status",)),
    "PrefixRecord": frozenset(("status",)),
}
# What a word of a server looks like, and what the make of a device; anything else in such a field
# is replaced after all: the status of a task may be a whole sentence, with names in it.
_WORD = re.compile(r"[A-Za-z0-9.:+-]{0,60}")
_MAKE = re.compile(r"[\w.:()\[\] /,+-]{0,80}")
_MAKES = frozenset(("version", "board", "vendor", "model", "last_stopped"))
_PRIVILEGE = re.compile(r"[A-Z][A-Za-z]+(\.[A-Z][A-Za-z]+)+")
_NUMBERS = frozenset(("vmid", "local_as", "remote_as", "asns", "path"))
_KIND_OF: dict[str, str] = {
    "node": "node",
    "nodes": "node",
    "cluster": "cluster",
    "address": "address",
    "remote_address": "address",
    "local_address": "address",
    "endpoint": "address",
    "current_endpoint": "address",
    "allowed": "address",
    "prefix": "address",
    "user": "person",
    "tenant": "person",
    "router": "router",
    "site": "site",
    "interface": "interface",
    "public_key": "key",
    "mac": "mac",
    "digest": "digest",
    "upid": "task",
}
_STRUCT_NAMES: dict[str, str] = {
    "Node": "node",
    "Member": "node",
    "Guest": "guest",
    "Storage": "storage",
    "MachineRecord": "guest",
    "TenantRecord": "person",
    "SiteRecord": "site",
}


class Placeholders:
    """Gives each text its placeholder: `node-1`, `address-12`, ..."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def of(self, text: str, kind: str) -> str:
        """The placeholder of that text; `kind` counts only when it is met for the first time."""
        if not text:
            return ""
        if text not in self._known:
            self._counts[kind] = self._counts.get(kind, 0) + 1
            self._known[text] = f"{kind}-{self._counts[kind]}"
        return self._known[text]


def nameless(snapshot: Snapshot) -> dict[str, Any]:
    """Parts and freshness as plain values without names."""
    names = Placeholders()
    told = []
    for feed in sorted(snapshot.parts):
        fresh = snapshot.freshness.get(feed)
        told.append(
            {
                "backend": feed.backend,
                "source": names.of(feed.source, feed.backend),
                "topic": feed.topic,
                "read_at": fresh.read_at if fresh else None,
                "took": fresh.took if fresh else None,
                "part": _value(snapshot.parts[feed], "", "", names),
            }
        )
    return {"parts": told}


def _value(value: Any, struct: str, field: str, names: Placeholders) -> Any:
    if isinstance(value, msgspec.Struct):
        name = type(value).__name__
        return {
            each: _value(getattr(value, each), name, each, names)
            for each in value.__struct_fields__
        }
    if isinstance(value, str):
        return _text(value, struct, field, names)
    if isinstance(value, Mapping):
        return _mapping(value, struct, field, names)
    if isinstance(value, Set):
        return sorted(_text(str(each), struct, field, names) for each in value)
    if isinstance(value, list | tuple):
        return [_value(each, struct, field, names) for each in value]
    if field in _NUMBERS and isinstance(value, int):
        return names.of(str(value), "guest" if field == "vmid" else "as")
    return value


def _mapping(
    value: Mapping[Any, Any], struct: str, field: str, names: Placeholders
) -> dict[str, Any]:
    """Keys are guests' numbers, nodes, or paths of rights: names all of them."""
    kind = {"configs": "guest", "devices": "node", "read_at": "node", "missing": "node"}
    return {
        names.of(str(key), kind.get(field, "path")): _value(each, struct, field, names)
        for key, each in value.items()
    }


def _text(text: str, struct: str, field: str, names: Placeholders) -> str:
    form = _MAKE if field in _MAKES else _WORD
    if field in _WORDS.get(struct, ()) and form.fullmatch(text):
        return text
    if struct == "Rights" and _PRIVILEGE.fullmatch(text):
        return text
    named = _STRUCT_NAMES.get(struct, "") if field == "name" else ""
    return names.of(text, named or _KIND_OF.get(field, "text"))
