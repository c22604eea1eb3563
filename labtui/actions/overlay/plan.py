"""The plan of an action on a tunnel or session, from what its router says now."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.actions import interlock_routers
from labtui.actions.action import Fact, Input, Plan, Scope, Wire
from labtui.actions.evacuation.book import Record
from labtui.actions.overlay import verbs
from labtui.actions.overlay.desk import (
    SAFE,
    SAFE_MODE_SINCE,
    Row,
    Version,
    on,
    rows,
    sentence,
    version_of,
)
from labtui.actions.overlay.impact import Impact, impact, lines
from labtui.actions.overlay.proof import session
from labtui.actions.overlay.resume import cut_off
from labtui.actions.overlay.resume import draft as taken_up
from labtui.actions.overlay.target import Target, target_of
from labtui.actions.overlay.verbs import Ids, Verb
from labtui.locale import _
from labtui.model.overlay import RouterFacts
from labtui.model.snapshot import Snapshot


class OverlayFacts(msgspec.Struct, frozen=True):
    """All a draft needs. `row` and `face` are the rows as they are now."""

    verb: Verb
    subject: str
    target: Target
    version: Version
    row: Row
    face: Row
    session: Row
    impact: Impact
    read_at: float
    blockers: tuple[str, ...] = ()
    flag: str = ""
    cut: Record | None = None

    @property
    def ids(self) -> Ids:
        return Ids(*(row.get(".id", "") for row in (self.row, self.face, self.session)))


def scope(subject: str, snapshot: Snapshot) -> Scope:
    """What the interlock has to look at. Raises `NotFound`."""
    target = target_of(subject, snapshot, 0.0)
    return Scope("", target.name, routers=(target.router,))


async def survey(verb: Verb, subject: str, wire: Wire) -> OverlayFacts:
    """Read its rows now. Raises `LabError`."""
    snapshot, now = wire.snapshot, wire.now()
    target = target_of(subject, snapshot, now)
    facts = snapshot.one(RouterFacts, target.router)
    blockers = await interlock_routers.blockers(scope(subject, snapshot), wire)
    row, face, told = await _rows(target, wire)
    flag = "limit-exceeded" if on(told, "limit-exceeded") else "stopped"
    return OverlayFacts(
        verb,
        subject,
        target,
        version_of(facts.version if facts else ""),
        row,
        face,
        told,
        impact(target, snapshot, now) if verbs.cutting(verb) else Impact(),
        now,
        blockers,
        flag,
        await cut_off(wire, lambda record: record.header.subject == subject),
    )


async def _rows(target: Target, wire: Wire) -> tuple[Row, Row, Row]:
    menu = verbs.menu_of(target)
    if target.kind == "tunnel":
        fields = {".proplist": ".id,disabled"}
        queries = {"?interface": target.face, "?public-key": target.key}
        found = await rows(wire, target.router, menu, **fields, **queries)
        faces = await rows(
            wire, target.router, "/interface/wireguard", **fields, **{"?name": target.face}
        )
        return (found or [{}])[0], (faces or [{}])[0], {}
    found = await rows(
        wire, target.router, menu, **{".proplist": ".id,disabled", "?name": target.connection}
    )
    told = await session(wire, target.router, target.remote, old=target.old)
    return (found or [{}])[0], {}, told or {}


def answer(facts: OverlayFacts, field: str, value: str) -> OverlayFacts:
    """The facts with another flag to clear."""
    return msgspec.structs.replace(facts, flag=value) if field == "flag" else facts


def draft(facts: OverlayFacts, choice: str, mode: str) -> Plan:
    """The plan; there is nothing to choose."""
    del choice, mode
    if facts.cut is not None:
        return taken_up(facts.cut, facts.read_at, facts.blockers)
    target, verb = facts.target, facts.verb
    does = verbs.calls(verb, target, facts.ids, facts.version, facts.flag)
    disabled, face_off = on(facts.row, "disabled"), on(facts.face, "disabled")
    why = verbs.against(verb, target, facts.ids, disabled=disabled, face_off=face_off)
    if safe(facts) and does:
        take, keep = (sentence(target.router, f"{SAFE}/{word}") for word in ("take", "release"))
        does = (take, *does, keep)
    inputs: tuple[Input, ...] = ()
    if verb == "clear":
        inputs = (Input("flag", _("flag"), facts.flag, "choice", verbs.FLAGS),)
    return Plan(
        action=f"{target.kind}.{verb}",
        subject=facts.subject,
        title=verbs.title(verb, f"{target.router} {target.name}"),
        made_at=facts.read_at,
        facts=tuple(Fact(label, text) for label, text in _told(facts)),
        calls=does,
        blockers=(*facts.blockers, *((why,) if why else ())),
        warnings=tuple(_warnings(facts)),
        confirm=target.name if facts.impact.cut else "",
        inputs=inputs,
    )


def safe(facts: OverlayFacts) -> bool:
    """Whether it is done under safe mode: not where a person has said that the way may go.

    What goes off and on again is always: a router that can't be told `on` undoes `off` by itself.
    """
    lasting = facts.verb == "bounce" or (facts.verb in ("off", "face-off") and not facts.impact.cut)
    return lasting and facts.version >= SAFE_MODE_SINCE


def _told(facts: OverlayFacts) -> Iterator[tuple[str, str]]:
    link = facts.target.link
    if link is not None:
        yield _("link"), link.name
    yield from lines(facts.impact)
    if safe(facts):
        yield _("undo"), _("under safe mode, until a new login has proved that the way is there")
    elif not verbs.told(facts.verb):
        yield _("undo"), _("by the journal, when it does not become what it should")


def _warnings(facts: OverlayFacts) -> Iterator[str]:
    if facts.impact.cut:
        yield facts.impact.cut
    if facts.impact.cut and not safe(facts):
        yield _("nothing switches it on again from here when it is: type its name to do it anyway")
    if facts.verb == "bounce" and facts.target.kind == "session":
        yield _("its routes go, and come back when the session does")
    if facts.verb == "stop":
        yield _("it stays stopped until its flag is cleared")
