"""The notes of the datacenter as recorded, and with requests in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.errors import Unexpected
from labtui.model.leases import Request
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.requests import read_requests

DATA = Path(__file__).parents[2] / "data" / "proxmox"
ASKED = Question("options", "pve1")


@pytest.mark.parametrize("version", ["8.4", "9.2"])
@pytest.mark.parametrize(
    ("name", "known"),
    [("cluster-options", True), ("error.200-nobody-cluster-options", False)],
)
def test_recorded_answers(version: str, name: str, known: bool) -> None:
    body = json.loads((DATA / version / f"{name}.json").read_text())["body"]
    raw = body if isinstance(body, str) else json.dumps(body)
    found, told = read_requests(raw.encode(), ASKED)
    assert (found.entries, found.known, told) == ((), known, ())


def _answer(notes: object) -> bytes:
    return json.dumps({"data": {"description": notes, "mac_prefix": "BC:24:11"}}).encode()


def test_requests_among_other_text() -> None:
    notes = "# Lab\nlabtui request: owner=amy; want=2 RTX 4090\nlabtui request: want=x\n"
    found, told = read_requests(_answer(notes), ASKED)
    assert found.entries == (Request("amy", "2 RTX 4090"),)
    assert len(found.broken) == len(told) == 1


@given(st.text(max_size=300) | st.integers() | st.lists(st.integers(), max_size=2))
def test_any_notes_are_read(notes: object) -> None:
    read_requests(_answer(notes), ASKED)


def test_an_answer_that_is_none() -> None:
    with pytest.raises(Unexpected):
        read_requests(b'{"data": [1]}', ASKED)
