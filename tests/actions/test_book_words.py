"""How far a journal of each kind of job is, and what can be done about it, in its own words."""

from __future__ import annotations

import pytest

from labtui.actions import ACTIONS
from labtui.actions.action import Step
from labtui.actions.book_words import far, far_text, kind_of, nothing_left, onward_text
from labtui.actions.evacuation.book import Entry, Header, Record

NOW = 1_000.0


def record(action: str, *entries: Entry, steps: int = 3) -> Record:
    """A journal of an action with that many steps, and one that stays."""
    goes = tuple(Step(str(n), f"step {n}", "way", target="there") for n in range(steps))
    stays = (Step("stays", "stays", "", note="tied to its node"),)
    return Record(Header("abcdef", NOW, action, "subject", "title", goes + stays), entries)


def sending(step: int) -> Entry:
    return Entry(NOW, "sending", step)


def answered(step: int) -> Entry:
    return Entry(NOW, "part", step, part="1")


def done(step: int) -> Entry:
    return Entry(NOW, "end", step, state="done")


@pytest.mark.parametrize(
    ("action", "entries", "says", "can"),
    [
        (
            "node.evacuate",
            (sending(0), done(0), sending(1)),
            "1 of 3 moved",
            "it can be taken up again",
        ),
        ("guest.migrate", (), "0 of 3 moved", "it can be taken up again"),
        (
            "gpu.give",
            (sending(0), done(0), sending(1), done(1)),
            "2 of 3 steps done",
            "it can be taken up again or taken back",
        ),
        (
            "lease.back",
            (sending(0), answered(0)),
            "0 of 3 steps done",
            "it can be taken up again or taken back",
        ),
        (
            "link.new",
            (sending(0), answered(0), sending(1), answered(1), sending(2)),
            "2 of 3 calls made",
            "it can be taken back",
        ),
        ("tunnel.off", (sending(0), answered(0)), "1 of 3 calls made", "it can be taken back"),
        ("session.stop", (sending(0),), "0 of 3 calls made", "it can be taken back"),
        (
            "link.remove",
            (sending(0), answered(0)),
            "1 of 3 calls made",
            "it can be taken up again",
        ),
        (
            "prefix.allocate",
            (sending(0),),
            "asked for, the answer is not known",
            "it can be given back",
        ),
        (
            "prefix.allocate",
            (sending(0), Entry(NOW, "sent", 0, upid="7", note="10.0.0.5/24")),
            "10.0.0.5/24 was given",
            "it can be given back",
        ),
    ],
)
def test_each_kind_of_job_has_its_words(
    action: str, entries: tuple[Entry, ...], says: str, can: str
) -> None:
    found = record(action, Entry(NOW, "run"), *entries)
    assert (far_text(found), onward_text(found)) == (says, can)
    assert not nothing_left(found)


def test_every_action_that_can_be_taken_up_is_of_a_kind_by_what_it_does() -> None:
    kinds = {action.id: kind_of(action.id) for action in ACTIONS if action.resumed is not None}
    assert {name for name, kind in kinds.items() if kind == "steps"} == {
        "device.give",
        "device.take",
        "gpu.give",
        "gpu.take",
        "lease.back",
    }
    assert {name for name, kind in kinds.items() if kind == "gift"} == {"prefix.allocate"}
    routers = {name for name, kind in kinds.items() if kind == "calls"}
    assert {name.partition(".")[0] for name in routers} == {"link", "tunnel", "session"}
    # Those that move guests go on by the journal of the evacuation.
    assert "moves" not in kinds.values()


def test_a_removal_that_is_done_is_whole_though_not_every_call_was_needed() -> None:
    over = Entry(NOW, "over", state="done")
    assert far(record("link.remove", sending(0), answered(0), over)) == (3, 3)


@pytest.mark.parametrize(
    ("action", "state", "ended", "left"),
    [
        ("node.evacuate", "failed", 1, True),
        ("node.evacuate", "done", 3, False),
        ("gpu.give", "failed", 1, True),
        ("link.new", "done", 0, False),
        ("tunnel.off", "failed", 0, False),
        ("prefix.allocate", "cancelled", 0, False),
    ],
)
def test_what_has_ended_on_routers_or_was_handed_out_is_not_taken_up(
    action: str, state: str, ended: int, left: bool
) -> None:
    over = Entry(NOW, "over", state=state)  # type: ignore[arg-type]  # one of the words of JobState
    found = record(action, *(done(n) for n in range(ended)), over)
    assert nothing_left(found) is not left
