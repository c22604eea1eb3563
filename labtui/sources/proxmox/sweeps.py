"""The reading that asks guest by guest: their configurations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection

import msgspec

from labtui.locale import _
from labtui.model.cluster import Membership, Resources, Tasks
from labtui.model.errors import (
    LabError,
    Refused,
    TimedOut,
    TlsFailed,
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
from labtui.sources.proxmox.lanes import Lanes
from labtui.sources.proxmox.resources import read_resources
from labtui.sources.source import Reading

Clock = Callable[[], float]
# No use in going on with the next node or guest.
_HOPELESS = (Unreachable, TlsFailed, Refused)
# The node itself does not answer, whoever was asked.
_SILENT = (NodeUnreachable, TimedOut)
_CONFIG_LIMIT = limits.CONFIG.whole
_CONFIGS_LIMIT = 20.0


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

    def ask(self, vmid: int) -> None:
        """That guest's turn comes first."""
        self._sweep.ask(vmid)

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
        return Reading(part, via, shortened(complaints), heard=bool(via))

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
        for node, found in await self._lanes.collect(wait=bool(chosen)):
            if isinstance(found, LabError):
                errors.append(found)
                if not isinstance(found, _SILENT) or self._sweep.long_silent(node):
                    complaints.append(str(found))
                continue
            via = found.via or via
            complaints.extend(found.complaints)
            if found.config is not None and found.config.vmid in guests:
                configs[found.config.vmid] = found.config
        # The two whose turn it is may both be on the node that has just died.
        if errors and chosen and not via and (complaints or not configs):
            raise next(filter(hopeless, errors), errors[0])
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
            except _SILENT:
                self._sweep.silent(guest.node, now)
                raise
            except LabError as error:
                if hopeless(error):
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


def hopeless(error: LabError) -> bool:
    """Whether there is no use in asking on: nothing leads there, or nobody is let in."""
    return isinstance(error, _HOPELESS) and not isinstance(error, NodeUnreachable)
