"""Arbitrary answers raise nothing but errors of the model."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from labtui.model.errors import LabError
from labtui.model.inventory import Inventory
from labtui.sources.netbox.changes import newest_change
from labtui.sources.netbox.read import Reader
from labtui.sources.netbox.values import vmid_of
from tests.sources.netbox.canned import Canned, client_of, page

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
WORDS = (
    "id name slug status value asns asn group cluster device primary_ip address vcpus memory "
    "serial custom_fields scope prefix scope_type role site tenant description vmid"
)
NAMES = st.sampled_from(WORDS.split())
PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
NEARLY = JSON | st.dictionaries(NAMES, PLAIN | st.lists(PLAIN, max_size=2), max_size=5)
GOOD = {"id": 1, "name": "n", "slug": "s", "prefix": "10.0.0.0/8", "status": {"value": "active"}}


def read(answer: Canned) -> Inventory | None:
    """A reading of a server that always says the same; None if it failed as it should."""
    client, adapter = client_of(lambda _path, _query: answer)
    try:
        newest_change(client)
    except LabError as error:
        assert str(error).isprintable()
    try:
        found = Reader(client, ("vmid", "serial")).inventory()
    except LabError as error:
        assert str(error).isprintable()
        return None
    assert len(adapter.asked) < 60
    return found


@settings(max_examples=150, deadline=None)
@given(JSON | NEARLY)
def test_any_json(value: Any) -> None:
    read(Canned(body=json.dumps(value).encode()))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(200, 599))
def test_any_bytes_with_any_status(body: bytes, status: int) -> None:
    read(Canned(status, body))


@settings(max_examples=150, deadline=None)
@given(st.lists(NEARLY, max_size=4), st.none() | st.integers(-5, 20))
def test_any_rows(rows: list[Any], count: int | None) -> None:
    read(page(*rows, count=count))


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, NEARLY, max_size=5))
def test_rows_that_are_nearly_right(strange: dict[str, Any]) -> None:
    found = read(page({**GOOD, **strange}))
    for machine in found.machines if found else ():
        assert machine.name.isprintable()
        assert machine.vcpus is None or machine.vcpus == machine.vcpus
        assert machine.vmid is None or 100 <= machine.vmid <= 999_999_999


@given(JSON)
def test_any_number_of_a_guest(value: Any) -> None:
    found = vmid_of(value)
    assert found is None or 100 <= found <= 999_999_999
