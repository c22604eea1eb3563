"""Starting a demo lab: worlds, servers behind their fronts, files, and the end of all of them."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from labtui.demo.accounts import new_accounts
from labtui.demo.certificates import Authority, ServerCertificate
from labtui.demo.clock import Clock
from labtui.demo.cluster.world import ClusterWorld
from labtui.demo.control import control_application
from labtui.demo.lab import Lab
from labtui.demo.listeners import HOST, Front
from labtui.demo.overlay.world import OverlayWorld
from labtui.demo.proxmox.server import make_site, node_application
from labtui.demo.reach import INSIDE, OUTSIDE
from labtui.demo.routeros.server import serve_router
from labtui.demo.running import NETBOX, RunningLab
from labtui.demo.scenarios.scenario import Scenario
from labtui.demo.settings import Ports, config_text, write_private
from labtui.demo.ssh import JUMP, SshLab, serve_ssh
from labtui.demo.standard_lab import default_lab

__all__ = ["RunningLab", "make_lab", "start_lab"]

MOST_SSH_FRONTS = 16
"""Nodes of larger labs are reached through the jump host alone."""


def make_lab(
    facts: Lab,
    clock: Clock,
    *,
    version: str = "9.2",
    auth_delay: float = 3.0,
    delay_scale: float = 1.0,
) -> tuple[RunningLab, web.Application]:
    """The worlds of a lab without any server, and the application that NetBox is."""
    # Imported here because it is the largest part and nothing else needs it.
    from labtui.demo.netbox import server as netbox

    cluster, overlay = ClusterWorld(facts, clock, version), OverlayWorld(facts, clock)
    accounts = new_accounts()
    site = make_site(cluster, accounts.proxmox, auth_delay=auth_delay, delay_scale=delay_scale)
    tokens = {accounts.netbox_read: False, accounts.netbox_write: True}
    application = netbox.netbox_app(facts, clock, tokens)
    handle = application[netbox.NETBOX]
    running = RunningLab(facts, cluster, overlay, site, accounts, netbox=handle, ssh=SshLab(site))
    return running, application


class _Opener:
    """Starts servers behind fronts; everything is closed when the stack unwinds."""

    def __init__(self, stack: AsyncExitStack, lab: RunningLab) -> None:
        self._stack = stack
        self._lab = lab

    async def front(
        self,
        name: str,
        backend_port: int,
        context: ssl.SSLContext | None = None,
        way: str = INSIDE,
    ) -> int:
        """A front for a backend, filed under the server's name."""
        front = Front(name, context, way)
        self._stack.push_async_callback(front.close)
        await front.start(backend_port)
        self._lab.fronts.setdefault(name, []).append(front)
        return front.port

    async def node(self, certificate: ServerCertificate) -> int:
        """A Proxmox node."""
        name, context = certificate.name, certificate.context
        sock = _loopback()
        application = node_application(self._lab.site, name)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(application, sock=sock, ssl=context)
        self._stack.push_async_callback(application.shutdown, 0.0)
        self._stack.callback(server.close)
        return await self.front(name, sock.getsockname()[1], context)

    async def router(self, certificate: ServerCertificate) -> tuple[int, int, int]:
        """A router's API: with TLS through the overlay and round it, and in the clear."""
        name, context = certificate.name, certificate.context
        secure = await self._router_api(name, context)
        return (
            await self.front(name, secure, context),
            await self.front(name, secure, context, OUTSIDE),
            await self.front(name, await self._router_api(name, None)),
        )

    async def _router_api(self, name: str, context: ssl.SSLContext | None) -> int:
        users = self._lab.accounts.at_router(name)
        server = await serve_router(self._lab.overlay, name, users, host=HOST, ssl=context)
        self._stack.callback(server.close)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def ssh(self, name: str) -> int:
        """The SSH server of a host."""
        server = await serve_ssh(self._lab, name, HOST)
        self._stack.push_async_callback(server.wait_closed)
        self._stack.callback(server.close)
        port = await self.front(f"ssh:{name}", server.port)
        self._lab.ssh.publish(name, port)
        return port

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


async def _open(
    opener: _Opener, running: RunningLab, authority: Authority, netbox_app: web.Application
) -> None:
    lab = running.lab
    for name in (*(node.name for node in lab.nodes), *(site.router for site in lab.sites)):
        running.certificates[name] = authority.server(name)
    nodes: dict[str, int] = {}
    for node in lab.nodes:
        certificate = running.certificates[node.name]
        running.site.fingerprints[node.name] = certificate.fingerprint
        nodes[node.name] = await opener.node(certificate)
    secure: dict[str, int] = {}
    outside: dict[str, int] = {}
    plain: dict[str, int] = {}
    for site in lab.sites:
        ports = await opener.router(running.certificates[site.router])
        secure[site.router], outside[site.router], plain[site.router] = ports
    netbox = await opener.front(NETBOX, await opener.application(netbox_app))
    control = await opener.application(control_application(running, running.control_token))
    hosts = [JUMP, *nodes] if len(nodes) <= MOST_SSH_FRONTS else [JUMP]
    shells = {name: await opener.ssh(name) for name in hosts}
    running.ports = Ports(nodes, secure, outside, plain, netbox, control, shells)


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
    scenario: Scenario | None = None,
) -> AsyncIterator[RunningLab]:
    """Run a lab until the block ends.

    `speed` world seconds pass per real second. `auth_delay` is the real wait before a 401;
    `delay_scale` multiplies the waits for dead nodes and stopped tasks (default: 1 / speed). A
    `lab` of one's own takes the place of `guests` and `seed`. A `scenario` begins at once.
    """
    facts = lab if lab is not None else default_lab(guests, seed)
    scale = 1.0 / speed if delay_scale is None else delay_scale
    running, netbox_app = make_lab(
        facts, Clock(speed), version=version, auth_delay=auth_delay, delay_scale=scale
    )
    async with AsyncExitStack() as stack:
        directory = Path(tempfile.mkdtemp(prefix="labtui-demo-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        authority = Authority(directory)
        running.directory, running.ca_file = directory, authority.file
        running.authority = authority
        stack.callback(running.ssh.close)
        await _open(_Opener(stack, running), running, authority, netbox_app)
        running.ssh.write_files(directory)
        running.ssh.reached = lambda node: running.reach.without(f"ssh:{node}", INSIDE) is None
        running.config = directory / "config.toml"
        text = config_text(facts, running.ports, running.accounts, authority.file)
        write_private(running.config, text)
        write_private(directory / "control.json", json.dumps(running.control()) + "\n")
        if scenario is not None:
            running.player.begin(scenario)
        running.driver = asyncio.create_task(running.drive())
        stack.push_async_callback(_cancel, running.driver)
        yield running


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
