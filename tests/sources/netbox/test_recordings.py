"""Every recorded answer of the lists that are read, of three versions of NetBox."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labtui.model.inventory import DeviceRecord, MachineRecord, PrefixRecord, SiteRecord
from labtui.sources.netbox.changes import newest_change
from labtui.sources.netbox.read import Reader
from labtui.sources.netbox.tables import LISTS
from labtui.sources.netbox.values import vmid_of
from tests.sources.netbox.canned import DATA, EMPTY, Canned, client_of, recording

FIELDS = ("proxmox_vm_id", "proxmox_vmid", "vmid", "serial")


def exchanges() -> list[tuple[str, str, list[dict[str, Any]]]]:
    """(file, list, whole rows) of every recorded GET of a list that is read, or of its details."""
    found = []
    for file in sorted(DATA.glob("samples*/*.json")):
        exchange = json.loads(file.read_text())
        request = exchange.get("request", {})
        path, _mark, query = request.get("path", "").partition("?")
        parts = path.strip("/").split("/")
        kind = "/".join(parts[1:-1] if parts[-1].isdigit() else parts[1:])
        ok = request.get("method") == "GET" and exchange["response"]["status"] == 200
        partly = any(word in query for word in ("fields=", "brief=", "omit=", "exclude="))
        if not ok or kind not in LISTS or partly:
            continue
        body = exchange["response"]["body"]
        found.append((f"{file.parent.name}/{file.stem}", kind, body.get("results", [body])))
    return found


def reader(kind: str, rows: list[dict[str, Any]]) -> Reader:
    """A reader of a NetBox in which that list has these rows and the others have none."""
    body = {"count": len(rows), "next": None, "previous": None, "results": rows}

    def answer(path: str, _query: dict[str, list[str]]) -> Canned:
        return Canned(body=json.dumps(body).encode() if path == kind else EMPTY)

    return Reader(client_of(answer)[0], FIELDS)


@pytest.mark.parametrize(
    ("kind", "rows"), [each[1:] for each in exchanges()], ids=[each[0] for each in exchanges()]
)
def test_recorded_lists(kind: str, rows: list[dict[str, Any]]) -> None:
    reading = reader(kind, rows)
    found = reading.inventory()
    assert reading.complaints == []
    held = [getattr(found, name) for name in found.__struct_fields__]
    parts = [part for part in held if isinstance(part, tuple)]
    ids = [each.id for part in parts for each in part if hasattr(each, "id")]
    assert ids == sorted(row["id"] for row in rows)


def test_there_are_recordings_of_every_list() -> None:
    assert {kind for _name, kind, _rows in exchanges()} == set(LISTS)


def rows_of(name: str, folder: str = "samples") -> list[dict[str, Any]]:
    body = recording(name, folder)["response"]["body"]
    rows: list[dict[str, Any]] = body.get("results", [body])
    return rows


def test_a_machine() -> None:
    found = reader("virtualization/virtual-machines", rows_of("virtual_machine_detail")).inventory()
    assert found.version == "4.6"
    assert found.machines == (
        MachineRecord(
            id=2,
            name="ai-group-vm02",
            status="active",
            cluster="pve-lab",
            vmid=101,
            node="pve2",
            tenant="ai-group",
            address="10.121.250.51",
            vcpus=2.0,
            memory=2048 << 20,
            disk=16384,
            vmid_field="custom_fields.proxmox_vmid",
        ),
    )


def test_a_machine_of_the_next_version() -> None:
    """4.7 reads selections as `{"value", "label"}`."""
    rows = rows_of("virtual_machine_detail", "samples-v4.7.0-beta1")
    (machine,) = reader("virtualization/virtual-machines", rows).inventory().machines
    assert isinstance(rows[0]["custom_fields"]["proxmox_vm_type"], dict)
    assert machine.vmid == rows[0]["custom_fields"]["proxmox_vmid"]


def test_sites_devices_prefixes() -> None:
    sites = reader("dcim/sites", rows_of("sites_list")).inventory().sites
    assert SiteRecord(1, "836", "836", (4200000836,)) in sites
    (device,) = reader("dcim/devices", rows_of("device_detail")).inventory().devices
    assert device == DeviceRecord(
        1, "rt-836", "Overlay router", "active", "836", "infra", "10.121.250.1", serial="HF1000ABC"
    )
    (prefix,) = reader("ipam/prefixes", rows_of("prefix_detail")).inventory().prefixes
    assert prefix == PrefixRecord(
        2, "10.121.250.0/24", "active", "836", "infra", "LAN of 836", vlan=1, role="LAN"
    )


def test_a_prefix_of_an_old_version_has_its_site() -> None:
    rows = rows_of("prefixes_list", "samples-v4.1.11")
    assert any(row["site"] for row in rows)
    found = reader("ipam/prefixes", rows).inventory().prefixes
    assert [each.site for each in found] == [
        row["site"]["name"] if row["site"] else "" for row in rows
    ]


def test_the_change_log() -> None:
    body = json.dumps(recording("object_changes_list")["response"]["body"]).encode()
    client, adapter = client_of(lambda _path, _query: Canned(body=body))
    assert newest_change(client) == 490
    assert len(adapter.asked) == 1


@pytest.mark.parametrize(
    ("value", "vmid"),
    [
        (101, 101),
        ("101", 101),
        (" 101 ", 101),
        (101.0, 101),
        ({"value": "101", "label": "101"}, 101),
        (None, None),
        ("", None),
        (True, None),
        ("vm-101", None),
        (99, None),
        (-101, None),
        (1_000_000_000, None),
        ("9" * 5000, None),
        ("١٠١", None),
        ([101], None),
        (float("nan"), None),
    ],
)
def test_numbers_of_guests(value: Any, vmid: int | None) -> None:
    assert vmid_of(value) == vmid


@pytest.mark.parametrize(
    ("row", "vmid"),
    [
        ({"serial": "104"}, 104),
        ({"serial": "104", "custom_fields": {"vmid": 105}}, 105),
        ({"custom_fields": {"vmid": "x", "proxmox_vm_id": 106}}, 106),
        ({"custom_fields": {"serial": 107}}, 107),
        ({"serial": "HF1000ABC"}, None),
    ],
)
def test_where_numbers_of_guests_are_kept(row: dict[str, Any], vmid: int | None) -> None:
    whole = {"id": 1, "name": "x", "status": {"value": "active"}, **row}
    (machine,) = reader("virtualization/virtual-machines", [whole]).inventory().machines
    assert machine.vmid == vmid


def test_texts_are_made_harmless() -> None:
    row = {
        "id": 1,
        "name": "x\x1b[31m\u202e",
        "status": {"value": "act\nive"},
        "tenant": {"name": "\x9b1m"},
        "primary_ip": {"address": "10.0.0.1\x07/24"},
    }
    (machine,) = reader("virtualization/virtual-machines", [row]).inventory().machines
    for value in (machine.name, machine.status, machine.tenant, machine.address):
        assert value.isprintable()
