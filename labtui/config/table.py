"""One TOML table being read: gives values by kind, notes every mistake and every unknown key.

A value that is wrong is noted and replaced by the default, so that reading goes on to the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from labtui.config.mistakes import Mistake, kind_of, nearest, shown, shown_key
from labtui.config.secret import Secret, SecretKind
from labtui.locale import _

_SECRET_KINDS: tuple[SecretKind, ...] = ("env", "command", "file", "keyring")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Mistakes:
    """Collects mistakes while a file is read; `folder` is what its relative paths start from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.found: list[Mistake] = []
        self.secrets: set[SecretKind] = set()

    def note(self, key: str, expected: str, found: str = "", hint: str = "") -> None:
        """Keep one mistake."""
        self.found.append(Mistake(key, expected, found, hint))


class Table:
    """A table at the key path `where`, of which only `keys` are known."""

    def __init__(
        self, raw: Mapping[str, object], where: str, keys: Sequence[str], mistakes: Mistakes
    ) -> None:
        self.raw = raw
        self.where = where
        self.mistakes = mistakes
        for key in raw:
            if key not in keys:
                mistakes.note(self.path(key), _("unknown key"), hint=nearest(key, keys))

    def path(self, key: str) -> str:
        """The key path of a key of this table."""
        word = shown_key(key)
        return f"{self.where}.{word}" if self.where else word

    def note(self, key: str, expected: str, found: str = "", hint: str = "") -> None:
        """Keep a mistake about one key of this table."""
        self.mistakes.note(self.path(key), expected, found, hint)

    def has(self, key: str) -> bool:
        """Whether the key is written at all."""
        return key in self.raw

    def demand(self, key: str, expected: str) -> bool:
        """Whether the key is written; notes a mistake when it is not."""
        if key in self.raw:
            return True
        self.note(key, expected, _("nothing"))
        return False

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false; the default when it is not written."""
        value = self.raw.get(key, default)
        if isinstance(value, bool):
            return value
        self.note(key, _("true or false"), shown(value))
        return default

    def number(self, key: str, least: int, most: int, default: int) -> int:
        """A whole number from `least` to `most`; the default when it is not written."""
        value = self.raw.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        expected = _("a whole number from {least} to {most}").format(least=least, most=most)
        self.note(key, expected, str(value) if isinstance(value, int) else shown(value))
        return default

    def text(
        self,
        key: str,
        expected: str,
        pattern: str = r"\S(.*\S)?",
        *,
        required: bool = False,
        private: bool = False,
    ) -> str:
        """A text that the whole pattern matches, else a mistake and "".

        `private` keeps what was found out of the message.
        """
        if key not in self.raw:
            if required:
                self.demand(key, expected)
            return ""
        value = self.raw[key]
        if isinstance(value, str) and value.isprintable() and re.fullmatch(pattern, value):
            return value
        if private and isinstance(value, str):
            found = _("a text of another form") if value else kind_of(value)
        else:
            found = shown(value)
        self.note(key, expected, found)
        return ""

    def choice(self, key: str, choices: Sequence[str]) -> str:
        """One of the words, else ""."""
        value = self.raw.get(key, "")
        if key not in self.raw or (isinstance(value, str) and value in choices):
            return str(value)
        self.note(key, _("one of {words}").format(words=", ".join(choices)), shown(value))
        return ""

    def texts(self, key: str, expected: str) -> list[tuple[str, str]]:
        """A list of texts that is not empty, each with its key path."""
        value = self.raw.get(key)
        if not isinstance(value, list) or not value:
            self.note(key, expected, _("nothing") if value is None else shown(value))
            return []
        items = []
        for number, item in enumerate(value):
            where = f"{self.path(key)}[{number}]"
            if isinstance(item, str) and item.strip() and item.isprintable():
                items.append((where, item))
            else:
                self.mistakes.note(where, _("a text"), shown(item))
        return items

    def file(self, key: str) -> str:
        """A path, `~` expanded, relative to the configuration's folder; "" when not written.

        Whether the file is there is not looked at: a share that is down must not keep the console
        from starting.
        """
        text = self.text(key, _("a path"))
        return self._resolved(key, text) if text else ""

    def secret(self, key: str, *, required: bool = False) -> Secret | None:
        """A secret: a text, or a table that says where it is kept. The value is never shown."""
        if key not in self.raw:
            if required:
                self.demand(key, _expected_secret())
            return None
        value = self.raw[key]
        if isinstance(value, str):
            self.mistakes.secrets.add("plain")
            if not value or not value.isprintable():
                why = kind_of(value) if not value else _("a text with control characters")
                self.note(key, _expected_secret(), why)
                return None
            return Secret("plain", value)
        if isinstance(value, dict):
            return self._kept(key, value)
        self.note(key, _expected_secret(), kind_of(value))
        return None

    def _kept(self, key: str, value: dict[str, object]) -> Secret | None:
        kinds = [kind for kind in _SECRET_KINDS if kind in value]
        unknown = [word for word in value if word not in _SECRET_KINDS]
        for word in unknown:
            path = f"{self.path(key)}.{shown_key(word)}"
            self.mistakes.note(path, _("unknown key"), hint=nearest(word, _SECRET_KINDS))
        if len(kinds) != 1:
            if not unknown:
                found = ", ".join(kinds) or _("an empty table")
                self.note(key, _("exactly one of env, command, file, keyring"), found)
            return None
        kind = kinds[0]
        self.mistakes.secrets.add(kind)
        reference = value[kind]
        path = f"{key}.{kind}"
        if not isinstance(reference, str) or not reference.strip() or not reference.isprintable():
            self.mistakes.note(f"{self.where}.{path}", _("a text"), kind_of(reference))
            return None
        if kind == "env" and not _ENV_NAME.fullmatch(reference):
            self.mistakes.note(
                f"{self.where}.{path}",
                _("the name of an environment variable"),
                _("a text of another form"),
            )
            return None
        if kind == "file":
            reference = self._resolved(path, reference)
        return Secret(kind, reference) if reference else None

    def _resolved(self, key: str, text: str) -> str:
        try:
            return str(self.mistakes.folder / Path(text).expanduser())
        except RuntimeError:
            self.mistakes.note(
                f"{self.where}.{key}", _("a path"), _("a ~ of a user without a home folder")
            )
            return ""


def _expected_secret() -> str:
    return _("a text, or a table with one of env, command, file, keyring")
