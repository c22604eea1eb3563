"""What a fresh start takes up of what an earlier one remembered. Pure.

Since when a finding stands, what came and went, who was there: that holds however long nobody
looked. What was measured from one look to the next does not, and is left out.
"""

from __future__ import annotations

import msgspec

from labtui.findings import History, Memory, Watch
from labtui.findings.quiet import FORGOTTEN_AFTER

_LONGEST = 32 << 20


def kept_form(watch: Watch) -> bytes:
    """The watch as it is kept; marks are kept elsewhere."""
    return msgspec.msgpack.encode(msgspec.structs.replace(watch, marks=()))


def from_kept(data: bytes) -> Watch | None:
    """The watch that was kept; None for one of another form."""
    if len(data) > _LONGEST:
        return None
    try:
        return msgspec.msgpack.decode(data, type=Watch)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def resumed(watch: Watch, now: float) -> Watch:
    """The watch to begin with at `now`: its first minute is one of the beginning again."""
    memory = watch.memory
    entries = {
        key: entry for key, entry in memory.entries.items() if now - entry.last <= FORGOTTEN_AFTER
    }
    return Watch(_history(watch.history, now), Memory(None, memory.looked, entries))


def _history(history: History, now: float) -> History:
    replace = msgspec.structs.replace
    return replace(
        history,
        began=now,
        # Whether a node's figures stand still is seen anew.
        nodes={key: replace(node, moved_at=now) for key, node in history.nodes.items()},
        tunnels={
            key: replace(tunnel, mark=None, arrived=(), lossy_since=None)
            for key, tunnel in history.tunnels.items()
        },
    )
