"""Lists: filters, order, the two ways of paging, and which fields of each record are sent.

Facts of NetBox 4.6.8 (measured on it): 50 records a page, `limit=0` means 1000 and larger limits
are cut to that without a word, a negative limit is 50. Cursor paging (`start=`) goes by id and
sends no count.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from labtui.demo.netbox.failures import Invalid
from labtui.demo.netbox.filters import Test
from labtui.demo.netbox.matching import matcher
from labtui.demo.netbox.render import RENDERERS, View, nested_names
from labtui.demo.netbox.schema import Model, Row, natural

PAGE = 50
LARGEST_PAGE = 1000
Query = dict[str, list[str]]


class Lister:
    """Answers list requests; keeps the orders of whole tables until something changes."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
        self._epoch = -1

    def page(
        self, view: View, model: Model, query: Query, visible: Test | None = None
    ) -> dict[str, Any]:
        """The body of a list. Raises `Invalid` for filters or paging that cannot be.

        `visible` tells which records the one who asks may see, None for all.
        """
        names = selection(view, model, query)
        limit = _limit(query)
        if "start" in query and view.release.cursors:
            return self._by_cursor(view, model, query, names, limit, visible)
        rows = self._matching(view, model, query, _ordering(model, query), visible)
        offset = max(0, _number(query, "offset", 0))
        url = f"{view.base}/api/{model.path}/"
        return {
            "count": len(rows),
            "next": _link(url, query, limit, offset + limit)
            if offset + limit < len(rows)
            else None,
            "previous": _link(url, query, limit, offset - limit) if offset > 0 else None,
            "results": [view.full(model, row, names) for row in rows[offset : offset + limit]],
        }

    def _by_cursor(
        self,
        view: View,
        model: Model,
        query: Query,
        names: tuple[str, ...] | None,
        limit: int,
        visible: Test | None,
    ) -> dict[str, Any]:
        for name in ("offset", "ordering"):
            if name in query:
                raise Invalid(
                    [
                        f"{name.capitalize()} cannot be specified in conjunction with "
                        "cursor-based pagination."
                    ]
                )
        start = _number(query, "start", 0)
        matching = self._matching(view, model, query, ("id",), visible)
        rows = [row for row in matching if row["id"] >= start]
        link = None
        if len(rows) > limit:
            kept = {**query, "limit": [str(limit)], "start": [str(rows[limit]["id"])]}
            link = f"{view.base}/api/{model.path}/?{_encode(kept)}"
        return {
            "count": None,
            "next": link,
            "previous": None,
            "results": [view.full(model, row, names) for row in rows[:limit]],
        }

    def _matching(
        self,
        view: View,
        model: Model,
        query: Query,
        ordering: tuple[str, ...],
        visible: Test | None,
    ) -> list[Row]:
        rows = self._ordered(view, model, ordering)
        for test in (visible, matcher(view.store, model, query)):
            if test is not None:
                rows = [row for row in rows if test(row)]
        return rows

    def _ordered(self, view: View, model: Model, ordering: tuple[str, ...]) -> list[Row]:
        if self._epoch != view.store.epoch:
            self._orders.clear()
            self._epoch = view.store.epoch
        found = self._orders.get((model.label, ordering))
        if found is None:
            found = list(view.store.rows(model.label))
            for name in reversed(ordering):
                field = name.removeprefix("-")
                found.sort(
                    key=lambda row: _sorting(view, model, row, field), reverse=name.startswith("-")
                )
            self._orders[model.label, ordering] = found
        return found


def selection(view: View, model: Model, query: Query) -> tuple[str, ...] | None:
    """The names of the fields that a query asks for; None for all."""
    if "fields" in query:
        return tuple(query["fields"][-1].split(","))
    if query.get("brief", [""])[-1].casefold() in ("1", "true"):
        return tuple(name.partition(":")[0] for name in nested_names(model))
    left_out = query.get("exclude", [""])[-1].split(",")
    if view.release.omits:
        left_out += query.get("omit", [""])[-1].split(",")
    if any(left_out):
        return tuple(name for name in RENDERERS[model.label] if name not in left_out)
    return None


def _ordering(model: Model, query: Query) -> tuple[str, ...]:
    """The wanted order; names that do not exist are left out, the last resort is the id."""
    known = RENDERERS[model.label]
    wanted = query.get("ordering", [""])[-1].split(",")
    names = tuple(name for name in wanted if name.removeprefix("-") in known)
    return (*(names or model.order), "id")


def _sorting(view: View, model: Model, row: Row, field: str) -> Any:
    """A sorting key: empty values last, references by their display, texts in natural order."""
    value = row.get(field, row["id"])
    target = next((each.target for each in model.fields if each.name == field), "")
    if value is None:
        return (1, 0)
    if target and isinstance(value, int):
        return (0, natural(view.display(target, value)))
    return (0, natural(value)) if isinstance(value, str) else (0, value)


def _limit(query: Query) -> int:
    limit = _number(query, "limit", PAGE)
    if limit < 0:
        return PAGE
    return min(limit or LARGEST_PAGE, LARGEST_PAGE)


def _number(query: Query, name: str, default: int) -> int:
    try:
        return int(query[name][-1])
    except (KeyError, ValueError):
        return default


def _link(url: str, query: Query, limit: int, offset: int) -> str:
    kept = {**query, "limit": [str(limit)]}
    kept.pop("offset", None)
    if offset > 0:
        kept["offset"] = [str(offset)]
    return f"{url}?{_encode(kept)}"


def _encode(query: Query) -> str:
    """The query in alphabetical order, as the recorded `next` links have it."""
    return urlencode(sorted(query.items()), doseq=True)
