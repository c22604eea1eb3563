"""A fault by its name, and how the API shows a guest."""

from __future__ import annotations

from typing import Any

from labtui.demo.faults.cluster import CLUSTER_FAULTS
from labtui.demo.faults.fault import Fault
from labtui.demo.faults.guests import GUEST_FAULTS
from labtui.demo.faults.nodes import NODE_FAULTS
from tests.demo.cluster_api import ApiStage

FAULTS: dict[str, Fault] = {
    fault.name: fault for fault in (*CLUSTER_FAULTS, *NODE_FAULTS, *GUEST_FAULTS)
}


def fault(name: str) -> Fault:
    return FAULTS[name]


async def guest_row(stage: ApiStage, name: str) -> dict[str, Any]:
    return await stage.row("/cluster/resources", "vmid", stage.guest(name).vmid)
