"""What is said of a change: a message for what became of what, and whether that is good or bad."""

from __future__ import annotations

from collections.abc import Mapping

from labtui.live.history.observe import State
from labtui.locale import N_
from labtui.model.events import Said, Weight

_ANY = "*"
_TEXTS: Mapping[tuple[str, str], tuple[str, Weight]] = {
    ("node", "up"): (N_("node {name} is back"), "good"),
    ("node", "down"): (N_("node {name} is away"), "bad"),
    ("node", "new"): (N_("node {name} is new"), ""),
    ("node", "gone"): (N_("node {name} is no member any more"), "warn"),
    ("quorum", "quorate"): (N_("{name} has quorum again"), "good"),
    ("quorum", "lost"): (N_("{name} has lost its quorum"), "bad"),
    ("guest", "running"): (N_("{name} runs"), "good"),
    ("guest", "stopped"): (N_("{name} is off"), "warn"),
    ("guest", "new"): (N_("{name} is new: {after}"), ""),
    ("guest", "gone"): (N_("{name} is gone"), "warn"),
    ("guest", _ANY): (N_("{name} is {after}, was {before}"), ""),
    ("place", _ANY): (N_("{name} is on {after}, was on {before}"), ""),
    ("lock", "none"): (N_("{name} is not locked any more ({before})"), ""),
    ("lock", _ANY): (N_("{name} is locked: {after}"), ""),
    ("ha", "error"): (N_("HA has given up on {name}"), "bad"),
    ("ha", "fence"): (N_("HA fences the node of {name}"), "bad"),
    ("ha", "new"): (N_("HA looks after {name} now: {after}"), ""),
    ("ha", "gone"): (N_("HA does not look after {name} any more"), ""),
    ("ha", _ANY): (N_("HA on {name}: {after}, was {before}"), ""),
    ("storage", "there"): (N_("storage {name} is there again"), "good"),
    ("storage", "away"): (N_("storage {name} is away"), "bad"),
    ("storage", _ANY): (N_("storage {name} is away on {after}"), "bad"),
    ("gpu", "nobody"): (N_("GPU {name} is nobody's, was {before}'s"), ""),
    ("gpu", _ANY): (N_("GPU {name} is {after}'s, was {before}'s"), ""),
    ("gpu-use", "busy"): (N_("GPU {name} works"), ""),
    ("gpu-use", "idle"): (N_("GPU {name} rests"), ""),
    ("tunnel", "up"): (N_("tunnel {name} passes"), "good"),
    ("tunnel", "down"): (N_("nothing passes over tunnel {name}"), "bad"),
    ("tunnel", "off"): (N_("tunnel {name} is switched off"), "warn"),
    ("session", "up"): (N_("BGP {name} is up"), "good"),
    ("session", "down"): (N_("BGP {name} is down"), "bad"),
    ("session", "off"): (N_("BGP {name} is switched off"), "warn"),
    ("source", "answers"): (N_("{name} answers"), "good"),
    ("source", "silent"): (N_("{name} does not answer"), "bad"),
    ("router", _ANY): (N_("router {name} has started anew"), "warn"),
    ("task", "running"): (N_("{user} began {name} on {node}"), ""),
    ("task", "done"): (N_("{name} on {node} is done ({user})"), ""),
    ("task", "failed"): (N_("{name} on {node} failed ({user}): {status}"), "bad"),
    ("job", "running"): (N_("begun from a console: {name}"), ""),
    ("job", "done"): (N_("done: {name}"), "good"),
    ("job", _ANY): (N_("{name}: {after}. {note}"), "warn"),
}


def said(state: State, before: str, after: str) -> tuple[Said, Weight] | None:
    """The words for that change and their weight; None when it is worth none."""
    found = _TEXTS.get((state.kind, after)) or _TEXTS.get((state.kind, _ANY))
    if found is None:
        return None
    text, weight = found
    shown = state.value if after == "new" else after
    values = (("name", state.name), ("before", before), ("after", shown), *state.more)
    return Said(text, values), weight
