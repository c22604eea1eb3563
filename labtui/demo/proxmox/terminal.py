"""Terminals: POST termproxy, and the websocket that carries its protocol.

A client first sends `user:ticket` and a newline and is answered `OK`; then `0:LENGTH:data` is what
is typed, `1:COLUMNS:ROWS:` a new size and `2` a sign of life. What the screen shows comes back as
plain bytes. Nobody who does not come within ten seconds finds the port open any more.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from aiohttp import WSMsgType, web

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import Task, TaskError
from labtui.demo.proxmox.errors import ApiError, died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes, Site
from labtui.demo.proxmox.terminal_shell import Shell

FIRST_PORT, LAST_PORT = 5_900, 5_999
_SIZE = re.compile(rb"1:([0-9]{1,4}):([0-9]{1,4}):")
_LOOK_SECONDS = 0.2
PATIENCE = 10.0
"""World seconds a port waits for its client."""


@dataclass(eq=False)
class Terminal:
    """One opened port: who may use it, what is behind it, and its task."""

    port: int
    ticket: str
    user: str
    place: str
    node: str
    guest: Guest | None
    task: Task
    fault: str = ""
    taken: bool = False
    ended: bool = False


@dataclass
class Terminals:
    """The open ports of all nodes."""

    by_port: dict[tuple[str, int], Terminal] = field(default_factory=dict)

    def free_port(self, node: str) -> int:
        """The lowest port that nobody uses. Raises `ApiError` 500 when there is none."""
        for port in range(FIRST_PORT, LAST_PORT + 1):
            if (node, port) not in self.by_port:
                return port
        raise died("unable to find free port (5900-6000)")


_OPEN: WeakKeyDictionary[ClusterState, Terminals] = WeakKeyDictionary()
"""By the cluster they belong to, so that they go with it."""


def _terminals(site: Site) -> Terminals:
    return _OPEN.setdefault(site.state, Terminals())


def _fault(guest: Guest | None) -> str:
    """What the program behind the port says when there is nothing to show."""
    if guest is None or (guest.kind == "lxc" and guest.running):
        return ""
    if not guest.running:
        return f"{guest.noun} {guest.vmid} not running"
    if not any(key.startswith("serial") for key in guest.config):
        return "unable to find a serial interface"
    return ""


def opened(kind: str) -> Handler:
    """POST termproxy of a machine, a container or (`node`) a node."""

    def proxy(call: Call) -> Answer:
        guest = _guest_of(call, kind) if kind != "node" else None
        target = str(guest.vmid) if guest is not None else ""
        place = f"/vms/{target}" if guest is not None else f"/nodes/{call.params['node']}"
        node = guest.node if guest is not None else str(call.params["node"])
        fault = _hop(call, node) or _fault(guest)
        terminals = _terminals(call.site)
        port = terminals.free_port(call.node)
        type_ = "vncproxy" if guest is not None else "vncshell"
        task = call.state.tasks.create(call.node, type_, target, call.who.owner)
        mark = f"{call.site.dice.getrandbits(160):040x}"
        ticket = f"PVEVNC:{int(call.clock):08X}::{mark}"
        terminal = Terminal(port, ticket, call.who.owner, place, node, guest, task, fault)
        terminals.by_port[call.node, port] = terminal
        task.log.append(f"starting termproxy {task.upid}")
        call.state.tasks.start(task, _waiting(terminals, call.node, terminal))
        return Answer({"port": port, "ticket": ticket, "upid": task.upid, "user": call.who.owner})

    return proxy


def _guest_of(call: Call, kind: str) -> Guest:
    """The guest whose configuration lies under the node of the path, whoever is asked."""
    there = replace(call, node=str(call.params["node"]))
    return there.guest(kind)


def _hop(call: Call, node: str) -> str:
    """What `ssh` says on the way from the asked node to that of the path; empty when it gets there.

    The calls are not forwarded: the node that is asked runs the terminal on the other by SSH.
    """
    other = call.state.nodes.get(node)
    if other is None:
        raise died(f"no such cluster node '{node}'")
    if node == call.node or (other.powered and not other.starting_up):
        return ""
    return f"ssh: connect to host {other.lab.address} port 22: No route to host"


def _waiting(terminals: Terminals, node: str, terminal: Terminal) -> Process:
    """The task of a port: it ends with its client, or when none comes."""
    try:
        yield PATIENCE
        if not terminal.taken:
            right = "VM.Console" if terminal.guest is not None else "Sys.Console"
            raise TaskError(
                f"command '/usr/bin/termproxy {terminal.port} --path {terminal.place} --perm"
                f" {right}' failed: exit code 1"
            )
        while not terminal.ended:
            yield 1.0
        if terminal.fault:
            raise TaskError("command 'qm terminal' failed: exit code 255")
    finally:
        terminals.by_port.pop((node, terminal.port), None)


def _wanted(site: Site, node: str, given: dict[str, str]) -> Terminal:
    port = given.get("port", "")
    terminal = _terminals(site).by_port.get((node, int(port))) if port.isdigit() else None
    if terminal is None:
        raise ApiError(596, "Connection refused", empty=True)
    if unquote(given.get("vncticket", "")) != terminal.ticket:
        raise ApiError(401, "permission denied - invalid PVEVNC ticket", empty=True)
    return terminal


def websocket_page(call: Call) -> Answer:
    """GET vncwebsocket without an upgrade: the port as a text."""
    terminal = _wanted(call.site, call.node, {k: str(v) for k, v in call.params.items()})
    return Answer({"port": str(terminal.port)})


def is_upgrade(request: web.BaseRequest, template: str) -> bool:
    """Whether a request wants the websocket of a terminal."""
    asked = request.headers.get("Upgrade", "").lower() == "websocket"
    return asked and template.endswith("/vncwebsocket")


async def serve(
    request: web.BaseRequest, site: Site, node: str, given: dict[str, str]
) -> web.StreamResponse:
    """The websocket until one side ends it."""
    terminal = _wanted(site, node, given)
    if terminal.taken:
        raise ApiError(596, "Connection refused", empty=True)
    terminal.taken = True
    socket = web.WebSocketResponse(protocols=("binary",))
    await socket.prepare(request)
    try:
        await _talk(socket, site, terminal)
    finally:
        terminal.ended = True
        await socket.close()
    return socket


async def _talk(socket: web.WebSocketResponse, site: Site, terminal: Terminal) -> None:
    hello = await _first_line(socket)
    if hello != f"{terminal.user}:{terminal.ticket}":
        return
    await socket.send_bytes(b"OK")
    if terminal.fault:
        await socket.send_bytes(f"{terminal.fault}\r\n".encode())
        return
    shell = Shell(site.state, terminal.node, terminal.guest, terminal.user)
    await socket.send_bytes(shell.greeting().encode())
    watch = asyncio.create_task(_until_over(socket, site, terminal))
    try:
        await _typed(socket, site, shell)
    finally:
        watch.cancel()


async def _until_over(socket: web.WebSocketResponse, site: Site, terminal: Terminal) -> None:
    """End the terminal with the guest that it is of, or with its node."""
    node, guest = site.state.nodes[terminal.node], terminal.guest
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        there = guest is None or (guest.running and guest.node == terminal.node)
        if not (node.powered and there):
            await socket.close()
            return


async def _typed(socket: web.WebSocketResponse, site: Site, shell: Shell) -> None:
    rest = b""
    async for message in socket:
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            break
        data = message.data
        rest += data.encode() if isinstance(data, str) else bytes(data)
        frames, rest = split_frames(rest, shell.resize)
        for typed in frames:
            site.world.advance()
            answer = shell.type(typed.decode(errors="replace"))
            if answer:
                await socket.send_bytes(answer.encode())
            if shell.ended:
                return


async def _first_line(socket: web.WebSocketResponse) -> str:
    """The line with user and ticket; empty when it does not come."""
    text = b""
    while b"\n" not in text and len(text) < 4_096:
        message = await asyncio.wait_for(socket.receive(), PATIENCE)
        if message.type not in (WSMsgType.BINARY, WSMsgType.TEXT):
            return ""
        data = message.data
        text += data.encode() if isinstance(data, str) else bytes(data)
    return text.partition(b"\n")[0].decode(errors="replace")


def split_frames(
    data: bytes, resize: Callable[[int, int], None] | None = None
) -> tuple[list[bytes], bytes]:
    """What was typed, and the bytes of a frame that is not complete.

    Sizes and signs of life are taken out; a byte that begins no frame ends the reading. `resize` is
    called with columns and rows.
    """
    found: list[bytes] = []
    rest = data
    for _ in range(len(data) + 1):
        frame = next(_frames(rest), None)
        if frame is None:
            return found, rest
        size = _SIZE.match(rest)
        typed, rest = frame
        if size is not None and resize is not None:
            resize(int(size[1]), int(size[2]))
        if typed is not None:
            found.append(typed)
    return found, rest


def _frames(data: bytes) -> Iterator[tuple[bytes | None, bytes]]:
    if data[:1] == b"2":
        yield None, data[1:]
    elif data[:2] == b"1:" and data.count(b":") >= 3:
        _, _, rest = data[2:].split(b":", 2)
        yield None, rest
    elif data[:2] == b"0:" and data.count(b":") >= 2:
        size, rest = data[2:].split(b":", 1)
        if size.isdigit() and len(rest) >= int(size):
            yield rest[: int(size)], rest[int(size) :]
    elif data[:1] not in (b"", b"0", b"1"):
        yield None, b""


ROUTES: Routes = {
    ("POST", "/nodes/{node}/qemu/{vmid}/termproxy"): opened("qemu"),
    ("POST", "/nodes/{node}/lxc/{vmid}/termproxy"): opened("lxc"),
    ("POST", "/nodes/{node}/termproxy"): opened("node"),
    ("GET", "/nodes/{node}/qemu/{vmid}/vncwebsocket"): websocket_page,
    ("GET", "/nodes/{node}/lxc/{vmid}/vncwebsocket"): websocket_page,
    ("GET", "/nodes/{node}/vncwebsocket"): websocket_page,
}
