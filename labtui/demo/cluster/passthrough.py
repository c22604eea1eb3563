"""Which PCI devices a start takes, and why it fails when they are not free."""

from __future__ import annotations

from labtui.demo.cluster.configuration import options
from labtui.demo.cluster.guests import Guest
from labtui.demo.cluster.pci import Device, mapped_name, raw_claim
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.tasks import TaskError


def hostpci(guest: Guest) -> list[tuple[str, str]]:
    """The `hostpciN` entries of a guest, by number."""
    found = [(k, str(v)) for k, v in guest.config.items() if k.startswith("hostpci")]
    return sorted(found, key=lambda item: int(item[0][7:]))


def claim_devices(state: ClusterState, guest: Guest, log: list[str]) -> tuple[str, ...]:
    """The functions this guest takes on its node; `TaskError` as the server words it.

    What QEMU itself says goes to `log`.
    """
    holders = _holders(state, guest)
    devices = state.nodes[guest.node].devices
    taken: list[str] = []
    for key, value in hostpci(guest):
        name = mapped_name(value)
        if options(value).get("mdev"):
            _check_mapping(state, guest.node, name)
            continue
        if name is None:
            wanted = raw_claim(value, devices)
            for device in wanted:
                if device in taken:
                    raise TaskError(f"device '{device}' assigned more than once")
                if device in holders:
                    text = f"PCI device '{device}' already in use by VMID '{holders[device]}'"
                    raise TaskError(text)
        else:
            wanted = _mapped(state, guest, key, name, [*holders, *taken])
        taken += wanted
    _check_groups(state, guest, taken, holders, log)
    return tuple(taken)


# Slots of `hostpciN` on the old bus, where a line does not say pcie=1.
_OLD_SLOTS = {0: 16, 1: 17, 2: 27, 3: 28, **{number: number + 9 for number in range(4, 16)}}


def guest_places(state: ClusterState, guest: Guest) -> dict[str, str]:
    """Function on the node -> where the running guest sees it (`0000:01:00.0`).

    Behind the root ports of q35 each line has a bus of its own; several devices of a line are
    functions of one slot.
    """
    devices = state.nodes[guest.node].devices
    left, places = list(guest.devices), dict[str, str]()
    pcie = [int(k[7:]) for k, value in hostpci(guest) if options(value).get("pcie") == "1"]
    extra = [number for number in pcie if number > 3]
    for key, value in hostpci(guest):
        number, name = int(key[7:]), mapped_name(value)
        wanted = [raw_claim(value, devices)]
        if name is not None and name in state.mappings:
            paths = state.mappings[name].paths(guest.node)
            wanted = [raw_claim(path, devices) for path in paths]
        taken = next((found for found in wanted if found and left[: len(found)] == found), [])
        del left[: len(taken)]
        bus, slot = 0, _OLD_SLOTS[number]
        if number in pcie:
            bus, slot = (extra.index(number) if number in extra else len(extra) + number) + 1, 0
        places |= {each: f"0000:{bus:02x}:{slot:02x}.{at}" for at, each in enumerate(taken)}
    return places


def _holders(state: ClusterState, guest: Guest) -> dict[str, int]:
    return {
        device: other.vmid
        for other in state.guests_on(guest.node)
        if other is not guest
        for device in other.devices
    }


def _mapped(state: ClusterState, guest: Guest, key: str, name: str, used: list[str]) -> list[str]:
    mapping = state.mappings.get(name)
    if mapping is None:
        raise TaskError(f"PCI device mapping not found for '{name}'")
    devices = state.nodes[guest.node].devices
    _check_mapping(state, guest.node, name)
    for path in mapping.paths(guest.node):
        wanted = raw_claim(path, devices)
        if not set(wanted) & set(used):
            return wanted
    raise TaskError(f"could not find a free device for '{key}'")


def _check_mapping(state: ClusterState, node: str, name: str | None) -> None:
    """Every entry of the node is looked at, before one is taken."""
    if name is None:
        return
    mapping = state.mappings.get(name)
    if mapping is None or not mapping.paths(node):
        raise TaskError(f"PCI device mapping not found for '{name}'")
    for path in mapping.paths(node):
        problem = mapping_problem(state, name, node, path)
        if problem:
            raise TaskError(f"PCI device mapping invalid (hardware probably changed): {problem} ")


def mapping_problem(state: ClusterState, name: str, node: str, path: str) -> str | None:
    """Why an entry does not fit the hardware of its node; None when it does."""
    by_id: dict[str, Device] = {device.id: device for device in state.nodes[node].devices}
    line = _line(state, name, node, path)
    for number, place in enumerate(path.split(";")):
        wanted = place if "." in place else f"{place}.0"
        device = by_id.get(wanted)
        if device is None:
            return f"pci device '{wanted}' not found"
        expected = {"id": device.ids}
        if device.iommu_group >= 0 and number == 0:
            expected["iommugroup"] = str(device.iommu_group)
        if "subsystem-id" in line:
            vendor, model = device.subsystem_vendor[2:], device.subsystem_device[2:]
            expected["subsystem-id"] = f"{vendor}:{model}"
        for key, actual in sorted(expected.items()):
            found = line.get(key)
            if found is None:
                return f"missing expected property '{key}' for device '{wanted}'"
            if found != actual:
                return f"'{key}' does not match for '{name}' ({actual} != {found})"
    return None


def _line(state: ClusterState, name: str, node: str, path: str) -> dict[str, str]:
    """The entry of a mapping for that node and path."""
    for text in state.mappings[name].lines:
        line = options(text)
        if line.get("node") == node and line.get("path") == path:
            return line
    return {"id": state.mappings[name].lab.device}


def _check_groups(
    state: ClusterState, guest: Guest, taken: list[str], holders: dict[str, int], log: list[str]
) -> None:
    groups = {device.id: device.iommu_group for device in state.nodes[guest.node].devices}
    busy = {groups[device] for device in holders if device in groups}
    for device in taken:
        group = groups.get(device)
        if group is None:
            raise TaskError(f"no PCI device found for '{device}'")
        if group in busy:
            # One group is opened by one process only; this is QEMU's own message for it.
            log.append(
                f"kvm: -device vfio-pci,host={device}: vfio {device}: failed to open"
                f" /dev/vfio/{group}: Device or resource busy"
            )
            raise TaskError("start failed: QEMU exited with code 1")
