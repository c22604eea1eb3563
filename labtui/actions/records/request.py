"""Requests to NetBox as a plan shows them, and what they are about.

The id of a record that an earlier request of the same piece makes is not known when the plan is
shown: `<1>` stands for the one that its first request gives, in paths and in values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from labtui.actions.action import NETBOX, Call
from labtui.model.drift.difference import Value
from labtui.model.records import refs
from labtui.model.records.refs import Ref

IF_MATCH = "If-Match"
MESSAGE = "changelog_message"
JOURNAL = "extras/journal-entries"
Method = Literal["POST", "PATCH", "DELETE"]
Version = tuple[int, ...]
Values = tuple[tuple[str, Value], ...]
ETAGS: Version = (4, 6)
MESSAGES: Version = (4, 4)
MAC_OBJECTS: Version = (4, 2)
SCOPES: Version = (4, 2)
MASKS: Version = (4, 5)
_PLACE = re.compile(r"<([1-9])>")
# The journal has entries of these alone: nobody looks at a MAC address or an end of a tunnel.
TYPES = {
    refs.MACHINES: "virtualization.virtualmachine",
    refs.MACHINE_INTERFACES: "virtualization.vminterface",
    refs.DISKS: "virtualization.virtualdisk",
    refs.CLUSTERS: "virtualization.cluster",
    refs.DEVICES: "dcim.device",
    refs.ADDRESSES: "ipam.ipaddress",
    refs.PREFIXES: "ipam.prefix",
    refs.VLANS: "ipam.vlan",
    refs.ASNS: "ipam.asn",
    refs.TUNNELS: "vpn.tunnel",
    refs.SESSIONS: "netbox_bgp.bgpsession",
}


class Request(msgspec.Struct, frozen=True):
    """One write: the path below `/api/` without a slash at its end, the fields it sends."""

    method: Method
    path: str
    values: Values = ()

    @property
    def list(self) -> str:
        """The path of the list it is about."""
        head, _slash, last = self.path.rpartition("/")
        return head if last.isdecimal() or _PLACE.fullmatch(last) else self.path


class Piece(msgspec.Struct, frozen=True):
    """What ends one difference, or several of one object.

    `keys` of the differences; `now` what the fields that are written have at present, `stamp` when
    the object was saved last (as the server says it), both as read for this plan. `blockers` say
    why it can't be, `notes` what goes along with it. `owner` is whose part it is (the machine of
    an interface, the tunnel of an end), `row` the object itself.
    """

    keys: tuple[str, ...]
    label: str
    ref: Ref
    requests: tuple[Request, ...] = ()
    now: tuple[tuple[str, str], ...] = ()
    stamp: str = ""
    blockers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    owner: int = 0
    row: dict[str, Any] = {}

    @property
    def deletes(self) -> bool:
        """Whether a record is gone afterwards."""
        return any(request.method == "DELETE" for request in self.requests)


def version_of(text: str) -> Version:
    """`4.6.8` as numbers; nothing for an unknown one, so that no new feature is taken as given."""
    found = re.match(r"\d+(\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def etag(stamp: str) -> str:
    """The ETag of a record with that `last_updated`: NetBox makes it of the time in UTC."""
    try:
        at = datetime.fromisoformat(stamp)
    except ValueError:
        return ""
    return f'W/"{at.astimezone(UTC).isoformat()}"'


def plain(value: Any) -> Value:
    """A field as it is written: of a choice its value, of another record its id."""
    if isinstance(value, dict):
        found = value.get("value", value.get("id"))
        return found if isinstance(found, str | int | float | bool) else None
    return value if isinstance(value, str | int | float | bool) else None


def field(row: Mapping[str, Any], name: str) -> Value:
    """That field of a row, `custom_fields.x` included."""
    outer, dot, inner = name.partition(".")
    held = row.get(outer)
    if dot:
        return plain(held.get(inner)) if isinstance(held, dict) else None
    return plain(held)


def same(one: Value, other: Value) -> bool:
    """Whether both mean the same: numbers come as text, MAC addresses in either case."""
    if one is None or other is None:
        return one is other
    try:
        return float(one) == float(other)
    except ValueError:
        return str(one).casefold() == str(other).casefold()


def call_of(request: Request, **more: str) -> Call:
    """The request as a call, with `more` (an ETag, a message) beside its fields."""
    sent = {name: sendable(value) for name, value in request.values if value is not None}
    return Call(NETBOX, request.method, request.path, (*sent.items(), *more.items()))


def sendable(value: Value) -> str | int:
    """Whole numbers as such, others as text: NetBox reads `1.5` as the number it is."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else str(value)
    return value if isinstance(value, int) else str(value)


def filled(call: Call, ids: Sequence[int]) -> Call:
    """The call with the ids that are known by now in their places."""

    def put(match: re.Match[str]) -> str:
        number = int(match[1])
        return str(ids[number - 1]) if number <= len(ids) else match[0]

    params = tuple(
        (name, int(put(found)) if (found := _whole(value)) else value)
        for name, value in call.params
    )
    return msgspec.structs.replace(call, path=_PLACE.sub(put, call.path), params=params)


def _whole(value: str | int) -> re.Match[str] | None:
    return _PLACE.fullmatch(value) if isinstance(value, str) else None
