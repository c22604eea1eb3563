"""What pvesh says: its complaints, quoted words, noise, anything at all."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.errors import (
    Forbidden,
    LabError,
    Refused,
    Rejected,
    Unexpected,
)
from labtui.sources.proxmox.errors import NodeUnreachable, Question
from labtui.sources.proxmox.pvesh import command, json_of, refusal
from labtui.sources.ssh.run import Finished

ASK = Question("asking", "ssh pve3 pvesh", "/nodes/pve9/status")


@pytest.mark.parametrize(
    ("status", "err", "kind"),
    [
        (127, "bash: line 1: pvesh: command not found", Unexpected),
        (1, "sudo: a password is required", Refused),
        (255, "400 Parameter verification failed.\nvmid: type check failed", Rejected),
        (255, "Permission check failed (/, Sys.Audit)", Forbidden),
        (255, "no 'get' handler for '/nothing'", Rejected),
        (255, "cluster not ready - no quorum?", Rejected),
        (
            255,
            "ssh: connect to host 10.0.0.9 port 22: No route to host\nproxy handler failed: x",
            NodeUnreachable,
        ),
        (-1, "", Rejected),
    ],
)
def test_complaints(status: int, err: str, kind: type[LabError]) -> None:
    error = refusal(ASK, Finished(status, b"", err.encode()))
    assert type(error) is kind
    assert error.why


def test_words_are_quoted() -> None:
    question = Question("asking", "x", "/nodes/pve1/tasks/UPID:pve1:0:1:2:a:b;rm -rf:")
    with pytest.raises(Unexpected):
        command(question, {}, root=True)
    question = Question("asking", "x", "/nodes/pve1/tasks/UPID:pve1:0:1:2:a:$(x);`y`:/log")
    line = command(question, {"start": 1, "name": "a b;c", "flag": True}, root=False)
    assert shlex.split(line) == [
        *("sudo", "-n", "pvesh", "get", question.path, "--output-format", "json"),
        *("--start", "1", "--name", "a b;c", "--flag", "1"),
    ]
    assert "$(x)" not in line.replace("'", "").split() and "'" in line


@pytest.mark.parametrize(
    ("out", "json_text"),
    [
        (b'[{"a":1}]\n', b'[{"a":1}]'),
        (b"perl: warning: Setting locale failed.\nperl: warning: x\n{}\n", b"{}"),
        (b"", b"null"),
        (b"rubbish", b"null"),
        (b'"UPID"\n', b'"UPID"'),
    ],
)
def test_noise_in_front_of_the_answer(out: bytes, json_text: bytes) -> None:
    assert json_of(out) == json_text


@given(st.binary(max_size=200), st.integers(-1, 300), st.binary(max_size=200))
def test_whatever_a_shell_says(out: bytes, status: int, err: bytes) -> None:
    json_of(out)
    assert refusal(ASK, Finished(status, out, err)).problem.sentence.isprintable()
