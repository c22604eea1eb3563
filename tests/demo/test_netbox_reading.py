"""Reading the demo's NetBox: who may, paging, order, filters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from labtui.demo.standard_lab import default_lab
from tests.demo.netbox_server import OLD_READER, READER, WRITER, Server, sample, serving

MACHINES = "virtualization/virtual-machines/"


async def pages(server: Server, path: str) -> list[dict[str, Any]]:
    """Follow `next` to the end."""
    found: list[dict[str, Any]] = []
    for _page in range(50):
        body = await server.get(path)
        found.extend(body["results"])
        if body["next"] is None:
            return found
        assert body["next"].startswith(f"{server.base}/api/")
        path = body["next"].removeprefix(f"{server.base}/api/")
    raise AssertionError("the pages have no end")


@pytest.mark.parametrize(
    ("header", "recorded"),
    [
        ("", "error_403_no_token"),
        ("Token " + "f" * 40, "error_403_bad_v1"),
        ("Bearer " + "f" * 40, "error_403_bearer_with_v1"),
        ("Bearer nbt_abcdefghijkl." + "x" * 40, "error_403_bad_v2"),
        ("Bearer nbt_" + "x" * 40, "error_403_v2_unparsable"),
    ],
)
async def test_refusals_of_tokens(header: str, recorded: str) -> None:
    async with serving() as server:
        headers = {"Authorization": header} if header else {}
        answer = await server.ask("GET", "dcim/sites/", token="", headers=headers)
        expected = sample(recorded)["response"]
        assert (answer.status, answer.body) == (expected["status"], expected["body"])
        assert answer.headers["API-Version"] == "4.6"
        assert len(answer.headers["X-Request-ID"]) == 36


@pytest.mark.parametrize("header", [f"Token {OLD_READER}", f"Token {READER}", f"Bearer {WRITER}"])
async def test_the_keyword_before_a_token_does_not_matter(header: str) -> None:
    async with serving() as server:
        answer = await server.ask("GET", "status/", token="", headers={"Authorization": header})
        assert answer.status == 200


async def test_a_reading_token_may_not_write() -> None:
    async with serving() as server:
        body = {"name": "x", "slug": "x"}
        answer = await server.ask("POST", "dcim/sites/", body, token=READER)
        expected = sample("error_403_write_disabled")["response"]
        assert (answer.status, answer.body) == (expected["status"], expected["body"])


async def test_missing_things() -> None:
    async with serving() as server:
        answer = await server.ask("GET", "dcim/sites/999999/")
        assert (answer.status, answer.body) == (404, sample("error_404_detail")["response"]["body"])
        for path in ("dcim/nothing/", "dcim/sites/x/", "dcim/sites/1/x/", "plugins/bgp/session/"):
            answer = await server.ask("GET", path)
            assert (answer.status, answer.headers["Content-Type"]) == (
                404,
                "text/html; charset=utf-8",
            )
            assert answer.headers["API-Version"] == "4.6"


async def test_the_final_slash() -> None:
    async with serving() as server:
        answer = await server.ask("GET", "dcim/sites?limit=1")
        assert (answer.status, answer.headers["Location"]) == (301, "/api/dcim/sites/?limit=1")
        answer = await server.ask("POST", "dcim/sites", {"name": "y", "slug": "y"})
        assert answer.status == 404
        assert "<html" in answer.body
        assert (await server.ask("GET", "dcim/nothing")).status == 404


async def test_methods() -> None:
    async with serving() as server:
        answer = await server.ask("POST", "status/", {})
        assert (answer.status, answer.body) == (405, sample("error_405")["response"]["body"])
        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert (await server.ask("DELETE", "core/object-changes/", [])).status == 405
        answer = await server.ask("OPTIONS", MACHINES)
        status = answer.body["actions"]["POST"]["status"]
        expected = sample("options_vm")["response"]["body"]["actions"]["POST"]["status"]
        assert status["choices"] == expected["choices"]
        assert (await server.ask("HEAD", MACHINES)).status == 200


async def test_paging_by_offset() -> None:
    async with serving() as server:
        first = await server.get(f"{MACHINES}?limit=20")
        assert (first["count"], len(first["results"]), first["previous"]) == (58, 20, None)
        assert urlsplit(first["next"]).query == "limit=20&offset=20"
        second = await server.get(f"{MACHINES}?limit=20&offset=20")
        assert urlsplit(second["previous"]).query == "limit=20"
        third = await server.get(f"{MACHINES}?limit=20&offset=40")
        assert urlsplit(third["previous"]).query == "limit=20&offset=20"
        assert third["next"] is None
        assert len(await pages(server, f"{MACHINES}?limit=7&fields=id")) == 58


@pytest.mark.parametrize(
    ("limit", "size"), [("", 50), ("0", 1000), ("5000", 1000), ("-1", 50), ("x", 50), ("3", 3)]
)
async def test_limits(limit: str, size: int) -> None:
    async with serving(default_lab(1100)) as server:
        body = await server.get(f"{MACHINES}?fields=id&limit={limit}")
        assert len(body["results"]) == size


async def test_paging_by_cursor() -> None:
    async with serving() as server:
        await server.ask("DELETE", f"{MACHINES}3/")
        body = await server.get(f"{MACHINES}?start=0&limit=2&fields=id,name")
        assert (body["count"], body["previous"]) == (None, None)
        assert urlsplit(body["next"]).query == "fields=id%2Cname&limit=2&start=4"
        ids = [row["id"] for row in await pages(server, f"{MACHINES}?start=0&limit=9&fields=id")]
        assert ids == sorted(ids)
        assert len(set(ids)) == 57
        answer = await server.ask("GET", "dcim/devices/?start=0&ordering=name")
        expected = sample("error_400_cursor_and_ordering")["response"]
        assert (answer.status, answer.body) == (expected["status"], expected["body"])


async def test_order() -> None:
    async with serving() as server:
        names = [row["name"] for row in await pages(server, "dcim/sites/?fields=name")]
        assert names == ["702", "835", "836", "mou"]
        rows = await pages(server, f"{MACHINES}?ordering=-memory,name&fields=memory,name&limit=9")
        assert rows == sorted(rows, key=lambda row: (-row["memory"], row["name"].casefold()))
        ids = [row["id"] for row in await pages(server, f"{MACHINES}?ordering=-id&fields=id")]
        assert ids == sorted(ids, reverse=True)
        rows = await pages(server, f"{MACHINES}?ordering=no_such_field&fields=name")
        assert len(rows) == 58


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=web-01&name=web-02", {"web-01", "web-02"}),
        ("name__isw=WEB-", {"web-01", "web-02"}),
        ("name__ic=-a100", {"llm-a100"}),
        ("cf_proxmox_vmid=104", {"gpu-amy"}),
        ("cf_proxmox_vmid=104&cf_proxmox_vmid=105", {"gpu-amy", "gpu-ben"}),
        ("cf_proxmox_node=pve4&tenant=infra&name__n=infra-48", {"nas-702"}),
        ("mac_address=BC:24:11:00:00:64", {"gw-836"}),
        ("id=1&id=2", {"gw-836", "netbox"}),
        ("name=nobody", set()),
        ("tag=ci", {"ci-runner"}),
        ("memory__gte=98304", {"llm-a100"}),
        ("device=pve4&role=lxc&tenant=fang", {"sensor-702", "fang-31"}),
        ("cluster=lsalab&site=702&disk__lt=17000&cf_proxmox_vmid__lt=200", {"sensor-702"}),
    ],
)
async def test_filters_of_machines(query: str, names: set[str]) -> None:
    async with serving() as server:
        rows = await pages(server, f"{MACHINES}?fields=name&{query}")
        assert {row["name"] for row in rows} == names


async def test_an_address_belongs_to_one_machine() -> None:
    """The lab may give two guests one address; NetBox holds it once."""
    first: dict[str, str] = {}
    for guest in default_lab().guests:
        if guest.address:
            first.setdefault(guest.address, guest.name)
    async with serving() as server:
        rows = await pages(server, f"{MACHINES}?has_primary_ip=true&fields=name")
        assert {row["name"] for row in rows} == set(first.values())


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("ipam/prefixes/?fields=prefix&site=836", ["10.121.250.0/24"]),
        ("ipam/prefixes/?fields=prefix&scope_type=dcim.site&scope_id=1", ["10.121.250.0/24"]),
        ("ipam/prefixes/?fields=prefix&contains=10.255.0.3", ["10.255.0.2/31"]),
        ("ipam/prefixes/?fields=prefix&within=10.255.0.0/30", ["10.255.0.0/31", "10.255.0.2/31"]),
        ("ipam/ip-addresses/?fields=address&address=10.121.250.1", ["10.121.250.1/24"]),
        ("ipam/ip-addresses/?fields=address&parent=10.255.0.2/32", ["10.255.0.2/31"]),
        ("ipam/ip-addresses/?fields=address&virtual_machine=jump", ["10.121.250.23/24"]),
        ("ipam/ip-addresses/?fields=address&device=pve4", ["10.121.170.14/24"]),
        ("ipam/asns/?fields=asn&site=836", [65036]),
        ("dcim/devices/?fields=name&role=router&site=mou", ["rt-mou"]),
        ("vpn/tunnels/?fields=name&tunnel_id=1", ["wg-836-835"]),
        ("tenancy/tenants/?fields=slug&group=course", ["course-os"]),
    ],
)  # fmt: skip
async def test_filters_elsewhere(path: str, values: list[Any]) -> None:
    async with serving() as server:
        assert [value for row in await pages(server, path) for value in row.values()] == values


async def test_unknown_filter_names_are_ignored() -> None:
    async with serving() as server:
        for query in ("no_such_filter=1", "cf_typo=3", "memory__nonsense=1"):
            assert (await server.get(f"{MACHINES}?{query}"))["count"] == 58
        # Only `cluster_id` exists there.
        assert (await server.get("dcim/devices/?cluster=lsalab"))["count"] == 8
        assert (await server.get("dcim/devices/?cluster_id=1"))["count"] == 4


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        (f"{MACHINES}?status=runing", "Select a valid choice. runing {NOT}"),
        ("dcim/devices/?site=no-such-site", "Select a valid choice. no-such-site {NOT}"),
        (f"{MACHINES}?tenant_id=999", "Select a valid choice. 999 {NOT}"),
        (f"{MACHINES}?id=x", "Enter a whole number."),
        (f"{MACHINES}?last_updated__gte=2026-01-01 00:00 01:00", "Enter a valid date/time."),
    ],
)
async def test_values_that_cannot_be(path: str, complaint: str) -> None:
    field = path.partition("?")[2].partition("=")[0]
    expected = complaint.replace("{NOT}", "is not one of the available choices.")
    async with serving() as server:
        answer = await server.ask("GET", path)
        assert (answer.status, answer.body) == (400, {field: [expected]})


async def test_polling_by_time_and_log() -> None:
    async with serving() as server:
        before = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        query = f"{MACHINES}?last_updated__gte={before}&fields=id"
        assert (await server.get(query))["count"] == 0
        await server.ask("PATCH", f"{MACHINES}7/", {"comments": "x", "changelog_message": "why"})
        await server.ask("DELETE", f"{MACHINES}8/")
        assert [row["id"] for row in (await server.get(query))["results"]] == [7]
        log = await server.get(
            f"core/object-changes/?action=delete&time_after={before}"
            "&changed_object_type=virtualization.virtualmachine"
        )
        assert [row["changed_object_id"] for row in log["results"]] == [8]
        newest = await server.get("core/object-changes/?limit=1&fields=id,time")
        assert newest["count"] == 6  # the update; the machine, its disk, interface, MAC, address
        update = await server.get("core/object-changes/?action=update")
        assert update["results"][0]["message"] == "why"
        assert update["results"][0]["prechange_data"]["comments"] == ""
        assert update["results"][0]["postchange_data"]["comments"] == "x"


async def test_ten_thousand_guests() -> None:
    async with serving(default_lab(10_000)) as server:
        rows = await pages(server, f"{MACHINES}?start=0&limit=1000&fields=id,custom_fields")
        vmids = {row["custom_fields"]["proxmox_vmid"] for row in rows}
        assert len(vmids) == len(rows) == 10_000
