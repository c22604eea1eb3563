"""The names that each version knows: fields and arguments of the menus that are plain records.

Read from the file beside this one, which is cut from the official command trees of 7.9 to 7.24.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from labtui.demo.routeros.menu import FIRST, LAST
from labtui.demo.routeros.values import Version, parse_version

# The oldest tree that was read is 7.9: what it has is taken for older than that as well.
_FLAG = "bool"
_NUMBER = "num"


@dataclass(frozen=True)
class Name:
    """A field or an argument, and the versions that have it."""

    name: str
    since: Version
    until: Version
    flag: bool
    number: bool


@dataclass(frozen=True)
class Words:
    """What a menu knows."""

    fields: tuple[Name, ...]
    settable: frozenset[str]
    addable: frozenset[str]
    required: tuple[str, ...]
    verbs: frozenset[str]
    since: Version
    until: Version


@cache
def words(path: str) -> Words:
    """The names of a menu. KeyError for a menu that the file does not have."""
    entry = _paths()[path]
    since, until = _span(*entry.get("span", ("", "")))
    fields = tuple(
        Name(name, *_span(*kind[:2]), flag=kind[2] == _FLAG, number=kind[2] == _NUMBER)
        for name, kind in entry["fields"].items()
    )
    return Words(
        fields,
        frozenset(entry.get("set", ())) - {"numbers"},
        frozenset(entry.get("add", ())),
        tuple(entry.get("required", ())),
        frozenset(entry["verbs"]),
        since,
        until,
    )


@cache
def _paths() -> dict[str, Any]:
    text = (files(__package__) / "arguments.json").read_text("utf-8")
    paths: dict[str, Any] = json.loads(text)["paths"]
    return paths


def _span(since: str, until: str) -> tuple[Version, Version]:
    return (parse_version(since) if since else FIRST, parse_version(until) if until else LAST)
