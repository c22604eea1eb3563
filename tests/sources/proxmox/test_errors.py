"""Every recorded error, and exceptions of the libraries, as one sentence."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.errors import (
    Forbidden,
    LabError,
    NotFound,
    OutcomeUnknown,
    Refused,
    Rejected,
    TlsFailed,
    Unexpected,
    Unreachable,
)
from labtui.sources.proxmox.errors import NodeUnreachable, Question, from_status
from tests.sources.proxmox.recordings import DATA, as_body, files, load

ASK = Question("reading", "10.0.0.1:8006", "/nodes/pve2/qemu/100/config")
WRITE = Question("moving", "10.0.0.1:8006", "/nodes/pve2/qemu/100/migrate", writes=True)
RECORDED = [
    name
    for name in files("*/*.json")
    if isinstance(load(name).get("status"), int) and load(name)["status"] >= 400
]
KIND = {400: Rejected, 401: Refused, 403: Forbidden, 500: Rejected, 501: Rejected, 506: Rejected}


def recorded(name: str, question: Question = ASK) -> LabError:
    answer = load(name)
    sent = (answer.get("body_bytes") or "").encode()
    if not sent and answer.get("body") is not None:
        sent = as_body(answer["body"])
    return from_status(question, answer["status"], answer.get("reason", ""), sent)


@pytest.mark.parametrize("name", RECORDED)
def test_every_recorded_error(name: str) -> None:
    status = load(name)["status"]
    error = recorded(name)
    assert type(error) is KIND.get(status, NodeUnreachable)
    assert error.why
    assert "\n" not in str(error)
    if isinstance(error, Rejected):
        assert error.status == status


def test_there_are_all_kinds() -> None:
    assert {load(name)["status"] for name in RECORDED} >= {400, 401, 403, 500, 501, 506, 595}


@pytest.mark.parametrize("name", [name for name in RECORDED if load(name)["status"] == 403])
def test_a_missing_right_is_named(name: str) -> None:
    error = recorded(name)
    assert isinstance(error, Forbidden)
    said = (load(name).get("reason") or "") + str(load(name).get("body"))
    told = re.search(r"\(([^(),]*), ([A-Za-z.|]+)\)", said)
    if told:
        assert (error.path, error.privilege) == (told[1], told[2])
        assert all(part in error.why for part in told[2].split("|"))


def test_parameters_are_named() -> None:
    error = recorded("9.2/error.400-several-parameters.json")
    assert isinstance(error, Rejected)
    assert set(error.parameters) == {"foo", "vmid", "memory", "cores"}
    assert "cores: value must have a minimum value of 1" in error.why
    assert "\n" not in error.why


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("cluster not ready - no quorum?", "quorum"),
        ("error with cfs lock ... cfs-lock 'file-user_cfg' error: no quorum!", "quorum"),
        (
            "unable to open file '/etc/pve/nodes/p/qemu-server/1.conf.tmp.1' - Permission denied",
            "quorum",
        ),
        ("VM is locked (backup)", "(backup)"),
        ("CT is locked (snapshot)", "(snapshot)"),
        ("can't lock file '/var/lock/qemu-server/lock-1.conf' - got timeout", "another task"),
        (
            "Configuration file 'nodes/pve1/qemu-server/999.conf' does not exist",
            "999 is not on pve1",
        ),
        ("QEMU guest agent is not running", "does not run"),
        ("No QEMU guest agent configured", "not enabled"),
        ("VM 108 is not running", "108 is not running"),
        ("checksum mismatch (file change by other user?)", "somebody else"),
        ("only root can set 'hostpci0' config for non-mapped devices", "hostpci0"),
        ("binary not installed: /usr/bin/ceph-mon", "ceph-mon"),
        ("hostname lookup 'nope' failed - failed to get address info", "no node is called nope"),
        ("storage 'x' is not available on node 'y'", "x is not available on y"),
    ],
)
def test_refusals_are_explained(reason: str, words: str) -> None:
    error = from_status(ASK, 500, reason, as_body({"data": None, "message": reason + "\n"}))
    assert type(error) is Rejected
    assert words in error.why


def test_an_unknown_refusal_is_passed_on_clean() -> None:
    error = from_status(ASK, 500, "", as_body({"message": "odd \x1b[2J thing\nmore"}))
    assert error.why == "odd �[2J thing"


def test_old_answers_have_only_a_reason() -> None:
    error = from_status(ASK, 500, "VM is locked (backup)", b'{"data":null}')
    assert "(backup)" in error.why


def test_a_node_that_does_not_answer_is_named() -> None:
    error = from_status(ASK, 595, "No route to host", b"")
    assert type(error) is NodeUnreachable
    assert error.where == "pve2"
    assert "No route to host" in error.why


def test_a_write_that_was_not_forwarded_did_nothing() -> None:
    assert type(from_status(WRITE, 595, "Connection refused", b"")) is NodeUnreachable
    reason = "tls_process_server_certificate: certificate verify failed"
    assert type(from_status(WRITE, 596, reason, b"")) is TlsFailed


@pytest.mark.parametrize("status", [596, 597, 598, 599, 502, 504])
def test_a_write_whose_answer_was_lost_may_have_been_done(status: int) -> None:
    assert type(from_status(WRITE, status, "Broken pipe", b"")) is OutcomeUnknown
    assert isinstance(from_status(ASK, status, "Broken pipe", b""), Unreachable)


def test_other_servers() -> None:
    assert type(from_status(ASK, 302, "Found", b"")) is Unexpected
    assert type(from_status(ASK, 404, "Not Found", b"<html>")) is NotFound
    assert type(from_status(ASK, 418, "I'm a teapot", b"<html>")) is Rejected


@given(
    st.integers(300, 999),
    st.text(max_size=60),
    st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda t: as_body({"message": t}))),
    st.booleans(),
)
def test_no_answer_is_beyond_words(status: int, reason: str, body: bytes, writes: bool) -> None:
    error = from_status(Question("a", "b", "/nodes/x/y", writes), status, reason, body)
    assert isinstance(error, LabError)
    assert error.problem.sentence.isprintable()


def test_the_data_is_where_it_should_be() -> None:
    assert (DATA / "README.md").is_file()
