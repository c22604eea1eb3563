"""Leases of cards: whose, what for, until when, as one line in the notes of the guest.

    labtui lease: owner=amy; until=2026-12-01; cards=hostpci0; project=vision; purpose=training

The line is read strictly: what does not have its form is told as broken and never written over.
All other text of the notes stays as it is, to the byte. Requests are lines of the same form in the
notes of the datacenter. The last day is still part of it, by this machine's clock.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable

import msgspec

LEASE = "labtui lease:"
REQUEST = "labtui request:"
MOST = 200
_CARD = re.compile(r"hostpci(?:[0-9]|1[0-5])")
_DAY = re.compile(r"2[0-9]{3}-[0-9]{2}-[0-9]{2}")


class Lease(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who has cards of a guest. Days are ISO dates; `cards` are `hostpciN`, none means all."""

    owner: str
    until: str = ""
    since: str = ""
    cards: tuple[str, ...] = ()
    project: str = ""
    purpose: str = ""


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who wants what: `want` is `2 RTX 4090`, days are ISO dates."""

    owner: str
    want: str
    since: str = ""
    until: str = ""
    project: str = ""
    purpose: str = ""


class Broken(msgspec.Struct, frozen=True):
    """A line that begins like one of ours and can't be understood. `why`: what is wrong with it."""

    line: str
    why: str


class Requests(msgspec.Struct, frozen=True):
    """The requests of a cluster; `known` is False while the account may not read its notes."""

    entries: tuple[Request, ...] = ()
    broken: tuple[Broken, ...] = ()
    known: bool = True


_LEASE_KEYS = {"owner": "owner", "until": "until", "from": "since", "cards": "cards",
               "project": "project", "purpose": "purpose"}  # fmt: skip
_REQUEST_KEYS = {"owner": "owner", "want": "want", "from": "since", "until": "until",
                 "project": "project", "purpose": "purpose"}  # fmt: skip


def parse_lease(line: str) -> Lease | Broken | None:
    """A line of notes; None when it is no lease at all."""
    found = _fields(line, LEASE, _LEASE_KEYS)
    if not isinstance(found, dict):
        return found
    cards = tuple(card.strip() for card in found.pop("cards", "").split(",") if card.strip())
    wrong = next((card for card in cards if not _CARD.fullmatch(card)), "")
    if wrong or len(set(cards)) != len(cards):
        return Broken(line, f"cards={wrong or ','.join(cards)}")
    return Lease(cards=cards, **found) if "owner" in found else Broken(line, "owner")


def parse_request(line: str) -> Request | Broken | None:
    """A line of notes; None when it is no request at all."""
    found = _fields(line, REQUEST, _REQUEST_KEYS)
    if not isinstance(found, dict):
        return found
    missing = next((name for name in ("owner", "want") if name not in found), "")
    return Broken(line, missing) if missing else Request(**found)


def _fields(line: str, head: str, keys: dict[str, str]) -> dict[str, str] | Broken | None:
    if not line.strip().startswith(head):
        return None
    found: dict[str, str] = {}
    for part in line.strip().removeprefix(head).split(";"):
        key, equals, value = (text.strip() for text in part.partition("="))
        name = keys.get(key, "")
        if not equals or not name or not value or name in found or problem(name, value):
            return Broken(line, part.strip() or ";")
        found[name] = value
    if found.get("since", "") > found.get("until", "9"):
        return Broken(line, f"until={found['until']}")
    return found


def problem(name: str, value: str) -> str:
    """What keeps a value from standing in a line: `day`, `sign`, `long`, or an empty text."""
    if name in ("since", "until") and value and day(value) is None:
        return "day"
    if any(sign in value for sign in ";\r\n\x00") or not value.isprintable():
        return "sign"
    return "long" if len(value) > MOST else ""


def day(text: str) -> dt.date | None:
    """An ISO date of this millennium; None when it is none."""
    if not _DAY.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def day_of(at: float) -> str:
    """The day of a point in time by this machine's clock, as an ISO date."""
    return time.strftime("%Y-%m-%d", time.localtime(at))


def line_of(entry: Lease | Request) -> str:
    """The line that says it."""
    keys = _LEASE_KEYS if isinstance(entry, Lease) else _REQUEST_KEYS
    parts = []
    for key, name in keys.items():
        value = getattr(entry, name)
        text = ",".join(value) if isinstance(value, tuple) else value
        if text:
            parts.append(f"{key}={text}")
    return f"{LEASE if isinstance(entry, Lease) else REQUEST} {'; '.join(parts)}"


def leases_in(notes: str) -> tuple[tuple[Lease, ...], tuple[Broken, ...]]:
    """The leases in the notes of a guest, and the lines that are none for some fault."""
    found = [parse_lease(line) for line in notes.splitlines()]
    return (
        tuple(each for each in found if isinstance(each, Lease)),
        tuple(each for each in found if isinstance(each, Broken)),
    )


def requests_in(notes: str) -> tuple[tuple[Request, ...], tuple[Broken, ...]]:
    """The requests in the notes of a datacenter, and the lines that are none for some fault."""
    found = [parse_request(line) for line in notes.splitlines()]
    return (
        tuple(each for each in found if isinstance(each, Request)),
        tuple(each for each in found if isinstance(each, Broken)),
    )


def exchanged(notes: str, old: Lease | Request | None, new: Lease | Request | None) -> str:
    """The notes with that entry for the other: added, changed or taken out; the rest as it was.

    One that is not there is added at the top: a long text is read from its beginning.
    """
    lines = notes.splitlines(keepends=True)
    parse = parse_request if isinstance(new or old, Request) else parse_lease
    for number, line in enumerate(lines):
        text = "".join(line.splitlines())
        if old is not None and parse(text) == old:
            end = line[len(text) :]
            lines[number : number + 1] = [line_of(new) + end] if new is not None else []
            return "".join(lines)
    if new is None:
        return notes
    return f"{line_of(new)}\n{notes}"


def ends_at(until: str) -> float | None:
    """When that day is over (seconds since the epoch); None without an end."""
    found = day(until)
    if found is None:
        return None
    after = dt.datetime.combine(found, dt.time.min) + dt.timedelta(days=1)
    return after.timestamp()


def begins_at(since: str) -> float | None:
    """When that day begins (seconds since the epoch); None when it is not said."""
    found = day(since)
    return None if found is None else dt.datetime.combine(found, dt.time.min).timestamp()


def lease_of(leases: Iterable[Lease], line: int) -> Lease | None:
    """The lease of a `hostpci` line: one that names it goes before one for all."""
    named = f"hostpci{line}"
    whole = None
    for lease in leases:
        if named in lease.cards:
            return lease
        if not lease.cards:
            whole = whole or lease
    return whole


def request_key(cluster: str, request: Request) -> str:
    """The key of a request; a comma would part several keys."""
    return f"{cluster}/{line_of(request)}".replace(",", "·")
