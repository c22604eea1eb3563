"""Several nodes of a cluster, each a server of its own, and what reads them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from labtui.config.schema import Address
from labtui.model.cluster import Membership
from labtui.model.snapshot import Snapshot
from labtui.sources.proxmox import ProxmoxSource, witnesses
from tests.sources.proxmox.server import (
    Certificate,
    Reply,
    Request,
    Server,
    serving,
    with_token,
)


@dataclass
class Node:
    """One node: whom it sees, and a fault instead of an answer."""

    name: str
    names: list[str]
    online: set[str]
    quorate: int = 1
    fault: Reply | None = None
    pause: float = 0.0
    forwards: bool = False
    server: Server | None = None
    seen: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        self.seen.append(request.path)
        time.sleep(self.pause)
        if self.fault is not None:
            return self.fault
        if request.path == "/cluster/status":
            return Reply(self.status())
        if request.path.startswith(f"/nodes/{self.name}/"):
            return Reply(self.name)
        if request.path.startswith("/nodes/") and self.forwards:
            return Reply(request.path.split("/")[2])
        if request.path.startswith("/nodes/"):
            return Reply(status=595, reason="No route to host", body=b"")
        return Reply(self.name)

    def status(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [
            {"type": "cluster", "name": "lab", "quorate": self.quorate, "nodes": len(self.names)}
        ]
        for number, name in enumerate(self.names, 1):
            rows.append(
                {
                    "type": "node",
                    "name": name,
                    "online": int(name in self.online),
                    "local": int(name == self.name),
                    "ip": f"10.9.9.{number}",
                }
            )
        return rows


@contextmanager
def cluster(certificate: Certificate, count: int) -> Iterator[list[Node]]:
    names = [f"pve{number}" for number in range(1, count + 1)]
    nodes = [Node(name, names, set(names)) for name in names]
    with ExitStack() as stack:
        for node in nodes:
            node.server = stack.enter_context(serving(node, certificate))
        yield nodes


def addresses(nodes: list[Node]) -> tuple[Address, ...]:
    return tuple(node.server.address for node in nodes if node.server)


@asynccontextmanager
async def reading(
    certificate: Certificate, *ways: Address
) -> AsyncIterator[tuple[ProxmoxSource, witnesses.Witnesses]]:
    source = ProxmoxSource(with_token(certificate.pin, *ways))
    try:
        yield source, source._witnesses
    finally:
        await source.close()


async def membership(asked: witnesses.Witnesses) -> Membership:
    part = (await asked.read(Snapshot())).part
    assert isinstance(part, Membership)
    return part
