"""What several nodes say of their cluster, and whom to believe when they differ. Pure.

A node that is cut off answers as well as ever, with a mirrored view: itself there, all others
gone, no quorum. Only another node's word tells which side has the quorum.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Witness(msgspec.Struct, frozen=True):
    """One endpoint's word. `node` is who answers there, empty while nobody knows.

    `problem` is why it does not answer, as a sentence; then the rest is what it said before.
    `refused`: it does answer, and takes our login for wrong.
    `learnt`: the address came from the cluster, not from the configuration.
    """

    endpoint: str
    node: str = ""
    quorate: bool | None = None
    members: tuple[str, ...] = ()
    online: tuple[str, ...] = ()
    problem: str = ""
    learnt: bool = False
    refused: bool = False

    @property
    def name(self) -> str:
        """The node, or the endpoint while the node is not known."""
        return self.node or self.endpoint

    @property
    def speaks(self) -> bool:
        """True when it answers and said who is there."""
        return not self.problem and bool(self.members)


class Party(msgspec.Struct, frozen=True):
    """Those who see the same: quorum or none, and the same nodes there."""

    quorate: bool | None
    members: tuple[str, ...]
    online: tuple[str, ...]
    names: tuple[str, ...]


def parties(witnesses: Iterable[Witness]) -> tuple[Party, ...]:
    """Those who speak, by what they see; the one to believe first.

    Corosync gives quorum to one side at most, so that goes first. Two that say they have it differ
    by the moment of a change, and the one with more witnesses is believed. Without quorum it is the
    larger side, then the one with more witnesses.
    """
    groups: dict[tuple[bool | None, frozenset[str]], list[Witness]] = {}
    for witness in witnesses:
        if witness.speaks:
            groups.setdefault((witness.quorate, frozenset(witness.online)), []).append(witness)
    found = [
        Party(
            quorate,
            tuple(sorted({name for one in group for name in one.members})),
            tuple(sorted(online)),
            tuple(sorted({one.name for one in group})),
        )
        for (quorate, online), group in groups.items()
    ]
    found.sort(key=_rank)
    return tuple(found)


def _rank(party: Party) -> tuple[bool, int, int, tuple[str, ...], tuple[str, ...], bool]:
    # What stands last only makes the order the same each time.
    without = party.quorate is False
    size, names = -len(party.online), -len(party.names)
    first, second = (size, names) if without else (names, size)
    return without, first, second, party.names, party.online, party.quorate is None


def alone(party: Party) -> bool:
    """True for a view from a side without quorum, on which others are missing."""
    return party.quorate is False and len(party.online) < len(party.members)
