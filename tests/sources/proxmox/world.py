"""A recorded cluster behind a server, and a source that reads it as live would."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from labtui.model.feed import Feed
from labtui.model.snapshot import Part, Snapshot
from labtui.sources.proxmox import ProxmoxSource
from labtui.sources.source import Reading
from tests.sources.proxmox.recordings import load
from tests.sources.proxmox.server import (
    Certificate,
    Reply,
    Request,
    Server,
    serving,
    with_token,
)

UPID = "UPID:pve1:00000474:000919B8:6B00EDBB:qmigrate:104:console@pve!t1:"
TOPICS = ("resources", "membership", "tasks", "ha", "rights", "hardware", "configs")


def data(name: str) -> Any:
    return load(f"9.2/{name}.json")["body"]["data"]


class Cluster:
    """The recorded cluster of pve3 and pve4.

    `answers` replaces single paths; what stands in `held` waits for its event before it answers.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Reply] = {}
        self.held: dict[str, threading.Event] = {}
        self.config = data("qemu-config.100")

    def __call__(self, request: Request) -> Reply:
        path = request.path
        if path in self.held:
            self.held[path].wait(10)
        if path in self.answers:
            return self.answers[path]
        known = {
            "/cluster/resources": "cluster-resources",
            "/cluster/status": "cluster-status",
            "/cluster/tasks": "cluster-tasks",
            "/cluster/ha/status/current": "ha-status-current",
            "/version": "version",
            "/access/permissions": "access-permissions.auditor-a1",
            "/cluster/mapping/pci": "cluster-mapping-pci",
            "/nodes/pve3/hardware/pci": "node-hardware-pci.pve3",
            "/nodes/pve4/hardware/pci": "node-hardware-pci.pve4",
        }
        if path in known:
            return Reply(data(known[path]))
        if path.endswith("/config"):
            return Reply(self.config)
        return Reply(status=501, reason=f"Method 'GET {path}' not implemented")


class Lab:
    """A source, its server, and a snapshot that grows as live would grow it."""

    def __init__(self, source: ProxmoxSource, server: Server, cluster: Cluster) -> None:
        self.source = source
        self.server = server
        self.cluster = cluster
        self.parts: dict[Feed, Part] = {}
        self.now = 1000.0

    async def read(self, topic: str) -> Reading:
        spec = next(spec for spec in self.source.feeds() if spec.feed.topic == topic)
        reading = await spec.read(Snapshot(parts=dict(self.parts)))
        self.parts[spec.feed] = reading.part
        return reading

    async def asked(self, topic: str) -> list[str]:
        """The paths that one reading asks for."""
        before = len(self.server.requests)
        await self.read(topic)
        return self.server.paths()[before:]


@asynccontextmanager
async def lab(certificate: Certificate) -> AsyncIterator[Lab]:
    cluster = Cluster()
    with serving(cluster, certificate) as server:
        config = with_token(certificate.pin, server.address)
        holder: list[Lab] = []
        source = ProxmoxSource(config, clock=lambda: holder[0].now)
        holder.append(Lab(source, server, cluster))
        try:
            yield holder[0]
        finally:
            await source.close()


def many(count: int) -> list[dict[str, Any]]:
    node = {"type": "node", "node": "pve3", "status": "online", "id": "node/pve3"}
    guests = [
        {"type": "qemu", "vmid": 100 + n, "node": "pve3", "status": "running", "name": f"g{n}"}
        for n in range(count)
    ]
    return [node, *guests]
