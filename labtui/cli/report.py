"""`labtui report`: one archive for a bug report, without secrets, and a list of what is in it."""

from __future__ import annotations

import io
import os
import sys
import tarfile
import time
from contextlib import suppress
from pathlib import Path

from labtui.cli.exits import Exit
from labtui.cli.report_contents import (
    configuration,
    last_state,
    log_lines,
    versions,
    why_no_state,
)
from labtui.config.file import load
from labtui.config.mistakes import ConfigError
from labtui.config.paths import config_file
from labtui.config.redact import keep_out_secrets_of, redacted
from labtui.config.schema import Config
from labtui.live.cache_file import Unusable
from labtui.locale import N_, _
from labtui.model.errors import LabError
from labtui.model.text import clean

_CONTENTS = {
    "versions.json": N_("labtui, Python, libraries, system, terminal"),
    "config.json": N_("the configuration without secrets"),
    "mistakes.txt": N_("what is wrong with the configuration"),
    "labtui.log": N_("the last of the log"),
    "snapshot.json": N_("the last known state, names replaced"),
}


def report(path: Path | None, output: str, *, with_snapshot: bool) -> int:
    """Write the archive (mode 0600) and say what is in it. A broken configuration is no hindrance.

    `output` is the file to write; empty: one named after the time, in this folder.
    """
    place = config_file(path)
    config, mistakes = _loaded(place)
    if config is not None:
        keep_out_secrets_of(config)
    files = {"versions.json": versions(), "config.json": configuration(place)}
    if mistakes:
        files["mistakes.txt"] = redacted(mistakes) + "\n"
    missing: list[str] = []
    if config is not None:
        files["labtui.log"] = log_lines(config)
        if with_snapshot:
            files["snapshot.json"] = _state(config, missing)
    files = {name: text for name, text in files.items() if text}
    if "labtui.log" not in files:
        missing.append(_("no log was found"))
    target = Path(output or time.strftime("labtui-report-%Y%m%d-%H%M%S.tar.gz"))
    try:
        _write(target, _packed(files, target.name.partition(".")[0] or "labtui-report"))
    except OSError as error:
        why = error.strerror or type(error).__name__
        sys.stderr.write(
            _("labtui: {path} can't be written: {why}\n").format(path=clean(str(target)), why=why)
        )
        return Exit.FAILED
    _tell(target, files, missing)
    return Exit.DONE


def _loaded(place: Path) -> tuple[Config | None, str]:
    try:
        return load(place), ""
    except ConfigError as error:
        return None, str(error)


def _state(config: Config, missing: list[str]) -> str:
    try:
        text = last_state(config)
    except (LabError, OSError, Unusable) as error:
        missing.append(_("no last state: {why}").format(why=why_no_state(error)))
        return ""
    if not text:
        missing.append(_("no last state is kept yet"))
    return text


def _packed(files: dict[str, str], folder: str) -> bytes:
    """The archive, with nothing in its headers of whoever made it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            data = text.encode("utf-8", "backslashreplace")
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size, entry.mode, entry.mtime = len(data), 0o600, int(time.time())
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def _write(target: Path, data: bytes) -> None:
    """Put the file there as a whole. Raises `OSError`."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.new")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(fresh, flags, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        fresh.replace(target)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise


def _tell(target: Path, files: dict[str, str], missing: list[str]) -> None:
    lines = [_("{path}, for you alone (mode 0600):").format(path=clean(str(target)))]
    for name, text in files.items():
        size = len(text.encode("utf-8", "backslashreplace"))
        lines.append(f"  {name:14} {(size + 1023) // 1024:6} KiB  {_(_CONTENTS[name])}")
    lines.extend(f"  ({each})" for each in missing)
    lines.append(
        _(
            "Secrets are left out. Host names, addresses and user names are in the configuration"
            " and the log: look through it before you send it."
        )
    )
    if "snapshot.json" not in files:
        lines.append(_("With --snapshot the last known state comes along, names replaced."))
    sys.stdout.write("\n".join(lines) + "\n")
