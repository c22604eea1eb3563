"""The readings about what keeps data safe: backup coverage and HA rules, Ceph, agents in guests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from labtui.locale import _
from labtui.model.cluster import Resources, Rights
from labtui.model.errors import (
    Forbidden,
    LabError,
    NotFound,
    Problem,
    Rejected,
    TimedOut,
    Unexpected,
)
from labtui.model.guests import Guest, GuestConfigs
from labtui.model.safeguards import Agents, AgentWord, Ceph, GuestNic, HaRule, Safeguards
from labtui.model.snapshot import Snapshot
from labtui.sources import limits
from labtui.sources.proxmox.asking import Answer
from labtui.sources.proxmox.connect import Endpoints
from labtui.sources.proxmox.decode import shortened
from labtui.sources.proxmox.errors import NodeUnreachable
from labtui.sources.proxmox.lanes import Lanes
from labtui.sources.proxmox.node_feeds import Clock, nodes_there
from labtui.sources.proxmox.safeguards import (
    read_ceph,
    read_file_systems,
    read_nics,
    read_rules,
    read_uncovered,
)
from labtui.sources.proxmox.sweeps import hopeless
from labtui.sources.source import Reading

AT_ONCE = 2
# An agent that was heard of is left alone for a while; one that hangs costs a worker seconds.
AGAIN = 240.0
_NO_METHOD = 501
_NO_CEPH = ("not installed", "not initialized", "not fully configured")
_NO_AGENT = ("No QEMU guest agent configured", "not running")
_SILENT = ("QEMU guest agent is not running", "got timeout", "timed out")


class SafeguardFeed:
    """What any node knows: which guests are in no backup job, and the HA rules."""

    def __init__(self, cluster: str, endpoints: Endpoints) -> None:
        self._cluster = cluster
        self._endpoints = endpoints

    async def read(self, snapshot: Snapshot) -> Reading:
        """Each of the two may be refused by itself. Raises `LabError` when both fail."""
        problems: dict[str, Problem] = {}
        complaints: list[str] = []
        uncovered: frozenset[int] | None = None
        rules: tuple[HaRule, ...] | None = None
        via = ""
        failure: LabError | None = None
        try:
            covered = await self._endpoints.read(
                "/cluster/backup-info/not-backed-up",
                _("reading which guests are in no backup job"),
                read_uncovered,
                limits.CLUSTER.whole,
            )
            (uncovered, told), via = covered.value, covered.via
            complaints.extend(told)
        except LabError as error:
            failure, problems["not_backed_up"] = error, error.bare().problem
        try:
            answer = await self._rules(snapshot.one(Rights, self._cluster))
            (rules, told), via = answer.value, answer.via
            complaints.extend(told)
        except LabError as error:
            problems["rules"] = error.bare().problem
            if failure is not None:
                raise failure from None
        return Reading(Safeguards(uncovered, rules, problems), via, shortened(complaints))

    async def _rules(
        self, rights: Rights | None
    ) -> Answer[tuple[tuple[HaRule, ...], tuple[str, ...]]]:
        """The rules of 9.x; the groups of a release that has no rules."""
        what = _("reading the HA rules")
        if rights is None or not rights.version.startswith("8."):
            try:
                return await self._endpoints.read(
                    "/cluster/ha/rules", what, read_rules, limits.STATUS.whole
                )
            except (NotFound, Rejected) as error:
                if isinstance(error, Rejected) and error.status != _NO_METHOD:
                    raise
        return await self._endpoints.read(
            "/cluster/ha/groups", what, read_rules, limits.STATUS.whole
        )


class CephFeed:
    """Ceph's own word; a cluster without it has an empty one."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints

    async def read(self, _snapshot: Snapshot) -> Reading:
        """Raises `LabError`."""
        try:
            answer = await self._endpoints.read(
                "/cluster/ceph/status", _("reading Ceph's state"), read_ceph, limits.CLUSTER.whole
            )
        except Rejected as error:
            if error.status != _NO_METHOD and not any(said in error.said for said in _NO_CEPH):
                raise
            return Reading(Ceph())
        return Reading(answer.value, answer.via)


class _Heard(msgspec.Struct, frozen=True):
    """What became of asking one guest; no word where there is nothing to say."""

    vmid: int
    word: AgentWord | None
    via: str = ""
    problem: Problem | None = None


