"""The help: every key in force, grouped, each with a line about it."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from labtui.locale import _
from labtui.ui.commands import GROUPS, Command
from labtui.ui.keys import Keymap, shown
from labtui.ui.screens.page import PageDialog
from labtui.ui.widgets.cells import Line, Span, closed, padded, width_of

_TWO_COLUMNS = 104


class Help(PageDialog):
    """Made from the keymap, so that it can't be wrong."""

    WIDEST: ClassVar[int] = 132

    def __init__(self, keymap: Keymap) -> None:
        super().__init__(_("keys"), partial(help_lines, keymap))


def help_lines(keymap: Keymap, width: int) -> list[Line]:
    """The groups in two columns where there is room, else below each other."""
    columns = 2 if width >= _TWO_COLUMNS - 4 else 1
    wide = (width - 3 * (columns - 1)) // columns
    blocks = [
        _group(group, [c for c in keymap.commands if c.group == group], keymap, wide)
        for group in GROUPS
    ]
    stacks: list[list[Line]] = [[] for _column in range(columns)]
    for block in blocks:
        if block:
            stack = min(stacks, key=len)
            stack.extend(((), *block) if stack else block)
    lines: list[Line] = []
    for y in range(max(map(len, stacks))):
        parts: list[Span] = []
        for stack in stacks:
            if parts:
                parts.append(Span("   "))
            parts.extend(closed(stack[y] if y < len(stack) else (), wide))
        lines.append(tuple(parts))
    return lines


def _group(title: str, commands: list[Command], keymap: Keymap, width: int) -> list[Line]:
    rows = [(c, _keys(c, keymap)) for c in commands]
    # One key may do the same to several kinds of things.
    rows = list({(keys, c.title): (c, keys) for c, keys in reversed(rows) if keys}.values())[::-1]
    if not rows:
        return []
    keys_width = max(width_of(keys) for _command, keys in rows)
    title_width = max(width_of(_(command.title)) for command, _keys in rows)
    head = f"{_(title)} "
    lines: list[Line] = [(Span(head, "title"), Span("─" * (width - width_of(head)), "frame"))]
    for command, keys in rows:
        lines.append(
            (
                Span(padded(keys, keys_width), "key"),
                Span(f"  {padded(_(command.title), title_width)}  "),
                Span(_(command.hint), "dim"),
            )
        )
    return lines


def _keys(command: Command, keymap: Keymap) -> str:
    """Its keys, else what is typed for it."""
    keys = [shown(key) for key in keymap.keys(command.id)]
    if not keys and command.word:
        keys = [f":{command.word}", _(command.takes) if command.takes else ""]
    return " ".join(keys).strip()
