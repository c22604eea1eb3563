"""Handing out what is free: the next address, prefix or AS number of a pool, by NetBox's own lock.

NetBox chooses (`available-ips`, `available-prefixes`, `available-asns`), so two who ask at once
never get the same. What was asked for is in a journal before it is sent, with a tag that becomes
part of the description: whatever happens to this process or to the answer, what was given is found
again by its tag, kept or given back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

import msgspec

from labtui.actions.action import NETBOX, Call, Step, Wire
from labtui.actions.evacuation.book import Book, Entry, Header, KeepsBooks, MemoryBook
from labtui.actions.records.pools import (
    LISTS,
    VALUES,
    What,
    is_wide,
    lowest,
    take,
    take_number,
)
from labtui.actions.records.request import (
    ETAGS,
    IF_MATCH,
    MASKS,
    MESSAGE,
    MESSAGES,
    etag,
    version_of,
)
from labtui.locale import _
from labtui.model.errors import LabError, NotFound, OutcomeUnknown, Rejected
from labtui.model.records.index import first_inventory
from labtui.model.records.refs import Ref

ACTION = "prefix.allocate"
_TURNS = 4
_PAUSE = 2.0
_TRIES = 30


class Given(msgspec.Struct, frozen=True):
    """What was handed out: the record and its value (`10.0.0.5/24`, `65001`).

    `description` has the tag that it is found by; `book` is the journal that has it.
    """

    what: What
    ref: Ref
    value: str
    description: str
    book: str


def tagged(description: str, book: str) -> str:
    """The description of what is handed out, by which it is found again."""
    return f"{description} [labtui {book}]".strip()[:200]


async def allocate(
    wire: Wire,
    pool: Ref,
    what: What,
    description: str,
    *,
    length: int | None = None,
    values: tuple[tuple[str, str | int], ...] = (),
) -> Given:
    """The next free one of a pool: a prefix, a range of addresses, or a range of AS numbers.

    `length` of the mask: needed for a prefix, and for an address another than the pool's (4.5).
    `values` are further fields (`status`, `tenant`). The caller says what becomes of it: `keep` or
    `give_back`; until then it counts as cut off. Raises `LabError`; `OutcomeUnknown` when nobody
    can say whether something was given, which `labtui jobs resume` finds out later.
    """
    number = secrets.token_hex(5)
    text = tagged(description, number)
    step = Step(pool.name, text, what, source=f"{pool.path}/{pool.id}", target=pool.name)
    header = Header(number, wire.now(), ACTION, f"{pool.path}/{pool.id}", text, (step,))
    book: Book = await wire.new_book(header) if isinstance(wire, KeepsBooks) else MemoryBook(header)
    try:
        await book.write(Entry(wire.now(), "sending", 0, part=what))
        wanted = _fields(wire, what, text, length, values)
        try:
            row = await _taken(wire, pool, what, wanted)
        except OutcomeUnknown as error:
            row = await _looked_for(wire, what, text, error)
        except LabError:
            await book.write(Entry(wire.now(), "over", state="failed"))
            raise
        given = _given(what, row, text, number)
        await book.write(Entry(wire.now(), "sent", 0, upid=str(given.ref.id), note=given.value))
        return given
    finally:
        await book.close()


async def keep(wire: Wire, given: Given) -> None:
    """It is in use: nobody gives it back any more. Raises `LabError`."""
    await _ended(wire, given.book, "done", given.value)


async def give_back(wire: Wire, given: Given) -> None:
    """Delete it again, unless somebody has begun to use it. Raises `LabError`."""
    row = await _one(wire, given)
    if row is not None:
        stamp, version = str(row.get("last_updated") or ""), _version(wire)
        params: list[tuple[str, str | int]] = []
        if version >= ETAGS and (match := etag(stamp)):
            params.append((IF_MATCH, match))
        path = f"{given.ref.path}/{given.ref.id}"
        try:
            await wire.call(Call(NETBOX, "DELETE", path, tuple(params)))
        except NotFound:
            # Somebody was quicker, or it may not be deleted: looking tells which.
            if await _one(wire, given) is not None:
                raise
        except OutcomeUnknown:
            if await _one(wire, given) is not None:
                raise
    await _ended(wire, given.book, "cancelled", _("{value} given back").format(value=given.value))


async def left_over(wire: Wire, header: Header) -> Given | None:
    """What a journal that was cut off has been given, None for nothing. Raises `LabError`."""
    step = header.steps[0]
    what: What = next(
        (each for each in ("address", "prefix", "asn") if each == step.way), "address"
    )
    rows = await _by_tag(wire, what, header.title)
    return _given(what, rows[0], header.title, header.id) if rows else None


async def forget(wire: Wire, book: str) -> None:
    """A journal ends with nothing given. Raises `LabError`."""
    await _ended(wire, book, "failed", _("nothing was given"))


async def _ended(wire: Wire, number: str, state: Any, note: str) -> None:
    if not isinstance(wire, KeepsBooks):
        return
    _record, book = await wire.reopen(number)
    try:
        await book.write(Entry(wire.now(), "end", 0, state=state, note=note))
        await book.write(Entry(wire.now(), "over", state=state, note=note))
    finally:
        await book.close()


def _version(wire: Wire) -> tuple[int, ...]:
    inventory = first_inventory(wire.snapshot)
    return version_of(inventory.version if inventory is not None else "")


def _fields(
    wire: Wire,
    what: What,
    text: str,
    length: int | None,
    values: Iterable[tuple[str, str | int]],
) -> dict[str, str | int]:
    """What is sent. Raises `Rejected` for a mask that this version can't give."""
    version = _version(wire)
    found: dict[str, str | int] = {"description": text, **dict(values)}
    if length is not None and what != "asn":
        if what == "address" and version < MASKS:
            raise Rejected(
                _("not sent"), why=_("NetBox gives an address the mask of its prefix before 4.5")
            )
        found["prefix_length"] = length
    if version >= MESSAGES:
        found[MESSAGE] = f"labtui: {text}"[:200]
    return found


