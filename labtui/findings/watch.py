"""The watch: what a caller keeps between two looks, in one value."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from labtui.findings.finding import Finding
from labtui.findings.history import History, learn
from labtui.findings.judge import judged
from labtui.findings.links import links
from labtui.findings.quiet import Mark, Memory, remember, standing, told, valid
from labtui.findings.register import RULES
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.findings.triage import Triage, arranged
from labtui.model.snapshot import Snapshot

LEFT_FOR = 90.0
"""Seconds for which what was an effect is no cause to tell anybody of, once its cause is over."""
SETTLES_IN = 60.0
"""Seconds after the first look in which a triage is marked as one of the beginning."""


class Watch(msgspec.Struct, frozen=True):
    """What is remembered: of the lab, of findings, and what people have put aside.

    `followed` are findings that were effects lately, with when they last were.

    Immutable; it can be written to disk with msgspec and taken up again.
    """

    history: History = History()
    memory: Memory = Memory()
    marks: tuple[Mark, ...] = ()
    followed: dict[str, float] = {}

    def look(
        self, snapshot: Snapshot, now: float, *, rules: Sequence[Rule] = RULES
    ) -> tuple[Watch, Triage]:
        """Judge a snapshot; the watch to keep, and what to show."""
        overlay = links(snapshot, now)
        history = learn(self.history, snapshot, now, overlay)
        sight = Sight(snapshot, history, now, overlay)
        memory = remember(self.memory, judged(sight, rules), now)
        entries = told(memory, now)
        findings: dict[str, Finding] = {key: entry.finding for key, entry in entries.items()}
        marks = valid(self.marks, findings, now)
        standings = {key: standing(entry, marks.get(key), now) for key, entry in entries.items()}
        shown = arranged(sight, [findings[key] for key in sorted(findings)], standings)
        began = memory.began if memory.began is not None else now
        settling = now - began < SETTLES_IN
        kept = tuple(mark for mark in self.marks if self._lasts(mark, memory, now))
        followed = self._followed(shown, now)
        left = frozenset(each.finding.id for each in shown.causes if each.finding.id in followed)
        return (
            Watch(history, memory, kept, followed),
            msgspec.structs.replace(shown, settling=settling, left=left),
        )

    def _followed(self, shown: Triage, now: float) -> dict[str, float]:
        lately = {key: at for key, at in self.followed.items() if now - at < LEFT_FOR}
        for cause in shown.causes:
            lately.update((each.id, now) for tree in cause.effects for each in tree.all())
        return lately

    def marked(self, mark: Mark) -> Watch:
        """With a mark in place of an earlier one on the same finding."""
        others = tuple(each for each in self.marks if each.finding != mark.finding)
        return msgspec.structs.replace(self, marks=(*others, mark))

    def unmarked(self, finding: str) -> Watch:
        """Without the mark on that finding."""
        return msgspec.structs.replace(
            self, marks=tuple(each for each in self.marks if each.finding != finding)
        )

    @staticmethod
    def _lasts(mark: Mark, memory: Memory, now: float) -> bool:
        if mark.until is not None:
            return now < mark.until
        return mark.finding in memory.entries
