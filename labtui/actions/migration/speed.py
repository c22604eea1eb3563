"""How long a move takes: learnt from the moves that have ended well. Pure.

A move is what was copied and how long that took, from the call to its end. Those of the same way
between the same nodes tell most, then those of the same way, then any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

import msgspec

GIB = float(1 << 30)
# Until moves have been measured: a 10 Gbit/s network without encryption overhead.
ASSUMED_SPEED = GIB
# Recorded moves spend about five seconds before and after the transfer; HA works in rounds.
OVERHEAD = {"live": 5.0, "offline": 5.0, "restart": 25.0}
HA_ROUNDS = 15.0
_COUNTED = 5
# What copies less tells nothing of the speed.
_LEAST = 64 << 20


class Move(msgspec.Struct, frozen=True):
    """A move that has ended well. `size` in bytes copied, `seconds` from the call to its end."""

    at: float
    cluster: str
    mode: str
    source: str
    target: str
    size: float
    seconds: float
    managed: bool = False


@runtime_checkable
class KnowsMoves(Protocol):
    """A wire that remembers moves. Neither call raises: an estimate is worth no failure."""

    async def moves(self, cluster: str) -> tuple[Move, ...]:
        """Those of that cluster, the newest last."""
        ...

    async def moved(self, move: Move) -> None:
        """Remember one."""
        ...


class Speeds(msgspec.Struct, frozen=True):
    """What earlier moves tell. `seen`: bytes per second of moves of this console alone."""

    moves: tuple[Move, ...] = ()
    seen: tuple[float, ...] = ()

    def of(self, mode: str, source: str = "", target: str = "") -> tuple[float | None, int]:
        """Bytes per second and from how many moves; None when none was measured."""
        found = [move for move in self.moves if move.size >= _LEAST and move.seconds > 0]
        for some in _likest(found, mode, source, target):
            if some:
                last = some[-_COUNTED:]
                return _middle([_speed(move) for move in last]), len(last)
        return (_middle(self.seen), len(self.seen)) if self.seen else (None, 0)

    def overhead(self, mode: str, *, managed: bool) -> float:
        """Seconds of a move in which nothing is copied, as of those that copied next to nothing."""
        bare = [
            move.seconds
            for move in self.moves
            if move.mode == mode and move.managed == managed and move.size < _LEAST
        ]
        if bare:
            return _middle(bare[-_COUNTED:])
        return OVERHEAD.get(mode, OVERHEAD["live"]) + (HA_ROUNDS if managed else 0.0)


def _likest(moves: Sequence[Move], mode: str, source: str, target: str) -> Iterable[Sequence[Move]]:
    alike = [move for move in moves if move.mode == mode]
    yield [move for move in alike if (move.source, move.target) == (source, target)]
    yield alike
    yield moves


def _speed(move: Move) -> float:
    overhead = OVERHEAD.get(move.mode, 5.0) + (HA_ROUNDS if move.managed else 0.0)
    # A quick one would seem to copy in no time: half of it is copying at least.
    return move.size / max(move.seconds - overhead, move.seconds / 2)


def _middle(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]
