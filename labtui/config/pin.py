"""Writes a pinned fingerprint into the user's configuration, and changes nothing else in it.

The file is edited by lines. Whether that was right is not guessed: the result is read again, and
unless it says exactly what the old file said plus the pin, nothing is written.
"""

from __future__ import annotations

import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from labtui.config.address import fingerprint_from
from labtui.locale import _
from labtui.model.errors import LabError

PinTable = Literal["proxmox", "router", "netbox"]
_VALUE_AND_COMMENT = re.compile(
    r"(?P<head>[ \t]*fingerprint[ \t]*=[ \t]*)(?:\"[^\"\\]*\"|'[^']*')(?P<tail>[ \t]*(?:#.*)?)"
)


class NotPinned(LabError):
    """The pin was not written; the file is as it was. `remedy` says what to write by hand."""


def write_pin(path: Path, table: PinTable, name: str, fingerprint: str | Sequence[str]) -> None:
    """Set `fingerprint` of the table with that name (`netbox` has none) in the file.

    Several fingerprints are written as a list; what was pinned before is replaced. Comments, order
    and line ends stay. The file is replaced in one step and keeps its mode. Blocks. Raises
    `NotPinned` when it can't be done safely.
    """
    given = [fingerprint] if isinstance(fingerprint, str) else list(fingerprint)
    try:
        pins = list(dict.fromkeys(fingerprint_from(pin) for pin in given))
    except ValueError as error:
        raise _not_pinned(path, str(error), "") from None
    if not pins:
        raise _not_pinned(path, _("there is no fingerprint"), "")
    value: str | list[str] = pins[0] if len(pins) == 1 else pins
    quoted = [f'"{pin}"' for pin in pins]
    line = "fingerprint = " + (quoted[0] if len(pins) == 1 else f"[{', '.join(quoted)}]")
    target = path.resolve()
    data, facts = _read(target, line)
    new = _edited(path, data, (table, name), value, line).encode("utf-8")
    if new != data:
        _replace(target, data, new, facts, line)


def _not_pinned(path: Path, why: str, line: str, remedy: str = "") -> NotPinned:
    if line and not remedy:
        remedy = _("write it by hand: {line}").format(line=line)
    return NotPinned(_("the fingerprint was not written"), where=str(path), why=why, remedy=remedy)


def _read(path: Path, line: str) -> tuple[bytes, os.stat_result]:
    try:
        with path.open("rb") as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise _not_pinned(path, _("it is not a plain file"), line)
            data = stream.read()
    except OSError as error:
        raise _not_pinned(path, error.strerror or type(error).__name__, line) from error
    if facts.st_uid != os.geteuid():
        raise _not_pinned(path, _("the file belongs to another user"), line)
    if facts.st_nlink != 1:
        raise _not_pinned(path, _("the file has a second name, which would be cut off"), line)
    return data, facts


def _edited(
    path: Path, data: bytes, place: tuple[PinTable, str], value: str | list[str], line: str
) -> str:
    """The new text of the file; raises `NotPinned` unless it differs by the pin alone."""
    try:
        text = data.decode("utf-8")
        wanted = tomllib.loads(text)
    except (ValueError, RecursionError):
        raise _not_pinned(path, _("the file is not TOML as it is"), line) from None
    number, entry = _entry(path, wanted, place, line)
    _check_tls(path, entry, line)
    if entry.get("fingerprint") == value:
        return text
    entry["fingerprint"] = value
    count = len(wanted[place[0]]) if place[0] != "netbox" else 1
    lines = text.split("\n")
    starts = _headers(lines, place[0])
    if len(starts) != count:
        raise _not_pinned(
            path,
            _("the table is not written under a line with [{table}] alone").format(
                table=place[0] if place[0] == "netbox" else f"[{place[0]}]"
            ),
            line,
        )
    _set_line(lines, starts[number], line)
    result = "\n".join(lines)
    try:
        right = tomllib.loads(result) == wanted
    except ValueError:
        right = False
    if not right:
        raise _not_pinned(path, _("the table is written in a way that can't be edited"), line)
    return result


