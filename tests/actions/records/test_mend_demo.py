"""Ending differences over the demo's NetBox of three releases: each kind, and what goes wrong."""

from __future__ import annotations

import pytest

from labtui.demo.netbox import untruths
from labtui.model.errors import OutcomeUnknown, Unreachable
from tests.actions.records.stage import staged

GUEST = "112"
RELEASES = ("4.1", "4.6", "4.7")
FIELDS = [name for name in untruths.WRONG if name not in ("tenant", "address")]


@pytest.mark.parametrize("release", RELEASES)
async def test_every_field_of_a_guest_is_corrected(release: str) -> None:
    async with staged(release) as stage:
        for field in FIELDS:
            # Without its number a guest is known by its MAC address: another one's is changed.
            stage.strike(untruths.guest_wrong, "113" if field == "vmid" else GUEST, field)
        found = await stage.look()
        assert {each.field for each in found} == set(FIELDS)
        plan = await stage.plan(*found, why="stock-taking")
        assert (await stage.run(plan)).state == "done"
        assert await stage.look() == ()
        machines = [c for c in stage.wire.calls if c.path.startswith("virtualization/virtual-")]
        # One request for all that stands in one record.
        assert len(machines) == len({call.path for call in machines})
        told = [dict(call.params) for call in machines]
        assert all(("If-Match" in each) == (release != "4.1") for each in told)
        assert all(("changelog_message" in each) == (release != "4.1") for each in told)
        entries = await stage.wire.read("netbox", "extras/journal-entries")
        assert "stock-taking" in entries[0]["comments"]
        assert "operator" in entries[0]["comments"]


@pytest.mark.parametrize("release", RELEASES)
async def test_what_is_missing_and_what_is_too_much(release: str) -> None:
    async with staged(release) as stage:
        stage.strike(untruths.guest_missing, "110")
        stage.strike(untruths.surplus_guest, "ghost")
        found = await stage.look()
        plan = await stage.plan(*found)
        assert not plan.confirm, "a surplus guest is retired, not deleted"
        assert (await stage.run(plan)).state == "done"
        left = await stage.look()
        # The machine is there; its parts are differences of their own.
        assert {each.what for each in left} <= {"interface", "address"}
        if left:
            assert (await stage.run(await stage.plan(*left))).state == "done"
        assert await stage.look() == ()


async def test_a_surplus_guest_is_deleted_when_that_is_chosen_and_typed() -> None:
    async with staged() as stage:
        stage.strike(untruths.surplus_guest, "ghost")
        (only,) = await stage.look()
        first = await stage.plan(only)
        assert len(first.choices) == 2
        plan = await stage.plan(only, choice=first.choices[1].id)
        assert plan.confirm == "ghost"
        assert any("deleted" in warning for warning in plan.warnings)
        assert (await stage.run(plan)).state == "done"
        assert stage.wire.calls[-1].method == "DELETE"
        assert await stage.look() == ()


async def test_of_an_address_that_stands_there_twice_one_has_to_be_chosen() -> None:
    async with staged() as stage:
        stage.strike(untruths.address_twice, "117")
        (only,) = await stage.look()
        plan = await stage.plan(only)
        assert not plan.ready
        assert len(plan.choices) == 2
        chosen = await stage.plan(only, choice=plan.choices[1].id)
        assert (await stage.run(chosen)).state == "done"
        assert await stage.look() == ()


@pytest.mark.parametrize("release", RELEASES)
async def test_what_was_changed_since_the_plan_is_left_alone(release: str) -> None:
    async with staged(release) as stage:
        stage.strike(untruths.guest_wrong, GUEST, "memory")
        stage.strike(untruths.guest_wrong, "113", "memory")
        found = await stage.look()
        plan = await stage.plan(*found)
        stage.strike(untruths.guest_wrong, GUEST, "vcpus")
        outcome = await stage.run(plan)
        assert outcome.state == "failed"
        assert "1 of 2" in outcome.note
        assert "changed it meanwhile" in outcome.note


