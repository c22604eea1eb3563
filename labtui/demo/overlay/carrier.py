"""What a BGP session runs over, as far as the session sees it."""

from __future__ import annotations

import math
from typing import Protocol

LARGEST_SEGMENT = 1420
"""Bytes of a packet that a full TCP segment makes inside of a tunnel."""


class Carrier(Protocol):
    """What a session runs over."""

    @property
    def loss(self) -> float:
        """The share of packets lost one way."""

    @property
    def limit(self) -> int:
        """The largest packet that gets through, in bytes."""

    @property
    def shrunk_since(self) -> float:
        """Since when the limit is what it is."""

    def passing(self, moment: float) -> bool:
        """Whether packets get through."""


class NoCarrier:
    """Under a connection that no neighbour has."""

    loss = 0.0
    limit = LARGEST_SEGMENT
    shrunk_since = -math.inf

    def passing(self, moment: float) -> bool:
        """Never."""
        return moment != moment
