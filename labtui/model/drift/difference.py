"""What a difference is: both objects, both values, and what would mend it in which direction.

Words are keys that `views` has texts for: `kind`, `what` and `field` are the same in every language
and are what rules of the configuration match.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from labtui.model.records.joined import Sure
from labtui.model.records.refs import Ref

Kind = Literal["missing", "surplus", "different", "ambiguous", "twice"]
What = Literal[
    "guest",
    "interface",
    "disk",
    "address",
    "vlan",
    "cluster",
    "node",
    "router",
    "tunnel",
    "end",
    "asn",
    "session",
    "prefix",
]
Direction = Literal["record", "lab"]
Deed = Literal["create", "set", "delete", "assign"]
Value = str | int | float | bool | None
Ground = tuple[str, str]
"""A part of the snapshot that a difference rests on: topic and source."""


class Mend(msgspec.Struct, frozen=True):
    """One way to end a difference.

    `record`: a write to NetBox, of `values` to the object `ref` (id 0: a new one in that list), in
    the form of its API. `lab`: a change of the object `key` of the lab, of its `values` (sizes in
    bytes). `assign`: an address is put on the interface that `values` name.
    """

    direction: Direction
    deed: Deed
    ref: Ref | None = None
    key: str = ""
    values: tuple[tuple[str, Value], ...] = ()


class Difference(msgspec.Struct, frozen=True):
    """One difference. `missing`: not in NetBox; `surplus`: only there.

    `lab` is the key of the object in the lab's view `view` (empty where there is none), `record`
    the object of NetBox; `actual` and `recorded` are the values of `field` as people read them.
    `sure`: of the join. `hidden`: the token sees only a part of that list, so that what seems to be
    missing may be there. `ignored`: why a rule says that it is meant so.
    """

    kind: Kind
    what: What
    name: str
    field: str = ""
    view: str = ""
    lab: str = ""
    record: Ref | None = None
    actual: str = ""
    recorded: str = ""
    mends: tuple[Mend, ...] = ()
    sure: Sure = "certain"
    candidates: tuple[Ref, ...] = ()
    rests: tuple[Ground, ...] = ()
    hidden: bool = False
    ignored: str = ""
    site: str = ""
    severity: Literal["", "notice", "warning"] = "notice"

    @property
    def key(self) -> str:
        """The same for as long as it is the same difference."""
        number = f"{self.record.path}/{self.record.id}" if self.record is not None else ""
        parts = (self.kind, self.what, self.lab, self.name, self.field, number)
        # Several keys stand in a line with commas between them.
        return ":".join(part.replace(",", ";") for part in parts)


class Drift(msgspec.Struct, frozen=True):
    """All differences, those that are meant, and what could not be compared.

    `unseen` are the lists of NetBox that nothing can be said about: (path, why), why is one of
    `hidden`, `absent`, `unread`, `partly`, `empty` (nobody keeps it). `compared`: how many objects
    of each kind were held against their record.
    """

    differences: tuple[Difference, ...] = ()
    ignored: tuple[Difference, ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()
    compared: dict[str, int] = {}

    def of(self, *whats: What) -> tuple[Difference, ...]:
        """The differences of those kinds of object."""
        return tuple(each for each in self.differences if each.what in whats)
