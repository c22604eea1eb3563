"""A Proxmox VE cluster: nodes, storages, membership, tasks, rights. Sizes are bytes, times seconds.

Field meanings as of `GET /cluster/resources`, `/cluster/status`, `/cluster/tasks`,
`/cluster/ha/status/current` and `/access/permissions` of Proxmox VE 8.4 and 9.2.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.guests import Guest
from labtui.model.witnesses import Witness

LoginKind = Literal["token", "password", "totp"]


class Node(msgspec.Struct, frozen=True, gc=False):
    """A node row. `cpu` is the used fraction of all `cpus`; figures are None when not published."""

    cluster: str
    name: str
    status: str
    cpu: float | None = None
    cpus: int | None = None
    memory: int | None = None
    memory_max: int | None = None
    disk: int | None = None
    disk_max: int | None = None
    uptime: int | None = None
    ha_state: str = ""

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.name}"


class Storage(msgspec.Struct, frozen=True, gc=False):
    """A storage as seen by one node; a shared one has a row per node."""

    cluster: str
    node: str
    name: str
    kind: str
    status: str
    shared: bool
    used: int | None = None
    size: int | None = None
    content: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.cluster}/{self.node}/{self.name}"


class Resources(msgspec.Struct, frozen=True):
    """What `/cluster/resources` holds: the statistics of all nodes, guests and storages."""

    nodes: tuple[Node, ...] = ()
    guests: tuple[Guest, ...] = ()
    storages: tuple[Storage, ...] = ()


class Member(msgspec.Struct, frozen=True):
    """A node as corosync sees it. `since`: when this console first saw it so (epoch seconds)."""

    name: str
    online: bool
    address: str = ""
    local: bool = False
    since: float | None = None


class Membership(msgspec.Struct, frozen=True):
    """Who belongs to the cluster and who is there, as the side with quorum sees it.

    `quorate` is None on a stand-alone node, which has no cluster row. `witnesses` are the words of
    all endpoints that were asked; see `labtui.model.witnesses` for whom to believe.
    """

    cluster: str
    quorate: bool | None
    members: tuple[Member, ...] = ()
    witnesses: tuple[Witness, ...] = ()

    def member(self, name: str) -> Member | None:
        """The member of that name."""
        return next((member for member in self.members if member.name == name), None)

    @property
    def online(self) -> frozenset[str]:
        """Names of the members that corosync counts in."""
        return frozenset(member.name for member in self.members if member.online)


def remember(before: Membership | None, now: Membership, read_at: float) -> Membership:
    """`now` with the time since when each member has been as it is.

    None for one that was so from the start: nobody here knows since when.
    """
    members = []
    for member in now.members:
        known = before.member(member.name) if before else None
        same = known is not None and known.online == member.online
        since = known.since if known is not None and same else read_at
        if before is None:
            since = None
        members.append(msgspec.structs.replace(member, since=since))
    return msgspec.structs.replace(now, members=tuple(members))


class Task(msgspec.Struct, frozen=True, gc=False):
    """A task of the cluster's task list. `ended` and `status` are None while it runs."""

    cluster: str
    upid: str
    node: str
    kind: str
    subject: str
    user: str
    started: float
    ended: float | None = None
    status: str | None = None

    @property
    def running(self) -> bool:
        return self.ended is None and self.status is None


class Tasks(msgspec.Struct, frozen=True):
    """The recent tasks of all nodes, newest first."""

    tasks: tuple[Task, ...] = ()


class HaService(msgspec.Struct, frozen=True, gc=False):
    """A guest under the HA manager: `sid` is `vm:104` or `ct:105`."""

    sid: str
    node: str
    state: str
    request: str = ""


class HaStatus(msgspec.Struct, frozen=True):
    """The HA manager's view; `quorate` is right where `/cluster/status` lags behind."""

    quorate: bool | None = None
    master: str = ""
    services: tuple[HaService, ...] = ()

    def service(self, sid: str) -> HaService | None:
        """The service of that id."""
        return next((service for service in self.services if service.sid == sid), None)


class Rights(msgspec.Struct, frozen=True):
    """Who we are and what we may: path -> privileges, and the server's version."""

    user: str
    version: str
    privileges: dict[str, frozenset[str]]
    shallow: dict[str, frozenset[str]] = {}
    """Those of them that hold on the path itself and not below it."""
    login: LoginKind = "token"
    """How we sign in: without quorum a one-time code is not taken, the other two are."""

    def allows(self, privilege: str, path: str) -> bool:
        """True when `privilege` is held on `path` or comes down from a path above it.

        `/access/permissions` lists every path that has an ACL or is above one, each with its
        effective privileges and whether they go deeper. The nearest path above that hands anything
        down decides (`PVE/AccessControl.pm`, `roles`: a role that does not propagate is passed
        over on the way to a longer path).
        """
        if path in self.privileges:
            return privilege in self.privileges[path]
        while path != "/":
            path = path.rsplit("/", 1)[0] or "/"
            held = self.privileges.get(path, frozenset()) - self.shallow.get(path, frozenset())
            if held:
                return privilege in held
        return False
