"""Two jobs never work on one guest at a time, whichever of them takes several."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from labtui.actions.action import Call, Outcome, Plan
from labtui.actions.power.action import SHUTDOWN
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.model.errors import Rejected
from tests.actions.test_power import rights, with_parts
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, guest


def plan(*vmids: int) -> Plan:
    subject = ",".join(f"lab/{vmid}" for vmid in vmids)
    calls = tuple(Call("lab", "POST", f"/nodes/pve1/qemu/{vmid}/x") for vmid in vmids)
    return Plan("guest.shutdown", subject, f"Shut down {subject}", NOW, calls=calls)


async def test_one_guest_one_job() -> None:
    lab = with_parts(cluster_lab(guest(104), guest(105), guest(106)), rights())
    wire, go = DictWire(lab), asyncio.Event()

    async def run(plan: Plan, wire: Any, report: Any) -> Outcome:
        await go.wait()
        return Outcome("done", "it is off")

    action = msgspec.structs.replace(SHUTDOWN, run=run)
    jobs = Jobs(Store("test"), wire, (action,), Journal(None))
    first = jobs.start(action, plan(104, 105))
    for again in (plan(105), plan(104, 106), plan(104, 105)):
        with pytest.raises(Rejected, match="works on it already"):
            jobs.start(action, again)
    other = jobs.start(action, plan(106))
    go.set()
    assert [(await jobs.wait(job)).state for job in (first, other)] == ["done", "done"]
    assert (await jobs.wait(jobs.start(action, plan(105, 106)))).state == "done"
