"""The steps of a hand-over and their calls, each write with its way back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from labtui.actions.action import Call, Step
from labtui.actions.cards.changes import Change
from labtui.actions.cards.facts import HandFacts, Party, path_of
from labtui.actions.cards.fields import LATER, SHUTDOWN, on, way_of

PATIENCE = 180


def steps_of(facts: HandFacts, changes: Sequence[Change], target: Party | None) -> tuple[Step, ...]:
    """What is done, one after the other."""
    way = way_of(facts)
    givers = [change.party for change in changes if change.gives]
    running = [party for party in givers if party.subject.running]
    own = next((change for change in changes if not change.gives), None)
    if target is not None and own is not None and target.subject.running:
        running.append(target)
    steps = [] if way == LATER else [_power(party, way) for party in running]
    steps += [write_step(change, later=way == LATER) for change in changes]
    if way == LATER or (not changes and target is None):
        return tuple(steps)
    if target is not None and on(facts, "start") and (own or not target.subject.running):
        steps.append(_power(target, "start"))
        steps.append(_seeing(facts, target))
    if on(facts, "again"):
        steps += [_power(party, "start") for party in givers if party.subject.running]
    return tuple(steps)


def _power(party: Party, way: str) -> Step:
    guest = party.guest
    params = (("timeout", PATIENCE),) if way == SHUTDOWN else ()
    call = Call(guest.cluster, "POST", f"{path_of(guest)}/status/{way}", params)
    return Step(
        guest.key, guest.label, way, guest.node, guest.node, parts=(way,), calls=(call,),
        running=party.subject.running,
    )  # fmt: skip


def write_step(change: Change, *, later: bool) -> Step:
    """The call, and the call that puts back what was. With `later` the server keeps both."""
    guest = change.party.guest
    path = f"{path_of(guest)}/config"
    digest = str(change.party.config.get("digest", ""))
    do = _put(change.values) + ((("digest", digest),) if digest else ())
    undo = _put(change.before)
    if later and change.party.subject.running:
        kept = {key: value for key, value in change.before.items() if key == "description"}
        waits = ",".join(key for key in change.values if key != "description")
        undo = _put(kept) + ((("revert", waits),) if waits else ())
    return Step(
        guest.key,
        guest.label,
        "write",
        guest.node,
        guest.node,
        parts=("write",),
        calls=(Call(guest.cluster, "PUT", path, do), Call(guest.cluster, "PUT", path, undo)),
        note=msgspec.json.encode({"new": change.values, "old": change.before}).decode(),
        running=change.party.subject.running,
    )


def _put(values: Mapping[str, str]) -> tuple[tuple[str, str | int], ...]:
    gone = ",".join(key for key, value in values.items() if not value)
    kept = tuple((key, value) for key, value in values.items() if value)
    return (*kept, ("delete", gone)) if gone else kept


def _seeing(facts: HandFacts, target: Party) -> Step:
    """Ask its agent; what it should see is the makers' names with how many there are."""
    guest = target.guest
    makers: dict[str, int] = {}
    for card in facts.cards:
        if card.device.is_gpu:
            maker = "NVIDIA" if "NVIDIA" in card.device.vendor.upper() else "AMD"
            makers[maker] = makers.get(maker, 0) + 1
    return Step(
        guest.key, guest.label, "see", guest.node, guest.node, parts=("see",),
        note=msgspec.json.encode(makers).decode(),
    )  # fmt: skip
