"""A ping from a router: what is sent, and what came back."""

from __future__ import annotations

import msgspec

MOST = 20
"""Packets of one ping at most: a question, never a flood."""


class Ping(msgspec.Struct, frozen=True):
    """So many packets to an address. `size` is that of the whole IP packet in bytes, 0 for the
    router's own; `interval` is in seconds. `source` is an address of the router that asks.
    """

    address: str
    source: str = ""
    count: int = 5
    interval: float = 0.2
    size: int = 0
    whole: bool = False
    """Not to be fragmented on the way."""


class Pinged(msgspec.Struct, frozen=True):
    """What came back; times there and back in seconds, None when nothing did.

    `status` is what the router said of a packet without answer (`timeout`, `no route to host`).
    """

    sent: int = 0
    received: int = 0
    least: float | None = None
    mean: float | None = None
    most: float | None = None
    status: str = ""

    @property
    def lost(self) -> float:
        """The share without an answer, 0 to 1; 1 when nothing was sent."""
        return 1.0 - min(self.received, self.sent) / self.sent if self.sent else 1.0

    def with_more(self, other: Pinged) -> Pinged:
        """Both together."""
        means = [each for each in (self, other) if each.mean is not None]
        received = sum(each.received for each in means)
        mean = (
            sum((each.mean or 0.0) * each.received for each in means) / received
            if received
            else None
        )
        return Pinged(
            self.sent + other.sent,
            self.received + other.received,
            min((each.least for each in means if each.least is not None), default=None),
            mean,
            max((each.most for each in means if each.most is not None), default=None),
            other.status or self.status,
        )
