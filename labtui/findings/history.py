"""What earlier snapshots said, as far as a rule needs it: an immutable value, learnt step by step.

`learn` is pure: the same snapshots in the same order give the same history. It holds nothing of a
person but guests' keys.
"""

from __future__ import annotations

import msgspec

from labtui.findings.links import Links, links
from labtui.findings.past_cards import learn_off
from labtui.findings.past_cluster import (
    CardsPast,
    CoverPast,
    GuestsPast,
    NodePast,
    Parted,
    learn_cards,
    learn_cover,
    learn_guests,
    learn_nodes,
    learn_parted,
)
from labtui.findings.past_overlay import (
    CallPast,
    SessionPast,
    TablePast,
    TunnelPast,
    learn_calls,
    learn_sessions,
    learn_tables,
    learn_tunnels,
)
from labtui.model.snapshot import Snapshot


class History(msgspec.Struct, frozen=True):
    """What is remembered. `began`: when the looking began (seconds since the epoch)."""

    began: float | None = None
    guests: dict[str, GuestsPast] = {}
    nodes: dict[str, NodePast] = {}
    parted: dict[str, Parted] = {}
    cards: dict[str, CardsPast] = {}
    tunnels: dict[str, TunnelPast] = {}
    sessions: dict[str, SessionPast] = {}
    calls: dict[str, CallPast] = {}
    tables: TablePast = TablePast()
    cover: dict[str, CoverPast] = {}
    off: dict[str, float] = {}


def learn(
    history: History, snapshot: Snapshot, now: float, overlay: Links | None = None
) -> History:
    """The history with what this snapshot says; `overlay` saves joining it again."""
    joined = overlay if overlay is not None else links(snapshot, now)
    return History(
        history.began if history.began is not None else now,
        learn_guests(history.guests, snapshot, now),
        learn_nodes(history.nodes, snapshot, now),
        learn_parted(history.parted, snapshot, now),
        learn_cards(history.cards, snapshot),
        learn_tunnels(history.tunnels, joined, now),
        learn_sessions(history.sessions, joined, now),
        learn_calls(history.calls, snapshot, now),
        learn_tables(history.tables, joined, now),
        learn_cover(history.cover, snapshot, now),
        learn_off(history.off, snapshot, now),
    )
