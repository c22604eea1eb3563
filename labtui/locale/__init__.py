"""The message catalogues: English is the source, `zh_TW` the translation. Every room may use this.

`_` translates now; `N_` only marks a literal that is translated where it is drawn.
"""

from __future__ import annotations

import gettext
import os
from pathlib import Path

_DOMAIN = "labtui"
_FOLDER = Path(__file__).parent
_current: gettext.NullTranslations = gettext.NullTranslations()


def use_language(language: str | None = None) -> None:
    """Take that language (`en`, `zh_TW`), else the one of LC_ALL, LC_MESSAGES or LANG."""
    global _current
    chosen = language or next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)),
        "en",
    )
    _current = gettext.translation(
        _DOMAIN, _FOLDER, languages=[chosen.split(".")[0]], fallback=True
    )


def _(message: str) -> str:
    """The message in the language in use."""
    return _current.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The message in the form that `count` asks for."""
    return _current.ngettext(one, many, count)


def N_(message: str) -> str:  # noqa: N802 - the name that extractors know
    """Mark a literal for the catalogue; it is translated where it is drawn."""
    return message
