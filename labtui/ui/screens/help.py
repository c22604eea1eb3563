"""The help: every key in force, grouped, each with a line about it."""

from __future__ import annotations

from typing import ClassVar

from textual import events

from labtui.locale import _
from labtui.ui.commands import GROUPS, Command
from labtui.ui.keys import Keymap, shown
from labtui.ui.screens.dialog import Dialog
from labtui.ui.widgets import frame
from labtui.ui.widgets.cells import Line, Span, closed, padded, width_of

_TWO_COLUMNS = 104


class Help(Dialog[None]):
    """Made from the keymap, so that it can't be wrong."""

    WIDEST: ClassVar[int] = 132

    def __init__(self, keymap: Keymap) -> None:
        super().__init__()
        self._keymap = keymap
        self._top = 0

    def lines(self, width: int, height: int) -> list[Line]:
        body = help_lines(self._keymap, width - 4)
        room = max(1, height - 2)
        self._top = max(0, min(self._top, len(body) - room))
        sight = body[self._top : self._top + room]
        thumb = frame.thumb_rows(self._top, room, len(body), len(sight))
        framed = [frame.top(width, [Span(" " + _("keys") + " ", "title")], on=True)]
        for y, line in enumerate(sight):
            inner = closed((Span(" "), *closed(line, width - 4), Span(" ")), width - 2)
            framed.append(frame.side(inner, on=True, thumb=y in thumb))
        keys = [Span(" esc", "key"), Span(" " + _("back") + " ")]
        if len(body) > room:
            keys = [Span(" ↑ ↓", "key"), Span(" " + _("more") + " "), *keys]
        framed.append(frame.bottom(width, keys, on=True))
        return framed

    def press(self, key: str, character: str | None) -> bool:
        page = max(1, self.size.height - 4)
        steps = {"up": -1, "k": -1, "down": 1, "j": 1, "pageup": -page, "pagedown": page,
                 "space": page, "home": -10_000, "end": 10_000}  # fmt: skip
        if key in steps:
            self._top += steps[key]
            self.show()
        else:
            self.end(None)
        return True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._top += 3
        self.show()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._top -= 3
        self.show()


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
