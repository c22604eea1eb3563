"""What of a snapshot is an event: only what was read just now, each change once."""

from __future__ import annotations

from types import MappingProxyType

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.live.history.compare import SCOPE, Change, Key, Known, changes
from labtui.live.history.observe import Observed, Scope, State, observe, own_jobs
from labtui.locale import _
from labtui.model.cluster import HaService, HaStatus, Resources, Storage, Task
from labtui.model.errors import Problem
from labtui.model.events import Event, put_together
from labtui.model.jobs import Job
from labtui.model.overlay import RouterFacts
from labtui.model.snapshot import Snapshot
from tests.snapshots import NOW, cluster_lab, guest, snapshot
from tests.ui.labs import routers


class Book:
    """What is known, as the file would have it."""

    def __init__(self) -> None:
        self.known: dict[Key, Known] = {}

    def look(self, seen: Snapshot, now: float, unseen: float | None = None) -> list[Event]:
        return self.take(changes(self.known, observe(seen, now), unseen))

    def take(self, found: tuple[Change, ...]) -> list[Event]:
        self.known.update({change.key: change.known for change in found})
        return [change.event for change in found if change.event is not None]


def words(events: list[Event]) -> list[str]:
    return [put_together(event.said, _) for event in events]


def later(seen: Snapshot, at: float) -> Snapshot:
    """The same, read at that time."""
    fresh = {
        feed: msgspec.structs.replace(known, read_at=at) for feed, known in seen.freshness.items()
    }
    return msgspec.structs.replace(seen, freshness=fresh)


def test_the_first_look_tells_nothing() -> None:
    book = Book()
    assert book.look(cluster_lab(guest(104)), NOW) == []
    assert book.known["node", "lab/pve1"].value == "up"
    assert (SCOPE, "guest/lab") in book.known


def test_each_change_of_a_cluster_has_its_words_once() -> None:
    book = Book()
    book.look(cluster_lab(guest(104), guest(105)), NOW)
    after = cluster_lab(
        guest(104, "pve2", "stopped", lock="backup"), quorate=False, pve1=True, pve2=True, pve3=True
    )
    found = words(book.look(later(after, NOW + 10), NOW + 10))
    assert sorted(found) == [
        "104 vm-104 is locked: backup",
        "104 vm-104 is off",
        "104 vm-104 is on pve2, was on pve1",
        "105 vm-105 is gone",
        "lab has lost its quorum",
    ]
    assert book.look(later(after, NOW + 20), NOW + 20) == []


def test_a_node_that_is_away_takes_no_guests_with_it() -> None:
    """Their rows say what was: neither gone nor stopped is true of them."""
    book = Book()
    book.look(cluster_lab(guest(104, "pve3")), NOW)
    after = later(
        cluster_lab(guest(104, "pve3", "unknown"), pve1=True, pve2=True, pve3=False), NOW + 9
    )
    events = book.look(after, NOW + 9)
    assert words(events) == ["node pve3 is away"]
    assert (events[0].view, events[0].row, events[0].weight) == ("nodes", "lab/pve3", "bad")


def test_what_is_old_or_remembered_or_failing_says_nothing() -> None:
    book = Book()
    book.look(cluster_lab(), NOW)
    away = cluster_lab(pve1=True, pve2=True, pve3=False)
    assert book.look(later(away, NOW), NOW + 300) == []
    kept = {
        feed: msgspec.structs.replace(fresh, remembered=True, read_at=NOW + 5)
        for feed, fresh in away.freshness.items()
    }
    assert book.look(msgspec.structs.replace(away, freshness=kept), NOW + 6) == []


def test_what_was_read_earlier_than_what_is_known_is_no_change() -> None:
    """Two consoles do not read at the same time: the later reading is right."""
    book = Book()
    book.look(later(cluster_lab(pve1=True, pve2=False), NOW + 5), NOW + 5)
    assert book.look(later(cluster_lab(pve1=True, pve2=True), NOW + 4), NOW + 6) == []


def test_what_happened_while_nobody_looked_says_so() -> None:
    book = Book()
    book.look(cluster_lab(), NOW)
    away = later(cluster_lab(pve1=True, pve2=True, pve3=False), NOW + 900)
    (event,) = book.look(away, NOW + 900, unseen=NOW + 3)
    assert (event.at, event.unseen) == (NOW + 900, NOW + 3)


def test_a_task_has_its_own_times_and_comes_once_for_each_end() -> None:
    def lab(*tasks: Task, at: float) -> Snapshot:
        return later(cluster_lab(tasks=tasks), at)

    task = Task("lab", "UPID:1", "pve1", "qmigrate", "104", "amy@pam", NOW + 3)
    looked = Task("lab", "UPID:2", "pve1", "vncproxy", "104", "amy@pam", NOW + 3)
    book = Book()
    book.look(lab(at=NOW), NOW)
    (begun,) = book.look(lab(task, looked, at=NOW + 5), NOW + 5)
    assert put_together(begun.said, _) == "amy@pam began qmigrate 104 on pve1"
    assert (begun.at, begun.view, begun.row) == (NOW + 3, "guests", "lab/104")
    ended = msgspec.structs.replace(task, ended=NOW + 8, status="no space left")
    (failed,) = book.look(lab(ended, at=NOW + 9), NOW + 9)
    assert (failed.at, failed.weight) == (NOW + 8, "bad")
    assert "no space left" in put_together(failed.said, _)
    # That it leaves the list is no news.
    assert book.look(lab(at=NOW + 20), NOW + 20) == []


