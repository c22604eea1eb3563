"""The forms in which RouterOS writes values, read field by field. Pure.

The API sends every value as text, and what a text means depends on its field: a comment `836` is
no number, a peer called `no` no boolean. So each function here is called for a field whose type is
known from the schema of the menu. All raise `ValueError` for what they can't read.
"""

from __future__ import annotations

import re
from datetime import datetime

from labtui.model.text import clean

_UNITS = {
    "w": 604800.0,
    "d": 86400.0,
    "h": 3600.0,
    "m": 60.0,
    "s": 1.0,
    "ms": 0.001,
    "us": 0.000001,
    "ns": 0.000000001,
}
# Longer units stand first, or `ms` would be read as minutes.
_SPAN = re.compile(r"(?:[0-9]{1,12}(?:ms|us|ns|w|d|h|m|s))+", re.ASCII)
_SPAN_PART = re.compile(r"([0-9]{1,12})(ms|us|ns|w|d|h|m|s)", re.ASCII)
_CLOCK = re.compile(
    r"(?:([0-9]{1,6})w)?(?:([0-9]{1,6})d)?([0-9]{1,4}):([0-9]{2}):([0-9]{2})(\.[0-9]{1,9})?",
    re.ASCII,
)
_NUMBER = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_SIZE = re.compile(r"([0-9]{1,20}(?:\.[0-9]{1,6})?)(?: ?(KiB|MiB|GiB|TiB|B))?", re.ASCII)
_SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
_VERSION = re.compile(r"([0-9]{1,5})\.([0-9]{1,5})(?:\.([0-9]{1,5}))?", re.ASCII)
_ID = re.compile(r"\*[0-9A-Fa-f]{1,16}", re.ASCII)
_OFFSET = re.compile(r"([+-])([0-9]{2}):([0-9]{2})", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OLD_DATE = re.compile(r"([A-Za-z]{3})/([0-9]{2})/([0-9]{4}) ([0-9:]{8})", re.ASCII)
_WORDS = frozenset(
    ("", "none", "never", "infinity", "disabled", "auto", "unlimited", "any", "default")
)
# Beyond these a value is rubbish, and a date or a file made of it would be as well.
_LONGEST = 100 * 366 * 86400.0
_LARGEST = (1 << 63) - 1
_TRUE = frozenset(("true", "yes"))
_FALSE = frozenset(("false", "no", ""))
_HOST_MASKS = {False: "32", True: "128"}


def text_of_wire(data: bytes) -> str:
    """The text of the bytes on the wire: UTF-8, else CP1252, else Latin-1; no byte is dropped.

    Comments written by old WinBox are in the code page of somebody's Windows.
    """
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def duration(text: str) -> float:
    """Seconds in `1m45s`, `53m10s720ms`, `19w4d13h`, or in the older `01:22:53`, `2d09:29:51`."""
    seconds = -1.0
    if _SPAN.fullmatch(text):
        seconds = sum(int(count) * _UNITS[unit] for count, unit in _SPAN_PART.findall(text))
    elif match := _CLOCK.fullmatch(text):
        weeks, days, hours, minutes, rest = (int(group or 0) for group in match.groups()[:5])
        whole = ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + rest
        seconds = whole + float(match[6] or 0)
    if not 0 <= seconds <= _LONGEST:
        raise ValueError(f"no duration: {text[:40]!r}")
    return seconds


def optional_duration(text: str | None) -> float | None:
    """Like `duration`; None for an absent field, `infinity`, `none`, `disabled` and the like."""
    return None if text is None or text in _WORDS else duration(text)


def boolean(text: str | None) -> bool:
    """`true`/`yes`, `false`/`no`; an absent flag is not set."""
    if text is None or text in _FALSE:
        return False
    if text in _TRUE:
        return True
    raise ValueError(f"no boolean: {text[:40]!r}")


def switch(text: str | None) -> bool:
    """A switch is on when its field is there, whatever its value (`ebgp=`), unless it says no."""
    return text is not None and text not in ("false", "no")


def number(text: str) -> int:
    """A plain whole number; a percent sign after it is the console's."""
    bare = text.removesuffix("%")
    if not _NUMBER.fullmatch(bare) or abs(int(bare)) > _LARGEST:
        raise ValueError(f"no number: {text[:40]!r}")
    return int(bare)


def optional_number(text: str | None) -> int | None:
    """Like `number`; None for an absent or empty field and for words (`auto`, `unlimited`)."""
    return None if text is None or text in _WORDS else number(text)


def port(text: str | None) -> int | None:
    """A port; None for an absent field and for 0, which means "not configured"."""
    count = optional_number(text)
    if count is not None and not 0 <= count <= 0xFFFF:
        raise ValueError(f"no port: {count}")
    return count or None


def size(text: str) -> int:
    """Bytes: plain in the API, `5.3KiB` on the console."""
    match = _SIZE.fullmatch(text)
    count = -1
    if match and "." not in match[1]:
        count = int(match[1]) * _SIZES[match[2] or "B"]
    elif match:
        count = round(float(match[1]) * _SIZES[match[2] or "B"])
    if not 0 <= count <= _LARGEST:
        raise ValueError(f"no size: {text[:40]!r}")
    return count


def optional_size(text: str | None) -> int | None:
    """Like `size`; None for an absent or empty field."""
    return size(text) if text else None


def as_number(text: str | None) -> int | None:
    """The AS in `65521`, `65521/1` (confederation) or `1.5` (asdot); None when absent or empty."""
    if not text or text in _WORDS:
        return None
    bare = text.partition("/")[0]
    high, dot, low = bare.partition(".")
    value = (number(high) << 16) + number(low) if dot else number(bare)
    if not 0 <= value <= 0xFFFFFFFF or (dot and number(low) > 0xFFFF):
        raise ValueError(f"no AS number: {text[:40]!r}")
    return value


def listed(text: str | None) -> tuple[str, ...]:
    """The items of `mp,rr,gr`; none of an empty text. Items are cleaned."""
    if not text:
        return ()
    return tuple(clean(item.strip()) for item in text.split(",") if item.strip())


def row_id(text: str) -> int:
    """The number in an id, `*1A`. It changes on reboot: never keep it."""
    if not _ID.fullmatch(text):
        raise ValueError(f"no id: {text[:40]!r}")
    return int(text[1:], 16)


def bare_address(text: str | None) -> str:
    """An address that can be compared: without `%interface`, `@vrf` and the mask of a host.

    The mask of a true prefix stays: `10.0.0.0/24`.
    """
    if not text:
        return ""
    head = text.partition("@")[0]
    address, slash, mask = head.partition("/")
    address = clean(address.partition("%")[0])
    mask = mask.partition("%")[0]
    if slash and mask != _HOST_MASKS[":" in address]:
        return f"{address}/{clean(mask)}"
    return address


def endpoint(address: str | None, at_port: str | None) -> str:
    """`host:port`, `[v6]:port`, the host alone for port 0; empty when there is no address."""
    if not address:
        return ""
    host = clean(address)
    count = port(at_port)
    if count is None:
        return host
    return f"[{host}]:{count}" if ":" in host else f"{host}:{count}"


def version(text: str) -> tuple[int, int, int]:
    """`7.12.2 (stable)`, `7.1beta4`, `7.24rc2` as numbers: 7.9 stands before 7.20."""
    match = _VERSION.match(text)
    if not match:
        raise ValueError(f"no version: {text[:40]!r}")
    return int(match[1]), int(match[2]), int(match[3] or 0)


def moment(text: str, gmt_offset: str = "+00:00") -> float:
    """Seconds since the epoch of `2024-03-01 13:13:32` (7.10+) or `nov/24/2016 21:07:05` (older).

    Dates are in the router's own time; `gmt_offset` is that field of `/system/clock`.
    """
    offset = _OFFSET.fullmatch(gmt_offset)
    if not offset:
        raise ValueError(f"no offset: {gmt_offset[:40]!r}")
    if old := _OLD_DATE.fullmatch(text):
        month = _MONTHS.index(old[1].lower()) + 1
        text = f"{old[3]}-{month:02}-{old[2]} {old[4]}"
    # %z keeps the result aware; the offset itself is taken off below.
    local = datetime.strptime(f"{text} +0000", "%Y-%m-%d %H:%M:%S %z")
    ahead = (int(offset[2]) * 60 + int(offset[3])) * 60
    return local.timestamp() - (ahead if offset[1] == "+" else -ahead)
