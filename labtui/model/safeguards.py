"""What keeps a cluster's data safe: backup jobs, HA rules, Ceph; and what agents in guests say.

Sizes are bytes, times seconds since the epoch. Fields as of `GET
/cluster/backup-info/not-backed-up`, `/cluster/ha/rules`, `/cluster/ceph/status` and
`/nodes/{node}/qemu/{vmid}/agent/get-fsinfo`.
"""

from __future__ import annotations

import msgspec

from labtui.model.errors import Problem


class HaRule(msgspec.Struct, frozen=True):
    """A rule of the HA manager (9.x), or a group of 8.x, which is a rule about nodes.

    `kind` is `node-affinity`, `resource-affinity` or `group`; `affinity` is `positive` or
    `negative` where it is about resources.
    """

    name: str
    kind: str
    resources: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    affinity: str = ""
    strict: bool = False
    disabled: bool = False
    comment: str = ""


class Safeguards(msgspec.Struct, frozen=True):
    """Which guests are in no backup job, and the HA rules. None: not read, `problems` says why.

    To be in a job says nothing about its success.
    """

    not_backed_up: frozenset[int] | None = None
    rules: tuple[HaRule, ...] | None = None
    problems: dict[str, Problem] = {}


class CephCheck(msgspec.Struct, frozen=True):
    """One thing that Ceph complains of."""

    name: str
    severity: str
    message: str


class Ceph(msgspec.Struct, frozen=True):
    """Ceph as its monitors see it. `health` is empty where there is none."""

    health: str = ""
    checks: tuple[CephCheck, ...] = ()
    osds: int = 0
    osds_up: int = 0
    osds_in: int = 0
    used: int = 0
    size: int = 0
    groups: tuple[tuple[str, int], ...] = ()
    """Placement groups by state."""
    quorum: tuple[str, ...] = ()
    monitors: int = 0


class AgentDisk(msgspec.Struct, frozen=True):
    """A file system as the agent inside a guest sees it."""

    mount: str
    kind: str
    used: int
    size: int


class GuestNic(msgspec.Struct, frozen=True):
    """An interface as the guest sees it; addresses have their prefix length."""

    name: str
    mac: str = ""
    addresses: tuple[str, ...] = ()


class AgentWord(msgspec.Struct, frozen=True):
    """What became of asking a guest's agent. `heard_at`: when it last answered, None for never.

    `why` is what the server said in its place when it did not answer.
    """

    read_at: float
    answers: bool
    disks: tuple[AgentDisk, ...] = ()
    heard_at: float | None = None
    why: str = ""
    nics: tuple[GuestNic, ...] = ()


class Agents(msgspec.Struct, frozen=True):
    """The words of agents asked so far, by vmid; they are asked by turns.

    `problem` is why none can be asked.
    """

    guests: dict[int, AgentWord]
    problem: Problem | None = None