def _entry(
    path: Path, raw: dict[str, object], place: tuple[PinTable, str], line: str
) -> tuple[int, dict[str, object]]:
    """The table in the document, with its number among those of its kind."""
    table, name = place
    value = raw.get(table)
    if table == "netbox":
        if isinstance(value, dict):
            return 0, value
        raise _not_pinned(path, _("there is no [netbox]"), line)
    items = value if isinstance(value, list) else []
    named = [
        (number, item)
        for number, item in enumerate(items)
        if isinstance(item, dict) and item.get("name") == name
    ]
    if len(named) == 1:
        return named[0]
    why = _("there is no {table} named {name}") if not named else _("{table} {name} is there twice")
    raise _not_pinned(path, why.format(table=table, name=name), line)


def _check_tls(path: Path, entry: dict[str, object], line: str) -> None:
    """A pin beside `ca_file` or another `tls` would make the file a wrong one."""
    if "ca_file" in entry:
        remedy = _("take ca_file out of the table first")
        raise _not_pinned(path, _("the table has ca_file"), line, remedy)
    tls = entry.get("tls", "pin")
    if tls != "pin":
        remedy = _('take tls out of the table, or make it "pin", first')
        raise _not_pinned(path, _("the table asks for another kind of tls"), line, remedy)
    url = entry.get("url")
    if isinstance(url, str) and not url.lower().startswith("https://"):
        remedy = _("make the URL https:// first")
        raise _not_pinned(path, _("the URL is without TLS"), line, remedy)


def _headers(lines: list[str], table: PinTable) -> list[int]:
    """The numbers of the lines that look like the table's header."""
    inner = rf"[ \t]*{table}[ \t]*"
    head = rf"\[{inner}\]" if table == "netbox" else rf"\[\[{inner}\]\]"
    header = re.compile(rf"[ \t]*{head}[ \t]*(#.*)?\r?")
    return [number for number, line in enumerate(lines) if header.fullmatch(line)]


def _set_line(lines: list[str], start: int, new: str) -> None:
    """Replace the value of `fingerprint` in the section at `start`, else put the line in."""
    end = start + 1
    while end < len(lines) and not lines[end].lstrip().startswith("["):
        end += 1
    for number in range(start + 1, end):
        if re.match(r"[ \t]*fingerprint[ \t]*=", lines[number]):
            _replace_value(lines, number, new)
            return
    anchor = next(
        (
            number
            for number in range(start + 1, end)
            if re.match(r"[ \t]*(name|url)[ \t]*=", lines[number])
        ),
        start,
    )
    indent = re.match(r"[ \t]*", lines[anchor])
    line_end = "\r" if lines[anchor].endswith("\r") else ""
    if anchor == len(lines) - 1:
        # The last line has no line end of its own: the new one takes its place.
        line_end = "\r" if lines[0].endswith("\r") else ""
        lines[anchor] += line_end
        line_end = ""
    lines.insert(anchor + 1, (indent.group() if indent else "") + new + line_end)


def _replace_value(lines: list[str], number: int, new: str) -> None:
    """Put the new value in the place of the old one; an old list may take several lines."""
    line_end = "\r" if lines[number].endswith("\r") else ""
    plain = _VALUE_AND_COMMENT.fullmatch(lines[number].removesuffix("\r"))
    value = new.partition("=")[2].strip()
    if plain:
        lines[number] = plain["head"] + value + plain["tail"] + line_end
        return
    for last in range(number, min(number + 100, len(lines))):
        snippet = "\n".join(lines[number : last + 1])
        try:
            tomllib.loads(snippet)
        except ValueError:
            continue
        # A comment inside would be lost. Left as it is, the file is then refused as not edited.
        if "#" not in snippet:
            indent = re.match(r"[ \t]*", lines[number])
            head = indent.group() if indent else ""
            lines[number : last + 1] = [head + new + ("\r" if snippet.endswith("\r") else "")]
        return


def _replace(path: Path, old: bytes, new: bytes, facts: os.stat_result, line: str) -> None:
    """Write beside the file and put it in its place, unless somebody changed it meanwhile."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "wb") as stream:
            os.fchown(stream.fileno(), -1, facts.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(facts.st_mode))
            stream.write(new)
            stream.flush()
            os.fsync(stream.fileno())
        if path.read_bytes() != old:
            raise _not_pinned(path, _("somebody else is writing to the file"), line)
        Path(temporary).replace(path)
        temporary = ""
    except OSError as error:
        raise _not_pinned(path, error.strerror or type(error).__name__, line) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
