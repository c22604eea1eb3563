"""Writing to NetBox: a record made, changed or deleted, sent once, and what a lost answer means.

Which records, and in what order, is the actions' business. A lost answer is told as such: whoever
sent it looks whether it was heard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from labtui.locale import _
from labtui.model.errors import (
    LabError,
    NotFound,
    OutcomeUnknown,
    Rejected,
    TimedOut,
    Unexpected,
    Unreachable,
)
from labtui.sources.netbox.connect import Client
from labtui.sources.netbox.errors import Question

LOST = (Unreachable, TimedOut, Unexpected)
"""After these nobody knows whether it was done."""
IF_MATCH = "If-Match"
"""The parameter of a write that is sent as that header: an ETag that must still hold (4.6)."""
ALLOWED = "allowed/"
"""Before the path of a list: what the token may do there, instead of its rows."""
_MOST = 50


def rows(client: Client, path: str, params: Mapping[str, str | int]) -> list[Any]:
    """The first rows of a list, or the one record at a path that ends in its id.

    What is free (`available-prefixes`) is a list without a count. `id` may be several with commas
    between them. `allowed/PATH` gives `POST` and `PUT` where the token may do that. Raises
    `LabError`.
    """
    if path.startswith(ALLOWED):
        about = Question(_("asking NetBox"), client.where, path.removeprefix(ALLOWED))
        return sorted(client.allowed(about))
    question = Question(_("asking NetBox"), client.where, path)
    last = path.rstrip("/").rpartition("/")[2]
    if last.isdecimal():
        return [client.one(question)]
    filters: dict[str, str | int | Sequence[str]] = {"limit": _MOST, **params}
    if isinstance(several := params.get("id"), str):
        filters["id"] = several.split(",")
    if last.startswith("available-"):
        return client.offered(question, filters)
    return client.page(question, filters)[0]


def write(client: Client, method: str, path: str, params: Mapping[str, str | int]) -> Any:
    """Send it once. Raises `LabError`."""
    question = Question(_("writing to NetBox"), client.where, path)
    match = str(params.get(IF_MATCH, ""))
    row = body({name: value for name, value in params.items() if name != IF_MATCH})
    if method == "POST":
        return client.add(question, row)
    try:
        if method == "PATCH":
            return client.change(question, row, match=match)
        if method == "DELETE":
            return client.remove(question, row or None, match=match)
    except NotFound as error:
        raise NotFound(
            error.what,
            where=error.where,
            why=_("it is not there, or the token may not change it"),
            remedy=_("give the token's user a permission on {path}").format(path=path),
        ) from None
    raise Rejected(_("writing to NetBox"), where=client.where, why=method)


def body(params: Mapping[str, str | int]) -> dict[str, Any]:
    """Parameters as NetBox wants them: `custom_fields.x` is the field x of `custom_fields`."""
    found: dict[str, Any] = {}
    for name, value in params.items():
        outer, dot, inner = name.partition(".")
        if dot:
            found.setdefault(outer, {})[inner] = value
        else:
            found[name] = value
    return found


def unknown(error: LabError, call: str) -> OutcomeUnknown:
    """The error for a write whose answer never came."""
    return OutcomeUnknown(
        _("{command} was sent, its answer never came").format(command=call),
        where=error.where,
        why=error.why or error.what,
        remedy=_("look in NetBox whether it happened"),
    )