class AgentFeed:
    """File systems and addresses of a few guests per reading, by turns, as their agents tell."""

    def __init__(self, cluster: str, endpoints: Endpoints, clock: Clock) -> None:
        self._cluster = cluster
        self._endpoints = endpoints
        self._clock = clock
        self._lanes: Lanes[_Heard] = Lanes()
        self._tried: dict[int, float] = {}
        self._problem: Problem | None = None

    async def read(self, snapshot: Snapshot) -> Reading:
        """All that was heard of guests that still run with an agent.

        Raises `LabError` when nothing leads to any of those whose turn it is; it stays theirs.
        """
        before = snapshot.one(Agents, self._cluster) or Agents({})
        listed = self._asked(snapshot)
        words = {vmid: word for vmid, word in before.guests.items() if vmid in listed}
        self._tried = {vmid: at for vmid, at in self._tried.items() if vmid in listed}
        chosen, denied = self._choose(snapshot, listed)
        by_node: dict[str, list[Guest]] = {}
        for guest in chosen:
            self._tried[guest.vmid] = self._clock()
            by_node.setdefault(guest.node, []).append(guest)
        for node, guests in by_node.items():
            self._lanes.start(node, self._ask(guests, words))
        self._problem = denied
        via, answered = "", False
        no_use: LabError | None = None
        for node, heard in await self._lanes.collect(wait=bool(chosen)):
            if isinstance(heard, LabError):
                if hopeless(heard):
                    no_use = heard
                    for guest in by_node.get(node, ()):
                        self._tried.pop(guest.vmid, None)
                continue
            answered = True
            via = heard.via or via
            self._problem = heard.problem or self._problem
            if heard.word is not None and heard.vmid in listed:
                words[heard.vmid] = heard.word
        if no_use is not None and not answered:
            raise no_use
        part = Agents(words, self._problem)
        return Reading(before if part == before else part, via, heard=answered)

    async def close(self) -> None:
        """Stop asking."""
        await self._lanes.close()

    def _asked(self, snapshot: Snapshot) -> dict[int, Guest]:
        """The guests that run on nodes that are there, and have an agent in their configuration."""
        resources = snapshot.one(Resources, self._cluster) or Resources()
        configs = snapshot.one(GuestConfigs, self._cluster) or GuestConfigs({})
        there = nodes_there(snapshot, self._cluster, resources)
        return {
            guest.vmid: guest
            for guest in resources.guests
            if guest.kind == "qemu" and guest.status == "running" and there.get(guest.node)
            if (config := configs.configs.get(guest.vmid)) is not None and config.agent
        }

    def _choose(
        self, snapshot: Snapshot, listed: dict[int, Guest]
    ) -> tuple[list[Guest], Problem | None]:
        """Whose turn it is, and why nobody's when the right is missing for all of them."""
        rights = snapshot.one(Rights, self._cluster)
        allowed = list(listed.values())
        if rights is not None:
            privilege = agent_right(rights)
            allowed = [g for g in allowed if rights.allows(privilege, f"/vms/{g.vmid}")]
            if listed and not allowed:
                why = _("the right {privilege} on {path} is missing").format(
                    privilege=privilege, path="/vms"
                )
                return [], Forbidden(_("asking the agents"), where=self._cluster, why=why).problem
        now, busy = self._clock(), self._lanes.busy
        due = [
            guest
            for guest in allowed
            if guest.node not in busy and now - self._tried.get(guest.vmid, -AGAIN) >= AGAIN
        ]
        due.sort(key=lambda guest: (self._tried.get(guest.vmid, 0.0), guest.vmid))
        return due[:AT_ONCE], None

    async def _ask(self, guests: list[Guest], words: dict[int, AgentWord]) -> AsyncIterator[_Heard]:
        for guest in guests:
            known = words.get(guest.vmid)
            heard_at = known.heard_at if known is not None else None
            yield await self._one(guest, heard_at)

    async def _one(self, guest: Guest, heard_at: float | None) -> _Heard:
        now = self._clock()
        try:
            answer = await self._endpoints.read(
                f"/nodes/{guest.node}/qemu/{guest.vmid}/agent/get-fsinfo",
                _("asking the agent of guest {guest}").format(guest=guest.vmid),
                read_file_systems,
                limits.CONFIG.whole,
                sweep=True,
            )
        except (NodeUnreachable, TimedOut):
            raise
        except Forbidden as error:
            return _Heard(guest.vmid, None, problem=error.bare().problem)
        except Rejected as error:
            return _Heard(guest.vmid, _refused(error, now, heard_at))
        nics = await self._nics(guest)
        word = AgentWord(now, answers=True, disks=answer.value, heard_at=now, nics=nics)
        return _Heard(guest.vmid, word, answer.via)

    async def _nics(self, guest: Guest) -> tuple[GuestNic, ...]:
        """Its addresses; none where the agent was told not to say them."""
        try:
            answer = await self._endpoints.read(
                f"/nodes/{guest.node}/qemu/{guest.vmid}/agent/network-get-interfaces",
                _("asking the agent of guest {guest}").format(guest=guest.vmid),
                read_nics,
                limits.CONFIG.whole,
                sweep=True,
            )
        except (Rejected, Forbidden, Unexpected):
            return ()
        return answer.value


def _refused(error: Rejected, now: float, heard_at: float | None) -> AgentWord | None:
    """A silent agent's word; None where there is none to be silent, or it only said no."""
    if any(said in error.said for said in _SILENT):
        return AgentWord(now, answers=False, heard_at=heard_at, why=error.why)
    if error.status == _NO_METHOD or any(said in error.said for said in _NO_AGENT):
        return None
    # It refused this command (`guest-get-fsinfo has been disabled`), so it is there.
    return AgentWord(now, answers=True, heard_at=now, why=error.why)


def agent_right(rights: Rights) -> str:
    """The privilege that reading from an agent takes: 9.x split VM.Monitor up."""
    return "VM.Monitor" if rights.version.startswith(("7.", "8.")) else "VM.GuestAgent.Audit"
