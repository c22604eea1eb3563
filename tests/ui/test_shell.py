"""The keys that leave the screen: refusals in words, the choice of a way, what is said after."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from labtui.config.address import hop_of
from labtui.config.schema import Config, SshConfig
from labtui.live.entry.entry import Entry
from labtui.live.entry.ssh_order import Order
from labtui.model.cluster import Rights
from labtui.model.entry import Place, Way
from labtui.ui import shell, shell_words
from labtui.ui.shell_child import Ended
from labtui.ui.shell_sitting import Sitting
from tests.ui.driver import Console, console
from tests.ui.links import FakeLink

RIGHTS = Rights("me@pve!t", "9.2.3", {"/": frozenset(("VM.Console", "Sys.Console"))})


class Line:
    """A console that was opened, at which nobody sits."""

    where = "10.0.0.1:8006"

    def __init__(self) -> None:
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class Cluster:
    def __init__(self, serial: bool = True) -> None:
        self.serial = serial
        self.line = Line()

    async def get(self, path: str, deadline: float = 10.0, **params: str | int) -> Any:
        return {"serial0": "socket"} if self.serial else {}

    async def console(self, path: str) -> Any:
        return self.line


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was run in place of ssh and of sitting at a console; both end as the test says."""
    seen: list[Any] = []

    async def run_ssh(binary: str, order: Order, terminal: object) -> Ended:
        seen.append(order.line(binary, "FILE"))
        return Ended(0)

    async def sit(line: Line, terminal: object, escape: int, head: str) -> Sitting:
        seen.append(head)
        await line.close()
        return Sitting("left")

    monkeypatch.setattr(shell, "run_ssh", run_ssh)
    monkeypatch.setattr(shell, "sit", sit)
    monkeypatch.setattr(Entry, "ssh", "ssh")
    return seen


@contextlib.contextmanager
def _suspended() -> Iterator[None]:
    yield


async def on_guest(c: Console, key: str) -> None:
    c.app.suspend = _suspended  # type: ignore[method-assign]
    await c.press("2")
    c.pane("guests").seek(key)
    await c.settle()


def link_with(*hosts: str, cluster: Cluster | None = None, **flags: bool) -> FakeLink:
    link = FakeLink(None, **flags)
    ssh = SshConfig(hosts=(("*", tuple(hop_of(host) for host in hosts)),) if hosts else ())
    clusters = {"lsalab": cluster or Cluster()}
    link.entry = Entry(Config("", "lsalab", ssh=ssh), link.store, link.gate, clusters)
    link.given = [*link.given, ("lsalab", RIGHTS)]
    return link


async def test_one_way_is_gone_at_once(ran: list[Any]) -> None:
    async with console(link_with("amy@10.0.0.5:2222")) as c:
        await on_guest(c, "lsalab/104")
        await c.press("x")
        await c.settle()
        assert ran[0][-6:] == ["-p", "2222", "-l", "amy", "--", "10.0.0.5"]
        assert "back from 104" in c.notice
        assert "amy@10.0.0.5:2222, configuration" in c.notice
        c.expect("guests")


async def test_of_several_one_is_chosen(ran: list[Any]) -> None:
    async with console(link_with("10.0.0.5:2222", "ben@10.0.0.6:2222")) as c:
        await on_guest(c, "lsalab/104")
        await c.press("x")
        await c.settle()
        c.expect("shell on 104", "10.0.0.5:2222", "ben@10.0.0.6:2222", "configuration")
        assert ran == []
        await c.press("down", "enter")
        await c.settle()
        assert ran[0][-2:] == ["--", "10.0.0.6"]


async def test_leaving_the_choice_goes_nowhere(ran: list[Any]) -> None:
    async with console(link_with("10.0.0.5:2222", "10.0.0.6:2222")) as c:
        await on_guest(c, "lsalab/104")
        await c.press("x")
        await c.press("escape")
        assert ran == []


async def test_a_console_says_how_to_leave_it_and_that_it_was_left(ran: list[Any]) -> None:
    cluster = Cluster()
    async with console(link_with(cluster=cluster)) as c:
        await on_guest(c, "lsalab/104")
        await c.press("v")
        await c.settle()
        assert "Ctrl+] leaves it" in ran[0]
        assert "left the console of 104" in c.notice
        assert cluster.line.closed


