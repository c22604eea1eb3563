"""The commands of a Proxmox VE node: `ha-manager`, `pvecm`, `qm`, `pct` and their like."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from labtui.demo.cluster.guests import Guest
from labtui.demo.proxmox.errors import NO_QUORUM
from labtui.demo.ssh.commands import clock, kernel
from labtui.demo.ssh.consoles import enter, terminal
from labtui.demo.ssh.pvesh import FAILED, Failed, perform, pvesh
from labtui.demo.ssh.session import Commands, Session

_STATUS_CALLS = ("start", "stop", "shutdown", "reboot", "reset", "suspend", "resume")
_HA = "/cluster/ha/resources"


async def _ha_manager(session: Session, arguments: list[str]) -> int:
    verb, rest = (arguments[0] if arguments else ""), arguments[1:]
    if verb == "status":
        rows = await perform(session, "get", "/cluster/ha/status/current", {})
        if isinstance(rows, Failed):
            return rows.status
        for row in rows:
            session.write(f"{row['type']} {row['status']}\n")
        return 0
    if verb == "config":
        return await _ha_config(session)
    if verb == "crm-command" and rest[:1] == ["node-maintenance"]:
        return _maintenance(session, rest[1:])
    if verb == "crm-command":
        verb, rest = (rest[0] if rest else ""), rest[1:]
    if verb in ("migrate", "relocate") and len(rest) >= 2:
        return await _quiet(session, "create", f"{_HA}/{rest[0]}/{verb}", {"node": rest[1]})
    if verb == "add" and rest:
        return await _quiet(session, "create", _HA, {"sid": rest[0], **_options(rest[1:])})
    if verb == "set" and rest:
        return await _quiet(session, "set", f"{_HA}/{rest[0]}", _options(rest[1:]))
    if verb == "remove" and rest:
        return await _quiet(session, "delete", f"{_HA}/{rest[0]}", {})
    shown = " ".join(arguments)
    session.complain(f"ERROR: unknown command 'ha-manager {shown}'\n" + _HA_USAGE)
    return FAILED


_HA_USAGE = """USAGE: ha-manager <COMMAND> [ARGS] [OPTIONS]
       ha-manager add <sid> [OPTIONS]
       ha-manager config [OPTIONS]
       ha-manager crm-command migrate <sid> <node>
       ha-manager crm-command node-maintenance disable <node>
       ha-manager crm-command node-maintenance enable <node>
       ha-manager crm-command relocate <sid> <node>
       ha-manager remove <sid> [OPTIONS]
       ha-manager set <sid> [OPTIONS]
       ha-manager status [OPTIONS]
