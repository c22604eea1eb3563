"""What was found about an address, MAC, name, VLAN, AS number or prefix, in sections."""

from __future__ import annotations

from collections.abc import Sequence

from labtui.locale import _
from labtui.model.cluster import Resources
from labtui.model.feed import Backend
from labtui.model.inventory import Inventory
from labtui.model.links import Link, links
from labtui.model.lookup import Answer, Found, Sightings
from labtui.model.overlay import RouterFacts
from labtui.model.records.index import first_inventory
from labtui.model.route_checks import link_over
from labtui.model.routes import RouteAnswer
from labtui.model.snapshot import Part, Snapshot
from labtui.views import aging
from labtui.views.view import Cell, Section

_PARTS: dict[str, type[Part]] = {
    "netbox": Inventory,
    "proxmox": Resources,
    "routeros": RouterFacts,
}


def kind_text(what: str) -> str:
    """What it is."""
    return {
        "guest": _("guest"),
        "machine": _("virtual machine (recorded only)"),
        "node": _("node"),
        "router": _("router"),
        "session": _("BGP neighbour"),
        "address": _("recorded address"),
        "prefix": _("prefix"),
        "range": _("range of addresses"),
        "route": _("announced network"),
        "interface": _("recorded interface"),
        "vlan": _("VLAN"),
        "asn": _("AS number"),
        "device": _("device"),
        "tenant": _("tenant"),
        "contact": _("contact"),
        "site": _("site"),
        "tunnel": _("tunnel"),
    }.get(what, what)


def label_text(label: str) -> str:
    """The label of a line."""
    return {
        "interface": _("interface"),
        "site": _("site"),
        "address": _("address"),
        "cluster": _("cluster"),
        "router": _("router"),
        "asn": "AS",
        "node": _("node"),
        "state": _("state"),
        "owner": _("owner"),
        "contact": _("ask"),
        "on": _("on"),
        "vrf": "VRF",
        "role": _("role"),
        "dns": "DNS",
        "about": _("about"),
        "vlan": "VLAN",
        "used": _("used"),
        "origin": _("from"),
        "prefix": _("prefix"),
        "group": _("group"),
        "rir": "RIR",
        "version": _("version"),
        "guests": _("guests"),
        "mail": _("mail"),
        "phone": _("phone"),
    }.get(label, label)


def sections(
    found: Found, sightings: Sightings | None, snapshot: Snapshot, now: float
) -> tuple[Section, ...]:
    """All of it; `sightings` is None while the routers are being asked."""
    inventory = first_inventory(snapshot)
    url = inventory.url if inventory is not None else ""
    made = [_answer(each, url, snapshot, now) for each in found.answers]
    if not made:
        nothing = Cell(_("nothing that was read is called so or has it"), "warn")
        made.append(Section(found.query.text, (("", nothing),)))
    asked = found.query.kind in ("address", "mac")
    if asked or (sightings is not None and (sightings.seen or sightings.silent)):
        made.append(_now(sightings))
        every = links(snapshot, now)
        made.extend(_way(each, every) for each in (sightings.routes if sightings else ()))
    return tuple(made)


def _answer(each: Answer, url: str, snapshot: Snapshot, now: float) -> Section:
    title = _("{what}: {name}").format(what=kind_text(each.what), name=each.name)
    lines = [(label_text(label), Cell(value)) for label, value in each.lines]
    if each.record is not None and (page := each.record.page(url)):
        lines.append((_("in NetBox"), Cell(page, "dim")))
    return aging.section(title, tuple(lines), _age(each.told, snapshot, now))


def _age(told: Backend, snapshot: Snapshot, now: float) -> float | None:
    return aging.age_of_any(snapshot, now, _PARTS[told])


def _now(sightings: Sightings | None) -> Section:
    """Who has it now, in the words of routers and guests."""
    title = _("Now, as routers and guests say")
    if sightings is None:
        return Section(title, (("", Cell(_("asking the routers"), "dim")),))
    how = {"arp": "ARP", "lease": _("DHCP lease"), "inside": _("inside the guest")}
    lines = [
        (
            each.router,
            Cell("  ".join(filter(None, (how[each.how], each.address, each.mac, each.interface,
                                         each.host_name, each.status)))),
        )
        for each in sightings.seen
    ]  # fmt: skip
    lines += [(router, Cell(why, "warn")) for router, why in sorted(sightings.silent.items())]
    if not sightings.seen and not sightings.silent:
        lines.append(("", Cell(_("no router has it in its ARP table or a lease"), "dim")))
    return Section(title, tuple(lines))


def _way(answer: RouteAnswer, every: Sequence[Link]) -> Section:
    title = _("the way from {router}").format(router=answer.router)
    taken = answer.taken
    if taken is None:
        return Section(title, (("", Cell(_("no route"), "warn")),))
    path = " ".join(str(number) for number in taken.path)
    link = link_over(answer.router, taken.interface, every)
    lines = (
        (_("prefix"), Cell(taken.prefix)),
        (_("by way of"), Cell(" ".join(filter(None, (taken.gateway, taken.interface))))),
        (_("link"), Cell(link.name if link is not None else "")),
        (_("kind"), Cell(taken.kind)),
        (_("AS path"), Cell(path)),
    )
    return Section(title, tuple(line for line in lines if line[1].text))
