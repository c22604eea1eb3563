"""The keys in force: the commands' own, changed by the user's `[keys]`, every mistake named.

Textual's keymaps ignore unknown ids and let one binding shadow another in silence, so labtui keeps
its own: key -> command, one table per context.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from labtui.locale import _
from labtui.ui.commands import Command, Context

_NAMED = frozenset(
    (
        *("enter", "escape", "space", "tab", "backspace", "delete", "insert"),
        *("home", "end", "pageup", "pagedown", "up", "down", "left", "right"),
        *(f"f{number}" for number in range(1, 13)),
    )
)
_ALSO = {"esc": "escape", "return": "enter", "del": "delete", "page_up": "pageup",
         "page_down": "pagedown", "backtab": "shift+tab"}  # fmt: skip
# What a terminal sends for these is the same as for another key.
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+[": "escape", "ctrl+h": "backspace"}
_SHOWN = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn", "up": "↑", "down": "↓"}


class Keymap:
    """Which key does what. `mistakes` are sentences about overrides that were not taken."""

    def __init__(self, commands: Sequence[Command], overrides: Mapping[str, str]) -> None:
        self.commands = tuple(commands)
        self.mistakes: tuple[str, ...] = ()
        self._keys = {command.id: command.keys for command in commands}
        self._override(overrides)
        self._table: dict[tuple[str, str, str], str] = {}
        for command in reversed(self.commands):
            for key in self._keys[command.id]:
                # Without a noun: what says that the key is for another one.
                self._table[command.context, key, ""] = command.id
                self._table[command.context, key, command.noun] = command.id

    def _override(self, overrides: Mapping[str, str]) -> None:
        by_id = {command.id: command for command in self.commands}
        mistakes: list[str] = []
        wanted: dict[str, tuple[str, ...]] = {}
        for name, text in overrides.items():
            if name not in by_id:
                mistakes.append(_unknown(name, by_id))
                continue
            parsed = _parsed(text)
            wrong = [word for word, key in parsed if not key]
            if wrong:
                mistakes.append(_bad_keys(name, wrong))
            else:
                wanted[name] = tuple(key for _word, key in parsed)
        for name, keys in self._settled(wanted, by_id, mistakes).items():
            self._keys[name] = keys
        self.mistakes = tuple(mistakes)

    def _settled(
        self,
        wanted: dict[str, tuple[str, ...]],
        by_id: Mapping[str, Command],
        mistakes: list[str],
    ) -> dict[str, tuple[str, ...]]:
        """The overrides that clash with nothing; dropping one can make another clash, so again."""
        settled = dict(wanted)
        while True:
            clash = self._clash(settled, by_id)
            if clash is None:
                return settled
            name, other, key = clash
            del settled[name]
            mistakes.append(
                _("{name} = {key}: that key is {other}'s already").format(
                    name=name, key=shown(key), other=other
                )
            )

    def _clash(
        self, settled: Mapping[str, tuple[str, ...]], by_id: Mapping[str, Command]
    ) -> tuple[str, str, str] | None:
        owners: dict[tuple[str, str], list[Command]] = {}
        for command in self.commands:
            if command.id not in settled:
                for key in command.keys:
                    owners.setdefault((command.context, key), []).append(command)
        for name, keys in settled.items():
            for key in keys:
                here = owners.setdefault((by_id[name].context, key), [])
                for owner in here:
                    if owner.id != name and _meet(owner, by_id[name]):
                        return name, owner.id, key
                here.append(by_id[name])
        return None

    def command(self, context: Context, key: str, noun: str = "") -> str:
        """The id of the command of a key on a row of that noun, empty when it has none.

        Where it is for other nouns alone, one of those: it says so.
        """
        return self._table.get((context, key, noun)) or self._table.get((context, key, ""), "")

    def keys(self, command_id: str) -> tuple[str, ...]:
        """The keys in force of a command."""
        return self._keys.get(command_id, ())

    def key(self, command_id: str) -> str:
        """The first key in force of a command as a person reads it, empty when it has none."""
        keys = self.keys(command_id)
        return shown(keys[0]) if keys else ""

    @property
    def message(self) -> str:
        """All mistakes in one sentence, empty when there is none."""
        if not self.mistakes:
            return ""
        return _("[keys] was taken in part: {mistakes}").format(mistakes="; ".join(self.mistakes))


def _meet(one: Command, other: Command) -> bool:
    """Whether one key could not tell them apart: the same noun, or one that is for any."""
    return one.noun == other.noun or not one.noun or not other.noun


def shown(key: str) -> str:
    """A key as a person reads it."""
    return _SHOWN.get(key, key)


def pressed(key: str, character: str | None) -> str:
    """The name that the keymap has for a key event of Textual."""
    if character and character.isprintable() and character != " " and "+" not in key:
        return character
    if character and len(key) > 1 and key.startswith("shift+") and character.isprintable():
        return character
    return key


def parse_key(text: str) -> str:
    """A key name as the keymap has it, empty when there is no such key."""
    if len(text) == 1:
        return text if text.isprintable() and text != " " else ""
    words = text.lower().replace("-", "+").split("+")
    name = _ALSO.get(words[-1], words[-1])
    modifiers = sorted(set(words[:-1]))
    if not set(modifiers) <= {"ctrl", "shift", "alt"}:
        return ""
    if len(name) == 1 and (modifiers in (["ctrl"], ["alt"]) and name.isprintable()):
        key = f"{modifiers[0]}+{name}"
        return "" if key in _SAME else key
    return "+".join((*modifiers, name)) if name in _NAMED or "+" in name else ""


def _parsed(text: str) -> list[tuple[str, str]]:
    """(as written, key) of each key of a comma-separated list; a comma alone is the comma."""
    words = [text] if text == "," else [word.strip() for word in text.split(",")]
    return [(word, parse_key(word)) for word in words]


def _bad_keys(name: str, words: Sequence[str]) -> str:
    word = words[0]
    same = _SAME.get(word.lower())
    if same:
        return _("{name} = {key}: a terminal can't tell it from {same}").format(
            name=name, key=word, same=same
        )
    return _("{name} = {key}: no such key").format(name=name, key=word)


def _unknown(name: str, known: Mapping[str, Command]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    if near:
        return _("{name}: no such command (did you mean {near}?)").format(name=name, near=near[0])
    return _("{name}: no such command").format(name=name)
