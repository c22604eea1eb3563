"""After a job: the configurations of its guests come first, and what was cut off is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from labtui.actions.evacuation.action import EVACUATE
from labtui.actions.evacuation.book import Entry, Header
from labtui.live.endings import ask_anew, offer
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.steps import Books
from labtui.live.store import Store
from labtui.model.jobs import Job
from labtui.sources.proxmox.configs import Sweep
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest


class Asked:
    """A source that writes down whom it is asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def ask_config(self, vmid: int) -> None:
        self.asked.append(vmid)


def test_the_guests_of_a_job_are_read_next() -> None:
    asked = Asked()
    clusters: Any = {"lab": asked}
    for subject in ("lab/104", "lab/105,lab/106", "lab/pve1", "other/107"):
        ask_anew(Job("1", "guest.edit", subject, "x", "done", NOW), clusters)
    assert asked.asked == [104, 105, 106]


def test_who_was_asked_for_is_read_before_the_others() -> None:
    sweep = Sweep()
    guests = [guest(number) for number in range(101, 110)]
    for each in guests:
        sweep.read(each, NOW)
    sweep.ask(108)
    assert sweep.choose(guests, {}, None, None, NOW)[0].vmid == 108
    sweep.read(guests[7], NOW)
    assert sweep.choose(guests, {}, None, None, NOW)[0].vmid != 108


async def test_what_an_earlier_console_left_is_shown(tmp_path: Path) -> None:
    books = Books(tmp_path / "evacuations")
    book = await books.new_book(Header("abcdef", NOW, EVACUATE.id, "lab/pve1", "Empty pve1", ()))
    await book.write(Entry(NOW, "run"))
    await book.close()
    store = Store()
    jobs = Jobs(store, DictWire(cluster_lab(guest(104))), (EVACUATE,), Journal(None))
    await offer(jobs, books)
    assert [(job.title, job.book, job.running) for job in store.snapshot.jobs] == [
        ("Empty pve1", "abcdef", False)
    ]
    books.close()


async def test_a_folder_that_can_not_be_read_shows_nothing(tmp_path: Path) -> None:
    (tmp_path / "evacuations").write_text("no folder")
    books = Books(tmp_path / "evacuations")
    store = Store()
    jobs = Jobs(store, DictWire(cluster_lab(guest(104))), (EVACUATE,), Journal(None))
    await offer(jobs, books)
    assert store.snapshot.jobs == ()
    books.close()
