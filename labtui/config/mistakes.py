"""What is wrong in a file that a person wrote: each mistake with its place, all of them at once."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Sequence

import msgspec

from labtui.locale import _, ngettext
from labtui.model.text import clean

_LONGEST_SHOWN = 60


class Mistake(msgspec.Struct, frozen=True):
    """One mistake: key path, what was expected, what was found, a hint (the last two may be empty).

    `found` never holds a secret: whoever makes a mistake about a secret says of what kind it is.
    """

    key: str
    expected: str
    found: str = ""
    hint: str = ""

    @property
    def sentence(self) -> str:
        """Key, expected, found and hint on one line."""
        if not self.found:
            text = self.expected
        else:
            text = _("expected {expected}, found {found}").format(
                expected=self.expected, found=self.found
            )
        head = f"{self.key}: {text}" if self.key else text
        return f"{head} ({self.hint})" if self.hint else head


class ConfigError(Exception):
    """The configuration can't be used; `mistakes` has everything that is wrong with it."""

    def __init__(self, path: str, mistakes: Iterable[Mistake]) -> None:
        self.path = clean(path)
        self.mistakes = tuple(mistakes)
        super().__init__(self.path, self.mistakes)

    def __str__(self) -> str:
        count = len(self.mistakes)
        head = ngettext("{path}: one mistake", "{path}: {count} mistakes", count).format(
            path=self.path, count=count
        )
        return "\n".join((head, *(f"  {mistake.sentence}" for mistake in self.mistakes)))


def nearest(word: str, known: Sequence[str]) -> str:
    """A hint that names the known word nearest to that one, else all the known ones."""
    close = difflib.get_close_matches(word[:100].lower(), known, n=1, cutoff=0.6)
    if close:
        return _("did you mean {word}?").format(word=close[0])
    return _("known: {words}").format(words=", ".join(known)) if known else ""


def kind_of(value: object) -> str:
    """What kind of TOML value that is, in words; says nothing of what it holds."""
    if isinstance(value, bool):
        return _("true or false")
    if isinstance(value, str):
        return _("a text") if value else _("an empty text")
    if isinstance(value, (int, float)):
        return _("a number")
    if isinstance(value, dict):
        return _("a table")
    if isinstance(value, list):
        return _("a list") if value else _("an empty list")
    if isinstance(value, (datetime.date, datetime.time)):
        return _("a date or time")
    return _("something else")


def shown(value: object) -> str:
    """The value as a person may see it: short texts in quotes, else its kind. Not for secrets."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value:
        # What stands before an @ or after a ? may be a password that somebody put into an address.
        if "@" in value or "?" in value:
            return _("a text with @ or ? in it")
        return f'"{clean(value, _LONGEST_SHOWN)}"'
    return kind_of(value)


def shown_key(key: str) -> str:
    """A key as TOML writes it, cut when it is very long."""
    word = clean(key, _LONGEST_SHOWN)
    bare = word.replace("-", "").replace("_", "")
    return word if bare.isascii() and bare.isalnum() else f'"{word}"'
