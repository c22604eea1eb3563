"""Mappings and devices as both releases send them, with what their nodes say of them."""

from __future__ import annotations

import pytest

from labtui.model.devices import Hardware
from labtui.model.mapping_check import mismatch
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.hardware import read_devices, read_usb
from labtui.sources.proxmox.mappings import read_checks, read_mappings
from tests.sources.proxmox.recordings import as_body, load

ASKED = Question("mappings", "here")


@pytest.mark.parametrize(
    ("release", "nodes"), [("8.4", ("pve1", "pve2")), ("9.2", ("pve3", "pve4"))]
)
def test_what_does_not_fit_is_what_the_node_says(release: str, nodes: tuple[str, str]) -> None:
    body = as_body(load(f"{release}/cluster-mapping-pci.json")["body"])
    mappings, complaints = read_mappings(body, ASKED)
    assert complaints == ()
    assert all(mapping.digest and not mapping.broken for mapping in mappings)
    devices = {}
    for node in nodes:
        told = as_body(load(f"{release}/node-hardware-pci.{node}.json")["body"])
        devices[node] = read_devices(told, ASKED, "lab", node)[0]
        assert all(device.subsystem for device in devices[node])
    hardware = Hardware(devices, mappings)
    for node in nodes:
        told = as_body(load(f"{release}/cluster-mapping-pci.check-node-{node}.json")["body"])
        checks = read_checks(told, ASKED)
        wrong = {name for name, said in checks.items() if any(c.severity == "error" for c in said)}
        ours = {
            mapping.name
            for mapping in mappings
            for entry in mapping.on(node)
            if mismatch(entry, hardware) is not None
        }
        # The server looks at every device of an entry against the ids of the first.
        assert ours >= wrong - {"multi"}
        assert ours <= wrong | {"multi"}
        words = {c.message for said in checks.values() for c in said if c.severity == "warning"}
        assert words == ({f"No mapping for node {node}."} if node == nodes[1] else set())


def test_devices_with_parts_as_other_servers_may_tell() -> None:
    rows = [
        {"id": "0000:01:00.0", "class": "0x020000", "mdev": 1, "virtfns": ["0000:01:10.0"]},
        {"id": "0000:01:10.0", "class": "0x020000", "physfn": "0000:01:00.0"},
        {"id": "0000:02:00.0", "class": "0x020000", "physfn": "rubbish"},
    ]
    devices, complaints = read_devices(as_body({"data": rows}), ASKED, "lab", "a")
    assert complaints == ()
    assert [(d.mdev, d.physical, d.virtual) for d in devices] == [
        (True, "", ("0000:01:10.0",)),
        (False, "0000:01:00.0", ()),
        (False, "", ()),
    ]


def test_what_is_plugged_in_without_the_hubs() -> None:
    rows = [
        {"busnum": 1, "devnum": 1, "vendid": "1d6b", "prodid": "0002", "level": 0, "port": 0},
        {"busnum": 1, "devnum": 2, "vendid": "1A86", "prodid": "7523", "level": 1,
         "usbpath": "1.2", "manufacturer": "QinHeng", "product": "Serial"},
    ]  # fmt: skip
    (device,), complaints = read_usb(as_body({"data": rows}), ASKED, "a")
    assert (device.path, device.ids, device.name) == ("1-1.2", "1a86:7523", "QinHeng Serial")
    assert complaints == ()
