"""Guests and their records: by the guest's number, its MAC addresses, its name; never by address.

Every key is tried for all guests before the next one, and a record that a stronger key has given
away is out of the game. A number or a name counts within its cluster, for both are used again in
others; where NetBox calls the cluster otherwise, the number alone will do in a lab of one cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from labtui.model.cluster import Resources
from labtui.model.derived import Derived
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.inventory import Inventory, MachineRecord
from labtui.model.records.joined import By, Joined, Sure, settled
from labtui.model.records.rules import GuestKey, Keys
from labtui.model.snapshot import Snapshot

Match = Joined[MachineRecord]
NOBODY: Match = Joined()
_KEYS = Keys()


class GuestJoins(msgspec.Struct, frozen=True):
    """All guests with their records. `rest` are the records that no guest has.

    `clusters`: cluster of the lab -> what NetBox calls it; empty where nobody can say.
    """

    of: dict[str, Match] = {}
    rest: tuple[MachineRecord, ...] = ()
    clusters: dict[str, str] = {}
    guest_of: dict[int, Guest] = {}
    """Id of a machine's record -> its guest."""


def join_guests(
    guests: Iterable[Guest],
    macs: Mapping[str, frozenset[str]],
    machines: Iterable[MachineRecord],
    machine_macs: Mapping[int, frozenset[str]],
    keys: Keys = _KEYS,
) -> GuestJoins:
    """The join. `macs` are those of each guest's configuration by its key, lower case."""
    everyone, records = tuple(guests), tuple(machines)
    names = _cluster_names(everyone, records)
    work = _Work(everyone, records, names)
    for key in keys.guests:
        if key == "vmid":
            work.numbers()
        elif key == "mac":
            work.macs(macs, machine_macs)
        else:
            work.names()
    work.settle_ambiguous(macs, machine_macs)
    return work.result()


class _Work:
    """Joins under way: what is found, and which records are still free."""

    def __init__(
        self,
        guests: tuple[Guest, ...],
        records: tuple[MachineRecord, ...],
        clusters: dict[str, str],
    ) -> None:
        self._guests = guests
        self._records = records
        self._clusters = clusters
        self._found: dict[str, Match] = {}
        self._taken: set[int] = set()

    def numbers(self) -> None:
        """By the number of the guest within its cluster."""
        self._pass(
            "vmid",
            "certain",
            lambda record: [] if record.vmid is None else [(record.cluster, record.vmid)],
            lambda guest: [(self._clusters.get(guest.cluster), guest.vmid)],
        )

    def macs(
        self, macs: Mapping[str, frozenset[str]], machine_macs: Mapping[int, frozenset[str]]
    ) -> None:
        """By MAC addresses, which a clone that was made by hand may share."""
        self._pass(
            "mac",
            "certain",
            lambda record: sorted(machine_macs.get(record.id, ())),
            lambda guest: sorted(macs.get(guest.key, ())),
        )

    def names(self) -> None:
        """By name within the cluster, which Proxmox VE lets several guests have."""
        self._pass(
            "name",
            "likely",
            lambda record: [(record.cluster, record.name.casefold())],
            lambda guest: (
                [(self._clusters.get(guest.cluster), guest.name.casefold())] if guest.name else []
            ),
        )

    def _pass(
        self,
        by: By,
        sure: Sure,
        of_record: Callable[[MachineRecord], Iterable[object]],
        of_guest: Callable[[Guest], Iterable[object]],
    ) -> None:
        if all(guest.key in self._found for guest in self._guests):
            return
        records: dict[object, list[MachineRecord]] = {}
        for record in self._records:
            if record.id not in self._taken:
                for key in of_record(record):
                    records.setdefault(key, []).append(record)
        wanted: dict[int, list[str]] = {}
        candidates: dict[str, tuple[MachineRecord, ...]] = {}
        for guest in self._guests:
            if guest.key in self._found:
                continue
            fitting = {each.id: each for key in of_guest(guest) for each in records.get(key, ())}
            if fitting:
                candidates[guest.key] = tuple(fitting[number] for number in sorted(fitting))
                for number in fitting:
                    wanted.setdefault(number, []).append(guest.key)
        for key, found in candidates.items():
            # A record that two guests could have says nothing about either.
            shared = any(len(wanted[each.id]) > 1 for each in found)
            self._found[key] = (
                Joined(None, by, "ambiguous", found) if shared else settled(found, by, sure)
            )
        for match in self._found.values():
            self._taken.update(each.id for each in _claimed(match))

    def settle_ambiguous(
        self, macs: Mapping[str, frozenset[str]], machine_macs: Mapping[int, frozenset[str]]
    ) -> None:
        """Where several would do, MAC addresses and then the name may still tell them apart."""
        unsettled = {g.key: g for g in self._guests if self._match(g.key).sure == "ambiguous"}
        better: dict[str, MachineRecord] = {}
        for key, guest in unsettled.items():
            found = self._found[key].candidates
            own = macs.get(key, frozenset())
            fitting = [each for each in found if own & machine_macs.get(each.id, frozenset())]
            if len(fitting) != 1:
                name = guest.name.casefold()
                fitting = [each for each in found if name and each.name.casefold() == name]
            if len(fitting) == 1:
                better[key] = fitting[0]
        times: dict[int, int] = {}
        for record in better.values():
            times[record.id] = times.get(record.id, 0) + 1
        for key, record in better.items():
            if times[record.id] == 1:
                self._found[key] = Joined(record, self._found[key].by, "likely")

    def _match(self, key: str) -> Match:
        return self._found.get(key, NOBODY)

    def result(self) -> GuestJoins:
        guest_of = {
            match.record.id: guest
            for guest in self._guests
            if (match := self._match(guest.key)).record is not None
        }
        held = set(guest_of)
        for match in self._found.values():
            held.update(each.id for each in match.candidates)
        rest = tuple(record for record in self._records if record.id not in held)
        return GuestJoins(self._found, rest, self._clusters, guest_of)


