"""The readings that ask node by node or guest by guest: PCI hardware and guest configurations."""

from __future__ import annotations

from collections.abc import Callable

from labtui.locale import _
from labtui.model.cluster import Membership, Resources, Tasks
from labtui.model.devices import Hardware, PciDevice, PciMapping
from labtui.model.errors import (
    Forbidden,
    LabError,
    Refused,
    Rejected,
    TimedOut,
    TlsFailed,
    Unexpected,
    Unreachable,
)
from labtui.model.guests import Guest, GuestConfig, GuestConfigs
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.proxmox.configs import Sweep
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import shortened
from labtui.sources.proxmox.errors import NodeUnreachable, Question
from labtui.sources.proxmox.guest_config import read_config
from labtui.sources.proxmox.hardware import read_devices, read_mappings
from labtui.sources.proxmox.resources import read_resources
from labtui.sources.source import Reading

Clock = Callable[[], float]
# No use in going on with the next node or guest.
_HOPELESS = (Unreachable, TlsFailed, Refused)
_CONFIG_LIMIT = limits.CONFIG.whole
_CONFIGS_LIMIT = 20.0
_NODE_LIMIT = limits.HARDWARE.whole
_HARDWARE_LIMIT = 60.0


async def present_resources(snapshot: Snapshot, cluster: str, endpoints: Endpoints) -> Resources:
    """The resources as the snapshot has them, or read now when it has none yet."""
    known = snapshot.one(Resources, cluster)
    if known is not None:
        return known
    answer = await endpoints.read(
        "/cluster/resources",
        _("reading nodes, guests and storages"),
        lambda body, question: read_resources(body, question, cluster),
        limits.CLUSTER.whole,
    )
    return answer.value[0]


class HardwareFeed:
    """PCI devices of all nodes that are there, and the mappings."""

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock

    async def read(self, snapshot: Snapshot) -> Reading:
        """A node that does not answer keeps its devices of before and is named as missing."""
        before = snapshot.one(Hardware, self._cluster) or Hardware({})
        resources = await present_resources(snapshot, self._cluster, self._endpoints)
        membership = snapshot.one(Membership, self._cluster)
        nodes = {node.name: node.status == "online" for node in resources.nodes}
        if membership is not None:
            nodes.update((member.name, member.online) for member in membership.members)
        devices = {name: found for name, found in before.devices.items() if name in nodes}
        read_at = {name: at for name, at in before.read_at.items() if name in nodes}
        missing: dict[str, str] = {}
        complaints: list[str] = []
        mappings, via = await self._mappings(before, complaints)
        started = self._clock()
        for node, online in sorted(nodes.items()):
            if not online:
                missing[node] = _("the node is off")
                continue
            began = self._clock()
            if began - started > _HARDWARE_LIMIT:
                missing[node] = _("not asked, other nodes took too long")
                continue
            try:
                found, left_out, via = await self._devices(node)
            except LabError as error:
                missing[node] = error.why or str(error)
                if _hopeless(error):
                    raise
                continue
            devices[node] = found if found != devices.get(node) else devices[node]
            read_at[node] = began
            complaints.extend(f"{node}: {line}" for line in left_out)
        return Reading(Hardware(devices, mappings, read_at, missing), via, shortened(complaints))

    async def _devices(self, node: str) -> tuple[tuple[PciDevice, ...], tuple[str, ...], str]:
        answer = await self._endpoints.read(
            f"/nodes/{node}/hardware/pci",
            _("reading the PCI devices of {node}").format(node=node),
            lambda body, question: read_devices(body, question, self._cluster, node),
            _NODE_LIMIT,
            sweep=True,
        )
        return *answer.value, answer.via

    async def _mappings(
        self, before: Hardware, complaints: list[str]
    ) -> tuple[tuple[PciMapping, ...], str]:
        """The mappings; those of before when they may not be read."""
        try:
            answer = await self._endpoints.read(
                "/cluster/mapping/pci", _("reading the PCI mappings"), read_mappings, _NODE_LIMIT
            )
        except (Forbidden, Rejected, Unexpected) as error:
            complaints.append(str(error))
            return before.mappings, ""
        mappings, left_out = answer.value
        complaints.extend(left_out)
        return before.mappings if mappings == before.mappings else mappings, answer.via


class ConfigFeed:
    """Configurations of guests, a few per reading, whose turn `Sweep` decides."""

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock
        self._sweep = Sweep()

    async def read(self, snapshot: Snapshot) -> Reading:
        """What could be read now, with all that was read before of guests still there."""
        resources = await present_resources(snapshot, self._cluster, self._endpoints)
        earlier = snapshot.one(GuestConfigs, self._cluster)
        guests = {guest.vmid for guest in resources.guests}
        configs = {
            vmid: config
            for vmid, config in (earlier.configs if earlier else {}).items()
            if vmid in guests
        }
        began = self._clock()
        chosen = self._sweep.choose(
            resources.guests,
            configs,
            snapshot.one(Membership, self._cluster),
            snapshot.one(Tasks, self._cluster),
            began,
        )
        complaints: list[str] = []
        via = await self._read_all(chosen, configs, complaints)
        same = earlier is not None and earlier.configs == configs
        part = earlier if same and earlier is not None else GuestConfigs(configs)
        return Reading(part, via, shortened(complaints))

    async def _read_all(
        self, chosen: list[Guest], configs: dict[int, GuestConfig], complaints: list[str]
    ) -> str:
        via = ""
        silent: dict[str, LabError] = {}
        began = self._clock()
        for guest in chosen:
            if guest.node in silent:
                continue
            now = self._clock()
            if now - began > _CONFIGS_LIMIT:
                break
            try:
                config, left_out, via = await self._config(guest, now)
            except (NodeUnreachable, TimedOut) as error:
                self._sweep.silent(guest.node, now)
                silent[guest.node] = error
                complaints.append(str(error))
            except LabError as error:
                if _hopeless(error) and not via:
                    raise
                complaints.append(_("guest {guest}: {why}").format(guest=guest.vmid, why=error.why))
                if _hopeless(error):
                    break
                self._sweep.failed(guest, now)
            else:
                self._sweep.read(guest, now)
                configs[guest.vmid] = config
                complaints.extend(left_out)
        if silent and not via:
            raise next(iter(silent.values()))
        return via

    async def _config(self, guest: Guest, now: float) -> tuple[GuestConfig, tuple[str, ...], str]:
        def decode(body: bytes, question: Question) -> tuple[GuestConfig, tuple[str, ...]]:
            return read_config(body, question, guest, now)

        answer = await self._endpoints.read(
            f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config",
            _("reading the configuration of guest {guest}").format(guest=guest.vmid),
            decode,
            _CONFIG_LIMIT,
            sweep=True,
        )
        return *answer.value, answer.via


def _hopeless(error: LabError) -> bool:
    return isinstance(error, _HOPELESS) and not isinstance(error, NodeUnreachable)
