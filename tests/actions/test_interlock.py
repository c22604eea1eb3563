"""The interlock: each refusal fires where it must, in words, and is silent where it must not."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.actions import ACTIONS, interlock
from labtui.actions.action import Right, Scope
from labtui.actions.interlock import Standing, granting, judge, look, running
from labtui.model.cluster import HaStatus, Membership, Rights, Task
from labtui.model.errors import Problem, Unreachable
from labtui.model.feed import Feed
from labtui.model.guests import Guest
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Witness
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest, snapshot

SCOPE = Scope("lab", "104 web", ("pve1",), ("104",), (Right("VM.Migrate", "/vms/104"),))
# A restore wants neither the guest nor its node: it is what is done when they are gone.
GUEST_ACTIONS = pytest.mark.parametrize(
    "action",
    [one for one in ACTIONS if one.noun == "guest" and one.id != "guest.restore"],
    ids=lambda action: action.id,
)
UPID = "UPID:pve1:0000000A:0000000B:6B00F199:qmclone:104:amy@pve:"
ROW = {
    "upid": UPID,
    "node": "pve1",
    "type": "qmclone",
    "id": "104",
    "user": "amy@pve",
    "starttime": int(NOW) - 60,
}


def standing(lab: Snapshot, *tasks: Task, now: float = NOW, most: float = 30.0) -> Standing:
    return judge(SCOPE, lab, now, most, tasks)


def with_part(lab: Snapshot, part: Any, **fresh: Any) -> Snapshot:
    more = snapshot(("lab", part))
    freshness = {
        feed: msgspec.structs.replace(known, **fresh) for feed, known in more.freshness.items()
    }
    return Snapshot(parts={**lab.parts, **more.parts}, freshness={**lab.freshness, **freshness})


def aged(lab: Snapshot, topic: str, **fresh: Any) -> Snapshot:
    freshness = {
        feed: msgspec.structs.replace(known, **fresh) if feed.topic == topic else known
        for feed, known in lab.freshness.items()
    }
    return msgspec.structs.replace(lab, freshness=freshness)


def task(kind: str = "qmclone", subject: str = "104", node: str = "pve1") -> Task:
    return Task("lab", UPID, node, kind, subject, "amy@pve", NOW - 60)


def test_a_lab_in_health_lets_everything_go() -> None:
    assert standing(cluster_lab(guest(104))).blockers == ()
    assert standing(cluster_lab(guest(104))).warnings == ()


def test_a_lost_quorum() -> None:
    (told,) = standing(cluster_lab(guest(104), quorate=False, pve1=True, pve2=True)).blockers
    assert told.startswith("lab has no quorum (2 of 2 nodes are there): nothing can be changed")


def test_the_ha_managers_word_goes_for_a_lost_quorum_while_it_is_fresh() -> None:
    lab = cluster_lab(guest(104))
    (told,) = standing(with_part(lab, HaStatus(quorate=False))).blockers
    assert "no quorum (the HA manager)" in told
    assert standing(with_part(lab, HaStatus(quorate=True))).blockers == ()
    old = with_part(lab, HaStatus(quorate=False), read_at=NOW - 600)
    assert standing(old).blockers == ()


def test_a_quorum_that_was_put_right_by_hand_is_believed() -> None:
    """After `pvecm expected 1` the HA row says so while the membership lags."""
    lab = with_part(cluster_lab(guest(104), quorate=False), HaStatus(quorate=True))
    assert standing(lab).blockers == ()


def test_a_node_that_stands_alone_has_no_quorum_to_lose() -> None:
    lab = with_part(cluster_lab(guest(104)), Membership("lab", None))
    assert not any("quorum" in told for told in standing(lab).blockers)


@pytest.mark.parametrize("topic", ["resources", "membership"])
def test_data_that_is_too_old(topic: str) -> None:
    lab = aged(cluster_lab(guest(104)), topic, read_at=NOW - 31)
    (told,) = standing(lab).blockers
    assert "too old to act on (31 s, at most 30 s): press r" in told
    assert standing(lab, most=60.0).blockers == ()
    assert standing(aged(lab, topic, read_at=NOW - 29)).blockers == ()


def test_data_of_an_earlier_start_however_young() -> None:
    lab = aged(cluster_lab(guest(104)), "resources", remembered=True)
    assert "of an earlier start" in standing(lab).blockers[0]


def test_data_that_is_too_old_because_it_cannot_be_read_says_why() -> None:
    why = Problem("refused", "reading", "pve1", "token not accepted")
    lab = aged(cluster_lab(), "resources", read_at=NOW - 90, problem=why)
    (blocker,) = standing(lab).blockers
    assert "as it can't be read: token not accepted" in blocker
    assert "press r" not in blocker


def test_a_cluster_without_an_api_takes_no_orders() -> None:
    lab = aged(cluster_lab(), "resources", via="ssh 10.0.0.1 pvesh")
    (blocker,) = standing(lab).blockers
    assert "no API of lab answers" in blocker
    assert "pveproxy" in blocker


def test_a_cluster_that_refuses_the_login_is_not_told_as_silent() -> None:
    """Its servers are well: nobody should restart them."""
    refusing = Witness("https://10.0.0.1:8006", problem="token not accepted", refused=True)
    membership = cluster_lab().one(Membership, "lab")
    assert membership is not None
    heard = msgspec.structs.replace(membership, witnesses=(refusing,))
    lab = aged(with_part(cluster_lab(), heard), "resources", via="ssh 10.0.0.1 pvesh")
    (blocker,) = standing(lab).blockers
    assert "lab refuses our login (token not accepted)" in blocker
    assert "pveproxy" not in blocker


def test_data_that_was_never_read() -> None:
    lab = aged(cluster_lab(guest(104)), "membership", read_at=None)
    assert "has not been read yet" in standing(lab).blockers[0]


def test_a_node_that_is_away_or_of_which_nobody_knows() -> None:
    lab = cluster_lab(guest(104), pve1=False, pve2=True, pve3=True)
    (told,) = standing(lab).blockers
    assert told == "pve1 is away: nothing can be done to 104 web until it is back"
    elsewhere = Scope("lab", "x", ("pve9",))
    assert judge(elsewhere, lab, NOW, 30, ()).warnings == ("nobody can say whether pve9 is there",)


def test_somebody_elses_task_says_who_what_and_since() -> None:
    (told,) = standing(cluster_lab(guest(104)), task()).blockers
    assert told.startswith("amy@pve runs qmclone on 104 web since ")
    assert told.endswith(", on pve1: wait until that ends")


@pytest.mark.parametrize(
    ("one", "blocks"),
    [
        (task("vzdump", "104"), True),
        (task("vzdump", "1040"), False),
        (task("migrateall", ""), True),
        (task("migrateall", "", "pve2"), False),
        (task("aptupdate", ""), False),
        (task("qmstop", "105"), False),
    ],
)
def test_which_tasks_are_on_the_object(one: Task, blocks: bool) -> None:
    assert bool(standing(cluster_lab(guest(104)), one).blockers) is blocks


def test_of_several_guests_the_one_that_is_worked_on_is_named() -> None:
    several = Scope("lab", "2 guests", ("pve1",), ("103", "104"))
    (told,) = judge(several, cluster_lab(guest(104)), NOW, 30, (task(),)).blockers
    assert "runs qmclone on 104 since" in told


def test_who_only_looks_at_the_console_is_named_and_does_not_block() -> None:
    told = standing(cluster_lab(guest(104)), task("vncproxy"))
    assert told.blockers == ()
    assert told.warnings[0].startswith("amy@pve has the console of 104 web open since ")


async def test_the_tasks_are_read_anew_each_time() -> None:
    wire = DictWire(cluster_lab(guest(104)))
    assert (await look(SCOPE, wire)).blockers == ()
    wire.answers["/cluster/tasks"] = [ROW]
    assert "amy@pve runs qmclone" in (await look(SCOPE, wire)).blockers[0]
    wire.answers["/cluster/tasks"] = [{**ROW, "endtime": int(NOW), "status": "OK"}]
    assert (await look(SCOPE, wire)).blockers == ()


async def test_tasks_that_cannot_be_read_forbid() -> None:
    wire = DictWire(cluster_lab(guest(104)), {"/cluster/tasks": Unreachable("x", why="no route")})
    (told,) = (await look(SCOPE, wire)).blockers
    assert "can't be read (no route): nobody knows whether somebody works on 104 web" in told


def test_an_account_that_sees_its_own_tasks_only_says_so() -> None:
    lab = cluster_lab(guest(104))
    assert any("only its own tasks" in note for note in standing(lab).notes)
    rights = Rights("a@pve", "9", {"/": frozenset(("VM.Migrate", "Sys.Audit"))})
    assert standing(with_part(lab, rights)).notes == ()


def test_a_missing_right_says_which_where_and_how_it_is_given() -> None:
    lab = cluster_lab(guest(104))
    rights = Rights("amy@pve", "9.2", {"/": frozenset(("VM.Audit",))})
    (told,) = standing(with_part(lab, rights)).blockers
    assert told == (
        "amy@pve lacks VM.Migrate on /vms/104. An administrator gives it with: "
        "pveum role add LabtuiVMMigrate --privs VM.Migrate; "
        "pveum acl modify /vms --users amy@pve --roles PVEAuditor,LabtuiVMMigrate"
    )
    none = Snapshot(
        parts={feed: part for feed, part in lab.parts.items() if feed.topic != "rights"},
        freshness=lab.freshness,
    )
    assert standing(none).blockers == ()


def test_a_right_is_given_where_it_takes_nothing_away() -> None:
    """A longer path's ACL takes the place of those of shorter ones (`PVE/AccessControl.pm`)."""
    right = Right("VM.Migrate", "/vms/104")
    held = {"/": frozenset(("VM.Audit",)), "/vms": frozenset(("VM.Audit",))}
    told = granting(right, Rights("amy@pve!console", "9.2", held))
    assert told.endswith(
        "acl modify /vms --users amy@pve --tokens 'amy@pve!console' --roles LabtuiVMMigrate"
    )
    deeper = {**held, "/vms/104": frozenset(("VM.Audit",))}
    assert "acl modify /vms/104 --users amy@pve --roles LabtuiVMMigrate" in granting(
        right, Rights("amy@pve", "9.2", deeper)
    )


