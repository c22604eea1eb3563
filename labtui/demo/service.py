"""The whole demo lab in one event loop: worlds, servers, fronts, and the clock that drives them."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from labtui.demo.accounts import (
    READ_POLICIES,
    ROUTER_OPERATOR,
    ROUTER_USER,
    WRITE_POLICIES,
    LabAccounts,
    new_accounts,
)
from labtui.demo.certificates import Authority
from labtui.demo.clock import Clock
from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.control import control_application
from labtui.demo.lab import Lab
from labtui.demo.listeners import HOST, Front, Mode
from labtui.demo.overlay.world import OverlayWorld
from labtui.demo.proxmox.server import make_site, node_application
from labtui.demo.proxmox.site import Site
from labtui.demo.routeros.server import RouterAccount, serve_router
from labtui.demo.settings import Ports, config_text, write_private
from labtui.demo.standard_lab import default_lab

STEP_SECONDS = 0.5
"""Real seconds between two steps of the worlds."""

NETBOX = "netbox"


class RunningLab:
    """A lab that runs: where it is, who may enter, and how to break it."""

    def __init__(
        self,
        lab: Lab,
        cluster: ClusterWorld,
        overlay: OverlayWorld,
        site: Site,
        accounts: LabAccounts,
    ) -> None:
        self.lab = lab
        self.cluster = cluster
        self.overlay = overlay
        self.site = site
        self.accounts = accounts
        self.control_token = secrets.token_urlsafe(18)
        self.directory = Path()
        self.ca_file = Path()
        self.config = Path()
        self.ports = Ports({}, {}, {}, 0, 0)
        self.fronts: dict[str, list[Front]] = {}
        self.driver: asyncio.Task[None] | None = None
        self._wanted: dict[str, Mode] = {}

    async def fault(self, server: str, mode: Mode) -> None:
        """Break or mend the server of that name, or all for `*`. KeyError for an unknown name."""
        names = list(self.fronts) if server == "*" else [server]
        if server != "*" and server not in self.fronts:
            raise KeyError(server)
        for name in names:
            self._wanted[name] = mode
            if name in self.cluster.state.nodes:
                self.site.faults[name] = mode.value
            await self._apply(name)

    async def power(self, node: str, *, on: bool) -> None:
        """Switch a node on or off. KeyError for an unknown name."""
        self.cluster.set_power(node, on=on)
        await self._apply(node)

    def link(self, number: int, *, up: bool) -> None:
        """Cut or mend the underlay of a tunnel. KeyError for an unknown number."""
        self.overlay.set_link(number, up)

    def summary(self) -> dict[str, Any]:
        """Nodes with their power, servers with their fault, and the world's time."""
        state = self.cluster.state
        return {
            "time": state.now,
            "nodes": {
                node.name: {"powered": node.powered, "online": node.online}
                for node in state.nodes.values()
            },
            "servers": {name: fronts[0].mode.value for name, fronts in self.fronts.items()},
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
                {"name": name, "tls_port": port, "plain_port": ports.router_plain[name]}
                for name, port in ports.router_tls.items()
            ],
            "netbox": {"url": f"http://{HOST}:{ports.netbox}"},
            "control": {"url": f"http://{HOST}:{ports.control}", "token": self.control_token},
            "accounts": self.accounts.as_json(),
        }

    async def drive(self) -> None:
        """Advance the worlds for ever; a node that boots or dies takes its listener along."""
        while True:
            self.cluster.advance()
            self.overlay.advance()
            for name in self.cluster.state.nodes:
                await self._apply(name)
            await asyncio.sleep(STEP_SECONDS)

    async def _apply(self, name: str) -> None:
        wanted = self._wanted.get(name, Mode.OK)
        node = self.cluster.state.nodes.get(name)
        if node is not None and not node.api_up:
            wanted = Mode.DEAD
        for front in self.fronts[name]:
            if front.mode is not wanted:
                await front.set_mode(wanted)


