"""Escape and a key that arrive in one burst, as on a slow link: both are heard."""

from __future__ import annotations

import pytest
from textual import events

from labtui.ui.escape import Parser, taken_apart
from labtui.ui.keys import parse_key
from tests.ui.driver import console
from tests.ui.test_terminal import terminal


def heard(sent: str) -> list[str]:
    """What the console makes of what a terminal sends, key by key."""
    names: list[str] = []
    for event in Parser().feed(sent):
        assert isinstance(event, events.Key)
        parts = taken_apart(event.key, event.character)
        names.extend([name for name, _character in parts] or [event.key])
    return names


@pytest.mark.parametrize(
    ("sent", "keys"),
    [
        ("\x1b2", ["escape", "2"]),
        ("\x1b0", ["escape", "0"]),
        ("\x1b:104", ["escape", ":", "1", "0", "4"]),
        ("\x1b/", ["escape", "/"]),
        ("\x1b!", ["escape", "!"]),
        ("\x1bq", ["escape", "q"]),
        ("\x1bM", ["escape", "M"]),
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b ", ["escape", "space"]),
        ("\x1b\x10", ["escape", "ctrl+p"]),
        ("\x1b\x1b2", ["escape", "escape", "2"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b陳", ["escape", "陳"]),
        ("\x1b[A", ["up"]),
        ("\x1b[1;3A", ["alt+up"]),
        ("\x1bOP", ["f1"]),
        ("\x1b\t", ["shift+tab"]),
    ],
)
def test_no_key_is_lost_after_escape(sent: str, keys: list[str]) -> None:
    assert heard(sent) == keys


@pytest.mark.parametrize("written", ["alt+2", "alt+:", "alt+q"])
def test_a_key_with_alt_keeps_the_name_it_is_configured_by(written: str) -> None:
    (event,) = Parser().feed("\x1b" + written[-1])
    assert isinstance(event, events.Key)
    assert event.key == parse_key(written) == written


async def test_a_key_with_alt_that_means_something_is_not_taken_apart() -> None:
    async with console(keys={"pane.full": "alt+2"}) as c:
        await c.press("4", "alt+2")
        c.expect_not("1 nodes")


@pytest.mark.pty
def test_in_a_real_terminal() -> None:
    with terminal() as term:
        term.until_shows("35 running of 58")
        term.send("2\r")
        term.until_shows("guests › 107")
        term.send("\x1b4")
        term.until(lambda screen: "guests ›" not in screen)
        term.send("\r")
        term.until_shows("wireguard ›")
        term.send("\x1b:104")
        term.until_shows("104 web-amy")
