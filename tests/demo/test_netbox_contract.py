"""The demo's NetBox against NetBox's own description and recordings."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from labtui.demo.netbox.matching import filters_of
from labtui.demo.netbox.schema import Model
from labtui.demo.netbox.store import MODELS
from tests.demo.netbox_server import Server, contract, records, sample, schema_of, serving

MODEL_LIST = sorted(
    (model for model in MODELS.values() if not model.plugin), key=lambda model: model.path
)
BY_PATH = pytest.mark.parametrize("model", MODEL_LIST, ids=lambda model: model.path)


def validator(component: str) -> Any:
    return jsonschema.Draft202012Validator(
        schema_of(component), format_checker=jsonschema.FormatChecker()
    )


async def make_changes(server: Server) -> None:
    """Something in the journal and in the change log, which are empty at first."""
    entry = {
        "assigned_object_type": "virtualization.virtualmachine",
        "assigned_object_id": 1,
        "comments": "looked at",
    }
    assert (await server.ask("POST", "extras/journal-entries/", entry)).status == 201
    assert (await server.ask("DELETE", "virtualization/virtual-machines/2/")).status == 204


@BY_PATH
async def test_every_record_keeps_to_the_description(model: Model) -> None:
    check = validator(contract()["paths"][model.path]["component"])
    async with serving() as server:
        await make_changes(server)
        page = await server.get(f"{model.path}/?limit=0")
        assert set(page) == {"count", "next", "previous", "results"}
        assert page["count"] == len(page["results"]) > 0
        for row in page["results"]:
            check.validate(row)
        detail = await server.get(f"{model.path}/{page['results'][0]['id']}/")
        check.validate(detail)
        assert detail == page["results"][0]


@BY_PATH
def test_the_recordings_keep_to_the_description_too(model: Model) -> None:
    """So that a failure of the test above is the demo's fault."""
    check = validator(contract()["paths"][model.path]["component"])
    for row in records(model.path):
        check.validate(row)


@BY_PATH
async def test_keys_are_the_recorded_ones(model: Model) -> None:
    recorded = list(records(model.path))
    if not recorded:
        assert model.path in NOT_RECORDED
        return
    async with serving() as server:
        await make_changes(server)
        row = (await server.get(f"{model.path}/?limit=1"))["results"][0]
        assert set(row) == set(recorded[0])
        for key, value in recorded[0].items():
            if isinstance(value, dict) and isinstance(row[key], dict) and key in REFERENCES:
                assert set(row[key]) == set(value), key


NOT_RECORDED = (
    "tenancy/contact-roles",
    "ipam/vlan-groups",
    "extras/custom-field-choice-sets",
)
REFERENCES = (
    *("site", "tenant", "role", "device_type", "platform", "cluster", "device", "primary_ip4"),
    *("virtual_machine", "primary_mac_address", "rir", "vrf", "tunnel", "manufacturer", "status"),
)


@BY_PATH
def test_no_filter_is_made_up(model: Model) -> None:
    known = set(contract()["paths"][model.path]["parameters"])
    assert set(filters_of(model)) - known == set()


@pytest.mark.parametrize(
    ("recorded", "path"),
    [
        ("sites_list_brief", "dcim/sites/?brief=true"),
        ("sites_list_fields", "dcim/sites/?fields=id,name,slug,last_updated"),
        ("virtual_machines_brief", "virtualization/virtual-machines/?brief=1&limit=2"),
        (
            "virtual_machines_exclude_context",
            "virtualization/virtual-machines/?exclude=config_context&limit=1",
        ),
        (
            "virtual_machines_omit",
            "virtualization/virtual-machines/?limit=1"
            "&omit=config_context,tags,custom_fields,interface_count,virtual_disk_count",
        ),
    ],
)
async def test_selections_of_fields(recorded: str, path: str) -> None:
    async with serving() as server:
        row = (await server.get(path))["results"][0]
        assert list(row) != []
        assert set(row) == set(sample(recorded)["response"]["body"]["results"][0])


async def test_fixed_answers() -> None:
    async with serving() as server:
        root = await server.get("")
        assert set(root) == set(sample("api_root")["response"]["body"])
        status = await server.get("status/")
        assert set(status) == set(sample("status_no_plugins")["response"]["body"])
        user = await server.get("authentication-check/")
        assert set(user) == set(sample("authentication_check")["response"]["body"])


async def test_what_is_free() -> None:
    async with serving() as server:
        for path, number in (
            ("ipam/prefixes/{id}/available-ips", 2),
            ("ipam/prefixes/{id}/available-prefixes", 1),
            ("ipam/ip-ranges/{id}/available-ips", 1),
            ("ipam/vlan-groups/{id}/available-vlans", 1),
        ):
            rows = await server.get(path.replace("{id}", str(number)) + "/?limit=3")
            assert 0 < len(rows) <= 3
            for row in rows:
                validator(contract()["paths"][path]["component"]).validate(row)
        asns = await server.get("ipam/asn-ranges/1/available-asns/?limit=5")
        recorded = sample("available_asns_get")["response"]["body"]
        assert [set(row) for row in asns] == [set(row) for row in recorded]
