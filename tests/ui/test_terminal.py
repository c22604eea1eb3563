"""On a real pseudo terminal: every end leaves it sane, and none shows what is in a variable."""

from __future__ import annotations

import os
import signal
import sys
import textwrap
from pathlib import Path

import pytest

from tests.terminal import Terminal

pytestmark = pytest.mark.pty

# What Textual switches on, and what has to be off again: other screen, hidden cursor, mouse.
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l")
PROGRAM = """
    import signal, sys
    from tests.ui.links import FakeLink
    from tests.ui.moving import Moving
    from labtui.ui.app import LabtuiApp
    from labtui.views import VIEWS

    class Hung(FakeLink):
        async def close(self):
            import asyncio
            await asyncio.sleep(60)

    def broken(subject, snapshot):
        secret = "hunter" + "2" * 6
        raise ValueError("something broke")

    link = {link}()
    {before}
    app = LabtuiApp(link, VIEWS, (Moving().action({action}),))
    app.run()
    sys.exit(app.return_code or 0)
"""


def terminal(link: str = "FakeLink", before: str = "", action: str = "") -> Terminal:
    code = textwrap.dedent(PROGRAM).format(link=link, before=before, action=action)
    return Terminal([sys.executable, "-c", code], env={"PYTHONPATH": str(Path.cwd())})


def rest(term: Terminal) -> bytes:
    """All that it still writes until it ends."""
    written = b""
    for _portion in range(200):
        data = term.read(0.1)
        written += data
        if not data and term.process.poll() is not None:
            break
    return written


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_leave_a_sane_terminal(number: signal.Signals) -> None:
    with terminal() as term:
        term.until_shows("35 running of 58")
        os.kill(term.process.pid, number)
        written = rest(term)
        assert term.process.wait(5) == 0
        assert all(sequence in written for sequence in LEFT)


def test_quitting_does_not_wait_for_what_hangs() -> None:
    with terminal("Hung") as term:
        term.until_shows("35 running of 58")
        term.send("q")
        written = rest(term)
        assert term.process.wait(5) == 0
        assert all(sequence in written for sequence in LEFT)


def test_a_crash_shows_where_but_no_variables() -> None:
    with terminal(action="applies=broken") as term:
        term.until_shows("35 running of 58")
        term.send("2")
        written = rest(term)
        assert term.process.wait(5) != 0
        assert b"something broke" in written
        assert b"hunter222222" not in written
        assert b"locals" not in written
        assert all(sequence in written for sequence in LEFT)


def test_a_lost_terminal_ends_it_even_when_hanging_up_is_ignored() -> None:
    deaf = (
        "signal.signal(signal.SIGHUP, signal.SIG_IGN); import labtui.ui.app as app;"
        " app.on_end = lambda leave: lambda: None"
    )
    with terminal(before=deaf) as term:
        term.until_shows("35 running of 58")
        os.close(term._master)
        term._master = os.open(os.devnull, os.O_RDWR)
        assert term.process.wait(10) is not None


def test_a_name_cannot_set_the_clipboard_and_copying_can() -> None:
    with terminal() as term:
        term.until_shows("35 running of 58")
        term.send("2")
        term.until_shows("▸107")
        term.send("y")
        written = b""
        for _portion in range(20):
            written += term.read(0.1)
            if b"\x1b]52;" in written:
                break
        assert b"\x1b]52;c;MTA3IGJ1aWxkLWJlbg==" in written
        term.send("q")
        assert term.wait() == 0
