"""Answers under /nodes: one node's state, hardware and network."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from labtui.demo.cluster.mdev import divisible
from labtui.demo.cluster.nodes import ClusterNode
from labtui.demo.cluster.noise import smooth
from labtui.demo.cluster.pci import Device
from labtui.demo.cluster.state import ClusterState
from labtui.demo.cluster.statistics import root_used
from labtui.demo.lab import GIB
from labtui.demo.proxmox.answers_sdn import local_vnets
from labtui.demo.proxmox.site import Answer, Call, Routes

_HIDDEN_CLASSES = ("05", "06", "0b")
_PORT: dict[str, Any] = {
    "iface": "eno1",
    "type": "eth",
    "active": 1,
    "exists": 1,
    "families": ["inet"],
    "method": "manual",
    "method6": "manual",
    "priority": 3,
}
_KERNELS = {
    True: ("7.0.14-11-pve", "#1 SMP PREEMPT_DYNAMIC PMX 7.0.14-11 (2026-08-06T23:36Z)"),
    False: ("6.8.12-15-pve", "#1 SMP PREEMPT_DYNAMIC PMX 6.8.12-15 (2025-09-12T11:02Z)"),
}


def _live(state: ClusterState, node: ClusterNode) -> tuple[float, int]:
    """Processor fraction and memory bytes now: the last figures with a little movement."""
    figures = node.figures
    wave = smooth(state.seed, node.number + 400, state.now, 7.0) - 0.5
    if figures is None:
        return 0.02, 8 * GIB
    return min(0.99, max(0.0, figures.cpu * (1 + 0.1 * wave))), figures.mem


def node_state(call: Call) -> Answer:
    """GET /nodes/{node}/status."""
    state = call.state
    node = state.nodes[call.node]
    cpu, memory = _live(state, node)
    release, build = _KERNELS[state.modern]
    load = cpu * node.lab.cores
    exact = "9.2.11" if state.modern else "8.4.21"
    used = root_used(node)
    rootfs = {"total": node.rootfs, "used": used, "free": node.rootfs - used}
    kernel = {"sysname": "Linux", "release": release, "version": build, "machine": "x86_64"}
    return Answer(
        {
            "uptime": int(state.now - node.booted_at),
            "cpu": cpu,
            "wait": cpu * 0.01,
            "idle": 0,
            "loadavg": [f"{load * part:.2f}" for part in (1.0, 0.97, 0.92)],
            "memory": _memory(node, memory, modern=state.modern),
            "swap": {"total": 8 * GIB, "used": 0, "free": 8 * GIB},
            "rootfs": rootfs | {"avail": max(0, int(node.rootfs * 0.95) - used)},
            "ksm": {"shared": 0},
            "cpuinfo": _processor(node, modern=state.modern),
            "boot-info": {"mode": "efi", "secureboot": 0},
            "kversion": f"Linux {release} {build}",
            "current-kernel": kernel,
            "pveversion": f"pve-manager/{exact}/43df2e01f27a1a19",
        }
    )


def _memory(node: ClusterNode, used: int, *, modern: bool) -> dict[str, int]:
    free = node.lab.memory - used
    sizes = {"total": node.lab.memory, "used": used, "free": free}
    if modern:
        sizes["available"] = min(node.lab.memory, free + 2 * GIB)
    return sizes


def _processor(node: ClusterNode, *, modern: bool) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "model": node.lab.cpu_model,
        "cpus": node.lab.cores,
        "cores": node.lab.cores // 2,
        "sockets": 1,
        "mhz": "2794.748",
        "hvm": "1",
        "user_hz": 100,
        "flags": "fpu vme de pse tsc msr pae mce cx8 apic aes avx avx2",
    }
    if modern:
        amd = "AMD" in node.lab.cpu_model
        facts["vendor"] = "AuthenticAMD" if amd else "GenuineIntel"
        facts["family"] = "25" if amd else "6"
    return facts


def _device_row(device: Device, *, verbose: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": device.id,
        "class": device.pci_class,
        "vendor": device.vendor,
        "device": device.device,
        "iommugroup": device.iommu_group,
    }
    if divisible(device.device):
        row["mdev"] = 1
    if verbose:
        row |= {
            "vendor_name": device.vendor_name,
            "device_name": device.device_name,
            "subsystem_vendor": device.subsystem_vendor,
            "subsystem_device": device.subsystem_device,
            "subsystem_vendor_name": device.subsystem_vendor_name,
        }
    return row


def hardware_pci(call: Call) -> Answer:
    """GET /nodes/{node}/hardware/pci; memory, bridges and processors are hidden by default."""
    hidden: tuple[str, ...] = _HIDDEN_CLASSES
    if "pci-class-blacklist" in call.params:
        text = str(call.params["pci-class-blacklist"])
        hidden = tuple(part for part in text.replace(";", ",").split(",") if part)
    verbose = bool(call.params.get("verbose", 1))
    return Answer(
        [
            _device_row(device, verbose=verbose)
            for device in call.state.nodes[call.node].devices
            if not any(device.pci_class[2:].startswith(part) for part in hidden)
        ]
    )


def network(call: Call) -> Answer:
    """GET /nodes/{node}/network: the bridge of the guests, the port under it, the node's VNets.

    VNets are listed where they are asked for alone (pve-manager, `PVE/API2/Network.pm`).
    """
    kind = call.params.get("type")
    rows = []
    if kind in (None, "bridge", "any_bridge", "any_local_bridge", "include_sdn") and call.allowed(
        "/sdn/zones/localnetwork/vmbr0", "SDN.Audit", "SDN.Use"
    ):
        rows.append(_bridge(call))
    if kind in (None, "eth", "include_sdn"):
        rows.append(dict(_PORT))
    if kind in ("any_bridge", "include_sdn", "vnet"):
        rows.extend(local_vnets(call))
    return Answer(rows)


def _bridge(call: Call) -> dict[str, Any]:
    node = call.state.nodes[call.node].lab
    subnet = ip_network(next(s.subnet for s in call.state.lab.sites if s.name == node.site))
    return {
        "iface": "vmbr0",
        "type": "bridge",
        "active": 1,
        "autostart": 1,
        "address": node.address,
        "cidr": f"{node.address}/{subnet.prefixlen}",
        "netmask": str(subnet.prefixlen),
        "gateway": str(subnet[1]),
        "bridge_ports": "eno1",
        "bridge_stp": "off",
        "bridge_fd": "0",
        "bridge_vlan_aware": 1,
        "families": ["inet"],
        "method": "static",
        "method6": "manual",
        "priority": 4,
    }


ROUTES: Routes = {
    ("GET", "/nodes/{node}/status"): node_state,
    ("GET", "/nodes/{node}/hardware/pci"): hardware_pci,
    ("GET", "/nodes/{node}/network"): network,
}
