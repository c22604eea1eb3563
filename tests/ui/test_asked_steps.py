"""The steps of an evacuation in the details of its job: each guest with how far it is."""

from __future__ import annotations

from typing import Any

from labtui.actions.action import Step
from labtui.actions.evacuation.book import Entry, Header, Order, Record
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from labtui.ui.panes import asked_steps
from labtui.ui.panes.on_demand import queries, sections
from labtui.views.view import Section
from tests.actions.wire import DictWire
from tests.snapshots import NOW

NAMES = ("web", "db", "gpu", "jump", "dns", "radeon")
STEPS = tuple(
    Step(f"lab/{100 + n}", f"{100 + n} {name}", "live", "pve1", "pve2" if name != "radeon" else "")
    for n, name in enumerate(NAMES)
)
ENTRIES = (
    Entry(NOW, "run"),
    Entry(NOW, "sending", 0, "migrate"),
    Entry(NOW, "end", 0, state="done", note="it is on pve2, running"),
    Entry(NOW, "sending", 1, "migrate", target="pve3"),
    Entry(NOW, "sent", 1, "migrate", upid="UPID:pve1:"),
    Entry(NOW, "sending", 2, "shutdown"),
    Entry(NOW, "part", 2, "shutdown"),
    Entry(NOW, "sending", 3, "migrate"),
    Entry(NOW, "end", 3, state="failed", note="aborted: no route to host"),
)


def record(*entries: Entry) -> Record:
    last = STEPS[-1]
    stays = Step(last.subject, last.label, "", last.source, note="hostpci0 ties it to pve1")
    header = Header("b1", NOW, "node.empty", "lab/pve1", "Empty pve1", (*STEPS[:-1], stays))
    return Record(header, entries, held=True)


def lines(found: Section) -> dict[str, tuple[str, str]]:
    return {label: (cell.text, cell.role) for label, cell in found.lines}


def test_each_guest_with_how_far_it_is() -> None:
    told = lines(asked_steps.section(record(*ENTRIES)))
    assert list(told) == [step.label for step in STEPS]
    assert told["100 web"] == ("✓ pve1 > pve2  it is on pve2, running", "good")
    assert told["101 db"] == ("pve1 > pve3  being moved, under way", "info")
    assert told["102 gpu"] == ("pve1 > pve2  begun (being shut down)", "warn")
    assert told["103 jump"] == ("✗ pve1 > pve2  aborted: no route to host", "bad")
    assert told["104 dns"] == ("pve1 > pve2  waits", "dim")
    assert told["105 radeon"] == ("stays: hostpci0 ties it to pve1", "dim")


def test_what_was_sent_when_it_was_over_is_not_called_under_way() -> None:
    over = record(*ENTRIES, Entry(NOW, "over", state="cancelled"))
    assert lines(asked_steps.section(over))["101 db"][0] == "pve1 > pve3  begun (being moved)"


class Keeping(DictWire):
    """A wire that keeps the one journal."""

    async def new_book(self, header: Header) -> Any:
        raise NotImplementedError

    async def reopen(self, book: str) -> Any:
        raise NotImplementedError

    async def records(self, subject: str = "") -> tuple[Record, ...]:
        return (record(*ENTRIES),)

    async def give(self, book: str, order: Order) -> None:
        raise NotImplementedError


async def test_the_steps_stand_before_the_log() -> None:
    job = Job("1", "node.empty", "lab/pve1", "Empty pve1", "done", NOW, log=("a", "b"), book="b1")
    plain = Job("2", "guest.migrate", "lab/104", "Migrate 104", "done", NOW, log=("c",))
    snapshot = Snapshot(jobs=(job, plain))
    found = await sections("job", "1", Keeping(snapshot))
    assert [section.title for section in found] == ["Steps", "Log"]
    assert [cell.text for _label, cell in found[1].lines] == ["b", "a"]
    assert queries("job", "2", snapshot) == ()
