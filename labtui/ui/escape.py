"""The escape key and a key right after it, told apart on slow links.

A terminal sends `alt+x` as escape and x, so two keys that arrive together look like one. Textual
makes `alt+q` of a letter, and of anything else a character that nobody typed (`™` for `2`, plain
`:` without its escape: `_xterm_parser.py` and `_ansi_sequences.py` of 8.2; Textual is pinned
exactly). Here each of them is reported as `alt+` and its name; the screen takes that apart again
unless the user has given such a key a meaning.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser

_ESCAPE = "\x1b"
# The beginnings of longer sequences. Escape and tab is how some terminals send shift+tab.
_BEGINNINGS = frozenset("[O\t\x7f" + _ESCAPE)


class Parser(XTermParser):
    """Textual's parser of what a terminal sends, with no key lost after escape."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        pair = len(sequence) == 2 and sequence[0] == _ESCAPE and sequence[1] not in _BEGINNINGS
        for event in super()._sequence_to_key_events(sequence[-1] if pair else sequence):
            if not pair and not alt:
                yield event
                continue
            name, character = event.key, event.character
            if len(name) == 1 and name.isupper():
                name = f"shift+{name.lower()}"
            elif character and character.isprintable() and character != " ":
                name = character
            yield events.Key(f"alt+{name}", character)


def taken_apart(key: str, character: str | None) -> tuple[tuple[str, str | None], ...]:
    """Escape and a key (name and character of each) when the two came together; else nothing."""
    name = key.removeprefix("alt+")
    if name == key or not (character or len(name) == 1):
        # `alt+up` is a sequence of its own: nobody pressed escape.
        return ()
    character = character or name
    if character.isprintable() and character != " ":
        name = character
    return (("escape", None), (name, character))
