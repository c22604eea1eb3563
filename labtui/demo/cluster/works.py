"""All that can be done to guests beyond their power buttons, in one place."""

from __future__ import annotations

from labtui.demo.cluster.bulk import Bulk
from labtui.demo.cluster.datacenter import Datacenter
from labtui.demo.cluster.disks import Disks
from labtui.demo.cluster.guest_agent import Agents
from labtui.demo.cluster.lifecycle import Lifecycle
from labtui.demo.cluster.operations import Operations
from labtui.demo.cluster.restore import Restores
from labtui.demo.cluster.snapshots import Snapshots
from labtui.demo.cluster.state import ClusterState


class Works:
    """The parts that need the state of the cluster and its power buttons."""

    def __init__(self, state: ClusterState, operations: Operations) -> None:
        self.snapshots = Snapshots(state, operations)
        self.disks = Disks(state, operations)
        self.lifecycle = Lifecycle(state, operations)
        self.restores = Restores(state, self.lifecycle)
        self.agents = Agents(state)
        self.bulk = Bulk(state)
        self.datacenter = Datacenter(state)
