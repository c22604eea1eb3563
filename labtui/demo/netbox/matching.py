"""Which records a list's query asks for: `name__ic=`, `tenant=`, `cf_<name>=` ...

As in NetBox a name nobody knows is ignored (every record comes back), while a known name with a
value that cannot be is a 400.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from labtui.demo.netbox.filters import (
    Filter,
    Test,
    flagged,
    join,
    no_choice,
    numbers,
    one_of,
    picked,
    pointing,
    related,
    texts,
    times,
)
from labtui.demo.netbox.schema import Field, Model
from labtui.demo.netbox.special_filters import SPECIAL
from labtui.demo.netbox.store import MODELS, Store

_UNFILTERED = (
    *("comments", "message", "prechange_data", "postchange_data", "object_types", "time"),
    *("extra_choices", "physical_address", "shipping_address"),
)
_BY_ID_ONLY = (
    ("dcim.device", "cluster"),
    ("ipam.prefix", "vlan"),
    ("tenancy.contactassignment", "contact"),
    ("vpn.tunneltermination", "outside_ip"),
)


def matcher(store: Store, model: Model, query: Mapping[str, list[str]]) -> Test | None:
    """One test for all filters of a query, or None where it has none. Raises `Invalid`."""
    tests: list[Test] = []
    known = filters_of(model)
    for name, values in query.items():
        if name.startswith("cf_"):
            test = _custom(store, model, name, values)
            if test is not None:
                tests.append(test)
        elif name in known:
            tests.append(known[name](store, name, values))
    if not tests:
        return None
    return lambda row: all(test(row) for test in tests)


@cache
def _filters(label: str) -> dict[str, Filter]:
    model = MODELS[label]
    found: dict[str, Filter] = dict(numbers("id"))
    for field in model.fields:
        found.update(_of_field(label, field))
    if label != "core.objectchange":
        found.update(times("last_updated"))
    if label not in ("core.objectchange", "extras.journalentry"):
        found.update(times("created"))
    found.update(SPECIAL.get(label, {}))
    found["q"] = _search
    return found


def filters_of(model: Model) -> dict[str, Filter]:
    """The filters of a kind of record, by parameter name."""
    return _filters(model.label)


def _of_field(label: str, field: Field) -> dict[str, Filter]:
    name = field.name
    if name in _UNFILTERED:
        return {}
    if field.kind == "raw" or name in ("description", "related_object_type"):
        return {name: texts(name)[name]}
    if field.kind in ("text", "slug"):
        return texts(name)
    if field.kind in ("integer", "decimal"):
        return numbers(name)
    if field.kind == "flag":
        return {name: flagged(lambda row: bool(row[name]))}
    if field.kind == "choice":
        return picked(field)
    if field.kind == "ref" and not name.startswith("primary_"):
        by_key = (label, name) not in _BY_ID_ONLY
        return related(name, field.target, lambda row: row[name], by_key=by_key)
    if field.kind == "many" and name == "tags":
        return {"tag": _tagged}
    if field.kind == "many":
        return pointing(field)
    if field.kind == "generic":
        return {
            f"{name}_type": one_of(lambda row: row[f"{name}_type"]),
            **numbers(f"{name}_id", plain=True),
        }
    return {}


def _tagged(store: Store, parameter: str, values: list[str]) -> Test:
    slugs = {str(tag["slug"]): int(tag["id"]) for tag in store.rows("extras.tag")}
    for value in values:
        if value not in slugs:
            raise no_choice(parameter, value)
    wanted = {slugs[value] for value in values}
    return lambda row: wanted <= set(row["tags"])


def _search(_store: Store, _name: str, values: list[str]) -> Test:
    word = values[-1].casefold()
    fields = ("name", "description", "comments", "slug", "prefix", "address", "dns_name", "serial")
    return lambda row: any(word in str(row.get(field) or "").casefold() for field in fields)


def _custom(store: Store, model: Model, name: str, values: list[str]) -> Test | None:
    """A filter by custom field; None for a field that does not exist, which is ignored."""
    field, _, suffix = name.removeprefix("cf_").partition("__")
    for each in store.rows("extras.customfield"):
        if each["name"] == field and model.label in each["object_types"]:
            break
    else:
        return None
    shadow = (
        numbers(field) if each["type"] in ("integer", "decimal", "object") else texts(field)
    ).get(join(field, suffix))
    if shadow is None:
        return None
    test = shadow(store, name, values)
    return lambda row: test({field: row["custom_fields"].get(field)})
