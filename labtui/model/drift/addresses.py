"""Networks beside prefixes, and addresses that NetBox has twice."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

from labtui.model.drift.difference import Difference, Ground, Mend
from labtui.model.drift.equipment import SHARED, address_ref
from labtui.model.inventory import AddressRecord
from labtui.model.overlay import RouterFacts
from labtui.model.records import refs
from labtui.model.records.index import RecordIndex, host_of, record_index
from labtui.model.records.refs import Ref
from labtui.model.records.subnets import Subnet, subnet_joins
from labtui.model.snapshot import Snapshot

_NETBOX: Ground = ("inventory", "netbox")


def prefix_drift(snapshot: Snapshot) -> Iterator[Difference]:
    """Networks that routers are in or announce, and that no prefix is recorded for."""
    index = record_index(snapshot)
    inventory = index.inventory
    if not inventory.keeps(refs.PREFIXES):
        return
    sites = {router: facts.site for router, facts in snapshot.of(RouterFacts)}
    known = {site.name: site.id for site in inventory.sites}
    joins = subnet_joins(snapshot)
    for subnet in joins.subnets:
        net = ip_network(subnet.network)
        if subnet.public or net.prefixlen == net.max_prefixlen or net.is_link_local:
            continue
        match = joins.of[subnet.network]
        site = _site(subnet, sites)
        if match.record is None and not match.candidates:
            yield _missing(subnet, site, known.get(site), hidden=refs.PREFIXES in inventory.partly)
        elif match.record is not None and site and match.record.site not in ("", site):
            values = (("scope_type", "dcim.site"), ("scope_id", known.get(site)))
            ref = Ref(refs.PREFIXES, match.record.id, match.record.prefix)
            yield Difference(
                "different", "prefix", subnet.network, field="site", record=ref, actual=site,
                recorded=match.record.site, rests=_rests(subnet), site=site, sure=match.sure,
                mends=(Mend("record", "set", ref, values=values),) if site in known else (),
            )  # fmt: skip


def _site(subnet: Subnet, sites: dict[str, str]) -> str:
    """The site of a network that is at one of them; a link's is at two."""
    found = {sites.get(router, "") for router in subnet.routers or subnet.announced_by} - {""}
    return found.pop() if len(found) == 1 else ""


def _rests(subnet: Subnet) -> tuple[Ground, ...]:
    return (
        *(("facts", router) for router in subnet.routers),
        *(("routes", router) for router in subnet.announced_by),
        _NETBOX,
    )


def _missing(subnet: Subnet, site: str, site_id: int | None, *, hidden: bool) -> Difference:
    scope = (("scope_type", "dcim.site"), ("scope_id", site_id)) if site_id is not None else ()
    ref = Ref(refs.PREFIXES, 0, subnet.network)
    values = (("prefix", subnet.network), ("status", "active"), *scope)
    announced = ", ".join(subnet.announced_by)
    return Difference(
        "missing",
        "prefix",
        subnet.network,
        field="announced" if announced else "",
        lab=announced or ", ".join(subnet.routers),
        actual=announced or ", ".join(subnet.routers),
        mends=(Mend("record", "create", ref, values=values),),
        rests=_rests(subnet),
        hidden=hidden,
        site=site,
        severity="warning",
    )


def twice(snapshot: Snapshot) -> Iterator[Difference]:
    """Addresses that NetBox has on two things at once, in one VRF."""
    index = record_index(snapshot)
    by_host: dict[tuple[str, str], list[AddressRecord]] = {}
    for record in index.inventory.addresses:
        if record.holder is not None and record.role not in SHARED:
            by_host.setdefault((record.vrf, host_of(record.address)), []).append(record)
    told: set[str] = set()
    for (_vrf, host), records in by_host.items():
        places = {(each.holder, each.interface) for each in records}
        if host and len(places) > 1:
            told.add(host)
            yield _doubled(host, records, index)
    yield from _primary_twice(index, told)


def _doubled(host: str, records: list[AddressRecord], index: RecordIndex) -> Difference:
    names = sorted(" ".join(index.holder(each)) for each in records)
    return Difference(
        "twice",
        "address",
        host,
        record=address_ref(records[0]),
        recorded=", ".join(names),
        candidates=tuple(address_ref(each) for each in records),
        mends=tuple(Mend("record", "delete", address_ref(each)) for each in records),
        rests=(_NETBOX,),
        severity="warning",
    )


def _primary_twice(index: RecordIndex, told: set[str]) -> Iterator[Difference]:
    """The same for the primary addresses of machines, where the addresses may not be seen."""
    machines: dict[str, list[Ref]] = {}
    for machine in index.inventory.machines:
        if machine.address:
            ref = Ref(refs.MACHINES, machine.id, machine.name)
            machines.setdefault(machine.address, []).append(ref)
    for address, found in machines.items():
        if len(found) > 1 and host_of(address) not in told:
            yield Difference(
                "twice", "address", address, record=found[0], candidates=tuple(found),
                recorded=", ".join(sorted(each.name for each in found)), rests=(_NETBOX,),
                severity="warning",
            )  # fmt: skip
