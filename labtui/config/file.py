"""The configuration file: read, checked as a whole, and handed on as `Config` or as `ConfigError`.

What a table may hold is in `sections`; here are the file itself, its permissions and what concerns
several tables at once.
"""

from __future__ import annotations

import os
import shlex
import stat
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from labtui.config.entering import read_console, read_ssh
from labtui.config.gpu import read_gpu
from labtui.config.links import read_links
from labtui.config.mistakes import ConfigError, Mistake, nearest, shown, shown_key
from labtui.config.netbox import read_netbox
from labtui.config.notify import read_history, read_notify
from labtui.config.overlay import read_overlay
from labtui.config.paths import example_file
from labtui.config.safety import read_safety
from labtui.config.schema import (
    AuditConfig,
    CacheConfig,
    Config,
    ConsoleConfig,
    GpuConfig,
    HistoryConfig,
    LogConfig,
    OverlayConfig,
    SafetyConfig,
    SshConfig,
    UiConfig,
)
from labtui.config.sections import (
    KEYS,
    read_audit,
    read_cache,
    read_keys,
    read_log,
    read_proxmox,
    read_router,
    read_ui,
)
from labtui.config.table import Mistakes, Table
from labtui.locale import _
from labtui.model.link_rules import LinkRules

__all__ = ["ConfigError", "Mistake", "load", "parse"]

_LARGEST = 1 << 20
_DEFAULT_LAB = "lab"
_SECTIONS = (*KEYS, "keys")
_SOURCES = ("proxmox", "router", "netbox")
_Section = TypeVar("_Section")


def load(path: Path) -> Config:
    """The configuration in that file. Raises `ConfigError` with every mistake there is.

    Blocks on the disk. Neither the error nor the frames it passes through hold what was read.
    """
    config, mistakes = _read(path)
    if config is None or mistakes:
        raise ConfigError(str(path), mistakes)
    return config


def parse(raw: Mapping[str, object], path: Path) -> Config:
    """The configuration in a TOML document already taken apart; `path` is where it comes from.

    Raises `ConfigError`. File permissions are `load`'s to check.
    """
    mistakes = Mistakes(path.parent)
    config = _config(raw, path, mistakes)
    if mistakes.found:
        raise ConfigError(str(path), mistakes.found)
    return config


def _read(path: Path) -> tuple[Config | None, list[Mistake]]:
    try:
        data, facts = _content(path)
    except FileNotFoundError:
        return None, [_missing(path)]
    except OSError as error:
        why = error.strerror or type(error).__name__
        return None, [Mistake("", _("the file can't be read: {why}").format(why=why))]
    if len(data) > _LARGEST:
        return None, [Mistake("", _("a file of at most {size} bytes").format(size=_LARGEST))]
    try:
        raw = tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None, [Mistake("", _("the file is not UTF-8 text"))]
    except RecursionError:
        return None, [Mistake("", _("the file is nested too deeply"))]
    except ValueError as error:
        # Its text has line and column, and of the content one character at most.
        why = str(error) if isinstance(error, tomllib.TOMLDecodeError) else _("a number too long")
        return None, [Mistake("", _("not TOML: {why}").format(why=why))]
    mistakes = Mistakes(path.parent)
    config = _config(raw, path, mistakes)
    _check_permissions(path, facts, mistakes)
    return config, mistakes.found


def _content(path: Path) -> tuple[bytes, os.stat_result]:
    """The bytes and the facts of one and the same file, however names change meanwhile."""
    with path.open("rb") as stream:
        return stream.read(_LARGEST + 1), os.fstat(stream.fileno())


def _missing(path: Path) -> Mistake:
    return Mistake(
        "",
        _(
            "there is no such file. Copy {example} there and fill it in, name another with --config"
            " or $LABTUI_CONFIG, or look around first with: labtui --demo"
        ).format(example=example_file()),
    )


def _check_permissions(path: Path, facts: os.stat_result, mistakes: Mistakes) -> None:
    """A secret in the file is for its owner alone; a command in it, for nobody else to change."""
    mode = stat.S_IMODE(facts.st_mode)
    strange = facts.st_uid != os.geteuid()
    name = shlex.quote(str(path))
    if "plain" in mistakes.secrets and (mode & 0o077 or strange):
        mistakes.note(
            "",
            _("a file that only its owner, you, may read, for it holds a secret"),
            _("another owner") if strange else _("mode {mode:04o}").format(mode=mode),
            f"chown $USER {name} && chmod 600 {name}" if strange else f"chmod 600 {name}",
        )
    elif "command" in mistakes.secrets and (mode & 0o022 or (strange and facts.st_uid != 0)):
        mistakes.note(
            "",
            _("a file that nobody else may write, for it holds a command"),
            _("another owner") if strange else _("mode {mode:04o}").format(mode=mode),
            f"chown $USER {name} && chmod 600 {name}" if strange else f"chmod 600 {name}",
        )


