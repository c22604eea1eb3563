"""Bodies of POST and PATCH, field by field, with the complaints NetBox makes about them.

Unknown fields are ignored, as there; unknown custom fields are a complaint.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_interface, ip_network
from typing import Any

from labtui.demo.netbox.failures import Invalid
from labtui.demo.netbox.render import choices_of, custom_fields
from labtui.demo.netbox.schema import Field, Model, Row
from labtui.demo.netbox.store import MODELS, Store


class Complaint(Exception):
    """What is wrong with one value."""


def parse(store: Store, model: Model, body: Row, row: Row | None) -> Row:
    """The stored form of what a body gives. `row` is the record it changes, None for a new one.

    Raises `Invalid` with the complaints by field.
    """
    values: Row = {}
    complaints: dict[str, Any] = {}
    for field in model.stored:
        for name in _names(field):
            if name not in body:
                if row is None and field.required:
                    complaints[name] = ["This field is required."]
                continue
            try:
                values[name] = _value(store, field, name, body[name])
            except Complaint as error:
                complaints[name] = [str(error)]
    if complaints:
        raise Invalid(complaints)
    if model.configurable and "custom_fields" in body:
        values["custom_fields"] = _custom_values(store, model, body["custom_fields"], row)
    _merge_tags(store, body, row, values)
    return values


def _names(field: Field) -> tuple[str, ...]:
    return (f"{field.name}_type", f"{field.name}_id") if field.kind == "generic" else (field.name,)


def _value(store: Store, field: Field, name: str, value: Any) -> Any:
    if value is None:
        if field.nullable or (field.kind == "choice" and not field.required):
            return field.default if field.kind == "choice" else None
        raise Complaint("This field may not be null.")
    if field.kind == "generic":
        return _generic(field, name, value)
    if field.kind == "ref":
        return related_id(store, field.target, value)
    if field.kind == "many":
        return _many(store, field, value)
    return _PLAIN[field.kind](field, value)


def _text(field: Field, value: Any) -> str:
    if isinstance(value, (bool, dict, list)):
        raise Complaint("Not a valid string.")
    found = str(value).strip()
    if field.required and not found:
        raise Complaint("This field may not be blank.")
    if field.longest and len(found) > field.longest:
        raise Complaint(f"Ensure this field has no more than {field.longest} characters.")
    return found


def _slug(field: Field, value: Any) -> str:
    found = _text(field, value)
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", found):
        raise Complaint(
            'Enter a valid "slug" consisting of letters, numbers, underscores or hyphens.'
        )
    return found


def _number(field: Field, value: Any, kind: type[int] | type[float], complaint: str) -> Any:
    if isinstance(value, (bool, dict, list)):
        raise Complaint(complaint)
    try:
        found = kind(value)
    except (ValueError, OverflowError):
        raise Complaint(complaint) from None
    if field.high is not None and found > field.high:
        raise Complaint(f"Ensure this value is less than or equal to {field.high}.")
    if field.low is not None and found < field.low:
        raise Complaint(f"Ensure this value is greater than or equal to {field.low}.")
    return found


def _integer(field: Field, value: Any) -> Any:
    if isinstance(value, float) and not value.is_integer():
        raise Complaint("A valid integer is required.")
    return _number(field, value, int, "A valid integer is required.")


def _decimal(field: Field, value: Any) -> Any:
    return _number(field, value, float, "A valid number is required.")


def _flag(_field: Field, value: Any) -> bool:
    if value in (True, "true", "True", "1"):
        return True
    if value in (False, "false", "False", "0"):
        return False
    raise Complaint("Must be a valid boolean.")


def _choice(field: Field, value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise Complaint(
            'Value must be passed directly (e.g. "foo": 123); do not use a dictionary or list.'
        )
    if value == "" and field.nullable:
        return None
    if value not in [known for known, _label in field.choices]:
        raise Complaint(f"{value} is not a valid choice.")
    return value


def _prefix(_field: Field, value: Any) -> str:
    try:
        network = ip_network(str(value), strict=False)
    except ValueError:
        raise Complaint(f"Invalid IP prefix format: {value}") from None
    if str(network.network_address) != str(value).partition("/")[0]:
        raise Complaint(f"{value} is not a valid prefix. Did you mean {network}?")
    return str(network)


def _address(_field: Field, value: Any) -> str:
    try:
        return str(ip_interface(str(value)))
    except ValueError:
        raise Complaint(f"Invalid IP address format: {value}") from None


def _mac(_field: Field, value: Any) -> str:
    digits = re.sub(r"[^0-9a-fA-F]", "", str(value)).upper()
    if len(digits) != 12 or not re.fullmatch(r"[0-9a-fA-F:.-]+", str(value)):
        raise Complaint(f"Invalid MAC address format: {value}")
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _labels(_field: Field, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or any(each not in MODELS for each in value):
        raise Complaint("Invalid content type.")
    return tuple(value)


def _ranges(_field: Field, value: Any) -> tuple[tuple[int, int], ...]:
    """Pairs of whole numbers, the first the lower one."""
    found = []
    for pair in value if isinstance(value, list) else [value]:
        if not (
            isinstance(pair, list) and len(pair) == 2 and all(type(end) is int for end in pair)
        ):
            raise Complaint("Ranges must be specified in the form (lower, upper).")
        if pair[0] > pair[1]:
            raise Complaint("Ranges must be specified in the form (lower, upper).")
        found.append((pair[0], pair[1]))
    return tuple(found)


_PLAIN: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "slug": _slug,
    "integer": _integer,
    "decimal": _decimal,
    "flag": _flag,
    "choice": _choice,
    "prefix": _prefix,
    "address": _address,
    "mac": _mac,
    "labels": _labels,
    "ranges": _ranges,
}


def _generic(field: Field, name: str, value: Any) -> Any:
    if name.endswith("_type"):
        if value not in field.targets:
            raise Complaint("Invalid value. Specify a content type as '<app_label>.<model_name>'.")
        return value
    try:
        return int(value)
    except (TypeError, ValueError):
        raise Complaint("A valid integer is required.") from None


def _many(store: Store, field: Field, value: Any) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise Complaint(f'Expected a list of items but got type "{type(value).__name__}".')
    return tuple(dict.fromkeys(related_id(store, field.target, each) for each in value))


def related_id(store: Store, target: str, value: Any) -> int:
    """The id of the record that a body names by number or by attributes. Raises `Complaint`."""
    if isinstance(value, dict):
        return _by_attributes(store, target, value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise Complaint(
            "Related objects must be referenced by numeric ID or by dictionary of attributes. "
            f"Received an unrecognized value: {value}"
        ) from None
    if store.get(target, number) is None:
        raise Complaint(f"Related object not found using the provided numeric ID: {value}")
    return number


def _by_attributes(store: Store, target: str, attributes: dict[str, Any]) -> int:
    matches = [
        row
        for row in store.rows(target)
        if all(row.get(name) == value for name, value in attributes.items())
    ]
    if len(matches) == 1:
        return int(matches[0]["id"])
    if matches:
        raise Complaint(f"Multiple objects match the provided attributes: {attributes}")
    raise Complaint(f"Related object not found using the provided attributes: {attributes}")


def _custom_values(store: Store, model: Model, given: Any, row: Row | None) -> dict[str, Any]:
    """The merged custom fields: a PATCH touches only the names it gives."""
    if not isinstance(given, dict):
        raise Invalid({"custom_fields": ["Expected a dictionary of items."]})
    known = {each["name"]: each for each in custom_fields(store, model.label)}
    merged = dict(row["custom_fields"]) if row else {}
    for name, value in given.items():
        if name not in known:
            sentence = f"Custom field '{name}' does not exist for this object type."
            raise Invalid({"custom_fields": {name: sentence}})
        if value is None:
            merged.pop(name, None)
            continue
        merged[name] = _custom_value(store, known[name], value)
    return merged


def _custom_value(store: Store, field: Row, value: Any) -> Any:
    kinds: dict[str, tuple[type, str]] = {
        "integer": (int, "an integer"),
        "text": (str, "a string"),
    }
    if field["type"] == "select":
        return _chosen(store, field, value)
    if field["type"] == "object":
        try:
            return related_id(store, field["related_object_type"], value)
        except Complaint as error:
            raise Invalid({"custom_fields": {field["name"]: [str(error)]}}) from None
    kind, words = kinds.get(field["type"], (object, ""))
    if not isinstance(value, kind) or isinstance(value, bool):
        sentence = f"Invalid value for custom field '{field['name']}': Value must be {words}."
        raise Invalid({"__all__": [sentence]})
    return value


def _chosen(store: Store, field: Row, value: Any) -> Any:
    """A value of the field's choice set (words as recorded)."""
    known = choices_of(store, field)
    if isinstance(value, str) and value in known:
        return value
    chosen = store.get("extras.customfieldchoiceset", field["choice_set"])
    sentence = (
        f"Invalid value for custom field '{field['name']}': Invalid choice ({value}) for choice "
        f"set {chosen['name'] if chosen else None}."
    )
    raise Invalid({"__all__": [sentence]})


def _merge_tags(store: Store, body: Row, row: Row | None, values: Row) -> None:
    """`add_tags` and `remove_tags` (4.6), which leave the other tags alone."""
    for name in ("add_tags", "remove_tags"):
        if not isinstance(body.get(name), list) or row is None:
            continue
        try:
            given = {related_id(store, "extras.tag", each) for each in body[name]}
        except Complaint as error:
            raise Invalid({name: [str(error)]}) from None
        had: tuple[int, ...] = values["tags"] if "tags" in values else row["tags"]
        present = [each for each in had if each not in given]
        values["tags"] = (*present, *sorted(given)) if name == "add_tags" else tuple(present)
