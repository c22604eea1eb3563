"""Object permissions: what kinds of record a user may do what with, and with which of them.

A constraint is what NetBox stores: a JSON object of Django lookups that must all hold, or a list of
such objects of which one must; `$user` stands for the user's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network
from typing import Any

from labtui.demo.netbox.networks import inside
from labtui.demo.netbox.schema import Row
from labtui.demo.netbox.store import MODELS, Store

Lookups = Mapping[str, Any]
Constraint = Lookups | Sequence[Lookups]


@dataclass(frozen=True)
class Permission:
    """`labels` are content types, `*` for all; actions: view, add, change, delete."""

    labels: tuple[str, ...]
    actions: tuple[str, ...] = ("view",)
    constraint: Constraint | None = None

    def covers(self, label: str, action: str) -> bool:
        """Whether it allows that action on records of that kind."""
        return action in self.actions and ("*" in self.labels or label in self.labels)


def reaches(
    permissions: Sequence[Permission] | None, store: Store, label: str, row: Row, user: str
) -> bool:
    """Whether one of the permissions (None: no limits) holds for this record."""
    return permissions is None or any(
        each.constraint is None or _holds(each.constraint, store, label, row, user)
        for each in permissions
    )


def _holds(constraint: Constraint, store: Store, label: str, row: Row, user: str) -> bool:
    options = [constraint] if isinstance(constraint, Mapping) else constraint
    return any(
        all(
            _lookup(store, label, row, name, user if value == "$user" else value)
            for name, value in option.items()
        )
        for option in options
    )


def _lookup(store: Store, label: str, row: Row, name: str, wanted: Any) -> bool:
    """One lookup such as `tenant__group__slug__in`; a reference that is empty matches nothing."""
    parts = name.split("__")
    test: Callable[[Any, Any], bool] = _TESTS["exact"]
    if parts[-1] in _TESTS:
        test = _TESTS[parts.pop()]
    here: Row | None = row
    for part in parts[:-1]:
        field = next((each for each in MODELS[label].fields if each.name == part), None)
        if here is None or field is None or field.kind != "ref":
            return False
        label, here = field.target, store.get(field.target, here[part])
    if here is None:
        return False
    last = parts[-1]
    if last == "pk":
        last = "id"
    value = here.get(last, here.get(last.removesuffix("_id")))
    try:
        return test(value, wanted)
    except (TypeError, ValueError, re.error):
        # Values that cannot be compared match nothing.
        return False


def _one_in(have: Any, wanted: Any) -> bool:
    return isinstance(wanted, list) and have in wanted


def _contained(have: Any, wanted: Any) -> bool:
    """`net_contained_or_equal` and `net_host_contained`: in that network."""
    return isinstance(have, str) and inside(
        ip_interface(have).network, ip_network(str(wanted), strict=False)
    )


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": lambda have, wanted: bool(have == wanted),
    "iexact": lambda have, wanted: str(have).casefold() == str(wanted).casefold(),
    "contains": lambda have, wanted: str(wanted) in str(have),
    "icontains": lambda have, wanted: str(wanted).casefold() in str(have).casefold(),
    "startswith": lambda have, wanted: str(have).startswith(str(wanted)),
    "istartswith": lambda have, wanted: str(have).casefold().startswith(str(wanted).casefold()),
    "endswith": lambda have, wanted: str(have).endswith(str(wanted)),
    "regex": lambda have, wanted: re.search(str(wanted), str(have)) is not None,
    "in": _one_in,
    "isnull": lambda have, wanted: (have is None) == bool(wanted),
    "gt": lambda have, wanted: have is not None and bool(have > wanted),
    "gte": lambda have, wanted: have is not None and bool(have >= wanted),
    "lt": lambda have, wanted: have is not None and bool(have < wanted),
    "lte": lambda have, wanted: have is not None and bool(have <= wanted),
    "net_contained_or_equal": _contained,
    "net_host_contained": _contained,
}
