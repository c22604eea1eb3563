"""What changed in the lab while this console ran, a line each in the log.

Only what somebody will look for afterwards: nodes that went and came, quorum lost and found. How a
feed fares, the feeds log themselves.
"""

from __future__ import annotations

import logging

from labtui.model.cluster import Membership
from labtui.model.presence import quorate
from labtui.model.snapshot import Snapshot

_log = logging.getLogger(__name__)
_WORDS = {True: "quorate", False: "NO QUORUM", None: "stand-alone"}


class Changes:
    """Compares each snapshot with the one before; `look` is a listener of the store."""

    def __init__(self) -> None:
        self._members: dict[str, Membership] = {}
        self._quorate: dict[str, bool | None] = {}

    def look(self, snapshot: Snapshot) -> None:
        """Log what is otherwise than before; what is only remembered is nothing new."""
        for name, part in snapshot.of(Membership):
            fresh = snapshot.fresh(Membership, name)
            if fresh is not None and fresh.remembered:
                continue
            self._look_at_quorum(name, quorate(snapshot, name))
            before = self._members.get(name)
            self._members[name] = part
            if before is not None and before is not part:
                _compare(name, before, part)

    def _look_at_quorum(self, name: str, now: bool | None) -> None:
        if name in self._quorate and self._quorate[name] != now:
            _log.warning("%s: %s, was %s", name, _WORDS[now], _WORDS[self._quorate[name]])
        self._quorate[name] = now


def _compare(name: str, before: Membership, now: Membership) -> None:
    for member in now.members:
        known = before.member(member.name)
        if known is None:
            _log.warning("%s: node %s is new", name, member.name)
        elif known.online != member.online:
            word = "is back" if member.online else "is gone"
            _log.warning("%s: node %s %s", name, member.name, word)
    for member in before.members:
        if now.member(member.name) is None:
            _log.warning("%s: node %s is no member any more", name, member.name)
