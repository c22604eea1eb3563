"""The demo as NetBox 4.1 and 4.7, held against what those releases answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.demo.netbox_server import DATA, OLD_READER, WRITER, serving
from tests.demo.test_netbox_recordings import differences

OLD_WRITER = "fedcba9876543210fedcba9876543210fedcba98"


def recorded(release: str, name: str) -> dict[str, Any]:
    folder = {"4.1": "samples-v4.1.11", "4.7": "samples-v4.7.0-beta1"}[release]
    found: dict[str, Any] = json.loads((DATA / folder / f"{name}.json").read_text())
    return found


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("prefixes_list", "ipam/prefixes/"),
        ("clusters_list", "virtualization/clusters/"),
        ("virtual_machine_detail", "virtualization/virtual-machines/1/"),
        ("cursor_ignored", "virtualization/virtual-machines/?start=0&limit=1&fields=id"),
    ],
)
async def test_records_of_4_1(name: str, path: str) -> None:
    async with serving(release="4.1", tokens={OLD_WRITER: True}) as server:
        # Without the second 4.1 does not tell its version.
        headers = {
            "Authorization": f"Token {OLD_WRITER}",
            "Content-Type": "application/json",
        }
        answer = await server.ask("GET", path, token="", headers=headers)
        assert answer.headers["API-Version"] == "4.1"
        assert "ETag" not in answer.headers
        assert differences(recorded("4.1", name)["response"]["body"], answer.body) == []


async def test_4_1_omits_nothing() -> None:
    async with serving(release="4.1") as server:
        headers = {"Authorization": f"Token {OLD_READER}"}
        path = "dcim/sites/?omit=description&limit=1"
        answer = await server.ask("GET", path, token="", headers=headers)
        kept = recorded("4.1", "omit_ignored")["response"]["body"]["results"][0]
        assert set(answer.body["results"][0]) == set(kept)


@pytest.mark.parametrize("path", ["authentication-check/", "dcim/mac-addresses/"])
async def test_what_4_1_does_not_have(path: str) -> None:
    async with serving(release="4.1") as server:
        headers = {"Authorization": f"Token {OLD_READER}"}
        assert (await server.ask("GET", path, token="", headers=headers)).status == 404


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (f"Bearer {WRITER}", "error_403_v2_header"),
        ("Token " + "f" * 40, "error_403_bad_token"),
        ("", "error_403_no_token"),
    ],
)
async def test_tokens_of_4_1(header: str, name: str) -> None:
    async with serving(release="4.1") as server:
        headers = {"Authorization": header} if header else {}
        answer = await server.ask("GET", "dcim/sites/", token="", headers=headers)
        assert (answer.status, answer.body) == (403, recorded("4.1", name)["response"]["body"])


async def test_bodies_of_4_1() -> None:
    async with serving(release="4.1", tokens={OLD_WRITER: True}) as server:
        headers = {"Authorization": f"Token {OLD_WRITER}"}

        async def post(path: str, body: Any) -> Any:
            answer = await server.ask("POST", path, body, token="", headers=headers)
            assert answer.status == 201, answer
            return answer.body

        by_site = await post("ipam/prefixes/", {"prefix": "10.7.0.0/24", "site": 1})
        assert by_site["site"]["id"] == 1
        body = {"prefix": "10.8.0.0/24", "scope_type": "dcim.site", "scope_id": 1}
        assert (await post("ipam/prefixes/", body))["site"] is None
        interface = {"virtual_machine": 1, "name": "net9", "mac_address": "00:11:22:33:44:55"}
        made = await post("virtualization/interfaces/", interface)
        assert made["mac_address"] == "00:11:22:33:44:55"
        shape = recorded("4.1", "vm_interface_create_mac")["response"]["body"]
        assert differences(shape, made) == []
        only = await server.ask(
            "GET", "ipam/prefixes/?fields=site&limit=1", token="", headers=headers
        )
        assert set(only.body["results"][0]) == {"site"}
        path = f"ipam/prefixes/{by_site['id']}/"
        stale = {**headers, "If-Match": 'W/"x"'}
        change = {"description": "y", "changelog_message": "z"}
        answer = await server.ask("PATCH", path, change, token="", headers=stale)
        assert (answer.status, answer.body["description"]) == (200, "y")


async def test_lists_of_4_7() -> None:
    async with serving(release="4.7") as server:
        body: Any = [{"address": "10.121.250.199/24"}, {"address": "bad"}]
        answer = await server.ask("POST", "ipam/ip-addresses/", body)
        known = recorded("4.7", "error_400_bulk_create")["response"]["body"]
        assert (answer.status, answer.body) == (400, known)
        machines = "virtualization/virtual-machines/"
        body = [{"id": 1, "status": "offline"}, {"id": 2, "status": "nonsense"}]
        answer = await server.ask("PATCH", machines, body)
        known = recorded("4.7", "error_400_bulk_patch")["response"]["body"]
        assert (answer.status, answer.body) == (400, known)
        assert (await server.get(f"{machines}1/"))["status"]["value"] == "active"
        answer = await server.ask("PATCH", machines, [{"id": 999999, "comments": "x"}])
        known = recorded("4.7", "bulk_patch_missing_id")["response"]["body"]
        assert (answer.status, answer.body) == (400, known)


async def test_choices_of_4_7() -> None:
    async with serving(release="4.7") as server:
        path = "virtualization/virtual-machines/1/"
        fields = (await server.get(path))["custom_fields"]
        assert fields["proxmox_vm_type"] == {"value": "qemu", "label": "QEMU VM"}
        answer = await server.ask("PATCH", path, {"custom_fields": fields})
        known = recorded("4.7", "patch_select_cf_object")["response"]["body"]
        assert (answer.status, answer.body) == (400, known)
        change = {"custom_fields": {"proxmox_vm_type": "lxc"}}
        answer = await server.ask("PATCH", path, change)
        assert answer.body["custom_fields"]["proxmox_vm_type"]["value"] == "lxc"


def test_a_release_that_is_none() -> None:
    from labtui.demo.clock import Clock
    from labtui.demo.netbox.server import netbox_app
    from labtui.demo.standard_lab import default_lab

    with pytest.raises(KeyError):
        netbox_app(default_lab(), Clock(), {}, release="3.7")
