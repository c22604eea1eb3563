"""A link between routers of every pair of versions, with a fault at every single step.

After each the configuration of both routers and NetBox's records are byte for byte what they were,
or the link is whole; with a router of RouterOS 6 nothing is even sent. `make link-faults` runs
every pair, step and kind, and prints figures.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from labtui.actions.action import Outcome
from labtui.actions.link import removal, removing
from labtui.demo.lab import Lab
from tests.actions.link_stage import FAULTS, Fault, Killed, LinkStage, lab_of, link_stage
from tests.demo.branch_lab import BRANCH, branch_lab

VERSIONS = ("7.20.4 (stable)", "7.19.6 (stable)", "7.16.2 (stable)", "7.12.2 (stable)")
PAIRS = tuple(itertools.combinations_with_replacement(VERSIONS, 2))
OLD = BRANCH.router_version
"""RouterOS 6, which has no WireGuard: a link to it is refused."""
GOOD = ("complete", "undone", "gone", "as before", "refused")
REMOVAL = 26
"""Calls that take a link away: six that switch it off, then its parts."""
End = str
Pictures = tuple[dict[str, str], Any]


async def whole(wire: LinkStage, routers: tuple[str, str]) -> int:
    """Make the link without a fault; how many calls that takes."""
    plan = await wire.plan(*routers)
    assert plan.ready, plan.blockers
    outcome, _news = await wire.run(plan)
    assert outcome.state == "done", outcome
    assert len(wire.sent) == len(plan.calls)
    return len(wire.sent)


async def faulty(
    folder: Path, lab: Lab, routers: tuple[str, str], step: int, fault: Fault
) -> tuple[End, LinkStage]:
    """One run with that fault: `complete`, `undone`, or what is wrong."""
    async with link_stage(folder / f"{step}-{fault}", lab, routers) as wire:
        before = wire.pictures()
        plan = await wire.plan(*routers)
        wire.fault = (step, fault)
        try:
            outcome, _news = await wire.run(plan)
        except Killed:
            outcome = await _taken_up(wire, routers)
        safe = [wire.stage.world.routers[name].safe for name in routers]
        if any(safe):
            return "safe mode is left behind", wire
        after = wire.pictures()
        if outcome.state == "done" and "taken back" not in outcome.note:
            return ("complete" if _complete(wire, routers) else f"not whole: {outcome}"), wire
        if after == before:
            return "undone", wire
        return f"{outcome}: {_difference(before, after)}", wire


async def _taken_up(wire: LinkStage, routers: tuple[str, str]) -> Outcome:
    """What the next console does with what the killed one began."""
    # The router notices within seconds that the connection is gone.
    await wire.restart()
    await asyncio.sleep(0)
    plan = await wire.plan(*routers)
    if not plan.book:
        raise AssertionError("the journal was not found")
    return (await wire.run(plan))[0]


async def removed(folder: Path, versions: tuple[str, str], step: int, fault: Fault) -> End:
    """Take a whole link away with a fault at that call: `gone`, `as before`, or what is wrong."""
    lab, routers = lab_of(versions)
    async with link_stage(folder / f"remove-{step}-{fault}", lab, routers) as wire:
        bare = wire.pictures()
        await whole(wire, routers)
        await wire.look()
        linked = wire.pictures()
        wire.sent.clear()
        wire.fault = (step, fault)
        subject = ",".join(routers)
        plan = removal.draft(await removal.survey(subject, wire), "", "")
        try:
            outcome = await removing.run(plan, wire, lambda _news: None)
        except Killed:
            await wire.restart()
            plan = removal.draft(await removal.survey(subject, wire), "", "")
            if not plan.book:
                return "the journal was not found"
            outcome = await removing.run(plan, wire, lambda _news: None)
        after = wire.pictures()
        if after in (bare, linked):
            return "gone" if after == bare else "as before"
        return f"{outcome}: {_difference(bare, after)}"


def _complete(wire: LinkStage, routers: tuple[str, str]) -> bool:
    """Both routers have their half, the session is up, NetBox has tunnel, ends and addresses."""
    world = wire.stage.world
    for name in routers:
        made = [c for c in world.routers[name].connections if c.comment.startswith("labtui ")]
        if len(made) != 1 or made[0].session is None or not made[0].session.established:
            return False
    kinds: Counter[str] = Counter()
    for label in ("ipam.prefix", "dcim.interface", "ipam.ipaddress", "vpn.tunnel"):
        rows = wire.server.store.rows(label)
        kinds[label] = sum(str(r.get("description", "")).startswith("labtui ") for r in rows)
    return dict(kinds) == {
        "ipam.prefix": 1,
        "dcim.interface": 2,
        "ipam.ipaddress": 2,
        "vpn.tunnel": 1,
    }


def _difference(before: Pictures, after: Pictures) -> str:
    (routers, records), (now_routers, now_records) = before, after
    lines = []
    for name, text in routers.items():
        changed = set(now_routers[name].splitlines()) ^ set(text.splitlines())
        lines += [f"{name}: {line[:150]}" for line in sorted(changed)]
    lines += [f"netbox: {key}" for key in records.keys() ^ now_records.keys()]
    return "; ".join(lines) or "the order of rules"


async def refused(folder: Path, version: str) -> End:
    """A link to a router of RouterOS 6 is refused in words: nothing is sent, nothing changes."""
    lab, routers = old_lab(version)
    async with link_stage(folder, lab, routers) as wire:
        before = wire.pictures()
        plan = await wire.plan(*routers)
        outcome, _news = await wire.run(plan)
        why = [text for text in plan.blockers if "WireGuard came with 7.1" in text]
        if not why or outcome.state != "failed":
            return f"not refused: {plan.blockers} {outcome}"
        return "refused" if not wire.sent and wire.pictures() == before else "something was sent"


def old_lab(version: str) -> tuple[Lab, tuple[str, str]]:
    """A lab with a router of RouterOS 6, and another one of that version."""
    lab = branch_lab()
    if version == OLD:
        second = replace(
            BRANCH, name="b2", subnet="10.121.191.0/24", asn=65191, router="rt-b2",
            public_address="198.51.100.91",
        )  # fmt: skip
        return replace(lab, sites=(*lab.sites, second)), ("rt-b1", "rt-b2")
    sites = tuple(
        replace(site, router_version=version) if site.name == "836" else site for site in lab.sites
    )
    return replace(lab, sites=sites), ("rt-836", "rt-b1")


async def of_pair(versions: tuple[str, str], faults: tuple[Fault, ...]) -> tuple[Counter[str], str]:
    """Every step and kind of fault of one pair: how they ended, and the lines to print."""
    lab, routers = lab_of(versions)
    ends: Counter[str] = Counter()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        async with link_stage(Path(folder) / "whole", lab, routers) as wire:
            steps = await whole(wire, routers)
        for step, fault in itertools.product(range(1, REMOVAL + 1), faults):
            end = await removed(Path(folder), versions, step, fault)
            ends[end if end in GOOD else "wrong"] += 1
            if end not in ("gone", "as before"):
                lines.append(f"  WRONG {versions} removal, step {step} {fault}: {end}")
        for step, fault in itertools.product(range(1, steps + 1), faults):
            end, _wire = await faulty(Path(folder), lab, routers, step, fault)
            ends[end if end in GOOD else "wrong"] += 1
            if end not in ("complete", "undone"):
                lines.append(f"  WRONG {versions} step {step} {fault}: {end}")
    told = " = ".join(version.partition(" ")[0] for version in versions)
    lines.append(
        f"{told:16} {steps} steps, {sum(ends.values())} faults: "
        f"{ends['complete']} complete, {ends['undone']} undone; removal: "
        f"{ends['gone']} gone, {ends['as before']} as before"
    )
    return ends, "\n".join(lines)


def _one(versions: tuple[str, str]) -> tuple[Counter[str], str]:
    """The same in a process of its own: pairs have nothing in common."""
    return asyncio.run(of_pair(versions, FAULTS))


def matrix(pairs: tuple[tuple[str, str], ...]) -> int:
    """Every pair, step and kind of fault, as many pairs at once as there are processors.

    Prints figures and returns how many went wrong.
    """
    began = time.monotonic()
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for ends, lines in pool.map(_one, pairs):
            print(lines, flush=True)  # noqa: T201
            total.update(ends)
    with tempfile.TemporaryDirectory() as folder:
        for number, version in enumerate((*VERSIONS, OLD)):
            end = asyncio.run(refused(Path(folder) / str(number), version))
            print(f"{version.partition(' ')[0]} = {OLD.partition(' ')[0]}: {end}")  # noqa: T201
            total[end if end in GOOD else "wrong"] += 1
    runs = sum(total.values())
    print(  # noqa: T201
        f"{len(pairs)} pairs, {runs} runs: {total['complete']} complete, "
        f"{total['undone']} byte for byte as before; of the removals {total['gone']} over, "
        f"{total['as before']} byte for byte as before; {total['refused']} refused; "
        f"{total['wrong']} wrong, {time.monotonic() - began:.0f} s"
    )
    return total["wrong"]


if __name__ == "__main__":
    sys.exit(1 if matrix(PAIRS) else 0)
