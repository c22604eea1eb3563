"""How fresh what a view shows is, and the sentences it shows when it has no rows. Pure."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from labtui.locale import _
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.model.snapshot import TOPICS, Part, Snapshot
from labtui.views.figures import span
from labtui.views.filter import doubts, parse
from labtui.views.view import View

_TOPIC_OF: dict[type[Part], str] = {part: topic for topic, part in TOPICS.items()}
_MOST_SEARCHED = 500
_DENIED = ("forbidden", "refused")

Sentence = tuple[str, str]
"""A text and its role."""


class Age(NamedTuple):
    """What the frame says of a pane's age: nothing while all is fresh."""

    text: str = ""
    old: bool = False


def topics_of(view: View[Any]) -> frozenset[str]:
    """The topics that a view is made from."""
    return frozenset(_TOPIC_OF[part] for part in view.needs) | view.wants


def leading(view: View[Any], snapshot: Snapshot) -> list[tuple[Feed, Freshness]]:
    """The feeds of the view's first need: without them there are no rows."""
    if not view.needs:
        return []
    topic = _TOPIC_OF[view.needs[0]]
    return sorted(
        ((feed, fresh) for feed, fresh in snapshot.freshness.items() if feed.topic == topic),
        key=lambda pair: pair[0],
    )


def age(feeds: Sequence[tuple[Feed, Freshness]], now: float) -> Age:
    """`as of 12:03` when all is old; named after its source when only some is."""
    old = [(feed, fresh) for feed, fresh in feeds if fresh.stale(now)]
    if not old:
        return Age()
    read = [fresh.read_at for _feed, fresh in old if fresh.read_at is not None]
    if len(old) == len(feeds):
        return as_of(max(read), now) if read else Age()
    if len(old) > 1:
        return Age(_("{n} of {all} sources old").format(n=len(old), all=len(feeds)))
    if read:
        return Age(
            _("{source} as of {time}").format(source=old[0][0].source, time=clock(read[0], now))
        )
    return Age(_("nothing from {source} yet").format(source=old[0][0].source))


def as_of(at: float, now: float) -> Age:
    """All of it is as it was then."""
    return Age(_("as of {time}").format(time=clock(at, now)), old=True)


def clock(at: float, now: float) -> str:
    """The time of day, with the date when it is not today's."""
    then, today = time.localtime(at), time.localtime(now)
    same = then[:3] == today[:3]
    return time.strftime("%H:%M" if same else "%Y-%m-%d %H:%M", then)


def vacancy(
    view: View[Any], snapshot: Snapshot, now: float, hidden: int, filter_text: str, back: str
) -> tuple[Sentence, ...]:
    """Why there are no rows: one of five reasons, each with its sentence.

    `hidden` rows were filtered away by `filter_text`; `back` is the key that shows them again.
    """
    if hidden:
        text = _("Nothing matches {filter}. {key} shows all {n}.")
        told = (text.format(filter=filter_text, key=back, n=hidden), "warn")
        if hidden > _MOST_SEARCHED:
            # This is asked again and again; the filter line has said it.
            return (told,)
        wrong = doubts(view, parse(filter_text), view.rows(snapshot, now))
        return (told, (wrong[:1].upper() + wrong[1:], "warn")) if wrong else (told,)
    feeds = leading(view, snapshot)
    if not feeds:
        if view.needs:
            return ((_("No source for this is configured."), "dim"),)
        return ((_(view.empty), "dim"),)
    some = any(fresh.read_at is not None for _feed, fresh in feeds)
    nothing: tuple[Sentence, ...] = ((_(view.empty), "dim"),) if some else ()
    return (*nothing, *silent(feeds, now))


def silent(feeds: Sequence[tuple[Feed, Freshness]], now: float) -> tuple[Sentence, ...]:
    """Who can't be read or may not be, why, since when; who has not answered yet.

    A source is named once for all its feeds that fail alike.
    """
    sentences: list[Sentence] = []
    waiting = [feed.source for feed, fresh in feeds if fresh.read_at is None and not fresh.problem]
    waiting = list(dict.fromkeys(waiting))
    told: set[tuple[str, str, str]] = set()
    for feed, fresh in feeds:
        problem = fresh.problem
        if problem is None or (feed.source, problem.kind, problem.why) in told:
            continue
        told.add((feed.source, problem.kind, problem.why))
        sentences.extend(_failure(feed, fresh, problem, now))
    if waiting:
        text = _("Loading: waiting for the first answer of {sources}.")
        sentences.append((text.format(sources=", ".join(waiting)), "dim"))
    return tuple(sentences)


def _failure(feed: Feed, fresh: Freshness, problem: Problem, now: float) -> list[Sentence]:
    if problem.kind in _DENIED:
        head = _("Not permitted on {source}: {sentence}")
    else:
        head = _("{source} can't be read: {sentence}")
    sentences: list[Sentence] = [
        (head.format(source=feed.source, sentence=problem.sentence), "bad"),
    ]
    if problem.remedy:
        sentences.append((problem.remedy, ""))
    when = []
    if fresh.failing_since is not None:
        when.append(_("since {time}").format(time=clock(fresh.failing_since, now)))
    if fresh.next_try is not None:
        wait = max(0.0, fresh.next_try - now)
        when.append(_("next try in {span}").format(span=span(wait)) if wait else _("trying now"))
    if when:
        sentences.append((", ".join(when), "dim"))
    return sentences
