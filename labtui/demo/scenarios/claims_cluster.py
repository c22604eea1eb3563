"""What can be claimed about the cluster: nodes, quorum, guests, HA, figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labtui.demo.cluster.guests import Guest
    from labtui.demo.running import RunningLab


def _node(lab: RunningLab, words: list[str]) -> bool:
    node = lab.cluster.state.nodes[words[0]]
    figures = node.figures
    fresh = figures is not None and lab.cluster.state.now - figures.at < 60
    return {
        "online": node.online,
        "offline": not node.online,
        "powered": node.powered,
        "unpowered": not node.powered,
        "measured": fresh,
        "unmeasured": not fresh,
        "full": node.root_full,
    }[words[1]]


def _quorum(lab: RunningLab, words: list[str]) -> bool:
    return lab.cluster.state.quorate is (words[0] == "held")


def _guest_of(lab: RunningLab, number: str) -> Guest:
    guest = lab.cluster.state.guests.get(int(number))
    if guest is None:
        raise KeyError(f"there is no guest {number}")
    return guest


def _guest(lab: RunningLab, words: list[str]) -> bool:
    guest = _guest_of(lab, words[0])
    if words[1] == "on":
        return guest.node == words[2]
    state = lab.cluster.state
    first = {spec.vmid: spec.node for spec in lab.lab.guests}
    return {
        "running": guest.running,
        "stopped": not guest.running,
        "locked": guest.lock is not None,
        "unlocked": guest.lock is None,
        "elsewhere": guest.node != first.get(guest.vmid),
        "unknown": state.figures(guest) is None,
    }[words[1]]


def _ha(lab: RunningLab, words: list[str]) -> bool:
    resource = lab.cluster.ha.managed(_guest_of(lab, words[0]))
    return resource is not None and resource.state == words[1]


def _storage(lab: RunningLab, words: list[str]) -> bool:
    health, name = lab.cluster.state.storage_health, words[0]
    found = {
        "away": any(storage == name for storage, _ in health.away),
        "full": any(storage == name for storage, _ in health.full),
    }
    return not any(found.values()) if words[1] == "well" else found[words[1]]


def _card(lab: RunningLab, words: list[str]) -> bool:
    """`pve3/0000:17:00`: whether it is on the bus, and how many configurations name it."""
    name, _, slot = words[0].partition("/")
    node = lab.cluster.state.nodes[name]
    if words[1] in ("there", "gone"):
        there = any(device.id.startswith(f"{slot}.") for device in node.devices)
        return there is (words[1] == "there")
    named = [
        guest
        for guest in lab.cluster.state.guests_on(name)
        if any(
            key.startswith("hostpci") and slot.removeprefix("0000:") in str(value)
            for key, value in guest.config.items()
        )
    ]
    return len(named) == {"never": 0, "once": 1, "twice": 2}[words[2]]


def _backup(lab: RunningLab, words: list[str]) -> bool:
    guest, backups = _guest_of(lab, words[0]), lab.cluster.backups
    archives = [each for each in lab.cluster.state.backups if each.vmid == guest.vmid]
    return {
        "saved": bool(archives) and guest.vmid not in backups.failing,
        "missing": not archives and not backups.covered(guest),
        "failing": guest.vmid in backups.failing,
    }[words[1]]


def _replica(lab: RunningLab, words: list[str]) -> bool:
    job = lab.cluster.replication.of_guest(int(words[0]))
    if job is None:
        raise KeyError(f"{words[0]} is not replicated")
    return (job.fail_count > 0) is (words[1] == "late")


NOUNS: Mapping[str, tuple[tuple[str, ...], Callable[[RunningLab, list[str]], bool]]] = {
    "node": (("NAME online|offline|powered|unpowered|measured|unmeasured|full",), _node),
    "quorum": (("held|lost",), _quorum),
    "guest": (
        ("VMID running|stopped|locked|unlocked|elsewhere|unknown", "VMID on NODE"),
        _guest,
    ),
    "storage": (("NAME well|away|full",), _storage),
    "card": (("NODE/SLOT there|gone", "NODE/SLOT named never|once|twice"), _card),
    "backup": (("VMID saved|missing|failing",), _backup),
    "replica": (("VMID late|well",), _replica),
    "ha": (("VMID started|stopped|error|fence|recovery",), _ha),
}