async def test_a_change_between_the_last_look_and_the_write_is_a_412() -> None:
    async with staged() as stage:
        stage.strike(untruths.guest_wrong, GUEST, "memory")
        plan = await stage.plan(*await stage.look())
        stage.wire.before = lambda call: (
            stage.strike(untruths.guest_wrong, GUEST, "vcpus") if call.method == "PATCH" else None
        )
        outcome = await stage.run(plan)
        assert outcome.state == "failed"
        assert "changed it meanwhile" in outcome.note


async def test_a_token_that_may_only_read_is_refused_in_words_beforehand() -> None:
    reader = "nbt_mnopqrstuvwx." + "r" * 40
    async with staged(token=reader) as stage:
        stage.strike(untruths.guest_wrong, GUEST, "memory")
        plan = await stage.plan(*await stage.look())
        assert not plan.ready
        assert any("may not change" in text for text in plan.blockers)


async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_again() -> None:
    async with staged() as stage:
        stage.strike(untruths.guest_wrong, GUEST, "memory")
        plan = await stage.plan(*await stage.look())

        def lose(call: object) -> None:
            raise OutcomeUnknown("the answer never came", why=str(call)[:20])

        stage.wire.after = lambda call: lose(call) if call.method == "PATCH" else None
        assert (await stage.run(plan)).state == "done"
        assert [call.method for call in stage.wire.calls] == ["PATCH", "POST"]
        assert await stage.look() == ()


async def test_a_request_that_never_arrived_is_told_as_such() -> None:
    async with staged() as stage:
        stage.strike(untruths.guest_wrong, GUEST, "memory")
        plan = await stage.plan(*await stage.look())

        def lose(call: object) -> None:
            raise OutcomeUnknown("the answer never came", why=str(call)[:20])

        stage.wire.before = lambda call: lose(call) if call.method == "PATCH" else None
        outcome = await stage.run(plan)
        assert outcome.state == "failed"
        assert "not have it so" in outcome.note


async def test_what_netbox_says_no_to_is_told_in_its_words() -> None:
    async with staged() as stage:
        stage.strike(untruths.guest_missing, "110")
        (only,) = await stage.look()
        plan = await stage.plan(only)
        name = str(dict(only.mends[0].values)["name"])
        created = await stage.server.ask(
            "POST", "virtualization/virtual-machines/", {"name": name.upper(), "cluster": 1}
        )
        assert created.status == 201
        outcome = await stage.run(plan)
        assert outcome.state == "failed"
        assert "unique" in outcome.note


async def test_the_way_to_the_lab_says_what_to_do_where_no_action_is() -> None:
    async with staged() as stage:
        stage.strike(untruths.guest_wrong, GUEST, "name")
        (only,) = await stage.look()
        plan = await stage.plan(only, mode="lab")
        assert plan.mode == "lab"
        assert not plan.ready
        assert any(f"set {GUEST}" in text for text in plan.blockers)


async def test_netbox_that_goes_away_in_the_middle_is_not_asked_again_and_again() -> None:
    async with staged() as stage:
        for name in (GUEST, "113", "114"):
            stage.strike(untruths.guest_wrong, name, "memory")
        plan = await stage.plan(*await stage.look())

        def gone(call: object) -> None:
            if len(stage.wire.calls) > 2:
                raise Unreachable("writing to NetBox", why="connection refused")

        stage.wire.before = gone
        outcome = await stage.run(plan)
        assert outcome.state == "failed"
        assert "1 of 3" in outcome.note
        # The first with its entry in the journal, and one that was refused.
        assert len(stage.wire.calls) == 3
        assert all(step.label in outcome.note for step in plan.steps[1:])


async def test_the_plan_says_in_short_what_becomes_of_it() -> None:
    async with staged() as stage:
        stage.strike(untruths.guest_wrong, GUEST, "memory")
        stage.strike(untruths.guest_missing, "110")
        plan = await stage.plan(*await stage.look())
        told = {fact.label: fact.text for fact in plan.facts}
        assert told["110 web-01"] == "new in virtualization/virtual-machines"
        (change,) = [text for name, text in told.items() if name.startswith(GUEST)]
        assert change.startswith("memory ")
        assert " > " in change
        assert "PATCH" not in change
