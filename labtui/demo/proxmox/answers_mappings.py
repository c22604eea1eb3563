"""Mappings of PCI and USB devices: reading, comparing with the hardware, and writing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from labtui.demo.cluster.configuration import options
from labtui.demo.cluster.datacenter import UsbMapping
from labtui.demo.cluster.state import PciMapping
from labtui.demo.lab import Mapping
from labtui.demo.proxmox.errors import bad_parameters, died, forbidden
from labtui.demo.proxmox.site import Answer, Call, Routes

_MODIFIED = "detected modified configuration - file changed by other user? Try again."
_SEEN = ("Mapping.Audit", "Mapping.Use", "Mapping.Modify")


def index(_: Call) -> Answer:
    """GET /cluster/mapping."""
    return Answer([{"name": name} for name in ("dir", "pci", "usb")])


def directories(_: Call) -> Answer:
    """GET /cluster/mapping/dir: none."""
    return Answer([])


def _lines(call: Call) -> list[str]:
    given: Any = call.params.get("map") or []
    lines = [str(line) for line in (given if isinstance(given, list) else [given])]
    for line in lines:
        parts = options(line)
        for key in ("node", "id"):
            if key not in parts:
                text = f"map.{key}: property is missing and it is not optional"
                text = f"invalid format - format error\n{text}\n"
                raise bad_parameters({"map": text})
    return lines


def _entry(line: str) -> tuple[str, str, int]:
    parts = options(line)
    return parts["node"], parts.get("path", ""), int(parts.get("iommugroup", "-1"))


def _built(name: str, lines: list[str], description: str, *, live: bool, mdev: bool) -> PciMapping:
    device = options(lines[0])["id"] if lines else ""
    entries = tuple(_entry(line) for line in lines)
    return PciMapping(Mapping(name, device, entries, description), tuple(lines), live, mdev)


def create_pci(call: Call) -> Answer:
    """POST /cluster/mapping/pci."""
    name, given = str(call.params["id"]), call.params
    if name in call.state.mappings:
        raise died(f"create hardware mapping failed: mapping ID '{name}' already defined")
    live = bool(given.get("live-migration-capable"))
    text = str(given.get("description", ""))
    call.state.mappings[name] = _built(
        name, _lines(call), text, live=live, mdev=bool(given.get("mdev"))
    )
    return Answer(None)


def update_pci(call: Call) -> Answer:
    """PUT /cluster/mapping/pci/{id}."""
    name, given = str(call.params["id"]), call.params
    if given.get("digest") not in (None, call.state.mapping_digest):
        raise died(f"update hardware mapping failed: {_MODIFIED}")
    old = call.state.mappings.get(name)
    if old is None:
        raise died(f"update hardware mapping failed: mapping '{name}' not found")
    gone = set(re.split(r"[,; ]+", str(given.get("delete", ""))))
    lines = _lines(call) if "map" in given else list(old.lines)
    text = str(given.get("description", "" if "description" in gone else old.lab.description))
    kept = old.live and "live-migration-capable" not in gone
    live = bool(given.get("live-migration-capable", kept))
    mdev = bool(given.get("mdev", old.mdev and "mdev" not in gone))
    call.state.mappings[name] = _built(name, lines, text, live=live, mdev=mdev)
    return Answer(None)


def delete_pci(call: Call) -> Answer:
    """DELETE /cluster/mapping/pci/{id}: one that is not there is no fault."""
    call.state.mappings.pop(str(call.params["id"]), None)
    return Answer(None)


def _usb_row(call: Call, item: UsbMapping) -> dict[str, Any]:
    digest = call.site.world.works.datacenter.usb_digest
    row: dict[str, Any] = {"type": "usb", "map": list(item.lines), "digest": digest}
    row["description"] = item.description
    return row


def list_usb(call: Call) -> Answer:
    """GET /cluster/mapping/usb; with `check-node` each is compared with that node's ports."""
    node, rows = call.params.get("check-node"), []
    for name, item in call.site.world.works.datacenter.usb.items():
        if not call.allowed(f"/mapping/usb/{name}", *_SEEN):
            continue
        row = _usb_row(call, item) | {"id": name, "error": []}
        if node is not None:
            here = [line for line in item.lines if options(line)["node"] == node]
            checks = []
            if not here:
                message = f"No mapping for node {node}."
                checks.append({"severity": "warning", "message": message})
            for line in here:
                if problem := _usb_problem(name, options(line)):
                    message = f"Invalid configuration: {problem}\n"
                    checks.append({"severity": "error", "message": message})
            row["checks"] = row["error"] = checks
        rows.append(row)
    return Answer(rows)


_PLUGGED = {"1-1.2": "1a86:7523", "1-1.4": "0557:7000"}
"""What is plugged into every node: a serial adapter and the management controller's keyboard."""


def _usb_problem(name: str, line: dict[str, str]) -> str:
    """As the node compares an entry: that device in that port, or anywhere."""
    wanted, path = line["id"], line.get("path", "")
    if not path:
        return "" if wanted in _PLUGGED.values() else f"usb device '{wanted}' not found"
    found = _PLUGGED.get(path)
    if found is None:
        return f"usb device '{path}' not found"
    return "" if found == wanted else f"'id' does not match for '{name}' ({found} != {wanted})"


def one_usb(call: Call) -> Answer:
    """GET /cluster/mapping/usb/{id}."""
    name = str(call.params["id"])
    if not call.allowed(f"/mapping/usb/{name}", *_SEEN):
        raise forbidden("")
    item = call.site.world.works.datacenter.usb.get(name)
    if item is None:
        raise died(f"mapping '{name}' not found")
    return Answer(_usb_row(call, item))


def create_usb(call: Call) -> Answer:
    """POST /cluster/mapping/usb."""
    known, name = call.site.world.works.datacenter.usb, str(call.params["id"])
    if name in known:
        raise died(f"create hardware mapping failed: mapping ID '{name}' already defined")
    known[name] = UsbMapping(_lines(call), str(call.params.get("description", "")))
    return Answer(None)


def update_usb(call: Call) -> Answer:
    """PUT /cluster/mapping/usb/{id}."""
    center, name = call.site.world.works.datacenter, str(call.params["id"])
    if call.params.get("digest") not in (None, center.usb_digest):
        raise died(f"update hardware mapping failed: {_MODIFIED}")
    old = center.usb.get(name)
    if old is None:
        raise died(f"update hardware mapping failed: mapping '{name}' not found")
    lines = _lines(call) if "map" in call.params else old.lines
    description = str(call.params.get("description", old.description))
    center.usb[name] = replace(old, lines=lines, description=description)
    return Answer(None)


def delete_usb(call: Call) -> Answer:
    """DELETE /cluster/mapping/usb/{id}."""
    call.site.world.works.datacenter.usb.pop(str(call.params["id"]), None)
    return Answer(None)


_PCI, _USB = "/cluster/mapping/pci", "/cluster/mapping/usb"
ROUTES: Routes = {
    ("GET", "/cluster/mapping"): index,
    ("GET", "/cluster/mapping/dir"): directories,
    ("POST", _PCI): create_pci,
    ("PUT", f"{_PCI}/{{id}}"): update_pci,
    ("DELETE", f"{_PCI}/{{id}}"): delete_pci,
    ("GET", _USB): list_usb,
    ("GET", f"{_USB}/{{id}}"): one_usb,
    ("POST", _USB): create_usb,
    ("PUT", f"{_USB}/{{id}}"): update_usb,
    ("DELETE", f"{_USB}/{{id}}"): delete_usb,
}
