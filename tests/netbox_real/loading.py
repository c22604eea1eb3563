"""The demo's lab, written into an empty NetBox of one's own through its REST API.

Each kind of record is read from the demo's own store, by its description there: references are
put in as the ids that the real one gave, and those that point to what comes later are written at
the end. Bulk requests; a bulk that is refused is sent again one by one, so that the first refusal
can be named.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import requests

from labtui.demo.clock import Clock
from labtui.demo.lab import Lab
from labtui.demo.netbox.content import fill
from labtui.demo.netbox.schema import Field, Model, Row
from labtui.demo.netbox.store import MODELS, Store

ORDER = (
    *("extras.tag", "extras.customfieldchoiceset", "extras.customfield"),
    *("tenancy.tenantgroup", "tenancy.tenant"),
    *("tenancy.contactrole", "tenancy.contact", "tenancy.contactassignment"),
    *("ipam.rir", "ipam.asn", "ipam.asnrange", "dcim.site", "ipam.role", "ipam.vrf"),
    *("ipam.vlangroup", "ipam.vlan", "ipam.prefix", "ipam.iprange"),
    *("virtualization.clustertype", "virtualization.clustergroup", "virtualization.cluster"),
    *("dcim.manufacturer", "dcim.platform", "dcim.devicerole", "dcim.devicetype", "dcim.device"),
    *("dcim.interface", "virtualization.virtualmachine", "virtualization.vminterface"),
    *("dcim.macaddress", "virtualization.virtualdisk", "ipam.ipaddress"),
    *("vpn.tunnelgroup", "vpn.tunnel", "vpn.tunneltermination"),
    *("netbox_bgp.bgppeergroup", "netbox_bgp.community", "netbox_bgp.bgpsession"),
)
_BULK = 100
_UNKNOWN = 404


class Refused(Exception):
    """The real one said no; the text is its own."""


class Loader:
    """Writes one lab down. `ids`: (kind, id in the demo) to the id that the real one gave."""

    def __init__(self, url: str, token: str, lab: Lab) -> None:
        self.base = f"{url.rstrip('/')}/api"
        self.session = session_of(token)
        self.ids: dict[tuple[str, int], int] = {}
        self.written: dict[str, int] = {}
        status = self.session.get(f"{self.base}/status/", timeout=60).json()
        self.release = tuple(int(part) for part in status["netbox-version"].split(".")[:2])
        self.plugin = "netbox_bgp" in status.get("plugins", {})
        self._store = Store()
        fill(self._store, lab, Clock().now(), bgp_sessions=self.plugin)
        self._later: list[tuple[str, int, str, Any]] = []

    def load(self) -> dict[str, int]:
        """How many records of each kind were written. Raises `Refused`."""
        for label in ORDER:
            if label == "dcim.macaddress" and self.release < (4, 2):
                continue
            rows = list(self._store.rows(label))
            if rows:
                self._put(MODELS[label], rows)
        self._complete()
        return self.written

    def _put(self, model: Model, rows: list[Row]) -> None:
        url = f"{self.base}/{model.path}/"
        for start in range(0, len(rows), _BULK):
            part = rows[start : start + _BULK]
            bodies = [self._body(model, row) for row in part]
            answer = self.session.post(url, json=bodies, timeout=300)
            made = answer.json() if answer.status_code == 201 else self._singly(url, bodies)
            for row, each in zip(part, made, strict=True):
                self.ids[model.label, row["id"]] = each["id"]
        self.written[model.label] = len(rows)

    def _singly(self, url: str, bodies: list[Row]) -> list[Any]:
        found = []
        for body in bodies:
            answer = self.session.post(url, json=body, timeout=300)
            if answer.status_code != 201:
                raise Refused(f"{url}: {answer.status_code} {answer.text[:300]} for {body}")
            found.append(answer.json())
        return found

    def _complete(self) -> None:
        """What pointed to records that were written after it."""
        changes: dict[str, dict[int, Row]] = {}
        for label, number, name, value in self._later:
            body = changes.setdefault(label, {}).setdefault(number, {})
            body |= {"id": self.ids[label, number], name: self.ids[value]}
        for label, found in changes.items():
            bodies = list(found.values())
            for start in range(0, len(bodies), _BULK):
                url = f"{self.base}/{MODELS[label].path}/"
                part = bodies[start : start + _BULK]
                answer = self.session.patch(url, json=part, timeout=300)
                if answer.status_code != 200:
                    raise Refused(f"{url}: {answer.status_code} {answer.text[:300]}")

    def _body(self, model: Model, row: Row) -> Row:
        body: Row = {}
        for field in model.fields:
            body.update(self._values(model, field, row))
        if custom := row.get("custom_fields"):
            body["custom_fields"] = {name: self._custom(name, custom[name]) for name in custom}
        return self._as_this_release(model.label, row, body)

    def _values(self, model: Model, field: Field, row: Row) -> Iterator[tuple[str, Any]]:
        name = field.name
        if field.kind in ("constant", "computed"):
            return
        if field.kind == "generic":
            kind, number = row.get(f"{name}_type"), row.get(f"{name}_id")
            if kind and number:
                yield from ((f"{name}_type", kind), (f"{name}_id", self.ids[kind, number]))
            return
        value = row.get(name)
        if value in (None, "", (), [], {}):
            return
        if field.kind == "ref":
            place = field.target, value
            if place in self.ids:
                yield name, self.ids[place]
            else:
                self._later.append((model.label, row["id"], name, place))
        elif field.kind == "many":
            yield name, [self.ids[field.target, each] for each in value]
        else:
            yield name, value

    def _custom(self, name: str, value: Any) -> Any:
        """The value of a custom field; one that is a record is put in as its id."""
        field = next(r for r in self._store.rows("extras.customfield") if r["name"] == name)
        kind = field.get("related_object_type")
        return self.ids[kind, value] if kind and value else value

    def _as_this_release(self, label: str, row: Row, body: Row) -> Row:
        if label == "virtualization.virtualmachine":
            # With disks it is their sum, and any other value is refused.
            body.pop("disk", None)
        if self.release >= (4, 2):
            return body
        if label == "ipam.vlan":
            # A VLAN of a group without a scope could not have a site then.
            body.pop("group", None)
        if body.get("scope_type") == "dcim.site":
            body |= {"site": body.pop("scope_id")}
            body.pop("scope_type")
        if label in ("virtualization.vminterface", "dcim.interface"):
            self._later = [each for each in self._later if each[2] != "primary_mac_address"]
            mac = self._store.get("dcim.macaddress", row.get("primary_mac_address"))
            body |= {"mac_address": mac["mac_address"]} if mac else {}
        return body


def session_of(token: str) -> requests.Session:
    """A session with a token of either version; nothing of the surroundings is heeded."""
    session = requests.Session()
    session.trust_env = False
    word = "Bearer" if token.startswith("nbt_") else "Token"
    session.headers["Authorization"] = f"{word} {token}"
    return session
