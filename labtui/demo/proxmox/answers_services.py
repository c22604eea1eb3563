"""A node's services, power, updates and journal: looking after one machine."""

from __future__ import annotations

import time
from typing import Any

from labtui.demo.cluster.datacenter import file_digest
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.scheduler import Process
from labtui.demo.cluster.tasks import TaskError
from labtui.demo.proxmox.errors import bad_parameters, died
from labtui.demo.proxmox.site import Answer, Call, Handler, Routes

Row = dict[str, Any]

_SERVICES = {
    "chrony": "chrony, an NTP client/server",
    "corosync": "Corosync Cluster Engine",
    "cron": "Regular background program processing daemon",
    "ksmtuned": "Kernel Samepage Merging (KSM) Tuning Daemon",
    "lxcfs": "FUSE filesystem for LXC",
    "postfix": "Postfix Mail Transport Agent",
    "proxmox-firewall": "Proxmox nftables firewall",
    "pve-cluster": "The Proxmox VE cluster filesystem",
    "pve-firewall": "Proxmox VE firewall",
    "pve-ha-crm": "PVE Cluster HA Resource Manager Daemon",
    "pve-ha-lrm": "PVE Local HA Resource Manager Daemon",
    "pve-lxc-syscalld": "Proxmox VE LXC Syscall Daemon",
    "pvedaemon": "PVE API Daemon",
    "pvefw-logger": "Proxmox VE firewall logger",
    "pveproxy": "PVE API Proxy Server",
    "pvescheduler": "Proxmox VE scheduler",
    "pvestatd": "PVE Status Daemon",
    "qmeventd": "PVE Qemu Event Daemon",
    "spiceproxy": "PVE SPICE Proxy Server",
    "sshd": "OpenBSD Secure Shell server",
    "syslog": "syslog.service",
    "systemd-journald": "Journal Service",
    "systemd-timesyncd": "systemd-timesyncd.service",
}
_ABSENT = {"pve-lxc-syscalld": "not-found", "syslog": "not-found", "systemd-timesyncd": "masked"}
_NEVER_STOPPED = ("pveproxy", "pvedaemon", "pve-cluster")


def _service(call: Call, name: str) -> Row:
    stopped = name in call.site.world.works.datacenter.stopped_services[call.node]
    dead = stopped or name in _ABSENT
    unit = _ABSENT.get(name, "static" if name == "systemd-journald" else "enabled")
    return {
        "service": name,
        "name": name,
        "desc": _SERVICES[name],
        "state": "dead" if dead else "running",
        "active-state": "inactive" if dead else "active",
        "unit-state": unit,
    }


def services(call: Call) -> Answer:
    """GET /nodes/{node}/services."""
    return Answer([_service(call, name) for name in _SERVICES])


def service(call: Call) -> Answer:
    """GET /nodes/{node}/services/{service}/state."""
    return Answer(_service(call, str(call.params["service"])))


def command(verb: str) -> Handler:
    """POST /nodes/{node}/services/{service}/{verb}: a task of type `srv{verb}`."""

    def run(call: Call) -> Answer:
        name, world = str(call.params["service"]), call.site.world
        stopped = world.works.datacenter.stopped_services[call.node]
        node = call.state.nodes[call.node]
        if verb == "stop" and name in _NEVER_STOPPED:
            raise died(f"invalid service cmd '{name} stop': ERROR")
        task = call.state.tasks.create(call.node, f"srv{verb}", name, call.who.owner)

        def work() -> Process:
            yield 0.8
            if name in _ABSENT:
                task.log.append(f"Failed to {verb} {name}.service: Unit {name}.service not found.")
                raise TaskError(f"command 'systemctl {verb} {name}' failed: exit code 5")
            _set(call, node, stopped, name, verb)

        return Answer(call.state.tasks.start(task, work()).upid)

    return run


def _set(call: Call, node: ClusterNode, stopped: set[str], name: str, verb: str) -> None:
    if verb == "stop":
        stopped.add(name)
    else:
        stopped.discard(name)
    if name == "pvestatd":
        statistics = call.site.world.statistics
        if verb == "stop":
            statistics.hang(node)
        else:
            statistics.release(node)


def power(call: Call) -> Answer:
    """POST /nodes/{node}/status: null; the node ends its guests first."""
    world, node = call.site.world, call.state.nodes[call.node]
    if call.params["command"] == "reboot":
        world.power.reboot(node, call.who.owner)
    else:
        world.power.shutdown(node, call.who.owner)
    return Answer(None)


def wake(call: Call) -> Answer:
    """POST /nodes/{node}/wakeonlan, done by the node that is asked; the answer is the address."""
    name = str(call.params["node"])
    target = call.state.nodes.get(name)
    if name == call.node:
        raise bad_parameters({"node": f"'{name}' is local node, cannot wake my self!"})
    if target is None:
        raise died(f"no such cluster node '{name}'")
    config = call.site.world.works.datacenter.node_configs[name]
    address = str(config.get("wakeonlan", "")).partition(",")[0]
    if not address:
        raise died(f"No wake on LAN MAC address defined for '{name}'!")
    call.site.world.power.wake(target)
    return Answer(address)


