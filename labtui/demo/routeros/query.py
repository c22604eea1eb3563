"""Query words of `print`: a little stack machine (manual, API page, section Queries)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from labtui.demo.routeros.menu import Trap
from labtui.demo.routeros.values import below, same

_STEP = re.compile(r"(\d+)(.?)|(.)")
# Of each operation the place in the stack and what follows it, or its sign alone.
_Operations = tuple[tuple[str, str, str], ...]


class _Test(NamedTuple):
    """A word that looks at a field. `order`: `-` it is not there, `?` it is, else the sign."""

    order: str
    name: str
    wanted: str


def matches(row: Mapping[str, str], queries: Sequence[str]) -> bool:
    """Whether a row satisfies all query words, which still carry their question mark."""
    stack: list[bool] = []
    for step in _steps(tuple(queries)):
        if isinstance(step, _Test):
            stack.append(_holds(row, step))
        else:
            stack = _operate(stack, step)
    return all(stack)


@lru_cache(256)
def _steps(queries: tuple[str, ...]) -> tuple[_Test | _Operations, ...]:
    """The words taken apart, once for the thousands of rows that they are held against."""
    return tuple(
        tuple(_STEP.findall(word[2:])) if word.startswith("?#") else _test(word[1:])
        for word in queries
    )


def asked_about(queries: Sequence[str]) -> frozenset[str]:
    """The names of the fields that the query words look at."""
    return frozenset(
        word[1:].lstrip("-<>=").partition("=")[0] for word in queries if not word.startswith("?#")
    )


def _test(body: str) -> _Test:
    if body.startswith("-"):
        return _Test("-", body[1:], "")
    order = body[:1] if body[:1] in ("<", ">", "=") else "="
    name, equals, wanted = body.removeprefix(order).partition("=")
    return _Test(order if equals else "?", name, wanted)


def _holds(row: Mapping[str, str], test: _Test) -> bool:
    order, name, wanted = test
    value = row.get(name)
    if value is None or order == "-":
        return order == "-" and value is None
    if order == "?":
        return True
    if order == "<":
        return below(value, wanted)
    if order == ">":
        return below(wanted, value)
    return same(value, wanted)


def _operate(stack: list[bool], operations: _Operations) -> list[bool]:
    stack = list(stack)
    try:
        for digits, after, sign in operations:
            if digits:
                chosen = stack[-1 - int(digits)]
                if not after:
                    return [chosen]
                stack.append(chosen)
            _apply(stack, after or sign, indexed=bool(digits))
    except (IndexError, ValueError):
        raise Trap("invalid query", 1) from None
    return stack


def _apply(stack: list[bool], sign: str, *, indexed: bool) -> None:
    if sign == "!":
        stack.append(not stack.pop())
    elif sign in ("&", "|"):
        one, other = stack.pop(), stack.pop()
        stack.append(one and other if sign == "&" else one or other)
    elif sign == ".":
        if not indexed:
            stack.append(stack[-1])
    else:
        raise IndexError(sign)
