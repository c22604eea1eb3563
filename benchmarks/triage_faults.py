"""Faults thrown by a seed, and the truth behind each as a triage should name it."""

from __future__ import annotations

import random
from collections.abc import Callable

from labtui.demo.faults import FAULTS
from labtui.demo.lab import Lab
from labtui.demo.running import RunningLab
from labtui.demo.scenarios.scenario import Cause

_Truth = Callable[[Lab, str], Cause]


def _vmid(lab: Lab, name: str) -> str:
    return next((str(guest.vmid) for guest in lab.guests if guest.name == name), name)


def _sid(lab: Lab, name: str) -> str:
    guest = next(guest for guest in lab.guests if guest.name == name)
    return f"{'vm' if guest.kind == 'qemu' else 'ct'}:{guest.vmid}"


def _plain(layer: str, noun: str) -> _Truth:
    return lambda _lab, target: Cause(layer, noun, target, "")


def _guest(layer: str, noun: str = "guest") -> _Truth:
    return lambda lab, target: Cause(layer, noun, _vmid(lab, target), "")


def _subnet(layer: str) -> _Truth:
    return lambda lab, target: Cause(layer, "prefix", lab.site(target).subnet, "")


def _recorded_address(_lab: Lab, target: str) -> Cause:
    return Cause("record", "address", _vmid(_lab, target), "")


def _server(_lab: Lab, target: str) -> Cause:
    return Cause("server", "NetBox" if target == "netbox" else "server", target, "")


VISIBLE: dict[str, _Truth] = {
    "server-refuse": _server,
    "server-hang": _server,
    "server-blackhole": _server,
    "server-reset": _server,
    "token-revoked": _plain("account", "token"),
    "token-expired": _plain("account", "token"),
    "right-revoked": lambda _lab, target: Cause("account", "account", target.partition("!")[0], ""),
    "password-wrong": _plain("account", "account"),
    "server-certificate": _server,
    "server-rubbish": _server,
    "server-truncate": _server,
    "uplink-down": _plain("underlay", "uplink"),
    "link-cut": _plain("underlay", "link"),
    "link-loss": _plain("underlay", "link"),
    "link-flap": _plain("underlay", "link"),
    "udp-filtered": _plain("underlay", "link"),
    "wireguard-key-mismatch": _plain("tunnel", "peer"),
    "wireguard-endpoint-wrong": _plain("tunnel", "peer"),
    "wireguard-peer-disabled": _plain("tunnel", "peer"),
    "link-mtu": _plain("underlay", "link"),
    "l2tp-server-off": _plain("tunnel", "line"),
    "ipsec-secret-mismatch": _plain("tunnel", "line"),
    "ospf-area-mismatch": _plain("routing", "neighbour"),
    "bgp-disabled": _plain("routing", "session"),
    "bgp-asn-mismatch": _plain("routing", "session"),
    "bgp-hold-flap": _plain("routing", "session"),
    "prefix-missing": _subnet("routing"),
    "prefix-twice": _subnet("routing"),
    "prefix-leaked": _subnet("routing"),
    "router-power-off": _plain("router", "router"),
    "router-reboot": _plain("router", "router"),
    "router-busy": _plain("router", "router"),
    "router-clock-off": _plain("router", "router"),
    "router-sessions-full": _server,
    "node-partition": _plain("cluster", "network"),
    "storage-full": _plain("storage", "storage"),
    "storage-away": _plain("storage", "storage"),
    "ha-error": lambda lab, target: Cause("cluster", "resource", _sid(lab, target), ""),
    "backup-failed": _guest("storage", "backup"),
    "backup-missing": _guest("storage", "backup"),
    "replication-late": _guest("storage", "replication"),
    "node-power-off": _plain("node", "node"),
    "node-pvestatd-hung": _plain("node", "daemon"),
    "node-root-full": _plain("node", "disk"),
    "node-clock-off": _plain("node", "clock"),
    "node-certificate-ending": _plain("node", "certificate"),
    "guest-stopped": _guest("guest"),
    "guest-locked": _guest("guest"),
    "guest-memory-pressure": _guest("guest"),
    "guest-agent-gone": _guest("guest"),
    "guest-disk-filling": _guest("guest"),
    "gpu-claimed-twice": _guest("gpu"),
    "mapping-broken": _plain("gpu", "mapping"),
    "gpu-fallen-off": _plain("gpu", "card"),
    "netbox-down": _plain("server", "NetBox"),
    "netbox-address-twice": _recorded_address,
    "netbox-tunnel-missing": _plain("record", "tunnel"),
    "netbox-guest-missing": _guest("record"),
    "netbox-guest-wrong": _guest("record"),
    "netbox-prefix-missing": _subnet("record"),
    "netbox-asn-wrong": _plain("record", "site"),
    "netbox-surplus-guest": lambda _lab, _target: Cause("record", "record", "ghost-01", ""),
}
"""What some feed of the console shows, and what a triage should say of it."""

UNSEEN = tuple(sorted({fault.name for fault in FAULTS} - set(VISIBLE)))
"""What no feed shows, or only by how long an answer takes; docs/triage.md says why of each."""

_OWN = {
    "token-revoked": "labtui@pve!console",
    "token-expired": "labtui@pve!console",
    "right-revoked": "labtui@pve",
}
"""Faults of accounts that matter to the console only at its own."""


LATE = {
    "backup-missing": 480.0,
    "right-revoked": 480.0,
    "guest-agent-gone": 600.0,
    # A configuration that another console writes is read by turns.
    "gpu-claimed-twice": 900.0,
    "guest-disk-filling": 1200.0,
    "node-certificate-ending": 1080.0,
}
"""World seconds after which what is read by turns, or seldom, must have been seen."""


def thrown(dice: random.Random, running: RunningLab) -> tuple[str, str]:
    """A fault that can be seen, and a target."""
    while True:
        fault = dice.choice([fault for fault in FAULTS if fault.name in VISIBLE])
        targets = fault.targets(running)
        if fault.name == "password-wrong":
            targets = [name for name in targets if name.startswith("rt-")]
        if fault.name in _OWN:
            targets = [name for name in targets if name == _OWN[fault.name]]
        if fault.name in ("guest-agent-gone", "guest-memory-pressure", "guest-disk-filling"):
            asleep = {each.name for each in running.lab.guests if each.template or not each.running}
            targets = [name for name in targets if name not in asleep]
        if fault.name == "backup-missing":
            # Who is off, or a template, is in no job of many: that is no finding.
            guests = [each for each in running.lab.guests if not each.template]
            wanted = {each.name for each in guests if each.running or each.onboot}
            targets = [name for name in targets if name in wanted]
        if fault.layer == "underlay" or fault.layer == "tunnel":
            # Over what leads out of the lab nobody of ours sees the other end.
            targets = [name for name in targets if name not in ("6", "7")]
        if targets:
            return fault.name, dice.choice(targets)
