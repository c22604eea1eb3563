"""What `nvidia-smi` answers: the same in a guest's agent and over SSH at the same second.

A node's driver has the cards that no guest holds; a guest sees the cards that its start took.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from labtui.demo.cluster.gpu_cards import DRIVER, GpuUse, cards_of_node, gpus_seen_by
from labtui.demo.cluster.gpu_pages import document, fan_speed, table
from labtui.demo.cluster.state import ClusterState

Answer = tuple[int, str, str]
"""Exit status, output, errors."""

_NO_DRIVER = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that"
    " the latest NVIDIA driver is installed and running.\n\n"
)


def nvidia_smi(state: ClusterState, where: str | int, arguments: list[str]) -> Answer:
    """`nvidia-smi` with these arguments on a node (name) or in a guest (VMID)."""
    if isinstance(where, int) and state.guests[where].kind == "lxc":
        return 127, "", "nvidia-smi: command not found\n"
    if not _has_driver(state, where):
        return 127, "", "bash: line 1: nvidia-smi: command not found\n"
    cards = gpus_seen_by(state, where)
    if not cards:
        return 9, _NO_DRIVER, ""
    query = _option(arguments, "--query-gpu")
    if query is not None:
        return _query(query, arguments, _gpu_rows(state, cards, query), _GPU_FIELDS)
    query = _option(arguments, "--query-compute-apps")
    if query is not None:
        return _query(query, arguments, _app_rows(cards, query), _APP_FIELDS)
    if "-L" in arguments or "--list-gpus" in arguments:
        lines = [f"GPU {card.index}: {card.model.name} (UUID: {card.uuid})" for card in cards]
        return 0, "\n".join(lines) + "\n", ""
    if {"-q", "-x"} <= set(arguments):
        return 0, document(state.now, cards), ""
    if not arguments:
        return 0, table(state.now, cards), ""
    text = "Invalid combination of input arguments. Please run 'nvidia-smi -h' for help.\n"
    return 1, text, ""


def owners(state: ClusterState, where: str | int, arguments: list[str]) -> str:
    """What `ps -o pid=,user= -p PIDS` prints of the programs on cards; nothing for other ones."""
    wanted = set(arguments[-1].split(",")) if "-p" in arguments[:-1] else set()
    guest = state.guests.get(where) if isinstance(where, int) else None
    name = guest.name.rpartition("-")[2] if guest is not None else "root"
    pids = {str(each.pid) for card in gpus_seen_by(state, where) for each in card.processes}
    return "".join(f"{pid:>7} {name}\n" for pid in sorted(pids & wanted, key=int))


def _has_driver(state: ClusterState, where: str | int) -> bool:
    if isinstance(where, str):
        return bool(cards_of_node(state, where))
    return any(key.startswith("hostpci") for key in state.guests[where].config)


def _option(arguments: list[str], name: str) -> str | None:
    for index, argument in enumerate(arguments):
        if argument.startswith(f"{name}="):
            return argument.partition("=")[2]
        if argument == name and index + 1 < len(arguments):
            return arguments[index + 1]
    return None


Field = tuple[str, Callable[[GpuUse], str]]

_GPU_FIELDS: dict[str, Field] = {
    "index": ("", lambda c: str(c.index)),
    "count": ("", lambda c: ""),
    "name": ("", lambda c: c.model.name),
    "gpu_name": ("", lambda c: c.model.name),
    "uuid": ("", lambda c: c.uuid),
    "gpu_uuid": ("", lambda c: c.uuid),
    "serial": ("", lambda c: c.serial),
    "pci.bus_id": ("", lambda c: c.bus_id),
    "gpu_bus_id": ("", lambda c: c.bus_id),
    "driver_version": ("", lambda c: DRIVER),
    "timestamp": ("", lambda c: ""),
    "pstate": ("", lambda c: "P0" if c.utilisation else "P8"),
    "utilization.gpu": ("%", lambda c: str(c.utilisation)),
    "utilization.memory": ("%", lambda c: str(c.memory_utilisation)),
    "memory.total": ("MiB", lambda c: str(c.model.memory)),
    "memory.used": ("MiB", lambda c: str(c.memory_used)),
    "memory.free": ("MiB", lambda c: str(c.model.memory - c.memory_used)),
    "temperature.gpu": ("", lambda c: str(c.temperature)),
    "temperature.memory": ("", lambda c: "N/A"),
    "power.draw": ("W", lambda c: f"{c.power:.2f}"),
    "power.limit": ("W", lambda c: f"{c.model.power:.2f}"),
    "fan.speed": ("%", lambda c: str(fan_speed(c)) if c.model.fan else "[N/A]"),
    "clocks.sm": ("MHz", lambda c: str(_clock(c))),
    "clocks.gr": ("MHz", lambda c: str(_clock(c))),
    "clocks.mem": ("MHz", lambda c: str(c.model.memory_clock if c.utilisation else 405)),
    "ecc.errors.uncorrected.volatile.total": ("", lambda c: "[N/A]" if c.model.fan else "0"),
    "compute_mode": ("", lambda c: "Default"),
    "persistence_mode": ("", lambda c: "Disabled" if c.model.fan else "Enabled"),
}
_APP_FIELDS: dict[str, str] = {
    "timestamp": "",
    "gpu_name": "",
    "gpu_uuid": "",
    "gpu_bus_id": "",
    "pid": "",
    "process_name": "",
    "name": "",
    "used_gpu_memory": "MiB",
    "used_memory": "MiB",
}


def _clock(card: GpuUse) -> int:
    return 210 if card.utilisation == 0 else int(card.model.clock * (0.8 + card.utilisation / 500))


def _names(query: str) -> list[str]:
    return [name.strip() for name in query.split(",") if name.strip()]


def _stamp(state: ClusterState) -> str:
    milliseconds = int(state.now % 1 * 1_000)
    return time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime(state.now)) + f".{milliseconds:03d}"


def _gpu_rows(state: ClusterState, cards: list[GpuUse], query: str) -> list[list[str]]:
    special = {"timestamp": _stamp(state), "count": str(len(cards))}
    names = [name for name in _names(query) if name in _GPU_FIELDS]
    return [[special.get(name) or _GPU_FIELDS[name][1](card) for name in names] for card in cards]


def _app_rows(cards: list[GpuUse], query: str) -> list[list[str]]:
    rows = []
    for card in cards:
        for process in card.processes:
            values = {
                "gpu_name": card.model.name,
                "gpu_uuid": card.uuid,
                "gpu_bus_id": card.bus_id,
                "pid": str(process.pid),
                "process_name": process.name,
                "name": process.name,
                "used_gpu_memory": str(process.memory),
                "used_memory": str(process.memory),
            }
            rows.append([values.get(name, "") for name in _names(query) if name in _APP_FIELDS])
    return rows


def _query(
    query: str,
    arguments: list[str],
    rows: list[list[str]],
    fields: dict[str, Field] | dict[str, str],
) -> Answer:
    names = _names(query)
    for name in names:
        if name not in fields:
            return 2, f'Field "{name}" is not a valid field to query.\n\n', ""
    forms = set((_option(arguments, "--format") or "").split(","))
    if "csv" not in forms:
        return 1, "--format= switch is missing. Please run 'nvidia-smi -h' for help.\n", ""
    units = {}
    for name in names:
        field = fields[name]
        units[name] = field if isinstance(field, str) else field[0]
    lines = []
    if "noheader" not in forms:
        lines.append(", ".join(f"{n} [{units[n]}]" if units[n] else n for n in names))
    for row in rows:
        bare = "nounits" in forms
        cells = [
            value if bare or not units[name] or value.startswith("[") else f"{value} {units[name]}"
            for name, value in zip(names, row, strict=True)
        ]
        lines.append(", ".join(cells))
    return 0, "".join(f"{line}\n" for line in lines), ""
