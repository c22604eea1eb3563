"""Leaving the console whatever is broken: from `q` in a real terminal to the process's end."""

from __future__ import annotations

import contextlib
import random
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.chaos.cases import KEYS, mix
from tests.chaos.outside import Refused, World
from tests.terminal import Terminal

TYPED = {
    "escape": "\x1b",
    "enter": "\r",
    "tab": "\t",
    "ctrl+p": "\x10",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+]": "\x1d",
}
# States in which a letter is text, or a dialog has the keys.
_LAST = ((), ("m",), (":",), (":", "x"), ("?",), ("2", "/", "x"), ("2", "enter"), ("ctrl+p",))


class Left(NamedTuple):
    """How it ended: seconds, exit status, what was broken, what had been typed last."""

    seconds: float
    status: int
    broken: tuple[str, ...]
    typed: tuple[str, ...]


def type_keys(terminal: Terminal, keys: Sequence[str]) -> None:
    """One after the other, as fast as a person does."""
    for key in keys:
        terminal.send(TYPED.get(key, key))
        terminal.drain(0.05)


def leave(world: World, seed: int, longest: float = 8.0) -> Left:
    """Open a console, break what the seed says, use it for up to `longest` seconds, and leave."""
    dice = random.Random(f"leave {seed}")
    blows = mix(world.faults(), seed).blows
    command = [sys.executable, "-m", "labtui", "--config", world.config]
    with Terminal(command) as terminal:
        terminal.until_shows("5/5 up", patience=60)
        for blow in blows:
            with contextlib.suppress(Refused):
                world.break_(blow.fault, blow.target, **dict(blow.options))
        end = time.monotonic() + dice.uniform(1.0, longest)
        while time.monotonic() < end:
            type_keys(terminal, dice.choice(KEYS))
            terminal.drain(dice.uniform(0.1, 0.5))
        last = dice.choice(_LAST)
        type_keys(terminal, last)
        # A letter meant for a filter may have opened a console where there is none.
        terminal.send(TYPED["ctrl+]"])
        terminal.drain(0.5)
        for _dialog in range(3):
            terminal.send(TYPED["escape"])
            # Long enough for the terminal's driver to know that it was no sequence.
            terminal.drain(0.3)
        began = terminal.send("q")
        status = terminal.wait()
        took = time.perf_counter() - began
    return Left(took, status, tuple(map(str, blows)), last)
