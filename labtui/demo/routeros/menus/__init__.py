"""One file per family of menus, and the register of them all."""

from __future__ import annotations

from labtui.demo.routeros.menu import AnyCommand, AnyMenu
from labtui.demo.routeros.menus.bgp import CONNECTIONS, INSTANCES, SESSIONS
from labtui.demo.routeros.menus.interface import INTERFACES
from labtui.demo.routeros.menus.ip import ADDRESSES, NEIGHBOURS, ROUTES
from labtui.demo.routeros.menus.system import CLOCK, HEALTH, IDENTITY, RESOURCE
from labtui.demo.routeros.menus.tool import PING
from labtui.demo.routeros.menus.wireguard import PEERS, WIREGUARD

MENUS: tuple[AnyMenu, ...] = (
    IDENTITY,
    RESOURCE,
    CLOCK,
    HEALTH,
    INTERFACES,
    WIREGUARD,
    PEERS,
    ADDRESSES,
    ROUTES,
    NEIGHBOURS,
    CONNECTIONS,
    SESSIONS,
    INSTANCES,
)

# Commands that belong to no menu, by their whole path.
COMMANDS: dict[str, AnyCommand] = {"/tool/ping": PING}
