"""Writing to the demo's NetBox: complaints, conflicts, what goes with what."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.demo.netbox_server import WRITER, sample, serving

MACHINES = "virtualization/virtual-machines/"
ADDRESSES = "ipam/ip-addresses/"


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (MACHINES, {}, {"name": ["This field is required."]}),
        (MACHINES, {"name": "x"}, sample("error_400_vm_without_cluster_or_site")),
        (MACHINES, {"name": "x", "cluster": 1, "status": "runing"}, sample("error_400_choice")),
        (MACHINES, {"name": "x", "cluster": 99999}, sample("error_400_related_id")),
        (MACHINES, {"name": "x", "cluster": {"name": "nope"}}, sample("error_400_related")),
        (MACHINES, {"name": "WEB-01", "cluster": 1, "tenant": 1}, sample("error_400_unique_vm")),
        ("ipam/asns/", {"asn": 4294967296, "rir": 1}, sample("error_400_asn_out_of_range")),
        ("ipam/asns/", {"asn": 65036, "rir": 1}, sample("error_400_duplicate_asn")),
        (ADDRESSES, {"address": "10.121.250.1/24"}, sample("error_400_duplicate_ip")),
        (
            ADDRESSES,
            {
                "address": "10.121.250.0/24",
                "assigned_object_type": "dcim.interface",
                "assigned_object_id": 2,
            },
            sample("error_400_network_id"),
        ),
        ("ipam/prefixes/", {"prefix": "10.121.250.0/24"}, sample("error_400_duplicate_prefix")),
        ("ipam/prefixes/", {"prefix": "10.121.250.5/24"}, sample("error_400_prefix_host_bits")),
        ("dcim/sites/", {"name": "x", "slug": "x", "status": {"value": "active"}},
         sample("error_400_status_as_object")),
        (ADDRESSES, [{"address": "10.121.251.250/24"}, {"address": "bad"}],
         sample("error_400_bulk_create")),
        ("dcim/sites/", {"name": "836", "slug": "8360"},
         {"name": ["site with this name already exists."]}),
        ("dcim/sites/", {"name": "n" * 101, "slug": "a b"}, {
            "name": ["Ensure this field has no more than 100 characters."],
            "slug": [
                'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'
            ],
        }),
        ("ipam/prefixes/2/available-ips/", {"prefix_length": 16},
         sample("error_400_available_ips_prefix_length")),
    ],
)  # fmt: skip
async def test_complaints(path: str, body: Any, expected: Any) -> None:
    if isinstance(expected, dict) and "response" in expected:
        assert expected["response"]["status"] == 400
        expected = expected["response"]["body"]
    async with serving() as server:
        before = (await server.get(f"{ADDRESSES}?limit=1"))["count"]
        answer = await server.ask("POST", path, body)
        assert (answer.status, answer.body) == (400, expected)
        assert (await server.get(f"{ADDRESSES}?limit=1"))["count"] == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"custom_fields": {"nope": 1}}, sample("error_400_custom_field_unknown")),
        ({"custom_fields": {"proxmox_vmid": "abc"}}, sample("error_400_custom_field_type")),
        (
            {"primary_ip4": 1},
            {"primary_ip4": [
                "The specified IP address (10.121.250.1/24) is not assigned to this VM."
            ]},
        ),
        (
            {"disk": 20480},
            {"disk": ["The specified disk size (20480) must match the aggregate size of assigned "
                      "virtual disks (24576)."]},
        ),
    ],
)  # fmt: skip
async def test_complaints_about_changes(body: Any, expected: Any) -> None:
    if "response" in expected:
        expected = expected["response"]["body"]
    async with serving() as server:
        answer = await server.ask("PATCH", f"{MACHINES}1/", body)
        assert (answer.status, answer.body) == (400, expected)


async def test_an_interface_ends_one_tunnel_only() -> None:
    async with serving() as server:
        taken = (await server.get("vpn/tunnel-terminations/?tunnel=wg-702-mou"))["results"][0]
        body = {
            "tunnel": 1,
            "role": "peer",
            "termination_type": "dcim.interface",
            "termination_id": taken["termination_id"],
        }
        answer = await server.ask("POST", "vpn/tunnel-terminations/", body)
        assert answer.status == 400
        assert answer.body["__all__"] == [
            "An object may be terminated to only one tunnel at a time."
        ]
        assert "is already attached to a tunnel (wg-702-mou)" in answer.body["termination"][0]


async def test_bodies_that_are_none() -> None:
    async with serving() as server:
        for body, content_type, recorded in (
            ('{"name": ', "application/json", "error_400_json"),
            ("name=x", "text/plain", "error_415"),
        ):
            async with server.session.post(
                f"{server.base}/api/dcim/sites/",
                data=body,
                headers={"Authorization": f"Bearer {WRITER}", "Content-Type": content_type},
            ) as answer:
                expected = sample(recorded)["response"]
                assert (answer.status, await answer.json()) == (
                    expected["status"],
                    expected["body"],
                )
        for strange in ([1], "text", 5):
            assert (await server.ask("POST", "dcim/sites/", strange)).status == 400
            assert (await server.ask("PATCH", MACHINES, strange)).status == 400


async def test_a_machine_with_all_its_parts() -> None:
    async with serving() as server:
        body = {
            "name": "new",
            "cluster": {"name": "lsalab"},
            "device": {"name": "pve1"},
            "memory": 2048,
            "vcpus": 2,
            "custom_fields": {"proxmox_vmid": 5000},
            "tags": [{"slug": "proxmox"}],
            "site": 1,
            "no_such_field": 1,
        }
        machine = await server.ask("POST", MACHINES, body)
        assert machine.status == 201
        number = machine.body["id"]
        assert machine.headers["Location"] == machine.body["url"]
        assert machine.body["custom_fields"]["proxmox_vm_type"] is None
        disk = {"virtual_machine": number, "name": "scsi0", "size": 10240}
        assert (await server.ask("POST", "virtualization/virtual-disks/", disk)).status == 201
        after_disk = await server.get(f"{MACHINES}{number}/")
        assert after_disk["disk"] == 10240
        assert after_disk["last_updated"] == machine.body["last_updated"]
        interface = await server.ask(
            "POST", "virtualization/interfaces/", {"virtual_machine": number, "name": "net0"}
        )
        owner = {
            "assigned_object_type": "virtualization.vminterface",
            "assigned_object_id": interface.body["id"],
        }
        mac = await server.ask(
            "POST", "dcim/mac-addresses/", {"mac_address": "bc2411-0000ff", **owner}
        )
        assert mac.body["mac_address"] == "BC:24:11:00:00:FF"
        path = f"virtualization/interfaces/{interface.body['id']}/"
        answer = await server.ask("PATCH", path, {"primary_mac_address": mac.body["id"]})
        assert answer.body["mac_address"] == "BC:24:11:00:00:FF"
        address = await server.ask("POST", "ipam/prefixes/2/available-ips/", owner)
        answer = await server.ask(
            "PATCH", f"{MACHINES}{number}/", {"primary_ip4": address.body["id"]}
        )
        assert answer.body["primary_ip"]["address"] == address.body["address"]
        assert (await server.ask("DELETE", f"{MACHINES}{number}/")).status == 204
        for gone in (f"{ADDRESSES}{address.body['id']}/", path):
            assert (await server.ask("GET", gone)).status == 404


async def test_if_match() -> None:
    async with serving() as server:
        path = f"{MACHINES}1/"
        first = await server.ask("GET", path)
        stale = first.headers["Etag"]
        expected = first.body["last_updated"].replace("Z", "+00:00")
        assert stale == f'W/"{expected}"'
        answer = await server.ask("PATCH", path, {"memory": 1}, headers={"If-Match": stale})
        assert answer.status == 200
        assert answer.headers["Etag"] != stale
        for method in ("PATCH", "DELETE"):
            refused = await server.ask(method, path, {"memory": 2}, headers={"If-Match": stale})
            assert (refused.status, refused.body) == (412, {"detail": "Precondition failed."})
            assert refused.headers["Etag"] == answer.headers["Etag"]


async def test_what_others_depend_on_stays() -> None:
    async with serving() as server:
        for path in ("dcim/sites/1/", "tenancy/tenants/1/", "virtualization/clusters/1/"):
            answer = await server.ask("DELETE", path)
            assert answer.status == 409
            assert answer.body["detail"].startswith("Unable to delete object. ")
            assert (await server.ask("GET", path)).status == 200


async def test_lists_are_all_or_nothing() -> None:
    async with serving() as server:
        bad = [{"id": 41, "status": "offline"}, {"id": 2, "status": "nonsense"}]
        answer = await server.ask("PATCH", MACHINES, bad)
        assert (answer.status, answer.body) == (
            400,
            sample("error_400_bulk_patch")["response"]["body"],
        )
        assert (await server.get("core/object-changes/"))["count"] == 0
        good = [{"id": 41, "comments": "x"}, {"id": 999999, "comments": "x"}]
        answer = await server.ask("PATCH", MACHINES, good)
        assert [row["id"] for row in answer.body] == [41]
        answer = await server.ask("DELETE", MACHINES, [{"id": 41}, {"id": 999999}])
        assert answer.status == 204
        assert (await server.ask("GET", f"{MACHINES}41/")).status == 404
        made = await server.ask("POST", ADDRESSES, [{"address": f"192.0.2.{n}/24"} for n in (1, 2)])
        assert (made.status, len(made.body)) == (201, 2)


async def test_a_change_of_nothing() -> None:
    async with serving() as server:
        before = await server.get(f"{MACHINES}1/")
        after = await server.ask("PATCH", f"{MACHINES}1/", {"memory": before["memory"]})
        assert after.body["last_updated"] > before["last_updated"]
        assert (await server.get("core/object-changes/"))["count"] == 0


async def test_allocation() -> None:
    async with serving() as server:
        path = "ipam/prefixes/2/available-ips/"
        offered = [row["address"] for row in await server.get(f"{path}?limit=3")]
        assert offered[0] == "10.121.250.2/24"
        answers = await asyncio.gather(*(server.ask("POST", path, {}) for _each in range(20)))
        taken = [answer.body["address"] for answer in answers]
        assert len(set(taken)) == 20
        assert set(offered) <= set(taken)
        narrow = await server.ask("POST", path, {"prefix_length": 32, "role": "loopback"})
        assert narrow.body["address"].endswith("/32")
        many = await server.ask("POST", path, [{"description": "a"}, {"description": "b"}])
        assert [row["description"] for row in many.body] == ["a", "b"]
        link = (await server.get("ipam/prefixes/?prefix=10.255.0.0/31"))["results"][0]
        full = await server.ask("POST", f"ipam/prefixes/{link['id']}/available-ips/", {})
        expected = sample("error_409_available_ips")["response"]
        assert (full.status, full.body) == (expected["status"], expected["body"])
        part = await server.ask(
            "POST", "ipam/prefixes/1/available-prefixes/", {"prefix_length": 24}
        )
        assert part.body["prefix"] == "10.121.0.0/24"
        number = await server.ask("POST", "ipam/asn-ranges/1/available-asns/", {"description": "n"})
        assert number.body["asn"] == 64512


async def test_tags_one_by_one() -> None:
    async with serving() as server:
        body = {"add_tags": [{"slug": "ci"}], "remove_tags": [{"slug": "infra"}]}
        answer = await server.ask("PATCH", f"{MACHINES}1/", body)
        assert {tag["slug"] for tag in answer.body["tags"]} == {"proxmox", "ci"}
