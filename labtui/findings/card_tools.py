"""Findings from asking what GPUs do: hosts with another SSH key, drivers whose tools fail.

Only who answered before is told of: a tool that was never there, or a host that was never written
down, is no trouble.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from labtui.findings.finding import Evidence, Finding, Hits, Remedy, Subject, verbatim, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.errors import Problem
from labtui.model.use import CardUses, UseReport

_COUNTS = 600.0
"""Seconds for which the last question counts; places are asked by turns."""


class _Place(msgspec.Struct, frozen=True):
    """Who was asked, and what went wrong."""

    cluster: str
    report: UseReport
    problem: Problem
    key: str
    name: str

    @property
    def view(self) -> str:
        return "guests" if self.report.vmid else "nodes"

    @property
    def hits(self) -> Hits:
        if self.report.vmid:
            return Hits(guests=(self.key,))
        return Hits(nodes=(self.key,))


def _failing(sight: Sight, kind: str) -> Iterator[_Place]:
    for cluster, part in sight.snapshot.of(CardUses):
        for report in part.reports.values():
            problem = report.problem
            if problem is None or problem.kind != kind or report.at is None:
                continue
            if sight.now - report.asked > _COUNTS:
                continue
            if not report.vmid:
                key = f"{cluster}/{report.node}"
                yield _Place(cluster, report, problem, key, report.node)
                continue
            key = f"{cluster}/{report.vmid}"
            seen = sight.guests.get(key)
            if seen is not None:
                yield _Place(cluster, report, problem, key, seen.guest.name or seen.guest.label)


def _keys(sight: Sight) -> Iterator[Finding]:
    for place in _failing(sight, "host-key"):
        problem = place.problem
        yield Finding(
            "ssh-key-changed",
            Subject("host", place.key, place.name, place.view, place.key),
            "ssh",
            "warning",
            words(N_("{host} shows another SSH key: {why}"), host=place.name, why=problem.why),
            place.report.at,
            evidence=(
                Evidence(verbatim(problem.sentence), source=problem.where, at=place.report.asked),
                Evidence(words(N_("its key was the known one then")), at=place.report.at),
                Evidence(words(N_("it may have been set up anew")), "against"),
            ),
            remedies=(
                Remedy(words(N_("do not log in; ask on another way whether it was set up anew"))),
                Remedy(words(N_("in its console: `ssh-keygen -lf "
                                "/etc/ssh/ssh_host_ed25519_key.pub`, and compare")),
                       view=place.view, key=place.key),
                Remedy(words(N_("if it is right: `ssh-keygen -R` with its name, and write the new "
                                "key down"))),
            ),
            hits=place.hits,
        )  # fmt: skip


def _drivers(sight: Sight) -> Iterator[Finding]:
    for place in _failing(sight, "unexpected"):
        report, problem = place.report, place.problem
        yield Finding(
            "card-driver",
            Subject("driver", f"{place.key}/driver", place.name, place.view, place.key),
            "gpu",
            "warning",
            words(N_("the GPUs' driver of {host} does not work: {why}"), host=place.name,
                  why=problem.why),
            report.at,
            "likely",
            evidence=(
                Evidence(words(N_("{tool} answered then"), tool=report.tool or "?"),
                         at=report.at),
                Evidence(verbatim(problem.sentence), source=place.name, at=report.asked),
                Evidence(words(N_("what computes there already may go on")), "against"),
            ),
            remedies=(
                Remedy(words(N_("in a shell there: `dmesg | grep -iE 'nvrm|amdgpu|xe '`, and has "
                                "the kernel changed since?")), view=place.view, key=place.key),
                Remedy(words(N_("build the driver for this kernel (`dkms autoinstall`) and load it "
                                "again, or restart"))),
            ),
            hits=place.hits,
        )  # fmt: skip


CARD_TOOL_RULES = (
    Rule("ssh-key-changed", "sources", (CardUses,), _keys),
    Rule("card-driver", "gpus", (CardUses,), _drivers),
)
