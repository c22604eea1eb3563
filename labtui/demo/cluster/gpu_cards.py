"""What the cards of NVIDIA do at a second of world time.

Everything is a function of time and of the load of the guest that holds the card, so that a guest's
agent and an SSH session give the same answer at the same second. On a node only the cards that no
guest holds are left to its driver; a guest sees the cards that its start took.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.noise import smooth, uniform, wander
from labtui.demo.cluster.passthrough import guest_places
from labtui.demo.cluster.pci import Device
from labtui.demo.cluster.state import ClusterState

DRIVER = "570.133.20"
CUDA = "12.8"
_NVIDIA = "0x10de"
_DISPLAY = ("0x0300", "0x0302")
_NAMES = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")
_PROGRAMS = ("python3", "/opt/conda/bin/python", "ollama_llama_server", "/usr/bin/blender")


@dataclass(frozen=True)
class Model:
    """A kind of card: memory in MiB, power in W, clocks in MHz."""

    name: str
    memory: int
    power: float
    idle_power: float
    clock: int
    memory_clock: int
    fan: bool


_MODELS = {
    "0x2684": Model("NVIDIA GeForce RTX 4090", 24_564, 450.0, 18.0, 2_520, 10_501, fan=True),
    "0x20b2": Model("NVIDIA A100-SXM4-80GB", 81_920, 400.0, 52.0, 1_410, 1_215, fan=False),
    "0x20f1": Model("NVIDIA A100-PCIE-40GB", 40_960, 250.0, 36.0, 1_410, 1_215, fan=False),
    "0x20b5": Model("NVIDIA A100 80GB PCIe", 81_920, 300.0, 44.0, 1_410, 1_512, fan=False),
    "0x2231": Model("NVIDIA RTX A5000", 24_564, 230.0, 20.0, 1_695, 8_001, fan=True),
}
_OTHER = Model("NVIDIA Graphics Device", 16_384, 300.0, 25.0, 1_800, 7_001, fan=True)


@dataclass(frozen=True)
class Process:
    """A program on a card; memory in MiB."""

    pid: int
    name: str
    memory: int


@dataclass(frozen=True)
class GpuUse:
    """A card at a second: percents, MiB, degrees Celsius, W."""

    index: int
    bus_id: str
    device_id: str
    uuid: str
    serial: str
    model: Model
    utilisation: int
    memory_utilisation: int
    memory_used: int
    temperature: int
    power: float
    processes: tuple[Process, ...]


def cards_of_node(state: ClusterState, node: str) -> list[Device]:
    """The cards of NVIDIA in a node, by address."""
    devices = state.nodes[node].devices
    return [d for d in devices if d.vendor == _NVIDIA and d.pci_class[:6] in _DISPLAY]


def gpus_seen_by(state: ClusterState, where: str | int) -> list[GpuUse]:
    """The cards that a node's own driver (name) or a guest's (VMID) sees now.

    Raises KeyError for a name or number that is not there.
    """
    if isinstance(where, str):
        held = {device for guest in state.guests_on(where) for device in guest.devices}
        own = [card for card in cards_of_node(state, where) if card.id not in held]
        return [_use(state, None, where, card, number) for number, card in enumerate(own)]
    guest = state.guests[where]
    held = {*guest.devices, *(place for place, _kind in guest.parts)}
    cards = [card for card in cards_of_node(state, guest.node) if card.id in held]
    return [_use(state, guest, guest.node, card, number) for number, card in enumerate(cards)]


def gpu_use_of(state: ClusterState, guest: Guest) -> list[GpuUse]:
    """The cards of a guest now."""
    return gpus_seen_by(state, guest.vmid)


def _use(state: ClusterState, guest: Guest | None, node: str, card: Device, index: int) -> GpuUse:
    model = _MODELS.get(card.device, _OTHER)
    key = int(card.id.replace(":", "").replace(".", ""), 16) ^ (state.nodes[node].number << 40)
    key &= 0x7FFFFFFF
    runs = guest is not None and guest.running and guest.state == "running"
    load = _load(state, guest, key) if guest is not None and runs else 0.0
    busy = round(100 * load)
    processes = _processes(state, guest, model, key, load) if guest is not None and runs else ()
    used = 1 + sum(process.memory for process in processes) + (300 if processes else 0)
    power = model.idle_power + (model.power * 0.94 - model.idle_power) * load
    # A cooler follows the load slowly: its warmth is the mean of the last two minutes.
    warmth = load
    if guest is not None and runs:
        past = [_load(state, guest, key, ago) for ago in (0.0, 40.0, 80.0, 120.0)]
        warmth = sum(past) / len(past)
    room = 29 + 5 * smooth(state.seed, key ^ 0x77, state.now, 7_200.0)
    name = uuid.uuid5(_NAMES, f"{state.seed} {node} {card.id}")
    place = guest_places(state, guest).get(card.id, "") if guest is not None else card.id
    bus = f"0000{place.upper()}"
    return GpuUse(
        index,
        bus,
        f"{card.device[2:]}{card.vendor[2:]}".upper(),
        f"GPU-{name}",
        str(1_320_000_000_000 + key % 1_000_000_000),
        model,
        busy,
        round(busy * 0.62),
        min(used, model.memory),
        int(room + 46 * warmth),
        round(power, 2),
        processes,
    )


def _load(state: ClusterState, guest: Guest, key: int, ago: float = 0.0) -> float:
    """Fraction of the card in use; a guest that does little leaves its card alone for long."""
    at = state.now - ago
    if at < guest.started_at:
        return 0.0
    wave = wander(state.seed, key, at)
    if guest.load < 0.25:
        return guest.load if wave > 0.8 else 0.0
    return min(1.0, guest.load * (0.72 + 0.5 * wave))


def _processes(
    state: ClusterState, guest: Guest, model: Model, key: int, load: float
) -> tuple[Process, ...]:
    if guest.load < 0.05:
        return ()
    era = int((state.now - guest.started_at) // 5_400)
    pid = 1_200 + int(uniform(state.seed, key, era) * 60_000)
    name = _PROGRAMS[int(uniform(state.seed, guest.vmid, 9) * len(_PROGRAMS))]
    part = 0.25 + 0.6 * guest.load * smooth(state.seed, key ^ 0x1D, state.now, 1_200.0)
    found = [Process(pid, name, int(model.memory * min(0.95, part)))]
    if load > 0.6:
        found.append(Process(pid + 37, "/usr/bin/python3", int(model.memory * 0.03)))
    return tuple(found)
