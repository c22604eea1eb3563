"""Faults of guests and of the devices that they are given."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.passthrough import hostpci
from labtui.demo.cluster.pci import Device, mapping_line
from labtui.demo.cluster.state import PciMapping
from labtui.demo.faults.cluster import guest_of, kept
from labtui.demo.faults.fault import Fault, Options

if TYPE_CHECKING:
    from labtui.demo.running import RunningLab

LOCKS = (
    "backup",
    "clone",
    "create",
    "migrate",
    "rollback",
    "snapshot",
    "snapshot-delete",
    "suspended",
    "suspending",
)
GPU_CLASSES = ("0x0300", "0x0302", "0x0380")
MOVED_ID = "10de:1eb8"
"""The ids that a broken mapping expects (as recorded: the device was replaced)."""


def _all(lab: RunningLab) -> list[str]:
    return [guest.name for guest in lab.cluster.state.guests.values() if not guest.template]


def _with_agent(lab: RunningLab) -> list[str]:
    state = lab.cluster.state
    return [guest.name for guest in state.guests.values() if guest.config.get("agent")]


def _stop(lab: RunningLab, target: str, _: Options) -> None:
    guest, state = guest_of(lab, target), lab.cluster.state
    if not guest.running:
        return
    kept(lab, "guest-stopped")[target] = True
    guest.set_running(running=False, now=state.now)
    guest.busy = False


def _start(lab: RunningLab, target: str, _: Options) -> None:
    guest = guest_of(lab, target)
    if kept(lab, "guest-stopped").pop(target, None) and not guest.running:
        lab.cluster.operations.start(guest, "root@pam")


def _lock(lab: RunningLab, target: str, options: Options) -> None:
    lock, guest = str(options["lock"]), guest_of(lab, target)
    if lock not in LOCKS:
        raise ValueError(f"lock must be one of {', '.join(LOCKS)}")
    kept(lab, "guest-locked")[target] = lock
    guest.set_lock(lock)


def _unlock(lab: RunningLab, target: str, _: Options) -> None:
    guest = guest_of(lab, target)
    if kept(lab, "guest-locked").pop(target, None) == guest.lock and guest.lock is not None:
        guest.set_lock(None)


def _silence(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.state.silent_agents.add(guest_of(lab, target).vmid)


def _speak(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.state.silent_agents.discard(guest_of(lab, target).vmid)


def _press(lab: RunningLab, target: str, _: Options) -> None:
    state = lab.cluster.state
    state.pressed.setdefault(guest_of(lab, target).vmid, state.now)


def _relieve(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.state.pressed.pop(guest_of(lab, target).vmid, None)


def _fill(lab: RunningLab, target: str, _: Options) -> None:
    state = lab.cluster.state
    state.filling.setdefault(guest_of(lab, target).vmid, state.now)


def _tidy(lab: RunningLab, target: str, _: Options) -> None:
    lab.cluster.state.filling.pop(guest_of(lab, target).vmid, None)


def _held(lab: RunningLab) -> dict[str, list[tuple[int, str]]]:
    """The cards that running guests hold, by node: who, and the slot."""
    found: dict[str, list[tuple[int, str]]] = {}
    for guest in lab.cluster.state.guests.values():
        slots = dict.fromkeys(device.rpartition(".")[0] for device in guest.devices)
        found.setdefault(guest.node, []).extend((guest.vmid, slot) for slot in slots)
    return found


def _card_of_another(guest: Guest, held: list[tuple[int, str]]) -> str | None:
    """A card of the guest's node that another guest holds and this one does not name."""
    own = " ".join(value for _, value in hostpci(guest))
    free = (slot for vmid, slot in held if vmid != guest.vmid and slot[5:] not in own)
    return next(free, None)


def _may_claim(lab: RunningLab) -> list[str]:
    held = _held(lab)
    memory = lab.cluster.state.fault_memory.get("gpu-claimed-twice", {})
    return [
        guest.name
        for guest in lab.cluster.state.guests.values()
        if guest.kind == "qemu" and not guest.template and held[guest.node]
        if guest.name in memory or _card_of_another(guest, held[guest.node]) is not None
    ]


