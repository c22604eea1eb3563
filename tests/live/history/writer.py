"""A process that keeps the history of a lab whose node goes and comes: `-m ... FOLDER SECONDS`.

With `recorder` as the third word it stands as the recorder. The lab is the same for all: at every
half second of the clock a node is another way round. Prints `ready`, then `refused` or nothing.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from labtui.live.history.election import Election
from labtui.live.history.keeper import Keeper
from labtui.live.store import Store
from tests.snapshots import feed_of, membership

STEP = 0.5


def lab(at: float) -> dict[str, bool]:
    """Who is there at that time: one more change with every step."""
    return {"pve1": True, "pve2": int(at / STEP) % 2 == 0, "pve3": True}


async def main(folder: Path, seconds: float, *, recorder: bool) -> None:
    election = Election(folder)
    if recorder and not election.stand_as_recorder():
        sys.stdout.write("refused\n")
        sys.stdout.flush()
        return
    store = Store("lab")
    keeper = Keeper(folder / "events.db", 1e6, election=election if recorder else None, pause=0.05)
    keeper.begin(store)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    ends, sequence = time.time() + seconds, 0
    while (now := time.time()) < ends:
        sequence += 1
        part = membership(True, **lab(now))
        store.expect(feed_of(part, "lab"), 5.0)
        store.apply(feed_of(part, "lab"), part, read_at=now, sequence=sequence)
        await asyncio.sleep(0.05)
    keeper.finish(2.0)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]), recorder="recorder" in sys.argv))