class _Opener:
    """Starts servers behind fronts; everything is closed when the stack unwinds."""

    def __init__(self, stack: AsyncExitStack, lab: RunningLab) -> None:
        self._stack = stack
        self._lab = lab

    async def front(self, name: str, backend_port: int) -> int:
        """A front for a backend, filed under the server's name."""
        front = Front(name)
        self._stack.push_async_callback(front.close)
        await front.start(backend_port)
        self._lab.fronts.setdefault(name, []).append(front)
        return front.port

    async def node(self, name: str, context: ssl.SSLContext) -> int:
        """A Proxmox node."""
        sock = _loopback()
        application = node_application(self._lab.site, name)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(application, sock=sock, ssl=context)
        self._stack.push_async_callback(application.shutdown, 0.0)
        self._stack.callback(server.close)
        return await self.front(name, sock.getsockname()[1])

    async def router(self, name: str, context: ssl.SSLContext | None) -> int:
        """A router's API, with TLS when a context is given."""
        words = self._lab.accounts.router_passwords
        accounts = {
            ROUTER_USER: RouterAccount(words[ROUTER_USER], READ_POLICIES),
            ROUTER_OPERATOR: RouterAccount(words[ROUTER_OPERATOR], WRITE_POLICIES),
        }
        server = await serve_router(self._lab.overlay, name, accounts, host=HOST, ssl=context)
        self._stack.callback(server.close)
        return await self.front(name, server.sockets[0].getsockname()[1])

    async def application(self, application: web.Application) -> int:
        """A web application on a port of its own."""
        sock = _loopback()
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, sock).start()
        port: int = sock.getsockname()[1]
        return port


def _loopback() -> socket.socket:
    # With the protocol named, asyncio sends small pieces at once (TCP_NODELAY).
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.settimeout(0)
    sock.bind((HOST, 0))
    return sock


async def _open(opener: _Opener, running: RunningLab, authority: Authority) -> None:
    # Imported here because it is the largest part and nothing else needs it.
    from labtui.demo.netbox.server import netbox_app

    lab, accounts = running.lab, running.accounts
    nodes: dict[str, int] = {}
    for node in lab.nodes:
        certificate = authority.server(node.name)
        running.site.fingerprints[node.name] = certificate.fingerprint
        nodes[node.name] = await opener.node(node.name, certificate.context)
    secure: dict[str, int] = {}
    plain: dict[str, int] = {}
    for site in lab.sites:
        certificate = authority.server(site.router)
        secure[site.router] = await opener.router(site.router, certificate.context)
        plain[site.router] = await opener.router(site.router, None)
    tokens = {accounts.netbox_read: False, accounts.netbox_write: True}
    backend = await opener.application(netbox_app(lab, running.cluster.clock, tokens))
    netbox = await opener.front(NETBOX, backend)
    control = await opener.application(control_application(running, running.control_token))
    running.ports = Ports(nodes, secure, plain, netbox, control)


@asynccontextmanager
async def start_lab(
    *,
    guests: int = 58,
    speed: float = 1.0,
    seed: int = 836,
    version: str = "9.2",
    auth_delay: float = 3.0,
    delay_scale: float | None = None,
    lab: Lab | None = None,
) -> AsyncIterator[RunningLab]:
    """Run a lab until the block ends.

    `speed` world seconds pass per real second. `auth_delay` is the real wait before a 401;
    `delay_scale` multiplies the waits for dead nodes and stopped tasks (default: 1 / speed). A
    `lab` of one's own takes the place of `guests` and `seed`.
    """
    facts = lab if lab is not None else default_lab(guests, seed)
    clock = Clock(speed)
    cluster, overlay = ClusterWorld(facts, clock, version), OverlayWorld(facts, clock)
    accounts = new_accounts()
    scale = 1.0 / speed if delay_scale is None else delay_scale
    site = make_site(cluster, accounts.proxmox, auth_delay=auth_delay, delay_scale=scale)
    running = RunningLab(facts, cluster, overlay, site, accounts)
    async with AsyncExitStack() as stack:
        directory = Path(tempfile.mkdtemp(prefix="labtui-demo-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        authority = Authority(directory)
        running.directory, running.ca_file = directory, authority.file
        await _open(_Opener(stack, running), running, authority)
        running.config = directory / "config.toml"
        text = config_text(facts, running.ports, accounts, authority.file)
        write_private(running.config, text)
        running.driver = asyncio.create_task(running.drive())
        stack.push_async_callback(_cancel, running.driver)
        yield running


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
