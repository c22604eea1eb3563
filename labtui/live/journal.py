"""The journal: what was started from here, line by line, for the person who asks afterwards.

One JSON object per line, appended, readable by its owner alone: when, who, from where (the address
in `$SSH_CLIENT`), what. Calls are written as the plan shows them; they hold no secret.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from labtui.model.text import clean


class Journal:
    """Appends to one file; with no path it forgets."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @property
    def keeps(self) -> bool:
        """Whether there is a file."""
        return self._path is not None

    def note(self, at: float, event: str, **more: object) -> str:
        """Append what happened, with who and from where. Returns as `write` does."""
        return self.write({"at": at, "user": user(), "from": origin(), "event": event, **more})

    def write(self, entry: Mapping[str, object]) -> str:
        """Append one entry. Returns why it could not be written, or an empty text."""
        if self._path is None:
            return ""
        import json

        line = json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n"
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(line)
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""


def user() -> str:
    """Who runs this console, empty when nobody can say."""
    import getpass

    try:
        return clean(getpass.getuser())
    except (OSError, KeyError):
        return ""


def origin() -> str:
    """The address that this SSH session came from, empty outside of one."""
    told = os.environ.get("SSH_CLIENT", "").split()
    return clean(told[0]) if told else ""
