"""What has changed: what is known against what was seen just now. Pure.

What is known is what the file says, whoever wrote it: so two writers after one another write no
change twice, and what happened while nobody looked is found at the next look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from labtui.live.history.observe import Observed, Scope, State
from labtui.live.history.words import said
from labtui.model.events import Event

Key = tuple[str, str]
"""(kind, key of the object)."""
GONE = "gone"
SCOPE = "scope"
_RESTART = 90
_ONCE = frozenset(("task", "job"))
"""Things that happen and are over: that they leave the list is no news."""


class Known(NamedTuple):
    """The last that was written of one respect of an object; since `since`, as read at `at`."""

    source: str
    name: str
    value: str
    since: float
    at: float
    view: str = ""
    row: str = ""


class Change(NamedTuple):
    """What is to be known from now on, and the event to tell of it, if it is worth one."""

    key: Key
    known: Known
    event: Event | None = None


def changes(
    known: Mapping[Key, Known], observed: Observed, unseen: float | None = None
) -> tuple[Change, ...]:
    """What is otherwise than known. `unseen`: until this look nobody looked since then.

    The first look at a place is where telling begins, and tells nothing.
    """
    found: list[Change] = []
    looked = {key[1] for key in known if key[0] == SCOPE}
    for state in observed.states:
        change = _state(known, state, looked, unseen)
        if change is not None:
            found.append(change)
    there = {(state.kind, state.key) for state in observed.states}
    for scope in observed.scopes:
        found.extend(_gone(known, scope, there, unseen))
        name = f"{scope.kind}/{scope.source}"
        if name not in looked:
            entry = Known(scope.source, name, "seen", scope.at, scope.at)
            found.append(Change((SCOPE, name), entry))
    return tuple(found)


def _state(
    known: Mapping[Key, Known], state: State, looked: set[str], unseen: float | None
) -> Change | None:
    key = (state.kind, state.key)
    before = known.get(key)
    # Nearly always: made short, since a large lab has tens of thousands of these.
    if before is not None and (state.at <= before.at or not _differs(state, before)):
        return None
    after = Known(
        state.source,
        state.name,
        state.value,
        state.when if state.when is not None else state.at,
        state.at,
        state.view,
        state.row,
    )
    if before is None:
        scoped = f"{state.kind}/{_place(state)}" in looked
        if state.silent or not scoped:
            return Change(key, after)
        word = state.value if state.kind in _ONCE else "new"
        return Change(key, after, _event(state, "", word, unseen))
    return Change(key, after, _event(state, before.value, state.value, unseen))


def _place(state: State) -> str:
    """The scope that a state belongs to: a job's is the console that runs it."""
    return state.key.partition("/")[0] if state.kind == "job" else state.source


def _differs(state: State, before: Known) -> bool:
    if state.kind == "router":
        # Counted in whole seconds at both ends: only a later start is another one.
        return int(state.value) > int(before.value) + _RESTART
    return state.value != before.value


def _event(state: State, before: str, after: str, unseen: float | None) -> Event | None:
    words = said(state, before, after)
    if words is None:
        return None
    at = state.when if state.when is not None else state.at
    return Event(
        0,
        at,
        state.kind,
        state.source,
        state.key,
        state.name,
        before,
        after,
        words[1],
        words[0],
        state.view,
        state.row,
        unseen if state.when is None else None,
    )


def _gone(
    known: Mapping[Key, Known], scope: Scope, there: set[Key], unseen: float | None
) -> list[Change]:
    """What was of that scope and is not there any more."""
    if scope.kind in _ONCE:
        return []
    found = []
    for key, entry in known.items():
        ours = key[0] == scope.kind and entry.source == scope.source
        if not ours or key in there or entry.value == GONE or scope.at <= entry.at:
            continue
        state = State(
            key[0], entry.source, key[1], entry.name, GONE, scope.at, entry.view, entry.row
        )
        after = entry._replace(value=GONE, since=scope.at, at=scope.at)
        found.append(Change(key, after, _event(state, entry.value, GONE, unseen)))
    return found
