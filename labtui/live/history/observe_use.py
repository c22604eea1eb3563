"""Whether cards work or rest, as events: what card-hours that were really used are counted from."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.live.history.observe import State
from labtui.model.claims import card_table
from labtui.model.snapshot import Snapshot
from labtui.model.use import SETTLED
from labtui.model.use_join import use_table


def card_uses(snapshot: Snapshot) -> Iterator[State]:
    """`busy` or `idle` of each card that is known for sure; nothing in a pause between two works.

    An idle one is idle since it rests, which is when the event is dated.
    """
    uses = use_table(snapshot).of
    for card in card_table(snapshot).cards:
        seen = uses.get(card.key)
        if seen is None or seen.rest is None or seen.report.problem is not None:
            continue
        rest = seen.rest
        if rest.since is not None and rest.seen - rest.since < SETTLED:
            continue
        word = "busy" if rest.since is None else "idle"
        device = card.device
        yield State(
            "gpu-use",
            device.cluster,
            card.key,
            f"{device.node}/{device.slot}",
            word,
            rest.seen,
            "gpus",
            card.key,
            silent=True,
            when=rest.since,
        )
