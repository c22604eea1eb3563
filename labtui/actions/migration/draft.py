"""The plan of a migration from the facts of its survey. Pure: choosing anew costs nothing."""

from __future__ import annotations

from labtui.actions.action import Call, Choice, Fact, Params, Plan
from labtui.actions.amounts import size
from labtui.actions.migration import disks, wishes
from labtui.actions.migration.answers import MigrationFacts, Target
from labtui.actions.migration.refusals import refusals
from labtui.actions.migration.speed import ASSUMED_SPEED
from labtui.actions.migration.weigh import weigh
from labtui.locale import _


def draft(facts: MigrationFacts, choice: str, mode: str) -> Plan:
    """The plan to that node (empty: the best one) in that mode (empty: the natural one)."""
    guest = facts.guest
    modes = _modes(facts)
    taken = mode if mode in modes else modes[0]
    choices = tuple(sorted((weigh(facts, target) for target in facts.targets), key=_preference))
    best = next((c for c in choices if not c.blockers), None)
    wanted = next((c for c in choices if c.id == choice), None) or best
    blockers = refusals(facts)
    tied = bool(blockers)
    if wanted is None:
        blockers.append(_("no node can take it (see the others for why)"))
    elif wanted.blockers:
        blockers.extend(f"{wanted.id}: {reason}" for reason in wanted.blockers)
    target = next((t for t in facts.targets if wanted and t.node.name == wanted.id), None)
    name = target.node.name if target else ""
    return Plan(
        action="guest.migrate",
        subject=guest.key,
        title=_("Migrate {guest}").format(guest=guest.label)
        if tied
        else _("Migrate {guest}  {source} > {target}").format(
            guest=guest.label, source=guest.node, target=name or "?"
        ),
        made_at=facts.read_at,
        mode=taken,
        modes=modes,
        chosen=name,
        choices=choices,
        facts=tuple(_fact_lines(facts, None if tied else wanted, taken)),
        calls=calls(facts, target, taken) if target else (),
        blockers=tuple(blockers),
        warnings=tuple(_warnings(facts, taken)) + (wanted.warnings if wanted else ()),
        estimate=_estimate(facts, name, taken),
        stands_on=(
            ("node", guest.node),
            ("status", facts.status),
            ("bytes", f"{_copied(facts, taken):.0f}"),
            ("managed", "1" if facts.managed else ""),
        ),
        inputs=wishes.inputs(facts, target, tied=tied),
    )


def _modes(facts: MigrationFacts) -> tuple[str, ...]:
    if not facts.running:
        return ("offline",)
    return ("live",) if facts.guest.kind == "qemu" else ("restart",)


def _preference(choice: Choice) -> tuple[bool, bool, float, str]:
    return (bool(choice.blockers), bool(choice.warnings), -choice.score, choice.id)


def _moved_disks(facts: MigrationFacts) -> int:
    """Bytes of local disks that have to be copied."""
    return sum(disk.size for disk in disks.copied(facts) if not disk.cdrom)


def _warnings(facts: MigrationFacts, mode: str) -> list[str]:
    found = list(facts.standing.warnings)
    if mode == "restart":
        found.append(_("a container can't move live: it is shut down and started again"))
    if facts.unasked and facts.guest.kind == "lxc":
        found.append(_("not checked by the server: {why}").format(why=facts.unasked))
    if facts.hidden:
        text = _("whether {names} is on the target is not looked at: that takes SDN.Audit (/sdn)")
        found.append(text.format(names=" ".join(sorted(facts.hidden))))
    if facts.managed and facts.rules.unread:
        text = _("the HA rules can't be read ({why}): the manager may refuse it")
        found.append(text.format(why=facts.rules.unread))
    return found


def _speed(facts: MigrationFacts, target: str, mode: str) -> tuple[float, int]:
    """Bytes per second that are counted on, within the limit, and from how many moves."""
    measured, count = facts.speeds.of(mode, facts.guest.node, target)
    speed = measured or ASSUMED_SPEED
    limit = 0 if facts.managed else wishes.limit_of(facts.wishes) or 0
    return min(speed, limit) if limit else speed, count


def _estimate(facts: MigrationFacts, target: str, mode: str) -> float:
    """Seconds: what is copied at the speed of earlier moves, and what is spent beside that."""
    copied = _copied(facts, mode)
    if target in facts.replicas:
        # Only what changed since the last run of the replication goes over.
        copied -= _moved_disks(facts)
    overhead = facts.speeds.overhead(mode, managed=facts.managed)
    return overhead + copied / _speed(facts, target, mode)[0]


def _copied(facts: MigrationFacts, mode: str) -> float:
    """Bytes that have to go over: memory (live only) and local disks."""
    memory = (facts.guest.memory or facts.guest.memory_max or 0) if mode == "live" else 0
    return memory + _moved_disks(facts)


