"""Terminals over the websocket: the protocol, a session, and what refuses."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.demo.proxmox.terminal import split_frames
from tests.demo.lab_thread import LabThread, lab_thread

QEMU = "/nodes/pve1/qemu"


@pytest.fixture(scope="module", params=["9.2", "8.4"])
def lab(request: pytest.FixtureRequest) -> Iterator[LabThread]:
    with lab_thread(version=request.param, auth_delay=0.0) as running:
        yield running


class Session:
    """A client of the terminal."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def until(self, text: str) -> str:
        """Read until a text has come; all that came."""
        seen = ""
        while text not in seen:
            message = await self._socket.receive(5)
            assert message.type is aiohttp.WSMsgType.BINARY, (seen, message)
            seen += message.data.decode()
        return seen

    async def type(self, text: str) -> None:
        """Send characters."""
        data = text.encode()
        await self._socket.send_bytes(b"0:%d:" % len(data) + data)

    async def send(self, data: bytes) -> None:
        """Send a frame as it is."""
        await self._socket.send_bytes(data)


async def with_terminal(lab: LabThread, path: str, work: Any, *, ticket: str = "") -> None:
    """Open a terminal and let `work` use it."""
    opened = lab.ask(f"{path}/termproxy", "POST")
    assert opened.status == 200, opened.reason
    row = opened.data
    sent = ticket or row["ticket"]
    url = (
        f"https://127.0.0.1:{lab.lab.ports.proxmox['pve1']}/api2/json{path}/vncwebsocket"
        f"?port={row['port']}&vncticket={quote(sent, safe='')}"
    )
    async with aiohttp.ClientSession(headers=lab.admin) as client:
        from yarl import URL

        address = URL(url, encoded=True)
        async with client.ws_connect(address, ssl=lab.context, protocols=("binary",)) as socket:
            await socket.send_bytes(f"{row['user']}:{row['ticket']}\n".encode())
            await work(Session(socket))


def test_a_login_on_the_serial_console(lab: LabThread) -> None:
    async def work(session: Session) -> None:
        await session.until("web-01 login: ")
        await session.send(b"1:120:40:")
        await session.send(b"2")
        await session.type("root\r")
        await session.until("Password: ")
        await session.type("anything\r")
        await session.until("root@web-01:~# ")
        await session.type("hostname\r")
        assert "web-01\r\nroot@web-01" in await session.until("web-01:~# ")
        await session.type("frobnicate\r")
        assert "command not found" in await session.until("web-01:~# ")
        await session.type("exit\r")
        await session.until("web-01 login: ")

    asyncio.run(with_terminal(lab, f"{QEMU}/110", work))


def test_a_container_and_a_node_have_one_too(lab: LabThread) -> None:
    def greeted(text: str) -> Any:
        async def work(session: Session) -> None:
            await session.until(text)

        return work

    asyncio.run(with_terminal(lab, "/nodes/pve1/lxc/103", greeted("jump login: ")))
    asyncio.run(with_terminal(lab, "/nodes/pve1", greeted("pve1 login: ")))


@pytest.mark.parametrize(
    ("vmid", "text"),
    [(111, "unable to find a serial interface"), (105, "VM 105 not running")],
)
def test_without_a_console_it_says_so_and_ends(lab: LabThread, vmid: int, text: str) -> None:
    async def work(session: Session) -> None:
        await session.until(text)

    asyncio.run(with_terminal(lab, f"{QEMU}/{vmid}", work))


def test_a_wrong_ticket_is_refused(lab: LabThread) -> None:
    async def work(_: Session) -> None:
        raise AssertionError("was let in")

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        asyncio.run(with_terminal(lab, f"{QEMU}/110", work, ticket="PVEVNC:wrong"))
    assert refused.value.status == 401


def test_without_an_upgrade_the_answer_is_the_port(lab: LabThread) -> None:
    row = lab.ask(f"{QEMU}/110/termproxy", "POST").data
    assert row["upid"].split(":")[5] == "vncproxy"
    params = {"port": row["port"], "vncticket": row["ticket"]}
    assert lab.ask(f"{QEMU}/110/vncwebsocket", params=params).data == {"port": str(row["port"])}


@given(st.lists(st.binary(max_size=12), max_size=6), st.integers(0, 80))
def test_frames_come_through_however_they_are_cut(texts: list[bytes], cut: int) -> None:
    stream = b"".join(b"2" + b"1:80:24:" + b"0:%d:" % len(text) + text for text in texts)
    first, rest = split_frames(stream[:cut])
    second, left = split_frames(rest + stream[cut:])
    assert first + second == texts
    assert left == b""


@given(st.binary(max_size=60))
def test_rubbish_does_no_harm(data: bytes) -> None:
    frames, rest = split_frames(data)
    assert sum(map(len, frames)) + len(rest) <= len(data)
