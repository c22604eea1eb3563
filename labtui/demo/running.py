"""A lab that runs: its worlds, its servers, what is broken in it, and the clock that drives it."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labtui.demo.accounts import LabAccounts
from labtui.demo.certificates import Authority, ServerCertificate
from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.faults.fault import Value
from labtui.demo.lab import Lab
from labtui.demo.listeners import HOST, SLOW_SECONDS, Front, Mode
from labtui.demo.outbreaks import Outbreak, Outbreaks
from labtui.demo.overlay.world import OverlayWorld
from labtui.demo.proxmox.site import Site
from labtui.demo.reach import Reach
from labtui.demo.scenarios.playing import Player
from labtui.demo.settings import Ports

if TYPE_CHECKING:
    from labtui.demo.netbox.handle import NetBox
    from labtui.demo.ssh import SshLab

STEP_SECONDS = 0.5
"""Real seconds between two steps of the worlds, at most."""

SHORTEST_STEP = 0.05
STEP_WORLD_SECONDS = 5.0
"""A fast world takes shorter steps, so that one world learns soon what happened in the other."""

NETBOX = "netbox"
_BY_HAND = "by hand"


class RunningLab:
    """A lab that runs: where it is, who may enter, and how to break it.

    Without fronts it is a lab of worlds alone, as tests drive it with a still clock.
    """

    def __init__(
        self,
        lab: Lab,
        cluster: ClusterWorld,
        overlay: OverlayWorld,
        site: Site,
        accounts: LabAccounts,
        *,
        netbox: NetBox,
        ssh: SshLab,
    ) -> None:
        self.lab = lab
        self.began = cluster.clock.now()
        self.cluster = cluster
        self.overlay = overlay
        self.site = site
        self.accounts = accounts
        self.netbox = netbox
        self.ssh = ssh
        self.control_token = secrets.token_urlsafe(18)
        self.directory = Path()
        self.ca_file = Path()
        self.config = Path()
        self.ports = Ports({}, {}, {}, {}, 0, 0, {})
        self.fronts: dict[str, list[Front]] = {}
        self.authority: Authority | None = None
        self.certificates: dict[str, ServerCertificate] = {}
        self.driver: asyncio.Task[None] | None = None
        self.reach = Reach(self)
        self.outbreaks = Outbreaks(self)
        self.player = Player(self)
        self._wanted: dict[str, dict[str, tuple[Mode, float]]] = {}

    @property
    def now(self) -> float:
        """World time, seconds since the epoch."""
        return self.cluster.clock.now()

    @property
    def servers(self) -> list[str]:
        """The names of all servers that talk to a console."""
        nodes = [node.name for node in self.lab.nodes]
        return [*nodes, *(site.router for site in self.lab.sites), NETBOX]

    def treat(
        self, server: str, why: str, mode: Mode | None, seconds: float = SLOW_SECONDS
    ) -> None:
        """Have a server treat its connections so; None ends what was begun under `why`.

        Of several, the one begun last holds. It takes effect with the next `refresh`. KeyError for
        an unknown name.
        """
        if server not in self.servers and server not in self.fronts:
            raise KeyError(f"there is no server {server!r}")
        wanted = self._wanted.setdefault(server, {})
        wanted.pop(why, None)
        if mode is not None and mode is not Mode.OK:
            wanted[why] = (mode, seconds)
        if server in self.cluster.state.nodes:
            self.site.faults[server] = self.wanted(server).value

    def wanted(self, server: str) -> Mode:
        """How a server treats connections by what was asked for, whatever its power is."""
        return next(reversed(self._wanted.get(server, {}).values()), (Mode.OK, 0.0))[0]

    async def fault(self, server: str, mode: Mode) -> None:
        """Break or mend the server of that name, or all for `*`. KeyError for an unknown name."""
        for name in self.servers if server == "*" else [server]:
            self.treat(name, _BY_HAND, mode)
        await self.refresh()

    async def break_(self, fault: str, target: str = "", **options: Value) -> Outbreak:
        """Break something. KeyError for unknown names, ValueError for wrong options, in words."""
        return await self.outbreaks.begin(fault, target, options)

    async def mend(self, fault: str, target: str = "") -> list[Outbreak]:
        """End a fault at a target, or wherever it is when none is given; what has ended."""
        return await self.outbreaks.end(fault, target)

    async def mend_all(self) -> list[Outbreak]:
        """End everything that is broken; what has ended."""
        return await self.outbreaks.end_all()

    async def power(self, node: str, *, on: bool) -> None:
        """Switch a node on or off. KeyError for an unknown name."""
        self.cluster.set_power(node, on=on)
        await self.refresh()

    def link(self, number: int, *, up: bool) -> None:
        """Cut or mend the underlay of a tunnel. KeyError for an unknown number."""
        self.overlay.set_link(number, up)

    def advance(self) -> None:
        """Let the time of all worlds pass."""
        self.overlay.advance()
        self.reach.tell_cluster()
        self.cluster.advance()
        self.ssh.step()

    async def drive(self) -> None:
        """Advance the worlds for ever; a node that boots or dies takes its listener along."""
        clock = self.cluster.clock
        step = min(STEP_SECONDS, max(SHORTEST_STEP, STEP_WORLD_SECONDS / clock.speed))
        while True:
            await self.player.play()
            self.advance()
            await self.refresh()
            due = self.player.due
            wait = step if due is None else (due - clock.now()) / clock.speed
            await asyncio.sleep(min(step, max(0.0, wait)))

    async def refresh(self) -> None:
        """Bring the fronts in line with what is powered, reached and wanted."""
        for name, fronts in list(self.fronts.items()):
            for front in fronts:
                await self._apply(name, front)

    async def _apply(self, name: str, front: Front) -> None:
        wanted = next(reversed(self._wanted.get(name, {}).values()), (Mode.OK, SLOW_SECONDS))
        mode = self.reach.without(name, front.way) or wanted[0]
        front.slow_seconds = wanted[1]
        if front.mode is not mode:
            await front.set_mode(mode)

    def summary(self) -> dict[str, Any]:
        """Nodes with their power, servers with their fault, what is broken, the world's time."""
        state = self.cluster.state
        return {
            "time": state.now,
            "nodes": {
                node.name: {"powered": node.powered, "online": node.online}
                for node in state.nodes.values()
            },
            "servers": {name: fronts[0].mode.value for name, fronts in self.fronts.items()},
            "faults": [outbreak.as_json() for outbreak in self.outbreaks.on],
            "scenario": self.player.as_json(),
        }

    def ready_line(self) -> dict[str, Any]:
        """What the process prints when everything answers; it holds secrets."""
        ports = self.ports
        return {
            "ready": True,
            "directory": str(self.directory),
            "config": str(self.config),
            "ca_file": str(self.ca_file),
            "proxmox": [
                {"node": name, "url": f"https://{HOST}:{port}"}
                for name, port in ports.proxmox.items()
            ],
            "routers": [
                {
                    "name": name,
                    "tls_port": port,
                    "outside_port": ports.router_outside[name],
                    "plain_port": ports.router_plain[name],
                }
                for name, port in ports.router_tls.items()
            ],
            "netbox": {"url": f"http://{HOST}:{ports.netbox}"},
            "ssh": dict(ports.ssh),
            "control": self.control(),
            "accounts": self.accounts.as_json(),
        }

    def control(self) -> dict[str, str]:
        """Where the lab is steered, with the token."""
        return {"url": f"http://{HOST}:{self.ports.control}", "token": self.control_token}
