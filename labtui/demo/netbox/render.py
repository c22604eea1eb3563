"""Records as NetBox writes them: full, brief, nested in others, and flat for the change log."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

from labtui.demo.netbox.releases import CURRENT, Release
from labtui.demo.netbox.schema import Field, Model, Row
from labtui.demo.netbox.store import MODELS, Store

Renderer = Callable[["View", Row], Any]


class View:
    """The records as seen under one base address, such as `http://127.0.0.1:8000`."""

    store: Store
    base: str

    def __init__(self, store: Store, base: str, release: Release = CURRENT) -> None:
        self.store = store
        self.base = base
        self.release = release
        self._nested: dict[tuple[str, int], dict[str, Any]] = {}
        self._epoch = store.epoch

    def nested(self, label: str, number: int | None) -> dict[str, Any] | None:
        """The short form that stands inside other records; None where nothing is pointed to."""
        if number is None:
            return None
        if self._epoch != self.store.epoch:
            self._nested.clear()
            self._epoch = self.store.epoch
        found = self._nested.get((label, number))
        if found is None:
            row = self.store.get(label, number)
            if row is None:
                return None
            model = MODELS[label]
            found = self._nested[label, number] = self._pick(model, row, nested_names(model))
        return found

    def excerpt(self, label: str, number: int | None, names: tuple[str, ...]) -> Any:
        """Some fields of a record; None where nothing is pointed to."""
        row = self.store.get(label, number)
        return None if row is None else self._pick(MODELS[label], row, names)

    def full(self, model: Model, row: Row, names: tuple[str, ...] | None = None) -> dict[str, Any]:
        """The record with all fields, or with those of `names` that exist."""
        renderers = RENDERERS[model.label]
        if names is not None:
            wanted = self.release.asked(model, names)
            renderers = {name: render for name, render in renderers.items() if name in wanted}
        record = {name: render(self, row) for name, render in renderers.items()}
        if self.release is CURRENT:
            return record
        return self.release.shown(self, model, row, record)

    def display(self, label: str, number: int) -> str:
        """How a record is called, empty if it is gone."""
        row = self.store.get(label, number)
        return MODELS[label].display(self, row) if row else ""

    def user(self, name: str = "admin") -> dict[str, Any]:
        """A user in short form; `admin` has the id 1."""
        number = user_id(name)
        return {
            "id": number,
            "url": f"{self.base}/api/users/users/{number}/",
            "display": name,
            "username": name,
        }

    def change_display(self, row: Row) -> str:
        """`Virtualization | virtual machine drift-test deleted by admin` (recorded so)."""
        label = row["changed_object_type"]
        app = {"ipam": "IPAM", "vpn": "VPN", "dcim": "DCIM"}.get(label.split(".")[0])
        return (
            f"{app or label.split('.')[0].capitalize()} | {MODELS[label].verbose} "
            f"{row['object_repr']} {row['action'].rstrip('e')}ed by {row['user_name']}"
        )

    def _pick(self, model: Model, row: Row, names: tuple[str, ...]) -> dict[str, Any]:
        """Fields by name; `name:0` stands for the uncomputed count that NetBox writes there."""
        renderers = RENDERERS[model.label]
        return {
            name.partition(":")[0]: 0 if name.endswith(":0") else renderers[name](self, row)
            for name in names
        }


def user_id(name: str) -> int:
    """The id of a user; users have no records of their own here."""
    return 1 if name == "admin" else 2 + zlib.crc32(name.encode()) % 900


def nested_names(model: Model) -> tuple[str, ...]:
    """The names in the nested form."""
    return model.nested or model.brief


def etag(row: Row) -> str:
    """`W/"<last_updated in UTC>"`, as details carry it since 4.6."""
    return f'W/"{row["last_updated"].replace("Z", "+00:00")}"'


def flat(store: Store, model: Model, row: Row) -> dict[str, Any]:
    """The record as the change log keeps it: ids, tag names, decimals as text."""
    found: dict[str, Any] = {}
    for field in model.stored:
        if field.kind == "generic":
            for part in (f"{field.name}_type", f"{field.name}_id"):
                found[part] = row[part]
        elif field.name == "tags":
            found["tags"] = sorted(str(store.row("extras.tag", tag)["name"]) for tag in row["tags"])
        elif field.kind == "decimal":
            value = row[field.name]
            found[field.name] = None if value is None else f"{value:.2f}"
        else:
            value = row[field.name]
            found[field.name] = list(value) if isinstance(value, tuple) else value
    if model.configurable:
        found["custom_fields"] = dict(row["custom_fields"])
    return found


def _renderers(model: Model) -> dict[str, Renderer]:
    path, shown = model.url_path or model.path, model.display_path or model.path
    found: dict[str, Renderer] = {
        "id": lambda _view, row: row["id"],
        "url": lambda view, row: f"{view.base}/api/{path}/{row['id']}/",
    }
    if model.show_display_url:
        found["display_url"] = lambda view, row: f"{view.base}/{shown}/{row['id']}/"
    found["display"] = model.display
    for field in model.fields:
        if field.kind == "generic":
            found[f"{field.name}_type"] = _stored(f"{field.name}_type")
            found[f"{field.name}_id"] = _stored(f"{field.name}_id")
        found[field.name] = _renderer(field)
    if model.configurable:
        found["custom_fields"] = _custom_fields(model.label)
    if model.label != "core.objectchange":
        found["created"] = _stored("created")
        found["last_updated"] = _stored("last_updated")
    return found


def _renderer(field: Field) -> Renderer:
    name, target = field.name, field.target
    if field.kind == "constant":
        return lambda _view, _row: field.default
    if field.compute is not None:
        return field.compute
    if field.kind == "choice":
        shown: dict[Any, Any] = {
            value: {"value": value, "label": label} for value, label in field.choices
        }
        return lambda _view, row: shown.get(row[name])
    if field.kind == "ref" and field.shown:
        return lambda view, row: view.excerpt(target, row[name], field.shown)
    if field.kind == "ref":
        return lambda view, row: view.nested(target, row[name])
    if field.kind == "many":
        return lambda view, row: [view.nested(target, number) for number in row[name]]
    if field.kind == "labels":
        return lambda _view, row: list(row[name])
    if field.kind == "ranges":
        return lambda _view, row: [list(each) for each in row[name]]
    if field.kind == "generic":
        return lambda view, row: (
            view.nested(row[f"{name}_type"], row[f"{name}_id"]) if row[f"{name}_type"] else None
        )
    return _stored(name)


def _stored(name: str) -> Renderer:
    return lambda _view, row: row[name]


def _custom_fields(label: str) -> Renderer:
    """All custom fields of the kind, None where not set; references in their short form."""

    def render(view: View, row: Row) -> dict[str, Any]:
        values = row["custom_fields"]
        found: dict[str, Any] = {}
        for each in custom_fields(view.store, label):
            value = values.get(each["name"])
            if each["type"] == "object":
                value = view.nested(each["related_object_type"], value)
            elif each["type"] == "select" and value and view.release.choices_as_objects:
                value = {"value": value, "label": choices_of(view.store, each).get(value, value)}
            found[each["name"]] = value
        return found

    return render


def choices_of(store: Store, field: Row) -> dict[str, str]:
    """The choices of a custom field with their labels; empty for one without a set."""
    found = store.get("extras.customfieldchoiceset", field["choice_set"])
    return dict(found["extra_choices"]) if found else {}


def custom_fields(store: Store, label: str) -> list[Row]:
    """The custom fields of a kind of record, by name."""
    rows = (each for each in store.rows("extras.customfield") if label in each["object_types"])
    return sorted(rows, key=lambda each: str(each["name"]))


RENDERERS: dict[str, dict[str, Renderer]] = {
    label: _renderers(model) for label, model in MODELS.items()
}
