"""Entries in NetBox's journal: the one thing that is written there."""

from __future__ import annotations

import pytest

from labtui.model.errors import Forbidden, LabError, Rejected, Unreachable
from tests.demo.netbox_server import WRITER, serving
from tests.sources.netbox.reading import source_of

MACHINE = "virtualization.virtualmachine"


async def test_an_entry_is_made_once_on_that_record() -> None:
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        machines = await server.get("virtualization/virtual-machines/?limit=1")
        number = machines["results"][0]["id"]
        await source.journal("success", MACHINE, number, "Reboot 104: done")
        found = await server.get("extras/journal-entries/")
        (entry,) = found["results"]
        assert (entry["assigned_object_type"], entry["assigned_object_id"]) == (MACHINE, number)
        assert entry["kind"]["value"] == "success"
        assert entry["comments"] == "Reboot 104: done"


async def test_a_token_that_may_not_write_and_a_record_that_is_not_there() -> None:
    async with serving() as server, source_of(server.base) as source:
        with pytest.raises((Forbidden, Rejected, LabError)):
            await source.journal("info", MACHINE, 1, "x")
        assert (await server.get("extras/journal-entries/"))["count"] == 0
    async with serving() as server, source_of(server.base, token=WRITER) as source:
        with pytest.raises(LabError):
            await source.journal("info", MACHINE, 999_999, "x")
    with pytest.raises(Unreachable):
        async with source_of(server.base) as source:
            await source.journal("info", MACHINE, 1, "x")
