"""Guests beside their records: whether they are there, and every field that both sides know."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.drift.difference import Difference, Ground, Mend, Value
from labtui.model.drift.nets import Nets
from labtui.model.drift.sizes import megabytes, noted, said, same_size
from labtui.model.guests import Guest, GuestConfig, GuestConfigs
from labtui.model.inventory import Inventory, MachineRecord
from labtui.model.presence import SeenGuest, seen_guests
from labtui.model.records import refs
from labtui.model.records.guests import GuestJoins, Match, guest_joins
from labtui.model.records.index import RecordIndex, record_index
from labtui.model.records.inside import inside
from labtui.model.records.refs import Ref
from labtui.model.safeguards import Agents
from labtui.model.snapshot import Snapshot

EARLY = frozenset(("planned", "staged"))
"""Somebody is still at it: what runs is told, and nobody is alarmed."""
OFF = frozenset(("offline", "decommissioning", "failed"))
RUNS = frozenset(("active",))
NOWHERE = "-"


class GuestDrift(msgspec.Struct, frozen=True):
    """The differences of guests, and of the tags of their networks. `compared`: joined guests."""

    differences: tuple[Difference, ...] = ()
    compared: int = 0


def _drift(snapshot: Snapshot) -> GuestDrift:
    index = record_index(snapshot)
    if not index.inventory.machines and not index.inventory.version:
        return GuestDrift()
    joins = guest_joins(snapshot)
    configs = {
        f"{cluster}/{vmid}": config
        for cluster, part in snapshot.of(GuestConfigs)
        for vmid, config in part.configs.items()
    }
    told = inside(snapshot)
    work = _Guests(Nets(index, told), joins, configs)
    found: list[Difference] = []
    compared = 0
    before, now = _KEPT.get(index, {}), {}
    for key, seen in seen_guests(snapshot).items():
        match = joins.of.get(key)
        compared += match is not None and match.record is not None
        kept = before.get(key)
        inputs = (*_inputs(seen, match, configs.get(key), joins.clusters), told.get(key))
        if kept is None or kept[0] != inputs or kept[1] is not configs.get(key):
            kept = inputs, configs.get(key), tuple(work.of(seen, match))
        now[key] = kept
        work.nets.note(seen.guest, kept[1])
        found.extend(kept[2])
    _KEPT.clear()
    _KEPT[index] = now
    found.extend(work.surplus(snapshot))
    found.extend(work.nets.unknown_vlans())
    return GuestDrift(tuple(found), compared)


_Kept = tuple[tuple[object, ...], GuestConfig | None, tuple[Difference, ...]]
_KEPT: dict[RecordIndex, dict[str, _Kept]] = {}
"""What was found of each guest the last time, for one inventory: most rows only change in figures
that no record has. Used under the lock of `guest_drift` alone."""


def _inputs(
    seen: SeenGuest, match: Match | None, config: GuestConfig | None, clusters: dict[str, str]
) -> tuple[object, ...]:
    """All that the differences of one guest depend on, but for its configuration."""
    guest = seen.guest
    return (
        *(guest.name, guest.node, guest.status, guest.cpus, guest.memory_max, guest.disk_max),
        *(guest.template, seen.node_online, clusters.get(guest.cluster), match),
        config is None,
    )


def machine_ref(record: MachineRecord) -> Ref:
    """The record as an object of NetBox."""
    return Ref(refs.MACHINES, record.id, record.name)


def _status(guest: Guest) -> str:
    return "active" if guest.status == "running" else "offline"


class _Guests:
    """Compares guests with one inventory."""

    def __init__(self, nets: Nets, joins: GuestJoins, configs: dict[str, GuestConfig]) -> None:
        self.nets, index = nets, nets.index
        self._index = index
        self._joins = joins
        self._configs = configs
        self._devices = {device.name.casefold(): device for device in index.inventory.devices}
        self._clusters = {each.name: each for each in index.inventory.clusters}
        self._partly = refs.MACHINES in index.inventory.partly

    def of(self, seen: SeenGuest, match: Match | None) -> Iterator[Difference]:
        """Everything about one guest."""
        guest = seen.guest
        if match is None or (match.record is None and not match.candidates):
            yield self._missing(guest)
            return
        if match.record is None:
            yield self._about(
                guest,
                "ambiguous",
                candidates=tuple(machine_ref(each) for each in match.candidates),
                recorded=", ".join(f"{each.name} #{each.id}" for each in match.candidates),
                actual=guest.label,
                sure="ambiguous",
                severity="warning",
            )
            return
        for each in self._fields(seen, match.record):
            yield msgspec.structs.replace(each, sure=match.sure)
        config = self._configs.get(guest.key)
        if config is not None:
            yield from self.nets.of(guest, config, match.record, match.sure)

    def _about(self, guest: Guest, kind: str, **values: object) -> Difference:
        rests: tuple[Ground, ...] = (("resources", guest.cluster), ("inventory", "netbox"))
        given = {"view": "guests", "lab": guest.key, "rests": rests, **values}
        return Difference(kind, "guest", guest.label, **given)  # type: ignore[arg-type]  # as named

    def _missing(self, guest: Guest) -> Difference:
        cluster = self._clusters.get(self._joins.clusters.get(guest.cluster, guest.cluster))
        device = self._devices.get(guest.node.casefold())
        values = [
            ("name", guest.name or str(guest.vmid)),
            ("status", _status(guest)),
            ("cluster", cluster.id if cluster else None),
            ("device", device.id if device else None),
            ("vcpus", guest.cpus),
            ("memory", megabytes(guest.memory_max) if guest.memory_max else None),
            ("disk", megabytes(guest.disk_max) if guest.disk_max else None),
            ("vmid", guest.vmid),
        ]
        record = Mend(
            "record",
            "create",
            Ref(refs.MACHINES, 0, guest.name),
            values=tuple((name, value) for name, value in values if value is not None),
        )
        return self._about(
            guest,
            "missing",
            actual=f"{guest.status} {guest.node}".strip(),
            mends=(record,),
            hidden=self._partly,
            severity="notice" if guest.template else "warning",
        )

    def _differs(
        self,
        guest: Guest,
        record: MachineRecord,
        field: str,
        sides: tuple[str, str],
        write: tuple[tuple[str, Value], ...],
        change: tuple[tuple[str, Value], ...] = (),
    ) -> Difference:
        mends = [Mend("record", "set", machine_ref(record), values=write)] if write else []
        if change:
            mends.append(Mend("lab", "set", key=guest.key, values=change))
        return self._about(
            guest,
            "different",
            field=field,
            record=machine_ref(record),
            actual=sides[0],
            recorded=sides[1],
            mends=tuple(mends),
        )

    def _fields(self, seen: SeenGuest, record: MachineRecord) -> Iterator[Difference]:
        guest = seen.guest
        yield from self._place(guest, record)
        if seen.node_online is True:
            yield from self._state(guest, record)
        if guest.name and record.name.casefold() != guest.name.casefold():
            sides = guest.name, record.name
            yield self._differs(
                guest, record, "name", sides, (("name", guest.name),), (("name", record.name),)
            )
        if record.vmid is not None and record.vmid != guest.vmid:
            sides = str(guest.vmid), str(record.vmid)
            yield self._differs(guest, record, "vmid", sides, ((record.vmid_field, guest.vmid),))
        yield from self._sizes(guest, record)

    def _place(self, guest: Guest, record: MachineRecord) -> Iterator[Difference]:
        expected = self._joins.clusters.get(guest.cluster)
        if expected is not None and record.cluster != expected:
            cluster = self._clusters.get(expected)
            home = (("cluster", cluster.id),) if cluster is not None else ()
            sides = expected, record.cluster or NOWHERE
            yield self._differs(guest, record, "cluster", sides, home)
        if record.node and record.node.casefold() != guest.node.casefold():
            device = self._devices.get(guest.node.casefold())
            write: tuple[tuple[str, Value], ...] = ()
            if record.node_field:
                write = ((f"custom_fields.{record.node_field}", guest.node),)
            elif device is not None:
                write = (("device", device.id),)
            change = (("node", record.node),) if record.node.casefold() in self._devices else ()
            sides = guest.node, record.node
            yield self._differs(guest, record, "node", sides, write, change)

    def _state(self, guest: Guest, record: MachineRecord) -> Iterator[Difference]:
        runs, stopped = guest.status == "running", guest.status == "stopped"
        if (runs and record.status in OFF | EARLY) or (stopped and record.status in RUNS):
            sides = guest.status, record.status
            write = (("status", _status(guest)),)
            wanted = "running" if record.status in RUNS else "stopped"
            change = (("status", wanted),) if record.status in ("active", "offline") else ()
            yield self._differs(guest, record, "status", sides, write, change)

    def _sizes(self, guest: Guest, record: MachineRecord) -> Iterator[Difference]:
        if record.vcpus and guest.cpus and record.vcpus != guest.cpus:
            sides = f"{guest.cpus:g}", f"{record.vcpus:g}"
            change = (("cores", int(record.vcpus)),) if record.vcpus.is_integer() else ()
            yield self._differs(guest, record, "vcpus", sides, (("vcpus", guest.cpus),), change)
        if record.memory and guest.memory_max:
            number = record.memory >> 20
            if not same_size(guest.memory_max, number):
                sides = said(guest.memory_max), noted(number)
                write = (("memory", megabytes(guest.memory_max)),)
                yield self._differs(
                    guest, record, "memory", sides, write, (("memory", record.memory),)
                )
        yield from self._disk(guest, record)

    def _disk(self, guest: Guest, record: MachineRecord) -> Iterator[Difference]:
        """The first disk is all that the statistics of a guest tell of its disks."""
        actual = guest.disk_max
        if not actual or not record.disk:
            return
        disks = self._index.disks_of.get(record.id, [])
        numbers = [disk.size for disk in disks] or [record.disk]
        config = self._configs.get(guest.key)
        several = config is not None and len(config.disks) > 1
        if any(same_size(actual, number) for number in numbers):
            return
        if not disks and several and record.disk > megabytes(actual):
            return
        sides = said(actual), " + ".join(noted(number) for number in numbers)
        found = self._differs(guest, record, "disk", sides, (("disk", megabytes(actual)),))
        if disks:
            # The machine's own figure is the sum of its disks then, and nothing to write.
            only = disks[0] if len(disks) == 1 else None
            mends: tuple[Mend, ...] = ()
            if only is not None:
                ref = Ref(refs.DISKS, only.id, only.name)
                mends = (Mend("record", "set", ref, values=(("size", megabytes(actual)),)),)
            found = msgspec.structs.replace(found, mends=mends)
        yield found

    def surplus(self, snapshot: Snapshot) -> Iterator[Difference]:
        """Records of guests that are not there, in the clusters that we hold."""
        read = {name for name, _part in snapshot.of(Resources)}
        ours = {self._joins.clusters.get(name, name): name for name in read}
        alone = len(snapshot.sources("proxmox")) <= 1
        for record in self._joins.rest:
            if record.status not in RUNS:
                continue
            if record.cluster not in ours and not (alone and record.vmid is not None and read):
                continue
            source = ours.get(record.cluster) or next(iter(sorted(read)))
            ref = machine_ref(record)
            yield Difference(
                "surplus",
                "guest",
                record.name,
                record=ref,
                recorded=f"{record.status} {record.node}".strip(),
                mends=(
                    Mend("record", "set", ref, values=(("status", "decommissioning"),)),
                    Mend("record", "delete", ref),
                ),
                rests=(("resources", source), ("inventory", "netbox")),
            )


guest_drift = Derived(
    (Resources, Membership, GuestConfigs, Agents, Inventory), _drift, figures=False
)
"""The differences of guests."""
