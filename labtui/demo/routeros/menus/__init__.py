"""One file per family of menus, and the register of them all."""

from __future__ import annotations

from labtui.demo.routeros.menu import AnyCommand, AnyMenu
from labtui.demo.routeros.menus.bgp import CONNECTIONS, INSTANCES, TEMPLATES
from labtui.demo.routeros.menus.calls import CALLS
from labtui.demo.routeros.menus.firewall import FIREWALL, UNUSED
from labtui.demo.routeros.menus.interface import ETHERNET, INTERFACES
from labtui.demo.routeros.menus.ip import ADDRESSES, NEIGHBOURS
from labtui.demo.routeros.menus.lan import LAN
from labtui.demo.routeros.menus.old import OLD
from labtui.demo.routeros.menus.ospf import FACES, OSPF_RECORDS
from labtui.demo.routeros.menus.ospf import NEIGHBOURS as OSPF_NEIGHBOURS
from labtui.demo.routeros.menus.route import DETAILS, ROUTES
from labtui.demo.routeros.menus.safe import REBOOT, SAFE_MODE
from labtui.demo.routeros.menus.services import SERVICES
from labtui.demo.routeros.menus.sessions import SESSIONS
from labtui.demo.routeros.menus.system import CLOCK, CLOUD, HEALTH, IDENTITY, OLD_HEALTH, RESOURCE
from labtui.demo.routeros.menus.tool import PING, TRACEROUTE, TRAFFIC
from labtui.demo.routeros.menus.wireguard import PEERS, WIREGUARD

MENUS: tuple[AnyMenu, ...] = (
    IDENTITY,
    RESOURCE,
    CLOCK,
    HEALTH,
    CLOUD,
    INTERFACES,
    ETHERNET,
    WIREGUARD,
    PEERS,
    ADDRESSES,
    ROUTES,
    DETAILS,
    NEIGHBOURS,
    CONNECTIONS,
    SESSIONS,
    INSTANCES,
    TEMPLATES,
    OSPF_NEIGHBOURS,
    FACES,
    SAFE_MODE,
    *OSPF_RECORDS,
    *FIREWALL,
    *CALLS,
    *LAN,
    *SERVICES,
)

# What only RouterOS 6 has, or has in another form.
OLD_MENUS: tuple[AnyMenu, ...] = (OLD_HEALTH, *OLD)

# All that a router is asked for, by path; a path may be there once for 6 and once for 7.
ALL_MENUS: tuple[AnyMenu, ...] = (*MENUS, *OLD_MENUS, *UNUSED)

# Commands that belong to no menu, by their whole path.
COMMANDS: dict[str, AnyCommand] = {
    "/tool/ping": PING,
    "/ping": PING,
    "/tool/traceroute": TRACEROUTE,
    "/interface/monitor-traffic": TRAFFIC,
    "/system/reboot": REBOOT,
}
