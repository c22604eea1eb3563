"""The records in memory: tables, who points to whom, and changes that can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from labtui.demo.netbox import (
    bgp,
    dcim,
    extras,
    interfaces,
    ipam,
    organisation,
    virtualization,
    vlans,
)
from labtui.demo.netbox.schema import Field, Model, Row

MODELS: dict[str, Model] = {
    model.label: model
    for model in (
        *dcim.MODELS,
        *interfaces.MODELS,
        *virtualization.MODELS,
        *ipam.MODELS,
        *vlans.MODELS,
        *organisation.MODELS,
        *extras.MODELS,
        *bgp.MODELS,
    )
}
_Pointers = dict[tuple[str, str], dict[int, dict[int, None]]]


class Store:
    """All records. `epoch` grows with every change, so that others know when to forget."""

    def __init__(self) -> None:
        self.epoch = 0
        self._tables: dict[str, dict[int, Row]] = {label: {} for label in MODELS}
        self._last = dict.fromkeys(MODELS, 0)
        self._pointers: _Pointers = {}
        self._undo: list[Callable[[], object]] | None = None
        self._defaults = {label: _defaults(model) for label, model in MODELS.items()}
        self._links = {label: _links(model) for label, model in MODELS.items()}

    def get(self, label: str, number: int | None) -> Row | None:
        """The record, or None."""
        return None if number is None else self._tables[label].get(number)

    def row(self, label: str, number: int) -> Row:
        """The record; `KeyError` if it is not there."""
        return self._tables[label][number]

    def rows(self, label: str) -> Iterator[Row]:
        """All records of a kind, oldest first."""
        return iter(self._tables[label].values())

    def size(self, label: str) -> int:
        """How many records of a kind there are."""
        return len(self._tables[label])

    def referrers(self, label: str, key: str, number: int) -> tuple[int, ...]:
        """Ids of the records of `label` whose field points to `number`.

        `key` is the field's name, for generic references `<field>:<kind pointed to>`.
        """
        return tuple(self._pointers.get((label, key), {}).get(number, ()))

    def fresh(self, label: str) -> Row:
        """A record of that kind with nothing but defaults."""
        empty: Row = {"custom_fields": {}} if MODELS[label].configurable else {}
        return {**self._defaults[label], **empty}

    def put(self, label: str, values: Row, now: str) -> Row:
        """Add a record with defaults for what `values` leaves out. `now` is an ISO time."""
        self._last[label] += 1
        number = self._last[label]
        times = {"created": now, "last_updated": now}
        row = {**self.fresh(label), **values, **times, "id": number}
        self._insert(label, number, row)
        self._remember(lambda: self._delete(label, number))
        return row

    def insert(self, label: str, row: Row) -> None:
        """Put a whole record under its own id, which must be free."""
        number = int(row["id"])
        if number in self._tables[label]:
            raise KeyError(number)
        self._insert(label, number, row)
        self._remember(lambda: self._delete(label, number))

    def change(self, label: str, number: int, values: Row, now: str) -> Row:
        """Replace a record by a copy with `values`; the old one stays as it was."""
        old = self._tables[label][number]
        row = {**old, **values, "last_updated": now}
        self._replace(label, number, old, row)
        self._remember(lambda: self._replace(label, number, row, old))
        return row

    def drop(self, label: str, number: int) -> None:
        """Take a record out."""
        old = self._tables[label][number]
        self._delete(label, number)
        self._remember(lambda: self._insert(label, number, old))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything or nothing: an exception inside takes all changes back."""
        if self._undo is not None:
            yield
            return
        self._undo = []
        try:
            yield
        except BaseException:
            steps, self._undo = self._undo, None
            for step in reversed(steps):
                step()
            self.epoch += 1
            raise
        finally:
            self._undo = None

    def pointing(self, label: str, number: int) -> Iterator[tuple[str, Field, int]]:
        """Who points to this record: kind, field and id of each."""
        for model in MODELS.values():
            for field in self._links[model.label]:
                key = field.name
                if field.kind == "generic":
                    key = f"{field.name}:{label}"
                elif field.target != label:
                    continue
                for other in self.referrers(model.label, key, number):
                    yield model.label, field, other

    def _remember(self, step: Callable[[], object]) -> None:
        self.epoch += 1
        if self._undo is not None:
            self._undo.append(step)

    def _insert(self, label: str, number: int, row: Row) -> None:
        self._tables[label][number] = row
        self._point(label, number, row)

    def _delete(self, label: str, number: int) -> None:
        self._unpoint(label, number, self._tables[label].pop(number))

    def _replace(self, label: str, number: int, old: Row, new: Row) -> None:
        self._unpoint(label, number, old)
        self._tables[label][number] = new
        self._point(label, number, new)

    def _point(self, label: str, number: int, row: Row) -> None:
        for field in self._links[label]:
            for key, other in _targets(field, row):
                table = self._pointers.setdefault((label, key), {})
                table.setdefault(other, {})[number] = None

    def _unpoint(self, label: str, number: int, row: Row) -> None:
        for field in self._links[label]:
            for key, other in _targets(field, row):
                self._pointers[label, key][other].pop(number, None)


def _links(model: Model) -> tuple[Field, ...]:
    kinds = ("ref", "many", "generic")
    return tuple(field for field in model.fields if field.kind in kinds)


def _targets(field: Field, row: Row) -> tuple[tuple[str, int], ...]:
    """What this field of this record points to: pairs of pointer key and id."""
    if field.kind == "generic":
        label, number = row[f"{field.name}_type"], row[f"{field.name}_id"]
        return ((f"{field.name}:{label}", number),) if label and number is not None else ()
    value = row[field.name]
    if field.kind == "many":
        return tuple((field.name, each) for each in value)
    return ((field.name, value),) if value is not None else ()


def _defaults(model: Model) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in model.fields:
        if field.kind == "generic":
            values[f"{field.name}_type"] = values[f"{field.name}_id"] = None
        elif field.kind not in ("constant", "computed"):
            values[field.name] = field.default
    return values
