"""OSPF of a router: what is configured, the interfaces it runs on, the neighbours it has.

Times are seconds since the epoch on this machine's clock.
"""

from __future__ import annotations

import msgspec

FULL = "Full"


class OspfInstance(msgspec.Struct, frozen=True):
    """A row of `/routing/ospf/instance`."""

    name: str
    router_id: str = ""
    disabled: bool = False


class OspfArea(msgspec.Struct, frozen=True):
    """A row of `/routing/ospf/area`; the id, not the name, must be the same on both ends."""

    name: str
    area_id: str = ""
    instance: str = ""
    disabled: bool = False


class OspfTemplate(msgspec.Struct, frozen=True):
    """Where OSPF is meant to run: interfaces by name, else networks (RouterOS 7)."""

    area: str
    interfaces: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    kind: str = ""
    passive: bool = False
    disabled: bool = False


class OspfInterface(msgspec.Struct, frozen=True):
    """An interface that OSPF runs on. On a `passive` one nobody is expected.

    `kind` is `ptp`, `broadcast` and the like; `state` `passive`, `ptp`, `dr` ...
    """

    interface: str
    address: str = ""
    area: str = ""
    kind: str = ""
    state: str = ""

    @property
    def passive(self) -> bool:
        return self.state == "passive"


class OspfNeighbour(msgspec.Struct, frozen=True):
    """A neighbour; the row goes when its dead interval ends. `since`: adjacent since then.

    `interface` is empty where the router does not say it (RouterOS 7 before it had the field).
    """

    address: str
    router_id: str = ""
    state: str = ""
    interface: str = ""
    instance: str = ""
    area: str = ""
    since: float | None = None
    state_changes: int | None = None


class Ospf(msgspec.Struct, frozen=True):
    """OSPF of one router."""

    instances: tuple[OspfInstance, ...] = ()
    areas: tuple[OspfArea, ...] = ()
    templates: tuple[OspfTemplate, ...] = ()
    interfaces: tuple[OspfInterface, ...] = ()
    neighbours: tuple[OspfNeighbour, ...] = ()

    def area_id(self, area: str) -> str:
        """The id of the area of that name, else the name itself."""
        return next((each.area_id for each in self.areas if each.name == area and each.area_id),
                    area)  # fmt: skip
