"""Findings about NetBox's records: what runs and is not recorded, or is recorded otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import msgspec

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import Membership, Resources
from labtui.model.derived import Derived
from labtui.model.guests import Guest
from labtui.model.inventory import Inventory, MachineRecord
from labtui.model.overlay import Bgp, RouterFacts
from labtui.model.owners import registry
from labtui.model.presence import seen_guests
from labtui.model.snapshot import Snapshot

_RUNS, _OFF = frozenset(("active",)), frozenset(("offline", "decommissioning", "failed"))


class Difference(msgspec.Struct, frozen=True):
    """A guest whose record says something else: (field, what runs, what is recorded)."""

    guest: Guest
    record: MachineRecord
    fields: tuple[tuple[str, str, str], ...]


class Ledger(msgspec.Struct, frozen=True):
    """Guests and records side by side. `unsaid`: joined, but the guest's state is not known now."""

    missing: tuple[Guest, ...] = ()
    different: tuple[Difference, ...] = ()
    unsaid: tuple[tuple[Guest, MachineRecord], ...] = ()
    surplus: tuple[MachineRecord, ...] = ()
    twice: dict[str, tuple[MachineRecord, ...]] = {}


def _ledger(snapshot: Snapshot) -> Ledger:
    machines = [record for _source, part in snapshot.of(Inventory) for record in part.machines]
    if not machines:
        return Ledger()
    known = registry(snapshot)
    alone = len(snapshot.sources("proxmox")) <= 1
    missing, different, unsaid, matched = [], [], [], set()
    for seen in seen_guests(snapshot).values():
        guest = seen.guest
        owned = known.of_guest(guest, only_cluster=alone)
        if owned is None:
            missing.append(guest)
            continue
        matched.add(owned.record.id)
        fields = _differs(guest, owned.record)
        if fields:
            different.append(Difference(guest, owned.record, fields))
        if guest.status == "unknown" or seen.node_online is not True:
            unsaid.append((guest, owned.record))
    clusters = {name for name, _part in snapshot.of(Resources)}
    surplus = [
        record
        for record in machines
        if record.id not in matched
        and record.status in _RUNS
        and (record.cluster in clusters or (alone and record.vmid is not None))
    ]
    return Ledger(tuple(missing), tuple(different), tuple(unsaid), tuple(surplus), _twice(machines))


def _twice(machines: list[MachineRecord]) -> dict[str, tuple[MachineRecord, ...]]:
    by_address: dict[str, list[MachineRecord]] = {}
    for record in machines:
        if record.address:
            by_address.setdefault(record.address, []).append(record)
    return {address: tuple(each) for address, each in by_address.items() if len(each) > 1}


def _differs(guest: Guest, record: MachineRecord) -> tuple[tuple[str, str, str], ...]:
    found: list[tuple[str, str, str]] = []
    if record.node and record.node != guest.node:
        found.append(("node", guest.node, record.node))
    runs = guest.status == "running"
    if (runs and record.status in _OFF) or (guest.status == "stopped" and record.status in _RUNS):
        found.append(("status", guest.status, record.status))
    if record.memory and guest.memory_max and abs(record.memory - guest.memory_max) >= 1 << 20:
        found.append(("memory", f"{guest.memory_max >> 20} MiB", f"{record.memory >> 20} MiB"))
    if record.vcpus and guest.cpus and record.vcpus != guest.cpus:
        found.append(("vcpus", f"{guest.cpus:g}", f"{record.vcpus:g}"))
    if guest.name and record.name.casefold() != guest.name.casefold():
        found.append(("name", guest.name, record.name))
    return tuple(found)


ledger = Derived((Resources, Membership, Inventory), _ledger)
"""Guests and records side by side."""


def _missing(sight: Sight) -> Iterator[Finding]:
    for guest in ledger(sight.snapshot).missing:
        yield Finding(
            "record-missing",
            Subject("guest", guest.key, guest.label, "guests"),
            "record",
            "notice" if guest.template else "warning",
            words(N_("{guest} is not in NetBox"), guest=guest.label),
            remedies=(
                Remedy(words(N_("record it: else its address will be given away")),
                       view="guests", key=guest.key),
            ),
            hits=Hits(guests=(guest.key,)),
        )  # fmt: skip


