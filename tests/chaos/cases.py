"""What is broken, when, and which keys are pressed meanwhile: all of it from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

LONGEST_MIX = 12.0
# How much longer than the others a fault is held, so that it shows: figures that nobody publishes
# count for 300 world seconds, a handshake for 180, and NetBox is read every half a minute.
_SLOW_TO_SHOW = {"node-pvestatd-hung": 2.5, "storage-away": 2.5}
_SLOW_TO_SHOW |= dict.fromkeys(("netbox-down", "netbox-slow", "netbox-rate-limited"), 4.5)
_SLOW_LAYERS = {"underlay": 2.0, "tunnel": 2.0, "routing": 2.0, "router": 1.5}
# Where a fault hits what the console itself uses.
_FIRST = {
    "token-expired": ("labtui@pve!console",),
    "token-revoked": ("labtui@pve!console", "netbox-write"),
    "right-revoked": ("labtui@pve",),
    "password-wrong": ("rt-835",),
    "node-partition": ("pve3", "pve1"),
    "node-power-off": ("pve3", "pve1"),
}
_ONE_OF_EACH = ("pve1", "rt-702", "netbox")
_OPTIONS: dict[str, tuple[str, tuple[object, ...]]] = {
    "server-certificate": ("kind", ("authority", "name", "expired", "renewed")),
    "server-slow": ("seconds", (0.5, 1.5, 6.0)),
    "right-revoked": ("role", ("PVEAuditor", "")),
    "ssh-hang": ("where", ("login", "command")),
    "link-loss": ("percent", (5.0, 30.0, 100.0)),
    "router-busy": ("seconds", (2.0, 15.0)),
    "netbox-slow": ("seconds", (1.0, 5.0, 30.0)),
    "node-clock-off": ("seconds", (400.0, -400.0)),
    "router-clock-off": ("seconds", (-7200.0, 7200.0)),
}
KEYS: tuple[tuple[str, ...], ...] = (
    *((digit,) for digit in "0123456789"),
    *((arrow,) for arrow in ("up", "down", "left", "right", "pageup", "pagedown", "home", "end")),
    ("/", "p", "v", "escape"),
    ("/", "1", "enter"),
    ("escape",),
    ("enter",),
    ("enter", "escape"),
    ("tab",),
    (":", "escape"),
    (":", "s", "o", "u", "r", "enter"),
    ("?", "escape"),
    ("m", "escape"),
    ("r",),
    ("c",),
)
"""Sequences that are typed at once; a dialog that could move a guest is always left again."""


class Blow(NamedTuple):
    """A fault at a target from `begin` to `end`, seconds after the start of its case."""

    fault: str
    target: str
    options: tuple[tuple[str, object], ...]
    begin: float
    end: float

    def __str__(self) -> str:
        told = " ".join(f"{name}={value}" for name, value in self.options)
        return f"{self.fault} {self.target} {told}".strip()


class Case(NamedTuple):
    """Some blows and the seed of the keys that are pressed through all of it."""

    name: str
    seed: int
    blows: tuple[Blow, ...]

    @property
    def steps(self) -> list[tuple[float, bool, Blow]]:
        """(when, begins, blow) in order."""
        found = [(blow.begin, True, blow) for blow in self.blows]
        found += [(blow.end, False, blow) for blow in self.blows]
        return sorted(found, key=lambda step: (step[0], not step[1]))


def alone(register: Sequence[dict[str, Any]], hold: float = 8.0) -> Iterator[Case]:
    """Every fault by itself: where it hurts, else at a target that its name chooses.

    What strikes servers strikes a node, a router and NetBox. Names are `FAULT TARGET`.
    """
    for number, fault in enumerate(register):
        name, targets = fault["name"], fault["targets"]
        chosen = _FIRST.get(name, _ONE_OF_EACH if name.startswith("server-") else ())
        found = [target for target in chosen if target in targets]
        if targets and not found:
            found = [random.Random(name).choice(targets)]
        held = hold * _SLOW_TO_SHOW.get(name, _SLOW_LAYERS.get(fault["layer"], 1.0))
        for target in found:
            yield Case(f"{name} {target}", number, (Blow(name, target, (), 0.0, held),))


def mix(register: Sequence[dict[str, Any]], seed: int) -> Case:
    """One to four faults that begin and end at random moments."""
    dice = random.Random(seed)
    struck = [fault for fault in register if fault["targets"]]
    blows: list[Blow] = []
    taken: set[tuple[str, str]] = set()
    for _number in range(dice.randint(1, 4)):
        begin = dice.uniform(0.0, LONGEST_MIX / 2)
        blow = _blow(dice, dice.choice(struck), begin, begin + dice.uniform(2.0, LONGEST_MIX / 2))
        if (blow.fault, blow.target) not in taken:
            taken.add((blow.fault, blow.target))
            blows.append(blow)
    return Case(f"mix {seed}", seed, tuple(blows))


def _blow(dice: random.Random, fault: dict[str, Any], begin: float, end: float) -> Blow:
    options: tuple[tuple[str, object], ...] = ()
    if fault["name"] in _OPTIONS:
        name, values = _OPTIONS[fault["name"]]
        options = ((name, dice.choice(values)),)
    return Blow(fault["name"], dice.choice(fault["targets"]), options, begin, end)


def keys(seed: int) -> Iterator[tuple[float, tuple[str, ...]]]:
    """(pause in seconds, keys) for ever."""
    dice = random.Random(f"keys {seed}")
    while True:
        yield dice.uniform(0.05, 0.7), dice.choice(KEYS)