def config(call: Call) -> Answer:
    """GET /nodes/{node}/config."""
    return Answer(dict(call.site.world.works.datacenter.node_configs[call.node]))


def put_config(call: Call) -> Answer:
    """PUT /nodes/{node}/config."""
    stored = call.site.world.works.datacenter.node_configs[call.node]
    for name in str(call.params.get("delete", "")).split(","):
        stored.pop(name.strip(), None)
    for key, value in call.params.items():
        if key not in ("node", "digest", "delete"):
            stored[key] = value
    return Answer(None)


_UPDATES = (
    ("pve-manager", "Proxmox", "admin", "Proxmox Virtual Environment Management Tools"),
    ("qemu-server", "Proxmox", "admin", "Qemu Server Tools"),
    ("openssl", "Debian", "utils", "Secure Sockets Layer toolkit - cryptographic utility"),
    ("apt", "Debian", "admin", "commandline package manager"),
)


def updates(call: Call) -> Answer:
    """GET /nodes/{node}/apt/update."""
    release = "9.2" if call.state.modern else "8.4"
    return Answer(
        [
            {
                "Package": name,
                "Title": text,
                "Description": f"{text}.",
                "Arch": "amd64",
                "Section": section,
                "Priority": "optional",
                "Origin": origin,
                "OldVersion": f"{release}.{11 + number}",
                "Version": f"{release}.{12 + number}",
            }
            for number, (name, origin, section, text) in enumerate(_UPDATES)
        ]
    )


def refresh(call: Call) -> Answer:
    """POST /nodes/{node}/apt/update: a task of type `aptupdate`."""
    task = call.state.tasks.create(call.node, "aptupdate", "", call.who.owner)

    def work() -> Process:
        task.log.append("starting apt-get update")
        yield 2.0
        task.log.append("Hit:1 http://deb.debian.org/debian trixie InRelease")
        task.log.append("Hit:2 http://download.proxmox.com/debian/pve trixie InRelease")
        yield 1.0
        task.log.append("Reading package lists...")

    return Answer(call.state.tasks.start(task, work()).upid)


def subscription(call: Call) -> Answer:
    """GET /nodes/{node}/subscription: none. Recorded: 9.x does not tell the server's id then."""
    url = "https://www.proxmox.com/en/proxmox-virtual-environment/pricing"
    text = "There is no subscription key"
    mark = None if call.state.modern else file_digest(call.node)[:32].upper()
    return Answer({"status": "notfound", "message": text, "url": url, "serverid": mark})


def _journal(call: Call) -> list[tuple[int, str]]:
    """Lines of the node's journal from its tasks, oldest first."""
    lines = []
    for at, node, pid, user, text in call.state.tasks.log_lines:
        if node == call.node:
            lines.append((at, f"{node} pvedaemon[{pid}]: <{user}> {text}"))
    booted = int(call.state.nodes[call.node].booted_at)
    first = (booted, f"{call.node} systemd[1]: Reached target multi-user.target.")
    return sorted([first, *lines], key=lambda line: line[0])


def _stamped(at: int, text: str) -> str:
    return f"{time.strftime('%b %d %H:%M:%S', time.gmtime(at))} {text}"


def journal(call: Call) -> Answer:
    """GET /nodes/{node}/journal: lines between two cursors."""
    given, lines = call.params, _journal(call)
    lines = [
        line for line in lines if given.get("since", 0) <= line[0] <= given.get("until", line[0])
    ]
    last = int(given.get("lastentries", 0))
    if last:
        lines = lines[-last:]
    texts = [_stamped(at, text) for at, text in lines]
    ends = (lines[0][0], lines[-1][0]) if lines else (0, 0)
    cursors = [f"s={call.state.seed:x};t={at:x}" for at in ends]
    return Answer([cursors[0], *texts, cursors[1]], ordered=True)


def syslog(call: Call) -> Answer:
    """GET /nodes/{node}/syslog: numbered lines."""
    given = call.params
    wanted = str(given.get("service", ""))
    lines = [line for line in _journal(call) if wanted in line[1]]
    start, limit = int(given.get("start", 0)), int(given.get("limit", 50))
    rows = [
        {"n": number, "t": _stamped(at, text)}
        for number, (at, text) in enumerate(lines[start : start + limit], start + 1)
    ]
    return Answer(rows, total=len(lines), ordered=True)


_NODE = "/nodes/{node}"
ROUTES: Routes = {
    ("GET", f"{_NODE}/services"): services,
    ("GET", f"{_NODE}/services/{{service}}/state"): service,
    ("POST", f"{_NODE}/status"): power,
    ("POST", f"{_NODE}/wakeonlan"): wake,
    ("GET", f"{_NODE}/config"): config,
    ("PUT", f"{_NODE}/config"): put_config,
    ("GET", f"{_NODE}/apt/update"): updates,
    ("POST", f"{_NODE}/apt/update"): refresh,
    ("GET", f"{_NODE}/subscription"): subscription,
    ("GET", f"{_NODE}/journal"): journal,
    ("GET", f"{_NODE}/syslog"): syslog,
}
ROUTES |= {
    ("POST", f"{_NODE}/services/{{service}}/{verb}"): command(verb)
    for verb in ("start", "stop", "restart", "reload")
}
