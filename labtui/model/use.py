"""What cards do: as the driver's own tools tell, in the guest or on the node that has them.

Sizes are bytes, utilisation a fraction of 1, temperatures degrees Celsius, power watts, times
seconds since the epoch.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.errors import Problem

Way = Literal["agent", "ssh"]
BUSY_FROM = 0.02
"""From this much utilisation on a card counts as busy; a desktop that is drawn stays below."""
SETTLED = 600.0
"""Seconds without work after which a card counts as idle: work comes in bursts."""


class UseProcess(msgspec.Struct, frozen=True):
    """A program on a card. `kind` is the driver's word: C (computes), G (draws), C+G.

    `part` is the MIG instance it is on, `user` whose it is, where the system tells.
    """

    pid: int
    name: str
    memory: int | None = None
    kind: str = ""
    part: str = ""
    user: str = ""

    @property
    def computes(self) -> bool:
        return self.kind != "G"


class CardPart(msgspec.Struct, frozen=True):
    """An instance of a card that is split (MIG): `gpu instance/compute instance`, its memory."""

    name: str
    memory_used: int | None = None
    memory_total: int | None = None


class CardUse(msgspec.Struct, frozen=True):
    """One card as its tool saw it. `bus` is its address where the tool ran, `dddd:bb:dd.f`.

    `ids` is `vendor:device`, empty when the tool does not tell. None: not told (utilisation of a
    card that is split, power of a small one).
    """

    bus: str
    name: str = ""
    uuid: str = ""
    ids: str = ""
    utilisation: float | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    temperature: float | None = None
    power: float | None = None
    power_limit: float | None = None
    processes: tuple[UseProcess, ...] = ()
    split: bool = False
    parts: tuple[CardPart, ...] = ()

    @property
    def busy(self) -> bool | None:
        """Whether it works now; None when the tool does not tell. Programs that wait do not."""
        if self.utilisation is not None:
            return self.utilisation >= BUSY_FROM
        computing = any(process.computes for process in self.processes)
        # A card that is split tells no utilisation: whoever has an instance counts.
        return computing if self.split or computing else None


class Idle(msgspec.Struct, frozen=True):
    """Since when a card does nothing, as far as was seen.

    `since` is None while it works. `blind` is the longest time within it in which nobody looked;
    `busy_at` when it was last seen at work.
    """

    since: float | None
    seen: float
    blind: float = 0.0
    busy_at: float | None = None


class UseReport(msgspec.Struct, frozen=True):
    """What the tools said in one place: a guest (`vmid`), or the node itself (0).

    `cards` are those of the last good answer, of `at`; `problem` is why the last question had none
    (asked at `asked`). `tool` and `driver` are theirs in their own words.
    """

    node: str
    vmid: int
    way: Way
    asked: float
    at: float | None = None
    cards: tuple[CardUse, ...] = ()
    tool: str = ""
    driver: str = ""
    problem: Problem | None = None


class CardUses(msgspec.Struct, frozen=True):
    """All reports of a cluster by place (`guest/104`, `node/pve1`), and the cards' rest by id.

    `problem` is why nobody is asked.
    """

    reports: dict[str, UseReport] = {}
    rest: dict[str, Idle] = {}
    problem: Problem | None = None


def place_of(vmid: int, node: str) -> str:
    """The key of a report."""
    return f"guest/{vmid}" if vmid else f"node/{node}"


def card_id(place: str, card: CardUse) -> str:
    """What a card is known by from one reading to the next: its own name, else where it was."""
    return card.uuid or f"{place}/{card.bus}"


def rested(before: Idle | None, card: CardUse, now: float) -> Idle:
    """How long it rests, with one more look at it. What can't be told changes nothing."""
    busy = card.busy
    if before is None:
        return Idle(None if busy else now, now, busy_at=now if busy else None)
    if busy:
        return Idle(None, now, busy_at=now)
    if busy is None:
        return msgspec.structs.replace(before, seen=now)
    gap = max(0.0, now - before.seen)
    if before.since is None:
        return Idle(now, now, busy_at=before.busy_at)
    return Idle(before.since, now, max(before.blind, gap), before.busy_at)
