"""What a finding is: a value that says what is wrong with whom, since when, how sure, what helps.

Words are a message and its values; they are translated where they are drawn. Times are seconds
since the epoch.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.locale import _

Severity = Literal["critical", "warning", "notice"]
Sure = Literal["certain", "likely", "possible"]
Speaks = Literal["for", "against"]
Layer = Literal[
    "underlay",
    "tunnel",
    "routing",
    "router",
    "cluster",
    "node",
    "guest",
    "storage",
    "gpu",
    "record",
    "server",
    "account",
    "ssh",
    "console",
]
SEVERITIES: tuple[Severity, ...] = ("critical", "warning", "notice")
SURENESS: tuple[Sure, ...] = ("certain", "likely", "possible")
LAYERS: tuple[Layer, ...] = (
    "underlay",
    "router",
    "tunnel",
    "routing",
    "cluster",
    "node",
    "storage",
    "gpu",
    "guest",
    "account",
    "server",
    "ssh",
    "record",
    "console",
)
"""From below to above: of two that are equally bad, the lower one is told first."""


class Words(msgspec.Struct, frozen=True):
    """A message of the catalogue with its values; texts from outside are values only."""

    text: str
    values: tuple[tuple[str, str | int | Words], ...] = ()

    def say(self) -> str:
        """In the language in use."""
        values = {
            name: value.say() if isinstance(value, Words) else value for name, value in self.values
        }
        return _(self.text).format(**values)


def words(text: str, **values: str | int | Words) -> Words:
    """A message marked with `N_`, and its values by name."""
    return Words(text, tuple(values.items()))


def counted(one: str, many: str, n: int, **values: str | int | Words) -> Words:
    """Of two messages marked with `N_` the one for that number, with it as `n`."""
    return words(one if n == 1 else many, n=n, **values)


def verbatim(text: str) -> Words:
    """A text that has its language already, or none."""
    return Words("{said}", (("said", text),))


class Subject(msgspec.Struct, frozen=True):
    """Whom a finding is about. `key` is the same for as long as the object is, `name` is what
    people say. `view` is the id of the view that has it, `row` the key of its row there.
    """

    noun: str
    key: str
    name: str
    view: str = ""
    row: str = ""

    @property
    def at(self) -> tuple[str, str]:
        """(view, key of the row): where to look at it; an empty view when there is none."""
        return self.view, self.row or self.key if self.view else ""


class Evidence(msgspec.Struct, frozen=True):
    """One observation, for the finding or against it; `source` is who was read, at what time."""

    text: Words
    speaks: Speaks = "for"
    source: str = ""
    at: float | None = None


class Remedy(msgspec.Struct, frozen=True):
    """What to do. `action` is the id of an action, `view` and `key` the object to do it with."""

    text: Words
    action: str = ""
    view: str = ""
    key: str = ""


class Suspect(msgspec.Struct, frozen=True):
    """What may be behind a finding that cannot tell it by itself."""

    layer: Layer
    noun: str
    name: str
    sure: Sure
    text: Words


class Hits(msgspec.Struct, frozen=True):
    """Whom a finding hits directly, by key: nodes and guests `cluster/name`, the rest by name."""

    nodes: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()


NOBODY = Hits()


class Finding(msgspec.Struct, frozen=True):
    """Something is wrong. `since`: so at least since then, None when nobody here knows.

    `sites` are the places it touches, which relate findings of different systems. `as_of`: when
    what it rests on was read, if that is too old to pass for the present. `planned`: somebody
    wants it so. `count` > 1: that many of one kind are told as one.
    """

    rule: str
    subject: Subject
    layer: Layer
    severity: Severity
    words: Words
    since: float | None = None
    sure: Sure = "certain"
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    sites: tuple[str, ...] = ()
    hits: Hits = NOBODY
    as_of: float | None = None
    planned: bool = False
    count: int = 1

    @property
    def id(self) -> str:
        """The same for as long as it is the same finding: rule and subject."""
        return f"{self.rule}:{self.subject.key}"
