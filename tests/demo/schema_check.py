"""Compares answers with the official API description and with recorded answers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "data" / "proxmox"

Schema = dict[str, Any]


@cache
def schema(version: str) -> dict[str, Any]:
    """Paths of the reduced official description of `9.2` or `8.4`."""
    text = (DATA / f"demo-schema-{version}.json").read_text("utf-8")
    paths: dict[str, Any] = json.loads(text)["paths"]
    return paths


@cache
def recording(version: str, name: str) -> dict[str, Any]:
    """A recorded answer."""
    text = (DATA / version / f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def faults(spec: Schema | None, value: Any, place: str = "data") -> list[str]:
    """How a value differs from what the description promises; empty when it does not.

    More keys than described are no fault: the descriptions are incomplete.
    """
    if not spec or "type" not in spec:
        return []
    kind = spec["type"]
    checks = {
        "null": lambda v: v is None,
        "string": lambda v: isinstance(v, str),
        # What came as a form's text is given back as one (recorded: `privsep` of a new token).
        "boolean": lambda v: v in (0, 1, "0", "1") and not isinstance(v, bool),
        "integer": lambda v: isinstance(v, int) or (isinstance(v, str) and v.lstrip("-").isdigit()),
        "number": lambda v: isinstance(v, int | float) and not isinstance(v, bool),
        "array": lambda v: isinstance(v, list),
        "object": lambda v: isinstance(v, dict),
    }
    if kind in checks and not checks[kind](value):
        return [f"{place}: {value!r} is no {kind}"]
    found: list[str] = []
    if kind == "array":
        for index, item in enumerate(value):
            found += faults(spec.get("items"), item, f"{place}[{index}]")
    elif kind == "object":
        found += _object_faults(spec.get("properties") or {}, value, place)
    if "enum" in spec and value not in spec["enum"]:
        found.append(f"{place}: {value!r} is not in {spec['enum']}")
    return found


def _object_faults(properties: Schema, value: dict[str, Any], place: str) -> list[str]:
    found: list[str] = []
    for name, spec in properties.items():
        if not isinstance(spec, dict) or "[n]" in name:
            continue
        if name in value:
            found += faults(spec, value[name], f"{place}.{name}")
        elif not spec.get("optional") and spec.get("type") != "null":
            found.append(f"{place}.{name} is missing")
    return found


def kind_of(value: Any) -> str:
    """The JSON type; all numbers are one."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return "number"
    return type(value).__name__


def shape_faults(
    recorded: list[dict[str, Any]],
    ours: list[dict[str, Any]],
    group: tuple[str, ...] = (),
    extra: frozenset[str] = frozenset(),
) -> list[str]:
    """Keys and types of our rows that differ from recorded rows of the same group.

    A recorded key that is in every row of its group must be in ours; a key of ours must have been
    recorded in the group, or be named in `extra`.
    """
    found: set[str] = set()
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in recorded:
        groups.setdefault(tuple(row.get(key) for key in group), []).append(row)
    facts = {name: _facts(rows) for name, rows in groups.items()}
    for row in ours:
        name = tuple(row.get(key) for key in group)
        if name not in facts:
            continue
        always, known = facts[name]
        found |= {f"{name}: {key} is missing" for key in always - row.keys()}
        for key, value in row.items():
            if key not in known:
                if key not in extra:
                    found.add(f"{name}: {key} was never recorded")
            elif kind_of(value) not in known[key]:
                found.add(f"{name}: {key} is {kind_of(value)}, recorded {known[key]}")
    return sorted(found)


def _facts(rows: list[dict[str, Any]]) -> tuple[set[str], dict[str, set[str]]]:
    """Keys in every row, and the types of each key."""
    known: dict[str, set[str]] = {}
    for row in rows:
        for key, value in row.items():
            known.setdefault(key, set()).add(kind_of(value))
    return set.intersection(*(set(row) for row in rows)), known