def _different(sight: Sight) -> Iterator[Finding]:
    told = set()
    for each in ledger(sight.snapshot).different:
        told.add(each.guest.key)
        yield _recorded_wrong(sight, each)
    # A guest of which nothing is heard is compared with what it was when it was last heard of.
    for guest, record in ledger(sight.snapshot).unsaid:
        past = sight.history.guests.get(guest.cluster)
        ran = past is not None and guest.key in past.running
        if guest.key not in told and ran and record.status in _OFF:
            fields = (("status", "running", record.status),)
            yield _recorded_wrong(sight, Difference(guest, record, fields))


def _recorded_wrong(sight: Sight, each: Difference) -> Finding:
    guest = each.guest
    return Finding(
        "record-differs",
        Subject("guest", guest.key, guest.label, "guests"),
        "record",
        # People start and stop guests all day; what is missing altogether is worse.
        "notice",
        words(N_("NetBox has {guest} otherwise: {fields}"), guest=guest.label,
              fields=", ".join(field for field, _found, _recorded in each.fields)),
        evidence=tuple(
            Evidence(words(N_("{field}: is {found}, recorded as {recorded}"), field=field,
                           found=found, recorded=recorded))
            for field, found, recorded in each.fields
        ),
        remedies=(
            Remedy(words(N_("correct the record, or the guest")), view="guests", key=guest.key),
        ),
        hits=Hits(guests=(guest.key,)),
    )  # fmt: skip


def _surplus(sight: Sight) -> Iterator[Finding]:
    for record in ledger(sight.snapshot).surplus:
        yield Finding(
            "record-surplus",
            Subject("record", str(record.id), record.name),
            "record",
            "notice",
            words(N_("NetBox has {name}, and no such guest exists"), name=record.name),
            remedies=(Remedy(words(N_("delete the record, and give its address free"))),),
        )


def _addresses(sight: Sight) -> Iterator[Finding]:
    for address, records in sorted(ledger(sight.snapshot).twice.items()):
        names = ", ".join(sorted(record.name for record in records))
        yield Finding(
            "address-twice",
            Subject("address", address, address),
            "record",
            "warning",
            words(N_("{address} is recorded for several: {names}"), address=address, names=names),
            remedies=(Remedy(words(N_("find out who answers there, and correct the other"))),),
        )


def _prefixes(sight: Sight) -> Iterator[Finding]:
    """Networks that routers have and NetBox has not."""
    records = [each for _source, part in sight.snapshot.of(Inventory) for each in part.prefixes]
    if not records:
        return
    known = {_network(each.prefix) for each in records}
    for site, networks in sorted(sight.places.lans.items()):
        for network in networks:
            if network in known:
                continue
            yield Finding(
                "prefix-missing",
                Subject("prefix", network, network),
                "record",
                "warning",
                words(N_("{network} of {site} is not in NetBox"), network=network, site=site),
                evidence=(
                    Evidence(words(N_("the router of {site} has an address in it"), site=site)),
                ),
                remedies=(Remedy(words(N_("record it before somebody gives it away again"))),),
                sites=(site,),
                hits=Hits(prefixes=(network,)),
            )  # fmt: skip


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        return ""


def _systems(sight: Sight) -> Iterator[Finding]:
    """AS numbers of sites that are recorded otherwise than their routers have them."""
    recorded = {
        site.name: site.asns
        for _source, part in sight.snapshot.of(Inventory)
        for site in part.sites
    }
    facts = dict(sight.snapshot.of(RouterFacts))
    for router, bgp in sight.snapshot.of(Bgp):
        site = (facts[router].site if router in facts else "") or router
        held = {connection.local_as for connection in bgp.connections} - {None}
        asns = recorded.get(site, ())
        if not asns or not held or held & set(asns):
            continue
        yield Finding(
            "record-asn",
            Subject("site", site, site),
            "record",
            "warning",
            words(N_("NetBox has another AS number for {site}"), site=site),
            evidence=(
                Evidence(words(N_("{field}: is {found}, recorded as {recorded}"), field="ASN",
                               found=" ".join(str(number) for number in sorted(filter(None, held))),
                               recorded=" ".join(str(number) for number in asns)), source=router),
            ),
            remedies=(Remedy(words(N_("correct the site's AS number in NetBox"))),),
            sites=(site,),
        )  # fmt: skip


RECORD_RULES = (
    Rule("record-missing", "ipam", (Inventory, Resources), _missing),
    Rule("record-differs", "ipam", (Inventory, Resources), _different),
    Rule("record-surplus", "ipam", (Inventory, Resources), _surplus),
    Rule("address-twice", "ipam", (Inventory,), _addresses),
    Rule("prefix-missing", "ipam", (Inventory, RouterFacts), _prefixes),
    Rule("record-asn", "ipam", (Inventory, Bgp), _systems),
)
