"""How releases of NetBox differ on the wire, as far as a console meets it.

Recorded from 4.1.11, 4.6.8 and 4.7.0-beta1. What a release does not know it passes over without a
word: fields of a body, parameters of a query, headers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labtui.demo.netbox.schema import Model, Row

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

_EVERYWHERE = "*"
_SCOPE = ("scope_type", "scope_id", "scope")
_SCOPED = ("ipam.prefix", "virtualization.cluster")
_QINQ = ("qinq_svlan", "vlan_translation_policy")
INTERFACES = ("dcim.interface", "virtualization.vminterface")


@dataclass(frozen=True)
class Release:
    """One release. `later` names the fields, by kind or `*`, that it does not have yet."""

    version: str
    later: dict[str, tuple[str, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    """Paths under `/api/` that it does not have yet."""

    scopes: bool = True
    """Whether prefixes and clusters have a scope (4.2) instead of a site."""

    tells_version: bool = True
    """Whether every answer has `API-Version`; 4.1 has it for requests with a JSON content type."""

    etags: bool = True
    cursors: bool = True
    omits: bool = True
    mac_objects: bool = True
    """Whether MAC addresses have records of their own (4.2)."""

    new_tokens: bool = True
    """Whether it knows tokens of version 2 (4.5)."""

    choices_as_objects: bool = False
    """Whether custom fields of choices are read as value and label (4.7)."""

    bulk_details: bool = False
    """Whether complaints about a list name their items, and ids that are not there count (4.7)."""

    @property
    def api(self) -> str:
        """The `API-Version` header."""
        return ".".join(self.version.split("-")[0].split(".")[:2])

    def hidden(self, label: str) -> tuple[str, ...]:
        """The fields that records of a kind do not have."""
        return self.later.get(label, ()) + self.later.get(_EVERYWHERE, ())

    def asked(self, model: Model, names: tuple[str, ...]) -> set[str]:
        """The fields of today that hold what a query asks for by the names of this release."""
        old_site = not self.scopes and model.label in _SCOPED and "site" in names
        return {*names, *(("scope",) if old_site else ())}

    def shown(self, view: View, model: Model, row: Row, record: dict[str, Any]) -> dict[str, Any]:
        """A record of the present as this release has it."""
        hidden = self.hidden(model.label)
        found = {name: value for name, value in record.items() if name not in hidden}
        if not self.scopes and model.label in _SCOPED and "scope" in record:
            site = row["scope_id"] if row["scope_type"] == "dcim.site" else None
            found = {name: value for name, value in found.items() if name not in _SCOPE}
            found["site"] = view.nested("dcim.site", site)
        return found

    def understood(self, model: Model, body: Row) -> Row:
        """What this release takes from a body; the rest it passes over."""
        hidden = {*self.hidden(model.label), *self.later.get("body", ())}
        found = {name: value for name, value in body.items() if name not in hidden}
        if self.scopes or model.label not in _SCOPED:
            return found
        found = {name: value for name, value in found.items() if name not in _SCOPE}
        if "site" in found:
            site = found.pop("site")
            found |= {"scope_type": "dcim.site" if site else None, "scope_id": site}
        return found


CURRENT = Release("4.6.8")

RELEASES = {
    "4.1": Release(
        "4.1.11",
        later={
            _EVERYWHERE: ("owner",),
            "body": ("changelog_message", "add_tags", "remove_tags", "prefix_length"),
            "virtualization.cluster": ("allocated_vcpus", "allocated_memory", "allocated_disk"),
            "virtualization.virtualmachine": ("virtual_machine_type", "start_on_boot"),
            "core.objectchange": ("message", "object_repr"),
            "ipam.iprange": ("mark_populated",),
            "ipam.vlangroup": ("total_vlan_ids", "tenant", "comments", "utilization"),
            "ipam.vlan": ("qinq_role", "qinq_svlan"),
            **dict.fromkeys(INTERFACES, (*_QINQ, "primary_mac_address", "mac_addresses")),
        },
        missing=("dcim/mac-addresses", "authentication-check"),
        scopes=False,
        mac_objects=False,
        tells_version=False,
        etags=False,
        cursors=False,
        omits=False,
        new_tokens=False,
    ),
    "4.6": CURRENT,
    "4.7": Release("4.7.0-beta1", choices_as_objects=True, bulk_details=True),
}
"""Releases that the demo can behave like."""
