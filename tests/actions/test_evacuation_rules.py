"""What an evacuation heeds when it chooses targets: memory, redundancy, copies, HA, cards."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labtui.actions.evacuation.action import EVACUATE
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.survey import leaving
from labtui.actions.migration.rules import of_groups, of_rules
from labtui.model.errors import NotFound, Rejected
from labtui.model.guests import HostPci
from labtui.model.snapshot import Snapshot
from tests.actions.evacuation_plans import PINNED, goes, planned, stays
from tests.actions.fake_cluster import FakeCluster
from tests.snapshots import (
    GIB,
    Hardware,
    MappingEntry,
    PciMapping,
    config,
    configs,
    gpu,
    guest,
    snapshot,
)


async def test_memory_is_not_passed_by_what_is_configured() -> None:
    guests = [guest(vmid, memory_max=20 * GIB) for vmid in range(101, 107)]
    # Each of the two has 100 GiB of which 40 are used and 5 stay free.
    plan, _cluster = await planned(*guests)
    targets = [target for _way, target in goes(plan).values()]
    assert sorted(targets.count(name) for name in ("pve2", "pve3")) == [2, 2]
    assert all("room" in why for why in stays(plan).values())
    assert len(stays(plan)) == 2


async def test_lost_redundancy_is_said_and_kept_one_too() -> None:
    large = [guest(vmid, memory_max=30 * GIB) for vmid in (101, 102)]
    lost, _cluster = await planned(*large)
    assert any("N+1 is lost" in text for text in lost.warnings)
    kept, _cluster = await planned(guest(101), guest(201, "pve2"))
    assert not any("N+1" in text for text in kept.warnings)
    assert any(fact.label == "N+1" for fact in kept.facts)


async def test_only_to_the_nodes_that_are_named() -> None:
    guests = [guest(vmid) for vmid in range(101, 107)]
    plan, _cluster = await planned(*guests, choice="pve3")
    assert {target for _way, target in goes(plan).values()} == {"pve3"}
    both, _cluster = await planned(*guests)
    assert {target for _way, target in goes(both).values()} == {"pve2", "pve3"}


async def test_replicated_guests_go_where_their_copies_are() -> None:
    jobs = [{"id": "101-0", "guest": 101, "target": "pve3"}]
    plan, _cluster = await planned(guest(101), answers={"/cluster/replication": jobs})
    assert goes(plan)["101"] == ("live", "pve3")


async def test_rules_of_9_x_are_kept() -> None:
    rules = [
        {"type": "node-affinity", "resources": "vm:101", "nodes": "pve3:2", "strict": 1},
        {"type": "resource-affinity", "resources": "vm:102,vm:103", "affinity": "negative"},
        {"type": "resource-affinity", "resources": "vm:104,vm:201", "affinity": "positive"},
        {"type": "node-affinity", "resources": "vm:105", "nodes": "pve1", "strict": 1},
        {"type": "node-affinity", "resources": "vm:106", "nodes": "pve1", "disable": 1},
    ]
    guests = [guest(vmid, ha_state="started") for vmid in range(101, 107)]
    plan, _cluster = await planned(
        *guests, guest(201, "pve2", ha_state="started"), answers={"/cluster/ha/rules": rules}
    )
    found = goes(plan)
    assert found["101"] == ("ha", "pve3")
    assert found["102"][1] != found["103"][1]
    assert found["104"][1] == "pve2"
    assert "pve1" in stays(plan)["105"]
    assert "106" in found


async def test_groups_of_8_4_are_kept() -> None:
    answers: dict[str, Any] = {
        "/cluster/ha/rules": Rejected("no", status=501),
        "/cluster/ha/groups": [
            {"group": "fixed", "nodes": "pve1,pve3", "restricted": 1},
            {"group": "likes", "nodes": "pve2:2"},
        ],
        "/cluster/ha/resources": [
            {"sid": "vm:101", "group": "fixed"},
            {"sid": "vm:102", "group": "likes"},
        ],
    }
    guests = [guest(vmid, ha_state="started") for vmid in (101, 102)]
    plan, _cluster = await planned(*guests, answers=answers)
    assert goes(plan) == {"101": ("ha", "pve3"), "102": ("ha", "pve2")}


async def test_unread_rules_are_said() -> None:
    answers = {
        "/cluster/ha/rules": NotFound("no"),
        "/cluster/ha/groups": Rejected("no", why="no right"),
    }
    plan, _cluster = await planned(guest(101), answers=answers)
    assert any("no right" in text for text in plan.warnings)


async def test_maintenance_by_the_ha_manager_is_named_and_not_done() -> None:
    plan, _cluster = await planned(guest(101, ha_state="started"))
    told = next(fact.text for fact in plan.facts if fact.label == "HA")
    assert "`labtui do maintenance pve1`" in told
    assert not any("maintenance" in str(call) for call in plan.calls)


async def test_without_quorum_nothing_is_planned() -> None:
    cluster = FakeCluster(guest(101))
    cluster.quorate = False
    plan = draft(await leaving("lab/pve1", cluster), "", "")
    assert not plan.ready
    assert any("quorum" in text for text in plan.blockers)


class Carded(FakeCluster):
    """With cards: one on pve1, one free and one taken on pve2, another kind on pve3."""

    taken = True

    @property
    def snapshot(self) -> Snapshot:
        made = super().snapshot
        entries = tuple(
            MappingEntry(node, (slot,), device)
            for node, slot, device in (
                ("pve1", "0000:01:00.0", "10de:2684"),
                ("pve2", "0000:01:00.0", "10de:2684"),
                ("pve2", "0000:02:00.0", "10de:2684"),
                ("pve3", "0000:01:00.0", "10de:20b2"),
            )
        )
        devices = {
            "pve1": (gpu("pve1", "0000:01:00"),),
            "pve2": (gpu("pve2", "0000:01:00"), gpu("pve2", "0000:02:00", 2)),
            "pve3": (gpu("pve3", "0000:01:00"),),
        }
        lines = [HostPci(0, (), "rtx")]
        known = [config(vmid, *(lines if vmid in (101, 102) else ())) for vmid in self.guests]
        if self.taken:
            known.append(config(201, HostPci(0, ("0000:02:00",)), where="pve2"))
        more = snapshot(
            ("lab", Hardware(devices, (PciMapping("rtx", entries),))),
            ("lab", configs(*known)),
            read_at=self.time,
        )
        return msgspec.structs.replace(
            made,
            parts={**made.parts, **more.parts},
            freshness={**made.freshness, **more.freshness},
        )


async def test_a_card_goes_only_where_one_of_its_kind_is_free() -> None:
    both = {101: PINNED, 102: PINNED}
    cluster = Carded(guest(101), guest(102), guest(201, "pve2"), checks=both)
    plan = draft(await leaving("lab/pve1", cluster), "", "")
    assert len(goes(plan)) == 1
    assert set(goes(plan).values()) == {("cold", "pve2")}
    assert [s.parts for s in plan.steps if s.target] == [("shutdown", "migrate", "start")]
    assert [str(call).split("/")[-1] for call in plan.calls] == [
        "shutdown timeout=180",
        "migrate target=pve2",
        "start",
    ]
    why = next(iter(stays(plan).values()))
    assert "no free AD102 [RTX 4090] (rtx)" in why
    assert "pve3" in why
    cluster.taken = False
    assert len(goes(draft(await leaving("lab/pve1", cluster), "", ""))) == 2


async def test_a_node_that_is_gone_is_not_planned_for() -> None:
    with pytest.raises(NotFound):
        await EVACUATE.survey("lab/pve9", FakeCluster(guest(101)))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "resources", "nodes", "group", "sid", "affinity", "strict"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(_JSON, _JSON)
def test_rubbish_for_rules_breaks_nothing(one: object, other: object) -> None:
    of_rules(one).with_it("vm:1")
    of_groups(one, other).away_from("vm:1")
