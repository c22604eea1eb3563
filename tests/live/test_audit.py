"""The audit: who did what from where, in a file of one's own, in syslog and in NetBox's journal."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from labtui.actions.action import Action, Call, Outcome, Plan, Progress, Report, Wire
from labtui.actions.migration.action import MIGRATE
from labtui.config.redact import keep_out
from labtui.config.schema import AuditConfig, Config
from labtui.live.audit import Audit, records_of
from labtui.live.audit_file import FILE, Entry, line, read
from labtui.live.holdback import Holdback
from labtui.live.jobs import Jobs
from labtui.live.journal import Journal
from labtui.live.store import Store
from labtui.live.who import who_is
from labtui.model.errors import Forbidden, LabError
from labtui.model.inventory import DeviceRecord, Inventory, MachineRecord
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from tests.actions.wire import DictWire
from tests.snapshots import NOW, cluster_lab, feed_of, guest

CALL = Call("lab", "POST", "/nodes/pve1/qemu/104/config", (("cipassword", "hunter2"),))
PLAN = Plan("guest.migrate", "lab/104", "Change 104", NOW, calls=(CALL,))


class Records:
    """NetBox's journal, or what it says instead."""

    def __init__(self, error: LabError | None = None, *, hang: bool = False) -> None:
        self.entries: list[tuple[str, str, int, str]] = []
        self.error, self.hang = error, hang
        self.asked = 0

    async def journal(self, kind: str, record: str, number: int, text: str) -> None:
        self.asked += 1
        if self.hang:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        self.entries.append((kind, record, number, text))


def lab() -> Snapshot:
    """A lab with two guests, of which NetBox knows one, and a node."""
    made = cluster_lab(guest(104), guest(105))
    inventory = Inventory(
        "4.4",
        machines=(MachineRecord(7, "vm-104", "active", "lab", 104),),
        devices=(DeviceRecord(3, "PVE1", "server", "active"),),
    )
    parts = {**made.parts, feed_of(inventory, "netbox"): inventory}
    return msgspec.structs.replace(made, parts=parts)


async def _writes(plan: Plan, wire: Wire, report: Report) -> Outcome:
    await wire.call(plan.calls[0])
    report(Progress(upid="UPID:x"))
    return Outcome("done", "it is changed")


def action() -> Action:
    values = {name: getattr(MIGRATE, name) for name in MIGRATE.__struct_fields__}
    return Action(**{**values, "run": _writes})


async def job_with(audit: Audit, wire: DictWire | None = None) -> Job:
    wire = wire or DictWire(lab(), {"/cluster/tasks": []})
    jobs = Jobs(Store(), wire, (action(),), Journal(None), audit=audit)
    job = await jobs.wait(jobs.start(action(), PLAN))
    audit.close()
    return job


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.7 50000 192.0.2.1 22")
    monkeypatch.setenv("SUDO_USER", "amy")
    yield tmp_path / "state" / FILE


def linked(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path.parent / "elsewhere")


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_a_line_before_anything_is_sent_and_one_at_the_end(path: Path) -> None:
    keep_out(["hunter2"])
    seen: list[list[Entry]] = []

    class Looks(DictWire):
        async def call(self, call: Call) -> object:
            seen.append(read(path))
            return await super().call(call)

    await job_with(Audit(path), Looks(lab(), {"/cluster/tasks": []}))
    began, ended = read(path)
    assert seen == [[began]]
    assert (began.event, began.sudo, began.origin) == ("begun", "amy", "192.0.2.7")
    assert began.calls == ("POST /nodes/pve1/qemu/104/config cipassword=***",)
    assert (began.subject, began.action, began.title) == ("lab/104", "guest.migrate", "Change 104")
    assert (ended.event, ended.state, ended.note) == ("ended", "done", "it is changed")
    assert (ended.id, ended.upid, ended.user) == (began.id, "UPID:x", began.user)
    assert mode_of(path) == 0o600


async def test_what_was_never_sent_is_no_entry(path: Path) -> None:
    busy = {"upid": "U", "type": "qmclone", "id": "104", "user": "bob@pve", "node": "pve1"}
    job = await job_with(Audit(path), DictWire(lab(), {"/cluster/tasks": [busy]}))
    assert job.state == "failed"
    with pytest.raises(FileNotFoundError):
        read(path)


async def test_a_file_that_cannot_be_written_is_said_once_and_fails_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    told: list[str] = []
    audit = Audit(tmp_path / "state" / FILE, tell=told.append)
    job = await job_with(audit)
    assert job.state == "done"
    (word,) = told
    assert word.startswith("the audit is not written: ")
    assert job.log == (word,)


async def test_a_link_is_not_followed(path: Path) -> None:
    linked(path)
    told: list[str] = []
    assert (await job_with(Audit(path, tell=told.append))).state == "done"
    assert len(told) == 1
    with pytest.raises(FileNotFoundError):
        read(path.parent / "elsewhere")