def _fact_lines(facts: MigrationFacts, wanted: Choice | None, mode: str) -> list[Fact]:
    guest = facts.guest
    lines = [Fact(_("now"), _now(facts))]
    if wanted is not None:
        lines.append(Fact(_("target"), "  ".join((wanted.id, *wanted.reasons))))
        lines.append(Fact(_("takes"), _takes(facts, wanted.id, mode)))
    if copied := _moved_disks(facts):
        lines.append(Fact(_("copies"), _("{size} of local disks").format(size=size(copied))))
    if facts.needs and not (facts.running and facts.pinned_mappings):
        names = ", ".join(sorted(facts.needs))
        text = _("mapped, and goes along live: {names}")
        if not facts.running:
            text = _("mapped: {names}; it takes a free one at its next start")
        lines.append(Fact(_("cards"), text.format(names=names)))
    if facts.managed:
        note = _("{vmid} is managed by HA: the manager will carry it out").format(vmid=guest.vmid)
        lines.append(Fact(_("note"), note))
        lines.extend(Fact(_("note"), note) for note in _of_ha(facts))
    lines.extend(Fact(_("note"), note) for note in facts.standing.notes)
    return lines


def _of_ha(facts: MigrationFacts) -> list[str]:
    """What the request loses on its way through the manager, and what its rules do."""
    found = [_("the manager takes no limit, no other storage, no connections along")]
    liked = facts.rules.liked.get(facts.guest.sid)
    if liked:
        text = _("an HA rule prefers {nodes}: the manager may bring it back there")
        found.append(text.format(nodes=" ".join(sorted(liked))))
    beside = sorted({*facts.beside, *facts.rules.with_it(facts.guest.sid)})
    if beside:
        found.append(_("an HA rule takes {sids} along").format(sids=" ".join(beside)))
    return found


def _now(facts: MigrationFacts) -> str:
    guest = facts.guest
    where = ", ".join(
        _("{name} (shared)").format(name=name) if name in facts.shared_storages else name
        for name in sorted(facts.storages)
    )
    state = _("running") if facts.running else _("stopped")
    if guest.template:
        state = _("a template, off")
    now = _("{state}, {cores:g} cores, {memory}").format(
        state=state, cores=guest.cpus or 0, memory=size(guest.memory_max or 0)
    )
    if where:
        now += _(", disks on {storages}").format(storages=where)
    return now


def _takes(facts: MigrationFacts, target: str, mode: str) -> str:
    seconds, copied = _estimate(facts, target, mode), _copied(facts, mode)
    if not copied:
        return _("about {seconds:.0f} s (nothing has to be copied)").format(seconds=seconds)
    speed, count = _speed(facts, target, mode)
    source = _("from the last {n} moves").format(n=count) if count else _("no move measured yet")
    return _("about {seconds:.0f} s ({copied} at {speed}/s, {source})").format(
        seconds=seconds, copied=size(copied), speed=size(speed), source=source
    )


def calls(facts: MigrationFacts, target: Target, mode: str) -> tuple[Call, ...]:
    """The literal calls: what is ejected first, then the move."""
    return (*ejections(facts), migration(facts, target, mode))


def ejections(facts: MigrationFacts) -> tuple[Call, ...]:
    """A write of the configuration that empties the drives; refused when somebody changed it."""
    if not facts.media or facts.wishes.eject != "1":
        return ()
    guest = facts.guest
    params: list[tuple[str, str | int]] = [(disk.drive, "none,media=cdrom") for disk in facts.media]
    if facts.digest:
        params.append(("digest", facts.digest))
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/config"
    return (Call(guest.cluster, "PUT", path, tuple(params)),)


def migration(facts: MigrationFacts, target: Target, mode: str) -> Call:
    """The call that moves it. The HA manager drops all but the target, so no more is sent to it."""
    guest = facts.guest
    params: list[tuple[str, str | int]] = [("target", target.node.name)]
    if mode == "live":
        params.append(("online", 1))
    if mode == "restart":
        params.append(("restart", 1))
    if not facts.managed:
        params.extend(_asked(facts, target, mode))
    path = f"/nodes/{guest.node}/{guest.kind}/{guest.vmid}/migrate"
    frozen: Params = tuple(params)
    return Call(guest.cluster, "POST", path, frozen)


def _asked(facts: MigrationFacts, target: Target, mode: str) -> list[tuple[str, str | int]]:
    params: list[tuple[str, str | int]] = []
    if mode == "live" and _moved_disks(facts):
        params.append(("with-local-disks", 1))
    if mapped := disks.storage_map(facts, target):
        # The two kinds of guests call it differently (API2/Qemu.pm, API2/LXC.pm).
        params.append(("targetstorage" if facts.guest.kind == "qemu" else "target-storage", mapped))
    if limit := wishes.limit_of(facts.wishes):
        params.append(("bwlimit", limit // 1024))
    if wishes.offers_conntrack(facts) and facts.wishes.conntrack != "0":
        params.append(("with-conntrack-state", 1))
    return params
