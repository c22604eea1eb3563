"""`[safety]`: what holds writes back; the files that consoles share: the freeze, the marks."""

from __future__ import annotations

from pathlib import Path

from labtui.config.mistakes import kind_of, shown
from labtui.config.paths import folder_name, state_folder
from labtui.config.schema import Config, SafetyConfig
from labtui.config.table import Table
from labtui.locale import _
from labtui.model.spans import seconds_of

SHARED = Path("/var/lib/labtui")
_LONGEST_AGE, _LONGEST_ELEVATION = 3600, 86400
_SHORTEST_AGE, _SHORTEST_ELEVATION = 5, 30


def read_safety(table: Table) -> SafetyConfig:
    """`[safety]`. Spans are texts like `30s`; no elevation is no timed elevation."""
    default = SafetyConfig()
    age = _span(table, "max_age", _SHORTEST_AGE, _LONGEST_AGE)
    return SafetyConfig(
        max_age=default.max_age if age is None else age,
        freeze_file=table.file("freeze_file"),
        elevation=_span(table, "elevation", _SHORTEST_ELEVATION, _LONGEST_ELEVATION) or 0,
    )


def _span(table: Table, key: str, least: int, most: int) -> int | None:
    """Seconds from `least` to `most`; None when it is not written, or is a mistake."""
    if key not in table.raw:
        return None
    value = table.raw[key]
    seconds = seconds_of(value) if isinstance(value, str) else None
    if seconds is not None and least <= seconds <= most:
        return seconds
    expected = _("a span of {least} to {most} seconds, like 30s or 10m")
    found = shown(value) if isinstance(value, str) else kind_of(value)
    table.note(key, expected.format(least=least, most=most), found)
    return None


def freeze_file(config: Config) -> Path:
    """The file that freezes every console which looks at it; it need not be there.

    As configured; else in `/var/lib/labtui`, where an administrator has made that for all users of
    the machine; else in this user's own state folder, where only this user's consoles see it. A
    demo lab has one of its own beside its configuration. Raises `LabError`.
    """
    if config.demo:
        return Path(config.path).with_name("freeze.json")
    if config.safety.freeze_file:
        return Path(config.safety.freeze_file)
    if SHARED.is_dir():
        return SHARED / f"{folder_name(config.lab)}.freeze.json"
    return state_folder(config.lab) / "freeze.json"


def marks_file(config: Config) -> Path:
    """The file of findings that were put aside; it need not be there. Raises `LabError`.

    All consoles of this user read it. A demo lab has one of its own beside its configuration.
    """
    if config.demo:
        return Path(config.path).with_name("marks.json")
    return state_folder(config.lab) / "marks.json"


def everybody_sees(config: Config) -> bool:
    """False when the file is in a folder of this user's own."""
    return bool(config.safety.freeze_file) or config.demo or SHARED.is_dir()