def test_what_a_shell_would_take_apart_is_quoted() -> None:
    told = granting(Right("VM.Migrate", "/vms/1"), Rights("a;reboot@pve", "9", {}))
    assert "--users 'a;reboot@pve'" in told


rubbish = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["upid", "type", "id", "user", "node", "starttime", "endtime", "status"]
            ),
            inner,
            max_size=8,
        )
    ),
    max_leaves=20,
)


@given(st.one_of(rubbish, st.lists(rubbish, max_size=5)))
def test_any_answer_about_tasks_is_survived(rows: Any) -> None:
    found = running("lab", rows)
    told = judge(SCOPE, cluster_lab(guest(104)), NOW, 30, found)
    assert all(text.isprintable() for text in (*told.blockers, *told.warnings))


@GUEST_ACTIONS
def test_every_action_says_what_it_lays_hands_on(action: Any) -> None:
    """A plan without the interlock would be a plan that is refused only after it was agreed to."""
    one: Guest = guest(104)
    scope = action.scope("lab/104", cluster_lab(one))
    assert (scope.cluster, scope.task_ids, scope.nodes) == ("lab", ("104",), ("pve1",))
    assert scope.rights
    assert action.scope("lab/999", cluster_lab(one)).nodes == ()


@GUEST_ACTIONS
@pytest.mark.parametrize(
    ("lab", "word"),
    [
        (cluster_lab(guest(104), quorate=False), "no quorum"),
        (aged(cluster_lab(guest(104)), "resources", read_at=NOW - 40), "too old"),
        (cluster_lab(guest(104), pve1=False, pve2=True, pve3=True), "pve1 is away"),
    ],
)
async def test_every_plan_passes_the_interlock(action: Any, lab: Snapshot, word: str) -> None:
    wire = DictWire(lab)
    plan = action.draft(await action.survey("lab/104", wire), "", "")
    assert not plan.ready
    assert any(word in blocker for blocker in plan.blockers)
    assert wire.calls == []


def test_the_judge_is_pure() -> None:
    assert not inspect.iscoroutinefunction(interlock.judge)
    assert Feed("proxmox", "lab", "tasks") in cluster_lab().parts
