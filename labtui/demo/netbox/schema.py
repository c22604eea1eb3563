"""How a kind of record is described: its fields, where it is served, how it is shown.

The descriptions themselves lie in `dcim`, `virtualization`, `ipam` and `organisation`; store,
rendering, filters and validation are all driven by them. Names, choices and error texts are those
of NetBox 4.6.8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from labtui.demo.netbox.render import View

Row = dict[str, Any]
"""A stored record: references are ids, choices bare values, times ISO texts in UTC."""

Kind = Literal[
    "text",
    "slug",
    "integer",
    "decimal",
    "flag",
    "choice",
    "ref",
    "many",
    "generic",
    "prefix",
    "address",
    "mac",
    "labels",
    "ranges",
    "raw",
    "constant",
    "computed",
]
Choices = tuple[tuple[str, str], ...]
OnDelete = Literal["protect", "cascade", "clear", "keep"]


@dataclass(frozen=True)
class Field:
    """One field of a record. `label` is the name in the server's sentences about it."""

    name: str
    kind: Kind
    required: bool = False
    nullable: bool = False
    default: Any = None
    unique: bool = False
    longest: int = 0
    low: int | None = None
    high: int | None = None
    choices: Choices = ()
    target: str = ""
    targets: tuple[str, ...] = ()
    on_delete: OnDelete = "protect"
    compute: Callable[[View, Row], Any] | None = None
    label: str = ""
    shown: tuple[str, ...] = ()
    """For references: names of the short form, where it is not that of the kind."""

    @property
    def stored(self) -> bool:
        """Whether a client may write it."""
        return self.kind not in ("constant", "computed", "raw")


@dataclass(frozen=True)
class Model:
    """A kind of record.

    `label` is its content type, `noun` its class name, `verbose` its name in words, `key` the
    field that others may name it by.
    """

    label: str
    path: str
    noun: str
    verbose: str
    fields: tuple[Field, ...]
    brief: tuple[str, ...]
    order: tuple[str, ...]
    display: Callable[[View, Row], str]
    nested: tuple[str, ...] = ()
    key: str = "name"
    unique: tuple[str, ...] = ()
    unique_error: str = ""
    display_path: str = ""
    show_display_url: bool = True
    configurable: bool = True
    read_only: bool = False
    plugin: str = ""
    twins: tuple[str, ...] = ()
    """Other paths where the same records are served."""

    url_path: str = ""
    """The path in the records' own addresses, where it is not `path`."""

    @property
    def stored(self) -> tuple[Field, ...]:
        """The fields a client may write."""
        return tuple(each for each in self.fields if each.stored)


def text(name: str, longest: int = 200, *, required: bool = False, unique: bool = False) -> Field:
    """Text, empty by default."""
    return Field(name, "text", required=required, unique=unique, default="", longest=longest)


def slug() -> Field:
    """The required, unique name for addresses."""
    return Field("slug", "slug", required=True, unique=True, default="", longest=100)


def integer(name: str, low: int = 0, high: int = 2147483647, default: int | None = None) -> Field:
    """A whole number, None unless a default is given."""
    return Field(name, "integer", nullable=default is None, default=default, low=low, high=high)


def flag(name: str, *, default: bool) -> Field:
    """True or false."""
    return Field(name, "flag", default=default)


def choice(name: str, choices: Choices, default: str | None, *, required: bool = False) -> Field:
    """One of the listed values; without a default it may be empty."""
    return Field(
        name,
        "choice",
        required=required,
        nullable=default is None,
        default=default,
        choices=choices,
    )


def choices(*values: str, **odd: str) -> Choices:
    """Values with their labels; `odd` gives the labels that are not just the capitalised value."""
    plain = tuple((value, value.replace("-", " ").capitalize()) for value in values)
    return plain + tuple((value.replace("_", "-"), label) for value, label in odd.items())


def ref(
    name: str, target: str, on_delete: OnDelete = "protect", *, required: bool = False
) -> Field:
    """A reference to one record of another kind."""
    return Field(
        name, "ref", required=required, nullable=not required, target=target, on_delete=on_delete
    )


def many(name: str, target: str) -> Field:
    """References to any number of records."""
    return Field(name, "many", target=target, default=(), on_delete="clear")


def generic(
    name: str, *targets: str, required: bool = False, on_delete: OnDelete = "cascade"
) -> Field:
    """A reference to a record of one of several kinds: `<name>_type` and `<name>_id`."""
    return Field(
        name,
        "generic",
        required=required,
        nullable=not required,
        targets=targets,
        on_delete=on_delete,
    )


def constant(*names: str, value: Any = None) -> tuple[Field, ...]:
    """Fields of the API that always have the same value in this lab."""
    return tuple(Field(name, "constant", default=value) for name in names)


def computed(name: str, compute: Callable[[View, Row], Any]) -> Field:
    """A field made from other records."""
    return Field(name, "computed", compute=compute)


def count(name: str, label: str, field: str, target: str = "") -> Field:
    """How many records of `label` point here with `field`; `target`: this kind, if generic."""
    key = f"{field}:{target}" if target else field
    return computed(name, lambda view, row: len(view.store.referrers(label, key, row["id"])))


def family(field: str) -> Field:
    """The IP version of the address in `field`."""

    def compute(_view: View, row: Row) -> dict[str, Any]:
        six = ":" in row[field]
        return {"value": 6 if six else 4, "label": "IPv6" if six else "IPv4"}

    return computed("family", compute)


BRIEF = ("id", "url", "display", "name", "slug", "description")
"""The short form of what has a name and a slug."""

TAGS = many("tags", "extras.tag")
OWNER = constant("owner")[0]
COMMENTS = text("comments", 0)
DESCRIPTION = text("description")
TAIL = (OWNER, COMMENTS, TAGS)
"""What nearly every kind ends in, before custom fields and times."""


def name_of(_view: View, row: Row) -> str:
    """The usual display."""
    return str(row["name"])


def slugged(label: str, path: str, noun: str, verbose: str, *counts: Field) -> Model:
    """A kind that is little more than a unique name with its slug, and what points to it."""
    fields = (text("name", 100, required=True, unique=True), slug(), DESCRIPTION, *TAIL, *counts)
    return Model(label, path, noun, verbose, fields, BRIEF, ("name",), name_of, key="slug")


def natural(value: str) -> list[tuple[int, int, str]]:
    """A sorting key: `vm9` before `vm10`, upper and lower case together."""
    parts = re.split(r"(\d+)", value.casefold())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]
