"""What a plan that ends differences is drafted from."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec

from labtui.actions.action import Call
from labtui.actions.records.request import Piece, Version
from labtui.model.drift.difference import Difference

RECORD = "record"
LAB = "lab"


@runtime_checkable
class KnowsWho(Protocol):
    """A wire that knows who sits at this console."""

    @property
    def who(self) -> str: ...


class Deed(msgspec.Struct, frozen=True):
    """A change of the lab by an action that is there: on which object, with which answers.

    Without an action there is none, and `blockers` say what a person can do. `calls`, `blockers`
    and `warnings` are those of its plan.
    """

    keys: tuple[str, ...]
    label: str
    action: str = ""
    subject: str = ""
    choice: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    calls: tuple[Call, ...] = ()
    blockers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Item(msgspec.Struct, frozen=True):
    """One difference and what would end it: `pieces` in NetBox, of which one is taken.

    `against` says why it is left alone whatever the direction. `with_it`: the difference that has
    to be ended along with it, since both are one record.
    """

    about: Difference
    pieces: tuple[Piece, ...] = ()
    deeds: tuple[Deed, ...] = ()
    against: str = ""
    with_it: str = ""


class MendFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `why` is what a person says of it, `who` says it.

    `allowed`: what the token may do, by list; lists that nobody could ask about are not in it.
    """

    subject: str
    read_at: float
    items: tuple[Item, ...] = ()
    gone: tuple[str, ...] = ()
    version: Version = ()
    who: str = ""
    why: str = ""
    allowed: dict[str, frozenset[str]] = {}
    blockers: tuple[str, ...] = ()