def _claimed(match: Match) -> tuple[MachineRecord, ...]:
    return match.candidates if match.record is None else (match.record,)


def _cluster_names(guests: tuple[Guest, ...], records: tuple[MachineRecord, ...]) -> dict[str, str]:
    """What NetBox calls each cluster: the same, or in a lab of one cluster that of most numbers."""
    ours = dict.fromkeys(guest.cluster for guest in guests)
    theirs = dict.fromkeys(record.cluster for record in records)
    folded = {name.casefold(): name for name in theirs}
    found = {name: folded[name.casefold()] for name in ours if name.casefold() in folded}
    if len(ours) != 1 or found:
        return found
    (only,) = ours
    numbers = {guest.vmid for guest in guests}
    votes: dict[str, int] = {}
    for record in records:
        if record.vmid in numbers:
            votes[record.cluster] = votes.get(record.cluster, 0) + 1
    if not votes:
        return {}
    best = max(votes, key=lambda name: (votes[name], name))
    clear = all(votes[name] * 2 < votes[best] for name in votes if name != best)
    return {only: best} if clear else {}


def guest_macs(snapshot: Snapshot) -> dict[str, frozenset[str]]:
    """The MAC addresses of each guest whose configuration was read, by its key."""
    return {
        f"{cluster}/{vmid}": frozenset(net.mac.casefold() for net in config.nets if net.mac)
        for cluster, part in snapshot.of(GuestConfigs)
        for vmid, config in part.configs.items()
    }


def machine_macs(inventory: Inventory) -> dict[int, frozenset[str]]:
    """The MAC addresses of each machine by its id."""
    found: dict[int, set[str]] = {}
    for interface in inventory.interfaces:
        if interface.owner == "machine":
            found.setdefault(interface.owner_id, set()).update(m.mac for m in interface.macs)
    return {number: frozenset(macs) for number, macs in found.items()}


def _macs_of_machines(snapshot: Snapshot) -> dict[int, frozenset[str]]:
    inventory = next((part for _source, part in snapshot.of(Inventory)), None)
    return machine_macs(inventory) if inventory is not None else {}


# Apart from the guests' rows, which are read anew every few seconds.
_GUEST_MACS = Derived((GuestConfigs,), guest_macs)
_MACHINE_MACS = Derived((Inventory,), _macs_of_machines)


def _joins(snapshot: Snapshot) -> GuestJoins:
    inventory = next((part for _source, part in snapshot.of(Inventory)), None)
    if inventory is None:
        return GuestJoins()
    guests = [guest for _source, part in snapshot.of(Resources) for guest in part.guests]
    return join_guests(
        guests,
        _GUEST_MACS(snapshot),
        inventory.machines,
        _MACHINE_MACS(snapshot),
        inventory.keys,
    )


guest_joins = Derived((Resources, GuestConfigs, Inventory), _joins, figures=False)
"""Every guest with its record in the newest inventory."""

__all__ = ["GuestJoins", "GuestKey", "Match", "guest_joins", "join_guests"]
