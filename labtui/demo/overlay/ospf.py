"""OSPF between two routers over a point-to-point line: hellos, the dead timer, the way to Full.

The timers are RouterOS' defaults: a hello every 10 s, a neighbour is dead after 40 s.
"""

from __future__ import annotations

from dataclasses import dataclass

from labtui.demo.overlay.backup import BackupLine
from labtui.demo.overlay.devices import Record, Router

INSTANCES = "/routing/ospf/instance"
AREAS = "/routing/ospf/area"
TEMPLATES = "/routing/ospf/interface-template"
OLD_NETWORKS = "/routing/ospf/network"
BACKBONE = "0.0.0.0"  # noqa: S104 - the id of an area, no address to bind to
HELLO = 10.0
DEAD = 40.0
# Seconds after the first hello until each state is left.
_STAGES = ((1.0, "Init"), (4.0, "ExStart"), (6.0, "Exchange"), (7.0, "Loading"))
_FULL_AFTER = 7.0


@dataclass(frozen=True)
class Attachment:
    """How OSPF runs on one end of a line: names of instance and area, and the area's id."""

    instance: str
    area: str
    area_id: str
    cost: int


@dataclass(eq=False)
class Neighbourhood:
    """Two routers that speak OSPF over a line."""

    number: int
    line: BackupLine
    since: float | None = None
    lost_at: float | None = None
    changes: int = 4

    @property
    def routers(self) -> tuple[Router, Router]:
        """Both routers, the line's server first."""
        return self.line.server, self.line.client

    def attachment(self, router: Router) -> Attachment | None:
        """The configuration that puts OSPF on the line at one router."""
        near = self.line.inner[0 if router is self.line.server else 1]
        return attached(router, self._face_name(router), near)

    def _face_name(self, router: Router) -> str:
        if router is self.line.client:
            return self.line.face.name
        return f"<l2tp-{self.line.record.get('user')}>"

    @property
    def agreeing(self) -> bool:
        """Whether hellos are taken: OSPF on both ends, in the same area."""
        one, other = (self.attachment(router) for router in self.routers)
        return one is not None and other is not None and one.area_id == other.area_id

    def state(self, router: Router, now: float) -> str | None:
        """The state a router prints of its neighbour; None where there is no row."""
        if self.since is None or not router.up or self.attachment(router) is None:
            return None
        elapsed = now - self.since
        return next((name for end, name in _STAGES if elapsed < end), "Full")

    def full(self, now: float) -> bool:
        """Whether routes are exchanged."""
        return (
            self.since is not None
            and now - self.since >= _FULL_AFTER
            and all(router.up for router in self.routers)
        )

    def next_event(self, now: float) -> float | None:
        """When the neighbour is full or dead."""
        moments = []
        if self.lost_at is not None:
            moments.append(self.lost_at + DEAD)
        if self.since is not None and now < self.since + _FULL_AFTER:
            moments.append(self.since + _FULL_AFTER)
        return min(moments, default=None)

    def settle(self, now: float) -> None:
        """Make every change that is due."""
        if self.agreeing and self.line.passing(now):
            self.lost_at = None
            if self.since is None:
                self.since = now
                self.changes += 4
            return
        if self.since is None:
            return
        if self.line.up_since is None:
            # The interface is gone, and its neighbours with it.
            self._dead(now, "interface down")
        elif self.lost_at is None:
            self.lost_at = now
        elif now >= self.lost_at + DEAD:
            self._dead(now, "inactivity timer")

    def _dead(self, now: float, why: str) -> None:
        self.since = self.lost_at = None
        self.changes += 1
        for router in self.routers:
            if router.up:
                router.say(now, "route,ospf,info", f"neighbor state change to Down: {why}")


def attached(router: Router, face: str, address: str) -> Attachment | None:
    """The area an interface is in; None where OSPF does not run on it."""
    if router.major < 7:
        return _attached_old(router, address)
    areas = {row.get("name"): row for row in router.table(AREAS) if not row.disabled}
    instances = {row.get("name") for row in router.table(INSTANCES) if not row.disabled}
    for row in router.table(TEMPLATES):
        area = areas.get(row.get("area"))
        fits = face in row.get("interfaces").split(",") or _covers(row, address)
        if row.disabled or not fits or area is None or area.get("instance") not in instances:
            continue
        cost = row.get("cost", "1")
        return Attachment(
            area.get("instance"), area.get("name"), area.get("area-id", BACKBONE), int(cost)
        )
    return None


def _covers(row: Record, address: str) -> bool:
    network = row.get("networks")
    return bool(network) and address.startswith(network.rpartition(".")[0] + ".")


def _attached_old(router: Router, address: str) -> Attachment | None:
    areas = {row.get("name"): row for row in router.table(AREAS) if not row.disabled}
    for row in router.table(OLD_NETWORKS):
        area = areas.get(row.get("area"))
        prefix = row.get("network").rpartition(".")[0] + "."
        if not row.disabled and area is not None and address.startswith(prefix):
            return Attachment("default", area.get("name"), area.get("area-id", BACKBONE), 10)
    return None
