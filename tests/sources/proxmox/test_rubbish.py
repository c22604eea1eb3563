"""What is no answer: cut off, other types, web pages, hostile texts; only a `LabError` comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from labtui.model.errors import LabError, OutcomeUnknown, Unexpected
from labtui.sources.proxmox.decode import plain, shortened
from labtui.sources.proxmox.errors import Question
from labtui.sources.proxmox.hardware import read_devices
from labtui.sources.proxmox.mappings import read_mappings
from labtui.sources.proxmox.resources import read_resources
from labtui.sources.proxmox.status import (
    read_ha,
    read_membership,
    read_privileges,
    read_tasks,
    read_version,
)
from labtui.sources.proxmox.tasks import read_log, read_status
from tests.sources.proxmox.recordings import ASKED, as_body, body

Reader = Callable[[bytes], Any]
LISTS: dict[str, Reader] = {
    "resources": lambda sent: read_resources(sent, ASKED, "lab"),
    "membership": lambda sent: read_membership(sent, ASKED, "lab"),
    "tasks": lambda sent: read_tasks(sent, ASKED, "lab"),
    "ha": lambda sent: read_ha(sent, ASKED),
    "devices": lambda sent: read_devices(sent, ASKED, "lab", "pve1"),
    "mappings": lambda sent: read_mappings(sent, ASKED),
    "log": lambda sent: read_log(sent, ASKED),
}
READERS: dict[str, Reader] = {
    **LISTS,
    "privileges": lambda sent: read_privileges(sent, ASKED),
    "version": lambda sent: read_version(sent, ASKED),
    "status": lambda sent: read_status(sent, ASKED),
}
DEEP = b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
BROKEN = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b'{"data":null}',
    b'{"data":{"a":[}',
    b'{"data":[{"type":"qemu","vmid":1,"node":"a"}',
    b"<html><body>502 Bad Gateway</body></html>",
    b"\xff\xfe\x00",
    DEEP,
]


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("sent", BROKEN, ids=lambda sent: repr(sent[:20]))
def test_no_answer(name: str, sent: bytes) -> None:
    with pytest.raises(Unexpected) as caught:
        READERS[name](sent)
    assert caught.value.where == ASKED.where
    assert caught.value.why


@pytest.mark.parametrize("at", range(0, 4000, 97))
def test_truncated(at: int) -> None:
    whole = body("9.2/cluster-resources.json")
    with pytest.raises(Unexpected):
        read_resources(whole[: min(at, len(whole) - 1)], ASKED, "lab")


def test_a_web_page_is_named() -> None:
    with pytest.raises(Unexpected) as caught:
        plain(b" <!DOCTYPE html>", ASKED)
    assert "web page" in caught.value.why


def test_after_a_write_rubbish_leaves_the_outcome_open() -> None:
    with pytest.raises(OutcomeUnknown):
        plain(b"<html>", Question("starting", "x", "/y", writes=True))


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["qemu", "node", "storage", "cluster", "service", "0x10de", "0000:01:00.0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
ROW = st.dictionaries(
    st.sampled_from(
        [
            *("type", "vmid", "node", "name", "status", "cpu", "maxcpu", "mem", "tags", "storage"),
            *("online", "quorate", "ip", "sid", "state", "upid", "endtime", "n", "t", "id", "map"),
            *("class", "vendor", "iommugroup", "template", "content", "shared", "pool", "uptime"),
        ]
    ),
    JSON,
)


@given(st.lists(ROW | JSON, max_size=6))
@example([{"type": "qemu", "vmid": 10**400, "node": "a"}])
@example([{"type": "qemu", "vmid": 5, "node": "a", "cpu": float("nan"), "mem": 1e300}])
@example([{"type": "qemu", "vmid": 5, "node": "a", "name": "\ud800", "cpu": "inf"}])
def test_any_rows(found: list[Any]) -> None:
    sent = as_body({"data": found})
    for read in READERS.values():
        try:
            made = read(sent)
        except LabError as error:
            assert str(error).isprintable()
        else:
            assert "\x1b" not in repr(made)


@given(st.binary(max_size=60))
def test_any_bytes(sent: bytes) -> None:
    for read in READERS.values():
        with pytest.raises(LabError):
            read(b'{"x":' + sent)


@given(st.text(max_size=40))
@example("[bold]x[/bold]\x1b]0;owned\x07\u202e\u200b")
def test_names_are_text(name: str) -> None:
    row = {"type": "qemu", "vmid": 7, "node": "pve1", "name": name, "tags": name, "lock": name}
    part, complaints = read_resources(as_body({"data": [row]}), ASKED, "lab")
    assert complaints == ()
    guest = part.guests[0]
    assert all(text.isprintable() for text in (guest.name, guest.lock, *guest.tags))
    if name.isprintable():
        assert guest.name == name


def test_bytes_that_are_no_text_hide_no_guest() -> None:
    for sent in (b"\xff", b"\\ud800"):
        row = b'{"type":"qemu","vmid":7,"node":"pve1","name":"a' + sent + b'"}'
        part, complaints = read_resources(b'{"data":[' + row + b"]}", ASKED, "lab")
        assert complaints == ()
        assert part.guests[0].vmid == 7
        assert part.guests[0].name.isprintable()


def test_many_broken_rows_are_counted() -> None:
    rows: list[dict[str, Any]] = [{"type": "qemu", "id": f"qemu/{n}"} for n in range(50)]
    rows.append({"type": "node", "node": "pve1"})
    _part, complaints = read_resources(as_body({"data": rows}), ASKED, "lab")
    assert len(complaints) == 50
    told = shortened(complaints)
    assert len(told) == 21
    assert "30" in told[-1]
