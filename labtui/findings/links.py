"""Tunnels and BGP sessions of one snapshot, joined once for all who look at them."""

from __future__ import annotations

import msgspec

from labtui.model.peerings import Peering, peerings
from labtui.model.snapshot import Snapshot
from labtui.model.tunnels import Judgement, Tunnel, tunnels


class Links(msgspec.Struct, frozen=True):
    """Every tunnel with its verdict, every BGP connection with its session."""

    tunnels: tuple[tuple[Tunnel, Judgement], ...] = ()
    peerings: tuple[Peering, ...] = ()


def links(snapshot: Snapshot, now: float) -> Links:
    """The joins of the overlay as of `now`."""
    joined = tuple((tunnel, tunnel.judge(now)) for tunnel in tunnels(snapshot, now))
    return Links(joined, peerings(snapshot, now))
