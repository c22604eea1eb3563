"""The terminal while something else has it: raw keys, slow and lost ends, settings given back."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import signal
import struct
import sys
import termios
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labtui.live.entry.ssh_order import SETTINGS, Order
from labtui.model.errors import Unreachable
from labtui.ui.shell_child import Ended, run_ssh
from labtui.ui.shell_sitting import Escape, Sitting, sit
from labtui.ui.shell_tty import RESET, Terminal
from labtui.ui.shell_words import FAILED, ended_how

BRACKET = 0x1D


class Ends:
    """Both ends of a pseudo terminal."""

    def __init__(self) -> None:
        self.far, self.near = pty.openpty()
        self.terminal = Terminal(self.near, self.near)
        self.before = termios.tcgetattr(self.near)

    def type(self, data: bytes) -> None:
        os.write(self.far, data)

    async def shown(self, text: bytes) -> bytes:
        seen = b""
        async with asyncio.timeout(5):
            while text not in seen:
                seen += await asyncio.to_thread(os.read, self.far, 65536)
        return seen

    def close(self) -> None:
        for each in (self.far, self.near):
            if each >= 0:
                os.close(each)


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    made.close()


class Line:
    """A console: what it is told to show, what was typed to it."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self.typed = b""
        self.sizes: list[tuple[int, int]] = []
        self.twice = asyncio.Event()
        self.closed = False

    async def read(self) -> bytes:
        data = await self.coming.get()
        if isinstance(data, Exception):
            raise data
        return data

    async def send(self, data: bytes) -> None:
        self.typed += data

    async def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))
        if len(self.sizes) > 1:
            self.twice.set()

    async def close(self) -> None:
        self.closed = True


def sitting(line: Line, ends: Ends) -> asyncio.Task[Sitting]:
    return asyncio.create_task(sit(line, ends.terminal, BRACKET, "HEAD"))


async def test_bytes_pass_both_ways_raw_until_the_key(ends: Ends) -> None:
    line = Line()
    task = sitting(line, ends)
    await ends.shown(b"HEAD")
    line.coming.put_nowait(b"\x1b[?1049h\x1b[?1000hlogin: ")
    assert b"\x1b[?1000h" in await ends.shown(b"login: ")
    ends.type(b"\x03\x04root\r")
    ends.type(b"\x1bOA" + bytes((BRACKET,)) + b"for nobody")
    seen = await ends.shown(b"\x1b[0m")
    assert (await task).how == "left"
    assert line.typed == b"\x03\x04root\r\x1bOA"
    assert RESET in seen
    assert termios.tcgetattr(ends.near) == ends.before
    assert line.closed


async def test_the_cursor_stays_where_the_shell_left_it(ends: Ends) -> None:
    """1049 would put it where it was before the console began, in the midst of what was written."""
    line = Line()
    task = sitting(line, ends)
    await ends.shown(b"HEAD")
    line.coming.put_nowait(b"")
    seen = await ends.shown(RESET)
    await task
    assert b"\x1b[?1047l" in seen
    assert b"\x1b[?1049l" not in seen


