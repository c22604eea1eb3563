"""Themes from TOML files, every value checked before a toolkit sees it. Knows no toolkit.

A file has `name`, `dark`, a table `[colours]` and a table `[roles]`; every key must be there. A
colour is `#rrggbb` or one of the terminal's own sixteen by name (`ansi_red`, `ansi_bright_red`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from labtui.config.mistakes import Mistake, nearest, shown, shown_key
from labtui.locale import _

_NAME = re.compile(r"\w[\w.-]{0,63}")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_EIGHT = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLOURS = (
    "ansi_default",
    *(f"ansi_{colour}" for colour in _EIGHT),
    *(f"ansi_bright_{colour}" for colour in _EIGHT),
)
_LARGEST = 1 << 16


class Colours(msgspec.Struct, frozen=True):
    """The colours of the screen's parts."""

    primary: str
    secondary: str
    accent: str
    background: str
    surface: str
    panel: str
    foreground: str


class Roles(msgspec.Struct, frozen=True):
    """The colours of what a cell says; a cell names its role, never a colour."""

    good: str
    warn: str
    bad: str
    dim: str
    stale: str
    info: str
    mark: str


class ThemeFile(msgspec.Struct, frozen=True):
    """A theme as its file has it. `ansi`: made of the terminal's own colours alone."""

    name: str
    dark: bool
    colours: Colours
    roles: Roles
    ansi: bool
    path: str


def load_themes(
    folders: Iterable[Path],
) -> tuple[tuple[ThemeFile, ...], tuple[Mistake, ...]]:
    """The themes of these folders by name, and the mistakes of the files that are none.

    A theme of a later folder takes the place of one with its name in an earlier folder. A folder
    that is not there has no themes. Blocks on the disk; raises nothing.
    """
    themes: dict[str, ThemeFile] = {}
    mistakes: list[Mistake] = []
    for folder in folders:
        own: dict[str, ThemeFile] = {}
        for path in _files(folder, mistakes):
            theme, wrong = _theme(path)
            mistakes.extend(wrong)
            if theme is None:
                continue
            if theme.name in own:
                expected = _("a name of its own")
                found = _("that of {file}").format(file=Path(own[theme.name].path).name)
                mistakes.append(Mistake(f"{path}: name", expected, found))
                continue
            own[theme.name] = theme
        themes.update(own)
    return tuple(themes.values()), tuple(mistakes)


def _files(folder: Path, mistakes: list[Mistake]) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except FileNotFoundError:
        return []
    except OSError as error:
        why = error.strerror or type(error).__name__
        mistakes.append(Mistake(str(folder), _("can't be read: {why}").format(why=why)))
        return []


def _theme(path: Path) -> tuple[ThemeFile | None, list[Mistake]]:
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            return None, [Mistake(str(path), _("too large for a theme"))]
        raw: dict[str, object] = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        why = error.strerror or type(error).__name__
        return None, [Mistake(str(path), _("can't be read: {why}").format(why=why))]
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        return None, [Mistake(str(path), _("not TOML: {why}").format(why=why))]
    mistakes: list[Mistake] = []
    theme = _checked(raw, str(path), mistakes)
    return (None if mistakes else theme), mistakes


def _checked(raw: dict[str, object], path: str, mistakes: list[Mistake]) -> ThemeFile:
    _unknown(raw, ("name", "dark", "colours", "roles"), f"{path}: ", mistakes)
    name = raw.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        expected = _("a name of letters, digits, . _ and -")
        mistakes.append(Mistake(f"{path}: name", expected, _found(raw, "name")))
    dark = raw.get("dark")
    if not isinstance(dark, bool):
        mistakes.append(Mistake(f"{path}: dark", _("true or false"), _found(raw, "dark")))
    colours = _colours(raw, "colours", Colours.__struct_fields__, path, mistakes)
    roles = _colours(raw, "roles", Roles.__struct_fields__, path, mistakes)
    values = (*colours.values(), *roles.values())
    return ThemeFile(
        name=str(name),
        dark=bool(dark),
        colours=Colours(**colours),
        roles=Roles(**roles),
        ansi=all(value.startswith("ansi_") for value in values),
        path=path,
    )


def _colours(
    raw: dict[str, object],
    word: str,
    keys: Sequence[str],
    path: str,
    mistakes: list[Mistake],
) -> dict[str, str]:
    """Every key of the table as a colour; a wrong one is noted and empty."""
    table = raw.get(word)
    if not isinstance(table, dict):
        expected = _("a table, [{word}]").format(word=word)
        mistakes.append(Mistake(f"{path}: {word}", expected, _found(raw, word)))
        return dict.fromkeys(keys, "")
    _unknown(table, keys, f"{path}: {word}.", mistakes)
    colours = {}
    for key in keys:
        value = table.get(key)
        good = isinstance(value, str) and (_HEX.fullmatch(value) or value in ANSI_COLOURS)
        if not good:
            hint = nearest(value, ANSI_COLOURS) if isinstance(value, str) and value else ""
            expected = _("#rrggbb, or a colour of the terminal like ansi_red")
            where = f"{path}: {word}.{key}"
            mistakes.append(Mistake(where, expected, _found(table, key), hint))
        colours[key] = str(value).lower() if good else ""
    return colours


def _unknown(
    table: dict[str, object], keys: Sequence[str], where: str, mistakes: list[Mistake]
) -> None:
    for key in table:
        if key not in keys:
            place = f"{where}{shown_key(key)}"
            mistakes.append(Mistake(place, _("unknown key"), hint=nearest(key, keys)))


def _found(table: dict[str, object], key: str) -> str:
    return shown(table[key]) if key in table else _("nothing")
