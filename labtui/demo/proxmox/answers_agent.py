"""Answers of the agent inside machines, and the addresses of containers."""

from __future__ import annotations

from typing import Any

from labtui.demo.cluster.guest_agent import AgentError, address_of
from labtui.demo.proxmox.errors import died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

PATIENCE = 3.0
"""Seconds that a worker waits for an agent that does not answer."""

_READ = (
    "get-fsinfo",
    "get-host-name",
    "get-memory-blocks",
    "get-osinfo",
    "get-time",
    "get-timezone",
    "get-users",
    "get-vcpus",
    "info",
    "network-get-interfaces",
)
_DONE = ("ping", "fstrim", "shutdown")


def index(call: Call) -> Answer:
    """GET .../agent: the commands."""
    call.guest("qemu")
    return Answer([{"name": name} for name in (*_READ, *_DONE, "exec", "exec-status")])


def command(name: str) -> Handler:
    """A command without parameters; its answer stands under `result`."""

    async def ask(call: Call) -> Answer:
        return await _ask(call, name)

    return ask


async def _ask(call: Call, name: str) -> Answer:
    guest = call.guest("qemu")
    try:
        result = call.site.world.works.agents.ask(guest, name)
    except AgentError as error:
        if guest.vmid in call.state.silent_agents and guest.running:
            await call.site.pause(PATIENCE)
        raise died(str(error)) from None
    if name == "shutdown":
        call.site.world.operations.shutdown(guest, call.who.owner, 60.0, force=False)
    return Answer({"result": result})


async def general(call: Call) -> Answer:
    """POST .../agent: the command is a parameter."""
    name = str(call.params["command"])
    if name not in (*_READ, *_DONE):
        raise died(f"Agent error: The command guest-{name} has been disabled for this instance")
    return await _ask(call, name)


def execute(call: Call) -> Answer:
    """POST .../agent/exec: begins a program; the answer is its process id."""
    guest = call.guest("qemu")
    given: Any = call.params["command"]
    words = [str(word) for word in given] if isinstance(given, list) else [str(given)]
    try:
        return Answer({"pid": call.site.world.works.agents.execute(guest, words)})
    except AgentError as error:
        raise died(str(error)) from None


def outcome(call: Call) -> Answer:
    """GET .../agent/exec-status: how a program stands; once after its end."""
    guest = call.guest("qemu")
    try:
        return Answer(call.site.world.works.agents.outcome(guest, int(call.params["pid"])))
    except AgentError as error:
        raise died(str(error)) from None


def interfaces(call: Call) -> Answer:
    """GET /nodes/{node}/lxc/{vmid}/interfaces: null for a container that does not run."""
    guest = call.guest("lxc")
    if not guest.running:
        return Answer(None)
    mac, address = address_of(call.state, guest)
    loop = [("127.0.0.1", 8), ("::1", 128)]
    rows = [_interface("lo", "00:00:00:00:00:00", loop)]
    rows.append(_interface("eth0", mac, [(address, 24)] if address else []))
    return Answer(rows)


def _interface(name: str, mac: str, addresses: list[tuple[str, int]]) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "hwaddr": mac}
    for address, prefix in addresses:
        row["inet6" if ":" in address else "inet"] = f"{address}/{prefix}"
    row["hardware-address"] = mac
    row["ip-addresses"] = [
        {
            "ip-address": address,
            "ip-address-type": "inet6" if ":" in address else "inet",
            "prefix": prefix,
        }
        for address, prefix in addresses
    ]
    return row


_AGENT = "/nodes/{node}/qemu/{vmid}/agent"
ROUTES: Routes = {
    ("GET", _AGENT): index,
    ("POST", _AGENT): general,
    ("POST", f"{_AGENT}/exec"): execute,
    ("GET", f"{_AGENT}/exec-status"): outcome,
    ("GET", "/nodes/{node}/lxc/{vmid}/interfaces"): interfaces,
}
ROUTES |= {("GET", f"{_AGENT}/{name}"): command(name) for name in _READ}
ROUTES |= {("POST", f"{_AGENT}/{name}"): command(name) for name in _DONE}
