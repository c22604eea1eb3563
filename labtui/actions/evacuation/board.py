"""A placement in the making: what each node has, what a change costs, how it is bettered. Pure.

What is made small: guests left behind first of all, then how full the fullest nodes get (the sum of
squares of memory, and of processors at a quarter of that), and what a pair of guest and node costs
on its own. Memory and cards are limits that nothing passes.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence

import msgspec

LEFT_BEHIND = 1000.0
LEAST_GAIN = 1e-9
_CPU_SHARE = 0.25
_ROUNDS = 12
_SHAKEN = 3


class Host(msgspec.Struct, frozen=True):
    """A node that may take guests. Bytes and cores; `room` is what may still be added.

    `pools` has how many cards of a mapping are free there, `others` the memory of each guest that
    runs there already.
    """

    name: str
    memory: float
    used: float
    room: float
    cpus: float = 1.0
    load: float = 0.0
    pools: Mapping[str, int] = {}
    others: tuple[float, ...] = ()


class Unit(msgspec.Struct, frozen=True):
    """What moves as one: a guest, or guests that a rule keeps together.

    `hosts` are those it may go to with the cost of that, `needs` the cards by mapping, `apart` the
    units that must not be on the same node. `weight` is the harm of leaving it behind.
    """

    key: str
    memory: float
    hosts: Mapping[str, float]
    cpu: float = 0.0
    needs: Mapping[str, int] = {}
    apart: frozenset[str] = frozenset()
    weight: float = 1.0


class Board:
    """Which unit is on which node. `pack`: few full nodes are cheaper than many half full ones."""

    def __init__(self, hosts: Sequence[Host], units: Sequence[Unit], *, pack: bool = False) -> None:
        self._hosts = {host.name: host for host in hosts}
        self._units = {unit.key: unit for unit in units}
        self._sign = -1.0 if pack else 1.0
        self._memory = dict.fromkeys(self._hosts, 0.0)
        self._used = {host.name: host.used for host in hosts}
        self._load = {host.name: host.load for host in hosts}
        self._per_byte = {h.name: self._sign / max(h.memory, 1.0) ** 2 for h in hosts}
        self._per_core = {h.name: self._sign * _CPU_SHARE / max(h.cpus, 1.0) ** 2 for h in hosts}
        self._cards: dict[tuple[str, str], int] = {}
        self._on: dict[str, set[str]] = {name: set() for name in self._hosts}
        self.where: dict[str, str] = {}

    def cost(self) -> float:
        """What this placement costs."""
        left = sum(u.weight for key, u in self._units.items() if key not in self.where)
        pairs = sum(self._units[key].hosts[host] for key, host in self.where.items())
        return LEFT_BEHIND * left + pairs + sum(self._fullness(name) for name in self._hosts)

    def _fullness(self, name: str) -> float:
        used, load = self._used[name], self._load[name]
        return self._per_byte[name] * used * used + self._per_core[name] * load * load

    def _added(self, name: str, memory: float, cpu: float) -> float:
        """What so much more makes it cost there: the difference of two squares."""
        return self._per_byte[name] * memory * (2 * self._used[name] + memory) + self._per_core[
            name
        ] * cpu * (2 * self._load[name] + cpu)

    def fits(self, unit: Unit, name: str, without: Unit | None = None) -> bool:
        """Whether it may go there now; `without`: as if that one were not there."""
        if name not in unit.hosts or name not in self._hosts:
            return False
        host = self._hosts[name]
        gone = without.memory if without else 0.0
        if unit.memory and self._memory[name] - gone + unit.memory > host.room:
            return False
        for pool, count in unit.needs.items():
            freed = without.needs.get(pool, 0) if without else 0
            if self._cards.get((name, pool), 0) - freed + count > host.pools.get(pool, 0):
                return False
        there = self._on[name] - ({without.key} if without else set())
        return unit.apart.isdisjoint(there)

    def put(self, unit: Unit, name: str, sign: int = 1) -> None:
        """Put it there, or with -1 take it away."""
        self._memory[name] += sign * unit.memory
        self._used[name] += sign * unit.memory
        self._load[name] += sign * unit.cpu
        for pool, count in unit.needs.items():
            self._cards[name, pool] = self._cards.get((name, pool), 0) + sign * count
        if sign > 0:
            self.where[unit.key] = name
            self._on[name].add(unit.key)
        else:
            del self.where[unit.key]
            self._on[name].discard(unit.key)

    def _price(self, unit: Unit, name: str) -> float:
        """What it adds to the cost there."""
        return unit.hosts[name] + self._added(name, unit.memory, unit.cpu)

    def _cheapest(self, unit: Unit, but: str = "") -> str:
        """Where it fits and costs least, that one node aside; empty when nowhere has room."""
        found, least = "", float("inf")
        for name in unit.hosts:
            if name == but or name not in self._hosts:
                continue
            price = self._price(unit, name)
            if price < least and self.fits(unit, name):
                found, least = name, price
        return found

    def settle(self, unit: Unit, dice: random.Random | None = None) -> bool:
        """Put it where it costs least (or anywhere, by dice); False when nowhere has room."""
        if dice is not None:
            open_to = [name for name in unit.hosts if self.fits(unit, name)]
            name = dice.choice(open_to) if open_to else ""
        else:
            name = self._cheapest(unit)
        if name:
            self.put(unit, name)
        return bool(name)

    def improve(self) -> None:
        """Bring in who was left behind, move and swap as long as that makes it cheaper."""
        for _round in range(_ROUNDS):
            if not (self._bring_in() or self._move() or self._swap()):
                return

    def shake(self, times: int) -> None:
        """Take a few out and deal them anew, and keep what comes out cheaper; always the same."""
        # A seed of its own: the same facts make the same plan.
        dice = random.Random(len(self._units))  # noqa: S311
        keys = sorted(self._units)
        for _time in range(times):
            before, cost = dict(self.where), self.cost()
            for key in dice.sample(keys, min(_SHAKEN, len(keys))):
                if key in self.where:
                    self.put(self._units[key], self.where[key], -1)
            left = [key for key in keys if key not in self.where]
            dice.shuffle(left)
            for key in left:
                self.settle(self._units[key], dice)
            self.improve()
            if self.cost() > cost - LEAST_GAIN:
                self._restore(before)

    def _restore(self, where: Mapping[str, str]) -> None:
        for key, name in list(self.where.items()):
            self.put(self._units[key], name, -1)
        for key, name in where.items():
            self.put(self._units[key], name)

    def _bring_in(self) -> bool:
        """Settle one that was left behind, with one or two others making room where that helps."""
        left = sorted(
            (u for key, u in self._units.items() if key not in self.where),
            key=lambda u: (-u.weight, -u.memory, u.key),
        )
        return any(self.settle(unit) or self._make_room(unit) for unit in left)

    def _make_room(self, unit: Unit) -> bool:
        for name in sorted(unit.hosts):
            if name not in self._hosts:
                continue
            there = [self._units[key] for key in sorted(self._on[name])]
            for other in there:
                if not self.fits(unit, name, other):
                    continue
                self.put(other, name, -1)
                self.put(unit, name)
                if self.settle(other) or other.weight < unit.weight:
                    return True
                self.put(unit, name, -1)
                self.put(other, name)
            if self._clear(unit, name, there):
                return True
        return False

    def _clear(self, unit: Unit, name: str, there: Sequence[Unit]) -> bool:
        """Send others away, the smallest first, until it fits; back again if it never does."""
        gone: list[Unit] = []
        for other in sorted(there, key=lambda u: (u.memory, u.key)):
            self.put(other, name, -1)
            elsewhere = self._cheapest(other, but=name)
            if not elsewhere:
                self.put(other, name)
                continue
            self.put(other, elsewhere)
            gone.append(other)
            if self.fits(unit, name):
                self.put(unit, name)
                return True
        for other in reversed(gone):
            self.put(other, self.where[other.key], -1)
            self.put(other, name)
        return False

    def _move(self) -> bool:
        changed = False
        for key, name in list(self.where.items()):
            unit = self._units[key]
            self.put(unit, name, -1)
            best = self._cheapest(unit, but=name)
            if not best or self._price(unit, best) > self._price(unit, name) - LEAST_GAIN:
                best = name
            changed = changed or best != name
            self.put(unit, best)
        return changed

    def _swap(self) -> bool:
        keys = sorted(self.where)
        changed = False
        for first, second in itertools.combinations(keys, 2):
            changed = self._swapped(first, second) or changed
        return changed

    def _swapped(self, first: str, second: str) -> bool:
        """Swap two where that is cheaper."""
        here, there = self.where[first], self.where[second]
        if here == there:
            return False
        one, other = self._units[first], self._units[second]
        if there not in one.hosts or here not in other.hosts:
            return False
        memory, cpu = other.memory - one.memory, other.cpu - one.cpu
        gain = self._added(here, memory, cpu) + self._added(there, -memory, -cpu)
        gain += one.hosts[there] + other.hosts[here] - one.hosts[here] - other.hosts[there]
        if gain > -LEAST_GAIN:
            return False
        if not (self.fits(one, there, other) and self.fits(other, here, one)):
            return False
        for unit, place in ((one, here), (other, there)):
            self.put(unit, place, -1)
        self.put(one, there)
        self.put(other, here)
        return True
