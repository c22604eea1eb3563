"""The form in which every menu is described: items, fields by version, commands."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from labtui.demo.overlay.devices import Router
from labtui.demo.overlay.world import OverlayWorld
from labtui.demo.routeros.values import Version, boolean, parse_boolean, parse_duration

Item = TypeVar("Item")
Row = dict[str, str]

FIRST: Version = (0,)
LAST: Version = (999,)


class Trap(Exception):
    """A command was refused; `category` as the manual numbers them, None when left out."""

    def __init__(self, message: str, category: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.category = category


def no_such_item() -> Trap:
    """The answer to an id that names nothing."""
    return Trap("no such item (4)", 0)


def missing(argument: str) -> Trap:
    """The answer to an `add` without something that must be given."""
    return Trap(f"missing value(s) of argument(s) {argument}")


def invalid(argument: str) -> Trap:
    """The answer to a value that an argument cannot take."""
    return Trap(f"invalid value for argument {argument}", 1)


@dataclass(frozen=True)
class Context:
    """Who asks what of which router."""

    world: OverlayWorld
    router: Router
    version: Version
    policies: frozenset[str]
    user: str = ""
    connection: int = 0
    """The number of the connection that asks; 0 is nobody's."""

    def allows(self, policy: str) -> bool:
        """Whether the user's group has the policy."""
        return policy in self.policies

    def demand(self, policy: str) -> None:
        """Raise the router's refusal when the policy is missing."""
        if not self.allows(policy):
            raise Trap("not enough permissions (9)")


@dataclass(frozen=True)
class Request:
    """A sentence taken apart; attributes without their equals signs, queries as they came."""

    path: str
    verb: str
    attributes: Mapping[str, str]
    queries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field(Generic[Item]):
    """One field of a row.

    `read` gives None where RouterOS leaves the word out. A `steady` field is one whose change
    `listen` pushes. `policy` is what a user needs to see it.
    """

    name: str
    read: Callable[[Context, Item], str | None]
    write: Callable[[Context, Item, str], None] | None = None
    since: Version = FIRST
    until: Version = LAST
    steady: bool = True
    policy: str = "read"

    def exists(self, context: Context) -> bool:
        """Whether this version has the field."""
        return self.since <= context.version <= self.until


@dataclass(frozen=True)
class Parameter:
    """An argument of a command, with the versions that know it."""

    name: str
    since: Version = FIRST
    until: Version = LAST


Replies = AsyncGenerator[list[str], None]


@dataclass(frozen=True)
class Command(Generic[Item]):
    """A verb of its own: `run` gets the items meant and yields reply sentences without tags."""

    verb: str
    policy: str
    run: Callable[[Context, Sequence[Item], Mapping[str, str]], Replies]
    parameters: tuple[Parameter, ...] = ()
    since: Version = FIRST
    until: Version = LAST
    unaddressed: bool = False
    """Whether the command is for the menu as a whole, and takes no ids."""


@dataclass(frozen=True)
class Menu(Generic[Item]):
    """A menu: `ident` is None for a singleton, which has no ids and cannot be listened to."""

    path: str
    items: Callable[[Context], Sequence[Item]]
    fields: tuple[Field[Item], ...]
    ident: Callable[[Context, Item], str] | None
    commands: tuple[Command[Item], ...] = ()
    print_also: tuple[str, ...] = ()
    since: Version = FIRST
    until: Version = LAST
    key: str = "name"
    settled: bool = False
    """Whether its rows stay the same between two events of the world; it may have thousands."""
    add: Callable[[Context, Mapping[str, str]], Item] | None = None
    """Make an item of arguments that are known to exist, and put it in its place."""
    add_also: tuple[str, ...] = ()
    """Arguments of `add` that are no fields that can be set."""
    required: tuple[str, ...] = ()
    remove: Callable[[Context, Item], None] | None = None
    order: Callable[[Context], list[Item]] | None = None
    """The list that `move` changes the order of."""
    frozen: Callable[[Context, Item], bool] | None = None
    """Tells items that the router made itself and that cannot be changed."""
    names: frozenset[str] = field(init=False)

    def exists(self, version: Version) -> bool:
        """Whether this version has the menu."""
        return self.since <= version <= self.until

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", frozenset(entry.name for entry in self.fields))


AnyMenu = Menu[Any]
AnyField = Field[Any]
AnyCommand = Command[Any]


def text(attribute: str) -> Callable[[Context, Any], str | None]:
    """Read an attribute as it stands; empty is absent."""
    return lambda _context, item: str(getattr(item, attribute)) or None


def flag(attribute: str) -> Callable[[Context, Any], str | None]:
    """Read a boolean attribute as `true` or `false`."""
    return lambda _context, item: boolean(getattr(item, attribute))


def switch(attribute: str) -> Callable[[Context, Any], str | None]:
    """Read a boolean attribute as a switch: an empty value when set, absent when not."""
    return lambda _context, item: "" if getattr(item, attribute) else None


def always(value: str) -> Callable[[Context, Any], str | None]:
    """A field that is the same on every item."""
    return lambda _context, _item: value


def write_all(context: Context, menu: AnyMenu, item: Any, attributes: Mapping[str, str]) -> None:
    """Write what an `add` was given with the writers of the menu's fields."""
    for entry in menu.fields:
        if entry.name in attributes and entry.write is not None and entry.exists(context):
            entry.write(context, item, attributes[entry.name])


def write_text(attribute: str) -> Callable[[Context, Any, str], None]:
    """Write an attribute as it comes."""
    return lambda _context, item, value: setattr(item, attribute, value)


def write_flag(argument: str, attribute: str) -> Callable[[Context, Any, str], None]:
    """Write a boolean attribute."""

    def write(_context: Context, item: Any, value: str) -> None:
        try:
            setattr(item, attribute, parse_boolean(value))
        except ValueError:
            raise invalid(argument) from None

    return write


def write_number(
    argument: str, attribute: str, low: int, high: int
) -> Callable[[Context, Any, str], None]:
    """Write a whole number within bounds."""

    def write(_context: Context, item: Any, value: str) -> None:
        # No number here has more than ten digits, and int() refuses thousands of them.
        digits = value.isascii() and value.isdigit() and len(value) <= 10
        if not (digits and low <= int(value) <= high):
            raise invalid(argument)
        setattr(item, attribute, int(value))

    return write


def write_seconds(
    argument: str, attribute: str, low: int, high: int
) -> Callable[[Context, Any, str], None]:
    """Write a duration as whole seconds within bounds."""

    def write(_context: Context, item: Any, value: str) -> None:
        try:
            seconds = parse_duration(value)
        except ValueError:
            raise invalid(argument) from None
        if not low <= seconds <= high:
            raise invalid(argument)
        setattr(item, attribute, int(seconds))

    return write
