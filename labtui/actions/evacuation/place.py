"""Placing guests on nodes: best fit decreasing, then local search, shaken now and then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from labtui.actions.evacuation.board import LEAST_GAIN, Board, Host, Unit

_MOST_SHAKES, _WORK = 120, 12_000


def place(units: Sequence[Unit], hosts: Sequence[Host], *, pack: bool = False) -> dict[str, str]:
    """Unit -> node for those that found one. `pack`: fill few nodes instead of many evenly."""
    best: Board | None = None
    for order in _orders(units):
        board = Board(hosts, units, pack=pack)
        for unit in order:
            board.settle(unit)
        board.improve()
        if best is None or board.cost() < best.cost() - LEAST_GAIN:
            best = board
    if best is None:
        return {}
    work = len(units) * (len(units) + len(hosts))
    best.shake(min(_MOST_SHAKES, _WORK // max(1, work)))
    return dict(best.where)


def cost(units: Sequence[Unit], hosts: Sequence[Host], where: Mapping[str, str]) -> float:
    """What a placement costs; infinite for one that passes a limit."""
    board = Board(hosts, units)
    for unit in units:
        if (host := where.get(unit.key)) is not None:
            if not board.fits(unit, host):
                return float("inf")
            board.put(unit, host)
    return board.cost()


def survives(units: Sequence[Unit], hosts: Sequence[Host], where: Mapping[str, str]) -> str:
    """The node whose loss the others could not take over by memory, or an empty text.

    Its guests are dealt to the others as they fit, the largest first.
    """
    moved: dict[str, list[float]] = {}
    for unit in units:
        if unit.key in where and unit.memory:
            moved.setdefault(where[unit.key], []).append(unit.memory)
    room = {host.name: host.room - sum(moved.get(host.name, ())) for host in hosts}
    for lost in hosts:
        left = {name: free for name, free in room.items() if name != lost.name}
        for memory in sorted((*lost.others, *moved.get(lost.name, ())), reverse=True):
            name = max(left, key=lambda host: left[host], default="")
            if not name or left[name] < memory:
                return lost.name
            left[name] -= memory
    return ""


def _orders(units: Sequence[Unit]) -> Iterable[list[Unit]]:
    """Ways to deal them: the harmful and large first, the choosy first, the small first."""
    yield sorted(units, key=lambda u: (-u.weight, -u.memory, u.key))
    yield sorted(units, key=lambda u: (len(u.hosts), -u.weight, -u.memory, u.key))
    yield sorted(units, key=lambda u: (-u.weight, u.memory, u.key))
