"""Every fault of NetBox: what it breaks, and that nothing of it is left when it ends."""

from __future__ import annotations

from typing import Any, cast

import pytest

from labtui.demo.clock import Clock
from labtui.demo.faults.fault import Fault, Value
from labtui.demo.faults.netbox import NETBOX_FAULTS
from labtui.demo.netbox.drift import MACHINE, machine
from labtui.demo.netbox.server import NETBOX, netbox_app
from labtui.demo.netbox.untruths import WRONG
from labtui.demo.standard_lab import default_lab
from tests.demo.netbox_lab import NetboxStage, picture
from tests.demo.netbox_server import TOKENS, Server, serving

FAULTS = {fault.name: fault for fault in NETBOX_FAULTS}
BY_NAME = pytest.mark.parametrize("fault", NETBOX_FAULTS, ids=lambda fault: fault.name)


def stage() -> Any:
    lab = default_lab()
    return NetboxStage(netbox_app(lab, Clock(), TOKENS)[NETBOX], lab)


def on(server: Server) -> Any:
    return NetboxStage(server.handle, server.handle.lab)


def begin(lab: Any, name: str, target: str = "netbox", **options: Value) -> None:
    assert FAULTS[name].begin(cast(Any, lab), target, options) is None


def end(lab: Any, name: str, target: str = "netbox") -> None:
    assert FAULTS[name].end(cast(Any, lab), target, {}) is None


@BY_NAME
def test_a_fault_ends_without_a_trace(fault: Fault) -> None:
    lab = stage()
    whole = picture(lab.netbox)
    for target in (fault.targets(lab)[0], fault.targets(lab)[-1]):
        for _again in range(2):
            fault.begin(lab, target, fault.options)
        broken = picture(lab.netbox)
        assert broken != whole
        fault.begin(lab, target, {})
        assert picture(lab.netbox) == broken or fault.options
        for _again in range(2):
            fault.end(lab, target, fault.options)
        assert picture(lab.netbox) == whole


@BY_NAME
def test_a_target_that_is_none(fault: Fault) -> None:
    with pytest.raises(KeyError):
        fault.begin(stage(), "nowhere", fault.options)


@pytest.mark.parametrize("field", list(WRONG))
def test_each_field_can_be_wrong(field: str) -> None:
    lab = stage()
    whole = picture(lab.netbox)
    begin(lab, "netbox-guest-wrong", "web-01", field=field)
    assert picture(lab.netbox) != whole
    end(lab, "netbox-guest-wrong", "web-01")
    assert picture(lab.netbox) == whole


@pytest.mark.parametrize(
    ("name", "target", "options"),
    [
        ("netbox-guest-wrong", "web-01", {"field": "colour"}),
        ("netbox-down", "netbox", {"kind": "flood"}),
        ("netbox-slow", "netbox", {"seconds": 0}),
        ("netbox-rate-limited", "netbox", {"requests": -1}),
        ("netbox-address-twice", "tpl-debian-12", {}),
    ],
)
def test_options_that_cannot_be(name: str, target: str, options: dict[str, Value]) -> None:
    lab = stage()
    whole = picture(lab.netbox)
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        begin(lab, name, target, **options)
    assert picture(lab.netbox) == whole


def test_what_was_put_right_meanwhile_is_left_alone() -> None:
    lab = stage()
    store, pen = lab.netbox.store, lab.netbox.editor()
    begin(lab, "netbox-guest-missing", "web-01")
    with pytest.raises(KeyError):
        machine(lab.netbox, "web-01")
    again = store.put(MACHINE, {"name": "web-01", "cluster": 1}, "2026-01-01T00:00:00.000000Z")
    end(lab, "netbox-guest-missing", "web-01")
    assert [row["id"] for row in store.rows(MACHINE) if row["name"] == "web-01"] == [again["id"]]
    begin(lab, "netbox-guest-wrong", "web-02", field="memory")
    row = machine(lab.netbox, "web-02")
    pen.update(_model(), row, {**row, "memory": 777})
    end(lab, "netbox-guest-wrong", "web-02")
    assert machine(lab.netbox, "web-02")["memory"] == 777


def _model() -> Any:
    from labtui.demo.netbox.store import MODELS

    return MODELS[MACHINE]


def test_an_address_that_was_given_away_is_not_taken_back() -> None:
    lab = stage()
    store = lab.netbox.store
    address = store.row("ipam.ipaddress", machine(lab.netbox, "web-01")["primary_ip4"])["address"]
    begin(lab, "netbox-guest-missing", "web-01")
    store.put("ipam.ipaddress", {"address": address}, "2026-01-01T00:00:00.000000Z")
    end(lab, "netbox-guest-missing", "web-01")
    held = [row for row in store.rows("ipam.ipaddress") if row["address"] == address]
    assert len(held) == 1
    assert machine(lab.netbox, "web-01")["primary_ip4"] is None


@pytest.mark.parametrize(
    ("kind", "status", "ours"),
    [
        ("maintenance", 503, False),
        ("gateway", 502, False),
        ("login-page", 200, False),
        ("database", 500, True),
        ("redis", 500, True),
    ],
)
async def test_a_server_that_is_down(kind: str, status: int, ours: bool) -> None:
    async with serving() as server:
        begin(on(server), "netbox-down", kind=kind)
        for path in ("status/", "dcim/sites/"):
            answer = await server.ask("GET", path)
            assert answer.status == status
            assert ("API-Version" in answer.headers) is ours
        end(on(server), "netbox-down")
        assert await server.get("status/")


async def test_a_limit_of_requests() -> None:
    async with serving() as server:
        begin(on(server), "netbox-rate-limited", requests=2)
        answers = [await server.ask("GET", "status/") for _ in range(4)]
        assert [answer.status for answer in answers] == [200, 200, 429, 429]
        assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
        end(on(server), "netbox-rate-limited")
        assert await server.get("status/")


async def test_a_slow_server_still_answers() -> None:
    async with serving() as server:
        begin(on(server), "netbox-slow", seconds=0.01)
        assert await server.get("status/")


async def test_tokens_that_may_only_read() -> None:
    async with serving() as server:
        begin(on(server), "netbox-token-read-only")
        refused = await server.ask("POST", "dcim/sites/", {"name": "x", "slug": "x"})
        assert refused.status == 403
        assert refused.body == {"detail": "You do not have permission to perform this action."}
        assert await server.get("dcim/sites/")
        end(on(server), "netbox-token-read-only")
        made = await server.ask("POST", "dcim/sites/", {"name": "x", "slug": "x"})
        assert made.status == 201


async def test_drift_stands_in_the_log() -> None:
    async with serving() as server:
        begin(on(server), "netbox-guest-missing", "web-01")
        gone = await server.get("core/object-changes/?action=delete&limit=0")
        assert {row["user_name"] for row in gone["results"]} == {"intern"}
        assert MACHINE in {row["changed_object_type"] for row in gone["results"]}
        found = await server.get("virtualization/virtual-machines/?name=web-01")
        assert found["count"] == 0
        end(on(server), "netbox-guest-missing", "web-01")
        back = await server.get("virtualization/virtual-machines/?name=web-01")
        assert back["results"][0]["primary_ip4"] is not None


async def test_two_records_of_one_address() -> None:
    async with serving() as server:
        row = machine(server.handle, "web-01")
        address = server.store.row("ipam.ipaddress", row["primary_ip4"])["address"]
        begin(on(server), "netbox-address-twice", "web-01")
        assert (await server.get(f"ipam/ip-addresses/?address={address}"))["count"] == 2
