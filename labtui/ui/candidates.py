"""What can be gone to or done by its name: the entries of go-to and palette, and their ranking."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from labtui.locale import _
from labtui.model.snapshot import Snapshot
from labtui.ui.keys import Keymap
from labtui.ui.panes.names import name_of
from labtui.views.view import View

# Their rows are things that happened, not things one goes to.
_HAPPENINGS = frozenset(("job", "task", "event", "feed"))
_NO_MATCH = 9
_BROKEN = 3


class Target(NamedTuple):
    """What a candidate stands for."""

    kind: Literal["place", "object", "command", "theme", "column", "word"]
    name: str
    key: str = ""


class Candidate(NamedTuple):
    """An entry: its words, a hint beside them (with a role), the key that does the same."""

    title: str
    hint: str
    target: Target
    shortcut: str = ""
    able: bool = True
    role: str = "dim"


def places(views: Iterable[View[Any]], keymap: Keymap) -> Iterator[Candidate]:
    """The overview and every view."""
    hint = _("place")
    overview = Target("place", "overview")
    yield Candidate(_("overview"), hint, overview, keymap.key("place.overview"))
    for view in views:
        shortcut = keymap.key(f"place.{view.id}")
        yield Candidate(_(view.title), hint, Target("place", view.id), shortcut)


def words(keymap: Keymap) -> Iterator[Candidate]:
    """The commands that are typed, with what they take."""
    for command in keymap.commands:
        if command.word:
            takes = f"{_(command.takes)}  " if command.takes else ""
            target = Target("word", command.id)
            yield Candidate(command.word, takes + _(command.hint), target, keymap.key(command.id))


def commanded(candidates: Iterable[Candidate], text: str) -> list[Candidate]:
    """The typed command that the text begins with, with the rest of the text as its argument."""
    word, _blank, rest = text.strip().partition(" ")
    for candidate in candidates:
        if candidate.target.kind == "word" and candidate.title == word.casefold():
            target = candidate.target._replace(key=rest.strip())
            return [candidate._replace(title=" ".join(text.split()), target=target)]
    return []


def objects(views: Iterable[View[Any]], snapshot: Snapshot, now: float) -> Iterator[Candidate]:
    """Every object of every view."""
    for view in views:
        if view.noun in _HAPPENINGS:
            continue
        hint = _(view.title)
        for row in view.rows(snapshot, now):
            target = Target("object", view.id, view.row_key(row))
            yield Candidate(name_of(view, row, now), hint, target)


def troubled(views: Iterable[View[Any]], snapshot: Snapshot, now: float) -> list[Candidate]:
    """Every row in trouble and every source that fails, the worst first, with what is wrong."""
    found: list[tuple[int, Candidate]] = []
    for view in views:
        # A source that is only late is seen in the top line, and no trouble yet.
        least = 2 if view.noun == "feed" else 1
        rows = [row for row in view.rows(snapshot, now) if view.trouble(row, now) >= least]
        for row in view.arranged(rows, now):
            # Views count trouble in their own ways; from three on a row is broken.
            level = min(view.trouble(row, now), _BROKEN)
            target = Target("object", view.id, view.row_key(row))
            hint = f"{_(view.title)}  {wrong_with(view, row, now)}"
            role = "bad" if level == _BROKEN else "warn"
            found.append((level, Candidate(name_of(view, row, now), hint, target, role=role)))
    return [candidate for _level, candidate in sorted(found, key=lambda pair: -pair[0])]


def wrong_with(view: View[Any], row: object, now: float) -> str:
    """What a row says of its trouble: its state, then the other cells that are not well."""
    told: list[str] = []
    for column in view.columns:
        cell = column.cell(row, now)
        if column.id == "state":
            told.insert(0, cell.text)
        elif cell.role == "bad" and cell.text:
            told.append(f"{_(column.title)} {cell.text}")
    return ", ".join(text for text in told if text)


def commands(keymap: Keymap, leave_out: Iterable[str] = ()) -> Iterator[Candidate]:
    """Every command of the main screen."""
    left_out = frozenset(leave_out)
    for command in keymap.commands:
        if command.context == "main" and command.id not in left_out:
            target = Target("command", command.id)
            shortcut = keymap.key(command.id) or (f":{command.word}" if command.word else "")
            yield Candidate(_(command.title), _(command.hint), target, shortcut)


def themes(names: Iterable[str]) -> Iterator[Candidate]:
    """Every theme."""
    for name in names:
        title = _("theme {name}").format(name=name)
        yield Candidate(title, _("colours"), Target("theme", name))


def columns(view: View[Any], by: str) -> Iterator[Candidate]:
    """What a view can be sorted by."""
    chosen = _("now")
    yield Candidate(_("trouble first"), chosen if not by else "", Target("column", ""))
    for column in view.columns:
        hint = chosen if column.id == by else ""
        yield Candidate(_(column.title), hint, Target("column", column.id))


def ranked(candidates: Sequence[Candidate], text: str, most: int) -> list[Candidate]:
    """The best matches of all the words of a text: whole, beginning, word, somewhere, hint."""
    words = text.casefold().split()
    if not words:
        return list(candidates[:most])
    scored = (
        (score, len(candidate.title), place)
        for place, candidate in enumerate(candidates)
        if (score := _score(candidate, words)) < _NO_MATCH
    )
    return [candidates[place] for _s, _l, place in heapq.nsmallest(most, scored)]


def _score(candidate: Candidate, words: Sequence[str]) -> int:
    title = candidate.title.casefold()
    worst = 0
    for word in words:
        if title == word:
            score = 0
        elif word in title.split():
            score = 1
        elif title.startswith(word):
            score = 2
        elif f" {word}" in title:
            score = 3
        elif word in title:
            score = 4
        elif word in candidate.hint.casefold():
            score = 5
        else:
            return _NO_MATCH
        worst = max(worst, score)
    return worst