def _config(raw: Mapping[str, object], path: Path, mistakes: Mistakes) -> Config:
    for word in raw:
        if word not in _SECTIONS:
            mistakes.note(shown_key(word), _("unknown table"), hint=nearest(word, _SECTIONS))
    if not any(raw.get(word) not in (None, []) for word in _SOURCES):
        mistakes.note("", _("at least one of [[proxmox]], [[router]], [netbox]"), _("none"))
    lab = _one(raw, "lab", mistakes, lambda table: table)
    name = lab.text("name", _("the lab's name"), r"\S(.{0,62}\S)?") if lab else ""
    config = Config(
        path=str(path),
        lab=name or _DEFAULT_LAB,
        proxmox=_several(raw, "proxmox", mistakes, read_proxmox),
        routers=_several(raw, "router", mistakes, read_router),
        netbox=_one(raw, "netbox", mistakes, read_netbox),
        ssh=_one(raw, "ssh", mistakes, read_ssh) or SshConfig(),
        console=_one(raw, "console", mistakes, read_console) or ConsoleConfig(),
        ui=_one(raw, "ui", mistakes, read_ui) or UiConfig(),
        log=_one(raw, "log", mistakes, read_log) or LogConfig(),
        cache=_one(raw, "cache", mistakes, read_cache) or CacheConfig(),
        safety=_one(raw, "safety", mistakes, read_safety) or SafetyConfig(),
        history=_one(raw, "history", mistakes, read_history) or HistoryConfig(),
        notify=_several(raw, "notify", mistakes, read_notify),
        overlay=_one(raw, "overlay", mistakes, read_overlay) or OverlayConfig(),
        gpu=_one(raw, "gpu", mistakes, read_gpu) or GpuConfig(),
        links=_one(raw, "links", mistakes, read_links) or LinkRules(),
        audit=_one(raw, "audit", mistakes, read_audit) or AuditConfig(),
        keys=_one(raw, "keys", mistakes, read_keys) or {},
        read_only=lab.flag("read_only") if lab else False,
        demo=lab.flag("demo") if lab else False,
    )
    _check_names(raw, mistakes)
    return config


def _one(
    raw: Mapping[str, object],
    word: str,
    mistakes: Mistakes,
    read: Callable[[Table], _Section | None],
) -> _Section | None:
    """What `read` makes of `[word]`; None when it is not there."""
    value = raw.get(word)
    if isinstance(value, dict):
        return read(Table(value, word, KEYS.get(word, tuple(value)), mistakes))
    if value is not None:
        mistakes.note(word, _("a table, [{word}]").format(word=word), _kind(word, value))
    return None


def _several(
    raw: Mapping[str, object],
    word: str,
    mistakes: Mistakes,
    read: Callable[[Table], _Section | None],
) -> tuple[_Section, ...]:
    """What `read` makes of each `[[word]]`."""
    value = raw.get(word, [])
    expected = _("tables, each under [[{word}]]").format(word=word)
    if not isinstance(value, list):
        mistakes.note(word, expected, _kind(word, value))
        return ()
    found = []
    for number, item in enumerate(value):
        where = f"{word}[{number}]"
        if not isinstance(item, dict):
            mistakes.note(where, expected, shown(item))
            continue
        section = read(Table(item, where, KEYS[word], mistakes))
        if section is not None:
            found.append(section)
    return tuple(found)


def _kind(word: str, value: object) -> str:
    if isinstance(value, dict):
        return f"[{word}]"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return f"[[{word}]]"
    # A text here may be a secret that lost its table.
    return _("a value")


def _check_names(raw: Mapping[str, object], mistakes: Mistakes) -> None:
    """Names are asked for on the command line, so one name is one cluster, router or NetBox."""
    _check_hooks(raw, mistakes)
    taken = {"netbox": "[netbox]"}
    for word in ("proxmox", "router"):
        value = raw.get(word)
        for number, item in enumerate(value if isinstance(value, list) else ()):
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str) or not name:
                continue
            where = f"{word}[{number}]"
            holder = taken.setdefault(name.casefold(), where)
            if holder != where:
                mistakes.note(
                    f"{where}.name",
                    _("a name of its own"),
                    shown(name),
                    _("taken by {holder}").format(holder=holder),
                )


def _check_hooks(raw: Mapping[str, object], mistakes: Mistakes) -> None:
    """What was told is remembered by the hook's name."""
    value = raw.get("notify")
    names: set[str] = set()
    for number, item in enumerate(value if isinstance(value, list) else ()):
        name = item.get("name") if isinstance(item, dict) else None
        if isinstance(name, str) and name and name in names:
            mistakes.note(f"notify[{number}].name", _("a name of its own"), shown(name))
        elif isinstance(name, str):
            names.add(name)
