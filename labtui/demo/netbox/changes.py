"""Writing to the store with its consequences: the change log and what goes with a deletion."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from labtui.demo.clock import Clock
from labtui.demo.netbox.access import Access
from labtui.demo.netbox.failures import detail, forbidden
from labtui.demo.netbox.render import View, flat
from labtui.demo.netbox.schema import Field, Model, Row
from labtui.demo.netbox.store import MODELS, Store


def iso(seconds: float) -> str:
    """Seconds since the epoch as NetBox writes them, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Editor:
    """Changes records on behalf of one request; `message` is its `changelog_message`.

    Without `access` nothing is refused.
    """

    view: View
    clock: Clock
    request_id: str
    message: str = ""
    username: str = "admin"
    access: Access | None = None

    @property
    def store(self) -> Store:
        """The records."""
        return self.view.store

    def create(self, model: Model, values: Row) -> Row:
        """Add a record."""
        row = self.store.put(model.label, values, iso(self.clock.now()))
        self._refuse_if_outside(model, row, "add")
        self._log("create", model, None, row)
        return row

    def found(self, model: Model, number: int, action: str) -> Row | None:
        """The record, if it is there and the constraints of the token reach it."""
        row = self.store.get(model.label, number)
        if row is None or self.access is None:
            return row
        return row if self.access.reaches(model.label, row, action) else None

    def restore(self, model: Model, row: Row) -> None:
        """Put back a record that was deleted, under its old id."""
        self.store.insert(model.label, {**row, "last_updated": iso(self.clock.now())})
        self._log("create", model, None, self.store.row(model.label, row["id"]))

    def update(self, model: Model, row: Row, values: Row) -> Row:
        """Change a record; one that stays the same gets a new time, but no entry in the log."""
        before = flat(self.store, model, row)
        changed = self.store.change(model.label, row["id"], values, iso(self.clock.now()))
        self._refuse_if_outside(model, changed, "change")
        if flat(self.store, model, changed) != before:
            self._log("update", model, row, changed)
        return changed

    def belongings(self, model: Model, row: Row) -> dict[tuple[str, int], None]:
        """Kind and id of a record and of all that goes with it when it is deleted."""
        doomed: dict[tuple[str, int], None] = {}
        self._collect(model.label, row["id"], doomed)
        return doomed

    def delete(self, model: Model, row: Row) -> None:
        """Remove a record and what belongs to it; 409 where others depend on it."""
        doomed = self.belongings(model, row)
        self._refuse_if_protected(doomed)
        for label, number in reversed(doomed):
            found = self.store.get(label, number)
            if found is None:
                continue
            self._loosen(label, number)
            self._log("delete", MODELS[label], found, None)
            self.store.drop(label, number)

    def _refuse_if_outside(self, model: Model, row: Row, action: str) -> None:
        """403, and with it everything is taken back, for what the constraints do not reach."""
        if self.access is not None and not self.access.reaches(model.label, row, action):
            raise forbidden()

    def _collect(self, label: str, number: int, doomed: dict[tuple[str, int], None]) -> None:
        if (label, number) in doomed:
            return
        doomed[label, number] = None
        for other, field, pointing in self.store.pointing(label, number):
            if field.on_delete == "cascade":
                self._collect(other, pointing, doomed)

    def _refuse_if_protected(self, doomed: dict[tuple[str, int], None]) -> None:
        held = [
            f"{self.view.display(other, pointing)} ({pointing})"
            for label, number in doomed
            for other, field, pointing in self.store.pointing(label, number)
            if field.on_delete == "protect" and (other, pointing) not in doomed
        ]
        if held:
            raise detail(
                409,
                f"Unable to delete object. {len(held)} dependent objects were found: "
                + ", ".join(held),
            )

    def _loosen(self, label: str, number: int) -> None:
        """Empty the references to a record that is about to go."""
        for other, field, pointing in tuple(self.store.pointing(label, number)):
            if field.on_delete == "clear":
                row = self.store.row(other, pointing)
                self.store.change(
                    other, pointing, _without(field, row, number), row["last_updated"]
                )

    def _log(self, action: str, model: Model, before: Row | None, after: Row | None) -> None:
        row = after or before
        if row is None or model.read_only:
            return
        now = iso(self.clock.now())
        self.store.put(
            "core.objectchange",
            {
                "time": now,
                "user_name": self.username,
                "request_id": self.request_id,
                "action": action,
                "changed_object_type": model.label,
                "changed_object_id": row["id"],
                "object_repr": model.display(self.view, row),
                "message": self.message,
                "prechange_data": None if before is None else flat(self.store, model, before),
                "postchange_data": None if after is None else flat(self.store, model, after),
            },
            now,
        )


def _without(field: Field, row: Row, number: int) -> Row:
    if field.kind == "many":
        return {field.name: tuple(each for each in row[field.name] if each != number)}
    if field.kind == "generic":
        return {f"{field.name}_type": None, f"{field.name}_id": None}
    return {field.name: None}
