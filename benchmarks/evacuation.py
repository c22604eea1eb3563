"""The planner of evacuations: how long it thinks at 64 nodes and 2,000 guests, how good it is."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import msgspec

from benchmarks.table import Figure, middle, milliseconds
from labtui.actions.evacuation.draft import draft
from labtui.actions.evacuation.facts import Charge, EvacuationFacts, Place, host_of
from labtui.actions.evacuation.place import cost, place
from labtui.actions.interlock import Standing
from labtui.actions.migration.answers import MigrationFacts, Target
from labtui.actions.migration.rules import HaRules
from labtui.model.cluster import Node, Resources
from labtui.model.guests import Guest
from tests.actions.test_evacuation_place import best, small_cluster

NODES, GUESTS = 64, 2000
_GIB = 1 << 30
_RUNS = 5


def measure() -> list[Figure]:
    """An ordinary node, one with four times as many guests, and small ones against the best."""
    usual = _facts(GUESTS // NODES)
    crowded = _facts(4 * GUESTS // NODES)
    exact, worst = _quality(60)
    return [
        Figure(
            f"plan for {len(usual.charges)} guests ({NODES} nodes, {GUESTS} guests)",
            milliseconds(_time(lambda: draft(usual, "", ""))),
            "< 250 ms",
        ),
        Figure(
            f"plan for {len(crowded.charges)} guests",
            milliseconds(_time(lambda: draft(crowded, "", ""))),
            "< 1500 ms",
        ),
        Figure(
            "small clusters (3 nodes, 6 guests) placed as well as can be",
            f"{exact} of 60, the worst {worst * 100:.1f} % dearer",
            ">= 57, at most 2 %",
        ),
    ]


def _time(work: Callable[[], object]) -> float:
    times = []
    for _run in range(_RUNS):
        # Of the processor: it is one thread that waits for nothing.
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return middle(times)


def _facts(leaving: int) -> EvacuationFacts:
    """The facts of emptying the first node, with that many guests on it."""
    dice = random.Random(836)
    nodes = tuple(
        Node("lab", f"pve{n}", "online", dice.random() * 0.5, 64, 0, 512 * _GIB)
        for n in range(1, NODES + 1)
    )
    guests = tuple(
        Guest(
            "lab",
            1000 + n,
            "lxc" if dice.random() < 0.25 else "qemu",
            f"guest-{n}",
            "pve1" if n < leaving else f"pve{dice.randint(2, NODES)}",
            "running",
            cpu=dice.random(),
            cpus=dice.choice((1, 2, 4, 8)),
            memory=2 * _GIB,
            memory_max=dice.choice((2, 4, 8, 16, 32)) * _GIB,
            ha_state="started" if dice.random() < 0.1 else "",
        )
        for n in range(GUESTS)
    )
    resources = Resources(nodes, guests)
    places = tuple(
        Place(host_of(node, resources, overcommit=False), bridges=frozenset(("vmbr0",)))
        for node in nodes[1:]
    )
    base = MigrationFacts(
        guests[0], running=True, read_at=0.0, standing=Standing(), targets=_targets(nodes)
    )
    charges = tuple(
        Charge(msgspec.structs.replace(base, guest=guest, managed=bool(guest.ha_state)))
        for guest in guests[:leaving]
    )
    return EvacuationFacts("lab", "pve1", 0.0, Standing(), charges, places, HaRules())


def _targets(nodes: tuple[Node, ...]) -> tuple[Target, ...]:
    return tuple(Target(node, online=True) for node in nodes[1:])


def _quality(clusters: int) -> tuple[int, float]:
    """How many of them were placed as well as can be, and the share the worst cost more."""
    worse = []
    for seed in range(clusters):
        units, hosts = small_cluster(random.Random(seed))
        optimum = best(units, hosts)
        found = cost(units, hosts, place(units, hosts))
        worse.append((found - optimum) / max(1e-9, optimum))
    return sum(share < 1e-6 for share in worse), max(worse)
