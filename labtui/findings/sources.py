"""Findings about the sources: who does not answer, refuses us, hides something, or is late."""

from __future__ import annotations

from collections.abc import Iterator

from labtui.findings.finding import (
    Evidence,
    Finding,
    Hits,
    Layer,
    Remedy,
    Severity,
    Subject,
    Words,
    counted,
    verbatim,
    words,
)
from labtui.findings.rule import Rule
from labtui.findings.sight import Sight
from labtui.locale import N_
from labtui.model.cluster import Membership, Rights
from labtui.model.errors import Problem
from labtui.model.feed import Feed, Freshness

_SILENT = frozenset(("unreachable", "timed-out"))
_WORST_FIRST = (
    "refused", "tls", "host-key", "timed-out", "unreachable", "forbidden", "unexpected",
    "rejected", "not-found", "outcome-unknown",
)  # fmt: skip
# Without these an account may look at guests and change none.
_CHANGES = ("VM.PowerMgmt", "VM.Migrate", "VM.Config.Options", "VM.Allocate")
_LEADING = frozenset(("resources", "membership", "wireguard", "inventory"))

_Feeds = list[tuple[Feed, Freshness]]


def _worst(feeds: _Feeds, now: float) -> tuple[Problem | None, bool]:
    """The failure to tell of a source, and whether the whole of it is gone."""
    failing = [
        (feed, fresh.problem)
        for feed, fresh in feeds
        if fresh.problem is not None and fresh.stale(now)
    ]
    if not failing:
        return None, False
    leading = [feed for feed, _fresh in feeds if feed.topic in _LEADING]
    failed = {feed for feed, _problem in failing}
    whole = bool(leading) and all(feed in failed for feed in leading)
    problem = min((each for _feed, each in failing), key=lambda p: _WORST_FIRST.index(p.kind))
    return problem, whole


def _row(feeds: _Feeds) -> str:
    """The row of `sources` to look at: a feed that fails, else the leading one."""
    failing = [feed for feed, fresh in feeds if fresh.problem is not None]
    leading = [feed for feed, _fresh in feeds if feed.topic in _LEADING]
    return str((failing or leading or [feeds[0][0]])[0])


def _heard(feeds: _Feeds) -> float | None:
    return max((fresh.read_at for _feed, fresh in feeds if fresh.read_at is not None), default=None)


def _silent(sight: Sight) -> Iterator[Finding]:
    """Clusters and NetBox; a router's silence has a rule of its own."""
    for (backend, source), feeds in sight.feeds.items():
        problem, whole = _worst(feeds, sight.now)
        if problem is None or not whole or backend == "routeros" or problem.kind not in _SILENT:
            continue
        netbox = backend == "netbox"
        yield Finding(
            "source-silent",
            Subject("NetBox" if netbox else "cluster", source, source, "sources", _row(feeds)),
            "server",
            "warning" if netbox else "critical",
            words(N_("{source} does not answer: {why}"), source=source, why=problem.why or
                  problem.what),
            _heard(feeds),
            evidence=(_said(problem, feeds),),
            remedies=(_remedy(problem, words(N_("what is shown is old; look at its server"))),),
        )  # fmt: skip


def _said(problem: Problem, feeds: _Feeds) -> Evidence:
    since = min(
        (f.failing_since for _feed, f in feeds if f.failing_since is not None), default=None
    )
    return Evidence(verbatim(problem.sentence), source=problem.where, at=since)


def _remedy(problem: Problem, otherwise: Words) -> Remedy:
    text = verbatim(problem.remedy) if problem.remedy else otherwise
    return Remedy(text, view="sources")


def _refused(sight: Sight) -> Iterator[Finding]:
    for (backend, source), feeds in sight.feeds.items():
        problem, _whole = _worst(feeds, sight.now)
        if problem is None or problem.kind != "refused":
            continue
        rights = sight.snapshot.one(Rights, source) if backend == "proxmox" else None
        user = rights.user if rights is not None else ""
        noun = "token" if "!" in user or backend == "netbox" else "account"
        says = words(N_("{source} refuses our login as {user}"), source=source, user=user)
        if not user:
            says = words(N_("{source} refuses our login"), source=source)
        yield Finding(
            "login-refused",
            Subject(noun, f"{backend}/{source}", user or source, "sources", _row(feeds)),
            "account",
            "critical" if backend == "proxmox" else "warning",
            says,
            _heard(feeds),
            evidence=(
                _said(problem, feeds),
                Evidence(words(N_("it answers, so the lab itself may be well")), "against"),
            ),
            remedies=(
                _remedy(problem, words(N_("look at the expiry of the token, and at the "
                                          "configuration of labtui"))),
            ),
        )  # fmt: skip


def _unsafe(sight: Sight) -> Iterator[Finding]:
    """Who shows another certificate or host key than the one that is expected."""
    for (backend, source), feeds in sight.feeds.items():
        problem, _whole = _worst(feeds, sight.now)
        if problem is None or problem.kind not in ("tls", "host-key"):
            continue
        layer: Layer = "ssh" if problem.kind == "host-key" else "server"
        yield Finding(
            "identity-changed",
            Subject("server", f"{backend}/{source}", source, "sources", _row(feeds)),
            layer,
            "warning",
            words(N_("{source} is not who it should be: {why}"), source=source,
                  why=problem.why or problem.what),
            _heard(feeds),
            evidence=(_said(problem, feeds),),
            remedies=(_remedy(problem, words(N_("compare the fingerprint on the machine"))),),
        )  # fmt: skip


def _fails(sight: Sight) -> Iterator[Finding]:
    """A part of a source that fails while it answers otherwise, or answers that are none."""
    return (finding for finding in _failing(sight) if finding.rule == "source-fails")


