"""What all handlers share: the cluster behind the server, the call being answered, its answer."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.proxmox.contract import Contract
from labtui.demo.proxmox.errors import NO_QUORUM, died
from labtui.demo.proxmox.identities import Accounts, Identity
from labtui.demo.proxmox.login import Login
from labtui.demo.proxmox.rights import Rights
from labtui.demo.proxmox.workers import Workers

Json = Any


@dataclass
class Site:
    """One cluster as its servers see it.

    `auth_delay` is in real seconds (the server waits that long before a 401); `delay_scale`
    multiplies the seconds of unreachable nodes, stopped tasks and lock waits. `faults` holds the
    nodes whose API does not answer others (`refuse` or `hang`). The dice are seeded with the lab.
    """

    world: ClusterWorld
    accounts: Accounts
    contract: Contract
    rights: Rights
    login: Login
    auth_delay: float = 3.0
    delay_scale: float = 1.0
    faults: dict[str, str] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    dice: random.Random = field(default_factory=random.Random)
    caches: dict[str, Any] = field(default_factory=dict)
    _workers: dict[str, Workers] = field(default_factory=dict)

    @property
    def state(self) -> ClusterState:
        """The cluster."""
        return self.world.state

    def workers(self, node: str) -> Workers:
        """The front end's workers of a node."""
        return self._workers.setdefault(node, Workers())

    async def pause(self, seconds: float) -> None:
        """Wait as long as the real server would, scaled."""
        await asyncio.sleep(seconds * self.delay_scale)


@dataclass
class Call:
    """One request: who asks which node for what."""

    site: Site
    node: str
    who: Identity
    verb: str
    path: str
    params: dict[str, Any]

    @property
    def state(self) -> ClusterState:
        """The cluster."""
        return self.site.state

    def allowed(self, path: str, *privileges: str) -> bool:
        """Whether the caller has one of these privileges on a path."""
        return self.site.rights.has_any(self.who, path, privileges)

    def need(self, path: str, privilege: str) -> None:
        """Raise 403 unless the caller has that privilege."""
        self.site.rights.need(self.who, path, [privilege], any_of=False)

    @property
    def quorate(self) -> bool:
        """Whether the node that answers has quorum; a cut network has nodes with and without."""
        return self.state.membership.quorate_at(self.node)

    @property
    def clock(self) -> float:
        """Epoch seconds by the clock of the node that answers."""
        return self.state.now + self.state.nodes[self.node].clock_offset

    def need_quorum(self) -> None:
        """Raise 500 as every writing call does without quorum."""
        if not self.quorate:
            raise died(NO_QUORUM)

    def guest(self, kind: str) -> Guest:
        """The guest of the path on the asked node; 500 when its configuration is not there."""
        vmid = int(self.params["vmid"])
        guest = self.state.guests.get(vmid)
        if guest is None or guest.kind != kind or self._place(guest) != self.node:
            folder = "qemu-server" if kind == "qemu" else "lxc"
            raise died(
                f"Configuration file 'nodes/{self.node}/{folder}/{vmid}.conf' does not exist"
            )
        return guest

    def _place(self, guest: Guest) -> str | None:
        """Where the configuration lies: to be read in the copy of this node, to act in truth."""
        return self.state.place(guest, self.node) if self.verb == "GET" else guest.node


@dataclass
class Dump:
    """A body made once and sent many times."""

    body: bytes
    packed: bytes | None = None


@dataclass
class Answer:
    """What goes into the body; a `dump` is the whole body ready made."""

    data: Json = None
    total: int | None = None
    ordered: bool = False
    dump: Dump | None = None


Handler = Callable[[Call], Answer | Awaitable[Answer]]
Routes = dict[tuple[str, str], Handler]
