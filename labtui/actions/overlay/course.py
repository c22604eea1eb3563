"""A course of changes over several routers and NetBox: all of it, or nothing of it.

Where a router has safe mode over the API (7.18), it is taken first and released last, so that the
router itself undoes everything when its connection ends. Beneath that, and everywhere else, the
journal: the image of what was there is on the disk before each sentence goes out.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import msgspec

from labtui.actions.action import (
    ROUTER,
    Call,
    CanStop,
    Outcome,
    Plan,
    Progress,
    Report,
    Step,
    Wire,
)
from labtui.actions.evacuation.book import Book, Entry, Header, KeepsBooks, MemoryBook, Record
from labtui.actions.overlay import undo
from labtui.actions.overlay.desk import SAFE, router_of, safe_mode_holder, sentence, why_of
from labtui.locale import _
from labtui.model.errors import LabError, OutcomeUnknown, Rejected

UNDONE_WITHIN = 45.0
"""Seconds in which a router undoes what was held by a connection that ended."""
_ROUNDS = 6
_PAUSE = 2.0
_LONGEST_PAUSE = 8.0


class Stopped(LabError):
    """A person has asked to begin nothing more."""

    kind = "rejected"


def new_id() -> str:
    """The name of a journal, and of what its job makes."""
    return uuid.uuid4().hex[:8]


def tag_of(name: str, book: str) -> str:
    """The comment of everything that the job makes."""
    return f"labtui {name} {book}"


class Course:
    """One run. `calls` are all that it will send, in their order."""

    def __init__(self, wire: Wire, book: Book, tag: str, report: Report, calls: int) -> None:
        self._wire = wire
        self._book = book
        self._tag = tag
        self._report = report
        self._all = calls
        self.images: list[undo.Image] = []
        self.held: list[str] = []

    async def send(self, call: Call, note: str = "") -> str:
        """Send one call with its way back on the disk: the id of what it made.

        A lost answer is looked up. Raises `LabError` when it was not done.
        """
        if isinstance(self._wire, CanStop) and self._wire.stopped:
            raise Stopped(_("stopped by a person"))
        image = await undo.image_of(call, self._tag, self._wire)
        number = len(self.images)
        self._report(Progress(note=note or str(call), fraction=number / max(1, self._all)))
        await self._write("sending", number, before=(undo.encode(image),))
        self.images.append(image)
        try:
            answer = await self._wire.call(call)
        except OutcomeUnknown as error:
            answer = await self._look_up(image, error)
        await self._write("part", number)
        self._report(Progress(line=str(call)))
        if isinstance(answer, dict):
            return str(answer.get("id", ""))
        return str(answer or "")

    async def take_safe_mode(self, router: str) -> None:
        """Hold safe mode there until `release`. Raises `LabError`."""
        self.held.append(router)
        await self.send(sentence(router, f"{SAFE}/take"), _("safe mode on {r}").format(r=router))

    async def release(self, router: str) -> None:
        """What was changed there stays. Raises `LabError` when it may not have.

        The hold is looked at first: with its history full it would have ended without a word.
        """
        if not await safe_mode_holder(self._wire, router):
            raise Rejected(_("safe mode ended before it was released"), where=router)
        await self.send(sentence(router, f"{SAFE}/release"), _("keeping {r}").format(r=router))
        self.held.remove(router)

    async def _look_up(self, image: undo.Image, error: OutcomeUnknown) -> str:
        self._report(Progress(note=_("the answer was lost: looking whether it was done")))
        if image.call.path.startswith(f"{SAFE}/"):
            return await self._look_up_hold(image.call, error)
        found = await undo.done_already(image, self._wire)
        if found is None:
            raise error
        return found

    async def _look_up_hold(self, call: Call, error: OutcomeUnknown) -> str:
        """A release is known by what it leaves: held by nobody, and all that was made is there."""
        router = router_of(call)
        if not call.path.endswith("/release"):
            raise error
        await let_go(self._wire, router)
        for image in self.images:
            made = router_of(image.call) == router and image.call.path.endswith("/add")
            if made and await undo.done_already(image, self._wire) is None:
                raise error
        return ""

    async def _write(self, event: str, step: int, before: tuple[str, ...] = ()) -> None:
        if event == "sending":
            entry = Entry(self._wire.now(), "sending", step, before=before)
        else:
            entry = Entry(self._wire.now(), "part", step, part="1")
        await self._book.write(entry)

    async def finish(self, outcome: Outcome) -> Outcome:
        """Close the journal; one whose end is not known stays open, to be taken up again."""
        try:
            if outcome.state != "unknown":
                at = self._wire.now()
                await self._book.write(
                    Entry(at, "over", state=outcome.state, note=outcome.note[:300])
                )
        finally:
            await self._book.close()
        return outcome

    async def roll_back(self, why: str) -> Outcome:
        """Take everything back; how that went, after why it had to be."""
        self._report(Progress(note=_("taking it back: {why}").format(why=why)))
        left = await back(self._wire, self.images, self.held, self._report)
        return await self.finish(told_back(why, left, self._book.id))


def told_back(why: str, left: str, book: str) -> Outcome:
    """How a run ended that was taken back."""
    if not left:
        text = _("{why}; everything was taken back: it is as it was before")
        return Outcome("failed", text.format(why=why))
    text = _("{why}; not everything could be taken back ({left}): `labtui jobs resume {id}`")
    return Outcome("unknown", text.format(why=why, left=left, id=book))


async def back(
    wire: Wire, images: Sequence[undo.Image], held: Sequence[str], report: Report
) -> str:
    """Make all as it was: safe mode first, then the images. Why not, or an empty text."""
    left = ""
    for router in dict.fromkeys(held):
        try:
            await _unroll(wire, router)
        except LabError as error:
            left = why_of(error)
    for round_ in range(_ROUNDS):
        left, sent = "", False
        for image in undo.reversed_images(images):
            try:
                sent = await undo.take_back(image, wire) or sent
            except LabError as error:
                left = f"{image.call.source} {image.call.path}: {why_of(error)}"
                report(Progress(line=left))
        if not left and not sent:
            return ""
        if left:
            await wire.sleep(min(_LONGEST_PAUSE, _PAUSE * (round_ + 1)))
    return left or _("it changes again and again")


async def _unroll(wire: Wire, router: str) -> None:
    """Have the router undo what is held; a hold that went with its connection undoes itself."""
    if not await safe_mode_holder(wire, router):
        return
    try:
        await wire.call(sentence(router, f"{SAFE}/unroll"))
    except LabError:
        await let_go(wire, router)


async def let_go(wire: Wire, router: str) -> None:
    """Wait until nobody holds safe mode there. Raises `LabError`."""
    waited = 0.0
    while await safe_mode_holder(wire, router):
        if waited >= UNDONE_WITHIN:
            raise Rejected(_("safe mode is still held"), where=router)
        await wire.sleep(_PAUSE)
        waited += _PAUSE


async def opened(
    wire: Wire, plan: Plan, calls: Sequence[Call], book_id: str, notes: Sequence[str] = ()
) -> Book:
    """The journal of a run, with every call it will send and a note to each. Raises `LabError`."""
    told = [*notes, *[""] * (len(calls) - len(notes))]
    header = Header(
        id=book_id,
        at=wire.now(),
        action=plan.action,
        subject=plan.subject,
        title=plan.title,
        steps=tuple(
            Step(str(n), str(call), call.method, target=call.source, note=told[n], calls=(call,))
            for n, call in enumerate(calls)
        ),
    )
    return await wire.new_book(header) if isinstance(wire, KeepsBooks) else MemoryBook(header)


def images_of(record: Record) -> tuple[undo.Image, ...]:
    """What a journal knows of what was sent, in order."""
    texts = [
        entry.before[0] for entry in record.entries if entry.event == "sending" and entry.before
    ]
    return tuple(image for text in texts if (image := undo.decode(text)) is not None)


def holds_of(images: Sequence[undo.Image]) -> tuple[str, ...]:
    """The routers on which safe mode was taken and, as far as the journal knows, not released."""
    taken: dict[str, None] = {}
    for image in images:
        if image.call.method == ROUTER and image.call.path == f"{SAFE}/take":
            taken[router_of(image.call)] = None
    return tuple(taken)


def resolved(call: Call, values: dict[str, str]) -> Call:
    """The call with what was not known when it was planned (`{key of rt-836}`) put in."""
    params = tuple((name, values.get(str(value), value)) for name, value in call.params)
    path = call.path
    for name, value in values.items():
        path = path.replace(name, value)
    return msgspec.structs.replace(call, params=params, path=path)
