"""What is said of the use of a card: in a cell, and in its details."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from labtui.locale import _, ngettext
from labtui.model.claims import Card
from labtui.model.snapshot import Snapshot
from labtui.model.use import SETTLED, CardUse, CardUses, Idle, UseProcess, UseReport, place_of
from labtui.model.use_join import How, SeenUse
from labtui.views import aging
from labtui.views.figures import bar, of, percent, size, span
from labtui.views.view import Cell, Section

_OLD = 300.0
_MOST = 20


def use_cell(uses: Sequence[SeenUse], now: float) -> Cell:
    """How busy it is, or since when it rests; nothing where nobody told."""
    if not uses:
        return Cell("")
    if len(uses) > 1 or uses[0].how == "pool":
        shares = [percent(seen.use.utilisation) for seen in uses]
        return Cell(_("{n}?").format(n="/".join(filter(None, shares)) or "-"), "dim")
    seen = uses[0]
    old = seen.report.at is None or now - seen.report.at > _OLD
    idle = idle_text(uses, now)
    if idle:
        return Cell(_("idle {span}").format(span=idle), "stale" if old else "warn")
    text = percent(seen.use.utilisation)
    if not text:
        text = _("split") if seen.use.split else "-"
        return Cell(text, "stale" if old else "")
    return Cell(f"{bar(seen.use.utilisation, 4)} {text}", "stale" if old else "good")


def spare_since(uses: Sequence[SeenUse]) -> float | None:
    """Since when it rests, epoch seconds; None while it works, and where that is not known."""
    seen = uses[0] if len(uses) == 1 and uses[0].how != "pool" else None
    return seen.rest.since if seen is not None and seen.rest is not None else None


def idle_text(uses: Sequence[SeenUse], now: float) -> str:
    """For how long it rests, once that is more than a pause between two pieces of work."""
    since = spare_since(uses)
    return span(now - since) if since is not None and now - since >= SETTLED else ""


def use_sections(
    card: Card, uses: Sequence[SeenUse], snapshot: Snapshot, now: float
) -> tuple[Section, ...]:
    """What it does, whose programs are on it; where nobody can tell, why."""
    cluster = card.device.cluster
    part = snapshot.one(CardUses, cluster)
    if part is None:
        return ()
    age = aging.age_of(snapshot, now, (CardUses, cluster))
    if not uses:
        lines = tuple(_why_not(card, part))
        return (Section(_("Use"), lines, age),) if lines else ()
    found = []
    if part.problem is not None:
        why = Cell(part.problem.why or part.problem.sentence, "warn")
        found.append(Section(_("Use"), ((_("not asked now"), why),), age))
    for seen in uses:
        found.append(Section(_("Use"), tuple(_lines(seen, now)), age))
        programs = tuple(_programs(seen.use.processes))
        if programs:
            found.append(Section(_("Programs on it"), programs, age))
    return tuple(found)


def _why_not(card: Card, part: CardUses) -> Iterator[tuple[str, Cell]]:
    if part.problem is not None:
        yield _("not known"), Cell(part.problem.why or part.problem.sentence, "dim")
        return
    off = [claim for claim in card.claims if not claim.running]
    running = [claim for claim in card.claims if claim.running]
    for claim in running or off:
        report = part.reports.get(place_of(claim.guest.vmid, claim.guest.node))
        if not claim.running:
            yield claim.guest.label, Cell(_("is off: the card does nothing"), "dim")
        elif report is not None and report.problem is not None:
            yield claim.guest.label, Cell(_told(report), "warn")
        elif report is not None and report.at is not None:
            yield claim.guest.label, Cell(_("its tool does not show this card"), "warn")
        else:
            yield claim.guest.label, Cell(_("not asked yet"), "dim")


def _told(report: UseReport) -> str:
    problem = report.problem
    return "" if problem is None else problem.why or problem.what


def _lines(seen: SeenUse, now: float) -> Iterator[tuple[str, Cell]]:
    use, report = seen.use, seen.report
    where = f"{report.vmid}" if report.vmid else report.node
    yield _("seen in"), Cell(f"{where} {use.bus} ({how_text(seen.how)})")
    yield _("as"), Cell(use.name)
    if use.utilisation is not None:
        yield _("busy"), Cell(f"{bar(use.utilisation)} {percent(use.utilisation)}")
    if use.memory_used is not None:
        yield _("memory"), Cell(of(use.memory_used, use.memory_total))
    if use.temperature is not None:
        yield _("temperature"), Cell(f"{use.temperature:.0f}°C")
    if use.power is not None:
        limit = f" / {use.power_limit:.0f}W" if use.power_limit is not None else ""
        yield _("power"), Cell(f"{use.power:.0f}W{limit}")
    yield from _split(use)
    if seen.rest is not None:
        yield _("idle"), _rest(seen.rest, now)
    tool = " ".join(filter(None, (report.tool, report.driver)))
    yield _("told by"), Cell(f"{tool}, {report.way}")
    if report.at is not None:
        yield _("as of"), Cell(_("{span} ago").format(span=span(now - report.at)))
    if report.problem is not None:
        yield _("since then"), Cell(_told(report), "warn")


def _split(use: CardUse) -> Iterator[tuple[str, Cell]]:
    for part in use.parts[:_MOST]:
        yield f"MIG {part.name}", Cell(of(part.memory_used, part.memory_total))


def _rest(rest: Idle, now: float) -> Cell:
    if rest.since is None:
        return Cell(_("no, it works"))
    text = _("since {span}").format(span=span(now - rest.since))
    if rest.blind > _OLD:
        text += ", " + _("not watched for up to {span} of it").format(span=span(rest.blind))
    return Cell(text)


def how_text(how: How) -> str:
    """How it is known that it is this card."""
    return {
        "place": _("by its place"),
        "only": _("the only one that fits"),
        "order": _("likely: by their order"),
        "pool": _("one of the mapping's, nobody can tell which"),
    }[how]


def _programs(processes: Sequence[UseProcess]) -> Iterator[tuple[str, Cell]]:
    ordered = sorted(processes, key=lambda each: -(each.memory or 0))
    for process in ordered[:_MOST]:
        words = (process.user, process.name, size(process.memory), process.part)
        yield str(process.pid), Cell("  ".join(filter(None, words)))
    if len(ordered) > _MOST:
        n = len(ordered) - _MOST
        yield "", Cell(ngettext("and {n} more", "and {n} more", n).format(n=n), "dim")
