"""What the tunnels run over: a line to the internet per site, and a path per link.

Everything is a function of the moment, so that it does not matter how often the world looks.
Lengths of time are seconds, shares are 0 to 1, sizes are bytes of whole IPv4 packets.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

FULL_MTU = 1500


@dataclass(eq=False)
class Uplink:
    """A site's line to the internet; behind a `nat` nobody reaches its router unasked."""

    up: bool = True
    delay: float = 0.0
    loss: float = 0.0
    mtu: int = FULL_MTU
    nat: bool = False


@dataclass(eq=False)
class Path:
    """The way between the two ends of one link."""

    cut: bool = False
    delay: float = 0.0
    loss: float = 0.0
    mtu: int = FULL_MTU
    udp_filtered: bool = False
    flap_every: float = 0.0
    flap_from: float = 0.0

    def whole(self, moment: float) -> bool:
        """Whether packets get through at a moment; a flapping path begins with its closed half."""
        if self.cut:
            return False
        if self.flap_every <= 0:
            return True
        return int((moment - self.flap_from + 1e-6) // self.flap_every) % 2 == 1

    def next_turn(self, moment: float) -> float | None:
        """When a flapping path opens or closes next."""
        if self.cut or self.flap_every <= 0:
            return None
        halves = int((moment - self.flap_from + 1e-6) // self.flap_every) + 1
        return self.flap_from + halves * self.flap_every


@dataclass(eq=False)
class Underlay:
    """All lines and paths; an end that is no site has a perfect line."""

    seed: int
    uplinks: dict[str, Uplink] = field(default_factory=dict)
    paths: dict[int, Path] = field(default_factory=dict)

    def uplink(self, site: str) -> Uplink:
        """The line of a site, or a perfect one."""
        return self.uplinks.get(site) or _PERFECT

    def path(self, number: int) -> Path:
        """The path of a link; a new one is whole."""
        return self.paths.setdefault(number, Path())

    def whole(self, number: int, left: str, right: str, moment: float) -> bool:
        """Whether any packet gets from one end of a link to the other."""
        return self.path(number).whole(moment) and self.uplink(left).up and self.uplink(right).up

    def loss(self, number: int, left: str, right: str) -> float:
        """The share of packets that is lost one way."""
        kept = 1.0
        for share in (self.path(number).loss, self.uplink(left).loss, self.uplink(right).loss):
            kept *= 1.0 - min(1.0, max(0.0, share))
        return 1.0 - kept

    def delay(self, number: int, left: str, right: str) -> float:
        """What the way takes longer than usual, one way."""
        return self.path(number).delay + self.uplink(left).delay + self.uplink(right).delay

    def mtu(self, number: int, left: str, right: str) -> int:
        """The largest packet that gets through; larger ones vanish without a word."""
        return min(self.path(number).mtu, self.uplink(left).mtu, self.uplink(right).mtu)

    def next_turn(self, moment: float) -> float | None:
        """When the next flapping path turns."""
        turns = (path.next_turn(moment) for path in self.paths.values() if path.flap_every > 0)
        return min((turn for turn in turns if turn is not None), default=None)

    def chance(self, *key: object) -> float:
        """A number from 0 to 1 that is the same in every run with the same seed."""
        text = "/".join(str(part) for part in (self.seed, *key))
        digest = hashlib.blake2b(text.encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / (1 << 56)


_PERFECT = Uplink()
