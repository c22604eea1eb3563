"""The local network of a router: leases, ARP, VXLAN and lists of interfaces."""

from __future__ import annotations

from labtui.demo.overlay.devices import Record
from labtui.demo.routeros.menu import FIRST, Context, Menu
from labtui.demo.routeros.records import record_menu
from labtui.demo.routeros.values import duration

_LEASE = 1800.0


def _since_renewal(context: Context, record: Record) -> float:
    """A client renews after half of its lease."""
    return (context.world.now + 41.0 * record.number) % (_LEASE / 2)


LEASES: Menu[Record] = record_menu(
    "/ip/dhcp-server/lease",
    living={
        "status": lambda _context, _record: "bound",
        "expires-after": lambda context, record: duration(_LEASE - _since_renewal(context, record)),
        "last-seen": lambda context, record: duration(_since_renewal(context, record)),
        "active-address": lambda _context, record: record.values.get("address"),
        "active-mac-address": lambda _context, record: record.values.get("mac-address"),
        "active-client-id": lambda _context, record: record.values.get("client-id"),
        "active-server": lambda _context, record: record.values.get("server"),
    },
    since=FIRST,
    key="address",
)


def _arp(context: Context) -> list[Record]:
    """The nodes of the site, and the guests that have a lease."""
    router = context.router
    found = [
        (node.address, f"00:00:5E:00:53:F{number % 16:X}")
        for number, node in enumerate(context.world.lab.nodes, start=2)
        if node.site == router.site
    ]
    leases = router.table("/ip/dhcp-server/lease")
    found += [(row.get("address"), row.get("mac-address")) for row in leases]
    rows = [
        Record(
            number,
            {
                "address": address,
                "mac-address": mac,
                "interface": "bridge-lan",
                "published": "false",
                "status": "reachable",
                "invalid": "false",
                "dynamic": "true",
                "dhcp": "false",
                "complete": "true",
                "disabled": "false",
            },
        )
        for number, (address, mac) in enumerate(found, start=1)
    ]
    return [*router.table("/ip/arp"), *rows]


LAN: tuple[Menu[Record], ...] = (
    LEASES,
    record_menu("/ip/dhcp-server", since=FIRST),
    record_menu("/ip/arp", rows=_arp, since=FIRST, key="address"),
    record_menu("/interface/list", since=FIRST, unique=True),
    record_menu("/interface/list/member", since=FIRST, key="interface"),
    record_menu("/interface/vxlan", unique=True),
    record_menu("/interface/vxlan/vteps", key="remote-ip"),
)
