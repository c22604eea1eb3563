"""POST, PATCH, PUT and DELETE, of one record or of a list, all or nothing.

Facts of NetBox 4.6.8 (measured on it): a list of records to create is answered with a list of
complaints, `{}` for the good ones; PATCH and DELETE of a list pass over ids that do not exist.
"""

from __future__ import annotations

from typing import Any

from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.failures import Invalid, invalid
from labtui.demo.netbox.rules import check
from labtui.demo.netbox.schema import Model, Row
from labtui.demo.netbox.validation import parse

_MACHINE = "virtualization.virtualmachine"
_DISK = "virtualization.virtualdisk"


def create(editor: Editor, model: Model, body: Any) -> Row | list[Row]:
    """Add what a POST gives: a record, or a list of them. Raises `Failure`."""
    if isinstance(body, list):
        return _create_all(editor, model, body)
    return _create(editor, model, _object(body))


def update(editor: Editor, model: Model, row: Row, body: Any, *, whole: bool = False) -> Row:
    """Change a record as a PATCH (or, `whole`, a PUT) says. Raises `Failure`."""
    given = _object(body)
    editor.message = str(given.get("changelog_message") or "")
    if whole:
        parse(editor.store, model, given, None)
    values = parse(editor.store, model, given, row)
    merged = {**row, **values}
    check(editor.view, model, merged, row["id"])
    with editor.store.transaction():
        changed = editor.update(model, row, merged)
        _sum_disks(editor, model, changed)
    return changed


def update_many(editor: Editor, model: Model, body: Any) -> list[Row]:
    """Change the records of a list, oldest first; those that do not exist are passed over."""
    found = []
    with editor.store.transaction():
        for item in sorted(_items(body), key=lambda item: int(item["id"])):
            row = editor.store.get(model.label, int(item["id"]))
            if row is not None:
                found.append(update(editor, model, row, item))
    return found


def delete(editor: Editor, model: Model, row: Row, body: Any) -> None:
    """Remove a record and what belongs to it. Raises `Failure` if others depend on it."""
    if isinstance(body, dict):
        editor.message = str(body.get("changelog_message") or "")
    with editor.store.transaction():
        editor.delete(model, row)
        _sum_disks(editor, model, row)


def delete_many(editor: Editor, model: Model, body: Any) -> None:
    """Remove the records of a list; those that do not exist are passed over."""
    with editor.store.transaction():
        for item in _items(body):
            row = editor.store.get(model.label, int(item["id"]))
            if row is not None:
                delete(editor, model, row, item)


def _create(editor: Editor, model: Model, body: Row) -> Row:
    editor.message = str(body.get("changelog_message") or "")
    values = parse(editor.store, model, body, None)
    merged = {**editor.store.fresh(model.label), **values}
    check(editor.view, model, merged, None)
    with editor.store.transaction():
        row = editor.create(model, merged)
        _sum_disks(editor, model, row)
    return row


def _create_all(editor: Editor, model: Model, items: list[Any]) -> list[Row]:
    rows: list[Row] = []
    complaints: list[Any] = []
    with editor.store.transaction():
        for item in items:
            try:
                rows.append(_create(editor, model, _object(item)))
                complaints.append({})
            except Invalid as error:
                complaints.append(error.body)
        if any(complaints):
            raise Invalid(complaints)
    return rows


def _object(body: Any) -> Row:
    if not isinstance(body, dict):
        kind = type(body).__name__
        raise Invalid(
            {"non_field_errors": [f"Invalid data. Expected a dictionary, but got {kind}."]}
        )
    return body


def _items(body: Any) -> list[Row]:
    if not isinstance(body, list):
        kind = type(body).__name__
        raise Invalid({"non_field_errors": [f'Expected a list of items but got type "{kind}".']})
    for item in body:
        if not isinstance(_object(item).get("id"), int):
            raise invalid("id", "This field is required.")
    return body


def _sum_disks(editor: Editor, model: Model, row: Row) -> None:
    """A machine's `disk` is the sum of its disks; its `last_updated` does not move with it."""
    if model.label != _DISK:
        return
    store, machine = editor.store, editor.store.get(_MACHINE, row["virtual_machine"])
    if machine is None:
        return
    disks = store.referrers(_DISK, "virtual_machine", machine["id"])
    total = sum(store.row(_DISK, disk)["size"] for disk in disks) if disks else None
    store.change(_MACHINE, machine["id"], {"disk": total}, machine["last_updated"])
