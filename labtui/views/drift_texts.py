"""The words for differences between NetBox and the lab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labtui.locale import _

if TYPE_CHECKING:
    from labtui.model.drift.difference import Difference, Mend
    from labtui.model.records.joined import Sure


def what_text(what: str) -> str:
    """What kind of object it is."""
    return {
        "guest": _("guest"),
        "interface": _("interface"),
        "disk": _("disk"),
        "address": _("address"),
        "vlan": _("VLAN"),
        "cluster": _("cluster"),
        "node": _("node"),
        "router": _("router"),
        "tunnel": _("tunnel"),
        "end": _("tunnel end"),
        "asn": _("ASN"),
        "session": _("session"),
        "prefix": _("prefix"),
    }.get(what, what)


def field_text(field: str) -> str:
    """The field that differs."""
    return {
        "name": _("name"),
        "node": _("node"),
        "status": _("status"),
        "memory": _("memory"),
        "disk": _("disk"),
        "cluster": _("cluster"),
        "address": _("address"),
        "holder": _("is elsewhere"),
        "site": _("site"),
        "remote_as": _("peer as"),
        "local_as": _("local AS"),
        "local_address": _("local address"),
        "vcpus": "vCPU",
        "vmid": "VMID",
        "mac": "MAC",
        "vlan": "VLAN",
        "asn": "ASN",
        "encapsulation": _("encapsulation"),
        "announced": _("announced"),
    }.get(field, field)


def kind_text(row: Difference) -> str:
    """What is wrong, in a word or two."""
    if row.ignored:
        return _("meant so")
    if row.kind == "missing":
        if row.hidden:
            return _("not seen")
        if row.field == "inside":
            return _("used inside, not recorded")
        return _("announced, not recorded") if row.field == "announced" else _("not recorded")
    if row.kind == "different":
        return field_text(row.field)
    return {
        "surplus": _("only recorded"),
        "ambiguous": _("several fit"),
        "twice": _("recorded twice"),
    }[row.kind]


def sure_text(sure: Sure) -> str:
    """How sure it is that both are the same object."""
    return {
        "certain": _("certain"),
        "likely": _("likely"),
        "ambiguous": _("several would do"),
    }[sure]


def mend_text(mend: Mend) -> str:
    """What one way to mend it would do."""
    values = ", ".join(f"{name}={value}" for name, value in mend.values)
    if mend.direction == "lab":
        return _("in the lab: {values}").format(values=values)
    ref = mend.ref
    where = f"{ref.path}/{ref.id}/" if ref is not None and ref.id else (ref.path if ref else "")
    text = {
        "create": _("write it down in {where}: {values}"),
        "set": _("correct {where}: {values}"),
        "assign": _("put {where} on it: {values}"),
        "delete": _("take {where} out"),
    }[mend.deed]
    return text.format(where=where, values=values)


def directions(row: Difference) -> str:
    """Which side could be changed: `record`, `lab`, both, or nothing by itself."""
    sides = {mend.direction for mend in row.mends}
    if sides == {"record", "lab"}:
        return _("either")
    return {"record": _("record"), "lab": _("lab")}.get(next(iter(sides), ""), "")


def unseen_text(path: str, why: str) -> str:
    """Why nothing can be said about a list."""
    return {
        "hidden": _("{path}: the token may not see it, so nothing is said about it"),
        "absent": _("{path}: this NetBox does not have it"),
        "empty": _("{path}: there is nothing in it, so nothing is compared with it"),
        "unread": _("{path}: its answer could not be understood"),
        "partly": _("{path}: the token sees only a part of it; what seems missing may be there"),
    }[why].format(path=path)
