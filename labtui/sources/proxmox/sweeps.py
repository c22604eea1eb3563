"""The readings that ask node by node or guest by guest: PCI hardware and guest configurations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field

import msgspec

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
from labtui.sources.proxmox.lanes import Lanes
from labtui.sources.proxmox.resources import read_resources
from labtui.sources.source import Reading

Clock = Callable[[], float]
# No use in going on with the next node or guest.
_HOPELESS = (Unreachable, TlsFailed, Refused)
_CONFIG_LIMIT = limits.CONFIG.whole
_CONFIGS_LIMIT = 20.0
_NODE_LIMIT = limits.HARDWARE.whole


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


class _Found(msgspec.Struct, frozen=True):
    """The PCI devices of one node."""

    devices: tuple[PciDevice, ...]
    complaints: tuple[str, ...]
    via: str
    asked: float


@dataclass
class _Round:
    """What one asking of all nodes has brought so far, apart from devices."""

    mappings: tuple[PciMapping, ...] = ()
    via: str = ""
    answered: bool = False
    missing: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)


class HardwareFeed:
    """PCI devices of all nodes that are there, and the mappings.

    All nodes are asked side by side. What is there is told as soon as nothing more comes; the
    reading after that brings those that took longer, and asks nobody anew.
    """

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock
        self._lanes: Lanes[_Found] = Lanes()
        self._round = _Round()

    async def read(self, snapshot: Snapshot) -> Reading:
        """A node that does not answer keeps its devices of before and is named as missing."""
        before = snapshot.one(Hardware, self._cluster) or Hardware({})
        resources = await present_resources(snapshot, self._cluster, self._endpoints)
        membership = snapshot.one(Membership, self._cluster)
        nodes = {node.name: node.status == "online" for node in resources.nodes}
        if membership is not None:
            nodes.update((member.name, member.online) for member in membership.members)
        if not self._lanes.busy:
            await self._begin(nodes, before)
        devices = {name: found for name, found in before.devices.items() if name in nodes}
        read_at = {name: at for name, at in before.read_at.items() if name in nodes}
        errors: list[LabError] = []
        for node, found in await self._lanes.collect():
            if isinstance(found, LabError):
                self._round.missing[node] = found.why or str(found)
                errors.append(found)
            elif node in nodes:
                devices[node] = _same_or(devices.get(node), found.devices)
                read_at[node] = found.asked
                self._round.via, self._round.answered = found.via, True
                self._round.complaints += (f"{node}: {line}" for line in found.complaints)
        hopeless = next(filter(_hopeless, errors), None)
        busy = self._lanes.busy
        if hopeless is not None and not busy and not self._round.answered:
            raise hopeless
        missing = {node: why for node, why in self._round.missing.items() if node in nodes}
        missing.update((node, _("no answer yet")) for node in busy)
        part = Hardware(devices, self._round.mappings, read_at, dict(sorted(missing.items())))
        return Reading(part, self._round.via, shortened(self._round.complaints), bool(busy))

    async def close(self) -> None:
        """Stop asking."""
        await self._lanes.close()

    async def _begin(self, nodes: dict[str, bool], before: Hardware) -> None:
        self._round = _Round()
        mappings, via = await self._mappings(before, self._round.complaints)
        self._round.mappings, self._round.via = mappings, via
        for node, online in sorted(nodes.items()):
            if online:
                self._lanes.start(node, self._devices(node))
            else:
                self._round.missing[node] = _("the node is off")

    async def _devices(self, node: str) -> AsyncIterator[_Found]:
        asked = self._clock()
        answer = await self._endpoints.read(
            f"/nodes/{node}/hardware/pci",
            _("reading the PCI devices of {node}").format(node=node),
            lambda body, question: read_devices(body, question, self._cluster, node),
            _NODE_LIMIT,
            sweep=True,
        )
        yield _Found(*answer.value, answer.via, asked)

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


class _Told(msgspec.Struct, frozen=True):
    """What came of one guest's question: its configuration, or why there is none."""

    config: GuestConfig | None
    complaints: tuple[str, ...]
    via: str


class ConfigFeed:
    """Configurations of guests, a few per reading, whose turn `Sweep` decides.

    The nodes are asked side by side; what comes later than the rest is told by a later reading.
    """

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock
        self._sweep = Sweep()
        self._lanes: Lanes[_Told] = Lanes()

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
        chosen = self._sweep.choose(
            resources.guests,
            configs,
            snapshot.one(Membership, self._cluster),
            snapshot.one(Tasks, self._cluster),
            self._clock(),
            self._lanes.busy,
        )
        complaints: list[str] = []
        via = await self._read_all(chosen, guests, configs, complaints)
        same = earlier is not None and earlier.configs == configs
        part = earlier if same and earlier is not None else GuestConfigs(configs)
        return Reading(part, via, shortened(complaints))

    async def close(self) -> None:
        """Stop asking."""
        await self._lanes.close()

    async def _read_all(
        self,
        chosen: list[Guest],
        guests: Collection[int],
        configs: dict[int, GuestConfig],
        complaints: list[str],
    ) -> str:
        """Ask for the chosen, take in what came; returns who answered last."""
        by_node: dict[str, list[Guest]] = {}
        for guest in chosen:
            by_node.setdefault(guest.node, []).append(guest)
        for node, there in by_node.items():
            self._lanes.start(node, self._configs_of(there))
        via = ""
        errors: list[LabError] = []
        for _node, found in await self._lanes.collect(wait=bool(chosen)):
            if isinstance(found, LabError):
                errors.append(found)
                complaints.append(str(found))
                continue
            via = found.via or via
            complaints.extend(found.complaints)
            if found.config is not None and found.config.vmid in guests:
                configs[found.config.vmid] = found.config
        if errors and chosen and not via:
            raise next(filter(_hopeless, errors), errors[0])
        return via

    async def _configs_of(self, guests: list[Guest]) -> AsyncIterator[_Told]:
        """One node's guests, one after the other, until it is silent or cannot be reached."""
        began = self._clock()
        for guest in guests:
            now = self._clock()
            if now - began > _CONFIGS_LIMIT:
                break
            try:
                config, left_out, via = await self._config(guest, now)
            except (NodeUnreachable, TimedOut):
                self._sweep.silent(guest.node, now)
                raise
            except LabError as error:
                if _hopeless(error):
                    raise
                self._sweep.failed(guest, now)
                why = _("guest {guest}: {why}").format(guest=guest.vmid, why=error.why)
                yield _Told(None, (why,), "")
            else:
                self._sweep.read(guest, now)
                yield _Told(config, left_out, via)

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


def _same_or(
    before: tuple[PciDevice, ...] | None, now: tuple[PciDevice, ...]
) -> tuple[PciDevice, ...]:
    return before if before == now and before is not None else now


def _hopeless(error: LabError) -> bool:
    return isinstance(error, _HOPELESS) and not isinstance(error, NodeUnreachable)
