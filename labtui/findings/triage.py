"""The triage: causes by severity and breadth, each with what follows from it and whom it hits."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.findings.affected import Affected, affected
from labtui.findings.causes import Tree, forest
from labtui.findings.finding import LAYERS, SEVERITIES, SURENESS, Finding, Severity
from labtui.findings.history import History
from labtui.findings.judge import judged
from labtui.findings.quiet import Mark, Standing, valid
from labtui.findings.register import RULES
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.model.snapshot import Snapshot

_NEW = Standing()


class Cause(msgspec.Struct, frozen=True):
    """A cause with its effects. `severity` is the worst of all of it.

    `quiet`: somebody has seen it, or it is planned; it stands after the others.
    """

    tree: Tree
    severity: Severity
    affected: Affected
    standing: Standing = _NEW

    @property
    def finding(self) -> Finding:
        return self.tree.finding

    @property
    def effects(self) -> tuple[Tree, ...]:
        return self.tree.effects

    @property
    def quiet(self) -> bool:
        return self.standing.mark is not None or self.finding.planned

    @property
    def size(self) -> int:
        """How many findings it explains, itself included."""
        return sum(1 for _finding in self.tree.all())


class Triage(msgspec.Struct, frozen=True):
    """The causes, the worst first. `settling`: the console has just begun to look.

    `unread` are sources of which nothing was read yet. `left` are causes that were effects of
    another one until just now: most of them end soon after it.
    """

    causes: tuple[Cause, ...] = ()
    settling: bool = False
    unread: tuple[str, ...] = ()
    left: frozenset[str] = frozenset()

    def count(self, severity: Severity) -> int:
        """How many causes of that severity nobody has put aside."""
        return sum(cause.severity == severity and not cause.quiet for cause in self.causes)

    @property
    def first(self) -> Cause | None:
        return self.causes[0] if self.causes else None

    def cause(self, finding: str) -> Cause | None:
        """The cause whose own finding has that id."""
        return next((cause for cause in self.causes if cause.finding.id == finding), None)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, cause by cause."""
        return tuple(finding for cause in self.causes for finding in cause.tree.all())


def triage(
    snapshot: Snapshot,
    history: History,
    now: float,
    *,
    rules: Sequence[Rule] = RULES,
    marks: Sequence[Mark] = (),
) -> Triage:
    """What is wrong, judged from this snapshot and what is remembered; without any damping.

    `marks` are what people have put aside.
    """
    sight = Sight(snapshot, history, now)
    findings = judged(sight, rules)
    marked = valid(marks, {finding.id: finding for finding in findings}, now)
    return arranged(sight, findings, {key: Standing(mark=mark) for key, mark in marked.items()})


def arranged(sight: Sight, findings: Sequence[Finding], standings: dict[str, Standing]) -> Triage:
    """Findings as causes in order."""
    causes = []
    for tree in forest(findings, sight):
        every = list(tree.all())
        worst = _worst(tree.finding, every)
        standing = _still_marked(standings.get(tree.finding.id, _NEW), worst)
        causes.append(Cause(tree, worst, affected(sight, every), standing))
    causes.sort(key=_order)
    unread = [
        source
        for (_backend, source), feeds in sight.feeds.items()
        if all(fresh.read_at is None for _feed, fresh in feeds)
    ]
    return Triage(tuple(causes), unread=tuple(unread))


def _still_marked(standing: Standing, worst: Severity) -> Standing:
    """A mark does not cover what follows from the finding, if that is worse than was put aside."""
    mark = standing.mark
    if mark is None or SEVERITIES.index(worst) >= SEVERITIES.index(mark.severity):
        return standing
    return msgspec.structs.replace(standing, mark=None)


def _worst(top: Finding, every: Sequence[Finding]) -> Severity:
    """That of the worst finding that nobody planned; what is planned is none at all."""
    if top.planned:
        return "notice"
    return min((each.severity for each in every if not each.planned), key=SEVERITIES.index)


def _order(cause: Cause) -> tuple[bool, int, float, int, int, int, float, str]:
    finding = cause.finding
    since = finding.since if finding.since is not None else cause.standing.first or 0.0
    return (
        cause.quiet,
        SEVERITIES.index(cause.severity),
        # What hurts nobody is told because it is new, the rest because of whom it hits.
        -since if cause.severity == "notice" else 0.0,
        -cause.affected.breadth,
        LAYERS.index(finding.layer),
        SURENESS.index(finding.sure),
        since,
        finding.id,
    )
