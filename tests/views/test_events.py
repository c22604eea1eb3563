"""The events pane: what a row says, what the details add."""

from __future__ import annotations

import time

import msgspec

from labtui.model.events import Event, Said
from labtui.model.snapshot import Snapshot
from labtui.views.events import EVENTS, before, say
from tests.snapshots import NOW


def event(number: int, ago: float, name: str = "pve3", **more: object) -> Event:
    said = Said("node {name} is away", (("name", name),))
    made = Event(
        number, NOW - ago, "node", "lab", f"lab/{name}", name, "up", "down", "bad", said, "nodes",
        f"lab/{name}",
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


def cells(one: Event) -> dict[str, str]:
    return {column.id: column.cell(one, NOW).text for column in EVENTS.columns}


def test_a_row_says_when_whom_and_what() -> None:
    told = cells(event(1, 90))
    assert told["at"].endswith(time.strftime("%H:%M:%S", time.localtime(NOW - 90)))
    assert (told["kind"], told["object"], told["what"]) == ("node", "pve3", "node pve3 is away")
    assert EVENTS.column("what").cell(event(1, 90), NOW).role == "bad"


def test_a_cause_says_its_severity_in_a_word() -> None:
    one = event(1, 90, kind="cause", after="critical")
    assert cells(one)["what"] == "CRITICAL  node pve3 is away"
    assert cells(event(1, 90, kind="cause", after="over"))["what"] == "node pve3 is away"


def test_what_nobody_saw_says_since_when_nobody_looked() -> None:
    one = event(1, 90, unseen=NOW - 300)
    assert "some time since" in cells(one)["what"]
    about, _before = EVENTS.details(one, Snapshot(events=(one,)), NOW)
    assert "nobody looked for 00:03:30" in " ".join(cell.text for _label, cell in about.lines)


def test_the_details_have_the_ten_minutes_before() -> None:
    rows = (event(4, 10, "d"), event(3, 60, "c"), event(2, 659, "b"), event(1, 661, "a"))
    trouble = event(0, 30, "history")
    assert [each.id for each in before((trouble, *rows), NOW - 60, 3)] == [2]
    _about, earlier = EVENTS.details(rows[1], Snapshot(events=rows), NOW)
    assert [cell.text for _label, cell in earlier.lines] == ["node b is away"]
    _about, nothing = EVENTS.details(rows[3], Snapshot(events=rows), NOW)
    assert [cell.text for _label, cell in nothing.lines] == ["nothing that we know of"]


def test_the_newest_is_first_and_the_summary_counts_the_last_hour() -> None:
    rows = [event(1, 7200), event(3, 5, weight="good"), event(2, 50)]
    assert [each.id for each in EVENTS.arranged(rows, NOW)] == [3, 2, 1]
    summary = EVENTS.summary(rows, NOW)
    assert (summary.text, summary.role) == ("2 in the last hour", "bad")
    assert EVENTS.summary(rows[1:2], NOW).role == ""


def test_values_from_outside_are_no_messages() -> None:
    said = Said("{name}: {after}", (("name", "{after}"), ("after", "%s {x}")))
    assert say(said) == "{after}: %s {x}"
