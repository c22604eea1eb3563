"""Who sees whom: corosync's membership as each node believes it, votes and quorum.

Seconds from recordings: a silent node is missed after 6 to 8 s, both sides of a cut agree on that;
a mended network is one membership again within 2 s. `pvecm expected` lowers the votes needed at
once, yet what /cluster/status says of the quorum is refreshed only when the membership changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from labtui.demo.cluster.scheduler import Scheduler

LOST_AFTER = 7.0
MENDED_AFTER = 2.0


class Membership:
    """The membership as it is, and as every node believes it to be.

    A cut is a number that the nodes inside it bear; nodes that bear the same ones reach each other.
    `changed` is called after every change of a belief.
    """

    def __init__(self, scheduler: Scheduler, names: Iterable[str]) -> None:
        self._scheduler = scheduler
        self.names = tuple(names)
        everyone = frozenset(self.names)
        self._present = set(self.names)
        self._cuts: dict[str, frozenset[int]] = dict.fromkeys(self.names, frozenset())
        self._since: dict[int, float] = {}
        self._made = 0
        self._views = dict.fromkeys(self.names, everyone)
        self._expected = dict.fromkeys(self.names, len(self.names))
        self._told = dict.fromkeys(self.names, True)
        self.leader = self.names[0] if self.names else ""
        self._marks = 0
        self.changed: list[Callable[[], None]] = []

    @property
    def main(self) -> frozenset[str]:
        """The membership that counts: with quorum if there is one, else the largest."""
        return self._views.get(self.leader, frozenset())

    @property
    def quorate(self) -> bool:
        """Whether the membership that counts has quorum."""
        return bool(self.leader) and self.quorate_at(self.leader)

    @property
    def parted(self) -> bool:
        """Whether the network is cut anywhere."""
        return bool(self._since)

    @property
    def mark(self) -> object:
        """Differs as soon as anybody believes something else."""
        return self._marks

    def view(self, node: str) -> frozenset[str]:
        """The members that a node sees, itself among them; empty for a node that is off."""
        return self._views[node]

    def online(self, viewer: str, node: str) -> bool:
        """Whether `viewer` believes that `node` is a member."""
        return node == viewer or node in self._views[viewer]

    def quorate_at(self, node: str) -> bool:
        """Whether a node may write: its membership has more than half of the expected votes."""
        return len(self._views[node]) > self._expected[node] // 2

    def told_quorate(self, node: str) -> bool:
        """What /cluster/status of a node says; it lags behind `pvecm expected`."""
        return self._told[node]

    def expected(self, node: str) -> int:
        """The votes that a node expects."""
        return self._expected[node]

    def cuts_between(self, one: str, other: str) -> frozenset[int]:
        """The numbers of the cuts that part two nodes; empty when they reach each other."""
        return self._cuts[one] ^ self._cuts[other]

    def connected(self, one: str, other: str) -> bool:
        """Whether the network carries packets between two nodes."""
        return self._cuts[one] == self._cuts[other]

    def cut_since(self, one: str, other: str) -> float:
        """World second at which two nodes were parted; now when they are not."""
        found = [self._since[cut] for cut in self.cuts_between(one, other)]
        return min(found, default=self._scheduler.now)

    def set_expected(self, node: str, votes: int) -> None:
        """`pvecm expected VOTES` on a node. Raises ValueError for fewer votes than are there."""
        members = self._views[node] or frozenset({node})
        if votes < len(members):
            raise ValueError("Unable to set expected votes: CS_ERR_INVALID_PARAM")
        for name in members:
            self._expected[name] = votes
        self._announce()

    def leave(self, node: str, *, orderly: bool = False) -> None:
        """A node is gone; an orderly end says good-bye, a power cut is missed after a while."""
        self._present.discard(node)
        self._views[node] = frozenset()
        self._expected[node] = len(self.names)
        self._told[node] = False
        self._elect()
        if orderly:
            self.settle()
        else:
            self._scheduler.after(LOST_AFTER, self.settle)

    def join(self, node: str) -> None:
        """A node's corosync has started and finds those on its side."""
        self._present.add(node)
        self.settle()

    def split(self, nodes: Iterable[str]) -> int:
        """Cut the network round these nodes; the number of the cut."""
        self._made += 1
        self._since[self._made] = self._scheduler.now
        for node in nodes:
            self._cuts[node] |= {self._made}
        self._marks += 1
        self._scheduler.after(LOST_AFTER, self.settle)
        return self._made

    def mend(self, cut: int) -> None:
        """End a cut; a number that is not known changes nothing."""
        if self._since.pop(cut, None) is None:
            return
        for node, cuts in self._cuts.items():
            self._cuts[node] = cuts - {cut}
        self._marks += 1
        self._scheduler.after(MENDED_AFTER, self.settle)

    def settle(self) -> None:
        """Every node learns what is true now."""
        before = dict(self._views)
        for node in self._present:
            cuts = self._cuts[node]
            self._views[node] = frozenset(n for n in self._present if self._cuts[n] == cuts)
        for node in self._present:
            members = self._views[node]
            if members - before[node]:
                # Who joins brings the votes it expects; the larger number wins.
                self._expected[node] = max(self._expected[name] for name in members)
        for node, members in self._views.items():
            if members != before[node]:
                self._told[node] = bool(members) and self.quorate_at(node)
        if before != self._views:
            self._announce()

    def _announce(self) -> None:
        self._marks += 1
        self._elect()
        for action in self.changed:
            action()

    def _elect(self) -> None:
        alive = [name for name in self.names if self._views[name]]
        if not alive:
            self.leader = ""
            return
        order = {name: number for number, name in enumerate(self.names)}
        self.leader = max(alive, key=lambda n: (self.quorate_at(n), len(self._views[n]), -order[n]))
