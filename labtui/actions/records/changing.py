"""From a mend that changes or deletes a record to its requests, by the record as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from labtui.actions.records.desk import Desk, Row
from labtui.actions.records.known import asn_id, session_address
from labtui.actions.records.request import MAC_OBJECTS, SCOPES, Piece, Request, Values, field, same
from labtui.locale import _
from labtui.model.drift.difference import Difference, Mend, Value
from labtui.model.records import refs
from labtui.model.records.index import host_of
from labtui.model.records.refs import Ref


async def changed(about: Difference, mend: Mend, desk: Desk) -> Piece:
    """The piece for `set`, `assign` and `delete`. Raises `LabError`."""
    ref = mend.ref or Ref("", 0)
    piece = Piece((about.key,), label_of(about), ref)
    row = await desk.one(ref)
    if row is None:
        text = _("{path}/{id} is not there any more, or the token may not see it")
        return _blocked(piece, text.format(path=ref.path, id=ref.id))
    piece = _replaced(piece, row=row, stamp=str(row.get("last_updated") or ""), owner=owner(row))
    if mend.deed == "delete":
        return await _deleted(piece, row, desk)
    if mend.deed == "assign" and (taken := _taken(mend, row)):
        return _blocked(piece, taken)
    values, blockers = await _values(about, mend, desk)
    if ref.path == refs.MACHINE_INTERFACES and "mac_address" in dict(values):
        return _with_mac(piece, ref, values, desk)
    wrong = [*blockers, *(await _duplicates(ref, values, desk))]
    left = tuple((name, value) for name, value in values if not same(field(row, name), value))
    if not left and not wrong:
        wrong = [_("NetBox says so already: press r, and look again")]
    return _replaced(
        piece,
        requests=(Request("PATCH", f"{ref.path}/{ref.id}", left),) if left and not wrong else (),
        now=tuple((name, _shown(field(row, name))) for name, _value in left),
        blockers=tuple(wrong),
    )


def label_of(about: Difference) -> str:
    """What a person calls it: the object, and the field that differs."""
    return f"{about.name} {about.field}".strip()


def owner(row: Row) -> int:
    """Whose part it is: the id of the machine of an interface, of the tunnel of an end."""
    for name in ("virtual_machine", "tunnel", "device"):
        held = row.get(name)
        if isinstance(held, dict) and isinstance(held.get("id"), int):
            return int(held["id"])
    return 0


def _replaced(piece: Piece, **changes: Any) -> Piece:
    return msgspec.structs.replace(piece, **changes)


def _blocked(piece: Piece, why: str) -> Piece:
    return _replaced(piece, blockers=(why,))


def _shown(value: Value) -> str:
    return "-" if value in (None, "") else str(value)


def _taken(mend: Mend, row: Row) -> str:
    """Whose address it is, when it is somebody else's: that is never taken."""
    wanted = dict(mend.values)
    held = row.get("assigned_object_id")
    if held is None or held == wanted.get("assigned_object_id"):
        return ""
    place: Any = row.get("assigned_object") or {}
    holder = place.get("virtual_machine") or place.get("device") or {}
    names = f"{holder.get('display') or holder.get('name') or ''} {place.get('display', '')}"
    text = _("{address} is that of {holder}: nobody's address is taken; free it there first")
    return text.format(address=row.get("address", ""), holder=names.strip() or f"#{held}")


async def _values(about: Difference, mend: Mend, desk: Desk) -> tuple[Values, list[str]]:
    """The fields as this NetBox takes them."""
    path, values = (mend.ref.path if mend.ref else ""), dict(mend.values)
    wrong: list[str] = []
    if path == refs.PREFIXES and desk.version < SCOPES and "scope_id" in values:
        values = {"site": values["scope_id"]}
    if path == refs.SESSIONS:
        for name in ("remote_as", "local_as"):
            if name in values:
                values[name] = await asn_id(int(str(values[name])), desk, wrong)
        if "local_address" in values:
            host = str(values["local_address"])
            values["local_address"] = session_address(host, desk, wrong)
    for name, value in values.items():
        # A tool may have made the field of a number a text.
        if name.startswith("custom_fields.") and mend.ref is not None:
            row = await desk.one(mend.ref)
            if isinstance(field(row or {}, name), str):
                values[name] = str(value)
    return tuple(values.items()), wrong


async def _duplicates(ref: Ref, values: Values, desk: Desk) -> list[str]:
    """Why an address can't become another: somebody has that."""
    wanted = dict(values).get("address")
    if ref.path != refs.ADDRESSES or wanted is None:
        return []
    found = await desk.rows(refs.ADDRESSES, address=host_of(str(wanted)))
    if all(row["id"] == ref.id for row in found):
        return []
    return [_("NetBox has {address} already").format(address=wanted)]


def _with_mac(piece: Piece, ref: Ref, values: Values, desk: Desk) -> Piece:
    """An interface that has no MAC address yet: a record of its own since 4.2."""
    mac = dict(values)["mac_address"]
    here = f"{ref.path}/{ref.id}"
    if desk.version < MAC_OBJECTS:
        return _replaced(piece, requests=(Request("PATCH", here, values),))
    return _replaced(piece, requests=tuple(mac_requests(str(mac), here, ref.id)))


def mac_requests(mac: str, interface: str, number: Value, first: int = 1) -> Iterable[Request]:
    """The record of a MAC address, and its interface made to have it as the first one.

    `first` is the place of the first of these requests in the piece.
    """
    made = (
        ("mac_address", mac),
        ("assigned_object_type", "virtualization.vminterface"),
        ("assigned_object_id", number),
    )
    yield Request("POST", refs.MACS, made)
    yield Request("PATCH", interface, (("primary_mac_address", f"<{first}>"),))


async def _deleted(piece: Piece, row: Row, desk: Desk) -> Piece:
    """What goes along with it is said: NetBox deletes what belongs to it without a word."""
    ref = piece.ref
    gone: list[str] = []
    places: dict[str, tuple[str, str | int]] = {
        refs.MACHINES: ("virtual_machine_id", ref.id),
        refs.MACHINE_INTERFACES: ("vminterface_id", ref.id),
    }
    if ref.path in places:
        name, number = places[ref.path]
        found = await desk.rows(refs.ADDRESSES, **{name: number})
        gone = [str(each.get("address", "")) for each in found]
    notes = [_("{name} is deleted").format(name=row.get("display") or ref.name)]
    if gone:
        notes.append(_("with it go its addresses: {list}").format(list=", ".join(gone)))
    request = Request("DELETE", f"{ref.path}/{ref.id}")
    return _replaced(piece, requests=(request,), notes=tuple(notes))
