"""Mapped devices that are no cards: USB devices and folders, in the words of the server's check."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.interlock import Standing
from labtui.actions.migration.answers import Unasked, unasked_for, with_check
from labtui.actions.migration.facts import from_snapshot
from labtui.actions.migration.refusals import refusals, unasked
from labtui.actions.migration.speed import Speeds
from labtui.model.errors import Rejected
from tests.actions.migration_plans import FREE, loaded, plan_of, wire_for
from tests.snapshots import NOW, guest

DEAD = Rejected("x", said="Can't use an undefined value as an ARRAY reference at Helpers.pm line 1")


def asked(check: Any, **config: str) -> Any:
    base = from_snapshot(guest(104), loaded(50, 10), NOW, Standing(), Speeds())
    return with_check(base, check, config)


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ({"usb0": "mapping=stick,usb3=1"}, ("stick",)),
        ({"virtiofs0": "share,cache=auto"}, ("share",)),
        ({"virtiofs0": "dirid=share", "usb1": "mapping=key", "usb2": "host=1:2"}, ("key", "share")),
        ({"usb0": "spice", "net0": "virtio,bridge=vmbr0"}, ()),
    ],
)
def test_the_mapping_that_the_server_dies_of_is_named(
    config: dict[str, str], names: tuple[str, ...]
) -> None:
    facts = asked(unasked_for(DEAD), **config)
    assert facts.unmapped == names
    said = unasked(facts)
    assert (", ".join(names) + ")" in said) if names else ("check failed: x" in said)
    assert asked(Unasked("no quorum"), **config).unmapped == ()


async def test_a_mapped_usb_device_goes_off_but_not_live() -> None:
    check = {
        **FREE,
        "local_resources": ["usb0"],
        "mapped-resources": ["usb0"],
        "mapped-resource-info": {"usb0": {"name": "stick"}},
        "not_allowed_nodes": {"pve2": {"unavailable-resources": ["usb0"]}, "pve3": {}},
    }
    plan = await plan_of(wire_for(loaded(50, 10, 20), check))
    assert any("can't go live with usb0 (stick): shut it down" in text for text in plan.blockers)
    off = guest(104, status="stopped")
    plan = await plan_of(wire_for(loaded(50, 10, 20, guests=(off,)), {**check, "running": 0}))
    assert (plan.mode, plan.chosen, plan.ready) == ("offline", "pve3", True)
    assert next(c for c in plan.choices if c.id == "pve2").blockers == (
        "no mapped device for usb0",
    )


def test_folders_that_are_shared_hold_it_only_while_it_runs() -> None:
    check = {
        **FREE,
        "local_resources": ["virtiofs", "virtiofs0"],
        "mapped-resource-info": {"virtiofs0": {"name": "share"}},
    }
    assert any("virtiofs: a folder of the node" in text for text in refusals(asked(check)))
    off = {**check, "running": 0, "local_resources": ["virtiofs0"]}
    assert refusals(asked(off)) == []
