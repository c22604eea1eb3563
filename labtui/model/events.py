"""What happened in the lab: changes of an object's state with time, in words of the catalogue.

Texts are messages with their values, so that what one console wrote another one reads in its own
language. Times are seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Weight = Literal["", "good", "warn", "bad"]
"""What a change means: worse, much worse, better, or neither."""
MOST_EVENTS = 500
BEFORE = 600.0
"""How many seconds before something one looks for what changed."""


class Said(msgspec.Struct, frozen=True, array_like=True):
    """A message of the catalogue with its values; texts from outside are values only."""

    text: str
    values: tuple[tuple[str, str | int | Said], ...] = ()


def put_together(said: Said, translate: Callable[[str], str]) -> str:
    """The words in a language; what can't be put together is given as it stands."""
    values = {
        name: put_together(value, translate) if isinstance(value, Said) else value
        for name, value in said.values
    }
    try:
        return translate(said.text).format(**values) if said.text else ""
    except (KeyError, IndexError, ValueError, AttributeError):
        return said.text


class Event(msgspec.Struct, frozen=True):
    """One change. `kind` is what of the object changed (`node`, `guest`, `tunnel`, `cause`, ...).

    `key` and `name` are the object's; `view` and `row` where it is looked at. `unseen`: nobody
    looked since then, so that it may have happened at any time between that and `at`.
    """

    id: int
    at: float
    kind: str
    source: str
    key: str
    name: str
    before: str
    after: str
    weight: Weight
    said: Said
    view: str = ""
    row: str = ""
    unseen: float | None = None


class Query(msgspec.Struct, frozen=True):
    """Which events: of the object in that row of a view, or whose key or name is `object`.

    `since` and `until` bound the time; of more than `most` the newest are given.
    """

    view: str = ""
    row: str = ""
    object: str = ""
    since: float | None = None
    until: float | None = None
    most: int = MOST_EVENTS
