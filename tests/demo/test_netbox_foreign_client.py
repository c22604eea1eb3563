"""The demo's NetBox used by pynetbox, which was not written for it."""

from __future__ import annotations

from typing import Any

import pynetbox
import pytest

from tests.demo.netbox_server import READER
from tests.demo.pynetbox_client import with_pynetbox


async def test_version_and_status() -> None:
    version, status = await with_pynetbox(lambda nb: (nb.version, nb.status()["netbox-version"]))
    assert (version, status) == ("4.6", "4.6.8")


async def test_all_and_filter() -> None:
    def work(nb: Any) -> tuple[int, str, list[str], int]:
        machines = list(nb.virtualization.virtual_machines.filter(limit=7))
        site = nb.dcim.sites.get(slug="836")
        names = [str(each) for each in nb.dcim.devices.filter(site="836", role="router")]
        return len({each.id for each in machines}), str(site), names, nb.dcim.devices.count()

    assert await with_pynetbox(work) == (58, "836", ["rt-836"], 8)


async def test_create_change_delete() -> None:
    def work(nb: Any) -> None:
        tenant = nb.tenancy.tenants.create(name="Zoe", slug="zoe")
        tenant.description = "new"
        assert tenant.save()
        assert nb.tenancy.tenants.get(slug="zoe").description == "new"
        assert tenant.delete()
        assert nb.tenancy.tenants.get(slug="zoe") is None

    await with_pynetbox(work)


async def test_allocation() -> None:
    def work(nb: Any) -> str:
        prefix = nb.ipam.prefixes.get(prefix="10.121.251.0/24")
        return str(prefix.available_ips.create({"description": "x"}))

    assert await with_pynetbox(work) == "10.121.251.2/24"


async def test_its_errors() -> None:
    def work(nb: Any) -> None:
        with pytest.raises(pynetbox.RequestError, match="403"):
            nb.tenancy.tenants.create(name="Zoe", slug="zoe")
        with pytest.raises(pynetbox.RequestError, match="400"):
            list(nb.dcim.devices.filter(site="nowhere"))

    await with_pynetbox(work, READER)
