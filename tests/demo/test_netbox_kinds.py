"""VLANs, IP ranges and the BGP plugin, used by pynetbox and by hand."""

from __future__ import annotations

from typing import Any

import pynetbox
import pytest

from tests.demo.netbox_server import serving
from tests.demo.pynetbox_client import with_pynetbox


async def test_vlans_and_their_groups() -> None:
    def work(nb: Any) -> None:
        assert nb.ipam.vlans.get(name="lan-702").vid == 170
        prefix = nb.ipam.prefixes.get(prefix="10.121.170.0/24")
        assert (prefix.vlan.vid, prefix.vlan.name) == (170, "lan-702")
        assert [str(each) for each in nb.ipam.prefixes.filter(vlan_vid=170)] == [str(prefix)]
        group = nb.ipam.vlan_groups.get(slug="lans")
        assert (group.vlan_count, group.total_vlan_ids) == (4, 4094)
        small = nb.ipam.vlan_groups.create(name="cams", slug="cams", vid_ranges=[[10, 11]])
        made = small.available_vlans.create({"name": "cam-1"})
        assert (made.vid, made.group.slug) == (10, "cams")
        holding = nb.ipam.vlan_groups.filter(contains_vid=10)
        assert {each.slug for each in holding} == {"lans", "cams"}
        assert [each.slug for each in nb.ipam.vlan_groups.filter(contains_vid=99)] == ["lans"]
        with pytest.raises(pynetbox.RequestError, match="VID must be in ranges 10-11"):
            nb.ipam.vlans.create(name="cam-9", vid=99, group=small.id)
        small.available_vlans.create({"name": "cam-2"})
        with pytest.raises(pynetbox.AllocationError):
            small.available_vlans.create({"name": "cam-3"})

    await with_pynetbox(work, bgp_plugin=True)


async def test_ranges_of_addresses() -> None:
    def work(nb: Any) -> None:
        pool = next(iter(nb.ipam.ip_ranges.filter(parent="10.121.250.0/24")))
        assert (str(pool), pool.size) == ("10.121.250.200-249/24", 50)
        assert str(pool.available_ips.create({})) == "10.121.250.200/24"
        inside = nb.ipam.ip_ranges.filter(contains="10.121.250.210")
        assert [each.id for each in inside] == [pool.id]
        with pytest.raises(pynetbox.RequestError, match="overlap with range"):
            nb.ipam.ip_ranges.create(
                start_address="10.121.250.240/24", end_address="10.121.250.250/24"
            )
        with pytest.raises(pynetbox.RequestError, match="greater than the starting"):
            nb.ipam.ip_ranges.create(start_address="10.9.0.9/24", end_address="10.9.0.1/24")

    await with_pynetbox(work, bgp_plugin=True)


async def test_populated_ranges_are_taken() -> None:
    def work(nb: Any) -> str:
        prefix = nb.ipam.prefixes.create(prefix="10.9.0.0/29")
        nb.ipam.ip_ranges.create(
            start_address="10.9.0.1/29", end_address="10.9.0.4/29", mark_populated=True
        )
        return str(prefix.available_ips.create({}))

    assert await with_pynetbox(work, bgp_plugin=True) == "10.9.0.5/29"


async def test_bgp_sessions() -> None:
    def work(nb: Any) -> None:
        bgp = nb.plugins.bgp
        sessions = list(bgp.session.filter(device="rt-836"))
        assert {each.name for each in sessions} == {
            "rt-836-to-835",
            "rt-836-to-702",
            "rt-836-to-mou",
        }
        first = next(each for each in sessions if each.name == "rt-836-to-835")
        assert (first.local_as.asn, first.remote_as.asn) == (65036, 65035)
        assert (first.local_address.address, first.remote_address.address) == (
            "10.255.0.0/31",
            "10.255.0.1/31",
        )
        # The record's own address names the twin.
        assert "/api/plugins/bgp/bgpsession/" in first.url
        first.status = "planned"
        assert first.save()
        assert bgp.bgpsession.get(first.id).status.value == "planned"
        with pytest.raises(pynetbox.RequestError, match="409"):
            nb.ipam.asns.get(asn=65035).delete()
        assert bgp.bgppeergroup.get(name="overlay").id == first.peer_group.id
        assert [str(each) for each in bgp.community.all()] == ["65036:100"]

    await with_pynetbox(work, bgp_plugin=True)


async def test_message_in_the_log_and_omitted_fields() -> None:
    async with serving() as server:
        body = {"name": "v", "vid": 7, "changelog_message": "ticket 7"}
        made = await server.ask("POST", "ipam/vlans/", body)
        assert made.status == 201
        change = (await server.get("core/object-changes/?limit=1"))["results"][0]
        assert change["message"] == "ticket 7"
        path = f"ipam/vlans/{made.body['id']}/"
        assert set(await server.get(f"{path}?fields=id,vid")) == {"id", "vid"}
        assert "tags" not in await server.get(f"{path}?omit=tags")
        stale = await server.ask("PATCH", path, {"vid": 8}, headers={"If-Match": 'W/"x"'})
        assert stale.status == 412
        found = await server.get("ipam/vlans/?last_updated__gt=2000-01-01T00:00:00Z&vid__gte=7")
        assert found["count"] == 5


async def test_request_ids_repeat_with_the_seed() -> None:
    seen = []
    for _run in range(2):
        async with serving() as server:
            answer = await server.ask("GET", "status/")
            seen.append(answer.headers["X-Request-ID"])
    assert seen[0] == seen[1]


@pytest.mark.parametrize("ranges", [[[5, 1]], "x", [[1]], [["1", 2]]])
async def test_ranges_of_ids_that_cannot_be(ranges: Any) -> None:
    async with serving() as server:
        body = {"name": "x", "slug": "x", "vid_ranges": ranges}
        answer = await server.ask("POST", "ipam/vlan-groups/", body)
        assert answer.status == 400
        assert list(answer.body) == ["vid_ranges"]
