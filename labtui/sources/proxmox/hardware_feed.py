"""The reading of hardware: the PCI devices of each node, what is plugged in, and the mappings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from labtui.locale import _
from labtui.model.cluster import Membership, Rights
from labtui.model.devices import Check, Hardware, PciDevice, PciMapping, UsbDevice, UsbMapping
from labtui.model.errors import Forbidden, LabError, NotFound, Rejected, Unexpected
from labtui.model.snapshot import Snapshot
from labtui.model.usb_check import PREFIX
from labtui.sources import limits
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import shortened
from labtui.sources.proxmox.errors import NodeUnreachable, Question
from labtui.sources.proxmox.hardware import read_devices, read_usb
from labtui.sources.proxmox.lanes import Lanes
from labtui.sources.proxmox.mappings import read_checks, read_mappings, read_usb_mappings
from labtui.sources.proxmox.sweeps import Clock, hopeless, present_resources
from labtui.sources.source import Reading

_M = TypeVar("_M")
_NODE_LIMIT = limits.HARDWARE.whole
_NOT_TOLD = (Forbidden, NotFound, Rejected, Unexpected)


class _Found(msgspec.Struct, frozen=True):
    """What one node said. Without devices it is what came after them: USB, or the checks."""

    asked: float
    via: str = ""
    devices: tuple[PciDevice, ...] | None = None
    complaints: tuple[str, ...] = ()
    usb: tuple[UsbDevice, ...] | None = None
    checks: dict[str, tuple[Check, ...]] | None = None


@dataclass
class _Round:
    """What one asking of all nodes has brought so far, apart from devices."""

    mappings: tuple[PciMapping, ...] = ()
    usb_mappings: tuple[UsbMapping, ...] = ()
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
            await self._begin(nodes, before, snapshot.one(Rights, self._cluster))
        usb = {name: found for name, found in before.usb.items() if name in nodes}
        checks = {key: found for key, found in before.checks.items() if self._checked(key, nodes)}
        devices = {name: found for name, found in before.devices.items() if name in nodes}
        read_at = {name: at for name, at in before.read_at.items() if name in nodes}
        errors: list[LabError] = []
        for node, found in await self._lanes.collect():
            if isinstance(found, LabError):
                self._round.missing[node] = found.why or str(found)
                errors.append(found)
            elif node in nodes and found.usb is not None:
                usb[node] = found.usb
            elif node in nodes and found.checks is not None:
                checks = {key: c for key, c in checks.items() if not key.endswith(f"/{node}")}
                checks |= {f"{name}/{node}": told for name, told in found.checks.items()}
            elif node in nodes and found.devices is not None:
                devices[node] = _same_or(devices.get(node), found.devices)
                read_at[node] = found.asked
                self._round.via, self._round.answered = found.via, True
                self._round.complaints += (f"{node}: {line}" for line in found.complaints)
        no_use = next(filter(hopeless, errors), None)
        busy = self._lanes.busy
        if no_use is not None and not busy and not self._round.answered:
            raise no_use
        missing = {node: why for node, why in self._round.missing.items() if node in nodes}
        missing.update((node, _("no answer yet")) for node in busy)
        part = Hardware(
            devices,
            self._round.mappings,
            read_at,
            dict(sorted(missing.items())),
            self._round.usb_mappings,
            usb,
            checks,
        )
        this = self._round
        return Reading(part, this.via, shortened(this.complaints), bool(busy), bool(this.via))

    async def close(self) -> None:
        """Stop asking."""
        await self._lanes.close()

    def _checked(self, key: str, nodes: dict[str, bool]) -> bool:
        """Whether a mapping that was checked on a node still is there, and the node."""
        name, _slash, node = key.rpartition("/")
        this = self._round
        names = {mapping.name for mapping in this.mappings}
        names |= {f"{PREFIX}{mapping.name}" for mapping in this.usb_mappings}
        return node in nodes and name in names

    async def _begin(self, nodes: dict[str, bool], before: Hardware, rights: Rights | None) -> None:
        self._round = this = _Round()
        complaints = this.complaints
        this.mappings, this.via = await self._mappings(before, complaints)
        found = await self._perhaps("/cluster/mapping/usb", read_usb_mappings)
        this.usb_mappings = before.usb_mappings if found is None else found[0]
        may_look = rights is not None and rights.allows("Sys.Modify", "/")
        for node, online in sorted(nodes.items()):
            if online:
                named = ["pci"] if any(mapping.on(node) for mapping in this.mappings) else []
                usb = (entry for mapping in this.usb_mappings for entry in mapping.entries)
                named += ["usb"] if any(entry[0] == node for entry in usb) else []
                self._lanes.start(node, self._node(node, usb=may_look, check=tuple(named)))
            else:
                this.missing[node] = _("the node is off")

    async def _node(self, node: str, *, usb: bool, check: tuple[str, ...]) -> AsyncIterator[_Found]:
        """Its devices; then, where it may be asked, what is plugged in and what fits no more.

        `check`: of which mappings, PCI and USB. A node that does not tell these is not missing.
        """
        asked = self._clock()
        answer = await self._endpoints.read(
            f"/nodes/{node}/hardware/pci",
            _("reading the PCI devices of {node}").format(node=node),
            lambda body, question: read_devices(body, question, self._cluster, node),
            _NODE_LIMIT,
            sweep=True,
        )
        devices, complaints = answer.value
        yield _Found(asked, answer.via, devices, complaints)
        if usb:
            plugged = await self._perhaps(
                f"/nodes/{node}/hardware/usb",
                lambda body, question: read_usb(body, question, node)[0],
            )
            if plugged is not None:
                yield _Found(asked, usb=plugged)
        checks: dict[str, tuple[Check, ...]] = {}
        known = False
        for kind in check:
            told = await self._perhaps(f"/cluster/mapping/{kind}", read_checks, node)
            known = known or told is not None
            prefix = PREFIX if kind == "usb" else ""
            checks |= {f"{prefix}{name}": said for name, said in (told or {}).items()}
        if known:
            yield _Found(asked, checks=checks)

    async def _perhaps(
        self, path: str, decode: Callable[[bytes, Question], _M], check: str = ""
    ) -> _M | None:
        """An answer that may be missing; None when the server does not give it."""
        params = {"check-node": check} if check else {}
        what = _("asking {path}").format(path=path)
        try:
            answer = await self._endpoints.read(path, what, decode, _NODE_LIMIT, params, sweep=True)
        except NodeUnreachable:
            raise
        except _NOT_TOLD:
            return None
        return answer.value

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


def _same_or(
    before: tuple[PciDevice, ...] | None, now: tuple[PciDevice, ...]
) -> tuple[PciDevice, ...]:
    return before if before == now and before is not None else now
