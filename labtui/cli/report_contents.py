"""What a bug report has in it: versions, configuration, log, state. Each part is a text.

All of it passes the redactor, also what should have no secret in it.
"""

from __future__ import annotations

import json
import locale
import os
import platform
import sys
import time
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labtui import __version__
from labtui.cli.log import FILE, log_files
from labtui.cli.nameless import nameless
from labtui.config.mistakes import shown_key
from labtui.config.paths import state_folder
from labtui.config.redact import HIDDEN, redacted
from labtui.config.schema import Config
from labtui.config.sections import KEYS
from labtui.live.cache import backends_of, cache_file
from labtui.live.cache_file import Unusable, decode, read
from labtui.locale import _
from labtui.model.errors import LabError
from labtui.model.snapshot import Snapshot

_SURROUNDINGS = (
    *("TERM", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "LANG", "LC_ALL"),
    *("LC_MESSAGES", "NO_COLOR", "VTE_VERSION", "WT_SESSION", "KONSOLE_VERSION"),
)
_MULTIPLEXERS = {"TMUX": "tmux", "STY": "screen", "ZELLIJ": "zellij", "MOSH_IP": "mosh"}
_MOST_LOG = 4 << 20
_LARGEST = 1 << 20


def versions() -> str:
    """labtui, Python, libraries, system, terminal, as JSON."""
    told: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "labtui": __version__,
        "python": sys.version,
        "libraries": _libraries(),
        "system": {
            "platform": platform.platform(),
            "machine": platform.machine(),
            "libc": " ".join(platform.libc_ver()),
            "encoding": locale.getpreferredencoding(do_setlocale=False),
        },
        "terminal": _terminal(),
    }
    return redacted(json.dumps(told, indent=2, ensure_ascii=False)) + "\n"


def _libraries() -> dict[str, str]:
    from importlib import metadata

    try:
        wanted = metadata.requires("labtui") or []
    except metadata.PackageNotFoundError:
        return {}
    found = {}
    for line in wanted:
        name = line.split(";")[0].strip()
        for sign in "<>=!~[ ":
            name = name.split(sign)[0]
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "-"
    return found


def _terminal() -> dict[str, Any]:
    told: dict[str, Any] = {
        name: os.environ[name] for name in _SURROUNDINGS if os.environ.get(name)
    }
    told["inside"] = [word for name, word in _MULTIPLEXERS.items() if os.environ.get(name)]
    told["ssh"] = bool(os.environ.get("SSH_CONNECTION"))
    told["a terminal"] = sys.stdout.isatty()
    if sys.stdout.isatty():
        told["size"] = list(os.get_terminal_size(sys.stdout.fileno()))
    return told


def configuration(path: Path) -> str:
    """The configuration file as JSON: of the known keys, those that hold no secret.

    Made from the file itself, so that a configuration with mistakes can be reported too.
    """
    try:
        with path.open("rb") as stream:
            raw = tomllib.loads(stream.read(_LARGEST).decode("utf-8"))
    except OSError as error:
        return f"{error.strerror or type(error).__name__}\n"
    except (ValueError, RecursionError) as error:
        # The text of it may quote a line of the file.
        return f"{type(error).__name__}\n"
    told = {
        shown_key(word): _table(word, value)
        for word, value in raw.items()
        if word in KEYS or word == "keys"
    }
    if strange := len(raw) - len(told):
        told["(unknown tables)"] = strange
    return redacted(json.dumps(told, indent=2, ensure_ascii=False, default=str)) + "\n"


def _table(word: str, value: object) -> Any:
    if isinstance(value, list):
        return [_table(word, each) for each in value]
    if not isinstance(value, dict):
        return HIDDEN
    if word == "keys":
        return _keys(value)
    known = {key: _setting(key, each) for key, each in value.items() if key in KEYS[word]}
    if strange := len(value) - len(known):
        # Misspelt, it could be a secret's.
        known["(unknown keys)"] = strange
    return known


def _keys(value: Mapping[str, object]) -> dict[str, Any]:
    """Actions and their keys."""
    return {
        shown_key(name): _keys(each) if isinstance(each, dict) else str(each)[:20]
        for name, each in value.items()
    }


def _setting(key: str, value: object) -> Any:
    if any(word in key for word in ("password", "secret", "passphrase")) or key == "token":
        kinds = sorted(str(kind) for kind in value) if isinstance(value, dict) else []
        known = [kind for kind in kinds if kind in ("env", "command", "file", "keyring")]
        return f"{HIDDEN} ({', '.join(known)})" if known else HIDDEN
    return value


def log_lines(config: Config) -> str:
    """The last of the log, oldest line first; empty when there is none."""
    try:
        path = state_folder(config.lab) / FILE
    except LabError:
        return ""
    pieces: list[str] = []
    room = _MOST_LOG
    for each in log_files(path):
        try:
            with each.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - room))
                text = stream.read(room).decode("utf-8", "replace")
        except OSError:
            continue
        pieces.append(text.partition("\n")[2] if size > room else text)
        room -= min(size, room)
        if not room:
            break
    return redacted("".join(reversed(pieces)))


def last_state(config: Config) -> str:
    """The last known state without names, as JSON; empty when none is kept.

    Raises `Unusable`, `OSError` and `LabError`.
    """
    data = read(cache_file(config))
    if data is None:
        return ""
    kept = decode(data, config.lab, backends_of(config))
    told = nameless(Snapshot(parts=kept.parts, freshness=kept.freshness))
    return redacted(json.dumps(told, indent=1, ensure_ascii=False)) + "\n"


def why_no_state(error: Exception) -> str:
    """Why the last known state could not be had, in words."""
    if isinstance(error, Unusable):
        return _("the kept state is {what}").format(what=error)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error)
