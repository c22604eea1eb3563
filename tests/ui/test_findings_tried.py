"""What other consoles did to whom a finding is about stands in its details."""

from __future__ import annotations

import msgspec

from labtui.findings import Cause
from labtui.live.history.observe import own_jobs
from labtui.model.events import Event, Said
from labtui.model.jobs import Job
from labtui.model.snapshot import Snapshot
from labtui.ui.panes.findings_details import sections
from tests.findings.labs import watched
from tests.findings.test_rules import CASES

FIRES = CASES["tunnel-dead"][0]
AT, SHOT = FIRES[-1]


def _cause() -> Cause:
    found = watched(*FIRES)
    return next(cause for cause in found.causes if cause.finding.rule == "tunnel-dead")


def _job(row: str, at: float = AT - 10) -> Event:
    said = Said("{name}: {after}. {note}",
                (("name", "Bounce"), ("after", "failed"), ("note", "no answer")))  # fmt: skip
    return Event(1, at, "job", "", "c2/j7", "Bounce", "", "failed", "warn", said, "wireguard", row)


def _told(event: Event, shot: Snapshot = SHOT) -> str:
    found = sections(_cause(), shot, AT, lambda _command: "", [event])
    return " ".join(
        cell.text for each in found if each.title == "Tried already" for _label, cell in each.lines
    )


def test_a_job_of_another_console_on_that_tunnel_is_told() -> None:
    row = _cause().finding.subject.at[1]
    assert _told(_job(row)) == "Bounce: failed. no answer (from a console)"


def test_a_job_on_something_else_or_long_ago_is_not() -> None:
    row = _cause().finding.subject.at[1]
    assert _told(_job("another")) == ""
    assert _told(_job(row, AT - 7200)) == ""


def test_a_job_from_here_is_told_once() -> None:
    row = _cause().finding.subject.at[1]
    own = Job("j7", "tunnel.bounce", row, "Bounce", "failed", AT - 12, AT - 10, note="no answer")
    shot = msgspec.structs.replace(SHOT, jobs=(own,))
    assert _told(_job(row), shot) == "Bounce: no answer (from here)"


def test_the_history_knows_the_tunnel_that_a_job_worked_on() -> None:
    own = Job("j7", "tunnel.bounce", "wg|1", "Bounce", "failed", AT - 12, AT - 10)
    (state,) = own_jobs(msgspec.structs.replace(SHOT, jobs=(own,)), AT, "c1").states
    assert (state.view, state.row) == ("wireguard", "wg|1")
