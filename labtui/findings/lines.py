"""Findings about backup lines: calls (L2TP and its kin) whose dynamic address is gone.

The address of a caller's interface is there for as long as the call is, so it tells of the call
without a menu of its own being read.
"""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import Evidence, Finding, Remedy, Subject, words
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.overlay import RouterFacts


def _down(sight: Sight) -> Iterator[Finding]:
    for key, past in sorted(sight.history.calls.items()):
        router, _slash, interface = key.partition("/")
        seen = sight.routers.get(router)
        if past.gone_at is None or seen is None or sight.as_of("facts", router) is not None:
            continue
        far = interface.rpartition("-")[2]
        yield Finding(
            "line-down",
            Subject("line", key, router),
            "tunnel",
            "warning",
            words(N_("the call of {router} over {interface} is down"), router=router,
                  interface=interface),
            past.gone_at,
            "likely",
            evidence=(
                Evidence(words(N_("its address {address} is gone"), address=past.address),
                         source=router, at=sight.fresh("facts", router).read_at),
                Evidence(words(N_("somebody may have taken it away on purpose")), "against"),
            ),
            remedies=(
                Remedy(words(N_("compare secret, user and password at both ends"))),
                Remedy(words(N_("the log of {router} says how far the call comes"),
                             router=router)),
            ),
            sites=(seen.site, *((far,) if far in sight.router_at else ())),
        )  # fmt: skip


LINE_RULES = (Rule("line-down", "overlay", (RouterFacts,), _down),)
