"""Since when guests that have a card are off, as far as anybody looked: learnt step by step."""

from __future__ import annotations

from labtui.model.claims import card_table
from labtui.model.snapshot import Snapshot


def learn_off(before: dict[str, float], snapshot: Snapshot, now: float) -> dict[str, float]:
    """Guest key -> when it was first seen off with a card of its own; the same for as long."""
    off: dict[str, float] = {}
    for card in card_table(snapshot).cards:
        for claim in card.claims:
            if claim.running or claim.alternatives > 1 or claim.as_of is not None:
                continue
            if claim.guest.status != "stopped":
                # Nobody can say just now: what was known stays known.
                if claim.guest.key in before:
                    off[claim.guest.key] = before[claim.guest.key]
                continue
            off[claim.guest.key] = before.get(claim.guest.key, now)
    return before if off == before else off
