"""What details read while they are open: snapshots as a tree, backups, what waits for a restart."""

from __future__ import annotations

from typing import Any

import pytest

from labtui.model.cluster import Resources, Storage
from labtui.model.errors import Forbidden
from labtui.ui.panes.on_demand import sections
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
    assert "Snapshots||VM.Audit is missing" in told
    assert "Backups|nas|no answer" in told
    assert "it has no backup where we can see" in told


@pytest.mark.parametrize(("noun", "key"), [("node", "lab/pve1"), ("guest", "lab/999")])
async def test_other_objects_ask_nothing(noun: str, key: str) -> None:
    lab = wire()
    assert await sections(noun, key, lab) == ()
    assert lab.reads == []


async def test_the_details_show_it_when_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    link = FakeLink()
    reads: list[str] = []

    async def read(source: str, path: str, **params: str | int) -> Any:
        reads.append(path)
        return SNAPSHOTS if path.endswith("/snapshot") else []

    monkeypatch.setattr(link.wire, "read", read)
    async with console(link, size=(120, 60)) as c:
        await c.press("2", "/")
        await c.type("id:104")
        await c.press("enter")
        await c.press("enter")
        await c.settle()
        assert "└ later" in c.screen
        before = len(reads)
        await c.press("r")
        await c.settle()
        assert len(reads) > before