def _forbids(sight: Sight) -> Iterator[Finding]:
    return (finding for finding in _failing(sight) if finding.rule == "source-forbids")


def _failing(sight: Sight) -> Iterator[Finding]:
    for (backend, source), feeds in sight.feeds.items():
        problem, whole = _worst(feeds, sight.now)
        if problem is None or problem.kind in ("refused", "tls", "host-key"):
            continue
        router = sight.routers.get(source) if backend == "routeros" else None
        if problem.kind in _SILENT and (whole or (router is not None and router.silent)):
            continue
        forbidden = problem.kind == "forbidden"
        noun = "account" if forbidden else "server"
        topics = " ".join(feed.topic for feed, fresh in feeds if fresh.problem is not None)
        yield Finding(
            "source-forbids" if forbidden else "source-fails",
            Subject(noun, f"{backend}/{source}", source, "sources", _row(feeds)),
            "account" if forbidden else "server",
            "warning" if whole else "notice",
            words(N_("{source}: {topics} cannot be read: {why}"), source=source, topics=topics,
                  why=problem.why or problem.what),
            _heard(feeds),
            evidence=(_said(problem, feeds),),
            remedies=(_remedy(problem, words(N_("see the log of labtui and of the server"))),),
        )  # fmt: skip


def _late(sight: Sight) -> Iterator[Finding]:
    for (backend, source), feeds in sight.feeds.items():
        late = [
            feed
            for feed, fresh in feeds
            if fresh.problem is None
            and fresh.read_at is not None
            and not fresh.remembered
            and fresh.stale(sight.now)
        ]
        if late:
            yield Finding(
                "source-late",
                Subject("server", f"{backend}/{source}", source, "sources", _row(feeds)),
                "server",
                "notice",
                words(N_("{source} is late: {topics}"), source=source,
                      topics=" ".join(feed.topic for feed in late)),
                _heard(feeds),
                remedies=(Remedy(words(N_("look at how long its answers take")), view="sources"),),
            )  # fmt: skip


def _endpoints(sight: Sight) -> Iterator[Finding]:
    """Nodes that are there and whose API does not answer; the others are asked instead."""
    for cluster, membership in sight.memberships.items():
        if sight.as_of("membership", cluster) is not None:
            continue
        row = f"proxmox/{cluster}/membership"
        for witness in membership.witnesses:
            member = membership.member(witness.node)
            if not witness.problem or (member is not None and not member.online):
                continue
            if witness.refused:
                # It answers; what is wrong with the login is told of the cluster.
                continue
            severity: Severity = "notice" if witness.learnt or member is None else "warning"
            yield Finding(
                "endpoint-silent",
                Subject("server", f"{cluster}/{witness.name}", witness.name, "sources", row),
                "server",
                severity,
                words(N_("the API of {node} does not answer: {why}"), node=witness.name,
                      why=witness.problem),
                evidence=(
                    Evidence(words(N_("corosync sees the node")), source=cluster),
                    Evidence(words(N_("other nodes answer and are asked instead"))),
                ),
                remedies=(
                    Remedy(words(N_("on {node}: `systemctl restart pvedaemon pveproxy`, after a "
                                    "look for a dead mount"), node=witness.name), view="nodes",
                           key=f"{cluster}/{witness.node}"),
                ),
                hits=Hits(nodes=(f"{cluster}/{witness.node}",)) if witness.node else Hits(),
            )  # fmt: skip


def _rights(sight: Sight) -> Iterator[Finding]:
    for cluster, rights in sight.snapshot.of(Rights):
        held = frozenset().union(*rights.privileges.values()) if rights.privileges else frozenset()
        if "VM.Audit" in held and not held & set(_CHANGES):
            user, row = rights.user.partition("!")[0], f"proxmox/{cluster}/rights"
            yield Finding(
                "rights-missing",
                Subject("account", f"proxmox/{cluster}", user, "sources", row),
                "account",
                "warning",
                words(N_("{user} may look at guests and change nothing"), user=user),
                evidence=(
                    Evidence(words(N_("none of these is held anywhere: {rights}"),
                                   rights=" ".join(_CHANGES)), source=cluster),
                ),
                remedies=(
                    Remedy(words(N_("give {user} a role with these rights, if it should act"),
                                 user=user)),
                ),
            )  # fmt: skip


def _complaints(sight: Sight) -> Iterator[Finding]:
    for (backend, source), feeds in sight.feeds.items():
        left = [complaint for _feed, fresh in feeds for complaint in fresh.complaints]
        if left:
            yield Finding(
                "rows-left-out",
                Subject("server", f"{backend}/{source}", source, "sources", _row(feeds)),
                "server",
                "notice",
                counted(
                    N_("{source}: one row was left out"),
                    N_("{source}: {n} rows were left out"),
                    len(left),
                    source=source,
                ),
                evidence=tuple(Evidence(verbatim(each)) for each in left[:5]),
                remedies=(Remedy(words(N_("what is missing is listed there")), view="sources"),),
            )


SOURCE_RULES = (
    Rule("source-silent", "sources", (), _silent),
    Rule("login-refused", "sources", (), _refused),
    Rule("identity-changed", "sources", (), _unsafe),
    Rule("source-fails", "sources", (), _fails),
    Rule("source-forbids", "sources", (), _forbids),
    Rule("source-late", "sources", (), _late),
    Rule("endpoint-silent", "sources", (Membership,), _endpoints),
    Rule("rights-missing", "sources", (Rights,), _rights),
    Rule("rows-left-out", "sources", (), _complaints),
)
