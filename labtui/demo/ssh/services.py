"""`systemctl` for the daemons of a node and the few of a guest."""

from __future__ import annotations

from datetime import UTC, datetime

from labtui.demo.ssh.session import Session

NODE_UNITS = {
    "corosync": "Corosync Cluster Engine",
    "pve-cluster": "The Proxmox VE cluster filesystem",
    "pve-ha-crm": "PVE Cluster HA Resource Manager Daemon",
    "pve-ha-lrm": "PVE Local HA Resource Manager Daemon",
    "pvedaemon": "PVE API Daemon",
    "pveproxy": "PVE API Proxy Server",
    "pvescheduler": "Proxmox VE scheduler",
    "pvestatd": "PVE Status Daemon",
}
UNITS = {"ssh": "OpenBSD Secure Shell server", "cron": "Regular background program processing"}
MISSING = 4
DEAD = 3
_DOING = ("restart", "start", "reload", "try-restart", "reload-or-restart")


def systemctl(session: Session, arguments: list[str]) -> int:
    """`systemctl VERB UNIT...`."""
    words = [each for each in arguments if not each.startswith("-")]
    if not words:
        session.complain("Too few arguments.\n")
        return 1
    verb, names = words[0], [each.removesuffix(".service") for each in words[1:]]
    if verb == "is-system-running":
        session.write("running\n")
        return 0
    if verb not in ("status", "is-active", "is-enabled", "stop", *_DOING):
        session.complain(f"Unknown command verb {verb}.\n")
        return 1
    known = _units(session)
    status = 0
    for name in names:
        if name not in known:
            status = _unknown(session, verb, name)
        elif verb == "status":
            _status(session, name, known[name])
        elif verb.startswith("is-"):
            session.write("active\n" if verb == "is-active" else "enabled\n")
        else:
            status = _act(session, verb, name)
    return status


def _units(session: Session) -> dict[str, str]:
    return {**UNITS, **NODE_UNITS} if session.host.kind == "node" else UNITS


def _unknown(session: Session, verb: str, name: str) -> int:
    if verb == "is-active":
        session.write("inactive\n")
        return DEAD
    if verb == "is-enabled":
        session.complain(
            f"Failed to get unit file state for {name}.service: No such file or directory\n"
        )
        return 1
    if verb == "status":
        session.complain(f"Unit {name}.service could not be found.\n")
        return MISSING
    session.complain(f"Failed to {verb} {name}.service: Unit {name}.service not found.\n")
    return 5


def _act(session: Session, verb: str, name: str) -> int:
    """Restart; what hung goes on. Daemons are not stopped: there is no fault of that kind here."""
    if session.user != "root":
        session.complain(f"Failed to {verb} {name}.service: Interactive authentication required.\n")
        return 1
    if verb == "stop":
        session.complain(
            f"Failed to stop {name}.service: Operation refused, unit {name}.service may be "
            "requested by dependency only.\n"
        )
        return 1
    if name == "pvestatd":
        node = session.lab.node(session.host)
        session.lab.site.world.statistics.release(node)
    return 0


def _status(session: Session, name: str, says: str) -> None:
    lab, host = session.lab, session.host
    guest = lab.guest(host)
    since = guest.started_at if guest is not None else lab.node(host).booted_at
    began = datetime.fromtimestamp(since + 12, UTC)
    days = int((lab.state.now - since) // 86_400)
    age = f"{days} day{'s' if days != 1 else ''} ago" if days else "today"
    session.write(
        f"● {name}.service - {says}\n"
        f"     Loaded: loaded (/usr/lib/systemd/system/{name}.service; enabled; "
        "preset: enabled)\n"
        f"     Active: active (running) since {began:%a %Y-%m-%d %H:%M:%S UTC}; {age}\n"
        f"   Main PID: {1000 + sum(name.encode())} ({name})\n"
    )