async def _taken(wire: Wire, pool: Ref, what: What, wanted: dict[str, str | int]) -> Any:
    place = f"{pool.path}/{pool.id}"
    if what == "asn":
        found = await wire.read(NETBOX, place)
        row = found[0] if found and isinstance(found[0], dict) else {}
        if is_wide(row):
            return await _lowest(wire, row, wanted)
    return await wire.call(take(place, what, wanted))


async def _lowest(wire: Wire, span: dict[str, Any], wanted: dict[str, str | int]) -> Any:
    """The lowest free number of a wide range; another one where somebody was quicker."""
    number = 0
    for _turn in range(_TRIES):
        number = await lowest(wire, span, number)
        if not number:
            break
        try:
            return await wire.call(take_number(span, number, wanted))
        except Rejected as error:
            if "asn" not in error.parameters:
                raise
    raise Rejected(_("not given"), where=str(span.get("name", "")), why=_("nothing is free there"))


def _given(what: What, row: Any, text: str, book: str) -> Given:
    number = row.get("id") if isinstance(row, dict) else None
    value = str(row.get(VALUES[what], "")) if isinstance(row, dict) else ""
    if not isinstance(number, int) or not value:
        why = _("the answer lacks parts, or has others")
        raise OutcomeUnknown(_("asking NetBox for something free"), why=why)
    return Given(what, Ref(LISTS[what], number, value), value, text, book)


async def _by_tag(wire: Wire, what: What, text: str) -> list[Any]:
    rows = await wire.read(NETBOX, LISTS[what], description=text)
    return [row for row in rows if isinstance(row, dict) and row.get("description") == text]


async def _looked_for(wire: Wire, what: What, text: str, error: LabError) -> Any:
    """The answer was lost. A request may still wait for NetBox's lock: so several looks."""
    for turn in range(_TURNS):
        if turn:
            await wire.sleep(_PAUSE)
        try:
            rows = await _by_tag(wire, what, text)
        except LabError:
            # NetBox is away: the next look may find it back.
            continue
        if rows:
            return rows[0]
    raise OutcomeUnknown(
        error.what,
        where=error.where,
        why=error.why,
        remedy=_("`labtui jobs resume` finds it by its description: {text}").format(text=text),
    )


async def _one(wire: Wire, given: Given) -> Any | None:
    """The record, when it is still ours: with its tag and on nothing. Raises `Rejected`."""
    rows = await wire.read(NETBOX, given.ref.path, id=str(given.ref.id))
    row = next((each for each in rows if isinstance(each, dict)), None)
    if row is None:
        return None
    if row.get("description") != given.description or row.get("assigned_object_id") is not None:
        why = _("{value} is in use since: it is left as it is").format(value=given.value)
        raise Rejected(_("not given back"), where=given.value, why=why)
    return row
