"""Checks of parameters against the official description, with the texts of the real refusals.

Booleans are `1` and `0` and nothing else; `True` and `true` are refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from labtui.demo.proxmox.contract import Schema
from labtui.demo.proxmox.errors import bad_parameters

UNKNOWN = "property is not defined in schema and the schema does not allow additional properties"
MISSING = "property is missing and it is not optional"

_INTEGER = re.compile(r"[+-]?\d+")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NUMBERED = re.compile(r"^([a-z]+)\d+$")
_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9\-]*[a-zA-Z0-9])?"
_FORMATS = {
    "pve-vmid": (re.compile(r"[1-9][0-9]{2,8}"), "value does not look like a valid VM ID"),
    "pve-node": (re.compile(_LABEL), "value does not look like a valid node name"),
    "dns-name": (
        re.compile(rf"{_LABEL}(?:\.{_LABEL})*"),
        "value does not look like a valid DNS name",
    ),
    "pve-tag-list": (
        re.compile(r"(?:[a-zA-Z0-9_][a-zA-Z0-9_\-+.]*(?:[;, ]+|$))*"),
        "invalid characters in tag",
    ),
    "pve-storage-id": (
        re.compile(r"[a-zA-Z][a-zA-Z0-9\-_.]*[a-zA-Z0-9]"),
        "storage ID contains illegal characters",
    ),
}


def check_parameters(schema: Schema, given: dict[str, str]) -> dict[str, Any]:
    """The values in their types (booleans as 1 and 0). Raises `ApiError` 400 with all faults."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for name, text in given.items():
        spec = _spec(schema, name)
        if spec is None:
            errors[name] = UNKNOWN
            continue
        fault = _fault(spec, name, text)
        if fault is not None:
            errors[name] = fault
        else:
            values[name] = _value(spec, text)
    for name, spec in schema.items():
        if "[n]" not in name and not spec.get("optional") and name not in given:
            errors[name] = MISSING
    if errors:
        raise bad_parameters(errors)
    return values


def _spec(schema: Schema, name: str) -> Schema | None:
    found = schema.get(name)
    if found is None and (match := _NUMBERED.match(name)):
        found = schema.get(f"{match[1]}[n]")
    return found if isinstance(found, dict) else None


LIST_SEPARATOR = "\0"
"""Between the values of a parameter that was sent more than once, as the real server joins them."""


def _value(spec: Schema, text: str) -> Any:
    kind = spec.get("type")
    if kind == "array":
        return text.split(LIST_SEPARATOR)
    text = text.replace(LIST_SEPARATOR, ",")
    if kind in ("integer", "boolean"):
        return int(text)
    return float(text) if kind == "number" else text


def _fault(spec: Schema, name: str, text: str) -> str | None:
    kind = spec.get("type", "string")
    if kind == "array":
        items = spec.get("items") or {}
        faults = (_fault(items, name, part) for part in text.split(LIST_SEPARATOR))
        return next((fault for fault in faults if fault), None)
    text = text.replace(LIST_SEPARATOR, ",")
    type_ok = {
        "integer": lambda: _INTEGER.fullmatch(text) is not None,
        "number": lambda: _NUMBER.fullmatch(text) is not None,
        "boolean": lambda: text in ("0", "1"),
    }.get(kind)
    form = spec.get("format")
    if isinstance(form, str):
        if fault := _format_fault(form, text):
            return fault
    elif isinstance(form, dict):
        return _property_fault(form, name, text)
    if type_ok is not None and not type_ok():
        return f"type check ('{kind}') failed - got '{text}'"
    if kind in ("integer", "number"):
        return _range_fault(spec, float(text))
    return _text_fault(spec, text)


def _format_fault(form: str, text: str) -> str | None:
    known = _FORMATS.get(form)
    if known is None or known[0].fullmatch(text):
        return None
    return f"invalid format - {known[1]}\n"


def _range_fault(spec: Schema, value: float) -> str | None:
    low, high = spec.get("minimum"), spec.get("maximum")
    # The official description has some of them as texts.
    if low is not None and value < float(low):
        return f"value must have a minimum value of {low}"
    if high is not None and value > float(high):
        return f"value must have a maximum value of {high}"
    return None


def _text_fault(spec: Schema, text: str) -> str | None:
    choices = spec.get("enum")
    if choices is not None and text not in choices:
        return f"value '{text}' does not have a value in the enumeration '{', '.join(choices)}'"
    longest = spec.get("maxLength")
    if longest is not None and len(text) > longest:
        return f"value may only be {longest} characters long"
    pattern = spec.get("pattern")
    if pattern is not None and _compile(pattern).fullmatch(text) is None:
        return "value does not match the regex pattern"
    return None


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    # Perl writes the flags of an inner expression as (?^i:...); Python has no caret there.
    return re.compile(re.sub(r"\(\?\^(i?):", lambda m: f"(?{m[1]}:", pattern))


def _property_fault(form: Schema, name: str, text: str) -> str | None:
    """Faults of a property string such as `virtio=..,bridge=vmbr0`."""
    faults: list[str] = []
    default = next((key for key, spec in form.items() if spec.get("default_key")), None)
    for part in filter(None, text.split(",")):
        key, equals, value = part.partition("=")
        if not equals and default is not None:
            key, value = default, part
        spec = form.get(key)
        if spec is None:
            faults.append(f"{name}.{key}: {UNKNOWN}\n")
        elif "alias" not in spec and (fault := _fault(spec, key, value)):
            faults.append(f"{name}.{key}: {fault.rstrip()}\n")
    return f"invalid format - format error\n{''.join(faults)}" if faults else None
