"""True or marked stale: every pane's words against what was true in the worlds.

What a pane says of a thing stands on a reading that began and ended at known moments, of a server
that may itself be late by a known time (`Claim`). It is a lie when it was true at no moment in
between. What is marked as old claims nothing, and what is not marked must not be old.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from labtui.model.cluster import Membership, Resources
from labtui.model.feed import Freshness
from labtui.model.guests import Guest
from labtui.model.overlay import Bgp, WireGuard
from labtui.model.snapshot import Part, Snapshot
from labtui.views.bgp import BGP
from labtui.views.guests import GUESTS
from labtui.views.nodes import NODES
from labtui.views.storage import STORAGE
from labtui.views.wireguard import WIREGUARD
from tests.chaos.outside import Past, Truth

SLACK = 1.0
"""Real seconds of grace on both sides: the world is looked at now and then, not all the time."""
PUBLISHED = 25.0
"""World seconds between two publications of a node's figures, with the way to the others."""
FORGOTTEN = 330.0
"""World seconds for which the cluster gives out figures that nobody publishes any more."""
REJECTED = 220.0
"""World seconds for which a handshake counts as recent."""

PAINTED = 2.0
"""Real seconds: what became old just now need not be said yet, there is a paint a second."""
_GROUNDS = ("", "cursor", "rest")
OFTEN = 10.0
"""A feed of that pace, in seconds, has to be read anew before all counts as well again."""


class Claim(NamedTuple):
    """Something a pane says: it has to be true at some moment between `begin` and `end`."""

    pane: str
    says: str
    begin: float
    end: float
    holds: Callable[[Truth], bool]


def lies(snapshot: Snapshot, now: float, past: Past, speed: float) -> list[str]:
    """What the panes say though it was never true, in words."""
    found = [
        f"{claim.pane} says {claim.says}, which no moment from {now - claim.begin:.1f} s to "
        f"{now - claim.end:.1f} s ago bears out"
        for claim in claims(snapshot, now, past, speed)
        if not any(claim.holds(truth) for truth in _during(past, claim.begin, claim.end))
    ]
    return [*found, *unmarked(snapshot, now)]


def _during(past: Past, begin: float, end: float) -> Iterator[Truth]:
    for number, (at, truth) in enumerate(past):
        until = past[number + 1][0] if number + 1 < len(past) else end
        if at <= end and until >= begin:
            yield truth


def unmarked(snapshot: Snapshot, now: float) -> Iterator[str]:
    """Green words on data that is old."""
    for feed, reading in snapshot.freshness.items():
        if too_old(reading, now) and not reading.stale(now):
            yield f"{feed} counts as fresh after {now - (reading.read_at or now):.0f} s"
    for row in NODES.rows(snapshot, now):
        fresh = snapshot.fresh(Membership, row.node.cluster)
        old = fresh is not None and fresh.read_at is not None and fresh.stale(now)
        if row.state == "up" and old and NODES.aged(row, snapshot, now) is None:
            yield f"nodes says up of {row.node.name}, by a membership that is old"
    for tunnel in WIREGUARD.rows(snapshot, now):
        ends = [snapshot.fresh(WireGuard, end.router) for end in tunnel.ends]
        if tunnel.judge(now).verdict == "up" and all(f is None or f.stale(now) for f in ends):
            yield f"wireguard says up of {tunnel.key}, both ends unread"


def claims(snapshot: Snapshot, now: float, past: Past, speed: float) -> Iterator[Claim]:
    """Everything that is said as true now."""
    yield from _membership(snapshot, now)
    yield from _guests(snapshot, now, past, speed)
    yield from _storages(snapshot, now, past, speed)
    yield from _tunnels(snapshot, now, speed)
    yield from _sessions(snapshot, now)


def _old(snapshot: Snapshot, kind: type[Part], source: str, now: float) -> bool:
    fresh = snapshot.fresh(kind, source)
    return fresh is None or fresh.stale(now)


def _window(fresh: Freshness, lag: float = 0.0) -> tuple[float, float]:
    assert fresh.read_at is not None
    return fresh.read_at - lag - SLACK, fresh.read_at + fresh.took + SLACK


def _membership(snapshot: Snapshot, now: float) -> Iterator[Claim]:
    for cluster, membership in snapshot.of(Membership):
        fresh = snapshot.fresh(Membership, cluster)
        if fresh is None or fresh.stale(now):
            continue
        shown = sorted(row.node.name for row in NODES.rows(snapshot, now) if row.online)
        if not shown:
            continue

        def holds(
            truth: Truth, shown: list[str] = shown, quorate: bool | None = membership.quorate
        ) -> bool:
            return any(
                view == shown and truth["quorate"][name] == quorate
                for name, view in truth["views"].items()
            )

        says = f"{' '.join(shown)} are up, quorate {membership.quorate}"
        yield Claim("nodes", says, *_window(fresh), holds)


def _statistics_window(
    fresh: Freshness, past: Past, guest: Guest, speed: float
) -> tuple[float, float]:
    """Longer when a node it was on in the time of the reading published no figures."""
    begin, end = _window(fresh, PUBLISHED / speed)
    for truth in _during(past, begin, end):
        known = truth["guests"].get(str(guest.vmid))
        homes = {guest.node, known[0]} if known is not None else {guest.node}
        if not homes <= set(truth["measured"]):
            return _window(fresh, FORGOTTEN / speed)
    return begin, end


