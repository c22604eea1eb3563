"""Sources: which backend answers, by which way, how old its data is, and why one fails."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from labtui.locale import N_, _
from labtui.model.cluster import Membership, Rights
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness
from labtui.model.snapshot import Snapshot
from labtui.model.witnesses import Party, Witness, alone, parties
from labtui.views.figures import span
from labtui.views.view import Cell, Column, Role, Section, Summary, View

# What a chip says before the first answer.
WAITING = "..."
# The feed whose age stands for the whole source in the top line.
_LEADING = ("resources", "wireguard", "inventory")


class FeedRow(msgspec.Struct, frozen=True):
    """One feed and how it is doing."""

    feed: Feed
    fresh: Freshness
    membership: Membership | None = None
    """Of the feed that reads it: what each endpoint says of the cluster."""
    rights: Rights | None = None


class Chip(msgspec.Struct, frozen=True):
    """A source in the top line: name, age or failure, and how bad that is."""

    source: str
    text: str
    role: Role


def chips(snapshot: Snapshot, now: float) -> tuple[Chip, ...]:
    """One chip per source, clusters first, then routers, then NetBox; before all, what is old."""
    found: dict[tuple[int, str], tuple[Feed, Freshness]] = {}
    order = {"proxmox": 0, "routeros": 1, "netbox": 2}
    for feed, fresh in snapshot.freshness.items():
        if feed.topic in _LEADING:
            found[order[feed.backend], feed.source] = (feed, fresh)
    told = [_chip(feed, fresh, now) for _key, (feed, fresh) in sorted(found.items())]
    # As bad as the worst of them, so that it is not the first to go where there is little room.
    role: Role = "bad" if any(chip.role == "bad" for chip in told) else "warn"
    return (*_memory(snapshot.remembered_at, now, role), *told)


def _memory(at: float | None, now: float, role: Role) -> tuple[Chip, ...]:
    """`from memory 12:03` while nothing was read since the start; the date when it is another."""
    if at is None:
        return ()
    then, today = time.localtime(at), time.localtime(now)
    text = time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)
    return (Chip(_("from memory"), text, role),)


def _chip(feed: Feed, fresh: Freshness, now: float) -> Chip:
    age = fresh.age(now)
    if fresh.problem is not None and (age is None or fresh.stale(now)):
        since = fresh.read_at if fresh.read_at is not None else fresh.failing_since
        gone = span(now - since) if since is not None else ""
        word = {
            "forbidden": _("FORBIDDEN"),
            "refused": _("LOGIN REFUSED"),
            "tls": "TLS",
            "host-key": _("HOST KEY"),
        }.get(fresh.problem.kind, _("DOWN"))
        return Chip(feed.source, f"{word} {gone}".strip(), "bad")
    if age is None:
        return Chip(feed.source, WAITING, "dim")
    # Read by a shell because no web server answers: true, and yet nothing is well.
    troubled = fresh.by_shell or fresh.stale(now) or fresh.problem
    text = f"ssh {span(age)}" if fresh.by_shell else span(age)
    return Chip(feed.source, text, "warn" if troubled else "dim")


def _rows(snapshot: Snapshot, now: float) -> Sequence[FeedRow]:
    return [
        FeedRow(
            feed,
            fresh,
            part if isinstance(part, Membership) else None,
            part if isinstance(part, Rights) else None,
        )
        for feed, fresh in sorted(snapshot.freshness.items())
        for part in (snapshot.parts.get(feed),)
    ]


def disagreement(membership: Membership) -> str:
    """`pve3 alone sees 1 of 4; 3 of 4 agree on pve1 pve2 pve4`; empty when all see the same.

    Also said when a view without quorum is the only one there is.
    """
    sides = parties(membership.witnesses)
    if not sides:
        return ""
    believed, others = sides[0], sides[1:]
    if not others:
        return _side(believed) if alone(believed) else ""
    agreed = _("{count} of {all} agree on {nodes}").format(
        count=len(believed.names), all=len(believed.members), nodes=" ".join(believed.online)
    )
    return "; ".join((*(_side(side) for side in others), agreed))


def _side(side: Party) -> str:
    names = " ".join(side.names)
    text = _("{nodes} alone sees {count} of {all}")
    if len(side.names) > 1:
        text = _("{nodes} see {count} of {all}")
    return text.format(nodes=names, count=len(side.online), all=len(side.members))


def _state(row: FeedRow, now: float) -> Cell:
    fresh = row.fresh
    if fresh.problem is not None:
        return Cell(_reason_first(fresh.problem), "bad")
    if fresh.read_at is None:
        return Cell(_("not read yet"), "dim")
    if fresh.remembered:
        return Cell(_("from memory"), "warn")
    if fresh.stale(now):
        return Cell(_("late"), "warn")
    if row.membership is not None and (differ := disagreement(row.membership)):
        return Cell(differ, "warn")
    if fresh.complaints:
        return Cell(_("{n} rows left out").format(n=len(fresh.complaints)), "warn")
    return Cell(_("good"), "good")


def _age(row: FeedRow, now: float) -> Cell:
    return Cell(span(row.fresh.age(now)), "warn" if row.fresh.stale(now) else "")


def _trouble(row: FeedRow, now: float) -> int:
    if row.fresh.problem is not None:
        return 2
    return 1 if row.fresh.stale(now) or row.fresh.complaints else 0


def _summary(rows: Sequence[FeedRow], now: float) -> Summary:
    failing = sum(row.fresh.problem is not None for row in rows)
    if failing:
        return Summary(_("{n} of {all} fail").format(n=failing, all=len(rows)), "bad")
    return Summary(_("{n} feeds").format(n=len(rows)))


def _reason_first(problem: Problem) -> str:
    """The sentence turned round: where a line is short, its end is what is cut."""
    if not problem.why:
        return problem.sentence
    where = f" ({problem.where})" if problem.where else ""
    return f"{problem.why} · {problem.what}{where}"


def _details(row: FeedRow, snapshot: Snapshot, now: float) -> tuple[Section, ...]:
    fresh, problem = row.fresh, row.fresh.problem
    next_try = span(fresh.next_try - now) if fresh.next_try is not None else ""
    about = Section(
        _("Feed"),
        (
            (_("source"), Cell(row.feed.source)),
            (_("about"), Cell(row.feed.topic)),
            (_("state"), _state(row, now)),
            (_("last read"), Cell(_clock(fresh.read_at))),
            (_("took"), Cell(f"{fresh.took * 1000:.0f} ms" if fresh.read_at else "")),
            (_("by way of"), Cell(fresh.via)),
            (_("every"), Cell(span(fresh.pace))),
        ),
    )
    sections = [about]
    if row.membership is not None and row.membership.witnesses:
        sections.append(_witnesses(row.membership))
    if row.rights is not None:
        sections.append(_login(row.rights))
    if problem is not None:
        lines = (
            (_("what"), Cell(problem.what)),
            (_("where"), Cell(problem.where)),
            (_("why"), Cell(problem.why, "bad")),
            (_("what to do"), Cell(problem.remedy)),
            (_("since"), Cell(_clock(fresh.failing_since))),
            (_("next try in"), Cell(next_try)),
        )
        sections.append(Section(_("Failure"), lines))
    if fresh.complaints:
        rows = tuple(("", Cell(complaint)) for complaint in fresh.complaints[:20])
        sections.append(Section(_("Rows left out"), rows))
    return tuple(sections)


def _witnesses(membership: Membership) -> Section:
    """What each endpoint says of the cluster, the silent ones with their reason."""
    lines = tuple((one.endpoint, _word(one)) for one in membership.witnesses)
    differ = disagreement(membership)
    head = ((_("they differ"), Cell(differ, "warn")),) if differ else ()
    return Section(_("Endpoints"), (*head, *lines))


def _login(rights: Rights) -> Section:
    """Who we are there, and whether signing in would work without quorum."""
    how = {
        "token": Cell(_("API token; works without quorum")),
        "password": Cell(_("password; works without quorum")),
        "totp": Cell(_("password and one-time code; no new login without quorum"), "warn"),
    }[rights.login]
    return Section(_("Login"), ((_("user"), Cell(rights.user)), (_("by"), how)))


def _word(one: Witness) -> Cell:
    if one.problem:
        return Cell(f"{one.node} {one.problem}".strip(), "dim" if one.learnt else "bad")
    if not one.speaks:
        return Cell(_("not asked yet"), "dim")
    sees = _("{node} sees {count} of {all}").format(
        node=one.name, count=len(one.online), all=len(one.members)
    )
    if one.quorate is False:
        return Cell(_("{sees}, no quorum").format(sees=sees), "warn")
    return Cell(sees, "good" if len(one.online) == len(one.members) else "warn")


def _clock(at: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)) if at else ""


SOURCES: View[FeedRow] = View(
    id="sources",
    key="",
    title=N_("sources"),
    noun="feed",
    needs=(),
    columns=(
        Column(
            "source", N_("source"), 12, lambda r, n: Cell(r.feed.source), lambda r: r.feed.source
        ),
        Column("topic", N_("about"), 11, lambda r, n: Cell(r.feed.topic), lambda r: r.feed.topic),
        Column(
            "age", N_("age"), 5, _age, lambda r: r.fresh.read_at, right=True, unit="age", timed=True
        ),
        Column(
            "state",
            N_("state"),
            20,
            _state,
            lambda r: r.fresh.problem.sentence if r.fresh.problem else "",
            grow=True,
            timed=True,
        ),
        Column(
            "took",
            N_("took"),
            7,
            lambda r, n: Cell(f"{r.fresh.took * 1000:.0f}ms" if r.fresh.read_at else ""),
            lambda r: r.fresh.took,
            right=True,
            priority=1,
            unit="seconds",
        ),
        Column(
            "via",
            N_("by way of"),
            24,
            lambda r, n: Cell(r.fresh.via, "dim"),
            lambda r: r.fresh.via,
            priority=2,
        ),
    ),
    rows=_rows,
    row_key=lambda row: str(row.feed),
    trouble=_trouble,
    summary=_summary,
    details=_details,
    empty=N_("No sources are configured."),
    sort="source",
    ticks=True,
)
