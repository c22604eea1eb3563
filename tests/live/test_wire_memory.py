"""Nothing is written on what is only remembered, and every write leaves a line."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pytest

from labtui.actions.action import Call
from labtui.actions.shell import command
from labtui.live.holdback import Holdback
from labtui.live.store import Store
from labtui.live.wire import LiveWire
from labtui.model.cluster import Resources, Task, Tasks
from labtui.model.errors import OutcomeUnknown, Rejected
from labtui.model.feed import Feed
from labtui.sources.proxmox.tasks import TaskStatus
from tests.snapshots import NOW, cluster_lab, guest

RESOURCES = Feed("proxmox", "lab", "resources")
CALL = Call("lab", "POST", "/nodes/pve1/qemu/104/config", (("cipassword", "hunter2"),))


class Cluster:
    """Counts what it is sent."""

    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[str] = []
        self._error = error

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any:
        return None

    async def call(
        self, method: str, path: str, params: Mapping[str, str | int], deadline: float = 30.0
    ) -> Any:
        self.sent.append(path)
        if self._error is not None:
            raise self._error

    def shell(self, node: str, address: str) -> tuple[str, str, str]:
        if not address:
            raise Rejected("no commands over SSH", where=node, why="nowhere", remedy="name it")
        return f"ssh://root@{address}:22", "", "jump"

    def ask_config(self, vmid: int) -> None:
        raise AssertionError(vmid)

    async def task_status(self, upid: str) -> TaskStatus:
        raise NotImplementedError

    async def task_log(self, upid: str, start: int) -> list[tuple[int, str]]:
        return []


def remembering() -> Store:
    store, lab = Store("test"), cluster_lab(guest(104))
    store.restore(lab.parts, lab.freshness)
    return store


async def test_no_write_before_anything_was_read() -> None:
    store, cluster = remembering(), Cluster()
    wire = LiveWire(store, {"lab": cluster}, gate=Holdback(), clock=lambda: NOW)
    with pytest.raises(Rejected, match="nothing was read since the start"):
        await wire.call(CALL)
    assert cluster.sent == []
    store.apply(RESOURCES, Resources(), read_at=NOW, sequence=1)
    await wire.call(CALL)
    assert len(cluster.sent) == 1


@pytest.mark.parametrize(
    ("error", "word"), [(None, "ok"), (OutcomeUnknown("x", where="pve1"), "outcome-unknown")]
)
async def test_a_write_leaves_a_line_without_its_values(
    error: Exception | None, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    wire = LiveWire(Store("test"), {"lab": Cluster(error)}, gate=Holdback(), clock=lambda: NOW)
    with caplog.at_level(logging.INFO, "labtui"):
        try:
            await wire.call(CALL)
        except OutcomeUnknown:
            assert error is not None
    (line,) = [record.getMessage() for record in caplog.records if "write" in record.getMessage()]
    assert line.startswith("write lab POST /nodes/pve1/qemu/104/config (cipassword) ")
    assert line.endswith(f" {word}")
    assert "hunter2" not in caplog.text


def test_a_task_that_ran_when_the_console_was_left_is_no_job_yet() -> None:
    from labtui.actions import ACTIONS
    from labtui.live.jobs import Jobs
    from labtui.live.journal import Journal

    task = Task(
        "lab", "UPID:pve1:1:2:3:qmigrate:104:amy@pam:", "pve1", "qmigrate", "104", "amy", NOW
    )
    store, lab = Store("test"), cluster_lab(guest(104), tasks=(task,))
    store.restore(lab.parts, lab.freshness)
    assert store.snapshot.one(Tasks, "lab") == Tasks((task,))
    wire = LiveWire(store, {}, gate=Holdback(), clock=lambda: NOW)
    Jobs(store, wire, ACTIONS, Journal(None)).adopt(store.snapshot)
    assert store.snapshot.jobs == ()


async def test_a_command_is_written_in_the_log_and_its_place_comes_from_the_cluster(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, lab, cluster = Store("test"), cluster_lab(guest(104)), Cluster()
    store.restore(lab.parts, lab.freshness)
    wire = LiveWire(store, {"lab": cluster}, gate=Holdback(), clock=lambda: NOW)
    found = wire.shell("lab", "pve2")
    assert (found.where, found.way, found.against) == ("ssh://root@10.0.0.2:22", "jump", "")
    assert wire.shell("lab", "pve9").against == "no commands over SSH (pve9): nowhere. name it"
    assert "no such cluster" in wire.shell("other", "pve1").against
    call = command("lab", found, ("qm", "unlock", "104"))
    wire = LiveWire(Store("test"), {"lab": cluster}, gate=Holdback(), clock=lambda: NOW)
    with caplog.at_level(logging.INFO, "labtui"):
        await wire.call(call)
    assert cluster.sent == ["ssh://root@10.0.0.2:22"]
    assert "SSH ssh://root@10.0.0.2:22 (qm unlock 104)" in caplog.text