async def test_a_line_to_syslog(path: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(tmp_path / "log"))
        log.settimeout(5)
        await job_with(Audit(path, syslog=True, socket_path=str(tmp_path / "log")))
        first, last = log.recv(4096).decode(), log.recv(4096).decode()
    assert first.startswith("<85>labtui[")
    assert "begun user=" in first
    assert "from=192.0.2.7 action=guest.migrate on=lab/104" in first
    assert "state=done note='it is changed'" in last


async def test_an_absent_syslog_is_said_once(path: Path, tmp_path: Path) -> None:
    told: list[str] = []
    audit = Audit(path, syslog=True, socket_path=str(tmp_path / "none"), tell=told.append)
    assert (await job_with(audit)).state == "done"
    assert len(told) == 1
    assert told[0].startswith(f"no syslog ({tmp_path / 'none'}: ")
    assert len(read(path)) == 2


async def test_an_entry_in_netbox_for_a_guest_that_it_knows(path: Path) -> None:
    audit, records = Audit(path), Records()
    audit.records = records
    await job_with(audit)
    ((kind, record, number, text),) = records.entries
    assert (kind, record, number) == ("success", "virtualization.virtualmachine", 7)
    assert text.startswith("Change 104: done. it is changed (labtui, ")
    assert "(sudo amy) from 192.0.2.7" in text
    assert records_of("lab/105", lab()) == []
    assert records_of("lab/pve1", lab()) == [("dcim.device", 3)]


@pytest.mark.parametrize("hang", [False, True])
async def test_a_refusal_of_netbox_is_said_once_and_fails_nothing(
    path: Path, hang: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labtui.live.audit._NETBOX_LIMIT", 0.05)
    told: list[str] = []
    audit = Audit(path, tell=told.append)
    audit.records = records = Records(Forbidden("x", why="no right to add"), hang=hang)
    assert (await job_with(audit)).state == "done"
    assert (await job_with(audit)).state == "done"
    words = "no answer in time" if hang else "no right to add"
    assert told == [f"no entry in NetBox's journal: {words}"]
    assert records.asked == 2


async def test_a_freeze_stops_the_entries_in_netbox_too(path: Path) -> None:
    told: list[str] = []
    audit = Audit(path, tell=told.append, may_write=lambda: False)
    audit.records = records = Records()
    await job_with(audit)
    assert records.asked == 0
    assert len(told) == 1
    assert len(read(path)) == 2


def test_what_the_configuration_wants(tmp_path: Path) -> None:
    book = tmp_path / "journal.jsonl"
    wanted = Config("", "lab", audit=AuditConfig(netbox_journal=True))
    audit, records = Audit.of(wanted, book, Holdback()), Records()
    audit.take([object(), records])
    assert audit.records is records
    audit = Audit.of(Config("", "lab"), book, Holdback())
    audit.take([records])
    assert audit.records is None


def test_who_it_is() -> None:
    who = who_is({})
    assert who.user
    assert (who.sudo, who.origin) == ("", "")
    assert who_is({"SSH_CONNECTION": "::1\x1b 1 2 3"}).origin == "::1\ufffd"


def test_lines_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / FILE
    line = {"at": 5.0, "event": "begun", "id": "1", "user": "a", "action": "x"}
    line |= {"subject": "lab/1", "title": "t"}
    path.write_text(f"{json.dumps(line)}\nrubbish\n\n{json.dumps(line | {'at': 9})}\n[]\n")
    assert [entry.at for entry in read(path)] == [5.0, 9.0]
    assert [entry.at for entry in read(path, 6)] == [9.0]


async def test_what_somebody_wants_of_a_job_has_a_line_before_it_is_said(path: Path) -> None:
    audit = Audit(path)
    done = Job("1", "node.evacuate", "lab/pve1", "Empty pve1", "running", NOW, upid="UPID:x")
    assert await audit.told(done, "stop", NOW) == ""
    audit.close()
    (entry,) = read(path)
    assert (entry.event, entry.note, entry.subject, entry.sudo) == (
        "told",
        "stop",
        "lab/pve1",
        "amy",
    )
    assert line(entry).startswith("told user=")
    assert "wants='stop'" in line(entry)


async def test_a_job_that_is_cancelled_has_that_in_the_audit(path: Path) -> None:
    began = asyncio.Event()

    async def waits(_plan: Plan, _wire: Wire, report: Report) -> Outcome:
        report(Progress(upid="UPID:pve1:x"))
        began.set()
        await asyncio.Event().wait()
        return Outcome("done", "")

    asked: list[str] = []

    async def cancel(_subject: str, upid: str, _wire: Wire) -> None:
        asked.append(upid)

    values = {name: getattr(MIGRATE, name) for name in MIGRATE.__struct_fields__}
    made = Action(**{**values, "run": waits, "cancel": cancel})
    audit = Audit(path)
    jobs = Jobs(
        Store(), DictWire(lab(), {"/cluster/tasks": []}), (made,), Journal(None), audit=audit
    )
    job = jobs.start(made, PLAN)
    await began.wait()
    await jobs.cancel(job)
    jobs.close()
    audit.close()
    assert asked == ["UPID:pve1:x"]
    assert [(e.event, e.note) for e in read(path)] == [("begun", ""), ("told", "stop")]