async def test_without_a_serial_port_it_says_what_to_do(ran: list[Any]) -> None:
    async with console(link_with(cluster=Cluster(serial=False))) as c:
        await on_guest(c, "lsalab/104")
        await c.press("v")
        await c.settle()
        assert "it has no serial port" in c.notice
        assert "qm set 104 --serial0 socket" in c.notice
        assert ran == []


@pytest.mark.parametrize("key", ["x", "v"])
async def test_read_only_opens_no_door(ran: list[Any], key: str) -> None:
    async with console(link_with("10.0.0.5", read_only=True)) as c:
        await on_guest(c, "lsalab/104")
        await c.press(key)
        assert "read-only" in c.notice
        assert ran == []


@pytest.mark.parametrize("key", ["x", "v"])
async def test_nobody_is_in_a_guest_that_is_off(ran: list[Any], key: str) -> None:
    async with console(link_with("10.0.0.5")) as c:
        await on_guest(c, "lsalab/113")
        await c.press(key)
        assert "113 sim-dana is off" in c.notice
        assert ran == []


async def test_a_row_that_is_no_place_leads_nowhere(ran: list[Any]) -> None:
    async with console(link_with("10.0.0.5")) as c:
        c.main.dispatch.run("place.jobs")
        await c.settle()
        await c.press("x")
        assert "choose a guest, a node or a router" in c.notice
        assert ran == []


async def test_a_missing_right_is_told_before_anything_is_sent(ran: list[Any]) -> None:
    link = link_with()
    link.given = [*link.given, ("lsalab", Rights("me@pve!t", "9.2.3", {"/": frozenset()}))]
    async with console(link) as c:
        await on_guest(c, "lsalab/104")
        await c.press("v")
        assert "lacks VM.Console on /vms/104" in c.notice
        assert ran == []


async def test_a_node_has_both_and_a_router_a_shell(ran: list[Any]) -> None:
    async with console(link_with("10.0.0.5")) as c:
        c.app.suspend = _suspended  # type: ignore[method-assign]
        await c.press("1")
        c.pane("nodes").seek("lsalab/pve4")
        await c.press("v")
        assert "pve4 is away" in c.notice
        c.pane("nodes").seek("lsalab/pve1")
        await c.press("v")
        await c.settle()
        assert "console of node pve" in ran[0]
        await c.press("5", "x")
        await c.settle()
        assert ran[1][-1] == "10.0.0.5"
        await c.press("v")
        assert "a router has no console" in c.notice


async def test_a_node_that_is_away_is_tried_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, ran: list[Any]
) -> None:
    heads: list[str] = []

    def heading(place: Place, way: Way, missing: tuple[str, ...]) -> str:
        heads.append(shell_words.heading(place, way, missing))
        return ""

    monkeypatch.setattr(shell, "heading", heading)
    async with console(link_with("10.0.0.5")) as c:
        c.app.suspend = _suspended  # type: ignore[method-assign]
        await c.press("1")
        c.pane("nodes").seek("lsalab/pve4")
        await c.press("x")
        await c.settle()
        assert ran[0][-1] == "10.0.0.5"
        assert "pve4 is away for the cluster; SSH to pve4 is tried all the same" in heads[0]
        c.pane("nodes").seek("lsalab/pve1")
        await c.press("x")
        await c.settle()
        assert "away" not in heads[1]


async def test_a_screen_without_a_terminal_says_so(
    monkeypatch: pytest.MonkeyPatch, ran: list[Any]
) -> None:
    async with console(link_with("10.0.0.5")) as c:
        await c.press("2")
        c.pane("guests").seek("lsalab/104")
        await c.press("x")
        await c.settle()
        assert "not possible here" in c.notice
        assert ran == []


async def test_nothing_is_torn_away_that_was_begun_meanwhile(ran: list[Any]) -> None:
    async with console(link_with("10.0.0.5")) as c:
        await on_guest(c, "lsalab/104")
        await c.type_ahead("x", "?")
        assert ran == []
        await c.press("escape")
        assert "something else was begun" in c.notice
