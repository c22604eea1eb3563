"""`labtui freeze [REASON]` and `labtui thaw`: every console that sees the file, from a shell."""

from __future__ import annotations

import asyncio
import sys
import time

from labtui.cli.exits import Exit
from labtui.config.paths import journal_folder
from labtui.config.schema import Config
from labtui.live.holdback import Holdback
from labtui.live.journal import Journal
from labtui.locale import _


def freeze(config: Config, reason: str) -> int:
    """Stop the writes of every console that sees the file."""
    return asyncio.run(_freeze(_gate(config), reason))


def thaw(config: Config) -> int:
    """Let them go on."""
    return asyncio.run(_thaw(_gate(config)))


def _gate(config: Config) -> Holdback:
    path = None if config.demo else journal_folder(config.lab) / "journal.jsonl"
    return Holdback.of(config, read_only=False, journal=Journal(path), clock=time.time)


async def _freeze(gate: Holdback, reason: str) -> int:
    try:
        word = await gate.freeze(reason)
    finally:
        gate.close()
    if word.well:
        sys.stdout.write(f"{word.text}\n")
        return Exit.DONE
    # A freeze of this process alone is none: it ends with it.
    text = _("not frozen: {path} can't be written ({why})")
    sys.stderr.write(f"labtui: {text.format(path=gate.path or '', why=word.trouble)}\n")
    return Exit.FAILED


async def _thaw(gate: Holdback) -> int:
    try:
        word = await gate.thaw()
    finally:
        gate.close()
    (sys.stdout if word.well else sys.stderr).write(f"{word.text}\n")
    return Exit.DONE if word.well else Exit.FAILED
