"""What details read while they are open: snapshots as a tree, backups, what waits for a restart."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.actions.action import TaskState
from labtui.model.cluster import Resources, Storage, Task
from labtui.model.errors import Forbidden, Rejected, TimedOut
from labtui.model.safeguards import AgentDisk, Agents, AgentWord
from labtui.ui.panes import asked_tasks
from labtui.ui.panes.on_demand import answers, sections
from labtui.ui.panes.query import Look
from labtui.views.view import Section
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest, membership, snapshot
from tests.ui.driver import console
from tests.ui.links import FakeLink

BASE = "/nodes/pve1/qemu/104"
SNAPSHOTS = [
    {"name": "base", "snaptime": NOW - 864000, "description": "clean", "vmstate": 1},
    {"name": "later", "snaptime": NOW - 172800, "parent": "base"},
    {"name": "current", "parent": "later"},
]
ARCHIVE = {
    "content": "backup",
    "volid": "nas:backup/vzdump-qemu-104-x.vma.zst",
    "vmid": 104,
    "ctime": NOW - 7200,
    "size": 3 << 30,
    "notes": "\x1b[31mweb",
}


def wire() -> DictWire:
    resources = Resources(
        cluster_lab().one(Resources, "lab").nodes,  # type: ignore[union-attr]
        (guest(104),),
        (
            Storage("lab", "pve1", "nas", "nfs", "available", True, 0, 10, ("backup",)),
            Storage("lab", "pve2", "old", "dir", "unknown", False, 0, 10, ("backup",)),
        ),
    )
    lab = snapshot(("lab", resources), ("lab", membership(pve1=True, pve2=True)))
    answers: dict[str, Any] = {
        f"{BASE}/snapshot": SNAPSHOTS,
        "/nodes/pve1/storage/nas/content": [ARCHIVE],
        f"{BASE}/pending": [{"key": "cores", "value": 2, "pending": 4}],
    }
    return DictWire(lab, answers)


def text(found: tuple[Section, ...]) -> str:
    return "\n".join(
        f"{section.title}|{label}|{cell.text}" for section in found for label, cell in section.lines
    )


async def test_a_guest_has_more_to_it() -> None:
    told = text(await sections("guest", "lab/104", wire()))
    assert "Snapshots|base|10d ago  with memory  clean" in told
    assert "Snapshots|└ later|2d ago" in told
    assert "Snapshots|  └ now|" in told
    assert "Backups|2h ago|3.0G  nas  \ufffd[31mweb" in told
    assert "Backups|pve2:old|not available on pve2" in told
    assert "Waits for a restart|cores|4" in told


async def test_what_may_not_be_read_is_said() -> None:
    lab = wire()
    lab.answers[f"{BASE}/snapshot"] = Forbidden("snapshots", why="VM.Audit is missing")
    lab.answers["/nodes/pve1/storage/nas/content"] = Forbidden("content", why="no right")
    told = text(await sections("guest", "lab/104", lab))
    assert "Snapshots||not permitted: VM.Audit is missing" in told
    assert "Backups|nas|no answer" in told
    assert "it has no backup where we can see" in told


@pytest.mark.parametrize(("noun", "key"), [("gpu", "lab/pve1/0000:01:00"), ("guest", "lab/999")])
async def test_other_objects_ask_nothing(noun: str, key: str) -> None:
    lab = wire()
    assert await sections(noun, key, lab) == ()
    assert lab.reads == []


RRD = [{"time": NOW - 60, "cpu": 0.25}, {"time": NOW, "cpu": 0.5}]
UPID = "UPID:pve1:0000000A:0000000B:6B00F199:qmstart:104:me@pve:"
TASK = {"upid": UPID, "node": "pve1", "type": "qmstart", "id": "104", "user": "me@pve",
        "starttime": NOW - 60, "endtime": NOW - 50, "status": "OK"}  # fmt: skip


async def test_the_course_of_a_node_that_is_away_is_read_too() -> None:
    lab = wire()
    lab.snapshot = cluster_lab(pve1=True, pve2=False)
    lab.answers["/nodes/pve2/rrddata"] = RRD
    (history,) = await sections("node", "lab/pve2", lab)
    assert [chart.words[0] for chart in history.charts] == ["50%"]


@pytest.mark.parametrize(("quorate", "why"), [(True, "pve1 is away"), (False, "nobody sees pve1")])
async def test_of_a_guest_whose_node_is_not_seen_only_others_are_asked(
    quorate: bool, why: str
) -> None:
    lab = wire()
    lab.snapshot = cluster_lab(guest(104), quorate=quorate, pve1=False, pve2=True)
    lab.answers[f"{BASE}/rrddata"] = RRD
    told = await sections("guest", "lab/104", lab)
    assert text(told).startswith(f"From its node||can't be read: {why}")
    assert f"{BASE}/rrddata" in lab.reads
    own = [path for path in lab.reads if path.startswith(BASE) and path != f"{BASE}/rrddata"]
    assert own == []


async def test_what_the_agent_tells() -> None:
    lab = wire()
    agent = f"{BASE}/agent"
    lab.answers |= {
        f"{agent}/network-get-interfaces": {
            "result": [
                {"name": "lo", "ip-addresses": [{"ip-address": "127.0.0.1", "prefix": 8}]},
                {"name": "eth0", "ip-addresses": [{"ip-address": "10.0.0.5", "prefix": 24}]},
            ]
        },
        f"{agent}/get-osinfo": {"result": {"pretty-name": "Debian 13"}},
        f"{agent}/get-users": {"result": []},
        f"{agent}/get-host-name": Rejected("asking", why="disabled"),
        f"{agent}/get-fsinfo": {
            "result": [
                {"mountpoint": "/", "type": "ext4", "used-bytes": 96, "total-bytes": 100},
            ]
        },
    }
    told = text(await sections("guest", "lab/104", lab))
    assert "Inside|system|Debian 13" in told
    assert "Inside|logged in|nobody" in told
    assert "Addresses|eth0|10.0.0.5/24" in told
    assert "Disks inside|/|96B / 100B  96%" in told


async def test_a_silent_agent_is_an_answer_and_what_it_said_before_has_its_age() -> None:
    lab = wire()
    words = Agents({104: AgentWord(NOW - 300, True, (AgentDisk("/", "ext4", 1, 2),))})
    parts = [(feed.source, part) for feed, part in lab.snapshot.parts.items()]
    lab.snapshot = snapshot(*parts, ("lab", words))
    lab.answers[f"{BASE}/agent/network-get-interfaces"] = Rejected("asking", why="not running")
    told = await sections("guest", "lab/104", lab)
    assert "Inside||can't be read: not running" in text(told)
    assert {section.title: section.age for section in told}["Disks inside"] == 300


async def test_tasks_and_the_log_of_one_of_them() -> None:
    lab = wire()
    older = {**TASK, "upid": UPID.replace("F199", "F100"), "starttime": NOW - 999}
    lab.answers["/nodes/pve1/tasks"] = [older, TASK]
    lab.log = [["first", "TASK OK"]]
    told = text(await sections("guest", "lab/104", lab))
    assert "Tasks|▸ 60s ago|qmstart  OK  10s  me@pve" in told
    assert "Log||TASK OK" in told


async def test_the_log_of_a_task_that_runs_is_followed_to_its_end() -> None:
    lab = wire()
    task = Task("lab", UPID, "pve1", "qmstart", "104", "me@pve", NOW - 5)
    lab.states = [TaskState(True), TimedOut("asking", why="no answer"), TaskState(False, "OK")]
    lab.log = [["one"], ["two", "TASK OK"]]
    found = [told async for told in answers(asked_tasks.of_task(task), lab, Look())]
    assert [told.again for told in found] == [1.0, 4.0, None]
    assert [told.sections[0].title for told in found] == ["Log, goes on", "Log, goes on", "Log"]
    assert [cell.text for _label, cell in found[1].sections[0].lines] == [
        "one",
        "can't be read: no answer",
    ]
    assert [cell.text for _label, cell in found[2].sections[0].lines] == ["one", "two", "TASK OK"]


async def test_an_odd_answer_ends_nothing() -> None:
    lab = wire()
    lab.answers[f"{BASE}/pending"] = ZeroDivisionError()
    told = text(await sections("guest", "lab/104", lab))
    assert "Waits for a restart||the answer was not understood" in told
    assert "Backups|2h ago" in told


async def test_the_details_show_it_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    link = FakeLink()
    reads: list[tuple[str, Any]] = []

    async def read(source: str, path: str, **params: str | int) -> Any:
        reads.append((path, params.get("timeframe")))
        if path.endswith("/rrddata"):
            return RRD
        return SNAPSHOTS if path.endswith("/snapshot") else []

    monkeypatch.setattr(link.wire, "read", read)
    async with console(link, size=(120, 70)) as c:
        await c.press("2", "/")
        await c.type("id:104")
        await c.press("enter")
        await c.press("enter")
        await c.settle()
        assert "└ later" in c.screen
        assert "Last hour" in c.screen
        before = len(reads)
        await c.press("r")
        await c.settle()
        assert len(reads) > before
        await c.press("]")
        await c.settle()
        assert "Last day" in c.screen
        assert reads[-1][1] == "day"
        await c.press("[")
        await c.settle()
        assert "Last hour" in c.screen
        await c.press("escape")
        await c.press("]")
        await c.settle()
        assert "details of a guest, node or session have charts" in c.screen
