"""The plan of an evacuation: a method for each guest, or why it stays; the order and the time."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.action import Step
from labtui.actions.evacuation.action import EVACUATE
from labtui.actions.evacuation.order import Limits, duration, ordered
from labtui.model.errors import Rejected
from tests.actions.evacuation_plans import PINNED, goes, planned, stays
from tests.snapshots import (
    NOW,
    cluster_lab,
    guest,
)


async def test_guests_are_counted_where_there_are_any() -> None:
    """A survey that could not read whose they are does not say that none would go."""
    plan, _cluster = await planned(guest(101), guest(106, status="stopped"))
    assert [fact.text for fact in plan.facts if fact.label == "guests"] == [
        "1 go, 0 stay, 1 are off and stay"
    ]
    nobody, _cluster = await planned()
    assert "guests" not in {fact.label for fact in nobody.facts}


async def test_each_guest_has_its_way() -> None:
    plan, _cluster = await planned(
        guest(101),
        guest(102, kind="lxc"),
        guest(103, ha_state="started"),
        guest(104),
        guest(105, ha_state="started"),
        guest(106, status="stopped"),
        checks={104: PINNED, 105: PINNED},
    )
    found = {vmid: way for vmid, (way, _target) in goes(plan).items()}
    # No card is known to be free: what has one stays, see below.
    assert found == {"101": "live", "102": "restart", "103": "ha", "104": "cold", "105": "relocate"}
    assert stays(plan) == {"106": "off"}
    assert plan.confirm == "pve1"
    assert any("104" in text and "shut down" in text for text in plan.warnings)


async def test_the_calls_are_the_ones_of_the_migration() -> None:
    plan, _cluster = await planned(guest(101), guest(102, kind="lxc"), choice="pve2")
    assert [str(call) for call in plan.calls] == [
        "POST /nodes/pve1/qemu/101/migrate target=pve2 online=1",
        "POST /nodes/pve1/lxc/102/migrate target=pve2 restart=1",
    ]


async def test_stopped_guests_and_templates_go_when_that_is_wanted() -> None:
    plan, _cluster = await planned(
        guest(101),
        guest(102, status="stopped"),
        guest(103, status="stopped", template=True),
        mode="all",
    )
    assert goes(plan)["102"][0] == goes(plan)["103"][0] == "offline"
    assert plan.steps[0].subject == "lab/101"


async def test_nobody_is_stopped_when_that_is_not_wanted() -> None:
    plan, _cluster = await planned(
        guest(101), guest(102, kind="lxc"), guest(103), checks={103: PINNED}, mode="unbroken"
    )
    assert set(goes(plan)) == {"101"}
    assert all("stopped for a while" in why for why in stays(plan).values())


@pytest.mark.parametrize(
    ("check", "more", "word"),
    [
        ({"local_resources": ["hostpci0"]}, {}, "hostpci0"),
        (
            {"local_disks": [{"volid": "local:iso/x.iso", "drivename": "ide2", "cdrom": 1}]},
            {},
            "eject",
        ),
        ({}, {"lock": "backup"}, "backup"),
        ({"running": 0}, {"status": "unknown"}, "unknown"),
        (
            {
                "not_allowed_nodes": {
                    "pve2": {"unavailable_storages": ["zfs"]},
                    "pve3": {"blocking-ha-resources": [{"sid": "vm:9", "cause": "node-affinity"}]},
                }
            },
            {},
            "pve2: no storage zfs; pve3: an HA rule holds vm:9 to other nodes",
        ),
    ],
)
async def test_who_cannot_go_stays_and_the_plan_says_why(
    check: dict[str, Any], more: dict[str, Any], word: str
) -> None:
    plan, _cluster = await planned(guest(101, **more), guest(102), checks={101: check})
    assert set(goes(plan)) == {"102"}
    assert word in stays(plan)["101"]
    assert any(f.text.startswith("101") and word in f.text for f in plan.facts)


async def test_a_refused_check_of_the_server_is_told() -> None:
    refused = {"/nodes/pve1/qemu/101/migrate": Rejected("no", why="it is broken", status=500)}
    plan, _cluster = await planned(guest(101), answers=refused)
    assert "it is broken" in stays(plan)["101"]
    assert not plan.ready


async def test_a_container_with_a_folder_of_its_node_stays() -> None:
    told = {"/nodes/pve1/lxc/101/config": {"mp0": "/srv/data,mp=/data"}}
    plan, _cluster = await planned(guest(101, kind="lxc"), answers=told)
    assert "mp0" in stays(plan)["101"]


async def test_8_4_has_no_check_for_containers_and_their_storage_is_looked_at_here() -> None:
    told = {
        "/nodes/pve1/lxc/101/migrate": Rejected("no", why="not implemented", status=501),
        "/nodes/pve1/lxc/101/config": {"rootfs": "local-lvm:vm-101-disk-0,size=8G"},
    }
    plan, _cluster = await planned(guest(101, kind="lxc"), answers=told)
    assert goes(plan)["101"][0] == "restart"
    step = next(step for step in plan.steps if step.target)
    assert step.estimate == pytest.approx(25 + 8)


def test_where_it_does_not_apply() -> None:
    lab = cluster_lab(guest(101, "pve2"), pve1=True, pve2=False, pve3=True)
    assert "no guests" in EVACUATE.applies("lab/pve1", lab)
    assert "away" in EVACUATE.applies("lab/pve2", lab)
    assert "not there" in EVACUATE.applies("lab/pve9", lab)


def _step(number: int, way: str, target: str, seconds: float) -> Step:
    return Step(f"lab/{number}", str(number), way, "pve1", target, estimate=seconds)


def test_what_interrupts_nobody_goes_first() -> None:
    steps = [
        _step(1, "cold", "a", 60),
        _step(2, "restart", "a", 25),
        _step(3, "live", "b", 10),
        _step(4, "ha", "b", 30),
    ]
    found = ordered(steps, Limits(2, 1))
    assert [step.subject for step in found] == ["lab/4", "lab/2", "lab/3", "lab/1"]
    assert [step.wave for step in found] == [1, 1, 2, 2]


def test_the_time_counts_what_goes_side_by_side() -> None:
    steps = [_step(n, "live", "ab"[n % 2], 10) for n in range(4)]
    assert duration(steps, Limits(1, 1)) == 40
    assert duration(steps, Limits(2, 1)) == 20
    assert duration(steps, Limits(4, 4)) == 10
    assert duration(steps, Limits(4, 4), least=35) == 35
    assert duration([], Limits()) == 0


async def test_how_old_it_is_is_part_of_the_plan() -> None:
    plan, _cluster = await planned(guest(101))
    assert plan.made_at == NOW