"""


async def _ha_config(session: Session) -> int:
    rows = await perform(session, "get", _HA, {})
    if isinstance(rows, Failed):
        return rows.status
    for row in sorted(rows, key=lambda each: str(each["sid"])):
        session.write(f"{row['sid']}\n")
        for name in sorted(set(row) - {"sid", "digest", "type"}):
            session.write(f"\t{name} {row[name]}\n")
        session.write("\n")
    return 0


def _maintenance(session: Session, rest: list[str]) -> int:
    """`node-maintenance enable|disable NODE`: a request that the manager takes up in its round."""
    lab = session.lab
    if len(rest) < 2 or rest[0] not in ("enable", "disable"):
        session.complain("400 not enough arguments\n" + _HA_USAGE)
        return FAILED
    if rest[1] not in lab.state.nodes:
        session.complain(
            f"400 Parameter verification failed.\nnode: no such cluster node '{rest[1]}'\n"
        )
        return FAILED
    if not lab.state.membership.quorate_at(session.host.name):
        session.complain(f"{NO_QUORUM}\n")
        return FAILED
    lab.site.world.ha.set_maintenance(rest[1], on=rest[0] == "enable")
    return 0


def _pvecm(session: Session, arguments: list[str]) -> int:
    verb = arguments[0] if arguments else ""
    membership, here = session.lab.state.membership, session.host.name
    if verb == "status":
        _cluster(session)
        _votes(session)
        return 0
    if verb == "nodes":
        session.write("\nMembership information\n----------------------\n")
        session.write("    Nodeid      Votes Name\n")
        for node in session.lab.state.nodes.values():
            if node.name in membership.view(here):
                local = " (local)" if node.name == here else ""
                session.write(f"{node.number:10d}          1 {node.name}{local}\n")
        return 0
    if verb in ("expected", "e") and len(arguments) > 1 and arguments[1].isdigit():
        try:
            membership.set_expected(here, int(arguments[1]))
        except ValueError as error:
            session.complain(f"{error}\n")
            return FAILED
        return 0
    session.complain(
        f"ERROR: unknown command 'pvecm {' '.join(arguments)}'\n"
        "USAGE: pvecm <COMMAND> [ARGS] [OPTIONS]\n"
    )
    return FAILED


def _cluster(session: Session) -> None:
    state, here = session.lab.state, session.host.name
    node, membership = state.nodes[here], state.membership
    quorate = membership.quorate_at(here)
    now = datetime.fromtimestamp(clock(session), UTC)
    session.write(
        "Cluster information\n-------------------\n"
        f"Name:             {state.lab.name}\n"
        f"Config Version:   {len(state.nodes)}\n"
        "Transport:        knet\nSecure auth:      on\n\n"
        "Quorum information\n------------------\n"
        f"Date:             {now:%a %b %e %H:%M:%S %Y}\n"
        "Quorum provider:  corosync_votequorum\n"
        f"Nodes:            {len(membership.view(here))}\n"
        f"Node ID:          0x{node.number:08x}\n"
        f"Ring ID:          1.{len(state.nodes) * 7 + node.power_generation:x}\n"
        f"Quorate:          {'Yes' if quorate else 'No'}\n\n"
    )


def _votes(session: Session) -> None:
    state, here = session.lab.state, session.host.name
    membership = state.membership
    expected, quorate = membership.expected(here), membership.quorate_at(here)
    view = membership.view(here)
    blocked = "" if quorate else " Activity blocked"
    session.write(
        "Votequorum information\n----------------------\n"
        f"Expected votes:   {expected}\n"
        f"Highest expected: {expected}\n"
        f"Total votes:      {len(view)}\n"
        f"Quorum:           {expected // 2 + 1} {blocked}\n"
        f"Flags:            {'Quorate ' if quorate else ''}\n\n"
        "Membership information\n----------------------\n"
        "    Nodeid      Votes Name\n"
    )
    for node in state.nodes.values():
        if node.name in view:
            local = " (local)" if node.name == here else ""
            session.write(f"0x{node.number:08x}          1 {node.lab.address}{local}\n")


async def _qm(session: Session, arguments: list[str]) -> int:
    return await _guest_command(session, "qm", "qemu", arguments)


async def _pct(session: Session, arguments: list[str]) -> int:
    return await _guest_command(session, "pct", "lxc", arguments)


async def _guest_command(session: Session, name: str, kind: str, arguments: list[str]) -> int:
    """`qm` and `pct`: what they have in common, by way of the API where that does it."""
    verb, rest = (arguments[0] if arguments else ""), arguments[1:]
    if verb == "list":
        _guests(session, kind)
        return 0
    if not rest or not rest[0].isdigit():
        session.complain(f"ERROR: unknown command '{name} {' '.join(arguments)}'\n")
        return FAILED
    guest = session.lab.state.guests.get(int(rest[0]))
    if guest is None or guest.kind != kind or guest.node != session.host.name:
        folder = "qemu-server" if kind == "qemu" else "lxc"
        session.complain(
            f"Configuration file 'nodes/{session.host.name}/{folder}/{rest[0]}.conf' "
            "does not exist\n"
        )
        return 2
    base = f"/nodes/{session.host.name}/{kind}/{guest.vmid}"
    if verb == "unlock":
        return _unlock(session, guest)
    if verb == "status":
        session.write(f"status: {guest.state if guest.running else 'stopped'}\n")
        return 0
    if verb == "config":
        return await _config(session, base)
    if verb == "set":
        return await _quiet(session, "set", f"{base}/config", _options(rest[1:]))
    if verb in _STATUS_CALLS:
        return await _quiet(session, "create", f"{base}/status/{verb}", _options(rest[1:]))
    if (name, verb) == ("qm", "terminal"):
        return await terminal(session, guest)
    if (name, verb) == ("pct", "console"):
        return await terminal(session, guest)
    if (name, verb) == ("pct", "enter"):
        return await enter(session, guest)
    session.complain(f"ERROR: unknown command '{name} {verb}'\n")
    return FAILED


def _unlock(session: Session, guest: Guest) -> int:
    if not session.lab.state.membership.quorate_at(session.host.name):
        session.complain(f"{NO_QUORUM}\n")
        return FAILED
    guest.set_lock(None)
    return 0


def _guests(session: Session, kind: str) -> None:
    guests = sorted(session.lab.state.guests_on(session.host.name), key=lambda each: each.vmid)
    if kind == "qemu":
        session.write(
            f"{'VMID':>10} {'NAME':<20} {'STATUS':<10} {'MEM(MB)':<10} "
            f"{'BOOTDISK(GB)':>12} {'PID':<10}\n"
        )
    else:
        session.write(f"{'VMID':<10} {'Status':<10} {'Lock':<12} {'Name':<20}\n")
    for guest in guests:
        if guest.kind != kind:
            continue
        status = guest.state if guest.running else "stopped"
        if kind == "qemu":
            pid = guest.pid if guest.running else 0
            session.write(
                f"{guest.vmid:>10} {guest.name:<20} {status:<10} {guest.maxmem >> 20:<10} "
                f"{guest.maxdisk / (1 << 30):>12.2f} {pid:<10}\n"
            )
        else:
            lock = guest.lock or ""
            session.write(f"{guest.vmid:<10} {status:<10} {lock:<12} {guest.name:<20}\n")


async def _config(session: Session, base: str) -> int:
    data: Any = await perform(session, "get", f"{base}/config", {})
    if isinstance(data, Failed):
        return data.status
    for name in sorted(set(data) - {"digest"}):
        session.write(f"{name}: {str(data[name]).rstrip()}\n")
    return 0


async def _quiet(session: Session, verb: str, path: str, given: dict[str, str]) -> int:
    """A call whose answer is not shown."""
    data = await perform(session, verb, path, given)
    return data.status if isinstance(data, Failed) else 0


def _options(words: list[str]) -> dict[str, str]:
    """`--name value` pairs; a name without a value is 1."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name, equals, value = rest.pop(0).lstrip("-").partition("=")
        if not equals:
            value = "1" if not rest or rest[0].startswith("--") else rest.pop(0)
        found[name] = value
    return found


async def _pveversion(session: Session, _arguments: list[str]) -> int:
    data: Any = await perform(session, "get", f"/nodes/{session.host.name}/status", {})
    if isinstance(data, Failed):
        return data.status
    session.write(f"{data['pveversion']} (running kernel: {kernel(session).split()[2]})\n")
    return 0


COMMANDS: Commands = {
    "ha-manager": _ha_manager,
    "pct": _pct,
    "pvecm": _pvecm,
    "pvesh": pvesh,
    "pveversion": _pveversion,
    "qm": _qm,
}
