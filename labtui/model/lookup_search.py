"""Looking something up in a snapshot: one pass over what it could be."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from labtui.model.asn_holders import holder_of
from labtui.model.cluster import Membership
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.inventory import AddressRecord
from labtui.model.lookup import Answer, Query
from labtui.model.overlay import Bgp, RouterFacts
from labtui.model.presence import seen_guests
from labtui.model.records import refs
from labtui.model.records.guests import guest_joins
from labtui.model.records.index import RecordIndex, host_of, network_of, record_index
from labtui.model.records.inside import inside
from labtui.model.records.people import people
from labtui.model.records.refs import Ref
from labtui.model.records.usage import Use, prefix_uses
from labtui.model.routes import Routes
from labtui.model.snapshot import Snapshot
from labtui.model.systems import systems

Network = IPv4Network | IPv6Network
Lines = tuple[tuple[str, str], ...]


def lines_of(**values: object) -> Lines:
    """Those of the values that say something, by their labels."""
    return tuple((label, str(value)) for label, value in values.items() if value not in ("", None))


class Search:
    """One snapshot, looked through."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.index: RecordIndex = record_index(snapshot)
        self.joins = guest_joins(snapshot)
        self.seen = seen_guests(snapshot)

    def address(self, query: Query) -> Iterator[Answer]:
        """Guests and routers that have it, its record, the prefix around it, who announces it."""
        host = query.text
        yield from self._guests_with(host)
        for router, facts in self.snapshot.of(RouterFacts):
            for each in facts.addresses:
                if host_of(each.address) == host:
                    lines = lines_of(
                        interface=each.interface, site=facts.site, address=each.address
                    )
                    yield Answer("router", router, "routeros", lines)
        for cluster, part in self.snapshot.of(Membership):
            for member in part.members:
                if host_of(member.address) == host:
                    lines = lines_of(cluster=cluster, address=member.address)
                    key = f"{cluster}/{member.name}"
                    yield Answer("node", member.name, "proxmox", lines, view="nodes", key=key)
        for router, bgp in self.snapshot.of(Bgp):
            for connection in bgp.connections:
                if host_of(connection.remote_address) == host:
                    lines = lines_of(router=router, asn=connection.remote_as)
                    yield Answer(
                        "session", connection.name, "routeros", lines, view="bgp",
                        key=connection.key,
                    )  # fmt: skip
        for record in self.index.addresses.get(host, []):
            yield self.address_record(record)
        address = ip_address(host)
        yield from self._around(address)
        yield from self._announced(address)

    def _guests_with(self, host: str) -> Iterator[Answer]:
        """Each guest once, by its configuration or by its agent's word."""
        known: set[str] = set()
        for guest, place in (*self._configured(host), *self._inside(host)):
            if guest.key not in known:
                known.add(guest.key)
                yield self.guest(guest, interface=place)

    def _configured(self, host: str) -> Iterator[tuple[Guest, str]]:
        """Guests whose configuration has a fixed address."""
        for cluster, part in self.snapshot.of(GuestConfigs):
            for vmid, config in part.configs.items():
                seen = self.seen.get(f"{cluster}/{vmid}")
                for net in config.nets:
                    if seen is not None and net.address and host_of(net.address) == host:
                        yield seen.guest, f"net{net.index} {net.mac}".strip()

    def _inside(self, host: str) -> Iterator[tuple[Guest, str]]:
        """Guests whose agent told of it when it was asked last."""
        for key, macs in inside(self.snapshot).items():
            seen = self.seen.get(key)
            for mac, addresses in macs.items():
                if seen is not None and host in (host_of(each) for each in addresses):
                    yield seen.guest, mac

    def guest(self, guest: Guest, **more: object) -> Answer:
        """A guest with its record and whom to ask."""
        match = self.joins.of.get(guest.key)
        record = match.record if match is not None else None
        tenant = record.tenant if record is not None else ""
        lines = lines_of(
            **more,
            node=guest.node,
            state=guest.status,
            address=record.address if record is not None else "",
            owner=tenant,
            contact=people(self.snapshot).asked_about(tenant) if tenant else "",
        )
        ref = Ref(refs.MACHINES, record.id, record.name) if record is not None else None
        return Answer("guest", guest.label, "proxmox", lines, ref, "guests", guest.key)

    def address_record(self, record: AddressRecord) -> Answer:
        """An address as NetBox has it."""
        name, interface = self.index.holder(record)
        lines = lines_of(
            on=f"{name} {interface}".strip(),
            state=record.status,
            vrf=record.vrf,
            role=record.role,
            dns=record.dns_name,
            owner=record.tenant,
            contact=people(self.snapshot).asked_about(record.tenant) if record.tenant else "",
            about=record.description,
        )
        return Answer(
            "address", record.address, "netbox", lines,
            Ref(refs.ADDRESSES, record.id, record.address),
        )  # fmt: skip

    def _around(self, address: IPv4Address | IPv6Address) -> Iterator[Answer]:
        """The smallest recorded prefix of each VRF that it lies in, and the ranges."""
        best: dict[str, tuple[int, Use]] = {}
        for use in prefix_uses(self.snapshot):
            net = ip_network(use.record.prefix, strict=False)
            if net.version == address.version and address in net:
                length = best.get(use.record.vrf, (-1, use))[0]
                if net.prefixlen > length:
                    best[use.record.vrf] = net.prefixlen, use
        for _length, use in best.values():
            yield self._prefix_record(use)
        for each in self.index.inventory.ranges:
            start, end = host_of(each.start), host_of(each.end)
            if start and end and _between(start, address, end):
                lines = lines_of(state=each.status, about=each.description)
                name = f"{start} - {end}"
                yield Answer("range", name, "netbox", lines, Ref(refs.RANGES, each.id, name))

    def _prefix_record(self, use: Use) -> Answer:
        record = use.record
        lines = lines_of(
            site=record.site,
            vlan=f"{use.vlan.vid} {use.vlan.name}" if use.vlan is not None else "",
            vrf=record.vrf,
            state=record.status,
            owner=record.tenant,
            used=f"{use.used}/{use.size}" if record.status != "container" else "",
            about=record.description,
        )
        ref = Ref(refs.PREFIXES, record.id, record.prefix)
        key = f"{refs.PREFIXES}/{record.id}"
        return Answer("prefix", record.prefix, "netbox", lines, ref, "ipam", key)

    def _announced(self, address: IPv4Address | IPv6Address) -> Iterator[Answer]:
        """The longest announced network around an address: who says that it is his."""
        best: dict[tuple[str, str], str] = {}
        sites, facts = systems(self.snapshot).sites, dict(self.snapshot.of(RouterFacts))
        for router, routes in self.snapshot.of(Routes):
            for prefix in routes.own:
                best[prefix, router] = facts[router].site if router in facts else ""
            for route in routes.learnt:
                if route.origin is not None:
                    name = f"AS{route.origin}"
                    best.setdefault((route.prefix, name), sites.get(route.origin, ""))
        fitting: list[tuple[int, str, str]] = []
        for prefix, origin in best:
            net = _net(prefix)
            if net is not None and net.version == address.version and address in net:
                fitting.append((net.prefixlen, prefix, origin))
        longest = max((length for length, _prefix, _origin in fitting), default=-1)
        for length, prefix, origin in sorted(fitting):
            if length == longest:
                lines = lines_of(origin=origin, site=best[prefix, origin])
                yield Answer("route", prefix, "routeros", lines)

    def prefix(self, query: Query) -> Iterator[Answer]:
        """Its record, routers in it, who announces it, what lies below it."""
        wanted = query.text
        uses = prefix_uses(self.snapshot)
        for use in uses:
            if network_of(use.record.prefix) == wanted:
                yield self._prefix_record(use)
        for router, facts in self.snapshot.of(RouterFacts):
            for each in facts.addresses:
                if network_of(each.address) == wanted:
                    lines = lines_of(
                        interface=each.interface, site=facts.site, address=each.address
                    )
                    yield Answer("router", router, "routeros", lines)
        yield from self._announced(ip_network(wanted).network_address)
        if not any(network_of(use.record.prefix) == wanted for use in uses):
            yield from self._around(ip_network(wanted).network_address)

    def mac(self, query: Query) -> Iterator[Answer]:
        """The guests and interfaces that have it."""
        for cluster, part in self.snapshot.of(GuestConfigs):
            for vmid, config in part.configs.items():
                seen = self.seen.get(f"{cluster}/{vmid}")
                for net in config.nets:
                    if seen is not None and net.mac.casefold() == query.text:
                        vlan = "" if net.tag is None else str(net.tag)
                        place = f"net{net.index} {net.bridge}".strip()
                        yield self.guest(seen.guest, interface=place, vlan=vlan)
        for interface in self.index.inventory.interfaces:
            if any(mac.mac == query.text for mac in interface.macs):
                held = self.index.addresses_on.get((interface.owner, interface.id), [])
                on = ", ".join(each.address for each in held)
                path = (
                    refs.MACHINE_INTERFACES
                    if interface.owner == "machine"
                    else refs.DEVICE_INTERFACES
                )
                owner = self.index.owner_name(interface)
                yield Answer(
                    "interface", f"{owner} {interface.name}", "netbox", lines_of(address=on),
                    Ref(path, interface.id, interface.name),
                )  # fmt: skip

    def vlan(self, query: Query) -> Iterator[Answer]:
        """Its records with their prefixes, and the guests in it."""
        for record in self.index.inventory.vlans:
            if record.vid == query.number:
                prefixes = ", ".join(
                    each.prefix for each in self.index.inventory.prefixes if each.vlan == record.id
                )
                lines = lines_of(
                    site=record.site, group=record.group, prefix=prefixes, state=record.status,
                    owner=record.tenant, about=record.description,
                )  # fmt: skip
                name = f"{record.vid} {record.name}"
                yield Answer("vlan", name, "netbox", lines, Ref(refs.VLANS, record.id, name))
        for cluster, part in self.snapshot.of(GuestConfigs):
            for vmid, config in part.configs.items():
                seen = self.seen.get(f"{cluster}/{vmid}")
                nets = [net for net in config.nets if net.tag == query.number]
                if seen is not None and nets:
                    yield self.guest(seen.guest, interface=f"net{nets[0].index}")

    def _holder(self, asn: int) -> Iterator[Answer]:
        """The number with its site and person, as NetBox and the routers' configuration say."""
        holder, name = holder_of(self.snapshot, asn), f"AS{asn}"
        lines = lines_of(
            site=", ".join(holder.every_site),
            router=", ".join(holder.routers),
            owner=holder.tenant,
            contact=holder.contact,
            rir=holder.record.rir if holder.record is not None else "",
            about=holder.about,
        )
        if holder.record is not None:
            ref = Ref(refs.ASNS, holder.record.id, name)
            yield Answer("asn", name, "netbox", lines, ref)
        elif lines:
            yield Answer("asn", name, "routeros", lines)

    def system(self, query: Query) -> Iterator[Answer]:
        """Its record and sites, our routers that are in it, neighbours that are."""
        yield from self._holder(query.number or 0)
        for router, bgp in self.snapshot.of(Bgp):
            if any(each.local_as == query.number for each in bgp.connections):
                facts = self.snapshot.one(RouterFacts, router)
                yield Answer(
                    "router", router, "routeros", lines_of(site=facts.site if facts else "")
                )
            for each in bgp.connections:
                if each.remote_as == query.number:
                    lines = lines_of(router=router, address=each.remote_address)
                    yield Answer("session", each.name, "routeros", lines, view="bgp", key=each.key)
        for router, routes in self.snapshot.of(Routes):
            nets = [route.prefix for route in routes.learnt if route.origin == query.number]
            if nets:
                text = ", ".join(nets[:10])
                yield Answer("route", text, "routeros", lines_of(router=router))


def _between(start: str, address: IPv4Address | IPv6Address, end: str) -> bool:
    first, last = ip_address(start), ip_address(end)
    same = first.version == last.version == address.version
    return same and int(first) <= int(address) <= int(last)


def _net(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