def _guests(snapshot: Snapshot, now: float, past: Past, speed: float) -> Iterator[Claim]:
    """Where a guest is and whether it runs, each for itself.

    A row has the node by the cluster's file system and the state by the figures that were published
    last, perhaps by the node it has just left: a guest that is moved offline is told so as running
    on its new node before it is.
    """
    for row in GUESTS.rows(snapshot, now):
        guest = row.guest
        fresh = snapshot.fresh(Resources, guest.cluster)
        if fresh is None or fresh.stale(now) or row.seen.node_online is False:
            continue
        if guest.status not in ("running", "stopped"):
            continue
        key, window = str(guest.vmid), _statistics_window(fresh, past, guest, speed)
        for place, said in enumerate((guest.node, guest.status)):

            def holds(truth: Truth, key: str = key, place: int = place, said: str = said) -> bool:
                known = truth["guests"].get(key)
                return known is not None and bool(known[place] == said)

            says = f"{key} is on {said}" if place == 0 else f"{key} is {said}"
            yield Claim("guests", says, *window, holds)


def _storages(snapshot: Snapshot, now: float, past: Past, speed: float) -> Iterator[Claim]:
    for row in STORAGE.rows(snapshot, now):
        storage = row.storage
        fresh = snapshot.fresh(Resources, storage.cluster)
        if fresh is None or fresh.stale(now) or row.away or storage.status != "available":
            continue

        def holds(truth: Truth, name: str = storage.name, node: str = storage.node) -> bool:
            return not any(away in truth["away"] for away in ([name, ""], [name, node]))

        # A storage that is away is no longer published: its last figures count on.
        window = _window(fresh, FORGOTTEN / speed)
        yield Claim("storage", f"{storage.key} is available", *window, holds)


def _tunnels(snapshot: Snapshot, now: float, speed: float) -> Iterator[Claim]:
    for tunnel in WIREGUARD.rows(snapshot, now):
        verdict = tunnel.judge(now).verdict
        if verdict not in ("up", "dead", "never"):
            continue
        read = [(end, snapshot.fresh(WireGuard, end.router)) for end in tunnel.ends]
        windows = [_window(f) for end, f in read if f is not None and not end.stale]
        if not windows:
            continue
        begin, end = min(w[0] for w in windows), max(w[1] for w in windows)
        wanted = verdict == "up"

        def holds(truth: Truth, key: str = tunnel.key, wanted: bool = wanted) -> bool:
            return bool(truth["peers"].get(key) is wanted)

        lag = REJECTED / speed if wanted else 0.0
        yield Claim("wireguard", f"{tunnel.key} is {verdict}", begin - lag, end, holds)


def _sessions(snapshot: Snapshot, now: float) -> Iterator[Claim]:
    for peering in BGP.rows(snapshot, now):
        state = peering.state
        if state in ("unknown", "disabled"):
            continue
        fresh = snapshot.fresh(Bgp, peering.connection.router)
        if fresh is None or fresh.stale(now):
            continue
        key, wanted = peering.connection.key, state in ("established", "empty")

        def holds(truth: Truth, key: str = key, wanted: bool = wanted) -> bool:
            return key not in truth["sessions"] or bool(truth["sessions"][key] is wanted)

        yield Claim("bgp", f"{key} is {state}", *_window(fresh), holds)


def too_old(fresh: Freshness, now: float) -> bool:
    """Whether three readings were missed: reckoned here, not by what is tested."""
    return fresh.read_at is not None and now - fresh.read_at > 3 * fresh.pace + 5.0 + PAINTED


def unsaid(panes: list[Any], now: float) -> Iterator[str]:
    """Panes in sight that do not say, or do not show, that all they have is old."""
    for pane in panes:
        feeds = [fresh for _feed, fresh in _leading(pane)]
        if not feeds or not all(too_old(fresh, now) for fresh in feeds):
            continue
        _left, right = pane.title_spans()
        if not any(span.text.strip() for span in right):
            yield f"{pane.view.id} does not say that it is old"
        good = {pane.app.ink.style("good", ground or pane.GROUND).color for ground in _GROUNDS}
        lines = [pane.render_line(number) for number in range(pane.size.height)]
        green = [
            seg.text for line in lines for seg in line if seg.style and seg.style.color in good
        ]
        if any(text.strip() for text in green):
            yield f"{pane.view.id} shows in green what is old: {green[:3]}"


def _leading(pane: Any) -> list[tuple[Any, Freshness]]:
    from labtui.ui.panes.freshness import leading

    return leading(pane.view, pane._snapshot)


def unrecovered(snapshot: Snapshot, now: float, since: float = 0.0) -> list[str]:
    """Feeds that are not well yet, or have not been read `since` then.

    Those that are read rarely have time until their next try.
    """
    found = []
    for feed, fresh in sorted(snapshot.freshness.items()):
        if fresh.pace <= OFTEN and (fresh.read_at or 0.0) < since:
            found.append(f"{feed}: not read since")
            continue
        soon = fresh.next_try is not None and fresh.next_try - now < 70 and fresh.pace > 60
        if (fresh.problem is not None or fresh.stale(now)) and not soon:
            found.append(f"{feed}: {fresh.problem.sentence if fresh.problem else 'late'}")
    return found
