"""POST, PATCH, PUT and DELETE, of one record or of a list, all or nothing.

Facts of NetBox 4.6.8 (measured on it): a list of records to create is answered with a list of
complaints, `{}` for the good ones; PATCH and DELETE of a list pass over ids that do not exist.
"""

from __future__ import annotations

from typing import Any

from labtui.demo.netbox.changes import Editor
from labtui.demo.netbox.failures import Invalid, invalid
from labtui.demo.netbox.releases import INTERFACES
from labtui.demo.netbox.rules import check
from labtui.demo.netbox.schema import Model, Row
from labtui.demo.netbox.store import MODELS
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
    given = editor.view.release.understood(model, _object(body))
    editor.message = str(given.get("changelog_message") or "")
    if whole:
        parse(editor.store, model, given, None)
    values = parse(editor.store, model, given, row)
    merged = {**row, **values}
    check(editor.view, model, merged, row["id"])
    with editor.store.transaction():
        # Before, so that it stands in the change log like any other field.
        merged |= _plain_mac(editor, model, row, given)
        changed = editor.update(model, row, merged)
        _sum_disks(editor, model, changed)
        return changed


def update_many(editor: Editor, model: Model, body: Any) -> list[Row]:
    """Change the records of a list, oldest first; others are passed over."""
    found: list[Row] = []
    items = sorted(_items(body), key=lambda item: int(item["id"]))
    if editor.view.release.bulk_details:
        _refuse_missing(editor, model, items)
    wrong: list[Row] = []
    with editor.store.transaction():
        for item in items:
            row = editor.found(model, int(item["id"]), "change")
            if row is None:
                continue
            try:
                found.append(update(editor, model, row, item))
            except Invalid as error:
                if not editor.view.release.bulk_details:
                    raise
                wrong.append({"id": item["id"], "errors": error.body})
        if wrong:
            raise Invalid(_counted(wrong, len(items), "updated"))
    return found


def delete(editor: Editor, model: Model, row: Row, body: Any) -> None:
    """Remove a record and what belongs to it. Raises `Failure` if others depend on it."""
    if isinstance(body, dict):
        editor.message = str(body.get("changelog_message") or "")
    with editor.store.transaction():
        editor.delete(model, row)
        _sum_disks(editor, model, row)


def delete_many(editor: Editor, model: Model, body: Any) -> None:
    """Remove the records of a list; others are passed over."""
    with editor.store.transaction():
        for item in _items(body):
            row = editor.found(model, int(item["id"]), "delete")
            if row is not None:
                delete(editor, model, row, item)


def _create(editor: Editor, model: Model, given: Row) -> Row:
    body = editor.view.release.understood(model, given)
    editor.message = str(body.get("changelog_message") or "")
    values = parse(editor.store, model, body, None)
    merged = {**editor.store.fresh(model.label), **values}
    check(editor.view, model, merged, None)
    with editor.store.transaction():
        row = editor.create(model, merged)
        _sum_disks(editor, model, row)
        if mac := _plain_mac(editor, model, row, body):
            return editor.store.change(model.label, row["id"], mac, row["last_updated"])
        return row


def _create_all(editor: Editor, model: Model, items: list[Any]) -> list[Row]:
    rows: list[Row] = []
    complaints: list[Any] = []
    detailed = editor.view.release.bulk_details
    with editor.store.transaction():
        for item in items:
            try:
                rows.append(_create(editor, model, _object(item)))
                complaints.append({})
            except Invalid as error:
                complaints.append(error.body)
        if any(complaints) and detailed:
            wrong = [{"index": at, "errors": each} for at, each in enumerate(complaints) if each]
            raise Invalid(_counted(wrong, len(items), "created"))
        if any(complaints):
            raise Invalid(complaints)
    return rows


def _counted(wrong: list[Row], total: int, done: str) -> Row:
    """Complaints about a list as 4.7 words them."""
    sentence = f"{len(wrong)} of {total} objects could not be {done}."
    return {"detail": sentence, "errors": wrong}


def _refuse_missing(editor: Editor, model: Model, items: list[Row]) -> None:
    """Since 4.7 ids that are not there, or out of reach, are a complaint."""
    lost = [item["id"] for item in items if editor.found(model, int(item["id"]), "change") is None]
    if lost:
        wrong = [
            {"id": number, "errors": {"id": [f"Object with ID {number} does not exist"]}}
            for number in lost
        ]
        raise Invalid(_counted(wrong, len(items), "found"))


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


def _plain_mac(editor: Editor, model: Model, row: Row, body: Row) -> Row:
    """Before 4.2 the MAC address is a text of its interface; its record stays unseen.

    What is to be written into the interface for it.
    """
    unseen = model.label in INTERFACES and not editor.view.release.mac_objects
    if not unseen or "mac_address" not in body:
        return {}
    store, now, number = editor.store, row["last_updated"], None
    if body["mac_address"]:
        given = {"mac_address": body["mac_address"]}
        values = parse(store, MODELS["dcim.macaddress"], given, None)
        owner = {"assigned_object_type": model.label, "assigned_object_id": row["id"]}
        number = store.put("dcim.macaddress", {**values, **owner}, now)["id"]
    return {"primary_mac_address": number}


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
