"""OSPF of a router: rows to structs, and one reading of them.

A router without an instance is asked one question every two minutes. RouterOS 6 has no
`interface-template`; RouterOS 7 has no DR fields on a point-to-point link.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from labtui.model.ospf import (
    Ospf,
    OspfArea,
    OspfInstance,
    OspfInterface,
    OspfNeighbour,
    OspfTemplate,
)
from labtui.sources.routeros import values
from labtui.sources.routeros.asking import Ask, Kept, if_allowed
from labtui.sources.routeros.read import Complaints, each, needed, plain
from labtui.sources.routeros.sentences import Row

INSTANCE = ("name", "router-id", "disabled")
AREA = ("name", "area-id", "instance", "disabled")
TEMPLATE = ("area", "interfaces", "networks", "type", "passive", "disabled")
INTERFACE = ("interface", "address", "area", "network-type", "state", "passive", "disabled")
NEIGHBOUR = (
    "address",
    "router-id",
    "state",
    "interface",
    "instance",
    "area",
    "adjacency",
    "state-changes",
)
_SETTINGS = 120.0
_MENU = "/routing/ospf"
_TREMBLE = 3.0


class OspfReader:
    """Reads it again and again; remembers the configuration, and since when neighbours are."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._settings: Kept[Ospf] = Kept(_SETTINGS, monotonic)
        self._since: dict[str, float] = {}

    async def read(self, ask: Ask, at: Callable[[], float], complaints: Complaints) -> Ospf:
        """One reading; `at` gives seconds since the epoch. Raises `LabError`."""
        part = await self._settings.get(lambda: self._configured(ask, complaints))
        if all(instance.disabled for instance in part.instances):
            return part
        menu = f"{_MENU}/interface"
        faces = await if_allowed(ask(menu, INTERFACE), complaints)
        interfaces = each(menu, [row for row in faces if _running(row)], interface, complaints)
        menu = f"{_MENU}/neighbor"
        rows = await if_allowed(ask(menu, NEIGHBOUR), complaints)
        now = at()
        found = each(menu, rows, lambda row: self._steady(neighbour(row, now)), complaints)
        self._since = {
            f"{one.address} {one.router_id}": one.since for one in found if one.since is not None
        }
        return Ospf(part.instances, part.areas, part.templates, tuple(interfaces), tuple(found))

    async def _configured(self, ask: Ask, complaints: Complaints) -> Ospf:
        menu = f"{_MENU}/instance"
        rows = await if_allowed(ask(menu, INSTANCE), complaints)
        instances = each(menu, rows, instance, complaints)
        if not instances:
            return Ospf()
        rows = await if_allowed(ask(f"{_MENU}/area", AREA), complaints)
        areas = each(f"{_MENU}/area", rows, area, complaints)
        menu = f"{_MENU}/interface-template"
        templates = each(menu, await if_allowed(ask(menu, TEMPLATE), complaints), template,
                         complaints)  # fmt: skip
        return Ospf(tuple(instances), tuple(areas), tuple(templates))

    def _steady(self, found: OspfNeighbour) -> OspfNeighbour:
        """An uptime counts whole seconds: its beginning trembles between readings."""
        before = self._since.get(f"{found.address} {found.router_id}")
        if before is None or found.since is None or abs(before - found.since) > _TREMBLE:
            return found
        return OspfNeighbour(
            found.address,
            found.router_id,
            found.state,
            found.interface,
            found.instance,
            found.area,
            before,
            found.state_changes,
        )


def instance(row: Row) -> OspfInstance:
    """A row of `/routing/ospf/instance`."""
    return OspfInstance(
        needed(row, "name"), plain(row, "router-id"), values.boolean(row.get("disabled"))
    )


def area(row: Row) -> OspfArea:
    """A row of `/routing/ospf/area`."""
    return OspfArea(
        needed(row, "name"),
        plain(row, "area-id"),
        plain(row, "instance"),
        values.boolean(row.get("disabled")),
    )


def template(row: Row) -> OspfTemplate:
    """A row of `/routing/ospf/interface-template`; `passive` is a switch without a value."""
    return OspfTemplate(
        plain(row, "area"),
        values.listed(row.get("interfaces")),
        values.listed(row.get("networks")),
        plain(row, "type"),
        values.switch(row.get("passive")),
        values.boolean(row.get("disabled")),
    )


def _running(row: Row) -> bool:
    return not values.switch(row.get("disabled"))


def interface(row: Row) -> OspfInterface:
    """A row of `/routing/ospf/interface`: `address` is `10.0.0.1%ether1` in RouterOS 7."""
    address, _sign, behind = row.get("address", "").partition("%")
    named = plain(row, "interface") or plain({"name": behind}, "name")
    if not named:
        raise ValueError("interface")
    passive = values.switch(row.get("passive"))
    return OspfInterface(
        named,
        values.bare_address(address),
        plain(row, "area"),
        plain(row, "network-type"),
        "passive" if passive else plain(row, "state").lower(),
    )


def neighbour(row: Row, at: float) -> OspfNeighbour:
    """A row of `/routing/ospf/neighbor` answered at `at`; `adjacency` counts from Full on."""
    lasting = values.optional_duration(row.get("adjacency"))
    _address, _sign, behind = row.get("address", "").partition("%")
    return OspfNeighbour(
        address=values.bare_address(needed(row, "address")),
        router_id=plain(row, "router-id"),
        state=plain(row, "state"),
        interface=plain(row, "interface") or plain({"name": behind}, "name"),
        instance=plain(row, "instance"),
        area=plain(row, "area"),
        since=None if lasting is None else at - lasting,
        state_changes=values.optional_number(row.get("state-changes")),
    )
