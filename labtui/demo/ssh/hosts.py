"""Who answers SSH in the lab, under which names, with which key, and how each is broken.

Names of the lab are resolved here and never by the network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.state import ClusterState
from labtui.demo.proxmox.site import Site
from labtui.demo.ssh.keys import KeyRing

JUMP = "jump"
"""The host through which everything else is reached; a guest of that name if there is one."""

ADMIN = "admin"
"""Who a person is on a router."""

DOMAIN = "lab.example"
CLIENT = "labtui@console"
"""The name of the key pair that is let in everywhere."""

HostKind = Literal["node", "guest", "jump", "router"]
Closer = Callable[[], None]


@dataclass(eq=False)
class Host:
    """One host. `vmid` is that of its guest; faults change the lower half while it serves."""

    name: str
    kind: HostKind
    vmid: int | None = None
    key_generation: int = 0
    refuses_key: bool = False
    hangs: str = ""
    """`login`: the authentication never ends; `command`: nothing that is run ever answers."""

    nvidia: str = ""
    """How `nvidia-smi` fails, a key of `nvidia.FAILURES`; empty: it works."""

    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    graphics: asyncio.Event = field(default_factory=asyncio.Event)
    closers: set[Closer] = field(default_factory=set)
    """What cuts each open connection."""

    def __post_init__(self) -> None:
        self.flowing.set()
        self.graphics.set()

    @property
    def key_name(self) -> str:
        """Under which its key lies on the ring."""
        return f"host {self.name} {self.key_generation}"

    def hang(self, where: str) -> None:
        """Hang from now on at `login` or `command`; empty: go on."""
        self.hangs = where
        if where:
            self.flowing.clear()
        else:
            self.flowing.set()

    def fail_nvidia(self, kind: str) -> None:
        """Let `nvidia-smi` fail in a way of `nvidia.FAILURES`; empty: it works."""
        self.nvidia = kind
        if kind == "hang":
            self.graphics.clear()
        else:
            self.graphics.set()


async def opened(gate: asyncio.Event, ended: Coroutine[Any, Any, object]) -> bool:
    """Wait until a gate is open; false when the client ended first, which `ended` tells."""
    waiting = {asyncio.ensure_future(gate.wait()), asyncio.ensure_future(ended)}
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in waiting:
            each.cancel()
    return gate.is_set()


@dataclass(frozen=True)
class ClientFiles:
    """What a client needs: its private key and the keys of the hosts."""

    identity: Path
    known_hosts: Path


class SshLab:
    """All hosts of the lab. `ports` are those under which the world outside reaches them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.keys = KeyRing()
        self.ports: dict[str, int] = {}
        self.inner: dict[str, asyncio.Future[int]] = {}
        """Ports of hosts that are only reached through another one, by name."""

        self.on_close: list[Closer] = []
        self.reached: Callable[[str], bool] = _always
        """Whether packets from the jump host come to a node, given by name."""

        self.rekey: dict[str, Closer] = {}
        """What gives the listener of a host its present key."""

        self._hosts: dict[str, Host] = {}
        self._addresses = {guest.vmid: guest.address for guest in site.state.lab.guests}
        # In its own network a router has the first address.
        self._routers = {s.router: str(ip_network(s.subnet)[1]) for s in site.state.lab.sites}
        for name in self._routers:
            self._hosts[name] = Host(name, "router")
        for name in site.state.nodes:
            self._hosts[name] = Host(name, "node")
        jump = next((g for g in site.state.guests.values() if g.name == JUMP), None)
        self._hosts[JUMP] = Host(JUMP, "jump", jump.vmid if jump else None)

    @property
    def state(self) -> ClusterState:
        """The cluster."""
        return self.site.state

    @property
    def names(self) -> list[str]:
        """Nodes, the jump host, and guests with a GPU."""
        return [host.name for host in self._served()]

    def host(self, name: str) -> Host:
        """The host of a name, VMID or address. KeyError with a sentence if there is none."""
        found = self.resolve(name)
        if found is None:
            raise KeyError(f"there is no host {name} in the lab")
        return found

    def resolve(self, name: str) -> Host | None:
        """The host that a name or address of the lab stands for; None if it is none of ours."""
        plain = name.rstrip(".").lower().removesuffix(f".{DOMAIN}")
        if plain in self._hosts:
            return self._hosts[plain]
        for name, address in self._routers.items():
            if plain == address:
                return self._hosts[name]
        for node in self.state.nodes.values():
            if plain in (node.name.lower(), node.lab.address):
                return self._hosts[node.name]
        for guest in self.state.guests.values():
            if plain in (guest.name.lower(), str(guest.vmid), self._addresses.get(guest.vmid)):
                return self._of_guest(guest)
        return None

    def _of_guest(self, guest: Guest) -> Host:
        if guest.vmid == self._hosts[JUMP].vmid:
            return self._hosts[JUMP]
        found = self._hosts.get(guest.name)
        if found is None:
            found = self._hosts[guest.name] = Host(guest.name, "guest", guest.vmid)
        return found

    def _served(self) -> list[Host]:
        nodes = [self._hosts[name] for name in (*self.state.nodes, JUMP)]
        guests = [self._of_guest(guest) for guest in self._gpu_guests()]
        return list(dict.fromkeys(nodes + guests))

    def guest(self, host: Host) -> Guest | None:
        """The guest that a host is."""
        return None if host.vmid is None else self.state.guests.get(host.vmid)

    def node(self, host: Host) -> ClusterNode:
        """The node that a host is or stands on."""
        guest = self.guest(host)
        if guest is not None:
            return self.state.nodes[guest.node]
        return self.state.nodes.get(host.name) or next(iter(self.state.nodes.values()))

    def alive(self, host: Host) -> bool:
        """Whether its SSH server runs."""
        if host.kind == "jump" and host.vmid is None:
            return True
        if host.kind == "router":
            return self.reached(host.name)
        node = self.node(host)
        if not node.powered or node.starting_up:
            return False
        guest = self.guest(host)
        return host.kind == "node" or (guest is not None and guest.running)

    def address(self, host: Host) -> str:
        """Its address in the lab, empty if it has none."""
        if host.kind == "node":
            return self.state.nodes[host.name].lab.address
        if host.kind == "router":
            return self._routers[host.name]
        return self._addresses.get(host.vmid or 0, "")

    def stands_on(self, host: Host) -> str:
        """The node or router that packets to a host have to come to."""
        return host.name if host.kind == "router" else self.node(host).name

    def users(self, host: Host) -> tuple[str, ...]:
        """Who may log in with the lab's key."""
        if host.kind == "node":
            return ("root",)
        if host.kind == "router":
            return (ADMIN,)
        guest = self.guest(host)
        owner = (guest.pool,) if guest is not None and guest.pool else ()
        return ("root", "labtui", *owner)

    def publish(self, name: str, port: int) -> None:
        """Note the port under which a host is reached from outside, behind its front."""
        self.ports[self.host(name).name] = port

    def change_key(self, host: Host, generation: int) -> None:
        """Give a host the key of a generation; connections that are open go on."""
        if host.key_generation != generation:
            host.key_generation = generation
            self.rekey.get(host.name, _nothing)()

    def step(self) -> None:
        """Cut the connections of hosts that died; to be called as the world advances."""
        for host in self._hosts.values():
            if host.closers and not self.alive(host):
                for close in tuple(host.closers):
                    close()

    def close(self) -> None:
        """Stop the hosts that are only reached through another one."""
        while self.on_close:
            self.on_close.pop()()
        self.inner.clear()

    def write_files(self, directory: Path) -> ClientFiles:
        """Write the client's key and the hosts' keys as they are now into a private directory."""
        files = ClientFiles(directory / "id_ed25519", directory / "known_hosts")
        files.identity.touch(mode=0o600)
        files.identity.write_bytes(self.keys.private(CLIENT))
        public = f"{self.keys.public(CLIENT)} {CLIENT}\n"
        files.identity.with_suffix(".pub").write_text(public, "utf-8")
        files.known_hosts.write_text(self.known_hosts(), "utf-8")
        return files

    def known_hosts(self) -> str:
        """Lines of a known_hosts file: by name, address and, where published, by port."""
        lines = []
        every = (self._of_guest(g) for g in self.state.guests.values() if not g.template)
        routers = (self._hosts[name] for name in self._routers)
        for host in dict.fromkeys((*self._served(), *every, *routers)):
            name = host.name
            names = [name, f"{name}.{DOMAIN}", self.address(host)]
            if name in self.ports:
                names.append(f"[127.0.0.1]:{self.ports[name]}")
            shown = ",".join(each for each in names if each)
            lines.append(f"{shown} {self.keys.public(host.key_name)}\n")
        return "".join(lines)

    def _gpu_guests(self) -> list[Guest]:
        return [
            guest
            for guest in self.state.guests.values()
            if not guest.template and any(key.startswith("hostpci") for key in guest.config)
        ]


def _always(_node: str) -> bool:
    return True


def _nothing() -> None:
    """No listener yet: it will begin with the present key."""
