"""Tokens and object permissions: what is not seen, what is refused, in which words."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.demo.netbox.permissions import Permission
from labtui.demo.netbox.tokens import Token
from tests.demo.netbox_server import WRITER, Server, sample, serving

TOKEN = "nbt_constrained0." + "c" * 40
VM = "virtualization.virtualmachine"
AMYS = {"tenant__slug": "amy"}


def holder(*permissions: Permission, **given: Any) -> dict[str, bool | Token]:
    return {TOKEN: Token(username="amy", permissions=permissions, **given)}


READS = Permission((VM,), ("view",), AMYS)
CHANGES = Permission((VM,), ("view",))


async def number(server: Server, name: str) -> int:
    rows = await server.get(f"virtualization/virtual-machines/?name={name}&fields=id")
    return int(rows["results"][0]["id"])


async def test_what_the_constraint_does_not_reach_is_not_there() -> None:
    async with serving(tokens=holder(READS)) as server:
        path = "virtualization/virtual-machines/"
        mine = await server.ask("GET", f"{path}?limit=0", token=TOKEN)
        assert {row["tenant"]["slug"] for row in mine.body["results"]} == {"amy"}
        assert 0 < mine.body["count"] < (await server.get(path))["count"]
        cursor = await server.ask("GET", f"{path}?start=0&limit=0", token=TOKEN)
        assert len(cursor.body["results"]) == mine.body["count"]
        hidden = await number(server, "web-02")
        answer = await server.ask("GET", f"{path}{hidden}/", token=TOKEN)
        assert (answer.status, answer.body) == (
            404,
            {"detail": "No VirtualMachine matches the given query."},
        )


async def test_kinds_without_a_permission() -> None:
    async with serving(tokens=holder(READS)) as server:
        for path in ("dcim/sites/", "ipam/prefixes/1/", "ipam/prefixes/1/available-ips/"):
            answer = await server.ask("GET", path, token=TOKEN)
            recorded = sample("error_403_no_permission")["response"]
            assert (answer.status, answer.body) == (recorded["status"], recorded["body"])


async def test_a_change_outside_is_a_404_and_a_new_record_a_403() -> None:
    permission = Permission((VM,), ("add", "change", "delete"), AMYS)
    tokens = holder(Permission((VM,)), permission)
    async with serving(tokens=tokens) as server:
        path = "virtualization/virtual-machines/"
        other = await number(server, "web-02")
        seen = await server.ask("GET", f"{path}{other}/", token=TOKEN)
        assert seen.status == 200
        for method in ("PATCH", "DELETE"):
            answer = await server.ask(method, f"{path}{other}/", {"comments": "x"}, token=TOKEN)
            assert answer.status == 404
        body = {"name": "new", "cluster": 1, "tenant": {"slug": "ben"}}
        made = await server.ask("POST", path, body, token=TOKEN)
        assert (made.status, made.body) == (
            403,
            sample("error_403_constraint_create")["response"]["body"],
        )
        assert (await server.get(f"{path}?name=new"))["count"] == 0
        good = await server.ask("POST", path, {**body, "tenant": {"slug": "amy"}}, token=TOKEN)
        assert good.status == 201


async def test_a_record_may_not_be_given_away() -> None:
    tokens = holder(Permission((VM,), ("view", "change"), AMYS))
    async with serving(tokens=tokens) as server:
        mine = await number(server, "web-01")
        path = f"virtualization/virtual-machines/{mine}/"
        answer = await server.ask("PATCH", path, {"tenant": {"slug": "ben"}}, token=TOKEN)
        assert answer.status == 403
        assert (await server.get(path))["tenant"]["slug"] == "amy"


async def test_lists_pass_over_what_is_out_of_reach() -> None:
    tokens = holder(Permission((VM,), ("view", "change", "delete"), AMYS))
    async with serving(tokens=tokens) as server:
        mine, other = await number(server, "web-01"), await number(server, "web-02")
        body = [{"id": mine, "comments": "x"}, {"id": other, "comments": "x"}]
        path = "virtualization/virtual-machines/"
        answer = await server.ask("PATCH", path, body, token=TOKEN)
        assert (answer.status, [row["id"] for row in answer.body]) == (200, [mine])
        gone = await server.ask("DELETE", path, [{"id": other}], token=TOKEN)
        assert gone.status == 204
        assert (await server.get(f"{path}{other}/"))["comments"] == ""


async def test_allocation_outside_the_constraint() -> None:
    tokens = holder(
        Permission(("ipam.prefix",)),
        Permission(
            ("ipam.ipaddress",), ("add",), {"address__net_host_contained": "10.121.250.0/24"}
        ),
    )
    async with serving(tokens=tokens) as server:
        prefixes = await server.get("ipam/prefixes/?fields=id,prefix")
        ids = {row["prefix"]: row["id"] for row in prefixes["results"]}
        path = f"ipam/prefixes/{ids['10.121.250.0/24']}/available-ips/"
        assert (await server.ask("POST", path, {}, token=TOKEN)).status == 201
        held = server.store.size("ipam.ipaddress")
        path = f"ipam/prefixes/{ids['10.121.251.0/24']}/available-ips/"
        answer = await server.ask("POST", path, {}, token=TOKEN)
        recorded = sample("error_403_constraint_available_ips")["response"]
        assert (answer.status, answer.body) == (recorded["status"], recorded["body"])
        assert server.store.size("ipam.ipaddress") == held


@pytest.mark.parametrize(
    ("constraint", "names"),
    [
        ([{"name": "web-01"}, {"name__startswith": "web-02"}], {"web-01", "web-02"}),
        ({"name__in": ["db-01"]}, {"db-01"}),
        ({"tenant__group__slug": "staff", "name__icontains": "LDAP"}, {"ldap"}),
        ({"site__name": "702", "status": "active", "role__slug": "lxc"}, {"sensor-702"}),
        ({"tenant__slug": "$user", "name__regex": "^web"}, {"web-01"}),
        ({"vcpus__gte": 24, "serial__isnull": False}, {"llm-a100"}),
        ({"nothing__name": "x"}, set()),
        ({"name__gt": 5}, set()),
        ({"name__regex": "("}, set()),
        ({"name__net_host_contained": "10.0.0.0/8"}, set()),
        ({"pk": 1}, set()),
    ],
)
async def test_constraints(constraint: Any, names: set[str]) -> None:
    tokens = holder(Permission(("*",), ("view",), constraint))
    async with serving(tokens=tokens) as server:
        asked = ("web-01", "web-02", "db-01", "ldap", "sensor-702", "llm-a100")
        query = "&".join(f"name={name}" for name in asked)
        path = f"virtualization/virtual-machines/?{query}"
        found = await server.ask("GET", path, token=TOKEN)
        assert {row["name"] for row in found.body["results"]} == names


@pytest.mark.parametrize(
    ("given", "recorded"),
    [
        ({"enabled": False}, "error_403_disabled"),
        ({"expires": 1.0}, "error_403_expired"),
        ({"allowed_ips": ("10.9.9.0/24",)}, "error_403_ip_restricted"),
    ],
)
async def test_tokens_that_are_refused(given: dict[str, Any], recorded: str) -> None:
    async with serving(tokens=holder(CHANGES, **given)) as server:
        answer = await server.ask("GET", "dcim/sites/", token=TOKEN)
        assert (answer.status, answer.body) == (403, sample(recorded)["response"]["body"])


async def test_an_inactive_user_and_a_source_that_is_allowed() -> None:
    given = holder(CHANGES, allowed_ips=("127.0.0.0/8",), user_active=False)
    async with serving(tokens=given) as server:
        answer = await server.ask("GET", "status/", token=TOKEN)
        assert answer.body == {"detail": "User inactive"}


async def test_tokens_change_while_they_are_used() -> None:
    async with serving() as server:
        for change, words in (("expire", "Token expired"), ("revoke", "Token disabled")):
            getattr(server.handle, change)(WRITER)
            answer = await server.ask("GET", "status/")
            assert (answer.status, answer.body) == (403, {"detail": words})
            server.handle.renew(WRITER)
            assert await server.get("status/")
        with pytest.raises(KeyError):
            server.handle.revoke("unknown")


async def test_who_it_is() -> None:
    tokens = holder(Permission(("extras.tag",), ("view", "add")))
    async with serving(tokens=tokens) as server:
        user = await server.ask("GET", "authentication-check/", token=TOKEN)
        assert user.body["username"] == "amy"
        await server.ask("POST", "extras/tags/", {"name": "t", "slug": "t"}, token=TOKEN)
        change = (await server.get("core/object-changes/?limit=1"))["results"][0]
        assert (change["user_name"], change["user"]["id"]) == ("amy", user.body["id"])
