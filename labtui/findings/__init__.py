"""What is wrong in the lab and why: pure functions of a snapshot and of what earlier ones said.

`Watch().look(snapshot, now)` gives the triage to show and the watch to keep for the next look.
"""

from __future__ import annotations

from labtui.findings.affected import Affected
from labtui.findings.causes import Tree
from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, Suspect, Words
from labtui.findings.history import History, learn
from labtui.findings.quiet import Mark, Memory, Standing
from labtui.findings.register import RULES
from labtui.findings.rule import Rule
from labtui.findings.triage import Cause, Triage, triage
from labtui.findings.watch import Watch

__all__ = [
    "RULES",
    "Affected",
    "Cause",
    "Evidence",
    "Finding",
    "History",
    "Hits",
    "Mark",
    "Memory",
    "Remedy",
    "Rule",
    "Standing",
    "Subject",
    "Suspect",
    "Tree",
    "Triage",
    "Watch",
    "Words",
    "learn",
    "triage",
]
