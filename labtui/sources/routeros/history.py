"""What the reading before saw: rates of peers, and moments that do not tremble.

An age on the router counts whole seconds and comes after some delay, so the moment made of it
moves by a second or two between readings although nothing happened. It is kept while it does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from labtui.model.interfaces import Association, Interface
from labtui.model.overlay import BgpSession, WireGuardPeer

_TREMBLE = 3.0
_SHORTEST = 1.0


@dataclass(frozen=True)
class _Counters:
    at: float
    rx: int
    tx: int
    rx_rate: float | None = None
    tx_rate: float | None = None
    span: float | None = None


class Flows:
    """Remembers the counters of interfaces, or of associations, from one reading to the next."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counters] = {}

    def settle(self, interfaces: Iterable[Interface], at: float) -> tuple[Interface, ...]:
        """The interfaces with their rates; `at` is when they were answered.

        A counter that fell was reset, or is that of a 32 bit port gone round: no rate, as nothing
        tells which.
        """
        settled: list[Interface] = []
        counters: dict[str, _Counters] = {}
        for one in interfaces:
            if one.rx is not None and one.tx is not None:
                now = _counters(self._counters.get(one.name), one.rx, one.tx, at)
                counters[one.name] = now
                one = msgspec.structs.replace(
                    one, rx_rate=now.rx_rate, tx_rate=now.tx_rate, span=now.span
                )
            settled.append(one)
        self._counters = counters
        return tuple(settled)

    def rated(self, sums: Iterable[Association], at: float) -> tuple[Association, ...]:
        """The same for the bytes of each direction of IPsec."""
        settled: list[Association] = []
        counters: dict[str, _Counters] = {}
        for one in sums:
            if one.octets is not None:
                key = f"{one.source} {one.destination}"
                counters[key] = now = _counters(self._counters.get(key), one.octets, 0, at)
                one = msgspec.structs.replace(one, rate=now.rx_rate)
            settled.append(one)
        self._counters = counters
        return tuple(settled)


class Peers:
    """Remembers the peers of one router from one reading to the next."""

    def __init__(self) -> None:
        self._counters: dict[str, _Counters] = {}
        self._handshakes: dict[str, float] = {}

    def settle(
        self, peers: Iterable[tuple[WireGuardPeer, bool]], at: float
    ) -> tuple[WireGuardPeer, ...]:
        """The peers with their rates and steady moments; `at` is when they were answered.

        The flag beside each peer says whether its row had counters. A counter that fell was reset:
        no rate.
        """
        settled: list[WireGuardPeer] = []
        counters: dict[str, _Counters] = {}
        for peer, counted in peers:
            before = self._counters.get(peer.key)
            now = _counters(before, peer.rx, peer.tx, at) if counted else None
            if now is not None:
                counters[peer.key] = now
            settled.append(
                msgspec.structs.replace(
                    peer,
                    handshake_at=_steady(self._handshakes.get(peer.key), peer.handshake_at),
                    rx_rate=now.rx_rate if now else None,
                    tx_rate=now.tx_rate if now else None,
                )
            )
        self._counters = counters
        self._handshakes = {
            peer.key: peer.handshake_at for peer in settled if peer.handshake_at is not None
        }
        return tuple(settled)


class Sessions:
    """Remembers since when the sessions of one router are established."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def settle(self, sessions: Iterable[BgpSession]) -> tuple[BgpSession, ...]:
        """The sessions with steady moments."""
        settled = tuple(
            msgspec.structs.replace(
                session,
                established_at=_steady(self._since.get(session.name), session.established_at),
            )
            for session in sessions
        )
        self._since = {
            session.name: session.established_at
            for session in settled
            if session.established_at is not None
        }
        return settled


def _counters(before: _Counters | None, rx: int, tx: int, at: float) -> _Counters:
    if before is None or at < before.at:
        return _Counters(at, rx, tx)
    elapsed = at - before.at
    if elapsed < _SHORTEST:
        return before  # too short for a rate; the longer span goes on
    return _Counters(
        at, rx, tx, _rate(before.rx, rx, elapsed), _rate(before.tx, tx, elapsed), elapsed
    )


def _rate(before: int, now: int, elapsed: float) -> float | None:
    return None if now < before else (now - before) / elapsed


def _steady(before: float | None, now: float | None) -> float | None:
    if before is not None and now is not None and abs(now - before) <= _TREMBLE:
        return before
    return now
