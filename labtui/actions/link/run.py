"""Making a link: each sentence with its way back, proved from both ends, kept or taken back."""

from __future__ import annotations

from msgspec.structs import replace

from labtui.actions.action import Outcome, Plan, Progress, Report, Wire
from labtui.actions.link import sentences
from labtui.actions.link.design import Deed, Stage, deeds, design_of
from labtui.actions.link.draft import calls_of, draft
from labtui.actions.link.facts import LinkFacts, answer, survey
from labtui.actions.link.sentences import Design
from labtui.actions.overlay import proof
from labtui.actions.overlay.course import Course, opened, resolved
from labtui.actions.overlay.desk import why_of
from labtui.locale import _
from labtui.model.errors import LabError, Rejected

# The inputs that follow from what is read are part of the plan's calls, which are compared.
_COMPARED = ("a", "b", "subnet", "port", "bgp")


async def run(plan: Plan, wire: Wire, report: Report) -> Outcome:
    """Carry it out, all of it or nothing."""
    if plan.book:
        from labtui.actions.overlay.resume import run as taken_back

        return await taken_back(plan, wire, report)
    # What it makes is marked as the plan says.
    facts = replace(await survey(plan.subject, wire), id=dict(plan.stands_on)["job"])
    for item in plan.inputs:
        if item.id in _COMPARED or "." in item.id:
            facts = answer(facts, item.id, item.value)
    again, design = draft(facts, "", ""), design_of(facts)
    if not again.ready or design is None:
        return Outcome("failed", _("not begun: {why}").format(why="; ".join(again.blockers)))
    if again.calls != plan.calls:
        return Outcome("failed", _("not begun: the routers have changed since; plan again"))
    calls = calls_of(facts, design)
    book = await opened(wire, plan, calls, facts.id)
    course = Course(wire, book, design.tag, report, len(calls))
    try:
        words = await _Making(facts, design, course, wire, report).all()
    except LabError as error:
        return await course.roll_back(why_of(error))
    return await course.finish(Outcome("done", words))


class _Making:
    """One run: what the routers and NetBox have given so far, by what stood for it."""

    def __init__(
        self, facts: LinkFacts, design: Design, course: Course, wire: Wire, report: Report
    ) -> None:
        self._design = design
        self._course = course
        self._wire = wire
        self._report = report
        self._deeds = tuple(deeds(facts, design))
        self._values: dict[str, str] = {}

    async def all(self) -> str:
        """Every stage; how it stands, in a sentence. Raises `LabError`."""
        design = self._design
        held = [side.end.name for side in design.sides if side.end.safe_mode]
        for router in held:
            await self._course.take_safe_mode(router)
        await self._send("allocate")
        await self._send("ground")
        await self._keys()
        await self._send("peers")
        await self._shaken()
        words = _("the tunnel is up from both ends")
        if design.bgp:
            await self._send("sessions")
            await self._send("begin")
            words = await self._spoken()
        await self._send("record")
        await self._reached()
        for router in held:
            await self._course.release(router)
        return _("{name} {subnet}: {words}").format(
            name=design.name, subnet=design.subnet, words=words
        )

    async def _send(self, stage: Stage) -> None:
        for deed in self._deeds:
            if deed.stage == stage:
                await self._one(deed)

    async def _one(self, deed: Deed) -> None:
        call = resolved(deed.call, self._values)
        made = await self._course.send(call)
        if not deed.gives:
            return
        if not made:
            raise Rejected(_("nothing says what was made"), why=str(call))
        self._values[deed.gives] = made
        if deed.gives in ("{subnet}", "{asn}"):
            await self._agreed(deed, made)

    async def _agreed(self, deed: Deed, number: str) -> None:
        """NetBox gave what the plan says; somebody may have been quicker."""
        path = "ipam/prefixes" if deed.gives == "{subnet}" else "ipam/asns"
        rows = await self._wire.read("netbox", path, id=number)
        row = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], dict) else {}
        wanted = {side.asn for side in self._design.sides if side.end.asn is None}
        fits = (
            row.get("prefix") == self._design.subnet
            if deed.gives == "{subnet}"
            else row.get("asn") in wanted
        )
        if not fits:
            given = row.get("prefix") or row.get("asn") or "?"
            raise Rejected(_("NetBox gave {other} instead: plan again").format(other=given))

    async def _keys(self) -> None:
        for side in self._design.sides:
            key = await proof.public_key(self._wire, side.end.name, side.face)
            if not key:
                raise Rejected(_("it has no public key"), where=f"{side.end.name} {side.face}")
            self._values[sentences.key_of(side)] = key

    async def _shaken(self) -> None:
        """A handshake that both ends have seen; the peers are new, so any is of this link."""
        design, wire = self._design, self._wire
        self._report(Progress(note=_("waiting for the handshake, seen from both ends")))
        one, other = design.sides
        near, far = sentences.host(one.address), sentences.host(other.address)

        async def look() -> bool:
            ages = []
            for side in design.sides:
                key = self._values[sentences.key_of(design.other(side))]
                ages.append(await proof.handshake_age(wire, side.end.name, side.face, key))
            if all(age is not None and age < proof.YOUNG for age in ages):
                return True
            await proof.knock(wire, one.end.name, near, far)
            return False

        if not await proof.until(look, wire, proof.HANDSHAKE):
            raise Rejected(_("no handshake within {n:.0f} s").format(n=proof.HANDSHAKE))

    async def _spoken(self) -> str:
        """The session is up from both ends, and prefixes came both ways."""
        design, wire = self._design, self._wire
        self._report(Progress(note=_("waiting for the session, seen from both ends")))
        counts: list[int] = []

        async def look() -> bool:
            counts.clear()
            for side in design.sides:
                remote = sentences.host(design.other(side).address)
                row = await proof.session(wire, side.end.name, remote)
                counts.append(proof.prefixes(row) if proof.established(row) else -1)
            return min(counts) >= 0

        async def heard() -> bool:
            return await look() and all(
                count > 0 or not design.other(side).network
                for count, side in zip(counts, design.sides, strict=True)
            )

        if not await proof.until(look, wire, proof.SESSION):
            raise Rejected(_("no session within {n:.0f} s").format(n=proof.SESSION))
        if not await proof.until(heard, wire, proof.PREFIXES):
            raise Rejected(_("the session is up, but no prefixes came"))
        text = _("tunnel and session are up from both ends, {a} and {b} prefixes")
        return text.format(a=counts[0], b=counts[1])

    async def _reached(self) -> None:
        """Both routers let labtui in anew, over a connection that began after the change."""
        self._report(Progress(note=_("logging in anew on both routers")))
        for side in self._design.sides:
            if isinstance(self._wire, proof.LogsInAnew):
                await self._wire.log_in_anew(side.end.name)
