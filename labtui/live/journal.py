"""The journal: what was started from here, line by line, for the person who asks afterwards.

One JSON object per line, appended, readable by its owner alone. Calls are written as the plan
shows them; they hold no secret.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


class Journal:
    """Appends to one file; with no path it forgets."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def write(self, entry: Mapping[str, object]) -> str:
        """Append one entry. Returns why it could not be written, or an empty text."""
        if self._path is None:
            return ""
        line = json.dumps(entry, ensure_ascii=False, sort_keys=True) + "\n"
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(line)
        except OSError as error:
            return error.strerror or type(error).__name__
        return ""
