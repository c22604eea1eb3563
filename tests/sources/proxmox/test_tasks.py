"""UPIDs, task status and task logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.model.errors import NotFound
from labtui.sources.proxmox.tasks import TaskStatus, read_log, read_status
from labtui.sources.proxmox.upid import parse_upid
from tests.sources.proxmox.recordings import ASKED, as_body, body, files, load

GOOD = [name for name in files("*/*task-status*.json") if load(name)["status"] == 200]
LOGS = [name for name in files("*/*task-log*.json") if load(name)["status"] == 200]


@pytest.mark.parametrize("name", GOOD)
def test_recorded_status(name: str) -> None:
    told = load(name)["body"]["data"]
    status = read_status(body(name), ASKED)
    assert status.running == (told["status"] == "running")
    assert status.exit == (None if status.running else told["exitstatus"])
    assert status.succeeded == (status.exit == "OK")


def test_other_ends() -> None:
    def status(**told: str) -> TaskStatus:
        return read_status(as_body({"data": told}), ASKED)

    assert status(status="stopped", exitstatus="WARNINGS: 2").succeeded
    assert not status(status="stopped", exitstatus="unexpected status").succeeded
    assert status(status="stopped").exit == "unexpected status"
    assert not status(status="running").succeeded


@pytest.mark.parametrize("name", LOGS)
def test_recorded_log(name: str) -> None:
    told = load(name)["body"]["data"]
    if told == [{"n": 1, "t": "no content"}]:
        assert read_log(body(name), ASKED) == []
        return
    lines = read_log(body(name), ASKED)
    assert [number for number, _text in lines] == [line["n"] for line in told]
    assert all(text.isprintable() for _number, text in lines)


@pytest.mark.parametrize("version", ["8.4", "9.2"])
def test_the_log_of_an_unknown_task_is_not_there(version: str) -> None:
    # A list on 9.2, the line itself on 8.4.
    with pytest.raises(NotFound):
        read_log(body(f"{version}/error.200-unknown-upid-log.json"), ASKED)


def test_lines_are_as_a_terminal_would_leave_them() -> None:
    wire = [
        {"n": 1, "t": "Writing inode tables:  0/32\b\b\b\b\b done"},
        {"n": 2, "t": "10%\r20%\r30%"},
        {"n": 3, "t": "\tindented\x1b[0m"},
        {"n": "4", "t": None},
    ]
    lines = dict(read_log(as_body({"data": wire}), ASKED))
    assert lines[1].endswith("done")
    assert lines[2] == "30%"
    assert lines[3] == " indented�[0m"
    assert lines[4] == ""


@pytest.mark.parametrize(
    ("text", "kind", "subject", "user"),
    [
        (
            "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:",
            "qmstart",
            "100",
            "root@pam",
        ),
        (
            "UPID:pve1:0000032E:0008E2C5F:6B00ED2F:qmigrate:1:a@pve!t-1:",
            "qmigrate",
            "1",
            "a@pve!t-1",
        ),
        ("UPID:a-b:0000032E:0008E2C5:6B00ED2F:vncshell::root@pam:", "vncshell", "", "root@pam"),
    ],
)
def test_upids(text: str, kind: str, subject: str, user: str) -> None:
    upid = parse_upid(text)
    assert upid is not None
    assert (upid.kind, upid.subject, upid.user) == (kind, subject, user)
    assert upid.started == 0x6B00ED2F


@pytest.mark.parametrize("name", GOOD)
def test_recorded_upids(name: str) -> None:
    told = load(name)["body"]["data"]
    upid = parse_upid(told["upid"])
    assert upid is not None
    assert (upid.node, upid.pid, upid.started) == (told["node"], told["pid"], told["starttime"])


@given(
    st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?", fullmatch=True),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFFF),
    st.from_regex(r"[a-z]{1,12}", fullmatch=True),
    st.from_regex(r"[a-zA-Z0-9._-]{0,12}", fullmatch=True),
)
def test_what_is_written_is_read(node: str, pid: int, pstart: int, kind: str, subject: str) -> None:
    text = f"UPID:{node}:{pid:08X}:{pstart:08X}:6B00ED2F:{kind}:{subject}:root@pam!x:"
    upid = parse_upid(text)
    assert upid is not None
    assert (upid.node, upid.pid, upid.pstart) == (node, pid, pstart)
    assert (upid.kind, upid.subject, upid.user) == (kind, subject, "root@pam!x")


@given(st.text(max_size=80))
def test_anything_else_is_none(text: str) -> None:
    upid = parse_upid(f"UPID:{text}")
    assert upid is None or "/" not in upid.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UPID:..:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:",
        "UPID:a/b:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:",
        "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:../x:root@pam:",
        "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam",
        "UPID:pve1:0000032E:0008E2C5:6B00ED2F:qmstart:100:root@pam:\n",
    ],
)
def test_no_upids(text: str) -> None:
    assert parse_upid(text) is None