def test_a_shared_storage_is_one_and_names_the_nodes_that_lack_it() -> None:
    def lab(*away: str, at: float) -> Snapshot:
        seen = cluster_lab()
        rows = tuple(
            Storage(
                "lab", name, "ceph", "rbd", "unavailable" if name in away else "available", True
            )
            for name in ("pve1", "pve2", "pve3")
        )
        parts = {
            feed: msgspec.structs.replace(part, storages=rows)
            if isinstance(part, Resources)
            else part
            for feed, part in seen.parts.items()
        }
        return later(msgspec.structs.replace(seen, parts=MappingProxyType(parts)), at)

    book = Book()
    book.look(lab(at=NOW), NOW)
    assert words(book.look(lab("pve2", at=NOW + 5), NOW + 5)) == ["storage ceph is away on pve2"]
    away = book.look(lab("pve1", "pve2", "pve3", at=NOW + 9), NOW + 9)
    assert words(away) == ["storage ceph is away"]


def test_services_of_ha_and_a_router_that_has_started_anew() -> None:
    def lab(state: str, uptime: float, at: float) -> Snapshot:
        facts = RouterFacts("836", "836", "rt-836", "7.16", uptime=uptime)
        ha = HaStatus(True, "pve1", (HaService("vm:104", "pve1", state),))
        return later(snapshot(("lab", ha), ("836", facts)), at)

    book = Book()
    book.look(lab("started", 5000.0, NOW), NOW)
    assert book.look(lab("started", 5004.2, NOW + 4), NOW + 4) == []
    found = book.look(lab("error", 20.0, NOW + 60), NOW + 60)
    assert words(found) == ["HA has given up on vm:104", "router rt-836 has started anew"]
    assert found[1].at == NOW + 40


def test_tunnels_and_sessions_and_a_source_that_falls_silent() -> None:
    book = Book()
    seen = snapshot(*routers())
    book.look(seen, NOW)
    assert {key[0] for key in book.known} >= {"tunnel", "session", "router", "source"}
    known = {value.value for key, value in book.known.items() if key[0] == "tunnel"}
    assert known == {"up", "down"}
    fresh = later(seen, NOW + 5).freshness
    silent = {
        feed: msgspec.structs.replace(
            each,
            problem=Problem("unreachable", "x", "702", "y") if feed.source == "702" else None,
            failing_since=NOW + 4 if feed.source == "702" else None,
        )
        for feed, each in fresh.items()
    }
    found = book.look(msgspec.structs.replace(seen, freshness=silent), NOW + 6)
    assert words(found) == ["702 does not answer"]


def test_a_job_that_no_task_tells_of_is_told_by_its_console() -> None:
    job = Job("1", "node.evacuate", "lab/pve1", "Empty pve1", "running", NOW)
    short = Job("2", "guest.edit", "lab/104", "Edit 104", "done", NOW + 8, NOW + 9)
    follows = Job("3", "guest.migrate", "lab/104", "Migrate", "running", NOW, upid="UPID:1")
    seen = msgspec.structs.replace(cluster_lab(), jobs=(job, short, follows))
    assert own_jobs(seen, NOW + 2, "c1").states[0].name == "Edit 104"
    place = (SCOPE, "job/c1")
    known = {place: Known("", "job/c1", "seen", 0.0, 0.0)}
    found = changes(known, own_jobs(seen, NOW + 10, "c1"))
    events = [change.event for change in found if change.event is not None]
    assert words(events) == ["begun from a console: Empty pve1", "done: Edit 104"]


STATES = st.builds(
    State,
    kind=st.sampled_from(("node", "guest", "gpu", "tunnel", "ha")),
    source=st.just("lab"),
    key=st.sampled_from(("lab/a", "lab/b")),
    name=st.just("x"),
    value=st.sampled_from(("up", "down", "running")),
    at=st.integers(1, 50).map(float),
)


@settings(deadline=None)
@given(st.lists(st.lists(STATES, max_size=6), max_size=8))
def test_whatever_comes_is_told_at_most_once_and_never_changes_to_itself(
    looks: list[list[State]],
) -> None:
    book = Book()
    for number, states in enumerate(looks):
        unique = {(each.kind, each.key): each for each in states}
        scopes = tuple(Scope(kind, "lab", float(number)) for kind in ("node", "guest"))
        observed = Observed(tuple(unique.values()), scopes)
        for event in book.take(changes(book.known, observed)):
            assert event.before != event.after
            assert put_together(event.said, _)
        assert [each for each in changes(book.known, observed) if each.event] == []
    assert all(known.value for known in book.known.values())