def _claim(lab: RunningLab, target: str, _: Options) -> None:
    guest, memory = guest_of(lab, target), kept(lab, "gpu-claimed-twice")
    if target in memory:
        return
    slot = _card_of_another(guest, _held(lab)[guest.node])
    if slot is None:
        raise ValueError(f"no other guest on {guest.node} has a card")
    key = f"hostpci{len(hostpci(guest))}"
    memory[target] = key
    guest.config[key] = f"{slot},pcie=1"
    guest.touch()


def _unclaim(lab: RunningLab, target: str, _: Options) -> None:
    guest = guest_of(lab, target)
    key = kept(lab, "gpu-claimed-twice").pop(target, None)
    if isinstance(key, str) and guest.config.pop(key, None) is not None:
        guest.touch()


def _mappings(lab: RunningLab) -> list[str]:
    return list(lab.cluster.state.mappings)


def _break_mapping(lab: RunningLab, target: str, _: Options) -> None:
    state, memory = lab.cluster.state, kept(lab, "mapping-broken")
    if target not in state.mappings:
        raise KeyError(f"there is no mapping {target!r}")
    if target in memory:
        return
    found = state.mappings[target]
    memory[target] = found
    moved = replace(found.lab, device=MOVED_ID)
    lines = tuple(mapping_line(moved, *entry) for entry in moved.entries)
    state.mappings[target] = replace(found, lab=moved, lines=lines)


def _mend_mapping(lab: RunningLab, target: str, _: Options) -> None:
    found = kept(lab, "mapping-broken").pop(target, None)
    if isinstance(found, PciMapping):
        lab.cluster.state.mappings[target] = found


def _cards(lab: RunningLab) -> list[str]:
    state = lab.cluster.state
    found = {
        f"{node.name}/{device.id.rpartition('.')[0]}"
        for node in state.nodes.values()
        for device in node.devices
        if device.pci_class[:6] in GPU_CLASSES and device.vendor != "0x1a03"
    }
    gone = state.fault_memory.get("gpu-fallen-off", {})
    return sorted(found | {str(name) for name in gone})


def _fall_off(lab: RunningLab, target: str, _: Options) -> None:
    node_name, _slash, slot = target.partition("/")
    state, memory = lab.cluster.state, kept(lab, "gpu-fallen-off")
    node = state.nodes.get(node_name)
    if node is None:
        raise KeyError(f"there is no node {node_name!r}")
    gone = tuple(device for device in node.devices if device.id.startswith(f"{slot}."))
    if target in memory or not gone:
        return
    memory[target] = gone
    node.devices = tuple(device for device in node.devices if device not in gone)


def _put_back(lab: RunningLab, target: str, _: Options) -> None:
    gone = kept(lab, "gpu-fallen-off").pop(target, None)
    if isinstance(gone, tuple):
        node = lab.cluster.state.nodes[target.partition("/")[0]]
        back: tuple[Device, ...] = gone
        node.devices = tuple(sorted((*node.devices, *back), key=lambda device: device.id))


GUEST_FAULTS: tuple[Fault, ...] = (
    Fault("guest-stopped", "guest", "guest", "A guest dies of itself.", _all, _stop, _start),
    Fault(
        "guest-locked",
        "guest",
        "guest",
        "A lock was left behind in the configuration.",
        _all,
        _lock,
        _unlock,
        {"lock": "backup"},
    ),
    Fault(
        "guest-agent-gone",
        "guest",
        "guest",
        "The guest agent is configured and does not answer.",
        _with_agent,
        _silence,
        _speak,
    ),
    Fault(
        "guest-memory-pressure",
        "guest",
        "guest",
        "The guest runs out of memory within two minutes.",
        _all,
        _press,
        _relieve,
    ),
    Fault(
        "guest-disk-filling",
        "guest",
        "guest",
        "The guest's own disk fills within ten minutes.",
        _all,
        _fill,
        _tidy,
    ),
    Fault(
        "gpu-claimed-twice",
        "gpu",
        "guest",
        "The configuration names a card that another guest has.",
        _may_claim,
        _claim,
        _unclaim,
    ),
    Fault(
        "mapping-broken",
        "gpu",
        "mapping",
        "The ids of a mapping no longer fit the devices.",
        _mappings,
        _break_mapping,
        _mend_mapping,
    ),
    Fault(
        "gpu-fallen-off",
        "gpu",
        "card",
        "A card has fallen off the bus.",
        _cards,
        _fall_off,
        _put_back,
    ),
)
