"""Votes of the cluster: what they are, what is left without a node, and what a QDevice adds.

Fields of `GET /cluster/config/nodes` (recorded: `quorum_votes` is a text) and of
`GET /cluster/config/qdevice` (`PVE/API2/ClusterConfig.pm`: empty without one, else the words of
corosync-qdevice, `State` among them).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from labtui.actions.action import Wire
from labtui.locale import _
from labtui.model.cluster import Membership
from labtui.model.errors import LabError
from labtui.model.text import clean


class Votes(msgspec.Struct, frozen=True):
    """How many votes there are. `device`: those of the QDevice, `helps`: whether they count now.

    `expected` is 0 where nobody can say, or on a node without a cluster.
    """

    expected: int = 0
    now: int = 0
    after: int = 0
    device: int = 0
    helps: bool = False

    @property
    def needed(self) -> int:
        """More than half of the expected ones."""
        return self.expected // 2 + 1

    @property
    def lost(self) -> bool:
        """Whether the rest has no quorum without that node."""
        return self.expected > 0 and self.after < self.needed

    @property
    def tight(self) -> bool:
        """Whether the next one to fail would take the quorum along."""
        return self.expected > 0 and not self.lost and self.after - 1 < self.needed


async def read_votes(cluster: str, node: str, membership: Membership | None, wire: Wire) -> Votes:
    """The votes with and without that node. Where the files can't be read, a vote for each."""
    if membership is None or membership.quorate is None:
        return Votes()
    votes = await _by_node(cluster, wire)
    votes = votes or dict.fromkeys((member.name for member in membership.members), 1)
    device, helps = await _device(cluster, len(votes), wire)
    now = sum(votes.get(name, 1) for name in membership.online) + (device if helps else 0)
    own = votes.get(node, 1) if node in membership.online else 0
    return Votes(sum(votes.values()) + device, now, now - own, device, helps)


async def _by_node(cluster: str, wire: Wire) -> dict[str, int]:
    try:
        rows = await wire.read(cluster, "/cluster/config/nodes")
    except LabError:
        return {}
    found = {}
    for row in rows if isinstance(rows, list) else []:
        name, votes = (
            (row.get("node"), row.get("quorum_votes")) if isinstance(row, dict) else ("",) * 2
        )
        if isinstance(name, str) and name and str(votes).isdigit():
            found[clean(name)] = int(str(votes)[:6])
    return found


async def _device(cluster: str, nodes: int, wire: Wire) -> tuple[int, bool]:
    """The QDevice's votes, and whether it is connected."""
    try:
        told: Any = await wire.read(cluster, "/cluster/config/qdevice")
    except LabError:
        return 0, False
    if not isinstance(told, dict) or not told.get("State"):
        return 0, False
    # With `lms` it has one less than the nodes, so that the last one may stand alone.
    last_man = "LMS" in str(told.get("Algorithm", "")).upper()
    connected = "connected" in str(told["State"]).casefold().split()
    return (max(1, nodes - 1) if last_man else 1), connected


def told(votes: Votes) -> str:
    """The votes in a line."""
    if not votes.expected:
        return _("nobody says how many votes there are")
    text = _("{now} of {expected} votes now, {after} without it; {needed} are needed")
    line = text.format(
        now=votes.now, expected=votes.expected, after=votes.after, needed=votes.needed
    )
    if votes.device:
        help_text = _("the QDevice counts") if votes.helps else _("the QDevice is not connected")
        line = f"{line} ({help_text})"
    return line


def warnings(votes: Votes, node: str) -> Iterable[str]:
    """What it does to the quorum, if it does anything."""
    if votes.lost:
        text = _(
            "the quorum is LOST without {node}: nothing can be changed or started any more, and "
            "nodes with HA guests reset themselves after a minute"
        )
        yield text.format(node=node)
    elif votes.tight:
        yield _(
            "without {node} no other node may fail: the next one takes the quorum along"
        ).format(node=node)
    if votes.device and not votes.helps:
        yield _("the QDevice does not help: it is not connected")