async def test_its_size_is_told_at_once_and_whenever_it_changes(ends: Ends) -> None:
    fcntl.ioctl(ends.near, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    line = Line()
    handler = signal.getsignal(signal.SIGWINCH)
    task = sitting(line, ends)
    await ends.shown(b"HEAD")
    fcntl.ioctl(ends.near, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    os.kill(os.getpid(), signal.SIGWINCH)
    async with asyncio.timeout(5):
        await line.twice.wait()
    ends.type(bytes((BRACKET,)))
    await task
    assert line.sizes == [(100, 30), (120, 40)]
    assert signal.getsignal(signal.SIGWINCH) == handler


async def test_it_ends_with_the_server_and_says_its_last_line(ends: Ends) -> None:
    line = Line()
    task = sitting(line, ends)
    for data in (b"unable to find ", b"a serial\x1b[31m interface\r\n\r\n", b""):
        line.coming.put_nowait(data)
    ended = await task
    assert ended.how == "ended"
    assert ended.tail.startswith("unable to find a serial")
    assert "\x1b" not in ended.tail


async def test_what_broke_off_says_why(ends: Ends) -> None:
    line = Line()
    task = sitting(line, ends)
    line.coming.put_nowait(Unreachable("the console", why="connection lost"))
    ended = await task
    assert ended.how == "lost"
    assert ended.problem is not None
    assert ended.problem.why == "connection lost"


async def test_a_lost_terminal_ends_it(ends: Ends) -> None:
    line = Line()
    task = sitting(line, ends)
    await ends.shown(b"HEAD")
    os.close(ends.far)
    ends.far = -1
    async with asyncio.timeout(5):
        assert (await task).how == "gone"
    assert line.closed


async def test_a_terminal_that_takes_nothing_holds_up_nobody(ends: Ends) -> None:
    line = Line()
    task = sitting(line, ends)
    for _each in range(40):
        line.coming.put_nowait(b"x" * 65536)
    await asyncio.sleep(0.1)
    # Not all of it is in memory: what waits is bounded.
    assert line.coming.qsize() > 20
    ends.type(bytes((BRACKET,)))
    async with asyncio.timeout(5):
        assert (await task).how == "left"


async def test_a_cancelled_sitting_gives_everything_back(ends: Ends) -> None:
    line = Line()
    task = sitting(line, ends)
    await ends.shown(b"HEAD")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert termios.tcgetattr(ends.near) == ends.before
    assert line.closed


@given(st.binary(max_size=40), st.lists(st.integers(1, 9), max_size=40))
def test_the_key_that_leaves_is_found_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    escape, passed, left, rest = Escape(BRACKET), b"", False, data
    while rest and not left:
        size = cuts.pop() if cuts else len(rest)
        part, left = escape.take(rest[:size])
        passed, rest = passed + part, rest[size:]
    before, found, _after = data.partition(bytes((BRACKET,)))
    assert (passed, left) == (before, bool(found))


def python(text: str, *more: str) -> Order:
    return Order(("-c", text, *more))


async def test_a_child_has_its_words_and_its_status_comes_back(ends: Ends) -> None:
    order = python("import sys; sys.exit(len(sys.argv))", "a b", "$(x)", "--")
    assert (await run_ssh(sys.executable, order, ends.terminal)).status == 4
    assert await ends.shown(RESET)


async def test_its_settings_are_its_owners_alone_and_gone_afterwards(ends: Ends) -> None:
    text = (
        "import os, sys; path = sys.argv[1]; print(path, flush=True);"
        "sys.exit(os.stat(path).st_mode & 0o777 == 0o600 and open(path).read() == 'Host *\\n')"
    )
    order = Order(("-c", text, SETTINGS), "Host *\n")
    assert (await run_ssh(sys.executable, order, ends.terminal)).status == 1


async def test_the_keyboards_signals_are_for_the_child(ends: Ends) -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGQUIT)}
    text = "import os, signal; os.kill(os.getppid(), signal.SIGINT); os.kill(os.getpid(), 2)"
    ended = await run_ssh(sys.executable, python(text), ends.terminal)
    # It died of what we did not even notice.
    assert ended.status in (-2, 130, 1)
    assert {number: signal.getsignal(number) for number in handlers} == handlers


async def test_a_child_ends_with_its_caller(ends: Ends) -> None:
    order = python("import time; time.sleep(60)")
    task = asyncio.create_task(run_ssh(sys.executable, order, ends.terminal))
    await asyncio.sleep(0.3)
    task.cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def test_what_it_says_of_itself_is_shown_and_its_last_line_kept(ends: Ends) -> None:
    text = r"import sys; sys.stderr.write('one\nPermission \x1b[1mdenied.\r\n\n'); sys.exit(255)"
    ended = await run_ssh(sys.executable, python(text), ends.terminal)
    assert (ended.status, ended.said) == (255, "Permission \ufffd[1mdenied.")
    assert b"one" in await ends.shown(b"denied")


def test_what_is_said_of_its_end() -> None:
    assert ended_how(Ended(0), "web") == ("back from web", True)
    status = ("back from web; the last command there ended with 4", True)
    assert ended_how(Ended(4), "web") == status
    assert ended_how(Ended(FAILED, "denied"), "web") == ("ssh to web failed: denied", False)
    assert ended_how(Ended(-9), "web") == ("the shell on web was ended by signal 9", False)
