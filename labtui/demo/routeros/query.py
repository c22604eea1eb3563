"""Query words of `print`: a little stack machine (manual, API page, section Queries)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from labtui.demo.routeros.menu import Trap
from labtui.demo.routeros.values import below, same

_STEP = re.compile(r"(\d+)(.?)|(.)")


def matches(row: Mapping[str, str], queries: Sequence[str]) -> bool:
    """Whether a row satisfies all query words, which still carry their question mark."""
    stack: list[bool] = []
    for word in queries:
        body = word[1:]
        if body.startswith("#"):
            stack = _operate(stack, body[1:])
        else:
            stack.append(_test(row, body))
    return all(stack)


def asked_about(queries: Sequence[str]) -> frozenset[str]:
    """The names of the fields that the query words look at."""
    return frozenset(
        word[1:].lstrip("-<>=").partition("=")[0] for word in queries if not word.startswith("?#")
    )


def _test(row: Mapping[str, str], body: str) -> bool:
    if body.startswith("-"):
        return body[1:] not in row
    order = body[:1] if body[:1] in ("<", ">", "=") else "="
    name, equals, wanted = body.removeprefix(order).partition("=")
    if not equals:
        return name in row
    value = row.get(name)
    if value is None:
        return False
    if order == "<":
        return below(value, wanted)
    if order == ">":
        return below(wanted, value)
    return same(value, wanted)


def _operate(stack: list[bool], operations: str) -> list[bool]:
    stack = list(stack)
    try:
        for digits, after, sign in _STEP.findall(operations):
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
