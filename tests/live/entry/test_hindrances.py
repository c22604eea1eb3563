"""What is said before anything is sent: off, away, rights, tokens, serial ports."""

from __future__ import annotations

import pytest

from labtui.live.entry import hindrances
from labtui.model.cluster import LoginKind, Rights
from labtui.model.entry import Place
from labtui.model.snapshot import Snapshot
from tests.snapshots import snapshot

WEB = Place("guest", "lab", "web", "pve1", 110)
PVE1 = Place("node", "lab", "pve1", "pve1")
CONSOLE = {"/": frozenset(("VM.Console", "Sys.Console"))}


def rights(
    version: str = "9.2.3", login: LoginKind = "token", held: frozenset[str] | None = None
) -> Snapshot:
    part = Rights("me@pve!t", version, CONSOLE if held is None else {"/": held}, login=login)
    return snapshot(("lab", part))


def test_nothing_speaks_against_it() -> None:
    assert hindrances.of_ssh(WEB, "/usr/bin/ssh") == ""
    assert hindrances.of_console(WEB, rights()) == ""
    assert hindrances.of_console(PVE1, rights()) == ""
    # Rights that nobody has read are left for the server to judge.
    assert hindrances.of_console(WEB, snapshot()) == ""


def test_without_ssh_it_says_what_is_missing() -> None:
    assert "openssh-client" in hindrances.of_ssh(WEB, "")


def test_nobody_is_in_a_guest_that_is_off() -> None:
    off = Place("guest", "lab", "web", "pve1", 110, stopped=True)
    assert "is off" in hindrances.of_ssh(off, "ssh")
    assert "is off" in hindrances.of_console(off, rights())


def test_a_node_that_the_cluster_misses_may_answer_ssh_but_has_no_console() -> None:
    away = Place("node", "lab", "pve1", "pve1", away=True)
    assert hindrances.of_ssh(away, "ssh") == ""
    assert "pve1 is away" in hindrances.of_console(away, rights())


def test_a_router_has_none() -> None:
    assert "router" in hindrances.of_console(Place("router", "836", "836"), rights())


@pytest.mark.parametrize(
    ("place", "right", "path"),
    [(WEB, "VM.Console", "/vms/110"), (PVE1, "Sys.Console", "/nodes/pve1")],
)
def test_a_missing_right_is_named_with_how_to_give_it(place: Place, right: str, path: str) -> None:
    word = hindrances.of_console(place, rights(held=frozenset(("VM.Audit",))))
    assert f"lacks {right} on {path}" in word
    assert "pveum role add" in word


@pytest.mark.parametrize(
    ("version", "guest", "node"),
    [
        ("9.2.11", True, True),
        ("9.2", True, True),
        ("9.1.9", True, True),
        ("9.1.8", False, True),
        ("9.0.3", False, False),
        ("8.4.21", True, True),
        ("8.4.18", False, False),
        ("8.3.5", False, False),
        ("7.4-3", False, False),
        ("10.0.1", True, True),
        ("", True, True),
    ],
)
def test_from_which_version_on_tokens_will_do(version: str, guest: bool, node: bool) -> None:
    assert (hindrances.of_console(WEB, rights(version)) == "") is guest
    assert (hindrances.of_console(PVE1, rights(version)) == "") is node
    assert hindrances.of_console(WEB, rights(version, "password")) == ""


def test_a_machine_needs_a_serial_port_that_is_a_socket() -> None:
    assert hindrances.of_serial(WEB, {"serial1": "socket"}) is None
    assert hindrances.of_serial(WEB, "odd") is None
    for config in ({}, {"serial0": "/dev/ttyS0"}):
        told = hindrances.of_serial(WEB, config)
        assert told is not None
        assert "qm set 110 --serial0 socket" in told[1]


def test_where_nobody_knows_the_address_it_says_who_was_asked() -> None:
    error = hindrances.no_address(WEB, ["agent: it does not run"], snapshot())
    assert "agent: it does not run; NetBox: not read" in str(error)
    assert 'hosts = { "web" = "..." }' in error.remedy
